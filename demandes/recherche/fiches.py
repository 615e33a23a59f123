"""Knowledge entries found by everyday words."""

import time
from functools import lru_cache

from django.db.models import Count, Max, Q

from demandes.index_demarches import Index, Texte
from demandes.models import Fiche
from demandes.vitrine import FRAICHEUR_INDEX

FICHES = 6


def chercher_fiches(saisie: str, *, limite: int = FICHES) -> list[Fiche]:
    """Active fiches found by their question and keywords, then by their types' words and their answer."""
    actives = Fiche.objects.filter(est_active=True)
    etat = Fiche.objects.aggregate(nombre=Count("pk", filter=Q(est_active=True)), derniere=Max("modifiee_le"))
    tranche = int(time.time()) // FRAICHEUR_INDEX
    trouvailles = index_des_fiches(tranche, *etat.values()).chercher(saisie, limite=limite)
    fiches = actives.in_bulk([t.cle for t in trouvailles], field_name="code")
    return [fiches[t.cle] for t in trouvailles if t.cle in fiches]


@lru_cache(maxsize=1)
def index_des_fiches(*_etat: object) -> Index:
    """Read again by each process at once when a fiche is written, every minute for its types' words."""
    fiches = Fiche.objects.filter(est_active=True).prefetch_related("types")
    return Index({fiche.code: textes_de(fiche) for fiche in fiches})


def textes_de(fiche: Fiche) -> list[Texte]:
    types = fiche.types.all()
    return [
        *(Texte(phrase, 1.0, est_une_phrase=True) for phrase in (fiche.question, *fiche.mots_cles)),
        *(Texte(mots, 0.4) for type in types for mots in (type.libelle, *type.mots_du_quotidien)),
        Texte(fiche.reponse, 0.25),
    ]
