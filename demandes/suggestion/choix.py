"""What an agent chose becomes an example to learn: the type they gave, beside what was proposed."""

from django.utils import timezone

from demandes.droits import Auteur
from demandes.models import Demande, Message, Suggestion, TypeDemande


def noter_le_choix(
    demande: Demande, type: TypeDemande, *, auteur: Auteur, est_une_correction: bool = False
) -> None:
    """Keep the choice of an agent who looked. A rule or a resident chose nothing that could be learned.

    A correction is learned even where nothing was proposed: it says what the words meant.
    """
    if not auteur.est_agent:
        return
    suggestion = Suggestion.objects.filter(demande=demande).only("propositions").first()
    if suggestion is None:
        if not est_une_correction:
            return
        message = demande.messages.filter(sens=Message.Sens.ENTRANT).order_by("cree_le", "pk").first()
        if message is None:
            return
        suggestion = Suggestion(demande=demande, message=message)
    codes = suggestion.codes
    suggestion.choix, suggestion.choisi_le = type, timezone.now()
    suggestion.rang = codes.index(type.code) + 1 if type.code in codes else 0
    if suggestion._state.adding:
        suggestion.save(force_insert=True)
    else:
        suggestion.save(update_fields=["choix", "choisi_le", "rang"])
