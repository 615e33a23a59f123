"""The sections of a type of request, in the order its page tells them."""

from __future__ import annotations

from demandes.administration.conditions_forms import ConditionsForm
from demandes.administration.demarches_forms import (
    DepotForm,
    DonneesForm,
    PartieForm,
    PresentationForm,
    ReponseForm,
    SilenceForm,
    TraitementForm,
)
from demandes.administration.organisme_forms import OrganismeForm
from demandes.administration.pieces_forms import PiecesForm

PARTIES: dict[str, type[PartieForm]] = {
    "presentation": PresentationForm,
    "traitement": TraitementForm,
    "organisme": OrganismeForm,
    "depot": DepotForm,
    "pieces": PiecesForm,
    "silence": SilenceForm,
    "conditions": ConditionsForm,
    "donnees": DonneesForm,
    "reponse": ReponseForm,
}
