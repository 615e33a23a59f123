"""`python -m benchmarks`: build the city, serve both, shoot in turns, print the table."""

import argparse
import json
import os
import signal
import subprocess
import sys
import uuid
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from typing import Any

from benchmarks.mesures import Mesure, en_texte, les_mesures, les_mesures_du_portail, liste_nue, tableau
from benchmarks.serveurs import base_neuve, courtier, executer, serveur_de_bases, servir
from guichet.socle.demarrage import RACINE, preparer_dossier

DEPOTS_PAR_TOUR = 800
CONNEXIONS = 4


class Campagne:
    """One run: two servers, one load process, one city that may grow."""

    def __init__(self, choix: argparse.Namespace, dossier: Path, pile: ExitStack) -> None:
        self.choix = choix
        self.dossier = dossier
        serveur = serveur_de_bases(dossier, pile)
        commun = os.environ | {
            "GUICHET_DONNEES": str(dossier),
            "CELERY_BROKER_URL": pile.enter_context(courtier(dossier / "courtier")),
        }
        base = pile.enter_context(base_neuve(serveur, "mesure", garder=choix.garder))
        self.guichet = commun | {"DATABASE_URL": base, "DJANGO_SETTINGS_MODULE": "benchmarks.reglages"}
        base_temoin = pile.enter_context(base_neuve(serveur, "temoin", garder=False))
        self.temoin = commun | {
            "DATABASE_URL": base_temoin,
            "DJANGO_SETTINGS_MODULE": "benchmarks.temoin.reglages",
        }
        if choix.garder:
            print(f"Base gardée : {base}")
        self.depart = 0

    def ville(self, quoi: str, demandes: int = 0, usagers: int = 0, *options: str) -> Any:
        sortie = self.dossier / "ville.json"
        arguments = [quoi, str(sortie), "--demandes", str(demandes), "--usagers", str(usagers), *options]
        executer("benchmarks.ville", *arguments, environnement=self.guichet, montre=True)
        return json.loads(sortie.read_text(encoding="utf-8"))

    def mesurer(self, long_fil: str, cookie: str) -> dict[str, Any]:
        """Serve both sides and shoot at each kind of request in turn, `tours` times."""
        cibles = self.ville("cibles", 0, 0, "--long-fil", long_fil)
        if self.choix.portail:
            mesures = [liste_nue(cookie)]
        else:
            depots = self.ville("brouillons", DEPOTS_PAR_TOUR * self.choix.tours)
            mesures = les_mesures(cibles, cookie, depots)
        mesures += les_mesures_du_portail(cibles["portail"])
        with ExitStack() as pile:
            ports = {
                "guichet": pile.enter_context(
                    servir("guichet.wsgi", self.guichet, self.dossier / "guichet.log")
                ),
                "temoin": pile.enter_context(
                    servir("benchmarks.temoin.wsgi", self.temoin, self.dossier / "temoin.log")
                ),
            }
            tireur = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.tireur"],
                cwd=RACINE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            try:
                for tour in range(self.choix.tours + 1):
                    print(
                        f"  tour {tour} sur {self.choix.tours}" if tour else "  tour de chauffe", flush=True
                    )
                    for mesure in mesures:
                        self.tirer(tireur, mesure, ports[mesure.cote], tour)
            finally:
                tireur.stdin.close()
                tireur.wait(timeout=60)
        lignes = tableau(mesures)
        print("\n" + en_texte(lignes) + "\n", flush=True)
        return {"tailles": cibles["tailles"] | cibles["portail"]["tailles"], "lignes": lignes}

    def tirer(self, tireur: subprocess.Popen, mesure: Mesure, port: int, tour: int) -> None:
        """Shoot once; the round 0 warms both sides up, and the first one counts statements too."""
        ordre = mesure.ordre | {
            "port": port,
            "connexions": CONNEXIONS,
            "depart": self.depart,
            "secondes": self.choix.secondes if tour else 0.5,
            "compter": tour == 1,
        }
        tireur.stdin.write(json.dumps(ordre) + "\n")
        tireur.stdin.flush()
        recu = json.loads(tireur.stdout.readline())
        self.depart += recu["tirees"] + 40
        if recu["erreurs"]:
            raise RuntimeError(f"{mesure.nom} : {recu['erreurs'][:3]}")
        if mesure.ordre.get("une_fois"):
            mesure.ordre["chemins"] = mesure.ordre["chemins"][recu["tirees"] :]
        if tour == 1:
            mesure.requetes = recu["requetes"]
        if tour:
            mesure.durees += recu["durees"]
            mesure.secondes += recu["secondes"]


def main() -> None:
    choix = lire_les_choix()
    # Stopped from outside, undo what was started all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    dossier = RACINE / "var" / f"mesures-{uuid.uuid4().hex[:8]}"
    preparer_dossier(dossier)
    with ExitStack() as pile:
        if not choix.garder:
            pile.callback(rmtree, dossier, ignore_errors=True)
        campagne = Campagne(choix, dossier, pile)
        tailles = [choix.demandes // 10, choix.demandes] if choix.croissance else [choix.demandes]
        resultats, deja, long_fil = [], 0, ""
        print(f"Django nu : {choix.demandes} tickets", flush=True)
        cookie = executer(
            "benchmarks.temoin.ville",
            str(choix.demandes),
            str(choix.usagers),
            environnement=campagne.temoin,
        ).strip()
        for taille in tailles:
            usagers = choix.usagers * (taille - deja) // choix.demandes
            print(f"Guichet : {taille} demandes", flush=True)
            if deja:
                campagne.ville("completer", taille - deja, usagers, "--long-fil", long_fil)
            else:
                long_fil = campagne.ville("construire", taille, usagers, "--pages", str(choix.pages))
            deja = taille
            resultats.append(campagne.mesurer(long_fil, cookie))
        choix.json.parent.mkdir(parents=True, exist_ok=True)
        choix.json.write_text(json.dumps(resultats, ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"Chiffres : {choix.json}")


def lire_les_choix() -> argparse.Namespace:
    lecteur = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    lecteur.add_argument("--demandes", type=int, default=400_000)
    lecteur.add_argument("--usagers", type=int, default=45_000)
    lecteur.add_argument("--pages", type=int, default=2_000, help="of the portal")
    lecteur.add_argument("--portail", action="store_true", help="ask the portal's pages alone")
    lecteur.add_argument("--tours", type=int, default=3, help="rounds, bare and Guichet in turn")
    lecteur.add_argument("--secondes", type=float, default=3.0, help="of each kind of request in a round")
    lecteur.add_argument("--croissance", action="store_true", help="measure at a tenth first, then whole")
    lecteur.add_argument("--garder", action="store_true", help="keep Guichet's database and say where it is")
    lecteur.add_argument("--json", type=Path, default=RACINE / "var" / "mesures.json")
    return lecteur.parse_args()


if __name__ == "__main__":
    main()
