"""Who may be handed a demande today: they work in its direction, are here, and stay."""

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from demandes.etats import NON_FINAUX
from demandes.models import Demande
from demandes.models.requetes import JAMAIS
from guichet.organisation.models import Affectation, Compte, Delegation
from guichet.organisation.models.comptes import ROLES_DIRECTION


def collegues_de(demandes: Collection[Demande]) -> QuerySet[Compte]:
    """Who may hold one of these at least: cleared for its secteur by a right of their own, replaced by nobody
    and not leaving.
    """
    jour = timezone.localdate()
    lieux = JAMAIS
    for direction, secteur in {(d.direction_id, d.secteur) for d in demandes if d.direction_id}:
        lieux |= Q(direction=direction, secteurs__contains=[secteur])
    droits = Affectation.objects.en_cours().filter(lieux, compte=OuterRef("pk"), role__in=ROLES_DIRECTION)
    absences = Delegation.objects.filter(titulaire=OuterRef("pk"), du__lte=jour, au__gte=jour)
    return Compte.objects.filter(
        Exists(droits), ~Exists(absences), is_active=True, agent__dernier_jour__isnull=True
    ).order_by("nom_affiche", "pk")


def avec_leur_charge(comptes: QuerySet[Compte]) -> QuerySet[Compte]:
    """Each with `charge`, the number of open demandes they hold."""
    return comptes.annotate(
        charge=Count("demandes_traitees", filter=Q(demandes_traitees__etat__in=NON_FINAUX))
    )
