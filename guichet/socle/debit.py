"""How many per minute, by key: counted in the process, at no cost for the database.

Each process counts for itself: it bounds what a flood costs, not a right that must be exact.
"""

import threading
import time
from collections import OrderedDict

# Keys remembered: a flood from many addresses takes no more memory than this.
RETENUES = 2000


class Debit:
    """A bucket of `par_minute` for each key, filled again as time goes."""

    def __init__(self, par_minute: int) -> None:
        self.par_minute = par_minute
        self._seaux: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._verrou = threading.Lock()

    def passe(self, cle: str) -> bool:
        """Take one from the bucket of `cle`; False when it is empty."""
        maintenant = time.monotonic()
        with self._verrou:
            reste, vu = self._seaux.pop(cle, (float(self.par_minute), maintenant))
            reste = min(self.par_minute, reste + (maintenant - vu) * self.par_minute / 60)
            permis = reste >= 1
            self._seaux[cle] = (reste - permis, maintenant)
            if len(self._seaux) > RETENUES:
                self._seaux.popitem(last=False)
        return permis
