"""A real IMAP server of a test's own: Dovecot on a free loopback port, its mails in a folder of its own."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient

PROGRAMME = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
ABSENT = "Dovecot n'est pas installé (paquet dovecot-imapd) : les boîtes de courriel ne sont pas essayées."
MOT_DE_PASSE = "mot-de-passe-de-test"  # known by everybody: the server lives for a test
DEMARRAGE = 30

REGLAGES = """
base_dir = {racine}/run
state_dir = {racine}/etat
log_path = {racine}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{racine}/certificat.pem
ssl_key = <{racine}/cle.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:{racine}/boites/%u
mail_max_userip_connections = 50
mailbox_list_index = no
{comptes}
passdb {{
  driver = static
  args = password={mot_de_passe}
}}
userdb {{
  driver = static
  args = uid={utilisateur} gid={groupe} home={racine}/maisons/%u allow_all_users=yes
}}
service imap-login {{
  {sans_racine}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {port_tls}
    ssl = yes
  }}
}}
service anvil {{
  {sans_racine}
}}
service stats {{
  {sans_racine}
}}
"""


@dataclass
class Dovecot:
    """Where it listens; `deposer` is what a mail server does, `boite` what a person sees."""

    port: int
    port_tls: int
    racine: Path

    @property
    def certificat(self) -> Path:
        """What proves who it is, for « 127.0.0.1 » and for nobody else."""
        return self.racine / "certificat.pem"

    def deposer(self, brut: bytes, boite: str, *, arrive_le: datetime | None = None) -> None:
        """Put one mail in a mailbox, as its own server would."""
        with self.ouvrir(boite) as client:
            client.append("INBOX", brut, msg_time=arrive_le)

    def deposer_plusieurs(self, bruts: list[bytes], boite: str) -> None:
        """Many at once."""
        with self.ouvrir(boite) as client:
            for brut in bruts:
                client.append("INBOX", brut)

    @contextmanager
    def ouvrir(self, boite: str) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        try:
            client.login(boite, MOT_DE_PASSE)
            yield client
        finally:
            client.logout()

    def contenu(self, boite: str, dossier: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """The UIDs of a folder with their flags."""
        with self.ouvrir(boite) as client:
            client.select_folder(dossier, readonly=True)
            return client.get_flags(client.search("ALL"))


@contextmanager
def demarrer() -> Iterator[Dovecot]:
    """Run Dovecot in the foreground as the current user; as root, its mails belong to « nobody »."""
    assert PROGRAMME is not None, ABSENT
    racine = Path(tempfile.mkdtemp(prefix="dovecot-"))
    racine.chmod(0o755)
    est_root = os.geteuid() == 0
    compte = pwd.getpwnam("nobody" if est_root else getpass.getuser())
    for nom in ("run", "etat", "boites", "maisons"):
        (racine / nom).mkdir(mode=0o755)
        if est_root and nom in ("boites", "maisons"):
            os.chown(racine / nom, compte.pw_uid, compte.pw_gid)
    certifier(racine)
    with socket.create_server(("127.0.0.1", 0)) as prise, socket.create_server(("127.0.0.1", 0)) as autre:
        port, port_tls = prise.getsockname()[1], autre.getsockname()[1]
    moi = getpass.getuser()
    reglages = racine / "dovecot.conf"
    reglages.write_text(
        REGLAGES.format(
            racine=racine,
            port=port,
            port_tls=port_tls,
            mot_de_passe=MOT_DE_PASSE,
            utilisateur=compte.pw_uid,
            groupe=compte.pw_gid,
            comptes="" if est_root else f"default_internal_user = {moi}\ndefault_login_user = {moi}",
            sans_racine="" if est_root else "chroot =",
        )
    )
    with (racine / "erreurs").open("wb") as erreurs:
        serveur = subprocess.Popen(
            [PROGRAMME, "-F", "-c", str(reglages)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=erreurs,
        )
    try:
        limite = time.monotonic() + DEMARRAGE
        while not _ecoute(port):
            if serveur.poll() is not None or time.monotonic() > limite:
                raise RuntimeError(f"Dovecot does not start: {_journal(racine)}")
            time.sleep(0.05)
        yield Dovecot(port, port_tls, racine)
    finally:
        serveur.terminate()
        serveur.wait(timeout=20)
        shutil.rmtree(racine, ignore_errors=True)


def certifier(racine: Path) -> None:
    """A certificate of its own, that nobody trusts until told to."""
    ordre = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    fichiers = ["-keyout", str(racine / "cle.pem"), "-out", str(racine / "certificat.pem")]
    subprocess.run(["openssl", *ordre.split(), *fichiers], check=True, capture_output=True)


def _ecoute(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as prise:
            return prise.recv(4) == b"* OK"
    except OSError:
        return False


def _journal(racine: Path) -> str:
    return "".join(
        f.read_text(errors="replace") for f in (racine / "erreurs", racine / "dovecot.log") if f.exists()
    )
