"""The watched folder: what a scanner drops there is taken once it is whole, and put away once it is kept.

Files go to « pris » or « refusé » only after the commit: a worker killed half-way finds them again, and their
bytes say that they came before. A refused one has its reason beside it. What is put in its sub-folder
« recommandés » is registered mail, and is put away there.
"""

import logging
import os
import stat
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from demandes.courrier.arrivee import cle_de_tri, deposer
from demandes.courrier.sonnette import seul
from guichet.canaux.canal import Canal
from guichet.organisation.models import PointAccueil
from guichet.pieces.formats import extension_de
from guichet.socle.texte import plier

journal = logging.getLogger(__name__)

PRIS, REFUSE = "pris", "refusé"
RECOMMANDES = "recommandes"  # with or without its accent
EXTENSIONS = ("pdf", "jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "webp")
STABLE = 20  # seconds without a change before a file is whole
# A PDF ends with this mark; one that never gets it is taken in the end, and refused for what it is.
FIN_DE_PDF = b"%%EOF"
PATIENCE = 600
PAR_PASSAGE = 50


@dataclass(frozen=True)
class Trouve:
    """A file of the folder, as it was when it was looked at."""

    chemin: Path
    taille: int
    modifie: float


def relever() -> int:
    """Take what is whole in the watched folder, if there is one; return how many files were new."""
    if not settings.GUICHET_COURRIER_DOSSIER:
        return 0
    dossier = Path(settings.GUICHET_COURRIER_DOSSIER)
    with seul("dossier") as est_a_nous:
        if not est_a_nous or not dossier.is_dir():
            return 0
        nouveaux = _prendre(dossier)
        for dedans in sorted(dossier.iterdir()):
            if plier(dedans.name) == RECOMMANDES and stat.S_ISDIR(dedans.lstat().st_mode):
                nouveaux += _prendre(dedans, sont_recommandees=True)
        return nouveaux


def _trouver(dossier: Path) -> list[Trouve]:
    """Ordinary files, oldest first. Links, folders, files under way (« .x », « x.part ») are left alone."""
    trouves = []
    for chemin in dossier.iterdir():
        infos = chemin.lstat()
        est_un_scan = extension_de(chemin.name) in EXTENSIONS and not chemin.name.startswith((".", "~"))
        if est_un_scan and stat.S_ISREG(infos.st_mode):
            trouves.append(Trouve(chemin, infos.st_size, infos.st_mtime))
    return sorted(trouves, key=lambda t: (t.modifie, t.chemin.name))[:PAR_PASSAGE]


def _est_entier(trouve: Trouve) -> bool:
    age = time.time() - trouve.modifie
    if age < STABLE:
        return False
    if extension_de(trouve.chemin.name) != "pdf" or age > PATIENCE:
        return True
    with trouve.chemin.open("rb") as fichier:
        fichier.seek(max(0, trouve.taille - 2048))
        return FIN_DE_PDF in fichier.read()


def _prendre(dossier: Path, *, sont_recommandees: bool = False) -> int:
    trouves = [trouve for trouve in _trouver(dossier) if _est_entier(trouve)]
    point_accueil = PointAccueil.pour_canal(Canal.COURRIER)
    if point_accueil is None:
        if trouves:
            journal.error("No desk receives letters: the watched folder is not taken.")
        return 0
    a_garder, total = [], 0
    for trouve in trouves:
        if motif := _refus(trouve):
            _ranger(trouve.chemin, dossier / REFUSE, motif)
            continue
        total += trouve.taille
        if total > settings.GUICHET_COURRIER_TAILLE_MAX:
            break  # the next pass takes it
        if (contenu := _lire(trouve)) is not None:
            a_garder.append((trouve.chemin, contenu))
    if not a_garder:
        return 0
    bilan = deposer(
        sorted(((chemin.name, contenu) for chemin, contenu in a_garder), key=lambda f: cle_de_tri(f[0])),
        point_accueil=point_accueil,
        recu_le=min(timezone.localdate(), *(_jour(chemin) for chemin, _ in a_garder)),
        coupe=settings.GUICHET_COURRIER_COUPE,
        est_recto_verso=settings.GUICHET_COURRIER_RECTO_VERSO,
        sont_recommandees=sont_recommandees,
    )
    for chemin, _ in a_garder:
        _ranger(chemin, dossier / PRIS)
    return len(bilan.pris)


def _refus(trouve: Trouve) -> str:
    if trouve.taille == 0:
        return "Ce fichier est vide."
    if trouve.taille > settings.GUICHET_COURRIER_TAILLE_MAX:
        return f"Ce fichier est trop lourd : {settings.GUICHET_COURRIER_TAILLE_MAX // 1024**2} Mo au plus."
    return ""


def _jour(chemin: Path) -> date:
    return datetime.fromtimestamp(chemin.stat().st_mtime, tz=timezone.get_default_timezone()).date()


def _lire(trouve: Trouve) -> bytes | None:
    """Its bytes, unless it changed since it was looked at. A link put in its place is not followed."""
    try:
        descripteur = os.open(trouve.chemin, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(descripteur, "rb") as fichier:
        contenu = fichier.read(settings.GUICHET_COURRIER_TAILLE_MAX + 1)
        infos = os.fstat(fichier.fileno())
    est_le_meme = (infos.st_size, infos.st_mtime) == (trouve.taille, trouve.modifie)
    return contenu if est_le_meme and len(contenu) == trouve.taille else None


def _ranger(chemin: Path, dossier: Path, motif: str = "") -> None:
    """Move a file out of the way, never over another."""
    dossier.mkdir(exist_ok=True)
    cible, essai = dossier / chemin.name, 1
    while cible.exists():
        cible, essai = dossier / f"{chemin.stem}-{essai}{chemin.suffix}", essai + 1
    chemin.rename(cible)
    if motif:
        cible.with_name(f"{cible.name}.txt").write_text(f"{motif}\n", encoding="utf-8")
