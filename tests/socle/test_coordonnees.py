import pytest

from guichet.socle.coordonnees import (
    afficher_telephone,
    cle_courriel,
    masquer_iban,
    normaliser_code_postal,
    normaliser_courriel,
    normaliser_immatriculation,
    normaliser_rna,
    normaliser_siret,
    normaliser_telephone,
)
from guichet.socle.erreurs import DonneeInvalide


@pytest.mark.parametrize(
    ("saisie", "e164", "affiche"),
    [
        ("06 39 98 12 34", "+33639981234", "06 39 98 12 34"),
        ("0639981234", "+33639981234", "06 39 98 12 34"),
        ("06.39.98.12.34", "+33639981234", "06 39 98 12 34"),
        ("06-39-98-12-34", "+33639981234", "06 39 98 12 34"),
        ("(06) 39/98/12/34", "+33639981234", "06 39 98 12 34"),
        ("+33 (0)6 39 98 12 34", "+33639981234", "06 39 98 12 34"),
        ("+33 6 39 98 12 34", "+33639981234", "06 39 98 12 34"),
        ("0033639981234", "+33639981234", "06 39 98 12 34"),
        ("33639981234", "+33639981234", "06 39 98 12 34"),
        ("Tél. : 06 39 98 12 34", "+33639981234", "06 39 98 12 34"),
        ("０６ ３９ ９８ １２ ３４", "+33639981234", "06 39 98 12 34"),
        ("\u00a006\u00a039\u202f98 12 34\u200b", "+33639981234", "06 39 98 12 34"),
        ("01 99 00 12 34", "+33199001234", "01 99 00 12 34"),
        ("02 61 91 00 00", "+33261910000", "02 61 91 00 00"),
        ("03 53 01 99 99", "+33353019999", "03 53 01 99 99"),
        ("04 65 71 00 00", "+33465710000", "04 65 71 00 00"),
        ("05 36 49 11 22", "+33536491122", "05 36 49 11 22"),
        ("0262 30 12 34", "+262262301234", "02 62 30 12 34"),
        ("0692 12 34 56", "+262692123456", "06 92 12 34 56"),
        ("0639 01 23 45", "+262639012345", "06 39 01 23 45"),
        ("+32 470 12 34 56", "+32470123456", "+32 470 12 34 56"),
    ],
)
def test_phone_numbers(saisie, e164, affiche):
    assert normaliser_telephone(saisie) == e164
    assert afficher_telephone(e164) == affiche
    assert normaliser_telephone(affiche) == e164


@pytest.mark.parametrize(
    "saisie",
    [
        "",
        "bonjour",
        "3939",
        "112",
        "06 39 98 12",
        "06 39 98 12 345",
        "06 39 98 12 3O",
        "00 00 00 00 00",
        "04 65 71 00 00 poste 12",
        "06 39 98 12 34 ou 04 65 71 00 00",
        "06 39 98 12 34 / 04 65 71 00 00",
        "+999 12 34 56",
        "+32 1",
        "'; DROP TABLE usagers; --",
        "+" * 300,
    ],
)
def test_wrong_phone_numbers(saisie):
    with pytest.raises(DonneeInvalide, match="dix chiffres") as refus:
        normaliser_telephone(saisie)
    assert refus.value.champ == "telephone"


def test_an_unreadable_stored_number_is_shown_as_it_is():
    assert afficher_telephone("ancien numéro") == "ancien numéro"


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        (" Jeanne.Martin@Exemple.EXAMPLE ", "Jeanne.Martin@exemple.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("<a+suivi@b.example>", "a+suivi@b.example"),
        ("contact@mairie-élan.example", "contact@xn--mairie-lan-h7a.example"),
        ("o'neil@b.example\x00", "o'neil@b.example"),
    ],
)
def test_emails(saisie, attendu):
    assert normaliser_courriel(saisie) == attendu
    assert normaliser_courriel(attendu) == attendu


@pytest.mark.parametrize(
    "saisie",
    ["", "jeanne", "jeanne@", "@b.example", "a b@c.example", "a@b", "a@@b.example", "a@b..example",
     "a@-b.example", "é@b.example", "a@b.example, c@d.example", "a@" + "b" * 300 + ".example",
     "a\nb@c.example"],
)  # fmt: skip
def test_wrong_emails(saisie):
    with pytest.raises(DonneeInvalide, match=r"prenom\.nom@domaine\.fr"):
        normaliser_courriel(saisie)


def test_emails_are_compared_without_case():
    assert cle_courriel("Jeanne@B.example") == cle_courriel("jeanne@b.example")


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        ("ab-123-cd", "AB-123-CD"),
        ("AB123CD", "AB-123-CD"),
        ("\u200bab\u00a0123 cd ", "AB-123-CD"),
        ("1234 ab 69", "1234 AB 69"),
        ("12-abc-2a", "12 ABC 2A"),
        ("123AB974", "123 AB 974"),
        ("b 1-abc-234", "B 1-ABC-234"),
        ("D : M-AB 1234", "D M-AB 1234"),
    ],
)
def test_plates(saisie, attendu):
    assert normaliser_immatriculation(saisie) == attendu
    assert normaliser_immatriculation(attendu) == attendu


@pytest.mark.parametrize(
    "saisie",
    ["", "AB-12-CD", "AI-123-CD", "AB-123-OU", "AB-000-CD", "SS-123-AB", "AB-123-CDE", "0000 AB 69",
     "1234 AB 00", "1234 AB 96", "123456", "voiture rouge", "B", "B ABC"],
)  # fmt: skip
def test_wrong_plates(saisie):
    with pytest.raises(DonneeInvalide, match="AB-123-CD"):
        normaliser_immatriculation(saisie)


def test_siret():
    assert normaliser_siret("732 829 320 00074") == "73282932000074"
    assert normaliser_siret("35600000000048") == "35600000000048"
    # An office of La Poste: fails Luhn, sums to a multiple of 5.
    assert normaliser_siret("356 000 000 49837") == "35600000049837"


@pytest.mark.parametrize(
    "saisie",
    ["", "7328293200007", "732829320000744", "73282932000075", "0" * 14, "7328293200007A", "35600000049838",
     "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"],
)  # fmt: skip
def test_wrong_siret(saisie):
    with pytest.raises(DonneeInvalide, match="SIRET"):
        normaliser_siret(saisie)


def test_rna():
    assert normaliser_rna("w 691 234 567") == "W691234567"
    assert normaliser_rna("W9R1234567") == "W9R1234567"
    for faux in ("", "691234567", "W69123456", "W6912345678", "X691234567", "WA91234567", "W69123456٧"):
        with pytest.raises(DonneeInvalide, match="W123456789"):
            normaliser_rna(faux)


def test_iban_keeps_only_its_end():
    masque = masquer_iban("fr14 2004 1010 0505 0001 3m02 606")
    assert masque == "•••• 2606"
    assert masquer_iban(masque) == masque
    assert masquer_iban("BE68 5390 0754 7034") == "•••• 7034"


@pytest.mark.parametrize(
    "saisie",
    ["", "FR1420041010050500013M02607", "FR14 2004 1010 0505 0001 3M02", "2004101005050001", "•••• 260",
     "••• 2606", "FR76" + "0" * 40],
)  # fmt: skip
def test_wrong_iban_is_refused_and_never_echoed(saisie):
    with pytest.raises(DonneeInvalide) as refus:
        masquer_iban(saisie)
    assert not saisie or saisie not in str(refus.value)


def test_postcode():
    assert normaliser_code_postal(" 69 980 ") == "69980"
    assert normaliser_code_postal("97410") == "97410"
    for faux in ("", "6998", "699800", "00100", "99100", "2A004", "٦٩٩٨٠"):
        with pytest.raises(DonneeInvalide, match="cinq chiffres"):
            normaliser_code_postal(faux)
