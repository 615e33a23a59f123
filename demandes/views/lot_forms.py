"""What a gesture on several demandes asks for, once for all of them."""

from dataclasses import dataclass
from typing import Any

from django import forms

from demandes.formulaires_gestes.base import ChampMotif, ZoneDeTexte
from guichet.organisation.models import Direction


class FormulaireLot(forms.Form):
    """Nothing to ask. Fields are named like the action's arguments."""

    use_required_attribute = False

    def __init__(self, *args: Any, geste: str, **options: Any) -> None:
        self.geste = geste
        super().__init__(*args, **options)

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
    commentaire = ZoneDeTexte(
        label="Commentaire", required=False, rows=3, help_text="Note interne, posée sur chaque demande."
    )


class ReorienterLot(FormulaireLot):
    """Whose it is, and why it is not ours."""

    direction = forms.ModelChoiceField(
        label="Direction",
        queryset=Direction.objects.filter(est_active=True),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez la direction qui peut agir."},
    )
    commentaire = ZoneDeTexte(
        label="Commentaire", required=False, rows=3, help_text="Note interne, posée sur chaque demande."
    )

    def __init__(self, *args: Any, geste: str, **options: Any) -> None:
        super().__init__(*args, geste=geste, **options)
        self.fields["motif"] = ChampMotif(geste)
        self.order_fields(["motif", "direction"])


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
    "reorienter": Lot(
        "Réorienter",
        "réorientée,réorientées",
        "Dites pourquoi et vers qui. Une demande déjà réorientée une fois revient à l'accueil.",
        "signpost",
        ReorienterLot,
    ),
}
