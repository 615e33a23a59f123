"""An agent leaves: all they hold is handed over, then their rights end. All of it, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Case, CharField, Count, F, Value, When
from django.utils import timezone

from demandes import actions
from demandes.actions.fermetures import ENGAGEE, LIBRE, cle_de, part_de, retenir, tenues_par
from demandes.droits import Auteur
from demandes.etats import NON_FINAUX, Etat
from demandes.models import Demande
from guichet.organisation import departs, effectifs
from guichet.organisation.models import Affectation, Agent, Compte, Secteur
from guichet.organisation.models.comptes import ROLES_DIRECTION
from guichet.socle.erreurs import DonneeInvalide, Refus

CORBEILLE = "corbeille"


@dataclass
class Lot:
    """What goes together: one direction, one secteur, and whether something is already promised."""

    cle: str
    direction_id: int
    direction: str
    secteur: str
    est_engage: bool
    nombre: int
    collegues: list[Compte] = field(default_factory=list)

    @property
    def libelle(self) -> str:
        s = "s" if self.nombre > 1 else ""
        quoi = f"planifiée{s}, en attente ou à valider" if self.est_engage else "en cours"
        lieu = self.direction
        if self.secteur != Secteur.GENERAL:
            lieu += f", secteur {Secteur(self.secteur).label.lower()}"
        return f"{lieu} : {self.nombre} demande{s} {quoi}"


def lots_de(compte: Compte) -> list[Lot]:
    """What this agent holds, with who may take it: two statements, whatever the number of demandes."""
    tenues = (
        Demande.objects.filter(agent_traitant=compte, etat__in=NON_FINAUX, direction__isnull=False)
        .annotate(
            part=Case(
                When(etat=Etat.PRISE_EN_CHARGE, then=Value(LIBRE)),
                default=Value(ENGAGEE),
                output_field=CharField(),
            ),
            lieu=F("direction__nom"),
        )
        .values("direction_id", "lieu", "secteur", "part")
        .annotate(nombre=Count("pk"))
        .order_by("lieu", "secteur", "-part")
    )
    lots = [
        Lot(
            cle_de(t["direction_id"], t["secteur"], t["part"]),
            t["direction_id"],
            t["lieu"],
            t["secteur"],
            t["part"] == ENGAGEE,
            t["nombre"],
        )
        for t in tenues
    ]
    if lots:
        collegues = collegues_par_lieu(compte, {lot.direction_id for lot in lots})
        for lot in lots:
            lot.collegues = list(collegues[lot.direction_id, lot.secteur].values())
    return lots


def collegues_par_lieu(compte: Compte, directions: set[int]) -> dict[tuple[int, str], dict[int, Compte]]:
    """Who works today in these directions, by direction and secteur, each once, in order of names."""
    droits = (
        Affectation.objects.en_cours()
        .filter(role__in=ROLES_DIRECTION, direction__in=directions, compte__is_active=True)
        .exclude(compte=compte)
        .select_related("compte")
        .order_by("compte__nom_affiche", "compte_id")
    )
    par_lieu: dict[tuple[int, str], dict[int, Compte]] = defaultdict(dict)
    for droit in droits:
        for secteur in droit.secteurs:
            par_lieu[droit.direction_id or 0, secteur][droit.compte_id] = droit.compte
    return par_lieu


@transaction.atomic
def partir(agent: Agent, suites: Mapping[str, Compte | None], *, au: date, par: Compte) -> int:
    """Hand over what `agent` holds and end their rights on `au`; return how many demandes moved.

    `suites` says for each key of a Lot who takes it, None for the queue of the direction. Done again, it
    finds nothing more to do.
    """
    if agent.compte_id == par.pk:
        raise Refus("Un autre administrateur doit enregistrer votre départ : demandez-lui.")
    agent = effectifs.verrouiller(agent)
    nombre = remettre(agent.compte, suites, auteur=Auteur.agent(par))
    if au > timezone.localdate():
        retenir(agent.compte, suites)
    departs.finir_tous_les_droits(agent, au=au, par=par)
    return nombre


def remettre(compte: Compte, suites: Mapping[str, Compte | None], *, auteur: Auteur) -> int:
    """Each demande through the door, in the order of its id; what left their hands meanwhile stays."""
    tenues = tenues_par(compte)
    for demande in tenues:
        cle = cle_de(demande.direction_id or 0, demande.secteur, part_de(demande))
        if cle not in suites:
            raise DonneeInvalide("Ce que tient cette personne vient de changer : relisez, puis recommencez.")
        if collegue := suites[cle]:
            actions.confier_a_un_collegue(demande, auteur=auteur, collegue=collegue, est_verrouillee=True)
        else:
            actions.rendre_a_la_corbeille(demande, auteur=auteur, est_verrouillee=True)
    return len(tenues)
