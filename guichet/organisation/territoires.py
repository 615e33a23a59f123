"""District of an address, from the shipped street list: never asked of the network."""

import re

from django.db.models import F, Value
from django.db.models.functions import Concat, Length

from guichet.organisation.models import Territoire, Voie
from guichet.socle.texte import plier

# Just before the name of the street: « 2 lampadaires avenue Basse » says nothing of where.
_NUMERO = r" (\d{{1,4}}) ?(?:(?:bis|ter|quater|[a-d]) )?{nom} "
LU = 10_000  # characters: a place is said before
_CODE_POSTAL = re.compile(r"\b(\d{5})\b")


def deduire(adresse: str) -> Territoire | None:
    """Return the district when postal code or street leave no doubt, else None: then it is asked.

    A postal code of one district decides; else the longest known street named in the address, with its
    number when the street crosses a boundary.
    """
    pliee = f" {plier(adresse)} "
    for code in _CODE_POSTAL.findall(pliee):
        territoires = list(Territoire.objects.filter(code_postal=code)[:2])
        if len(territoires) == 1:
            return territoires[0]
    mots = mots_de(pliee)
    candidates = voies_nommees(mots)
    if not candidates:
        return None
    meilleures = [voie for voie in candidates if voie.nom_plie == candidates[0].nom_plie]
    numero = re.search(_NUMERO.format(nom=re.escape(candidates[0].nom_plie)), mots)
    precises = [v for v in meilleures if v.contient(int(numero[1]) if numero else None)]
    trouves = {voie.territoire_id: voie.territoire for voie in precises or meilleures}
    return next(iter(trouves.values())) if len(trouves) == 1 else None


def citer(texte: str) -> str:
    """The first known street that a text names, with its number when it has one; empty without any."""
    mots = mots_de(plier(texte[:LU]))
    # The longest name first: « place du Marché aux Fleurs » is not « place du Marché ».
    premieres = sorted(voies_nommees(mots), key=lambda voie: mots.find(f" {voie.nom_plie} "))
    if not premieres:
        return ""
    nom = premieres[0].nom
    numero = re.search(_NUMERO.format(nom=re.escape(premieres[0].nom_plie)), mots)
    return f"{numero[1]} {nom}" if numero else nom


def mots_de(plie: str) -> str:
    """The words of a folded text, each between two spaces."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', plie))} "


def voies_nommees(mots: str) -> list[Voie]:
    """The streets whose whole name stands in these words, the longest name first."""
    # A few hundred streets: the database finds which.
    voies = (
        Voie.objects.annotate(adresse=Value(mots), bornee=Concat(Value(" "), "nom_plie", Value(" ")))
        .filter(adresse__contains=F("bornee"))
        .select_related("territoire")
        .order_by(Length("nom_plie").desc())
    )
    return list(voies[:20])
