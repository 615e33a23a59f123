"""The end of a last day: what is still held follows what the departure decided, and the account closes."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.db import transaction

from demandes.actions.departs import confier_a_un_collegue, rendre_a_la_corbeille
from demandes.actions.porte import verrouiller
from demandes.chapeaux import A2
from demandes.droits import SYSTEME, chapeaux_de
from demandes.etats import NON_FINAUX, Etat
from demandes.models import Demande, Suite
from guichet.organisation import departs, effectifs
from guichet.organisation.models import Affectation, Agent, Compte, Role
from guichet.organisation.perimetre import Perimetre

journal = logging.getLogger(__name__)

LIBRE, ENGAGEE = "libre", "engagee"


def cle_de(direction_id: int, secteur: str, part: str) -> str:
    """What goes together: one direction, one secteur, and whether something is already promised."""
    return f"suite_{direction_id}_{secteur}_{part}"


def part_de(demande: Demande) -> str:
    return LIBRE if demande.etat == Etat.PRISE_EN_CHARGE else ENGAGEE


def tenues_par(compte: Compte) -> list[Demande]:
    """The open demandes this agent holds, locked in the order of their ids."""
    pks = Demande.objects.filter(agent_traitant=compte, etat__in=NON_FINAUX).values_list("pk", flat=True)
    return [
        d for d in verrouiller(*pks).values() if d.agent_traitant_id == compte.pk and d.etat in NON_FINAUX
    ]


def retenir(compte: Compte, suites: Mapping[str, Compte | None]) -> None:
    """Keep the decisions of a departure for what is taken between now and the last day."""
    Suite.objects.bulk_create(
        [Suite(partant=compte, lot=lot, collegue=collegue) for lot, collegue in suites.items()],
        update_conflicts=True,
        unique_fields=["partant", "lot"],
        update_fields=["collegue"],
    )


def fermer_les_comptes() -> None:
    """Close each account whose last day is over; one that cannot be is tried again, and the probe says so."""
    for agent in departs.a_fermer():
        try:
            fermer(agent)
        except Exception:
            journal.exception("The account of agent %s could not be closed.", agent.pk)


@transaction.atomic
def fermer(agent: Agent) -> None:
    """Done twice, it finds nothing to do. A right given beyond the last day says that they stay."""
    agent = effectifs.verrouiller(agent)
    if not departs.est_a_fermer(agent):
        return
    if departs.a_un_droit_a_venir(agent.compte):
        departs.dater(agent, None, par=None)
    else:
        remettre_le_reste(agent.compte)
        departs.fermer_le_compte(agent)
    Suite.objects.filter(partant=agent.compte).delete()


def remettre_le_reste(compte: Compte) -> None:
    """What is promised and has nobody to follow it keeps its holder: the card of the agent says so."""
    decisions = {
        suite.lot: suite.collegue for suite in Suite.objects.filter(partant=compte).select_related("collegue")
    }
    for demande in tenues_par(compte):
        if collegue := repreneur(demande, decisions):
            confier_a_un_collegue(demande, auteur=SYSTEME, collegue=collegue, est_verrouillee=True)
        elif part_de(demande) == LIBRE:
            rendre_a_la_corbeille(demande, auteur=SYSTEME, est_verrouillee=True)


def repreneur(demande: Demande, decisions: Mapping[str, Compte | None]) -> Compte | None:
    """Who was named for this lot; for what is promised, who took the rest, or a head of the direction."""
    possibles = [decisions.get(cle_de(demande.direction_id or 0, demande.secteur, part_de(demande)))]
    if part_de(demande) == ENGAGEE:
        possibles.append(decisions.get(cle_de(demande.direction_id or 0, demande.secteur, LIBRE)))
        possibles += [
            droit.compte
            for droit in Affectation.objects.en_cours()
            .filter(role=Role.RESPONSABLE_DIRECTION, direction=demande.direction_id)
            .select_related("compte")
            .order_by("pk")
        ]
    return next((c for c in possibles if c and peut_tenir(c, demande)), None)


def peut_tenir(compte: Compte, demande: Demande) -> bool:
    return compte.pk != demande.agent_traitant_id and A2 in chapeaux_de(Perimetre.de(compte), demande)
