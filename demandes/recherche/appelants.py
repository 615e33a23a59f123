"""Who may be calling: those who gave this number, the ones with open demandes first. A family shares one."""

from demandes.recherche.personnes import avec_leurs_demandes
from guichet.organisation.perimetre import Perimetre
from usagers.models import Coordonnee, Usager

AU_PLUS = 8
LUS = 50


def appelants(numero: str, perimetre: Perimetre) -> tuple[list[Usager], bool]:
    """These persons and « there are more »; nobody for a hidden number."""
    if not numero:
        return [], False
    siens = Coordonnee.objects.filter(genre=Coordonnee.Genre.TELEPHONE, normalisee=numero)
    pks = list(siens.order_by("usager").values_list("usager", flat=True)[:LUS])
    connus = avec_leurs_demandes(pks, perimetre)
    connus.sort(key=lambda usager: (not getattr(usager, "ouvertes", 0), usager.nom_plie, usager.pk))
    return connus[:AU_PLUS], len(connus) > AU_PLUS
