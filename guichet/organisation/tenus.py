"""What an agent holds that somebody else will have to take when they leave."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from guichet.organisation.lieux import Attache, nombrer
from guichet.organisation.models import Affectation, Astreinte, Compte, Delegation, Role

RESPONSABLES = (Role.RESPONSABLE_ACCUEIL, Role.RESPONSABLE_DIRECTION)


def tenus_par(compte: Compte) -> list[Attache]:
    """In words, this room's and those of the rooms above (settings); a fixed number of statements."""
    liste = [
        attache for chemin in settings.GUICHET_TENUS_PAR_UN_AGENT for attache in import_string(chemin)(compte)
    ]
    jour = timezone.localdate()
    remplacements = Delegation.objects.filter(Q(titulaire=compte) | Q(suppleant=compte), au__gte=jour).count()
    if remplacements:
        liste.append(Attache(nombrer(remplacements, "remplacement prévu", "remplacements prévus")))
    astreintes = Astreinte.objects.filter(compte=compte, fin__gt=timezone.now()).count()
    if astreintes:
        liste.append(Attache(nombrer(astreintes, "astreinte à venir", "astreintes à venir")))
    return [
        *liste,
        *(
            Attache(f"seul responsable de « {droit.point_accueil or droit.direction} »")
            for droit in seul_responsable(compte)
        ),
    ]


def seul_responsable(compte: Compte) -> list[Affectation]:
    """The places that would have no head without this person."""
    autres = (
        Affectation.objects.en_cours()
        .filter(role=OuterRef("role"), compte__is_active=True)
        .filter(
            Q(point_accueil__isnull=False, point_accueil=OuterRef("point_accueil"))
            | Q(direction__isnull=False, direction=OuterRef("direction"))
        )
        .exclude(compte=compte)
    )
    droits = compte.affectations.en_cours().filter(~Exists(autres), role__in=RESPONSABLES)
    return list(droits.select_related("point_accueil", "direction").order_by("pk"))
