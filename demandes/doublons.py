"""Which open demandes may be about the same thing: proposed to somebody who looks, never acted upon."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import Q
from django.utils.timezone import localdate
from rapidfuzz import fuzz, process

from demandes.models import Demande, Distinction, Lien
from guichet.organisation.perimetre import Perimetre
from guichet.socle.pret import figer, lire_pret
from guichet.socle.texte import plier

PROPOSITIONS = 8
# Looked at of each kind, as a person would: a type may have thousands open.
EXAMINEES = 200
# Stand in the statement for what each demande puts there.
UNE_DEMANDE, UN_TYPE, UNE_PERSONNE, UN_TERRITOIRE = range(-987654321, -987654317)
UNE_ADRESSE = "<adresse>"
ADRESSE_PROCHE = 85
JOURS_PROCHES = 30
# A facade is some ten metres wide, and the numbers of one side go by two.
METRES_PAR_NUMERO = 5
NUMERO = re.compile(r"(\d{1,4})\b")
MOTS = re.compile(r"\w+")


class Voisine(NamedTuple):
    """What tells whether an open demande may be the same; two hundred are read for four shown."""

    numero: str
    objet: str
    adresse: str
    recue_le: datetime
    usager_id: int | None
    territoire_id: int | None


@dataclass(frozen=True)
class Doublon:
    """A demande that may be the same, with the readable reasons."""

    demande: Demande | Voisine
    score: float
    raisons: tuple[str, ...]


def chercher(demande: Demande, perimetre: Perimetre, maximum: int = PROPOSITIONS) -> list[Doublon]:
    """Open demandes of the same type and secteur, from the same person or at a close address.

    The place counts for a type that has a radius: two passports asked from one building are no duplicates.
    Those an agent already linked to this one, or said to be something else, are not proposed again.
    """
    if demande.type_id is None or demande.type is None:
        return []
    rayon = demande.type.rayon_doublon_m
    texte = composer(perimetre, demande.secteur, rayon is not None)
    if not texte:
        return []
    valeurs: list[int | str | None] = [demande.pk, demande.type_id, demande.usager_id]
    if rayon is not None:
        valeurs += [demande.territoire_id, demande.adresse or None]
    voisines = [Voisine._make(faits) for faits in lire_pret(texte, *valeurs)]
    doublons = [evaluer(demande, voisine, rayon) for voisine in plausibles(demande, voisines)]
    doublons = [doublon for doublon in doublons if doublon.score]
    doublons.sort(key=lambda doublon: (doublon.score, doublon.demande.recue_le), reverse=True)
    return doublons[:maximum]


@lru_cache(maxsize=256)
def composer(perimetre: Perimetre, secteur: str, le_lieu_compte: bool) -> str:
    """The statement that reads the candidates: told a demande, its type, person, district and address.

    Each way of being close has an index that gives its latest first: the others of the type are not read.
    """
    proches = [Q(usager=UNE_PERSONNE)]
    if le_lieu_compte:
        proches += [Q(territoire=UN_TERRITOIRE), Q(adresse=UNE_ADRESSE)]
    communes = (
        Demande.objects.visibles_par(perimetre)
        .ouvertes()
        .filter(type=UN_TYPE, secteur=secteur)
        .exclude(pk=UNE_DEMANDE)
        .exclude(pk__in=Lien.objects.filter(demande=UNE_DEMANDE).values("autre"))
        .exclude(pk__in=Distinction.objects.filter(premiere=UNE_DEMANDE).values("seconde"))
        .exclude(pk__in=Distinction.objects.filter(seconde=UNE_DEMANDE).values("premiere"))
        .order_by("-recue_le")
        .values_list(*Voisine._fields)
    )
    une, *autres = (communes.filter(proche)[:EXAMINEES] for proche in proches)
    try:
        sql, valeurs = (une.union(*autres) if autres else une).query.sql_with_params()
    except EmptyResultSet:
        return ""
    return figer(sql, valeurs, UNE_DEMANDE, UN_TYPE, UNE_PERSONNE, UN_TERRITOIRE, UNE_ADRESSE)


def plausibles(demande: Demande, voisines: list[Voisine]) -> list[Voisine]:
    """Those of the same person or whose address looks alike, all compared at once: few of two hundred."""
    adresses = [a_plat(voisine.adresse) for voisine in voisines]
    ressemblances = process.extract(
        a_plat(demande.adresse),
        adresses,
        scorer=fuzz.token_set_ratio,
        score_cutoff=ADRESSE_PROCHE,
        limit=None,
    )
    alentour = {rang for _, _, rang in ressemblances}
    return [v for rang, v in enumerate(voisines) if v.usager_id == demande.usager_id or rang in alentour]


def evaluer(demande: Demande, candidate: Demande | Voisine, rayon: int | None = None) -> Doublon:
    """Score one: same person, how close the address is, within the radius if there is one, then in time."""
    raisons, score = [], 0.0
    if demande.usager_id and demande.usager_id == candidate.usager_id:
        raisons.append("même personne")
        score += 60
    if demande.adresse and candidate.adresse:
        ici, la = a_plat(demande.adresse), a_plat(candidate.adresse)
        ressemblance = fuzz.token_set_ratio(ici, la)
        if ressemblance >= ADRESSE_PROCHE and not sont_loin(ici, la, rayon):
            # One may say the town after the street; a street without its number is only close.
            raisons.append("même adresse" if ici.startswith(la) or la.startswith(ici) else "adresse proche")
            score += ressemblance
    # Time alone brings nothing together: it tells two candidates apart.
    if score:
        jours = abs((localdate(demande.recue_le) - localdate(candidate.recue_le)).days)
        raisons += ["même démarche", ecart(jours)]
        score += max(0, JOURS_PROCHES - jours)
    return Doublon(candidate, score, tuple(raisons))


@lru_cache(maxsize=8192)
def a_plat(adresse: str) -> str:
    """The words of an address, without what is written in several ways."""
    return " ".join(MOTS.findall(plier(adresse)))


def sont_loin(ici: str, la: str, rayon: int | None) -> bool:
    """Two numbers of one street further apart than the radius; without two numbers, nothing tells."""
    numeros = [NUMERO.match(adresse) for adresse in (ici, la)]
    if rayon is None or not all(numeros):
        return False
    premier, second = (int(numero[1]) for numero in numeros if numero)
    return abs(premier - second) * METRES_PAR_NUMERO > rayon


def ecart(jours: int) -> str:
    if not jours:
        return "reçues le même jour"
    if jours < 60:
        return f"reçues à {jours} jour{'s' if jours > 1 else ''} d'écart"
    return f"reçues à {jours // 30} mois d'écart"
