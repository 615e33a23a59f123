"""A process that reads, files or sends, and is killed after one step: `python -m tests.courriels.mourir`.

Each line on its input names a step; each line on its output says how the child that took it ended. One start
of Django serves many deaths: this process has no thread, and every child has its own connections.
"""

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from typing import Any

import django

NON_ANNONCE = "accuse valide, non annonce"


def mourir_apres(objet: Any, nom: str) -> None:
    """The next call of this function is the last thing its process does."""
    vraie = getattr(objet, nom)

    def derniere(*args: Any, **options: Any) -> Any:
        vraie(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(objet, nom, derniere)


def mourir_au_lieu_de(objet: Any, nom: str) -> None:
    """The next call of this function is not even begun."""
    setattr(objet, nom, lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL))


def relever() -> None:
    from demandes.releve.boucle import relever_une_fois  # noqa: PLC0415 - after django.setup()

    relever_une_fois()


def traiter() -> None:
    from demandes import reception  # noqa: PLC0415

    reception.balayer()


def envoyer() -> None:
    from guichet.envois import livraison  # noqa: PLC0415

    livraison.balayer()


def enregistrer() -> None:
    """Somebody types the call of the last person of the city, who is acknowledged by mail."""
    from demandes import actions  # noqa: PLC0415
    from demandes.actions import Depot  # noqa: PLC0415
    from demandes.droits import SYSTEME  # noqa: PLC0415
    from demandes.models import TypeDemande  # noqa: PLC0415
    from guichet.canaux.canal import Canal  # noqa: PLC0415
    from usagers.models import Usager  # noqa: PLC0415

    depot = Depot(
        canal=Canal.TELEPHONE,
        texte="Il y a un trou devant l'école.",
        objet="Trou devant l'école",
        type=TypeDemande.objects.get(code="VOI-TROU"),
        usager=Usager.objects.latest("pk"),
        reponses={"nature": "trou"},
        adresse="12 rue des Tisserands",
    )
    actions.enregistrer(depot, auteur=SYSTEME)


def etapes() -> dict[str, tuple[Callable[[], None], Any, str]]:
    """name: (what is done, whose function is the last, its name). In the order of a mail's way.

    « non annonce » is the one whose function is not called: killed between the commit and the doorbell.
    """
    from demandes import actions, courriels, reception  # noqa: PLC0415
    from demandes.models import Reception  # noqa: PLC0415
    from demandes.releve import boite, session  # noqa: PLC0415
    from guichet.envois import livraison  # noqa: PLC0415
    from guichet.envois.sonnette import sonnette  # noqa: PLC0415

    return {
        "pris": (relever, session.Session, "prendre"),
        "ecrit, non valide": (relever, courriels, "recevoir"),
        "garde": (relever, boite, "ranger"),
        "marque": (relever, session.Session, "marquer"),
        "retenu": (relever, boite.Releve, "_avancer"),
        "lu": (traiter, courriels.lecteur, "lire"),
        "demande ecrite, non validee": (traiter, actions, "enregistrer_seul"),
        NON_ANNONCE: (enregistrer, sonnette, "sonner"),
        "demande validee": (traiter, reception, "traiter"),
        "reception verrouillee": (traiter, Reception, "save"),
        "envoi reserve": (envoyer, livraison, "_reserver"),
        "destinataire accepte": (envoyer, smtplib.SMTP, "rcpt"),
        "courriel accepte": (envoyer, smtplib.SMTP, "data"),
        "envoi parti": (envoyer, livraison, "_expedier_smtp"),
        "envoi note": (envoyer, livraison, "_noter"),
    }


def main() -> None:
    django.setup()
    from django.db import connections  # noqa: PLC0415
    from django.urls import get_resolver  # noqa: PLC0415

    possibles = etapes()
    # Seconds that each child would take again for its first link.
    get_resolver().url_patterns  # noqa: B018
    connections.close_all()
    print("pret", flush=True)
    for ligne in sys.stdin:
        faire, objet, nom = possibles[ligne.strip()]
        enfant = os.fork()
        if enfant == 0:
            (mourir_au_lieu_de if ligne.strip() == NON_ANNONCE else mourir_apres)(objet, nom)
            faire()
            os._exit(0)
        _, fin = os.waitpid(enfant, 0)
        print(-os.waitstatus_to_exitcode(fin), flush=True)


if __name__ == "__main__":
    main()
