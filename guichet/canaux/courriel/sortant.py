"""Outgoing: one MessageSortant to the bytes a mail server is given (RFC 5322)."""

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from django.utils import timezone

from guichet.canaux.message import MessageSortant
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide

_NOM_EN_TETE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
# Written here and nowhere else. Bcc and Resent-* would change who receives.
_RESERVES = re.compile(
    r"from|sender|to|cc|bcc|subject|date|message-id|return-path|mime-.*|content-.*|resent-.*"
    r"|auto-submitted|x-auto-response-suppress",
    re.IGNORECASE,
)
# Addresses that programs read (RFC 2369): folded, a long one would be encoded, and read by none of them.
_TELS_QUELS = re.compile(r"list-.*", re.IGNORECASE)
# So are the identifiers of other mails: one on each line.
_IDENTIFIANTS = re.compile(r"in-reply-to|references", re.IGNORECASE)
_SUR_UNE_LIGNE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class _Politique(EmailPolicy):
    """Python's own, and an address is written whole."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if _TELS_QUELS.fullmatch(name):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        if _IDENTIFIANTS.fullmatch(name) and value.isascii():
            return f"{name}: {f'{self.linesep} '.join(value.split())}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLITIQUE = _Politique(linesep=SMTP.linesep)


def verifier_en_tetes(en_tetes: Mapping[str, str]) -> None:
    """Raise ValueError for a header name that is malformed or that only this module may write."""
    for nom in en_tetes:
        if not _NOM_EN_TETE.fullmatch(nom) or _RESERVES.fullmatch(nom):
            raise ValueError(f"forbidden header: {nom!r}")


def composer(message: MessageSortant) -> bytes:
    """Return the message ready to send, CRLF line ends, pure ASCII.

    Every message says whether a person wrote it and asks the other side's robots to stay silent
    (RFC 3834, and Exchange's own header). Line breaks and NUL in any header become a space. Raises
    ValueError for an address or a header name that cannot be written.
    """
    verifier_en_tetes(message.en_tetes)
    courriel = EmailMessage(policy=_POLITIQUE)
    courriel["From"] = _adresse(message.expediteur)
    courriel["To"] = _adresse(message.destinataire)
    courriel["Subject"] = _sur_une_ligne(message.objet)
    courriel["Date"] = timezone.localtime(message.date)
    courriel["Message-ID"] = _sur_une_ligne(message.message_id)
    courriel["Auto-Submitted"] = "auto-generated" if message.est_automatique else "no"
    courriel["X-Auto-Response-Suppress"] = "All" if message.est_automatique else "OOF, AutoReply"
    for nom, valeur in message.en_tetes.items():
        courriel[nom] = _sur_une_ligne(valeur)
    courriel.set_content(message.texte, cte="quoted-printable")
    if message.html:
        courriel.add_alternative(message.html, subtype="html", cte="quoted-printable")
        *_, html = courriel.iter_parts()
        for identifiant, image in message.images.items():
            famille, _, genre = image.type_mime.partition("/")
            html.add_related(
                image.contenu,
                maintype=famille,
                subtype=genre,
                cid=f"<{identifiant}>",
                filename=_sur_une_ligne(image.nom),
                disposition="inline",
            )
    for piece in message.pieces:
        famille, _, genre = piece.type_mime.partition("/")
        courriel.add_attachment(
            piece.contenu, maintype=famille, subtype=genre, filename=_sur_une_ligne(piece.nom)
        )
    # « =_ » cannot occur in quoted-printable nor in base64, and the same row always gives the same bytes.
    for rang, partie in enumerate(courriel.walk()):
        if partie.is_multipart():
            partie.set_boundary(f"=_guichet_{rang}")
    return courriel.as_bytes()


def _sur_une_ligne(valeur: str) -> str:
    return _SUR_UNE_LIGNE.sub(" ", str(valeur)).strip()


def _adresse(valeur: str) -> Address:
    """Read « Nom <adresse> » or a bare address; the standard `parseaddr` guesses, and not all alike."""
    nom, _, adresse = _sur_une_ligne(valeur).rpartition("<")
    try:
        return Address(display_name=nom.strip(' "'), addr_spec=normaliser_courriel(adresse))
    except DonneeInvalide as cause:
        raise ValueError(f"not an address: {valeur!r}") from cause
