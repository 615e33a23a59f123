"""What every start needs before Django exists: a data folder, locks, a folder for sockets, one error."""

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent.parent
# Nothing embedded is started under these settings.
PRODUCTION = "guichet.settings.prod"
# The kernel keeps 108 bytes for a socket's address; some clients add a few of their own.
LONGUEUR_DE_PRISE = 100


class DemarrageImpossible(Exception):
    """Guichet cannot start; the message is one French sentence that says what to do."""


def dossier_de_donnees(environnement: Mapping[str, str]) -> Path:
    """Return the data folder that the settings will use, whether it exists or not."""
    return Path(environnement.get("GUICHET_DONNEES") or RACINE / "var").resolve()


def preparer_dossier(dossier: Path) -> None:
    """Create a folder we can write in, or say why it cannot be one."""
    try:
        dossier.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DemarrageImpossible(
            f"{dossier} n'est pas un dossier : indiquez un autre dossier de données par GUICHET_DONNEES."
        ) from None
    except OSError as erreur:
        raise DemarrageImpossible(
            f"le dossier {dossier} ne peut pas être créé ({erreur.strerror}) : "
            "indiquez un autre dossier de données par GUICHET_DONNEES."
        ) from None
    if not os.access(dossier, os.W_OK | os.X_OK):
        raise DemarrageImpossible(
            f"le dossier {dossier} n'est pas accessible en écriture : "
            "donnez-vous ce droit ou indiquez un autre dossier de données par GUICHET_DONNEES."
        )


@contextmanager
def verrou(fichier: Path, *, partage: bool = False, attendre: bool = True) -> Generator[None]:
    """Hold a lock that the kernel releases if we die; raise `BlockingIOError` when taken and not waiting."""
    mode = (fcntl.LOCK_SH if partage else fcntl.LOCK_EX) | (0 if attendre else fcntl.LOCK_NB)
    try:
        ouvert = fichier.open("a")
    except PermissionError:
        raise DemarrageImpossible(
            f"le fichier {fichier} appartient à un autre compte : "
            "relancez avec ce compte ou indiquez un autre dossier de données par GUICHET_DONNEES."
        ) from None
    with ouvert:
        fcntl.flock(ouvert, mode)
        yield


def dossier_de_prise(dossier: Path, prise: str, uid: int) -> Path:
    """Return a folder, closed to other accounts, where a socket named `prise` fits: `dossier` if it can be.

    Deep folders exceed what a socket's address may hold, and libpq reads a comma as a list of servers; then a
    private folder stands in for it under the system's temporary folder, where somebody else may have made one
    first: its owner and mode are checked.
    """
    if len(os.fsencode(dossier / prise)) <= LONGUEUR_DE_PRISE and "," not in str(dossier):
        return dossier
    empreinte = hashlib.sha256(os.fsencode(dossier)).hexdigest()[:12]
    court = Path(tempfile.gettempdir()) / f"guichet-{uid}-{empreinte}"
    try:
        court.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(court, uid, -1)
    infos = court.lstat()
    if not stat.S_ISDIR(infos.st_mode) or infos.st_uid != uid or stat.S_IMODE(infos.st_mode) & 0o077:
        raise DemarrageImpossible(
            f"{court} n'est pas un dossier privé de ce compte : supprimez-le, "
            "ou choisissez par GUICHET_DONNEES un dossier de données au chemin plus court."
        )
    return court
