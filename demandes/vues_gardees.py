"""The views agents keep: theirs, and those a head shares with a place.

Read at each opening of the queue, they are kept with the city's settings (`referentiel`): a page costs no
statement more for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q

from demandes.corbeilles import Filtres
from demandes.models import VueGardee
from demandes.referentiel import courant
from guichet.organisation.models import Compte, Direction, PointAccueil
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

# Each is counted at each page of its readers.
AU_PLUS = 12
LONGUEUR_DU_NOM = 60

Lieu = Direction | PointAccueil


@dataclass(frozen=True)
class Gardee:
    """A kept view, as the queue shows it. `vue` is the code of the list it narrows."""

    pk: int
    nom: str
    vue: str
    filtres: Filtres
    auteur_id: int
    direction_id: int | None
    point_accueil_id: int | None

    @property
    def code(self) -> str:
        return f"gardee-{self.pk}"

    @property
    def adresse(self) -> str:
        return adresse_de(self.vue, self.filtres)

    @property
    def est_partagee(self) -> bool:
        return self.direction_id is not None or self.point_accueil_id is not None

    def est_modifiable_par(self, perimetre: Perimetre) -> bool:
        """One's own; a head also looks after what is shared with their place."""
        return self.auteur_id == perimetre.compte.pk or any(
            self.direction_id in p.directions_responsable or self.point_accueil_id in p.accueils_responsable
            for p in perimetre.tous
        )


def adresse_de(vue: str, filtres: Filtres) -> str:
    return "?" + urlencode({"vue": vue, **filtres.en_clair()})


def gardees_de(perimetre: Perimetre) -> tuple[Gardee, ...]:
    """Those this agent sees, their own first, then by name."""
    directions, accueils = lieux_de(perimetre)
    cle = ("vues", perimetre.compte.pk, frozenset(directions), frozenset(accueils))
    return courant().garder(cle, lambda: lire(perimetre.compte, directions, accueils))


def lieux_de(perimetre: Perimetre) -> tuple[set[int], set[int]]:
    """The directions and desks whose shared views this agent sees."""
    directions = {d for p in perimetre.tous for d in (*p.directions, *p.directions_lues)}
    return directions, {a for p in perimetre.tous for a in p.accueils}


def lire(compte: Compte, directions: Iterable[int], accueils: Iterable[int]) -> tuple[Gardee, ...]:
    lues = VueGardee.objects.filter(
        Q(auteur=compte, direction__isnull=True, point_accueil__isnull=True)
        | Q(direction__in=directions)
        | Q(point_accueil__in=accueils)
    )
    gardees = [
        Gardee(
            *(lue.pk, lue.nom, lue.vue, Filtres.depuis(lue.filtres)),
            *(lue.auteur_id, lue.direction_id, lue.point_accueil_id),
        )
        for lue in lues
    ]
    return tuple(sorted(gardees, key=lambda gardee: gardee.est_partagee))


def partageables_par(perimetre: Perimetre) -> list[Lieu]:
    """The places this agent heads."""
    directions = {d for p in perimetre.tous for d in p.directions_responsable}
    accueils = {a for p in perimetre.tous for a in p.accueils_responsable}
    return [*Direction.objects.filter(pk__in=directions), *PointAccueil.objects.filter(pk__in=accueils)]


def garder(perimetre: Perimetre, *, nom: str, vue: str, filtres: Filtres, lieu: Lieu | None) -> VueGardee:
    """Keep these filters of a list under a name."""
    if not filtres:
        raise DonneeInvalide("Choisissez d'abord un filtre : la liste entière est déjà une vue.")
    siennes = VueGardee.objects.filter(**en_base(lieu))
    if lieu is None:
        siennes = siennes.filter(auteur=perimetre.compte)
    if siennes.count() >= AU_PLUS:
        qui = "Vous gardez" if lieu is None else f"{lieu} partage"
        raise DonneeInvalide(f"{qui} déjà {AU_PLUS} vues : supprimez-en une d'abord.")
    gardee = VueGardee(auteur=perimetre.compte, vue=vue, filtres=filtres.en_clair(), **en_base(lieu))
    return nommer(gardee, nom)


def en_base(lieu: Lieu | None) -> dict[str, Any]:
    return {
        "direction": lieu if isinstance(lieu, Direction) else None,
        "point_accueil": lieu if isinstance(lieu, PointAccueil) else None,
    }


def nommer(gardee: VueGardee, nom: str) -> VueGardee:
    gardee.nom = nettoyer(nom, maximum=LONGUEUR_DU_NOM, champ="nom")
    if not gardee.nom:
        raise DonneeInvalide("Donnez un nom à cette vue.", "nom")
    try:
        with transaction.atomic():
            gardee.save()
    except IntegrityError as erreur:
        raise DonneeInvalide("Une de vos vues porte déjà ce nom.", "nom") from erreur
    return gardee
