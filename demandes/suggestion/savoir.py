"""What the suggestion knows of the city: its catalogue, fiches and forms, read again when they change.

The sentences and examples shipped with the product speak of the types of the same code; a type that the city
does not have is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Count, Max

from demandes import referentiel
from demandes.models import Fiche, TypeDemande
from demandes.suggestion.index import Exemple, Index
from demandes.suggestion.texte import sans_bruit

DONNEES = Path(__file__).resolve().parent.parent / "donnees"
SANS_TYPE = frozenset({"SPAM", "HORS"})
# How much each source tells, beside a sentence of an answer (1).
LIBELLE, QUOTIDIEN, MOT_CLE, QUESTION, REPONSE, CHAMP, CHOIX = 3.0, 3.0, 2.0, 2.0, 1.0, 0.5, 1.0
AMORCE, EXEMPLE = 3.0, 1.5

_FIN_DE_PHRASE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Savoir:
    """An index of the types with the direction of each."""

    index: Index
    direction_de: Mapping[str, str]


@dataclass(frozen=True)
class Notice:
    """A type in words: its code, its direction, all that speaks of it."""

    code: str
    direction: str
    exemples: tuple[Exemple, ...]


def savoir() -> Savoir:
    """That of the catalogue as it is now."""
    return _savoir(referentiel.courant().marque, _etat_des_fiches())


def _etat_des_fiches() -> tuple[Any, ...]:
    etat = Fiche.objects.aggregate(nombre=Count("pk"), derniere=Max("modifiee_le"))
    return etat["nombre"], etat["derniere"]


@lru_cache(maxsize=1)
def _savoir(_marque: object, _fiches: object) -> Savoir:
    return construire(notices())


def construire(notices: Iterable[Notice], *, avec_amorce: bool = True, exemples: Any = None) -> Savoir:
    """Build from these notices, the shipped sentences, and examples ([(code, text)]; shipped by default)."""
    lus = {notice.code: list(notice.exemples) for notice in notices}
    directions = {notice.code: notice.direction for notice in notices}
    if avec_amorce:
        for code, phrases in amorce().items():
            if code in lus:
                lus[code] += [Exemple(phrase, AMORCE) for phrase in phrases]
    for code, texte in exemples_livres() if exemples is None else exemples:
        if code in lus:
            lus[code].append(Exemple(sans_bruit(texte), EXEMPLE))
    return Savoir(Index(lus), directions)


def notices() -> tuple[Notice, ...]:
    """The published types of this city, in words."""
    types = TypeDemande.objects.publies().select_related("direction").prefetch_related("fiches", "versions")
    return tuple(
        Notice(type.code, type.direction.code, tuple(_exemples_du_type(type)))
        for type in types.order_by("code")
    )


def _exemples_du_type(type: TypeDemande) -> Iterator[Exemple]:
    yield Exemple(type.libelle, LIBELLE)
    yield Exemple(type.description, QUESTION)
    yield from (Exemple(mot, MOT_CLE) for mot in type.mots_cles)
    yield from (Exemple(mots, QUOTIDIEN) for mots in type.mots_du_quotidien)
    if type.finalite:
        yield Exemple(type.finalite, REPONSE)
    for fiche in type.fiches.all():
        if fiche.est_active:
            yield from _exemples_de_fiche(fiche.question, fiche.reponse, fiche.mots_cles)
    for version in sorted(type.versions.all(), key=lambda version: -version.numero)[:1]:
        yield from _exemples_de_formulaire(version.champs)


def _exemples_de_fiche(question: str, reponse: str, mots_cles: Iterable[str]) -> Iterator[Exemple]:
    yield Exemple(question, QUESTION)
    yield from (Exemple(mot, MOT_CLE) for mot in mots_cles)
    yield from (Exemple(phrase, REPONSE) for phrase in _FIN_DE_PHRASE.split(reponse))


def _exemples_de_formulaire(champs: Iterable[dict[str, Any]]) -> Iterator[Exemple]:
    for champ in champs:
        yield Exemple(champ["libelle"], CHAMP)
        yield from (Exemple(choix["libelle"], CHOIX) for choix in champ.get("choix") or ())


def notices_livrees() -> tuple[Notice, ...]:
    """The types of the shipped catalogue, for a measure without a city."""
    catalogue, politiques = (_lire(nom) for nom in ("catalogue.json", "politiques.json"))
    fiches = _lire("fiches.json")["fiches"]
    return tuple(
        Notice(t["code"], t["direction"], tuple(_exemples_livres_du_type(t, politiques, fiches)))
        for t in sorted(catalogue["types"], key=lambda t: t["code"])
    )


def _exemples_livres_du_type(type: dict, politiques: dict, fiches: list[dict]) -> Iterator[Exemple]:
    politique = politiques["types"].get(type["code"], {})
    yield Exemple(type["libelle"], LIBELLE)
    yield Exemple(type["description"], QUESTION)
    yield from (Exemple(mot, MOT_CLE) for mot in type["mots_cles"])
    yield from (Exemple(mots, QUOTIDIEN) for mots in politique.get("mots_du_quotidien", ()))
    yield Exemple(politique.get("finalite", ""), REPONSE)
    yield from _exemples_de_fiche(type["fiche"]["question"], type["fiche"]["reponse"], ())
    for fiche in fiches:
        if type["code"] in fiche["types"]:
            yield from _exemples_de_fiche(fiche["question"], fiche["reponse"], fiche["mots_cles"])
    yield from _exemples_de_formulaire(type["champs"])


@cache
def amorce() -> dict[str, list[str]]:
    """Sentences as residents write them, by type: shipped, so that a city starts with them."""
    return _lire("amorce_suggestion.json")["types"]


@cache
def exemples_livres() -> tuple[tuple[str, str], ...]:
    """(type, text) of the shipped example messages."""
    lignes = (DONNEES / "exemples_messages.jsonl").read_text(encoding="utf-8").splitlines()
    lus = (json.loads(ligne) for ligne in lignes if ligne.strip())
    return tuple((lu["type"], texte_de(lu)) for lu in lus if lu["type"] not in SANS_TYPE)


def texte_de(ligne: Mapping[str, Any]) -> str:
    """Subject and text of a line of examples."""
    return f"{ligne['objet']}.\n{ligne['texte']}" if ligne.get("objet") else ligne["texte"]


def _lire(nom: str) -> dict[str, Any]:
    return json.loads((DONNEES / nom).read_text(encoding="utf-8"))
