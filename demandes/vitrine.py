"""The shop window: which démarches a resident may start, found by theme or in their own words. Read only."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import lru_cache

from django.db.models import Count, Prefetch, Q

from demandes import referentiel
from demandes.index_demarches import Index, Texte, d_abord, index_de
from demandes.models import Demande, Fiche, Theme, TypeDemande

# Words change a few times a year: a process reads them again every minute, counts every hour.
FRAICHEUR_INDEX = 60  # seconds
FRAICHEUR_COMPTES = 3600
RECENTES = 5000  # a bounded read, whatever the size of the city
MINIMUM_COMPTE = 2  # one demande alone is no trend
MINIMUM_MEDIANE = 5


def themes() -> list[Theme]:
    """Themes that have something to offer, in order, each with `nombre` published démarches; shared."""
    return referentiel.courant().garder("vitrine.themes", _lire_les_themes)


def _lire_les_themes() -> list[Theme]:
    publies = Count("types", filter=Q(types__publie_le__isnull=False))
    return list(Theme.objects.annotate(nombre=publies).filter(nombre__gt=0).order_by("ordre", "libelle"))


def theme(code: str) -> Theme | None:
    """One theme with its published démarches in `demarches`, or None."""
    offre = Prefetch("types", TypeDemande.objects.publies(), to_attr="demarches")
    return Theme.objects.prefetch_related(offre).filter(code=code).first()


def est_proposee(code: str) -> bool:
    """Whether a démarche the house itself speaks of exists in this city's catalogue."""
    return publiee(code) is not None


def demarche(code: str) -> TypeDemande | None:
    """A published démarche with its direction, themes and active fiches (`reponses_connues`), or None."""
    fiches = Prefetch("fiches", Fiche.objects.filter(est_active=True), to_attr="reponses_connues")
    types = TypeDemande.objects.publies().select_related("direction")
    return types.prefetch_related(fiches, "themes").filter(code=code).first()


def publiees() -> list[TypeDemande]:
    """Every published démarche, by its name; shared, to be read only."""
    return list(_publiees(*_etat_du_catalogue()).values())


def publiee(code: str) -> TypeDemande | None:
    """A published démarche as it is shown in lists, or None; shared, to be read only."""
    return _publiees(*_etat_du_catalogue()).get(code)


def demarches_de_la_fiche(code: str) -> list[TypeDemande]:
    """The published démarches that a fiche leads to."""
    return list(_par_fiche(*_etat_du_catalogue()).get(code, ()))


def fiches() -> list[Fiche]:
    """Active fiches with their types and themes, and the direction that vouches for them."""
    actives = Fiche.objects.filter(est_active=True).select_related("direction")
    return list(actives.prefetch_related("types__themes"))


def chercher_demarches(saisie: str, *, limite: int = 8, siennes: Collection[str] = ()) -> list[TypeDemande]:
    """Published démarches for everyday words, typing errors and accents forgiven, best first.

    Codes of `siennes` are put before those that answer about as well.
    """
    trouvailles = _index(*_etat_du_catalogue()).chercher(saisie, limite=2 * limite)
    return _dans_l_ordre([trouvaille.cle for trouvaille in d_abord(trouvailles, siennes)][:limite])


def les_plus_demandees(*, limite: int = 6) -> list[TypeDemande]:
    """What residents asked for most among the latest demandes; empty in a city that starts."""
    return _dans_l_ordre(list(_codes_demandes(int(time.time()) // FRAICHEUR_COMPTES))[:limite])


def jours_habituels(type: TypeDemande) -> int | None:
    """Days that half of the recent demandes of this kind waited for an answer, None when too few tell."""
    return _mediane(type.pk, int(time.time()) // FRAICHEUR_COMPTES)


def oublier() -> None:
    """Read the catalogue and the counts again at the next call: after a load, and between tests."""
    for memoire in (_publiees, _par_fiche, _index, _codes_demandes, _mediane):
        memoire.cache_clear()


def _dans_l_ordre(codes: list[str]) -> list[TypeDemande]:
    types = _publiees(*_etat_du_catalogue())
    return [types[code] for code in codes if code in types]


def _etat_du_catalogue() -> tuple[object, ...]:
    """What changes at once with a démarche or its form, within a minute with its themes and fiches."""
    return int(time.time()) // FRAICHEUR_INDEX, *referentiel.courant().marque


@lru_cache(maxsize=1)
def _publiees(*_etat: object) -> dict[str, TypeDemande]:
    """The published démarches by code, shared by those who only show them."""
    types = TypeDemande.objects.publies().prefetch_related("themes", "fiches", "versions")
    return {type.code: type for type in types}


@lru_cache(maxsize=1)
def _par_fiche(*etat: object) -> dict[str, list[TypeDemande]]:
    """The published démarches by the codes of the fiches that lead to them."""
    par_fiche = defaultdict(list)
    for type in _publiees(*etat).values():
        for fiche in type.fiches.all():
            par_fiche[fiche.code].append(type)
    return dict(par_fiche)


@lru_cache(maxsize=1)
def _index(*etat: object) -> Index:
    return index_de(tuple((code, tuple(_textes_de(type))) for code, type in _publiees(*etat).items()))


@lru_cache(maxsize=1)
def _codes_demandes(_tranche: int) -> tuple[str, ...]:
    recentes = Demande.objects.filter(type__isnull=False).order_by("-pk").values_list("type__code", flat=True)
    comptes = Counter(recentes[:RECENTES])
    return tuple(code for code, nombre in comptes.most_common(20) if nombre >= MINIMUM_COMPTE)


@lru_cache(maxsize=256)
def _mediane(type_pk: int, _tranche: int) -> int | None:
    recentes = Demande.objects.filter(type=type_pk, traitee_le__isnull=False).order_by("-pk")
    attentes = [traitee - recue for recue, traitee in recentes.values_list("recue_le", "traitee_le")[:200]]
    if len(attentes) < MINIMUM_MEDIANE:
        return None
    return max(1, math.ceil(statistics.median(attentes) / timedelta(days=1)))


def _textes_de(type: TypeDemande) -> Iterator[Texte]:
    """The words that lead to a démarche, those residents use first."""
    yield Texte(type.libelle, 1.0, est_une_phrase=True)
    for mots in type.mots_cles:
        yield Texte(mots, 0.9, est_une_phrase=True)
    for mots in type.mots_du_quotidien:
        yield Texte(mots, 0.8, est_une_phrase=True)
    yield Texte(type.description, 0.5)
    for fiche in type.fiches.all():
        if fiche.est_active:
            yield Texte(fiche.question, 0.6, est_une_phrase=True)
            yield Texte(fiche.reponse, 0.15)
    for version in sorted(type.versions.all(), key=lambda version: -version.numero)[:1]:
        for champ in version.champs:
            yield Texte(champ["libelle"], 0.15)
            for choix in champ.get("choix", ()):
                yield Texte(choix["libelle"], 0.3)
    for theme in type.themes.all():
        yield Texte(f"{theme.libelle} {theme.description}", 0.1)
