"""Phone numbers, e-mails, plates and registration numbers: one stored form each."""

import re
from functools import lru_cache

import idna
import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

# Overseas numbers are dialled « 0692… » as well; metropolitan France is tried first.
OUTRE_MER = ("GP", "GF", "MQ", "RE", "YT", "PM")
# Ranges kept by the regulator for works of fiction: never assigned, so never « valid » to phonenumbers,
# and 06 39 98 would be read as a number of Mayotte. The demonstration data use them.
FICTION = re.compile(r"\+33(?:19900|26191|35301|46571|53649|63998)\d{4}")
LA_POSTE = "356000000"

_SIV = re.compile(r"([A-HJ-NP-TV-Z]{2})(\d{3})([A-HJ-NP-TV-Z]{2})")
_FNI = re.compile(r"(\d{1,4})([A-Z]{1,3})(97[1-8]|0[1-9]|[1-8]\d|9[0-5]|2[AB])")
# Distinguishing signs of the countries whose vehicles are commonly met.
_PLAQUE_ETRANGERE = re.compile(
    r"(AL|AND|A|BG|BIH|BY|B|CH|CY|CZ|DK|D|DZ|EST|E|FIN|FL|GB|GR|HR|H|IRL|IS|I|LT|LV|L|MA|MC|MD|MK|MNE|M"
    r"|NL|N|PL|P|RO|RSM|SK|SLO|SRB|S|TN|TR|UA|UK)[ :]+((?=[^\d]*\d)[A-Z0-9][A-Z0-9 -]{1,11})"
)
_RNA = re.compile(r"W\d[\dA-Z]\d{7}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_IBAN_MASQUE = re.compile(r"•••• [A-Z0-9]{4}")


def _a_plat(saisie: str) -> str:
    """Clean what was typed or pasted on one line: no invisible sign, plain single spaces."""
    return " ".join(re.sub(r"[\u00ad\u200b-\u200f\u2060]", "", nettoyer(saisie)).split())


def _compacter(saisie: str) -> str:
    """Upper-case letters and digits of what was typed, whatever separates them."""
    return re.sub(r"[ .\-‐‑–_/]", "", _a_plat(saisie)).upper()


def normaliser_telephone(saisie: str, champ: str | None = "telephone") -> str:
    """Return a phone number as E.164 (« +33639981234 ») from any usual French or international writing.

    Raises DonneeInvalide. A French number only has to be well formed: ranges are assigned faster than
    libraries are updated, and refusing somebody's real number is the worse error.
    """
    chiffres = re.sub(r"^t[ée]l(?:[ée]phone|\.)? ?:? ?", "", _a_plat(saisie), flags=re.IGNORECASE)
    erreur = DonneeInvalide(
        _(
            "Ce numéro de téléphone n'est pas reconnu. Écrivez dix chiffres, par exemple 06 39 98 12 34, "
            "ou commencez par + et l'indicatif du pays."
        ),
        champ,
    )
    if re.search(r"[^\W\d_]", chiffres):
        raise erreur  # a letter O for a zero, « poste 12 », two numbers: never guessed
    try:
        numero = phonenumbers.parse(chiffres, "FR")
        outre_mer = [phonenumbers.parse(chiffres, region) for region in OUTRE_MER]
    except phonenumbers.NumberParseException as cause:
        raise erreur from cause
    e164 = phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164)
    if FICTION.fullmatch(e164) or phonenumbers.is_valid_number(numero):
        return e164
    if numero.country_code == 33:
        for possible in outre_mer:
            if phonenumbers.is_valid_number(possible):
                return phonenumbers.format_number(possible, phonenumbers.PhoneNumberFormat.E164)
        if re.fullmatch(r"\+33[1-9]\d{8}", e164):
            return e164
    raise erreur


def est_mobile(e164: str) -> bool:
    """Whether an SMS may reach this stored number; what cannot be told is believed to."""
    if FICTION.fullmatch(e164):
        return e164.startswith("+3363998")
    try:
        genre = phonenumbers.number_type(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False
    T = phonenumbers.PhoneNumberType
    return genre in (T.MOBILE, T.FIXED_LINE_OR_MOBILE, T.UNKNOWN)


def afficher_telephone(e164: str) -> str:
    """Return a stored number as people read it: « 06 39 98 12 34 », or « +32 470 12 34 56 » from abroad."""
    try:
        numero = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    indicatifs = {phonenumbers.country_code_for_region(region) for region in ("FR", *OUTRE_MER)}
    if numero.country_code not in indicatifs:
        return phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    chiffres = f"0{numero.national_number}"
    return " ".join(chiffres[i : i + 2] for i in range(0, len(chiffres), 2))


def normaliser_courriel(saisie: str, champ: str | None = "courriel") -> str:
    """Return an e-mail address without surroundings, its domain in lower-case ASCII (IDN encoded).

    The part before the @ keeps its case: only the receiving server knows whether it matters. Compare
    addresses with `cle_courriel`. Raises DonneeInvalide.
    """
    try:
        return _courriel_normal(saisie)
    except (idna.IDNAError, ValidationError) as cause:
        raise DonneeInvalide(
            _("Cette adresse électronique n'est pas complète. Écrivez-la comme prenom.nom@domaine.fr."), champ
        ) from cause


@lru_cache(maxsize=1024)
def _courriel_normal(saisie: str) -> str:
    """Kept whatever the field: one deposit reads its address for the person, then for the acknowledgement."""
    adresse = _a_plat(saisie).removeprefix("mailto:").strip(" <>;,")
    locale, _arobase, domaine = adresse.rpartition("@")
    normale = f"{locale}@{idna.encode(domaine, uts46=True).decode('ascii').lower() if domaine else ''}"
    validate_email(normale)
    if len(normale) > 254:
        raise ValidationError("too long")
    return normale


def cle_courriel(courriel: str) -> str:
    """Return the form under which two addresses are the same person's."""
    return courriel.lower()


def normaliser_immatriculation(saisie: str, champ: str | None = "immatriculation") -> str:
    """Return « AB-123-CD » (since 2009), « 1234 AB 69 » (before), or « B 1-ABC-234 » with a country sign.

    A foreign vehicle must stay declarable (an appeal against a parking fine is a right): its plate is
    kept as typed after its country. Raises DonneeInvalide.
    """
    compacte = _compacter(saisie)
    if (siv := _SIV.fullmatch(compacte)) and siv[2] != "000" and "SS" not in siv.groups():
        return "-".join(siv.groups())
    if (fni := _FNI.fullmatch(compacte)) and fni[1].strip("0"):
        return " ".join(fni.groups())
    if etrangere := _PLAQUE_ETRANGERE.fullmatch(_a_plat(saisie).upper()):
        return f"{etrangere[1]} {etrangere[2]}"
    raise DonneeInvalide(
        _(
            "Cette plaque n'est pas reconnue. Écrivez-la comme AB-123-CD ou 1234 AB 69. Pour un véhicule "
            "immatriculé à l'étranger, commencez par le signe du pays : B 1-ABC-234."
        ),
        champ,
    )


def _luhn(chiffres: str) -> bool:
    somme = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        double = int(chiffre) * (1 + rang % 2)
        somme += double - 9 if double > 9 else double
    return somme % 10 == 0


def normaliser_siret(saisie: str, champ: str | None = "siret") -> str:
    """Return the 14 digits of a SIRET. Raises DonneeInvalide.

    Luhn's key, except the offices of La Poste, whose digits only have to sum to a multiple of 5.
    """
    siret = _compacter(saisie)
    if not re.fullmatch(r"[0-9]{14}", siret):
        raise DonneeInvalide(_("Le numéro SIRET compte 14 chiffres."), champ)
    de_la_poste = siret.startswith(LA_POSTE) and sum(map(int, siret)) % 5 == 0
    if siret.strip("0") == "" or not (_luhn(siret) or de_la_poste):
        raise DonneeInvalide(
            _("Ce numéro SIRET n'existe pas : vérifiez chaque chiffre sur votre avis de situation."), champ
        )
    return siret


def normaliser_rna(saisie: str, champ: str | None = "rna") -> str:
    """Return « W » and nine digits (a letter for Corsica and overseas: W2A…, W9R…). Raises DonneeInvalide."""
    rna = _compacter(saisie)
    if not re.fullmatch(_RNA, rna) or not rna.isascii():
        raise DonneeInvalide(_("Le numéro RNA commence par W, suivi de neuf chiffres : W123456789."), champ)
    return rna


def masquer_iban(saisie: str, champ: str | None = "iban") -> str:
    """Check an IBAN and return only « •••• » and its last four characters: the rest is never stored.

    A value already masked comes back unchanged, so that a saved form can be shown and sent again.
    Raises DonneeInvalide.
    """
    if _IBAN_MASQUE.fullmatch(saisie.strip()):
        return saisie.strip()
    iban = _compacter(saisie)
    bien_forme = iban.isascii() and _IBAN.fullmatch(iban) and (len(iban) == 27 or not iban.startswith("FR"))
    if not bien_forme or int("".join(str(int(signe, 36)) for signe in iban[4:] + iban[:4])) % 97 != 1:
        raise DonneeInvalide(
            _(
                "Cet IBAN n'est pas correct. Un IBAN français commence par FR et compte 27 caractères ; "
                "recopiez-le depuis votre relevé d'identité bancaire."
            ),
            champ,
        )
    return f"•••• {iban[-4:]}"


def normaliser_code_postal(saisie: str, champ: str | None = "code_postal") -> str:
    """Return the five digits of a French postcode. Raises DonneeInvalide."""
    code = _compacter(saisie)
    if not re.fullmatch(r"(?:0[1-9]|[1-8][0-9]|9[0-8])[0-9]{3}", code):
        raise DonneeInvalide(_("Le code postal compte cinq chiffres, par exemple 69980."), champ)
    return code
