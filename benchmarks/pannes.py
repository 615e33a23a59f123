"""One drill of tests/courriels/pannes.py, on the empty city of DATABASE_URL: `python -m benchmarks.pannes`.

For `benchmarks.courriels --pannes`, which gives each a database and a process.
"""

import sys

import django


def main(panne: str, courriels: int, morts: int) -> None:
    django.setup()
    from tests import factories  # noqa: PLC0415 - after django.setup()
    from tests.courriels import dovecot, pannes  # noqa: PLC0415

    factories.creer_ville()
    with dovecot.demarrer() as boites:
        if panne == "morts":
            print(pannes.tuer_au_hasard(boites, courriels, morts), flush=True)
        else:
            print(pannes.arreter_le_courtier(boites, courriels), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
