"""The place that a message names: proposed where an agent says what it asks, kept only once they sent it."""

from __future__ import annotations

from demandes.models import Demande, Message
from guichet.organisation.perimetre import Perimetre
from guichet.organisation.territoires import citer


def lieu_cite(demande: Demande, perimetre: Perimetre) -> str:
    """What the first words of the person name, for a demande that came without type nor place."""
    if demande.adresse or demande.type_id is not None:
        return ""
    lisible = Demande.objects.visibles_par(perimetre).filter(pk=demande.pk)
    recus = Message.objects.filter(demande__in=lisible, sens=Message.Sens.ENTRANT).order_by("cree_le", "pk")
    return citer(recus.values_list("corps", flat=True).first() or "")
