"""What `effectifs` does to one agent, done to many: as many statements for two thousand as for two.

The gestures are decided by the caller from rows it has read and locked in the same transaction; here they are
only done. Each leaves its own line in the register, as if it had been made alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from guichet.organisation.audit import Changement, consigner_plusieurs, instantane
from guichet.organisation.effectifs import CHAMPS_DE_L_AGENT, decrire, veille
from guichet.organisation.invitations import inviter_plusieurs
from guichet.organisation.models import Affectation, Agent, Compte, Espace, Role
from guichet.socle.erreurs import Refus
from guichet.socle.insertion import reecrire


@dataclass(eq=False)
class Ouverture:
    """A new agent, made by `nouvel_agent`."""

    agent: Agent
    avec_invitation: bool


@dataclass(eq=False)
class Correction:
    """Other values for a known agent. Their address is what they are known by: it stays."""

    agent: Agent
    valeurs: Mapping[str, Any]


@dataclass(eq=False)
class Attribution:
    """A new right, of an agent who may be new too."""

    droit: Affectation


@dataclass(eq=False)
class Fin:
    """The last day of a right; one that has not begun by then is taken out."""

    droit: Affectation
    au: date


Geste = Ouverture | Correction | Attribution | Fin


class GesteRefuse(Refus):
    """Nothing of the whole is kept, because of this gesture."""

    def __init__(self, geste: Geste, phrase: str):
        self.geste = geste
        super().__init__(phrase)


def nouvel_agent(valeurs: Mapping[str, Any]) -> Agent:
    """An agent and an account without a password, not written yet."""
    compte = Compte(
        espace=Espace.AGENT,
        courriel=valeurs["courriel"],
        nom_affiche=f"{valeurs['prenom']} {valeurs['nom']}"[:120],
    )
    compte.set_unusable_password()
    return Agent(compte=compte, **{c: valeurs[c] for c in CHAMPS_DE_L_AGENT})


def faire(gestes: Sequence[Geste], *, par: Compte) -> None:
    """Do them all, in the caller's transaction, or raise GesteRefuse."""
    changements = [c for geste in gestes if (c := appliquer(geste))]
    ouvertures = [g for g in gestes if isinstance(g, Ouverture)]
    ouvrir(ouvertures)
    corriges = [g.agent for g in gestes if isinstance(g, Correction)]
    reecrire([agent.compte for agent in corriges], ["nom_affiche"])
    reecrire(corriges, CHAMPS_DE_L_AGENT)
    Affectation.objects.bulk_create([g.droit for g in gestes if isinstance(g, Attribution)])
    fins = {g.droit.pk: g for g in gestes if isinstance(g, Fin)}
    retires = {pk for pk, fin in fins.items() if fin.droit.au and fin.droit.au < fin.droit.du}
    reecrire([fin.droit for pk, fin in fins.items() if pk not in retires], ["au"])
    Affectation.objects.filter(pk__in=retires).delete()
    garder_un_administrateur(fins.values())
    consigner_plusieurs(changements, compte=par)
    inviter_plusieurs([g.agent.compte for g in ouvertures if g.avec_invitation])


def appliquer(geste: Geste) -> Changement | None:
    """Change the objects in memory and tell the register's line; None when there is nothing to do."""
    match geste:
        case Ouverture(agent):
            return Changement(agent, "creation", apres=decrire(agent))
        case Attribution(droit):
            return Changement(droit, "creation", apres=instantane(droit))
        case Correction(agent, valeurs):
            avant = decrire(agent)
            for champ in CHAMPS_DE_L_AGENT:
                setattr(agent, champ, valeurs[champ])
            agent.compte.nom_affiche = str(agent)[:120]
            return Changement(agent, "modification", avant=avant, apres=decrire(agent))
        case Fin(droit, au):
            if droit.au is not None and droit.au <= max(au, veille()):
                return None
            avant = instantane(droit)
            droit.au = au
            if au < droit.du:
                return Changement(droit, "suppression", avant=avant)
            return Changement(droit, "modification", avant=avant, apres=instantane(droit))


def ouvrir(ouvertures: Sequence[Ouverture]) -> None:
    """Write the accounts, then the agents; somebody may have opened one of them meanwhile."""
    par_courriel = {g.agent.compte.courriel: g for g in ouvertures}
    try:
        with transaction.atomic():
            Compte.objects.bulk_create([g.agent.compte for g in ouvertures])
    except IntegrityError as cause:
        pris = Compte.objects.filter(espace=Espace.AGENT, courriel__in=par_courriel).values_list(
            "courriel", flat=True
        )
        raise GesteRefuse(par_courriel[pris[0]], "Un agent a déjà cette adresse électronique.") from cause
    Agent.objects.bulk_create([g.agent for g in ouvertures])


def garder_un_administrateur(fins: Collection[Fin]) -> None:
    """Refuse what would leave nobody to open this door again."""
    siennes = [fin for fin in fins if fin.droit.role == Role.ADMINISTRATEUR]
    if not siennes:
        return
    periodes = list(
        Affectation.objects.filter(role=Role.ADMINISTRATEUR, compte__is_active=True).values_list("du", "au")
    )
    for fin in siennes:
        lendemain = fin.au + timedelta(days=1)
        if not any(du <= lendemain and (au is None or au >= lendemain) for du, au in periodes):
            raise GesteRefuse(fin, "Il ne resterait plus aucun administrateur. Nommez-en un autre avant.")
