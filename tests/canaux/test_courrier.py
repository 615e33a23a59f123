import pytest

from guichet.canaux.courrier import objet

TROU = "Un trou s'est ouvert devant chez moi."


@pytest.mark.parametrize(
    ("lettre", "attendu"),
    [
        (f"Objet : trou dans la chaussée\n\nMadame, Monsieur,\n\n{TROU}", "Trou dans la chaussée"),
        (f"Villeneuve, le 12 novembre 2026\nOBJET: Trou\nMonsieur,\n{TROU}", "Trou"),
        (f"Madame, Monsieur,\n\n{TROU} Les vélos y tombent.", TROU),
        (f"Madame, Monsieur, {TROU}", TROU),
        (f"Madame,\nMonsieur,\n{TROU}", TROU),
        (f"Monsieur le Maire,\n\n{TROU}", TROU),
        (f"Madame la directrice de la voirie\n\n{TROU}", TROU),
        (f"Villeneuve-sur-Saône, le 12 novembre 2026\n\nMonsieur le Maire,\n\n{TROU}", TROU),
        (f"Bonjour,\n{TROU}", TROU),
        ("Bonjour, le lampadaire est éteint depuis lundi.", "Le lampadaire est éteint depuis lundi."),
        (f"Bonjour Madame Roux !\n{TROU}", TROU),
        (f"Chère Madame,\n{TROU}", TROU),
        (TROU, TROU),
        ("Un trou\ns'est ouvert\n\nMerci.", "Un trou s'est ouvert Merci."),
        # Words that begin alike greet nobody.
        ("Madame Durand a perdu son chien.", "Madame Durand a perdu son chien."),
        (
            "Monsieur Petit jette ses déchets, tous les soirs.",
            "Monsieur Petit jette ses déchets, tous les soirs.",
        ),
        ("Av. Foch : un trou béant. Il grandit.", "Av. Foch : un trou béant."),
        ("Un trou " * 20, "Un trou " * 10 + "Un trou…"),
        ("Mon objet : rien", "Mon objet : rien"),
        ("Madame, Monsieur,", ""),
        ("", ""),
    ],
)
def test_a_letter_says_what_it_is_about(lettre, attendu):
    assert objet(lettre) == attendu


@pytest.mark.parametrize("texte", ["madame " * 3000, "le 1 " * 3000, "bonjour, " * 3000, "Objet :" * 3000])
def test_no_letter_takes_long(texte):
    objet(texte)
