"""Notices of non-delivery as mail systems write them, each for each reason: of our own making."""

from collections.abc import Iterator
from dataclasses import dataclass

from guichet.canaux.courriel.message import Raison

NOUS = "guichet@ville.example"


@dataclass(frozen=True)
class Cause:
    """Why: the code and the words of the server that refused."""

    statut: str
    smtp: str
    mots: str
    raison: Raison
    est_definitif: bool = True


CAUSES = (
    Cause("5.1.1", "550", "User unknown in virtual mailbox table", Raison.ADRESSE_INCONNUE),
    Cause(
        "5.1.1", "550", "The email account that you tried to reach does not exist", Raison.ADRESSE_INCONNUE
    ),
    Cause("5.1.10", "550", "Recipient not found by SMTP address lookup", Raison.ADRESSE_INCONNUE),
    Cause("5.2.1", "550", "This mailbox is disabled", Raison.ADRESSE_INCONNUE),
    Cause("5.1.2", "550", "Host or domain name not found. Name service error", Raison.DOMAINE_INCONNU),
    Cause("5.2.2", "552", "Mailbox full: the user is over quota", Raison.BOITE_PLEINE),
    Cause("5.3.4", "552", "Message size exceeds fixed limit", Raison.TROP_GROS),
    Cause("5.7.1", "554", "Message rejected as spam by content scanner", Raison.REFUSE),
    Cause("5.7.26", "550", "Unauthenticated email is not accepted: DMARC policy", Raison.REFUSE),
)


@dataclass(frozen=True)
class Avis:
    """One notice and what it says."""

    nom: str
    brut: bytes
    adresse: str
    cause: Cause


def tous(message_id: str = "<envoi@ville.example>") -> Iterator[Avis]:
    """Each system with each cause."""
    for systeme, ecrire in SYSTEMES.items():
        for rang, cause in enumerate(CAUSES):
            adresse = f"usager{rang}@autre.example"
            brut = ecrire(adresse, cause, message_id).replace("\n", "\r\n").encode()
            yield Avis(f"{systeme} {cause.statut} {rang}", brut, adresse, cause)


def _original(adresse: str, message_id: str) -> str:
    return (
        f"From: Guichet <{NOUS}>\nTo: {adresse}\nSubject: Votre demande\n"
        f"Message-ID: {message_id}\nDate: Thu, 12 Nov 2026 10:00:00 +0100\n"
    )


def _rapport(
    de: str, objet: str, texte: str, adresse: str, cause: Cause, message_id: str, *, entier: bool = False
) -> str:
    """RFC 3464, with the words each system puts before."""
    diagnostic = f"smtp; {cause.smtp} {cause.statut} <{adresse}>: {cause.mots}"
    genre = "message/rfc822" if entier else "text/rfc822-headers"
    return (
        f"Return-Path: <>\nFrom: {de}\nTo: {NOUS}\nSubject: {objet}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_avis"\n\n'
        f"--=_avis\nContent-Type: text/plain; charset=utf-8\n\n{texte}\n\n"
        "--=_avis\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.autre.example\n\n"
        f"Final-Recipient: rfc822; {adresse}\nAction: failed\nStatus: {cause.statut}\n"
        f"Diagnostic-Code: {diagnostic}\n\n"
        f"--=_avis\nContent-Type: {genre}\n\n{_original(adresse, message_id)}\n--=_avis--\n"
    )


def _postfix(adresse: str, cause: Cause, message_id: str) -> str:
    texte = (
        "This is the mail system at host mx.autre.example.\n\nI'm sorry to have to inform you that your "
        f"message could not\nbe delivered.\n\n<{adresse}>: host mx[192.0.2.5] said: {cause.smtp} "
        f"{cause.statut} {cause.mots} (in reply to RCPT TO command)"
    )
    de = "MAILER-DAEMON@autre.example (Mail Delivery System)"
    return _rapport(de, "Undelivered Mail Returned to Sender", texte, adresse, cause, message_id, entier=True)


def _exchange(adresse: str, cause: Cause, message_id: str) -> str:
    texte = f"Échec de la remise aux destinataires ou groupes suivants :\n\n{adresse}\n\n{cause.mots}"
    de = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@autre.example>"
    return _rapport(de, "Non remis : Votre demande", texte, adresse, cause, message_id)


def _google(adresse: str, cause: Cause, message_id: str) -> str:
    texte = f"** Adresse introuvable **\n\nVotre message n'a pas été remis à {adresse}.\n\n{cause.mots}"
    de = "Mail Delivery Subsystem <mailer-daemon@messagerie.example>"
    return _rapport(de, "Delivery Status Notification (Failure)", texte, adresse, cause, message_id)


def _sendmail(adresse: str, cause: Cause, message_id: str) -> str:
    texte = (
        "The original message was received at Thu, 12 Nov 2026 10:00:01 +0100\n\n   ----- The following "
        f"addresses had permanent fatal errors -----\n<{adresse}>\n    (reason: {cause.smtp} {cause.mots})"
    )
    de = "Mail Delivery Subsystem <MAILER-DAEMON@autre.example>"
    return _rapport(de, "Returned mail: see transcript for details", texte, adresse, cause, message_id)


def _zimbra(adresse: str, cause: Cause, message_id: str) -> str:
    texte = (
        f"Ceci est le système de messagerie.\n\nVotre message n'a pu être remis à <{adresse}> : {cause.mots}"
    )
    return _rapport("MAILER-DAEMON@autre.example", "Message non distribué", texte, adresse, cause, message_id)


def _courier(adresse: str, cause: Cause, message_id: str) -> str:
    texte = f"This is a delivery status notification from autre.example.\n\n<{adresse}>:\n     {cause.mots}"
    return _rapport(
        '"Courier mail server" <postmaster@autre.example>',
        "NOTICE: mail delivery status.",
        texte,
        adresse,
        cause,
        message_id,
    )


def _domino(adresse: str, cause: Cause, message_id: str) -> str:
    texte = (
        f"Your message\n\n  Subject: Votre demande\n\nwas not delivered to:\n\n  {adresse}\n\n"
        f"because:\n\n  {cause.mots}"
    )
    return _rapport(
        "Postmaster@autre.example", "DELIVERY FAILURE: " + cause.mots, texte, adresse, cause, message_id
    )


def _texte(de: str, objet: str, corps: str, plus: str = "") -> str:
    return (
        f"Return-Path: <>\nFrom: {de}\nTo: {NOUS}\nSubject: {objet}\n{plus}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{corps}\n"
    )


def _exim(adresse: str, cause: Cause, message_id: str) -> str:
    corps = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could "
        "not be delivered to one or more of its\nrecipients. This is a permanent error. The following "
        f"address(es) failed:\n\n  {adresse}\n"
        f"    SMTP error from remote mail server after RCPT TO:<{adresse}>:\n"
        f"    {cause.smtp} {cause.statut} {cause.mots}\n\n"
        f"------ This is a copy of the message, including all the "
        f"headers. ------\n\n{_original(adresse, message_id)}\nBonjour"
    )
    objet = "Mail delivery failed: returning message to sender"
    de = "Mail Delivery System <Mailer-Daemon@autre.example>"
    return _texte(de, objet, corps, f"X-Failed-Recipients: {adresse}\nAuto-Submitted: auto-replied\n")


def _qmail(adresse: str, cause: Cause, message_id: str) -> str:
    corps = (
        "Hi. This is the qmail-send program at autre.example.\n"
        "I'm afraid I wasn't able to deliver your message "
        "to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{adresse}>:\nRemote host said: {cause.smtp} {cause.mots} (#{cause.statut})\n\n"
        f"--- Below this line is a copy of the message.\n\n{_original(adresse, message_id)}\nBonjour"
    )
    return _texte("MAILER-DAEMON@autre.example", "failure notice", corps)


def _filtre(adresse: str, cause: Cause, message_id: str) -> str:
    """A filter before the servers, that names the address in a header alone."""
    corps = (
        f"Your message was not delivered.\n\n{cause.smtp} {cause.statut} {cause.mots}\n\n"
        f"Message-ID: {message_id}"
    )
    plus = f"X-Failed-Recipients: {adresse}\n"
    return _texte("postmaster@filtre.example", "Undeliverable: Votre demande", corps, plus)


SYSTEMES = {
    "postfix": _postfix,
    "exchange": _exchange,
    "google": _google,
    "sendmail": _sendmail,
    "zimbra": _zimbra,
    "courier": _courier,
    "domino": _domino,
    "exim": _exim,
    "qmail": _qmail,
    "filtre": _filtre,
}
