"""What agents say of a fiche: written at the desk, settled by an administrator.

The register of changes keeps who and when; the words stay in the remark, where they can be erased.
"""

from django.db import transaction
from django.utils import timezone

from demandes.models import Fiche, RemarqueFiche
from guichet.organisation.audit import consigner
from guichet.organisation.models import Compte


@transaction.atomic
def signaler(fiche: Fiche, texte: str, *, par: Compte) -> RemarqueFiche:
    """Keep an agent's remark. The same words from the same agent, still unsettled, are kept once."""
    remarque, est_neuve = RemarqueFiche.objects.get_or_create(
        fiche=fiche, texte=texte, compte=par, traitee_le=None
    )
    if est_neuve:
        consigner(compte=par, objet=remarque, action="creation", apres={"fiche": str(fiche)})
    return remarque


@transaction.atomic
def traiter(fiche: Fiche, vues: list[int], *, par: Compte) -> None:
    """Settle these remarks: those that the administrator's page showed."""
    ouvertes = RemarqueFiche.objects.select_for_update(of=("self",)).filter(fiche=fiche, traitee_le=None)
    maintenant = timezone.now()
    for remarque in ouvertes.select_related("fiche").filter(pk__in=vues):
        remarque.traitee_le = maintenant
        remarque.save(update_fields=["traitee_le"])
        apres = {"traitee_le": maintenant.isoformat()}
        consigner(compte=par, objet=remarque, action="modification", apres=apres)
