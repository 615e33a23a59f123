"""The last day of an agent: every right ends with it, and the account when that day is over."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from guichet.organisation import effectifs
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Agent, Astreinte, Compte, Delegation
from guichet.socle.erreurs import DonneeInvalide

DEPART_MAXIMAL = timedelta(days=366)


def finir_tous_les_droits(agent: Agent, *, au: date, par: Compte) -> None:
    """In the caller's transaction. Today closes the account at once, a later day when it is over."""
    jour = timezone.localdate()
    if au < jour:
        raise DonneeInvalide("Le dernier jour est aujourd'hui ou plus tard.", "au")
    if au > jour + DEPART_MAXIMAL:
        raise DonneeInvalide("Un départ se prépare un an à l'avance, au plus.", "au")
    compte = agent.compte
    apres = Q(au__isnull=True) | Q(au__gt=au)
    for affectation in compte.affectations.filter(apres).order_by("pk"):
        effectifs.finir(affectation, au=au, par=par)
    siennes = Delegation.objects.filter(Q(titulaire=compte) | Q(suppleant=compte), au__gt=au)
    for delegation in siennes.order_by("pk"):
        effectifs.finir(delegation, au=au, par=par)
    finir_les_astreintes(compte, au=au, par=par)
    if au == jour:
        effectifs.activer(agent, est_actif=False, par=par)
    else:
        dater(agent, au, par=par)


def dater(agent: Agent, dernier_jour: date | None, *, par: Compte | None) -> None:
    """Write down the last day, or that they stay after all (None)."""
    avant = effectifs.decrire(agent)
    agent.dernier_jour = dernier_jour
    agent.save(update_fields=["dernier_jour"])
    consigner(compte=par, objet=agent, action="modification", avant=avant, apres=effectifs.decrire(agent))


def a_fermer() -> QuerySet[Agent]:
    """Those whose last day is over and whose account is still open."""
    return Agent.objects.filter(dernier_jour__lt=timezone.localdate(), compte__is_active=True).order_by("pk")


def est_a_fermer(agent: Agent) -> bool:
    return bool(agent.compte.is_active and agent.dernier_jour and agent.dernier_jour < timezone.localdate())


def a_un_droit_a_venir(compte: Compte) -> bool:
    """Whether they hold a right today or later."""
    jour = timezone.localdate()
    return compte.affectations.filter(Q(au__isnull=True) | Q(au__gte=jour)).exists()


def fermer_le_compte(agent: Agent) -> None:
    """In the caller's transaction; with no right left, it can take no administrator away."""
    avant = effectifs.decrire(agent)
    agent.compte.is_active = False
    agent.compte.save(update_fields=["is_active"])
    consigner(compte=None, objet=agent, action="modification", avant=avant, apres=effectifs.decrire(agent))


def finir_les_astreintes(compte: Compte, *, au: date, par: Compte) -> None:
    """Nobody is on duty after their last day: a period is cut at midnight, a later one removed."""
    minuit = timezone.make_aware(datetime.combine(au + timedelta(days=1), time()))
    for astreinte in (
        Astreinte.objects.select_for_update(of=("self",)).filter(compte=compte, fin__gt=minuit).order_by("pk")
    ):
        avant = instantane(astreinte)
        if astreinte.debut >= minuit:
            consigner(compte=par, objet=astreinte, action="suppression", avant=avant)
            astreinte.delete()
            continue
        astreinte.fin = minuit
        astreinte.save(update_fields=["fin"])
        consigner(
            compte=par, objet=astreinte, action="modification", avant=avant, apres=instantane(astreinte)
        )
