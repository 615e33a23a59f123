"""`make install`: set up `.venv` from the hashed lock, or leave at once when it is up to date.

Run by the system's Python as a plain file. Standard library only, and nothing newer than Python 3.6 before
the version is known: an old Python must be able to read it to say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

MINIMUM = (3, 11)
AUTRES_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
RACINE = Path(__file__).resolve().parent.parent.parent
VENV = RACINE / ".venv"
BIBLIOTHEQUES = RACINE / "requirements" / "dev.txt"
TEMOIN = VENV / "installation.sha256"


def passer_a_un_autre_python():
    """Run this file again with a recent enough Python of the PATH, or say that there is none."""
    test = f"import sys; sys.exit(sys.version_info < {MINIMUM!r})"
    for nom in AUTRES_PYTHONS:
        chemin = shutil.which(nom)
        # A name on the PATH may be a shim for a version that is not there.
        if chemin and subprocess.call([chemin, "-c", test], stderr=subprocess.DEVNULL) == 0:  # noqa: S603
            os.execv(chemin, [chemin, "-I", __file__])  # noqa: S606
    version = ".".join(str(nombre) for nombre in sys.version_info[:3])
    sys.exit(f"Guichet a besoin de Python 3.11 ou plus récent ; celui-ci est en version {version}.")


def empreinte():
    """Return the digest of all that the environment depends on: the lock, the Python, its own place."""
    resume = hashlib.sha256(BIBLIOTHEQUES.read_bytes())
    resume.update(f"{sys.version_info[:2]} {VENV}".encode())
    return resume.hexdigest()


def est_a_jour():
    return (VENV / "bin" / "python").exists() and TEMOIN.exists() and TEMOIN.read_text() == empreinte()


def executer(*commande):
    try:
        resultat = subprocess.run(commande, cwd=str(RACINE), check=False)  # noqa: S603
    except KeyboardInterrupt:
        sys.exit("Installation interrompue ; relancez-la quand vous voulez.")
    if resultat.returncode:
        sys.exit("L'installation a échoué ; la cause est écrite ci-dessus.")


def installer():
    python = str(VENV / "bin" / "python")
    uv = shutil.which("uv")
    if not uv and not (find_spec("venv") and find_spec("ensurepip")):
        sys.exit(
            "Le module venv de Python manque : installez-le "
            "(sous Debian et Ubuntu, « apt install python3-venv »), ou installez uv."
        )
    print("Environnement Python : création de .venv", flush=True)
    if uv:
        executer(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
    else:
        executer(sys.executable, "-m", "venv", "--clear", str(VENV))
    print("Bibliothèques : installation, une à trois minutes la première fois", flush=True)
    if uv:
        options = ["--quiet", "--require-hashes", "--python", python, "--requirement"]
        executer(uv, "pip", "install", *options, str(BIBLIOTHEQUES))
    else:
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement"]
        executer(python, "-m", "pip", "install", *options, str(BIBLIOTHEQUES))
    TEMOIN.write_text(empreinte())


if __name__ == "__main__":
    if sys.version_info < MINIMUM:
        passer_a_un_autre_python()
    if not est_a_jour():
        installer()
