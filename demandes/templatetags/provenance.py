"""What may stand beside a demande, or not: a template asks without knowing."""

from django import template

from demandes.models import Demande, Enquete, Intermediaire, Provenance

register = template.Library()


@register.filter
def intermediaire(demande: Demande) -> Intermediaire | None:
    """Who spoke for its person, if anybody did."""
    return getattr(demande, "intermediaire", None)


@register.filter
def provenance(demande: Demande) -> Provenance | None:
    """What its channel says of it, if it says anything."""
    return getattr(demande, "provenance", None)


@register.filter
def avis(demande: Demande) -> Enquete | None:
    """What its person thought of the answer, once they said it."""
    enquete: Enquete | None = getattr(demande, "enquete", None)
    return enquete if enquete and enquete.repondue_le else None
