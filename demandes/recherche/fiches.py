"""Knowledge entries found by everyday words."""

import time
from functools import lru_cache

from demandes.index_demarches import Index, Texte, index_de
from demandes.models import Fiche
from demandes.vitrine import FRAICHEUR_INDEX
from guichet.socle.pret import lire_pret

FICHES = 6


def chercher_fiches(saisie: str, *, limite: int = FICHES) -> list[Fiche]:
    """Active fiches found by their question and keywords, then by their types' words and their answer."""
    (etat,) = lire_pret("SELECT count(*) FILTER (WHERE est_active), max(modifiee_le) FROM demandes_fiche")
    index, fiches = index_des_fiches(int(time.time()) // FRAICHEUR_INDEX, *etat)
    return [fiches[trouvaille.cle] for trouvaille in index.chercher(saisie, limite=limite)]


@lru_cache(maxsize=1)
def index_des_fiches(*_etat: object) -> tuple[Index, dict[str, Fiche]]:
    """Read again by each process at once when a fiche is written, every minute for its types' words."""
    fiches = list(Fiche.objects.filter(est_active=True).prefetch_related("types"))
    textes = tuple((fiche.code, tuple(textes_de(fiche))) for fiche in fiches)
    return index_de(textes), {fiche.code: fiche for fiche in fiches}


def textes_de(fiche: Fiche) -> list[Texte]:
    types = fiche.types.all()
    return [
        *(Texte(phrase, 1.0, est_une_phrase=True) for phrase in (fiche.question, *fiche.mots_cles)),
        *(Texte(mots, 0.4) for type in types for mots in (type.libelle, *type.mots_du_quotidien)),
        Texte(fiche.reponse, 0.25),
    ]
