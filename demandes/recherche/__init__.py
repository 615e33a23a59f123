"""The desk's one search box, over what this agent may see.

What is typed is read every way it can be (`question`), then each kind of thing is asked once. Exact and
prefix come first, look-alikes last; every lookup is an index's and every list is bounded: the page says when
there is more.
"""

from demandes.recherche.boite import Resultats, chercher
from demandes.recherche.fiches import chercher_fiches
from demandes.recherche.personnes import avec_leurs_demandes, chercher_personnes, usagers_visibles
from demandes.recherche.question import lire, mots_du_texte, prefixes

__all__ = [
    "Resultats",
    "avec_leurs_demandes",
    "chercher",
    "chercher_fiches",
    "chercher_personnes",
    "lire",
    "mots_du_texte",
    "prefixes",
    "usagers_visibles",
]
