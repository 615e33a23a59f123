"""SMS, as a provider posts them and as they are counted. Pure.

One JSON object for each message of a resident, or for what became of one of ours:

    {"id": "…", "de": "+33639980011", "a": "+33465710000", "texte": "…"}
    {"id": "…", "reference": "…", "etat": "delivered"}

`id` is the provider's; `reference` is the one we sent with the message. Providers agree on what is said and
not on its names: the usual ones are understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible, MessageEntrant
from guichet.canaux.neutre import composer, ouvrir
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import plier

# Our names, then how providers say them.
NOMS = {
    "id": ("id", "message_id", "messageId", "sid"),
    "de": ("de", "from", "sender", "msisdn", "source"),
    "a": ("a", "to", "recipient", "destination"),
    "texte": ("texte", "text", "body", "message", "content"),
    "reference": ("reference", "client_reference", "custom_id", "ref"),
    "etat": ("etat", "status", "state", "event"),
    "motif": ("motif", "reason", "error", "error_message"),
}
ARRIVES = frozenset({"delivered", "delivrd", "remis", "recu", "read"})
PERDUS = frozenset({"failed", "undelivered", "undeliv", "undeliverable", "rejected", "expired", "echec"})
ARRETS = re.compile(r"(?:stop ?(?:sms)?|arret)(?: au \d{4,6})?(?: merci| svp)?")
REPRISES = frozenset({"start", "reprise", "unstop"})

# What one SMS holds, alone then among several: in the network's alphabet (GSM 03.38), and in any other.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLES = frozenset("^{}\\[~]|€\f")
SEUL_GSM, PARTIE_GSM = 160, 153
SEUL_UNICODE, PARTIE_UNICODE = 70, 67


@dataclass(frozen=True)
class Remise:
    """What the provider says became of a message of ours; `est_arrive` is None while it is on its way."""

    identifiant: str
    reference: str
    est_arrive: bool | None
    motif: str = ""


@dataclass(frozen=True)
class Longueur:
    """`signes` as the network counts them, `parties` sent and paid, whether its own alphabet is enough."""

    signes: int
    parties: int
    est_gsm: bool


def cle(contenu: bytes) -> str:
    """The provider's own name for what it posts; "" when it gives none that can be read."""
    try:
        donnees = ouvrir(contenu)
    except ContenuIllisible:
        return ""
    etat = texte_de(donnees, "etat").lower()
    identifiant = texte_de(donnees, "id") or texte_de(donnees, "reference")
    return f"{identifiant}:{etat}" if identifiant and est_une_remise(donnees) else identifiant


def est_une_remise(donnees: Mapping[str, Any]) -> bool:
    """A state and no words: it speaks of a message of ours."""
    return bool(texte_de(donnees, "etat")) and not texte_de(donnees, "texte")


def lire(contenu: bytes, *, recu_le: datetime) -> MessageEntrant | Remise:
    """Read one post of the provider. Raises ContenuIllisible."""
    donnees = ouvrir(contenu)
    if est_une_remise(donnees):
        return lire_la_remise(donnees)
    lues = {nom: texte_de(donnees, nom) for nom in ("id", "de", "texte")}
    if not lues["de"]:
        raise ContenuIllisible("Ce SMS ne dit pas de quel numéro il vient (« de »).")
    neutre = {"id": lues["id"], "texte": lues["texte"], "identite": {"telephone": numero_de(lues["de"])}}
    return composer(neutre, canal=Canal.SMS, recu_le=recu_le)


def lire_la_remise(donnees: Mapping[str, Any]) -> Remise:
    identifiant, reference = texte_de(donnees, "id"), texte_de(donnees, "reference")
    if not (identifiant or reference):
        raise ContenuIllisible("Ce compte rendu ne dit pas de quel SMS il parle (« id » ou « reference »).")
    etat = texte_de(donnees, "etat").lower()
    est_arrive = True if etat in ARRIVES else False if etat in PERDUS else None
    return Remise(identifiant, reference, est_arrive, texte_de(donnees, "motif"))


def numero_de(saisie: str) -> str:
    """As coordinates are stored; a short number or a word stays as it is."""
    try:
        return normaliser_telephone(saisie)
    except DonneeInvalide:
        return saisie[:20]


def demande_l_arret(texte: str) -> bool:
    mots = " ".join(re.findall(r"\w+", plier(texte)))
    return ARRETS.fullmatch(mots) is not None


def demande_la_reprise(texte: str) -> bool:
    return plier(texte).strip() in REPRISES


def mesurer(texte: str) -> Longueur:
    """How many SMS a text takes: one sign out of the network's alphabet, and each holds 70 instead of 160."""
    if set(texte) <= GSM | GSM_DOUBLES:
        signes = len(texte) + sum(signe in GSM_DOUBLES for signe in texte)
        return Longueur(signes, 1 if signes <= SEUL_GSM else ceil(signes / PARTIE_GSM), est_gsm=True)
    signes = len(texte.encode("utf-16-le")) // 2
    return Longueur(signes, 1 if signes <= SEUL_UNICODE else ceil(signes / PARTIE_UNICODE), est_gsm=False)


def texte_de(donnees: Mapping[str, Any], nom: str) -> str:
    """The first of the names a provider may use for `nom` that says something."""
    for alias in NOMS[nom]:
        valeur = donnees.get(alias)
        if isinstance(valeur, str | int) and not isinstance(valeur, bool) and str(valeur).strip():
            return str(valeur).strip()
    return ""
