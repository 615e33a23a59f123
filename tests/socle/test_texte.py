import random

import pytest
from django.db import connection
from django.db.models import F, TextField, Value
from django.db.models.functions import Cast

from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import Plier, cle_phonetique, expression_sql_plier, mots_utiles, nettoyer, plier

RETOURNEMENT = chr(0x202E)  # right-to-left override, written by number so that this file reads straight


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("l’hay  les\u00a0roses ", "l hay les roses"),
        ("ÉGALITÉ", "egalite"),
        ("Cœur de bœuf ÆTHER", "coeur de boeuf aether"),
        ("François", "francois"),
        ("Franc\u0327ois", "francois"),
        ("m² ﬁn", "m2 fin"),
        ("Straße", "strasse"),
        ("Łódź Øre Ðuro Yılmaz İzmir", "lodz ore duro yilmaz izmir"),
        ("ΟΔΟΣ οδος МОСКВА Ёлка", "οδοσ οδοσ москва елка"),
        ("saint\u2011étienne–du\u00adpuy", "saint etienne dupuy"),
        ("a\tb\r\nc", "a b c"),
        ("", ""),
        (" ' - ", ""),
    ],
)
def test_folding(saisie, attendu):
    assert plier(saisie) == attendu
    assert plier(attendu) == attendu


def nasty_texts() -> list[str]:
    """Every character of the scripts a French city meets, alone, then long random mixes of them."""
    codes = [*range(1, 0x600), *range(0x1E00, 0x2300), *range(0xFB00, 0xFB10), *range(0xFF00, 0xFF60)]
    lettres = [chr(code) for code in [*codes, 0x3000, 0xAC00, 0xFEFF, 0x1F600, 0x1F1EB]]
    hasard = random.Random(2026)
    melanges = ["".join(hasard.choices(lettres, k=40)) for _ in range(1000)]
    return [*lettres, *melanges, "", "   ", "l'%s %% {} \\ \" ''", "M\u0308u\u0308ller", "a" * 5000]


@pytest.mark.django_db
def test_sql_folding_equals_python_folding():
    textes = nasty_texts()
    with connection.cursor() as curseur:
        curseur.execute(
            "CREATE TEMPORARY TABLE a_plier (rang int, brut text, plie text GENERATED ALWAYS AS ("
            + expression_sql_plier("brut").replace("%", "%%")
            + ") STORED)"
        )
        curseur.execute("CREATE INDEX ON a_plier (plie text_pattern_ops)")
        curseur.executemany("INSERT INTO a_plier (rang, brut) VALUES (%s, %s)", list(enumerate(textes)))
        curseur.execute("SELECT rang, plie FROM a_plier ORDER BY rang")
        lignes = curseur.fetchall()
    differences = [(textes[rang], plie) for rang, plie in lignes if plier(textes[rang]) != plie]
    assert len(lignes) == len(textes)
    assert differences == []


@pytest.mark.django_db
def test_folding_as_a_django_expression():
    with connection.cursor() as curseur:
        requete, parametres = (
            Plier(Cast(Value("L'Haÿ-les-Roses"), TextField()))
            .resolve_expression()
            .as_sql(connection.ops.compiler("SQLCompiler")(None, connection, None), connection)
        )
        curseur.execute(f"SELECT {requete}", parametres)
        assert curseur.fetchone() == ("l hay les roses",)


def test_folding_expression_survives_a_migration_file():
    chemin, positionnels, nommes = Plier(F("nom")).deconstruct()
    assert chemin == "guichet.socle.texte.Plier"
    assert Plier(*positionnels, **nommes) == Plier(F("nom"))


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        ("Des lampadaires cassés devant l'école", mots_utiles("lampadaire casse ecole")),
        ("nids-de-poule", mots_utiles("Nid de poule !")),
        ("les travaux des chevaux", ["traval", "cheval"]),
        ("nouveaux, nouvelle, nouveau, nouvelles", ["nouvel"]),
        ("l'eau et les eaux", ["eau"]),
        ("acte de naissance : 2 copies", ["acte", "naissanc", "2", "copi"]),
        ("la rue, les rues", ["rue"]),
        ("Bonjour, je voudrais… s'il vous plaît ?", ["plait"]),
        ("où est-ce que c'est ?", []),
        ("", []),
    ],
)
def test_useful_words(saisie, attendu):
    assert mots_utiles(saisie) == attendu


def test_useful_words_of_both_numbers_and_genders_meet():
    for variantes in (
        "poubelle poubelles",
        "perdu perdue perdus perdues",
        "bureau bureaux",
        "ancien ancienne anciens anciennes",
        "école ecoles ÉCOLE",
        "trottoir trottoirs",
    ):
        radicaux = {tuple(mots_utiles(mot)) for mot in variantes.split()}
        assert len(radicaux) == 1, variantes


@pytest.mark.parametrize(
    "variantes",
    [
        "Dupont Dupond Dupon Duponts DU-PONT",
        "Lefèvre Lefebvre LEFEVRE Le_Fèvre",
        "Philippe Filipe Philipe Phillipe",
        "Moreau Moro Morot Moreaux Moraud",
        "Gauthier Gautier Gaultier Gotier",
        "Nguyen N'Guyen NGUYÊN Nguien",
        "Renault Renaud Renaut Reynaud Raynaud",
        "Thibault Thibaud Thibaut Tibo",
        "Martin Martain Martein",
        "Laurent Lorent Laurant Laurens",
        "François Francois FRANCOIS Fransois",
        "Schneider Shneider Schnaider",
        "Leclerc Leclercq Leclair Lecler",
        "Garnier Garnié",
        "Boulanger Boulangé Boulenger",
        "Durand Durant Duran",
        "Vincent Vinsent",
        "Henry Henri",
        "Meyer Meier Maier Mayer",
        "Guillaume Guilaume Guillome",
        "Georges George",
        "Christophe Cristophe Kristof",
        "Jacques Jaques",
        "Ben_Ali Benali",
        "Mohamed Mohammed",
        "Youssef Yousef Youcef",
        "Abdelkader Abdel_Kader Abdelqader",
        "Haddad Hadad Adad",
        "Bouchra Boushra",
        "Da_Silva DASILVA Da_Sylva",
        "Yilmaz Yılmaz",
        "Traoré Traore",
        "Beauchamp Bauchamp",
    ],
)
def test_names_that_sound_alike_share_a_key(variantes):
    noms = [nom.replace("_", " ") for nom in variantes.split()]
    assert len({cle_phonetique(nom) for nom in noms}) == 1, {nom: cle_phonetique(nom) for nom in noms}


def test_common_names_that_sound_different_keep_different_keys():
    noms = """
        Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy
        Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller
        Faure Mercier Blanc Guerin Boyer Garnier Chevalier Legrand Gauthier Garcia Perrin Robin Clement
        Morin Nicolas Henry Roussel Gautherot Masson Marchand Duval Denis Dumont Marie Lemaire Noel Meyer
        Dufour Meunier Brun Blanchard Giraud Joly Riviere Lucas Brunet Gaillard Barbier Arnaud Nguyen Diallo
    """
    cles = {}
    for nom in noms.split():
        cles.setdefault(cle_phonetique(nom), []).append(nom)
    assert {cle: memes for cle, memes in cles.items() if len(memes) > 1} == {}


def test_a_name_of_eighty_letters_has_a_key_that_can_be_kept():
    nom = "Vandenbroucke-Wolfensberger-Kuznetsov-Papadimitriou"

    assert len(cle_phonetique(nom)) == 40
    assert cle_phonetique(nom) == cle_phonetique(f"{nom}-Martin")


@pytest.mark.parametrize("nom", ["", " ", "123", "李", "-"])
def test_a_name_without_latin_letters_has_no_key(nom):
    assert cle_phonetique(nom) == ""


@pytest.mark.parametrize("nom", ["X", "Ex", "Ed", "Ott", "Tss", "Eh", "Ng"])
def test_the_shortest_names_keep_a_key(nom):
    assert cle_phonetique(nom)


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        ("  Bonjour\r\nmonsieur\rle maire\u2028! ", "Bonjour\nmonsieur\nle maire\n!"),
        ("a\x00b\x07c\x1bd\x85e", "abcd\ne"),
        ("colonne\tdeux", "colonne\tdeux"),
        (f"photo{RETOURNEMENT}gpj.exe", "photogpj.exe"),
        ("e\u0301te\u0301", "été"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("عربي\u200f!", "عربي\u200f!"),
        ("famille 👩\u200d👧", "famille 👩\u200d👧"),
    ],
)
def test_cleaning(saisie, attendu):
    assert nettoyer(saisie) == attendu
    nettoyer(saisie).encode()


def test_a_text_too_long_is_refused_with_both_figures():
    assert nettoyer("x" * 10 + "  ", maximum=10) == "x" * 10
    with pytest.raises(DonneeInvalide) as refus:
        nettoyer("x" * 11, maximum=10, champ="objet")
    assert str(refus.value) == "Ce texte est trop long : 11 caractères, pour 10 au plus."
    assert refus.value.champ == "objet"
