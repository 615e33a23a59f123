"""What a head reads of a place over a period: its figures, and the list behind each of them.

Nothing is kept: a figure is counted where its list is read, so that the list is as long as the figure says.
Each is one range of an index; only `sans_accuse` is not, and the page asks for it apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, TruncDate

from demandes.corbeilles import EN_RETARD
from demandes.etats import FINAUX, NON_FINAUX, Etat
from demandes.models import Contact, Demande, Message, Sujet
from demandes.models.contacts import DUREE_MEDIANE
from demandes.models.gardes import FIN
from demandes.periodes import Periode
from guichet.canaux.canal import ORAUX, Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Direction, PointAccueil, Secteur
from guichet.organisation.perimetre import Perimetre

# Fewer could be recognised by whoever knows the district: readers of aggregates are not told how many.
SEUIL = 5
TOUS_LES_SECTEURS = frozenset(Secteur.values)
# Beyond, days are too narrow to be told apart: weeks are drawn.
JOURS_DESSINES = 31


# -- places ----------------------------------------------------------------------------------------------


class Genre(StrEnum):
    ACCUEIL = "accueil"
    DIRECTION = "direction"
    VILLE = "ville"


@dataclass(frozen=True)
class Lieu:
    """A desk or a direction of somebody's perimeter, or the whole city for a reader of aggregates."""

    genre: Genre
    pks: tuple[int, ...]
    nom: str
    secteurs: frozenset[str]

    @property
    def code(self) -> str:
        return self.genre if self.est_agrege else f"{self.genre}-{self.pks[0]}"

    @property
    def est_agrege(self) -> bool:
        """Only numbers are told of it, no demande."""
        return self.genre is Genre.VILLE

    def demandes(self, perimetre: Perimetre) -> QuerySet[Demande]:
        """Those it answers for that this agent may read; aggregates never leave here as demandes."""
        demandes = Demande.objects.order_by()
        if not self.est_agrege:
            champ = "direction" if self.genre is Genre.DIRECTION else "point_accueil"
            demandes = demandes.visibles_par(perimetre).filter(**{f"{champ}__in": self.pks})
        if self.secteurs < TOUS_LES_SECTEURS:
            demandes = demandes.filter(secteur__in=self.secteurs)
        return demandes

    def contacts(self) -> QuerySet[Contact]:
        """Its calls and visits, once they are over."""
        if self.genre is Genre.DIRECTION:
            return Contact.objects.none()
        contacts = Contact.objects.filter(point_accueil__in=self.pks)
        return contacts.exclude(resultat=Contact.Resultat.EN_COURS).order_by()


def lieux_de(perimetre: Perimetre) -> list[Lieu]:
    """What somebody pilots: the desks and directions they head, then the city when they read aggregates."""
    accueils: dict[int, frozenset[str]] = {}
    directions: dict[int, frozenset[str]] = {}
    agreges: frozenset[str] = frozenset()
    for p in perimetre.tous:
        for pk in p.accueils_responsable:
            accueils[pk] = accueils.get(pk, frozenset()) | p.secteurs_accueil
        for tenues in (p.directions_responsable, p.directions_lues):
            for pk, secteurs in tenues.items():
                directions[pk] = directions.get(pk, frozenset()) | secteurs
        if p.lit_les_agregats:
            agreges |= p.secteurs
    lieux = [
        Lieu(genre, (pk,), nom, siens[pk])
        for genre, modele, siens in (
            (Genre.ACCUEIL, PointAccueil, accueils),
            (Genre.DIRECTION, Direction, directions),
        )
        if siens
        for pk, nom in modele.objects.filter(pk__in=siens).order_by("nom").values_list("pk", "nom")
    ]
    if agreges:
        tous = tuple(PointAccueil.objects.order_by("pk").values_list("pk", flat=True))
        lieux.append(Lieu(Genre.VILLE, tous, "Toute la ville", agreges))
    return lieux


# -- lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choix:
    """What is counted: a place, a period, the agent who asks; one channel of it, or all."""

    lieu: Lieu
    periode: Periode
    perimetre: Perimetre
    canal: str = ""

    @property
    def est_par_jour(self) -> bool:
        """Most days of a city are too few to be told to a reader of aggregates."""
        return self.periode.jours <= JOURS_DESSINES and not self.lieu.est_agrege

    @property
    def demandes(self) -> QuerySet[Demande]:
        demandes = self.lieu.demandes(self.perimetre)
        return demandes.filter(canal=self.canal) if self.canal else demandes


AVEC_DEMANDE = Exists(Sujet.objects.filter(contact=OuterRef("pk"), demande__isnull=False))
RESOLU = Q(resultat__in=Contact.RESOLUS)


def recues(choix: Choix) -> QuerySet[Demande]:
    return choix.demandes.filter(choix.periode.q("recue_le"))


def finies(choix: Choix) -> QuerySet[Demande]:
    """What ended in the period, answered or not."""
    return choix.demandes.filter(etat__in=FINAUX).alias(fin=FIN).filter(choix.periode.q("fin"))


def repondues(choix: Choix) -> QuerySet[Demande]:
    return finies(choix).filter(traitee_le__isnull=False)


def promises(choix: Choix) -> QuerySet[Demande]:
    """What was answered in the period and had a date promised."""
    return repondues(choix).filter(echeance_promise__isnull=False)


def au_premier_contact(choix: Choix) -> QuerySet[Demande]:
    return repondues(choix).filter(resolue_au_premier_contact=True)


def a_faire(choix: Choix) -> QuerySet[Demande]:
    """What waits now for the first gesture of the place: to be qualified at a desk, taken in a direction."""
    return choix.demandes.filter(etat=premier_etat(choix.lieu))


def premier_etat(lieu: Lieu) -> Etat:
    return Etat.ORIENTEE if lieu.genre is Genre.DIRECTION else Etat.NOUVELLE


def en_retard(choix: Choix) -> QuerySet[Demande]:
    return choix.demandes.filter(EN_RETARD, etat__in=NON_FINAUX)


def rouvertes(choix: Choix) -> QuerySet[Demande]:
    return recues(choix).filter(compteur_reouvertures__gt=0)


def reorientees(choix: Choix) -> QuerySet[Demande]:
    return recues(choix).filter(compteur_reorientations__gt=0)


def sans_accuse(choix: Choix) -> QuerySet[Demande]:
    """Open ones written by somebody known, whose acknowledgement left by no way or came back.

    Without it the delays to go to court are not opposable (CRPA, art. L112-6).
    """
    courriels = Envoi.objects.filter(
        reference=Concat(Value("demande:"), OuterRef("numero"), output_field=CharField()),
        nature=Envoi.Nature.ACCUSE,
    ).exclude(etat=Envoi.Etat.ECHEC)
    pages = Message.objects.filter(demande=OuterRef("pk"), nature=Message.Nature.ACCUSE)
    return (
        choix.demandes.filter(~Exists(courriels), ~Exists(pages), etat__in=NON_FINAUX, usager__isnull=False)
        .exclude(canal__in=ORAUX)
        .exclude(type__ar_requis=False)
    )


def contacts(choix: Choix) -> QuerySet[Contact]:
    siens = choix.lieu.contacts().filter(choix.periode.q("debut"))
    return siens.filter(canal=choix.canal) if choix.canal else siens


def contacts_sans_demande(choix: Choix) -> QuerySet[Contact]:
    return contacts(choix).filter(~AVEC_DEMANDE)


def lisibles(choix: Choix, lignes: Sequence[Contact]) -> frozenset[int]:
    """Of these, those whose person may be named: a desk counts its every call, the walled ones too."""
    lus = Contact.objects.visibles_par(choix.perimetre).filter(pk__in=[ligne.pk for ligne in lignes])
    return frozenset(lus.values_list("pk", flat=True))


def contacts_resolus(choix: Choix) -> QuerySet[Contact]:
    """Those after which nothing waits, whether a demande came of them or not."""
    return contacts(choix).filter(RESOLU)


@dataclass(frozen=True)
class Liste:
    """One list: what it is called, how it is read, in which order, and where it means something."""

    titre: str
    lire: Callable[[Choix], QuerySet]
    ordre: tuple[str, str]
    genres: tuple[Genre, ...] = (Genre.ACCUEIL, Genre.DIRECTION)
    est_du_moment: bool = False


PLUS_RECENTES = ("-recue_le", "-pk")
PLUS_ANCIENNES = ("recue_le", "pk")
LISTES = {
    "recues": Liste("Demandes reçues", recues, PLUS_RECENTES),
    "finies": Liste("Demandes terminées", finies, PLUS_RECENTES),
    "a-qualifier": Liste(
        "Demandes à qualifier", a_faire, PLUS_ANCIENNES, genres=(Genre.ACCUEIL,), est_du_moment=True
    ),
    "a-prendre": Liste(
        "Demandes à prendre en charge", a_faire, PLUS_ANCIENNES, genres=(Genre.DIRECTION,), est_du_moment=True
    ),
    "en-retard": Liste("Demandes en retard", en_retard, ("echeance_service", "pk"), est_du_moment=True),
    "repondues": Liste("Réponses apportées dont le délai était promis", promises, PLUS_RECENTES),
    "premier-contact": Liste(
        "Demandes résolues au premier contact", au_premier_contact, PLUS_RECENTES, genres=(Genre.ACCUEIL,)
    ),
    "rouvertes": Liste("Demandes rouvertes", rouvertes, PLUS_RECENTES, genres=(Genre.DIRECTION,)),
    "reorientees": Liste("Demandes réorientées", reorientees, PLUS_RECENTES, genres=(Genre.DIRECTION,)),
    "sans-accuse": Liste(
        "Demandes sans accusé de réception", sans_accuse, PLUS_ANCIENNES, est_du_moment=True
    ),
    "contacts": Liste("Appels et visites", contacts, ("-debut", "-pk"), genres=(Genre.ACCUEIL,)),
    "contacts-sans-demande": Liste(
        "Appels et visites sans demande", contacts_sans_demande, ("-debut", "-pk"), genres=(Genre.ACCUEIL,)
    ),
    "contacts-resolus": Liste(
        "Appels et visites résolus au premier contact",
        contacts_resolus,
        ("-debut", "-pk"),
        genres=(Genre.ACCUEIL,),
    ),
}


# -- figures ---------------------------------------------------------------------------------------------

# What a reader of aggregates may not be told is None.
Nombre = int | None


class Pas(NamedTuple):
    """A day or a week of the first chart."""

    periode: Periode
    recues: Nombre
    finies: Nombre


class ParCanal(NamedTuple):
    """A channel: what it brought, and its conversations that ended."""

    canal: Canal
    demandes: Nombre
    contacts: Nombre
    resolus: Nombre
    duree: timedelta | None


@dataclass(frozen=True)
class Bilan:
    """Everything the page says of a place over a period; `a_faire` and `en_retard` are of now."""

    recues: Nombre
    a_faire: Nombre
    en_retard: Nombre
    repondues: Nombre
    au_premier_contact: Nombre
    promises: Nombre
    a_temps: Nombre
    delai: timedelta | None
    delai_promis: timedelta | None
    rouvertes: Nombre
    reorientees: Nombre
    contacts: Nombre
    contacts_sans_demande: Nombre
    pas: list[Pas]
    canaux: list[ParCanal]


def dresser(choix: Choix) -> Bilan:
    """Count it all, in four statements whatever there is to count."""
    dire = discret if choix.lieu.est_agrege else int
    par_jour, par_canal, suites = compter_les_recues(choix)
    fins = compter_les_fins(choix)
    appels = compter_les_contacts(choix)
    du_moment = choix.demandes.filter(etat__in=NON_FINAUX).aggregate(
        a_faire=Count("etat", filter=Q(etat=premier_etat(choix.lieu))),
        en_retard=Count("etat", filter=EN_RETARD),
    )
    canaux = []
    for canal in Canal:
        lu = appels.get(canal, Appels())
        if par_canal[canal] or lu.nombre:
            dits = (dire(par_canal[canal]), dire(lu.nombre), dire(lu.resolus))
            canaux.append(ParCanal(canal, *dits, duree=lu.duree if dits[1] else None))
    assez = not choix.lieu.est_agrege or fins.promises >= SEUIL
    return Bilan(
        recues=dire(par_jour.total()),
        a_faire=dire(du_moment["a_faire"]),
        en_retard=dire(du_moment["en_retard"]),
        repondues=dire(fins.repondues),
        au_premier_contact=dire(fins.au_premier_contact),
        promises=dire(fins.promises),
        a_temps=dire(fins.a_temps),
        delai=fins.delai if assez else None,
        delai_promis=fins.delai_promis if assez else None,
        rouvertes=dire(suites["rouvertes"]),
        reorientees=dire(suites["reorientees"]),
        contacts=dire(sum(lu.nombre for lu in appels.values())),
        contacts_sans_demande=dire(sum(lu.sans_demande for lu in appels.values())),
        pas=[
            Pas(pas, dire(somme(par_jour, pas)), dire(somme(fins.par_jour, pas)))
            for pas in choix.periode.pas(par_jour=choix.est_par_jour)
        ],
        canaux=canaux,
    )


def discret(nombre: int) -> Nombre:
    """A number that says nothing of anybody."""
    return None if 0 < nombre < SEUIL else nombre


def somme(par_jour: Counter[date], periode: Periode) -> int:
    return sum(par_jour[periode.du + timedelta(days=rang)] for rang in range(periode.jours))


def compter_les_recues(choix: Choix) -> tuple[Counter[date], Counter[str], Counter[str]]:
    """By day, by channel, and what happened to them since."""
    par_jour: Counter[date] = Counter()
    par_canal: Counter[str] = Counter()
    suites: Counter[str] = Counter()
    lignes = (
        recues(choix)
        .values_list(TruncDate("recue_le"), "canal")
        .annotate(
            nombre=Count("*"),
            rouvertes=Count("recue_le", filter=Q(compteur_reouvertures__gt=0)),
            reorientees=Count("recue_le", filter=Q(compteur_reorientations__gt=0)),
        )
    )
    for jour, canal, nombre, revenues, passees in lignes:
        par_jour[jour] += nombre
        par_canal[canal] += nombre
        suites["rouvertes"] += revenues
        suites["reorientees"] += passees
    return par_jour, par_canal, suites


class Fins(NamedTuple):
    par_jour: Counter[date]
    repondues: int
    au_premier_contact: int
    promises: int
    a_temps: int
    delai: timedelta | None
    delai_promis: timedelta | None


# By day and over all of them in one reading of the rows, which the ORM cannot write. Delays are those of
# the calendar, as the person waiting counts them, of the same demandes on both sides.
FINS = """
SELECT jour, count(*), count(traitee_le),
    count(*) FILTER (WHERE traitee_le IS NOT NULL AND resolue_au_premier_contact),
    count(*) FILTER (WHERE traitee_le IS NOT NULL AND echeance_promise IS NOT NULL),
    count(*) FILTER (WHERE traitee_le <= echeance_service AND echeance_promise IS NOT NULL),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY traitee_le - recue_le)
        FILTER (WHERE echeance_promise IS NOT NULL),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY echeance_promise - recue_le)
        FILTER (WHERE traitee_le IS NOT NULL)
FROM ({finies}) AS finies GROUP BY GROUPING SETS ((jour), ())
"""


def compter_les_fins(choix: Choix) -> Fins:
    lues = finies(choix).values(
        "traitee_le",
        "recue_le",
        "echeance_promise",
        "echeance_service",
        "resolue_au_premier_contact",
        jour=TruncDate(FIN),
    )
    sql, valeurs = lues.query.sql_with_params()
    with connection.cursor() as curseur:
        curseur.execute(FINS.format(finies=sql), valeurs)
        lignes: dict[date | None, tuple[Any, ...]] = {jour: reste for jour, *reste in curseur.fetchall()}
    _, *ensemble = lignes.pop(None)
    return Fins(Counter({jour: nombre for jour, (nombre, *_) in lignes.items() if jour}), *ensemble)


class Appels(NamedTuple):
    """Calls, or visits."""

    nombre: int = 0
    sans_demande: int = 0
    resolus: int = 0
    duree: timedelta | None = None


def compter_les_contacts(choix: Choix) -> dict[str, Appels]:
    """By channel, in one reading: how many, without any demande, resolved, and how long."""
    lignes = (
        contacts(choix)
        .values_list("canal")
        .annotate(
            nombre=Count("*"),
            sans_demande=Count("canal", filter=~AVEC_DEMANDE),
            resolus=Count("canal", filter=RESOLU),
            duree=DUREE_MEDIANE,
        )
    )
    return {canal: Appels(*compte) for canal, *compte in lignes}
