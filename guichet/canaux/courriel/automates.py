"""Mails no person wrote, or nobody would read an answer to (RFC 3834, RFC 2369, and practice)."""

import re
from dataclasses import dataclass

from guichet.canaux.courriel.adresses import Adresse
from guichet.canaux.courriel.message import Nature
from guichet.canaux.courriel.structure import Partie

RELAIS_AU_PLUS = 60  # « Received » headers: beyond, a mail goes round

_ROBOT = re.compile(
    r"(?:mailer-?daemon|post-?master|no-?_?\.?reply|ne-?_?\.?pas-?_?\.?repondre|donotreply|do-not-reply"
    r"|bounces?|notifications?|listserv|majordomo|mailman|autoreply|auto-?reponse|robot|root|nobody)"
    r"(?:[+._-].*)?|.*[+._-](?:bounces?|request|owner|no-?reply|noreply)|owner-.*",
    re.IGNORECASE,
)
# What answering machines begin their subject with. French ones also begin what people ask: « Réponse
# autorisation de travaux », « Absence temporaire d'éclairage »: nothing but a date or a sign may follow.
_EN_TETE = r"(?:\s|re:|ré:|aw:|auto:)*"
_ABSENCE = re.compile(
    _EN_TETE + r"(?:(?:réponse auto(?:matique)?|reponse automatique|absence\s+(?:du bureau|temporaire)"
    r"|(?:je suis )?absente? du bureau|(?:message|notification) d'absence)"
    r"\s*(?:$|[:;,.!(\[]|[–—-]\s|re:|du \d|jusqu|depuis)"
    r"|automatic reply|auto(?:matic)?[- ]?(?:response|reply)|autoreply"
    r"|out of (?:the )?office|vacation (?:reply|response)"
    r"|automatische (?:antwort|reactie)|automatisch antwoord|abwesenheit"
    r"|respuesta automática|risposta automatica"
    r"|resposta automática|fuori sede|autosvar)",
    re.IGNORECASE,
)
# What machines say, and people too: a demande, that is not acknowledged.
_PEUT_ETRE_ABSENCE = re.compile(
    _EN_TETE + r"(?:absente?\s*:|(?:je suis )?en congés?\b(?! (?:mat|pat|parental)).{0,40}$)", re.IGNORECASE
)
_ENTETES_DE_REPONSE = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
)
_RETOUR = re.compile(
    r"undeliver|non[- ]?remis|non[- ]?distribu|not delivered"
    r"|delivery (?:status|failure|problem|report|incomplete)"
    r"|returned (?:mail|to sender)|mail delivery|failure notice|échec de (?:la )?remise|message non"
    r"|retour à l'exp"
    r"|unzustellbar|no entregado|mancato recapito|impossible de remettre|delivery (?:has )?failed|delayed"
    r"|could not be delivered|remise (?:différée|retardée)|warning: (?:message|could)",
    re.IGNORECASE,
)
_SYSTEME = re.compile(
    r"(?:mailer-?daemon|post-?master|mail-?daemon|mdaemon|mail-delivery.*|microsoftexchange.*|bounces?)(?:[+._-].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Verdict:
    """What wrote a mail, why we think so, and whether an acknowledgement must not leave."""

    nature: Nature
    raison: str = ""
    sans_accuse: bool = False


def classer(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict:
    """Say what wrote this mail; the surest signs first."""
    for regle in (_boucle, _accuse_de_lecture, _reponse, _liste, _robot):
        if verdict := regle(message, emetteur, nos_adresses):
            return verdict
    suppression = message.lu("x-auto-response-suppress").lower()
    sourd = any(mot in suppression for mot in ("all", "autoreply", "oof"))
    # A rule of a mailbox passed it on, or answered: only the first is somebody's, and nothing tells which.
    sourd = sourd or message.get("x-ms-exchange-inbox-rules-loop") is not None
    sourd = sourd or bool(_PEUT_ETRE_ABSENCE.match(message.lu("subject")))
    return Verdict(Nature.PERSONNE, sans_accuse=sourd or not emetteur.courriel)


def _boucle(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict | None:
    if emetteur.cle and emetteur.cle in nos_adresses:
        return Verdict(Nature.BOUCLE, "Envoyé par une adresse de la ville", sans_accuse=True)
    if message.get("x-guichet-demande") is not None and _soumis(message) not in ("", "no"):
        return Verdict(Nature.BOUCLE, "Écrit par un guichet", sans_accuse=True)
    if len(message.tous("received")) > RELAIS_AU_PLUS:
        return Verdict(Nature.BOUCLE, "Passé par trop de serveurs", sans_accuse=True)
    return None


def _accuse_de_lecture(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict | None:
    genre = message.parametre("report-type").lower()
    if message.genre == "multipart/report" and genre == "disposition-notification":
        return Verdict(Nature.ACCUSE_DE_LECTURE, "Accusé de lecture", sans_accuse=True)
    if message.genre == "multipart/report" and genre == "feedback-report":
        return Verdict(Nature.ROBOT, "Signalement d'un fournisseur de courriel", sans_accuse=True)
    return None


def _soumis(message: Partie) -> str:
    return message.lu("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()


def _reponse(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict | None:
    soumis = _soumis(message)
    if soumis.startswith(("auto-replied", "auto-notified")):
        return Verdict(Nature.REPONSE_AUTOMATIQUE, f"Auto-Submitted: {soumis}", sans_accuse=True)
    if any(message.get(nom) is not None for nom in _ENTETES_DE_REPONSE):
        return Verdict(Nature.REPONSE_AUTOMATIQUE, "En-tête de répondeur", sans_accuse=True)
    if message.lu("precedence").lower() in ("auto_reply", "auto-reply"):
        return Verdict(Nature.REPONSE_AUTOMATIQUE, "Precedence: auto_reply", sans_accuse=True)
    if _ABSENCE.match(message.lu("subject")):
        return Verdict(Nature.REPONSE_AUTOMATIQUE, "Message d'absence", sans_accuse=True)
    if soumis and soumis != "no":
        return Verdict(Nature.ROBOT, f"Auto-Submitted: {soumis[:40]}", sans_accuse=True)
    return None


def _liste(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict | None:
    for nom in ("list-id", "list-unsubscribe", "list-post", "x-mailing-list", "feedback-id", "x-campaign-id"):
        if message.get(nom) is not None:
            return Verdict(Nature.LISTE, f"En-tête {nom}", sans_accuse=True)
    if message.lu("precedence").lower() in ("bulk", "list", "junk"):
        return Verdict(Nature.LISTE, f"Precedence: {message.lu('precedence').lower()}", sans_accuse=True)
    return None


def _robot(message: Partie, emetteur: Adresse, nos_adresses: frozenset[str]) -> Verdict | None:
    if any(valeur.strip() == "<>" for valeur in message.tous("return-path")):
        return Verdict(Nature.ROBOT, "Adresse de retour vide", sans_accuse=True)
    if _ROBOT.fullmatch(emetteur.locale):
        return Verdict(Nature.ROBOT, "Adresse à laquelle on ne répond pas", sans_accuse=True)
    return None


def peut_etre_un_retour(message: Partie, emetteur: Adresse) -> bool:
    """Worth looking for what came back: only a mail server says so, in a handful of ways."""
    if message.genre == "multipart/report" and message.parametre("report-type").lower() in (
        "delivery-status",
        "",
    ):
        return True
    if message.get("x-failed-recipients") is not None:
        return True
    if any(partie.genre == "message/delivery-status" for partie in message.feuilles()):
        return True
    vide = any(valeur.strip() == "<>" for valeur in message.tous("return-path"))
    systeme = bool(_SYSTEME.fullmatch(emetteur.locale))
    # An absence answers too, from an empty address: only words of non-delivery tell them apart.
    return systeme or (vide and bool(_RETOUR.search(message.lu("subject"))))
