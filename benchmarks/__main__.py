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
        self.bases = choix.reprendre or {
            nom: pile.enter_context(base_neuve(serveur, nom, garder=choix.garder))
            for nom in ("mesure", "temoin")
        }
        self.guichet = commun | {
            "DATABASE_URL": self.bases["mesure"],
            "DJANGO_SETTINGS_MODULE": "benchmarks.reglages",
        }
        self.temoin = commun | {
            "DATABASE_URL": self.bases["temoin"],
            "DJANGO_SETTINGS_MODULE": "benchmarks.temoin.reglages",
        }
        self.depart = 0

    def ville(self, quoi: str, demandes: int = 0, usagers: int = 0, *options: str) -> Any:
        sortie = self.dossier / "ville.json"
        arguments = [quoi, str(sortie), "--demandes", str(demandes), "--usagers", str(usagers), *options]
        executer("benchmarks.ville", *arguments, environnement=self.guichet, montre=True)
        return json.loads(sortie.read_text(encoding="utf-8"))

    def construire(self) -> dict[str, str]:
        """Both sides; a tenth of Guichet's when it is to grow. Return what measuring them takes."""
        demandes, usagers = self.choix.demandes, self.choix.usagers
        print(f"Django nu : {demandes} tickets", flush=True)
        arguments = (str(demandes), str(usagers))
        cookie = executer("benchmarks.temoin.ville", *arguments, environnement=self.temoin).strip()
        if self.choix.croissance:
            demandes, usagers = demandes // 10, usagers // 10
        print(f"Guichet : {demandes} demandes", flush=True)
        long_fil = self.ville("construire", demandes, usagers, "--pages", str(self.choix.pages))
        return {**self.bases, "long_fil": long_fil, "cookie": cookie}

    def grandir(self, long_fil: str) -> None:
        """From a tenth of the city to the whole of it."""
        demandes, usagers = self.choix.demandes, self.choix.usagers
        print(f"Guichet : {demandes} demandes", flush=True)
        self.ville("completer", demandes - demandes // 10, usagers - usagers // 10, "--long-fil", long_fil)

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
        garde = choix.reprendre or campagne.construire()
        resultats = [campagne.mesurer(garde["long_fil"], garde["cookie"])]
        if choix.croissance:
            campagne.grandir(garde["long_fil"])
            resultats.append(campagne.mesurer(garde["long_fil"], garde["cookie"]))
        choix.json.parent.mkdir(parents=True, exist_ok=True)
        if choix.garder:
            choix.garde.write_text(json.dumps(garde), encoding="utf-8")
            print(f"Bases gardées, à mesurer encore par --reprendre : {choix.garde}")
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
    lecteur.add_argument("--garder", action="store_true", help="keep both databases")
    ou = lecteur.add_mutually_exclusive_group()
    ou.add_argument("--croissance", action="store_true", help="measure at a tenth first, then whole")
    ou.add_argument("--reprendre", action="store_true", help="measure the databases kept the last time")
    lecteur.add_argument("--json", type=Path, default=RACINE / "var" / "mesures.json")
    choix = lecteur.parse_args()
    choix.garde = choix.json.with_name("bases-gardees.json")
    choix.reprendre = json.loads(choix.garde.read_text(encoding="utf-8")) if choix.reprendre else None
    return choix


if __name__ == "__main__":
    main()
