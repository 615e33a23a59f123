"""What the screens of paper mail ask: files and the day they came, a reason, a number."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from demandes.formulaires.champs import ChampTexte
from demandes.formulaires_gestes.direction import ChampJour
from guichet.canaux.courrier.decoupe import Coupe
from guichet.organisation.models import PointAccueil

FICHIERS_AU_PLUS = 200


class PlusieursFichiers(forms.ClearableFileInput):
    allow_multiple_selected = True


class ChampFichiers(forms.FileField):
    """One or more scanned files, each within the limit; what they are is the worker's to say."""

    widget = PlusieursFichiers

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        recus = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not recus:
            raise forms.ValidationError("Choisissez au moins un fichier.")
        if len(recus) > FICHIERS_AU_PLUS:
            raise forms.ValidationError(f"{FICHIERS_AU_PLUS} fichiers au plus à la fois.")
        limite = settings.GUICHET_COURRIER_TAILLE_MAX
        for fichier in recus:
            if (fichier.size or 0) > limite:
                raise forms.ValidationError(
                    f"Le fichier « {fichier.name} » est trop lourd : {limite // 1024**2} Mo au plus."
                )
        return list(recus)


class DepotForm(forms.Form):
    """A batch: asked once for all its files."""

    use_required_attribute = False

    fichiers = ChampFichiers(
        label="Fichiers numérisés",
        help_text="PDF, JPEG, PNG, TIFF ou HEIC. Un fichier peut contenir plusieurs lettres.",
        widget=PlusieursFichiers(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.tif,.tiff,.heic,.heif,.webp"}),
    )
    recu_le = ChampJour(
        label="Arrivées le", help_text="Le jour où la ville a reçu ces lettres : les délais partent de là."
    )
    coupe = forms.ChoiceField(
        label="Deux lettres sont séparées par",
        choices=[(coupe.value, coupe.libelle) for coupe in Coupe],
        widget=forms.RadioSelect,
    )
    est_recto_verso = forms.BooleanField(label="Numérisées recto verso", required=False)
    sont_recommandees = forms.BooleanField(
        label="Ce sont des recommandés", required=False, help_text="Ils se saisissent avant les autres."
    )
    point_accueil = forms.ModelChoiceField(
        PointAccueil.objects.none(), label="Point d'accueil", empty_label=None
    )

    def __init__(self, *args: Any, accueils: list[PointAccueil], **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {"recu_le": timezone.localdate(), "coupe": Coupe.SEPARATEUR.value, "point_accueil": accueils[0]},
        )
        super().__init__(*args, **kwargs)
        champ = self.fields["point_accueil"]
        champ.queryset = PointAccueil.objects.filter(pk__in=[accueil.pk for accueil in accueils])
        if len(accueils) == 1:
            champ.widget = forms.HiddenInput()


class DateForm(forms.Form):
    """The day a lot came, when it is not the one that was said."""

    use_required_attribute = False

    recu_le = ChampJour(label="Arrivées le")


class JoindreForm(forms.Form):
    """The demande a letter goes on with."""

    use_required_attribute = False

    demande = ChampTexte(
        label="Numéro de la demande",
        maximum=20,
        error_messages={"required": "Écrivez le numéro de la demande, comme 2026-0001234."},
    )
    recue_le = ChampJour(label="Arrivée le", required=False)


class EcarterForm(forms.Form):
    """Why a letter asks for nothing."""

    use_required_attribute = False

    motif = ChampTexte(
        label="Pourquoi l'écarter",
        maximum=200,
        error_messages={"required": "Dites pourquoi cette lettre est écartée."},
        widget=forms.TextInput(attrs={"list": "motifs-ecarter", "autocomplete": "off"}),
    )
