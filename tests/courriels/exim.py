"""Debian's own mail server, for the story of a mail: Exim on a loopback port, all that it has in a folder.

It delivers the city's addresses into Dovecot's mailboxes, and keeps the mail of the others, like `facteur`.
"""

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
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.courriels.dovecot import Dovecot

PROGRAMME = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ABSENT = (
    "Exim n'est pas installé (paquet exim4-daemon-light), ou root manque : son histoire n'est pas essayée."
)
DEMARRAGE = 30
SANS_PERSONNE = "courriel-ferme.example"  # nobody has an address there

REGLAGES = """
primary_hostname = ville.example
spool_directory = {racine}/file
log_file_path = {racine}/journal/%slog
pid_file_path = {racine}/journal/pid
exim_user = nobody
exim_group = nogroup
deliver_drop_privilege
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = recu
begin acl
recu:
  accept hosts = 127.0.0.1
begin routers
ferme:
  driver = redirect
  domains = {sans_personne}
  data = :fail: Unknown user
  allow_fail
ville:
  driver = accept
  local_part_suffix = +*
  local_part_suffix_optional
  condition = ${{lookup{{$local_part@$domain}}lsearch{{{racine}/boites}}{{yes}}{{no}}}}
  transport = boite
dehors:
  driver = accept
  transport = dehors
begin transports
boite:
  driver = appendfile
  directory = {dovecot}/boites/${{lookup{{$local_part@$domain}}lsearch{{{racine}/boites}}}}
  maildir_format
  return_path_add
  headers_add = Delivered-To: $local_part$local_part_suffix@$domain
dehors:
  driver = appendfile
  directory = {racine}/dehors
  maildir_format
  return_path_add
  envelope_to_add
begin retry
* * F,1h,1s
"""


@dataclass
class Exim:
    """Where it listens, and what left the city."""

    port: int
    racine: Path

    def remis(self) -> list[EmailMessage]:
        """What left the city, oldest first."""
        fichiers = sorted(self.racine.glob("dehors/new/*"), key=lambda fichier: fichier.stat().st_mtime_ns)
        return [message_from_bytes(fichier.read_bytes(), policy=default) for fichier in fichiers]

    def pour(self, adresse: str) -> list[EmailMessage]:
        """What somebody got, oldest first."""
        return [courriel for courriel in self.remis() if courriel["Envelope-To"] == adresse]


def est_possible() -> bool:
    """Exim reads a configuration of ours from root only."""
    return PROGRAMME is not None and os.geteuid() == 0


@contextmanager
def ouvrir(dovecot: Dovecot, boites: dict[str, str]) -> Iterator[Exim]:
    """`boites`: which mailbox of Dovecot holds the mails of an address, its « +… » left out."""
    assert PROGRAMME is not None, ABSENT
    racine = Path(tempfile.mkdtemp(prefix="exim-"))
    racine.chmod(0o755)
    personne = pwd.getpwnam("nobody")
    for nom in ("file", "journal", "dehors"):
        (racine / nom).mkdir()
        os.chown(racine / nom, personne.pw_uid, personne.pw_gid)
    (racine / "boites").write_text("".join(f"{adresse}: {boite}\n" for adresse, boite in boites.items()))
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port = prise.getsockname()[1]
    reglages = racine / "exim.conf"
    reglages.write_text(
        REGLAGES.format(racine=racine, port=port, dovecot=dovecot.racine, sans_personne=SANS_PERSONNE)
    )
    with (racine / "erreurs").open("wb") as erreurs:
        serveur = subprocess.Popen(
            [PROGRAMME, "-C", str(reglages), "-bdf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=erreurs,
        )
    try:
        limite = time.monotonic() + DEMARRAGE
        while not ecoute(port):
            if serveur.poll() is not None or time.monotonic() > limite:
                raise RuntimeError(f"Exim does not start: {(racine / 'erreurs').read_text()}")
            time.sleep(0.05)
        yield Exim(port, racine)
    finally:
        serveur.terminate()
        serveur.wait(timeout=20)
        shutil.rmtree(racine, ignore_errors=True)


def ecoute(port: int) -> bool:
    """Whether a mail server greets there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as prise:
            return prise.recv(3) == b"220"
    except OSError:
        return False
