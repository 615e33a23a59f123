"""What a deposit reads of the city's settings, kept in the process and never out of date.

Types, forms, rules, directions, desks, districts and calendars change a few times a week and are read at
every deposit. Triggers give one number to every commit that touches their tables; asking for it is one
small statement, and what was read under the same number is still true.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection

from guichet.socle.pret import lire_pret

T = TypeVar("T")

# With the number, the mark of a transaction that changed something and did not commit yet.
NUMERO = "SELECT numero, current_setting('guichet.referentiel', true) FROM demandes_referentiel"


class Referentiel:
    """What was read since the last change. Values are shared by every request: nobody writes on them."""

    def __init__(self, marque: tuple[Any, ...]) -> None:
        self.marque = marque
        self._gardes: dict[Hashable, Any] = {}

    def garder(self, cle: Hashable, lire: Callable[[], T]) -> T:
        """Return what `lire` gave the first time it was asked for under this key."""
        if cle not in self._gardes:
            self._gardes[cle] = lire()
        return self._gardes[cle]


_dernier = Referentiel(())
_fixe: ContextVar[Referentiel | None] = ContextVar("referentiel", default=None)


def courant() -> Referentiel:
    """The one that holds now, for this transaction."""
    global _dernier
    if (fixe := _fixe.get()) is not None:
        return fixe
    # The second value is the mark of a transaction that changed something and did not commit yet.
    ((numero, en_cours),) = lire_pret(
        "SELECT numero, current_setting('guichet.referentiel', true) FROM demandes_referentiel"
    )
    marque = (connection.settings_dict["NAME"], numero, en_cours or "")
    if _dernier.marque != marque:
        _dernier = Referentiel(marque)
    return _dernier


@contextmanager
def fixe() -> Iterator[None]:
    """Within this block the number is asked for once: one gesture reads one state of the city."""
    jeton = _fixe.set(courant())
    try:
        yield
    finally:
        _fixe.reset(jeton)
