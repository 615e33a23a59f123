"""What a gesture on several demandes asks for, once for all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms

from demandes.collegues import avec_leur_charge, collegues_de
from demandes.formulaires_gestes.base import ChampMotif, ZoneDeTexte
from demandes.formulaires_gestes.direction import ChampCollegue
from demandes.models import Demande
from guichet.organisation.models import Direction


class ChampCommentaire(ZoneDeTexte):
    def __init__(self) -> None:
        super().__init__(
            label="Commentaire", required=False, rows=3, help_text="Note interne, posée sur chaque demande."
        )


class FormulaireLot(forms.Form):
    """Nothing to ask. Fields are named like the action's arguments."""

    use_required_attribute = False

    def __init__(self, *args: Any, geste: str, demandes: Collection[Demande], **options: Any) -> None:
        super().__init__(*args, **options)
        self.adapter(geste, demandes)

    def adapter(self, geste: str, demandes: Collection[Demande]) -> None:
        """Make the fields what this gesture asks of these demandes."""

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data) if self.fields else {}


class OrienterLot(FormulaireLot):
    """The direction of the rules for each, or one for all."""

    direction = forms.ModelChoiceField(
        label="Direction",
        queryset=Direction.objects.filter(est_active=True),
        required=False,
        empty_label="Celle que proposent les règles, pour chacune",
    )
    commentaire = ChampCommentaire()


class ReorienterLot(FormulaireLot):
    """Whose it is, and why it is not ours."""

    direction = forms.ModelChoiceField(
        label="Direction",
        queryset=Direction.objects.filter(est_active=True),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez la direction qui peut agir."},
    )
    commentaire = ChampCommentaire()

    def adapter(self, geste: str, demandes: Collection[Demande]) -> None:
        self.fields["motif"] = ChampMotif(geste)
        self.order_fields(["motif", "direction"])


class ConfierLot(FormulaireLot):
    """One colleague for all. Who may not hold one of them is told so on its line."""

    collegue = ChampCollegue()
    commentaire = ChampCommentaire()

    def adapter(self, geste: str, demandes: Collection[Demande]) -> None:
        self.fields["collegue"].queryset = avec_leur_charge(collegues_de(demandes))


@dataclass(frozen=True)
class Lot:
    """A gesture several rows may get at once; `fait` is said of one, then of several."""

    mot: str
    fait: str
    consigne: str
    icone: str
    formulaire: type[FormulaireLot] = FormulaireLot
    est_d_accueil: bool = False


LOTS: dict[str, Lot] = {
    "prendre_en_charge": Lot(
        "Prendre en charge",
        "prise en charge,prises en charge",
        "Chaque demande sera à vous, et chaque usager sera prévenu.",
        "user-round-check",
    ),
    "orienter": Lot(
        "Orienter",
        "orientée,orientées",
        "Chaque direction reçoit sa demande et chaque usager est prévenu.",
        "signpost",
        OrienterLot,
        est_d_accueil=True,
    ),
    "confier": Lot(
        "Confier",
        "confiée,confiées",
        "Un seul collègue pour toutes. Vous confiez ce que vous tenez ; le responsable, toute demande de sa "
        "direction, même celle que personne n'a prise : l'usager est alors prévenu de la prise en charge.",
        "arrow-right-left",
        ConfierLot,
    ),
    "reorienter": Lot(
        "Réorienter",
        "réorientée,réorientées",
        "Dites pourquoi et vers qui. Une demande déjà réorientée une fois revient à l'accueil.",
        "signpost",
        ReorienterLot,
    ),
}
