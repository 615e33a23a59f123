"""The address a mail of a demande is answered to: it says which one, and proves that the city wrote it.

« reponse+2026-0000012-qk3v…@ville.fr ». Whoever has it was written to, or was given it by somebody who was.
"""

import base64
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

# Case is lost on the way: digits and small letters only.
_SIGNEE = re.compile(r"(20\d{2}-\d{7})-([a-z2-7]{26})")
_SEL = "guichet.adresses_de_reponse"


def adresse(numero: str) -> str:
    """The signed address of a demande, or "" when the city receives no answers by mail."""
    locale, arobase, domaine = settings.GUICHET_COURRIEL_REPONSE.rpartition("@")
    return f"{locale}+{numero}-{_signature(numero, settings.SECRET_KEY)}@{domaine}" if arobase else ""


def numero(adresse: str) -> str:
    """The number an address proves, or "" when it proves none."""
    attendue, arobase, domaine = settings.GUICHET_COURRIEL_REPONSE.lower().rpartition("@")
    locale, _, domaine_lu = adresse.lower().rpartition("@")
    base, _, etiquette = locale.partition("+")
    signee = _SIGNEE.fullmatch(etiquette)
    if not arobase or signee is None or (base, domaine_lu) != (attendue, domaine):
        return ""
    cles = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    prouve = any([constant_time_compare(_signature(signee[1], cle), signee[2]) for cle in cles])
    return signee[1] if prouve else ""


def est_une_reponse(adresse: str) -> bool:
    """Whether an address is one that mails of the city are answered to, whatever it proves."""
    attendue, arobase, domaine = settings.GUICHET_COURRIEL_REPONSE.lower().rpartition("@")
    locale, _, domaine_lu = adresse.lower().rpartition("@")
    return bool(arobase) and (locale.partition("+")[0], domaine_lu) == (attendue, domaine)


def _signature(numero: str, cle: str | bytes) -> str:
    """128 bits in 26 signs."""
    resume = salted_hmac(_SEL, numero, secret=cle, algorithm="sha256").digest()[:16]
    return base64.b32encode(resume).decode().rstrip("=").lower()
