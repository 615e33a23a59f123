"""The last day of an agent: every right ends with it, and the account when that day is today."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from guichet.organisation import effectifs
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Agent, Astreinte, Compte, Delegation
from guichet.socle.erreurs import DonneeInvalide

DEPART_MAXIMAL = timedelta(days=366)


def finir_tous_les_droits(agent: Agent, *, au: date, par: Compte) -> None:
    """In the caller's transaction. A later day leaves the account open: without a right, it opens nothing."""
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
