"""Another city, in a process and a database of its own: `python -m tests.courriels.instance`.

Each line on its input is `recevoir <file>` or `ecrire <address>`; the answer is the mails that left.
"""

import json
import sys
from pathlib import Path

import django


def recevoir(fichier: str) -> None:
    """Do what a mail server, the worker and the outbox do with one mail."""
    from demandes import courriels, reception  # noqa: PLC0415 - after django.setup()

    reception.traiter(courriels.recevoir(Path(fichier).read_bytes()).pk)


def ecrire(adresse: str) -> None:
    """An agent of this city writes to somebody."""
    from demandes import actions  # noqa: PLC0415
    from demandes.droits import Auteur  # noqa: PLC0415
    from demandes.models import Demande  # noqa: PLC0415
    from guichet.organisation.models import Compte  # noqa: PLC0415
    from tests.canaux.courriel.lettres import courriel  # noqa: PLC0415

    brut = courriel(From=f"Voisine <{adresse}>", Message_ID="<depart@voisine.example>")
    from demandes import courriels, reception  # noqa: PLC0415

    demande = reception.traiter(courriels.recevoir(brut, sans_accuse=True).pk)
    assert isinstance(demande, Demande)
    agent = Compte.objects.get(nom_affiche="Salimata Ouédraogo")
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(agent), texte="Bonjour, qui êtes-vous ?")


def main() -> None:
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from guichet.envois import livraison  # noqa: PLC0415

    vus: set[Path] = set()
    print("pret", flush=True)
    for ligne in sys.stdin:
        ordre, _, quoi = ligne.strip().partition(" ")
        {"recevoir": recevoir, "ecrire": ecrire}[ordre](quoi)
        livraison.balayer()
        partis = sorted(set(settings.GUICHET_COURRIEL_DOSSIER.glob("*.eml")) - vus)
        vus.update(partis)
        print(json.dumps([str(parti) for parti in partis]), flush=True)


if __name__ == "__main__":
    main()
