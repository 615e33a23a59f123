"""Who may be handed a demande today: they work in its direction, are here, and stay."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from demandes.etats import NON_FINAUX
from demandes.models import Demande
from guichet.organisation.models import Affectation, Compte, Delegation
from guichet.organisation.models.comptes import ROLES_DIRECTION


def presents(directions: Iterable[int | None], **droit: object) -> QuerySet[Compte]:
    """Who has a right of their own in these directions, is replaced by nobody and is not leaving."""
    jour = timezone.localdate()
    droits = Affectation.objects.en_cours().filter(
        compte=OuterRef("pk"), role__in=ROLES_DIRECTION, direction__in=list(directions), **droit
    )
    absences = Delegation.objects.filter(titulaire=OuterRef("pk"), du__lte=jour, au__gte=jour)
    return Compte.objects.filter(
        Exists(droits), ~Exists(absences), is_active=True, agent__dernier_jour__isnull=True
    ).order_by("nom_affiche", "pk")


def collegues_de(demande: Demande) -> QuerySet[Compte]:
    """Who may take over a demande from its holder: cleared for its secteur by a right of their own."""
    return presents([demande.direction_id], secteurs__contains=[demande.secteur]).exclude(
        pk=demande.agent_traitant_id or 0
    )


def avec_leur_charge(comptes: QuerySet[Compte]) -> QuerySet[Compte]:
    """Each with `charge`, the number of open demandes they hold."""
    return comptes.annotate(
        charge=Count("demandes_traitees", filter=Q(demandes_traitees__etat__in=NON_FINAUX))
    )
