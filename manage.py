#!/usr/bin/env python
"""Ensure a database (embedded when DATABASE_URL is unset), then hand over to Django."""

import os
import signal
import sys
from contextlib import ExitStack

from django.core.management import execute_from_command_line

from guichet.socle import base_embarquee, courtier_embarque
from guichet.socle.demarrage import PRODUCTION, DemarrageImpossible, dossier_de_donnees


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.dev")
    # So that a stopped command leaves its share of the database, like one that ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as pile:
        if not any(PRODUCTION in mot for mot in (os.environ["DJANGO_SETTINGS_MODULE"], *sys.argv)):
            preparer_les_services(pile)
        execute_from_command_line(sys.argv)


def preparer_les_services(pile: ExitStack) -> None:
    """Start or join the embedded database, and name the broker of `make run`, running or not."""
    donnees = dossier_de_donnees(os.environ)
    if not os.environ.get("DATABASE_URL"):
        base = base_embarquee.demarrer(donnees / "postgresql")
        pile.callback(base.arreter)
        os.environ["DATABASE_URL"] = base.url
    if not os.environ.get("CELERY_BROKER_URL"):
        os.environ["CELERY_BROKER_URL"] = courtier_embarque.url(donnees / "courtier")


def recevoir_ou_remettre_a_plus_tard() -> int:
    """A mail server sends a mail back for good on any code but 75: whatever stops us, it must try again."""
    try:
        main()
    except SystemExit as fin:
        return os.EX_TEMPFAIL if fin.code else 0
    except Exception as erreur:
        print(f"Guichet ne peut pas recevoir ce courriel : {erreur}", file=sys.stderr)
        return os.EX_TEMPFAIL
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["recevoir_courriel"]:
        sys.exit(recevoir_ou_remettre_a_plus_tard())
    try:
        main()
    except DemarrageImpossible as erreur:
        sys.exit(f"Guichet ne peut pas continuer : {erreur}")
