"""The one way in for files: limited, recognised, cleaned, hashed, kept; and the one way out for good."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from guichet.organisation.models import Compte
from guichet.pieces.antivirus import soupcon
from guichet.pieces.apercus import fichiers_des_pages
from guichet.pieces.erreurs import ErreurPiece
from guichet.pieces.formats import TEXTE, Format, extension_de, lire_texte, peut_agir, reconnaitre
from guichet.pieces.images import ImagePropre, refaire
from guichet.pieces.models import Piece
from guichet.pieces.vignettes import Vignettes
from guichet.socle.texte import nettoyer

LONGUEUR_NOM = 150


def deposer(
    fichier: File,
    *,
    proprietaire_genre: str = "",
    proprietaire_id: int | None = None,
    depose_par: Compte | None = None,
) -> Piece:
    """Check and keep a file. Raises ErreurPiece, and then nothing is kept.

    The returned piece carries `position_gps` when a picture told where it was taken: it is nowhere
    else. `sha256` and `taille` are those of what is kept, which for a picture is not what was sent.
    """
    nom = nom_propre(fichier.name or "")
    contenu = _lire(fichier, nom)
    motif = soupcon(contenu)
    format = reconnaitre(contenu, nom)
    image = refaire(contenu, format) if format.est_image else None
    contenu, format = _a_garder(contenu, format, image)
    piece = Piece(
        nom_original=_avec_extension(nom, format),
        type_mime=format.type_mime,
        taille=len(contenu),
        sha256=hashlib.sha256(contenu).hexdigest(),
        etat=Piece.Etat.QUARANTAINE if motif else Piece.Etat.SAINE,
        motif=motif,
        proprietaire_genre=proprietaire_genre,
        proprietaire_id=proprietaire_id,
        depose_par=depose_par,
    )
    piece.position_gps = image.position_gps if image else None
    _garder(piece, contenu, image.vignette if image else None)
    return piece


def garder_tel_quel(nom: str, contenu: bytes, vignettes: Vignettes | None = None) -> Piece:
    """Keep a file that somebody sent and cannot send again: byte for byte, whatever it is.

    What we do not recognise is only bytes to download; what could run on an agent's computer waits in
    quarantine. A picture is shown by a thumbnail of our own making when `vignettes` draws it; it is shared by
    the files of one message, that all of them together cost no more than it allows.
    """
    propre = nom_propre(nom)
    motif = soupcon(contenu) or ("Ce genre de fichier peut être dangereux." if peut_agir(propre) else "")
    format, vignette = None, None
    with suppress(ErreurPiece):
        format = reconnaitre(contenu, propre)
        if vignettes and format.est_image:
            vignette = vignettes.dessiner(contenu, format)
    piece = Piece(
        nom_original=propre,
        type_mime=format.type_mime if format else "application/octet-stream",
        taille=len(contenu),
        sha256=hashlib.sha256(contenu).hexdigest(),
        etat=Piece.Etat.QUARANTAINE if motif else Piece.Etat.SAINE,
        motif=motif,
    )
    _garder(piece, contenu, vignette)
    return piece


def oublier(pieces: Iterable[Piece]) -> None:
    """Delete at once the files of pieces whose rows a failed transaction took back."""
    for piece in pieces:
        _effacer_fichiers(_fichiers_de(piece))


def copier(piece: Piece) -> Piece:
    """The same file once more, owned by nobody yet: erasing one of the two leaves the other its own."""
    copie = Piece(
        nom_original=piece.nom_original,
        type_mime=piece.type_mime,
        taille=piece.taille,
        sha256=piece.sha256,
        etat=piece.etat,
        motif=piece.motif,
        depose_par=piece.depose_par,
    )
    _garder(copie, _relire(piece.fichier), _relire(piece.vignette) if piece.vignette else None)
    return copie


def _relire(fichier: FieldFile) -> bytes:
    try:
        with fichier.open("rb") as ouvert:
            return ouvert.read()
    except FileNotFoundError as cause:
        raise ErreurPiece(_("Un document choisi est introuvable. Décochez-le, puis recommencez.")) from cause


def effacer(pieces: Iterable[Piece]) -> None:
    """Delete pieces, rows at once and files when the transaction is done: it cannot be undone."""
    for piece in pieces:
        fichiers = _fichiers_de(piece)
        piece.delete()
        transaction.on_commit(partial(_effacer_fichiers, fichiers))


def nom_propre(nom: str) -> str:
    """Return a file name without folder, control or bidi characters, short enough, its extension kept."""
    seul = " ".join(nettoyer(nom.replace("\\", "/").rpartition("/")[2]).split()).strip(".")
    extension = PurePosixPath(seul).suffix[:10]
    return seul[: LONGUEUR_NOM - 10 - len(extension)].removesuffix(extension) + extension or "document"


def _lire(fichier: File, nom: str) -> bytes:
    maximum = settings.GUICHET_PIECES_TAILLE_MAX
    if (fichier.size or 0) <= maximum:
        fichier.seek(0)
        contenu = fichier.read(maximum + 1)
        if not contenu:
            raise ErreurPiece(_("Le fichier « {nom} » est vide.").format(nom=nom))
        if len(contenu) <= maximum:
            return contenu
    raise ErreurPiece(
        _("Le fichier « {nom} » est trop lourd : {taille} Mo au plus.").format(
            nom=nom, taille=maximum // 1024**2
        )
    )


def _a_garder(contenu: bytes, format: Format, image: ImagePropre | None) -> tuple[bytes, Format]:
    if image is not None:
        return image.contenu, image.format
    if format is TEXTE:
        return (lire_texte(contenu) or "").encode(), format
    return contenu, format


def _avec_extension(nom: str, format: Format) -> str:
    """The name people will download: its extension is that of what is kept (HEIC became JPEG)."""
    if extension_de(nom) in format.extensions:
        return nom
    return f"{PurePosixPath(nom).stem}.{format.extensions[0]}"


def _garder(piece: Piece, contenu: bytes, vignette: bytes | None) -> None:
    try:
        piece.fichier.save("", ContentFile(contenu), save=False)
        if vignette is not None:
            piece.vignette.save("", ContentFile(vignette), save=False)
        with transaction.atomic():
            piece.save(force_insert=True)
    except Exception:
        # No row knows these files: they must not stay behind.
        _effacer_fichiers(_fichiers_de(piece))
        raise


def _fichiers_de(piece: Piece) -> list[str]:
    siens = [fichier.name for fichier in (piece.fichier, piece.vignette) if fichier.name]
    return siens + (fichiers_des_pages(piece) if piece.pages else [])


def _effacer_fichiers(noms: list[str]) -> None:
    stockage = Piece._meta.get_field("fichier").storage
    for nom in noms:
        stockage.delete(nom)
