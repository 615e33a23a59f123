"""What may stand beside a demande, or not: a template asks without knowing."""

from django import template

from demandes.models import Demande, Intermediaire, Provenance

register = template.Library()


@register.filter
def intermediaire(demande: Demande) -> Intermediaire | None:
    """Who spoke for its person, if anybody did."""
    return getattr(demande, "intermediaire", None)


@register.filter
def provenance(demande: Demande) -> Provenance | None:
    """What its channel says of it, if it says anything."""
    return getattr(demande, "provenance", None)
