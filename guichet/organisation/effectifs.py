"""What is done to an agent's account and rights. Each change is written in the register with its author.

A right is never rewritten: a new one is added, an old one is given an end, and what never began is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from guichet.organisation.audit import consigner, instantane
from guichet.organisation.invitations import inviter
from guichet.organisation.models import Affectation, Agent, Compte, Delegation, Espace, Role
from guichet.socle.erreurs import DonneeInvalide, Refus

CHAMPS_DE_L_AGENT = (
    "prenom",
    "nom",
    "qualite",
    "telephone",
    "poste",
    "adresse_administrative",
    "est_anonyme",
    "motif_anonymat",
)
DELEGATION_MAXIMALE = timedelta(days=366)


def creer_agent(
    valeurs: Mapping[str, Any], *, par: Compte, action: str = "creation", avec_invitation: bool = True
) -> Agent:
    """Open an account without a password and invite its owner to choose one, now or later."""
    try:
        with transaction.atomic():
            compte = Compte.objects.creer(
                Espace.AGENT, valeurs["courriel"], nom_affiche=f"{valeurs['prenom']} {valeurs['nom']}"[:120]
            )
            agent = Agent.objects.create(compte=compte, **{c: valeurs[c] for c in CHAMPS_DE_L_AGENT})
            consigner(compte=par, objet=agent, action=action, apres=decrire(agent))
            if avec_invitation:
                inviter(compte)
    except IntegrityError as cause:
        raise DonneeInvalide("Un agent a déjà cette adresse électronique.", "courriel") from cause
    return agent


@transaction.atomic
def modifier_agent(
    agent: Agent, valeurs: Mapping[str, Any], *, par: Compte, action: str = "modification"
) -> None:
    """Change who the agent is and how they sign; the e-mail is also what they log in with."""
    agent = verrouiller(agent)
    avant = decrire(agent)
    for champ in CHAMPS_DE_L_AGENT:
        setattr(agent, champ, valeurs[champ])
    compte = agent.compte
    compte.courriel, compte.nom_affiche = valeurs["courriel"], str(agent)[:120]
    if Compte.objects.filter(espace=Espace.AGENT, courriel=compte.courriel).exclude(pk=compte.pk).exists():
        raise DonneeInvalide("Un agent a déjà cette adresse électronique.", "courriel")
    compte.save(update_fields=["courriel", "nom_affiche"])
    agent.save()
    consigner(compte=par, objet=agent, action=action, avant=avant, apres=decrire(agent))


@transaction.atomic
def changer_de_poste(agent: Agent, poste: str) -> None:
    """An agent says which phone is on their desk today: what rings there is announced to them."""
    agent = verrouiller(agent)
    avant = decrire(agent)
    agent.poste = poste
    agent.save(update_fields=["poste"])
    consigner(compte=agent.compte, objet=agent, action="modification", avant=avant, apres=decrire(agent))


@transaction.atomic
def activer(agent: Agent, *, est_actif: bool, par: Compte) -> None:
    """Open or close the account; closed, its sessions end at once and nothing it did is lost."""
    agent = verrouiller(agent)
    avant = decrire(agent)
    if not est_actif:
        if agent.compte_id == par.pk:
            raise Refus("Vous ne pouvez pas désactiver votre propre compte.")
        garder_un_administrateur(sans=Q(compte=agent.compte))
    agent.compte.is_active = est_actif
    agent.compte.save(update_fields=["is_active"])
    if est_actif:
        agent.dernier_jour = None
        agent.save(update_fields=["dernier_jour"])
    consigner(compte=par, objet=agent, action="modification", avant=avant, apres=decrire(agent))


def verrouiller(agent: Agent) -> Agent:
    return Agent.objects.select_for_update().select_related("compte").get(pk=agent.pk)


def decrire(agent: Agent) -> dict[str, Any]:
    """The agent and the part of the account that people see."""
    compte = agent.compte
    return instantane(agent) | {"courriel": compte.courriel, "compte_actif": compte.is_active}


# -- rights ------------------------------------------------------------------------------------------------


@transaction.atomic
def affecter(agent: Agent, valeurs: Mapping[str, Any], *, par: Compte, action: str = "creation") -> None:
    """Add a role in a place; the same one is not held twice at the same time."""
    verrouiller(agent)
    affectation = Affectation(compte=agent.compte, **valeurs)
    memes = Affectation.objects.filter(
        compte=agent.compte,
        role=affectation.role,
        point_accueil=affectation.point_accueil,
        direction=affectation.direction,
    ).filter(Q(au__isnull=True) | Q(au__gte=affectation.du))
    if affectation.au:
        memes = memes.filter(du__lte=affectation.au)
    if autre := memes.first():
        fin = f" jusqu'au {autre.au:%d/%m/%Y}" if autre.au else ""
        raise DonneeInvalide(
            f"Cet agent tient déjà ce rôle ici depuis le {autre.du:%d/%m/%Y}{fin}. "
            "Pour changer ses secteurs, mettez d'abord fin à cette affectation.",
            "du",
        )
    affectation.save()
    consigner(compte=par, objet=affectation, action=action, apres=instantane(affectation))


@transaction.atomic
def finir(droit: Affectation | Delegation, *, au: date, par: Compte) -> bool:
    """Give a right its last day; one that has not begun is taken out. False when there was nothing to do."""
    droit = type(droit)._default_manager.select_for_update().get(pk=droit.pk)
    hier = veille()
    if droit.au is not None and droit.au <= max(au, hier):
        return False
    if au < hier:
        raise DonneeInvalide("La fin ne peut pas être plus ancienne qu'hier : ce qui a été fait reste.", "au")
    if isinstance(droit, Affectation) and droit.role == Role.ADMINISTRATEUR:
        garder_un_administrateur(sans=Q(pk=droit.pk), jour=au + timedelta(days=1))
    avant = instantane(droit)
    if au < droit.du:
        consigner(compte=par, objet=droit, action="suppression", avant=avant)
        droit.delete()
        return True
    droit.au = au
    droit.save(update_fields=["au"])
    consigner(compte=par, objet=droit, action="modification", avant=avant, apres=instantane(droit))
    return True


def veille() -> date:
    """Yesterday: the last day of a right that stops now."""
    return timezone.localdate() - timedelta(days=1)


def garder_un_administrateur(*, sans: Q, jour: date | None = None) -> None:
    """Refuse what would leave nobody to open this door again."""
    restants = Affectation.objects.en_cours(jour).filter(role=Role.ADMINISTRATEUR, compte__is_active=True)
    if not restants.exclude(sans).exists():
        raise Refus("Il ne resterait plus aucun administrateur. Nommez-en un autre avant.")


@transaction.atomic
def deleguer(titulaire: Compte, suppleant: Compte, *, du: date, au: date, par: Compte) -> Delegation:
    """Let a colleague act in somebody's place between two dates."""
    Compte.objects.select_for_update().get(pk=titulaire.pk)
    if titulaire == suppleant:
        raise DonneeInvalide("Choisissez une autre personne que l'absent.", "suppleant")
    if not ont_un_lieu_commun(titulaire, suppleant):
        raise DonneeInvalide("Choisissez un collègue qui travaille dans un même lieu.", "suppleant")
    if au < du:
        raise DonneeInvalide("La fin vient avant le début.", "au")
    if au < timezone.localdate():
        raise DonneeInvalide("Cette absence est déjà finie.", "au")
    if au - du > DELEGATION_MAXIMALE:
        raise DonneeInvalide("Une absence déclarée dure un an au plus.", "au")
    if Delegation.objects.filter(titulaire=titulaire, suppleant=suppleant, du__lte=au, au__gte=du).exists():
        raise DonneeInvalide("Cette personne le remplace déjà à ces dates.", "suppleant")
    delegation = Delegation.objects.create(titulaire=titulaire, suppleant=suppleant, du=du, au=au)
    consigner(compte=par, objet=delegation, action="creation", apres=instantane(delegation))
    return delegation


def ont_un_lieu_commun(un: Compte, autre: Compte) -> bool:
    """Both hold a role today in one desk or one direction."""
    les_siens = un.affectations.en_cours()
    return (
        autre.affectations.en_cours()
        .filter(
            Q(point_accueil__in=les_siens.filter(point_accueil__isnull=False).values("point_accueil"))
            | Q(direction__in=les_siens.filter(direction__isnull=False).values("direction"))
        )
        .exists()
    )
