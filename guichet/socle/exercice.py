"""`make restaurer`: back the city up, restore it beside, compare, check the journal, leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from guichet.socle import base_embarquee
from guichet.socle.demarrage import RACINE, DemarrageImpossible, dossier_de_donnees


def manage(environnement: dict[str, str], *arguments: str) -> str:
    """Run a command, show what it says, and stop the drill when it fails."""
    resultat = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=RACINE,
        env=environnement,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(resultat.stdout, end="", flush=True)
    if resultat.returncode:
        raise SystemExit(f"L'exercice a échoué à l'étape « {arguments[0]} ».")
    return resultat.stdout.strip()


def base_neuve(url: str, pile: ExitStack) -> str:
    """A database of its own on the same server, dropped at the end."""
    nom = f"guichet_exercice_{uuid.uuid4().hex[:8]}"
    pile.callback(ordonner, url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", nom)
    ordonner(url, "CREATE DATABASE {} TEMPLATE template0", nom)
    return urlunsplit(urlsplit(url)._replace(path=f"/{nom}"))


def ordonner(url: str, ordre: str, nom: str) -> None:
    with psycopg.connect(url, autocommit=True) as connexion:
        connexion.execute(sql.SQL(ordre).format(sql.Identifier(nom)))


def est_vide(url: str) -> bool:
    with psycopg.connect(url) as connexion:
        trouve = connexion.execute("SELECT to_regclass('public.demandes_demande')").fetchone()
    return trouve is None or trouve[0] is None


def main() -> int:
    environnement = dict(os.environ)
    environnement.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.dev")
    with ExitStack() as pile:
        if not environnement.get("DATABASE_URL"):
            try:
                base = base_embarquee.demarrer(dossier_de_donnees(environnement) / "postgresql")
            except DemarrageImpossible as erreur:
                print(f"L'exercice ne peut pas commencer : {erreur}", file=sys.stderr)
                return 1
            pile.callback(base.arreter)
            environnement["DATABASE_URL"] = base.url
            if est_vide(base.url):  # a fresh clone: a city to save is made first
                manage(environnement, "preparer")
        dossier = Path(pile.enter_context(tempfile.TemporaryDirectory(prefix="guichet-exercice-")))
        sauvegarde = manage(environnement, "sauvegarder", str(dossier / "sauvegardes"))
        a_cote = environnement | {
            "DATABASE_URL": base_neuve(environnement["DATABASE_URL"], pile),
            "GUICHET_DONNEES": str(dossier / "donnees"),
        }
        manage(a_cote, "restaurer", sauvegarde)
        manage(a_cote, "verifier_journal")
    print("L'exercice est réussi : la sauvegarde se restaure entière.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
