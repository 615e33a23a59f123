"""Raw bytes to what was said. Pure: no network, no database, and nothing a sender writes makes it fail.

What it refuses (`ContenuIllisible`) goes to quarantine. It is run in a bounded process (see `bornes`), since
no rule on the content bounds the time or the memory that a forged mail may take.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from guichet.canaux.canal import Canal
from guichet.canaux.courriel import adresses, automates, fichiers, retours
from guichet.canaux.courriel.adresses import Adresse
from guichet.canaux.courriel.corps import mots, trier
from guichet.canaux.courriel.enveloppe import identifiants
from guichet.canaux.courriel.message import CourrielEntrant, Nature
from guichet.canaux.courriel.structure import Partie, analyser
from guichet.canaux.message import Expediteur
from guichet.socle.texte import nettoyer

REFERENCES_AU_PLUS = 50
TEXTE_AU_PLUS = 1_000_000  # characters kept of the words: the raw mail keeps them all
_PARTICULES = re.compile(r"^(?:m\.|mr|mme|mlle|madame|monsieur|dr|me)\s+", re.IGNORECASE)


def lire(brut: bytes, *, recu_le: datetime, nos_adresses: frozenset[str] = frozenset()) -> CourrielEntrant:
    """Read one mail. `nos_adresses`: the city's own, in lower case, to see it write to itself.

    `recu_le` is when the city got it; the `Date` of a mail is only what its sender says.
    """
    message = analyser(brut)
    corps = trier(message)
    texte, html = mots(corps)
    emetteur = _emetteur(message)
    nature = automates.classer(message, emetteur, nos_adresses)
    retour = retours.lire(message, brut, texte) if automates.peut_etre_un_retour(message, emetteur) else None
    if retour is not None:
        nature = automates.Verdict(Nature.RETOUR, "Avis de non-remise", sans_accuse=True)
    message_id, *_ = (*identifiants(str(message.get("message-id", ""))), "")
    return CourrielEntrant(
        canal=Canal.COURRIEL,
        cle_externe=message_id,
        recu_le=recu_le,
        objet=nettoyer(message.lu("subject"))[:250],
        texte=nettoyer(texte)[:TEXTE_AU_PLUS],
        expediteur=_expediteur(emetteur),
        pieces=fichiers.lire(corps.fichiers),
        est_automatique=nature.nature is not Nature.PERSONNE,
        message_id=message_id,
        html=nettoyer(html)[: 2 * TEXTE_AU_PLUS],
        emetteur=emetteur,
        repondre_a=adresses.premiere(str(message.get("reply-to", ""))),
        destinataires=_destinataires(message),
        references=_references(message),
        envoye_le=_date(message, recu_le),
        nature=nature.nature,
        raison_nature=nature.raison,
        sans_accuse=nature.sans_accuse,
        retour=retour,
    )


def _emetteur(message: Partie) -> Adresse:
    """The first usable address of whoever signs the mail; the next headers only when there is none."""
    lues = [
        adresses.premiere(valeur)
        for nom in ("from", "sender", "reply-to", "return-path")
        for valeur in message.tous(nom)
    ]
    utile = next((a for a in lues if a.courriel), None)
    if utile is None:
        return lues[0] if lues else Adresse()
    return Adresse(lues[0].nom or utile.nom, utile.courriel) if lues[0].nom else utile


def _expediteur(emetteur: Adresse) -> Expediteur:
    """The sender as every channel names one. « MARTIN Jeanne » and « Martin, Jeanne » say which is which."""
    nom = _PARTICULES.sub("", emetteur.nom).strip()
    prenom = ""
    gauche, virgule, droite = nom.partition(",")
    if virgule and droite.strip() and "," not in droite:
        nom, prenom = gauche.strip(), droite.strip()
    elif (en_capitales := _mots_en_capitales(nom)) and en_capitales < len(nom.split()):
        mots_du_nom = nom.split()
        nom, prenom = " ".join(mots_du_nom[:en_capitales]), " ".join(mots_du_nom[en_capitales:])
    elif len(nom.split()) == 2 and "@" not in nom:
        prenom, nom = nom.split()
    return Expediteur(nom=nom[:120], prenom=prenom[:80], courriel=emetteur.courriel)


def _mots_en_capitales(nom: str) -> int:
    """How many words a name begins with that are written as a family name is: « LE GOFF Loïc » has two."""
    mots_du_nom = nom.split()
    rangs = (rang for rang, mot in enumerate(mots_du_nom) if not (len(mot) > 1 and mot.isupper()))
    return next(rangs, len(mots_du_nom))


def _destinataires(message: Partie) -> tuple[Adresse, ...]:
    """Everybody it was sent to, what the servers wrote included: the reply address may be only there."""
    vus: dict[str, Adresse] = {}
    for nom in ("to", "cc", "delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "resent-to"):
        for valeur in message.tous(nom):
            for adresse in adresses.lire(valeur):
                if adresse.courriel:
                    vus.setdefault(adresse.cle, adresse)
    return tuple(vus.values())[: adresses.AU_PLUS]


def _references(message: Partie) -> tuple[str, ...]:
    """The messages it follows, the one it answers first, then from the latest to the first."""
    repond = [i for valeur in message.tous("in-reply-to") for i in identifiants(valeur)]
    suites = [i for valeur in message.tous("references") for i in identifiants(valeur)]
    return tuple(dict.fromkeys([*repond[:5], *reversed(suites)]))[:REFERENCES_AU_PLUS]


def _date(message: Partie, recu_le: datetime) -> datetime | None:
    """What the mail says of its date, unless it lies: before the mail existed, or after it came."""
    try:
        date = parsedate_to_datetime(message.lu("date")[:100])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        return date if date.year >= 1990 and date <= recu_le else None
    except OverflowError:
        return None
