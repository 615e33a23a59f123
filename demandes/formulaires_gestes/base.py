"""What the forms of all gestures share: the version on screen, motifs, files that survive a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from demandes import modeles
from demandes.droits import Auteur
from demandes.formulaires.champs import SaisieFichiers
from demandes.formulaires.formulaire import ChampLie, Condition
from demandes.models import Demande, Motif
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, ErreurMetier

PIECES_AU_PLUS = 10


class ZoneDeTexte(forms.CharField):
    """A text the domain will clean and bound; its draft is kept on the agent's device."""

    def __init__(self, *, rows: int = 8, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), strip=True, **options)


class ChampMotif(forms.ModelChoiceField):
    """The configured reasons of one gesture, as radios; its clean value is a code."""

    def __init__(self, geste: str, **options: Any) -> None:
        super().__init__(
            queryset=Motif.objects.filter(geste=geste, est_actif=True),
            label="Motif",
            to_field_name="code",
            empty_label=None,
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choisissez un motif dans la liste.",
                "invalid_choice": "Choisissez un motif dans la liste.",
            },
            **options,
        )

    def label_from_instance(self, motif: Motif) -> str:
        return f"{motif.libelle} (explication demandée)" if motif.exige_commentaire else motif.libelle

    def clean(self, value: Any) -> str:
        motif = super().clean(value)
        return motif.code if motif else ""


class ChampFichiers(forms.FileField):
    """Several files at once → list of uploads. What they contain is checked when they are kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=SaisieFichiers(attrs={"multiple": True}),
            label=options.pop("label", "Documents"),
            required=False,
            help_text=options.pop("help_text", "Photos, PDF, documents bureautiques."),
            **options,
        )

    def clean(self, value: Any, initial: Any = None) -> list:
        fichiers = [super(ChampFichiers, self).clean(fichier, initial) for fichier in value or ()]
        if len(fichiers) > PIECES_AU_PLUS:
            raise ValidationError(f"Joignez {PIECES_AU_PLUS} documents au plus.", code="invalid")
        return fichiers


class FormulaireGeste(forms.Form):
    """The form of one gesture on one demande. Subclasses declare fields named like the action's arguments."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    bound_field_class = ChampLie
    conditions: ClassVar[dict[str, Condition]] = {}
    pieces_gardees: Sequence[Piece] = ()
    use_required_attribute = False
    # Where the gesture leads by itself, when it leads somewhere.
    suite = ""

    def __init__(self, *args: Any, geste: str, demande: Demande, auteur: Auteur, **options: Any) -> None:
        self.geste, self.demande, self.auteur = geste, demande, auteur
        super().__init__(*args, **options)
        self.adapter()
        self.initial = {"version": demande.version, **self.initiales(), **self.initial}
        for nom, champ in self.fields.items():
            if isinstance(champ, ZoneDeTexte):
                champ.widget.attrs["data-brouillon"] = f"{geste}-{nom}-{demande.numero}"

    def adapter(self) -> None:
        """Fit the fields to the demande: lists, what it makes useless, what it makes necessary."""

    def initiales(self) -> dict[str, Any]:
        """What the form already knows."""
        return {}

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the action, from clean data."""
        return {nom: valeur for nom, valeur in self.cleaned_data.items() if nom != "version"}

    def signaler(self, erreur: ErreurMetier) -> None:
        """Show the domain's refusal, on its field when it names one we have."""
        champ = erreur.champ if isinstance(erreur, DonneeInvalide) else None
        self.add_error(champ if champ in self.fields else None, str(erreur))


class FormulaireMotif(FormulaireGeste):
    """A reason of the gesture's list and a comment for colleagues."""

    commentaire = ZoneDeTexte(
        label="Commentaire", required=False, rows=4, help_text="Note interne, lue par les agents."
    )

    def adapter(self) -> None:
        self.fields["motif"] = ChampMotif(self.geste)
        self.order_fields(["version", "motif"])


class FormulaireCommentaire(FormulaireGeste):
    """A comment for colleagues, or nothing."""

    commentaire = ZoneDeTexte(
        label="Commentaire", required=False, rows=4, help_text="Note interne, lue par les agents."
    )


class AvecPieces(FormulaireGeste):
    """Files are kept as soon as they are received: a refused form still has them when it is sent again."""

    pieces = ChampFichiers()

    def clean(self) -> dict[str, Any]:
        donnees = super().clean()
        self.pieces_gardees = self._retrouver()
        try:
            for fichier in donnees.get("pieces", ()):
                self.pieces_gardees.append(deposer(fichier, depose_par=self.auteur.compte))
        except DonneeInvalide as erreur:
            self.signaler(erreur)
        return donnees

    def _retrouver(self) -> list[Piece]:
        """Files kept by an earlier sending of this form: this agent's, that nothing owns yet."""
        cles = [cle for cle in self.data.getlist("pieces_gardees") if est_uuid(cle)]
        return list(Piece.objects.filter(pk__in=cles, depose_par=self.auteur.compte, proprietaire_genre=""))

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "pieces": tuple(self.pieces_gardees)}


def est_uuid(texte: str) -> bool:
    try:
        UUID(texte)
    except ValueError:
        return False
    return True


class AvecTexteAUsager(FormulaireGeste):
    """A text that leaves for the resident: nothing of a template may remain to be filled in."""

    modeles_de: ClassVar[str] = ""

    texte = ZoneDeTexte(label="Message", rows=14, error_messages={"required": "Écrivez le message."})

    def clean_texte(self) -> str:
        texte = self.cleaned_data["texte"]
        if modeles.est_incomplet(texte):
            raise ValidationError(
                f"Complétez d'abord les passages marqués « {modeles.A_COMPLETER} ».", code="incomplet"
            )
        return texte
