"""The lists people work from: named views and filters.

A list starts from what the agent may know, then a view narrows it to what their role makes them do. Urgent
ones come first, then the earliest due date. Nothing here is ever in proportion to the number of demandes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone

from demandes.curseur import Curseur, CurseurFinies, Place
from demandes.etats import EN_DIRECTION, FINAUX, NON_FINAUX, Etat
from demandes.models import Demande
from demandes.models.requetes import JAMAIS, contenu_lisible
from demandes.recherche import lire, mots_du_texte, prefixes
from guichet.organisation.models import Role
from guichet.organisation.perimetre import Perimetre
from guichet.socle.calendrier import fin_de_journee, jour_de
from guichet.socle.texte import plier
from usagers.models import Usager

OUVERTES = Q(etat__in=NON_FINAUX)
# Clock running, and past the promised date. The database tells the time: such a view holds all day.
EN_RETARD = Q(echeance_service__lt=Now(), service_suspendu_le__isnull=True)
# What a row of the home page shows: one column less would cost one query a row. The queue reads `Rangee`.
COLONNES = (
    *(
        "numero",
        "version",
        "etat",
        "objet",
        "canal",
        "adresse",
        "secteur",
        "est_confidentielle",
        "est_urgente",
    ),
    *("est_anonyme", "a_message_non_lu", "arbitrage_demande_le", "recue_le", "point_accueil_id"),
    *("delai_valeur", "delai_unite", "echeance_service", "service_suspendu_le"),
    *("traitee_le", "close_le", "rejetee_le", "annulee_le", "transmise_le", "fusionnee_le"),
    *("type__code", "type__libelle", "type__validation_requise", "type__direction_id"),
    *("usager__prenom", "usager__nom", "usager__raison_sociale", "territoire__numero", "territoire__nom"),
    *("direction__nom_public", "agent_traitant__nom_affiche", "agent_traitant__courriel"),
)


# -- views ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vue:
    """One named list. `vide`: what to tell somebody who finds nothing in it, title then advice.

    It holds what is `propre` to it, `parmi` the demandes of its group when these are open ones. What is over
    (`est_finie`) is read by place (`ranges`), the latest first.
    """

    code: str
    libelle: str
    groupe: str
    propre: Q
    vide: tuple[str, str]
    parmi: Q = field(default_factory=Q)
    est_finie: bool = False
    ranges: tuple[Q, ...] = ()

    @property
    def filtre(self) -> Q:
        return self.parmi & self.propre

    @property
    def etats(self) -> tuple[Etat, ...]:
        """Those it may hold."""
        if self.est_finie:
            return FINAUX
        return NON_FINAUX if self.parmi else tuple(Etat)


def vues_de(perimetre: Perimetre) -> tuple[Vue, ...]:
    """The views of an agent, those of the desk first; who works in none of these places has none."""
    return vues_du_jour(perimetre, jour_de(timezone.now()))


@lru_cache(maxsize=256)
def vues_du_jour(perimetre: Perimetre, jour: date) -> tuple[Vue, ...]:
    """They change with the scope and with the day only."""
    return (
        *vues_d_accueil(perimetre),
        *vues_de_direction(perimetre, jour),
        *vues_d_administration(perimetre),
    )


def vues_d_accueil(perimetre: Perimetre) -> list[Vue]:
    """What the desk must do, then what it owns. It knows even what it may not read, by number and clocks."""
    if not perimetre.est_accueil:
        return []
    siennes = responsable = lisibles = JAMAIS
    for p in perimetre.tous:
        siennes |= Q(point_accueil__in=p.accueils)
        lisibles |= Q(point_accueil__in=p.accueils, secteur__in=p.secteurs_accueil)
        responsable |= Q(point_accueil__in=p.accueils_responsable, secteur__in=p.secteurs_accueil)
    sans_arbitrage = Q(etat=Etat.QUALIFIEE, arbitrage_demande_le__isnull=True)
    arbitrage = Q(etat=Etat.QUALIFIEE, arbitrage_demande_le__isnull=False)
    vues = [
        Vue(
            "a_qualifier",
            "À qualifier",
            "Accueil",
            lisibles & Q(etat=Etat.NOUVELLE),
            ("Rien à qualifier", "Les nouvelles demandes de votre accueil arriveront ici."),
            siennes & OUVERTES,
        ),
        Vue(
            "a_orienter",
            "À orienter",
            "Accueil",
            lisibles & sans_arbitrage,
            ("Rien à orienter", "Une demande qualifiée attend ici qu'on choisisse sa direction."),
            siennes & OUVERTES,
        ),
        Vue(
            "arbitrages",
            "Arbitrages",
            "Accueil",
            responsable & arbitrage,
            (
                "Aucun arbitrage demandé",
                "Une demande renvoyée par une direction attendra ici votre décision.",
            ),
            siennes & OUVERTES,
        ),
        Vue(
            "accueil_non_lus",
            "Messages non lus",
            "Accueil",
            # Once a direction holds it, what the resident writes is for that direction.
            siennes & Q(a_message_non_lu=True) & ~Q(etat__in=EN_DIRECTION),
            ("Tous les messages sont lus", "Ce qu'un usager ajoute à sa demande s'affichera ici."),
        ),
        Vue(
            "accueil_en_retard",
            "En retard",
            "Accueil",
            EN_RETARD,
            ("Aucun retard", "Toutes les demandes de votre accueil sont dans les délais."),
            siennes & OUVERTES,
        ),
        Vue(
            "accueil",
            "Toutes de mon accueil",
            "Accueil",
            Q(),
            ("Aucune demande en cours", "Enregistrez une demande depuis l'accueil."),
            siennes & OUVERTES,
        ),
        vue_des_finies(
            "accueil_terminees",
            "Accueil",
            "Ce que votre accueil a reçu et qui a eu sa réponse se retrouvera ici.",
            [
                Q(point_accueil=accueil)
                for accueil in sorted({accueil for p in perimetre.tous for accueil in p.accueils})
            ],
        ),
    ]
    est_responsable = any(p.accueils_responsable for p in perimetre.tous)
    return [vue for vue in vues if vue.code != "arbitrages" or est_responsable]


def vues_d_administration(perimetre: Perimetre) -> list[Vue]:
    """What an administrator may restore: a rejection or a cancellation made in error."""
    if not perimetre.est_administrateur:
        return []
    a_retablir = JAMAIS
    for p in perimetre.tous:
        if Role.ADMINISTRATEUR in p.roles:
            a_retablir |= Q(etat__in=(Etat.REJETEE, Etat.ANNULEE), secteur__in=p.secteurs)
    return [
        Vue(
            "a_retablir",
            "Rejetées et annulées",
            "Administration",
            a_retablir,
            ("Rien à rétablir", "Les demandes rejetées ou annulées se retrouvent ici."),
        )
    ]


def vues_de_direction(perimetre: Perimetre, jour: date) -> list[Vue]:
    """What the direction must take, hold and answer."""
    if not perimetre.est_direction:
        return []
    toutes = responsable = JAMAIS
    for p in perimetre.tous:
        for lieux in (p.directions, p.directions_lues):
            for direction, secteurs in lieux.items():
                toutes |= Q(direction=direction, secteur__in=secteurs)
        for direction, secteurs in p.directions_responsable.items():
            responsable |= Q(direction=direction, secteur__in=secteurs)
    aujourd_hui = Q(
        echeance_service__gt=fin_de_journee(jour - timedelta(days=1)),
        echeance_service__lte=fin_de_journee(jour),
        service_suspendu_le__isnull=True,
    )
    vues = [
        Vue(
            "a_prendre",
            "À prendre en charge",
            "Direction",
            Q(etat=Etat.ORIENTEE),
            ("Rien à prendre en charge", "Les demandes que l'accueil vous oriente arriveront ici."),
            toutes & OUVERTES,
        ),
        Vue(
            "miennes",
            "Les miennes",
            "Direction",
            Q(agent_traitant=perimetre.compte),
            ("Vous n'avez aucune demande en cours", "Prenez-en une dans « À prendre en charge »."),
            toutes & OUVERTES,
        ),
        Vue(
            "a_valider",
            "À valider",
            "Direction",
            responsable & Q(etat=Etat.A_VALIDER),
            ("Aucune réponse à valider", "Les projets de réponse de vos agents attendront ici votre accord."),
            toutes & OUVERTES,
        ),
        Vue(
            "non_lus",
            "Messages non lus",
            "Direction",
            toutes & Q(a_message_non_lu=True),
            ("Tous les messages sont lus", "Ce qu'un usager ajoute à sa demande s'affichera ici."),
        ),
        Vue(
            "en_retard",
            "En retard",
            "Direction",
            EN_RETARD,
            ("Aucun retard", "Toutes les demandes de la direction sont dans les délais."),
            toutes & OUVERTES,
        ),
        Vue(
            "aujourd_hui",
            "À rendre aujourd'hui",
            "Direction",
            aujourd_hui,
            ("Rien à rendre aujourd'hui", "Aucune échéance ne tombe ce jour."),
            toutes & OUVERTES,
        ),
        Vue(
            "en_attente",
            "En attente",
            "Direction",
            Q(etat__in=(Etat.ATTENTE_USAGER, Etat.ATTENTE_TIERS)),
            ("Rien en attente", "Une demande qui attend un usager ou un tiers se range ici."),
            toutes & OUVERTES,
        ),
        Vue(
            "direction",
            "Toute la direction",
            "Direction",
            Q(),
            ("Aucune demande en cours", "La direction n'a rien à traiter."),
            toutes & OUVERTES,
        ),
        vue_des_finies(
            "terminees",
            "Direction",
            "Ce que la direction a fini se retrouvera ici.",
            [
                Q(direction=direction, secteur__in=secteurs)
                for p in perimetre.tous
                for lieux in (p.directions, p.directions_lues)
                for direction, secteurs in lieux.items()
            ],
        ),
    ]
    est_responsable = any(p.directions_responsable for p in perimetre.tous)
    return [vue for vue in vues if vue.code != "a_valider" or est_responsable]


def vue_des_finies(code: str, groupe: str, conseil: str, lieux: Sequence[Q]) -> Vue:
    """What is over in these places."""
    propre = reduce(or_, lieux) & Q(etat__in=FINAUX)
    ranges = tuple(lieux) if len(lieux) > 1 else ()
    vide = ("Aucune demande terminée", conseil)
    return Vue(code, "Terminées", groupe, propre, vide, est_finie=True, ranges=ranges)


# -- filters -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filtres:
    """What somebody narrows a view with; every empty one is left out.

    `agent`: moi, personne, or an id. `direction`: aucune, or a code. `du` and `au` are days of reception.
    """

    texte: str = ""
    type: str = ""
    etat: str = ""
    canal: str = ""
    territoire: str = ""
    agent: str = ""
    direction: str = ""
    du: date | None = None
    au: date | None = None
    urgente: bool = False

    def __bool__(self) -> bool:
        return self != Filtres()

    def en_clair(self) -> dict[str, str]:
        """As an address and a kept view say them."""
        clairs = {champ.name: getattr(self, champ.name) for champ in fields(self)}
        return {nom: "on" if valeur is True else str(valeur) for nom, valeur in clairs.items() if valeur}

    @classmethod
    def depuis(cls, clairs: Mapping[str, str]) -> Filtres:
        """Read back what `en_clair` wrote."""
        lecteurs: dict[str, Callable[[str], Any]] = {
            "du": date.fromisoformat,
            "au": date.fromisoformat,
            "urgente": bool,
        }
        connus = {champ.name for champ in fields(cls)}
        return cls(**{nom: lecteurs.get(nom, str)(v) for nom, v in clairs.items() if nom in connus})

    def q(self, perimetre: Perimetre, *, est_un_compte: bool = False) -> Q:
        """Only the readable ones answer a filter: a list must not tell what a hidden demande contains.

        For a count, a name is looked up row by row: joined, everybody would be read.
        """
        q = contenu_lisible(perimetre) if self else Q()
        egalites = {
            "type__code": self.type,
            "etat": self.etat,
            "canal": self.canal,
            "territoire__code": self.territoire,
        }
        q &= Q(**{champ: valeur for champ, valeur in egalites.items() if valeur}) & self._q_recue()
        if self.direction:
            aucune = self.direction == "aucune"
            q &= Q(direction__isnull=True) if aucune else Q(direction__code=self.direction)
        if self.urgente:
            q &= Q(est_urgente=True)
        if self.agent:
            q &= self._q_agent(perimetre)
        if self.texte:
            q &= self._q_texte(est_un_compte=est_un_compte)
        return q

    def _q_recue(self) -> Q:
        """Received from the beginning of one day to the end of another, both included."""
        q = Q()
        if self.du:
            q &= Q(recue_le__gt=fin_de_journee(self.du - timedelta(days=1)))
        if self.au:
            q &= Q(recue_le__lte=fin_de_journee(self.au))
        return q

    def _q_agent(self, perimetre: Perimetre) -> Q:
        if self.agent == "personne":
            return Q(agent_traitant__isnull=True)
        return Q(agent_traitant=perimetre.compte.pk if self.agent == "moi" else int(self.agent))

    def _q_texte(self, *, est_un_compte: bool) -> Q:
        """A number, words of the object or the address, or the beginnings of a person's names."""
        question = lire(self.texte)
        if question.numeros:
            return Q(numero__in=question.numeros)
        q = Q(numero__startswith=self.texte[:12])
        if requete := mots_du_texte(question):
            q |= Q(recherche=requete)
        if noms := [mot for mot in plier(self.texte).split() if mot.isalnum()]:
            if est_un_compte:
                siens = Usager.objects.filter(pk=OuterRef("usager"), recherche=prefixes(noms))
                q |= Q(Exists(siens))
            else:
                q |= Q(usager__recherche=prefixes(noms))
        return q


# -- rows ----------------------------------------------------------------------------------------------


def demandes_de(vue: Vue, filtres: Filtres, perimetre: Perimetre) -> QuerySet[Demande]:
    """The rows of a view, light, each with `lisible`: False shows its number and clock, not its content."""
    lisible = contenu_lisible(perimetre)
    return (
        Demande.objects.connues_de(perimetre)
        .filter(vue.filtre, filtres.q(perimetre))
        .annotate(lisible=Case(When(lisible, then=True), default=False, output_field=BooleanField()))
        .select_related("type", "usager", "territoire", "direction", "agent_traitant")
        .only(*COLONNES)
    )


@dataclass(frozen=True)
class Liste:
    """One view as an agent asks for it on a day; `code` is one of their views."""

    perimetre: Perimetre
    code: str
    filtres: Filtres
    jour: date

    @property
    def vue(self) -> Vue:
        return next(vue for vue in vues_du_jour(self.perimetre, self.jour) if vue.code == self.code)

    @property
    def places(self) -> type[Place]:
        return CurseurFinies if self.vue.est_finie else Curseur

    @property
    def ranges(self) -> tuple[Q, ...]:
        return self.vue.ranges

    def demandes(self) -> QuerySet[Demande]:
        return demandes_de(self.vue, self.filtres, self.perimetre)


def liste_de(vue: Vue, filtres: Filtres, perimetre: Perimetre) -> Liste:
    return Liste(perimetre, vue.code, filtres, jour_de(timezone.now()))
