"""What a file really is. Its name and the type its sender announces are claims, not evidence."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guichet.pieces.erreurs import ErreurPiece

# Of a PDF, shown in place.
PAGES_MONTREES = 5
EN_CLAIR = gettext_noop(
    "JPEG, PNG, WebP, HEIC, PDF, texte, Word (docx), Excel (xlsx) ou OpenDocument (odt, ods)"
)


@dataclass(frozen=True)
class Format:
    """One accepted kind: its media type and the extensions its name may carry, the usual one first."""

    type_mime: str
    extensions: tuple[str, ...]

    @property
    def est_image(self) -> bool:
        return self.type_mime.startswith("image/")


JPEG = Format("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Format("image/png", ("png",))
WEBP = Format("image/webp", ("webp",))
HEIC = Format("image/heic", ("heic", "heif"))
PDF = Format("application/pdf", ("pdf",))
TEXTE = Format("text/plain", ("txt",))
ODT = Format("application/vnd.oasis.opendocument.text", ("odt",))
ODS = Format("application/vnd.oasis.opendocument.spreadsheet", ("ods",))
DOCX = Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
XLSX = Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))

IMAGES = (JPEG, PNG, WEBP, HEIC)
PAR_TYPE = {format.type_mime: format for format in (*IMAGES, PDF)} | {"image/apng": PNG}
EXTENSIONS = {e for f in (*IMAGES, PDF, TEXTE, ODT, ODS, DOCX, XLSX) for e in f.extensions}
OPENDOCUMENT = {ODT.type_mime.encode(): ODT, ODS.type_mime.encode(): ODS}
OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}

# A document of 10 MB has hundreds of parts at most; a bomb has a few that unfold without end.
PARTIES_AU_PLUS = 5_000
DEPLIE_AU_PLUS = 300 * 1024 * 1024


# Files that do something when they are opened, on the computers of a city hall.
ACTIFS = {
    *("ade", "adp", "app", "appref-ms", "bat", "chm", "cmd", "com", "cpl", "dll", "docm", "dotm"),
    *("exe", "gadget", "hta", "htm", "html", "inf", "ins", "iso", "jar", "js", "jse", "lnk"),
    *("mht", "mhtml", "msc", "msi", "msp", "mst", "pif", "pptm", "ps1", "psm1", "reg", "scf"),
    *("scr", "sct", "shb", "svg", "sys", "url", "vb", "vbe", "vbs", "vhd", "wsc", "wsf"),
    *("wsh", "xhtml", "xll", "xlsm", "xltm"),
}


def peut_agir(nom: str) -> bool:
    """Whether a file of this name could run something when opened."""
    return extension_de(nom) in ACTIFS


def extension_de(nom: str) -> str:
    return PurePosixPath(nom).suffix.lower().removeprefix(".")


def reconnaitre(contenu: bytes, nom: str) -> Format:
    """Return the format of a file, its content and its name agreeing. Raises ErreurPiece.

    Pictures may carry the name of another kind of picture (messaging applications do it): they are
    re-encoded and renamed anyway. Any other disagreement is refused.
    """
    trouve = _par_le_contenu(contenu)
    extension = extension_de(nom)
    if trouve is None or (extension and extension not in EXTENSIONS):
        raise ErreurPiece(
            _("Le fichier « {nom} » n'est pas accepté. Envoyez un fichier {formats}.").format(
                nom=nom, formats=_(EN_CLAIR)
            )
        )
    admises = {e for f in IMAGES for e in f.extensions} if trouve.est_image else set(trouve.extensions)
    if extension and extension not in admises:
        raise ErreurPiece(
            _(
                "Le fichier « {nom} » ne contient pas ce que son nom annonce. Enregistrez-le de nouveau "
                "au bon format, puis renvoyez-le."
            ).format(nom=nom)
        )
    return trouve


def _par_le_contenu(contenu: bytes) -> Format | None:
    devine = filetype.guess(contenu)
    type_mime = devine.mime if devine else ""
    if type_mime in PAR_TYPE:
        return PAR_TYPE[type_mime]
    if contenu.startswith(b"PK\x03\x04"):
        return _bureautique(contenu)
    # Whatever its first letters look like (« BM » opens a bitmap and « BMW » too), text is only text.
    return TEXTE if lire_texte(contenu) is not None else None


def lire_texte(contenu: bytes) -> str | None:
    """Decode a plain text in UTF-8 or Windows-1252; None when it is something else."""
    if any(octet < 32 and octet not in b"\t\n\r\f" for octet in set(contenu)):
        return None
    for codage in ("utf-8-sig", "cp1252"):
        try:
            return contenu.decode(codage)
        except UnicodeDecodeError:
            continue
    return None


def _bureautique(contenu: bytes) -> Format | None:
    """Look inside a zip for the documents we take; macros, encryption and bombs are refused by name."""
    try:
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            parties = archive.infolist()
            noms = {partie.filename for partie in parties}
            trouve = _type_du_document(archive, noms)
    except Exception as cause:  # an archive forged by hand may make zipfile raise anything
        raise ErreurPiece(_("Ce document est abîmé. Enregistrez-le de nouveau, puis renvoyez-le.")) from cause
    if len(parties) > PARTIES_AU_PLUS or sum(partie.file_size for partie in parties) > DEPLIE_AU_PLUS:
        raise ErreurPiece(_("Ce document est trop gros une fois ouvert. Envoyez-le en PDF."))
    if any(partie.flag_bits & 1 for partie in parties):
        raise ErreurPiece(_("Ce document est protégé par un mot de passe. Envoyez-le sans protection."))
    if trouve and any(_est_une_macro(nom) for nom in noms):
        raise ErreurPiece(_("Ce document contient des macros. Envoyez-le en PDF."))
    return trouve


def _type_du_document(archive: zipfile.ZipFile, noms: set[str]) -> Format | None:
    if "mimetype" in noms and "content.xml" in noms:
        with archive.open("mimetype") as partie:
            return OPENDOCUMENT.get(partie.read(100).strip())
    if "[Content_Types].xml" in noms:
        return next((format for nom, format in OFFICE.items() if nom in noms), None)
    return None


def _est_une_macro(nom: str) -> bool:
    return nom.lower().endswith("vbaproject.bin") or nom.startswith(("Basic/", "Scripts/"))
