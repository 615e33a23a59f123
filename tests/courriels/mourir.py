"""A process that reads, files or sends, and is killed after one step: `python -m tests.courriels.mourir`.

Each line on its input names a step; each line on its output says how the child that took it ended. One start
of Django serves many deaths: this process has no thread, and every child has its own connections.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def mourir_apres(objet: Any, nom: str) -> None:
    """The next call of this function is the last thing its process does."""
    vraie = getattr(objet, nom)

    def derniere(*args: Any, **options: Any) -> Any:
        vraie(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(objet, nom, derniere)


def relever() -> None:
    from demandes.releve.boucle import relever_une_fois  # noqa: PLC0415 - after django.setup()

    relever_une_fois()


def traiter() -> None:
    from demandes import reception  # noqa: PLC0415

    reception.balayer()


def envoyer() -> None:
    from guichet.envois import livraison  # noqa: PLC0415

    livraison.balayer()


def etapes() -> dict[str, tuple[Callable[[], None], Any, str]]:
    """name: (what is done, whose function is the last, its name). In the order of a mail's way."""
    from demandes import actions, courriels, reception  # noqa: PLC0415
    from demandes.models import Reception  # noqa: PLC0415
    from demandes.releve import boite, session  # noqa: PLC0415
    from guichet.envois import livraison  # noqa: PLC0415

    return {
        "pris": (relever, session.Session, "prendre"),
        "ecrit, non valide": (relever, courriels, "recevoir"),
        "garde": (relever, boite, "ranger"),
        "marque": (relever, session.Session, "marquer"),
        "retenu": (relever, boite.Releve, "_avancer"),
        "lu": (traiter, courriels.lecteur, "lire"),
        "demande ecrite, non validee": (traiter, actions, "enregistrer_seul"),
        "demande validee": (traiter, reception, "traiter"),
        "reception verrouillee": (traiter, Reception, "save"),
        "envoi reserve": (envoyer, livraison, "_reserver"),
        "envoi parti": (envoyer, livraison, "_expedier_dossier"),
        "envoi note": (envoyer, livraison, "_noter"),
    }


def main() -> None:
    django.setup()
    from django.db import connections  # noqa: PLC0415

    possibles = etapes()
    connections.close_all()
    print("pret", flush=True)
    for ligne in sys.stdin:
        faire, objet, nom = possibles[ligne.strip()]
        enfant = os.fork()
        if enfant == 0:
            mourir_apres(objet, nom)
            faire()
            os._exit(0)
        _, fin = os.waitpid(enfant, 0)
        print(-os.waitstatus_to_exitcode(fin), flush=True)


if __name__ == "__main__":
    main()
