"""A field that takes several files at once and refuses none for being absent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from demandes.formulaires.champs import SaisieFichiers

FICHIERS_ACCEPTES = "image/*,.pdf,.odt,.ods,.docx,.xlsx,.txt"
FICHIERS_AU_PLUS = 5


class ChampFichiers(forms.FileField):
    """Several files → list of uploads, kept or refused by `guichet.pieces`.

    A `required` one is shown as such, yet nothing is refused for missing: an incomplete file may be
    filed, the city then says what it lacks (CRPA, art. L114-5).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=SaisieFichiers(attrs={"accept": FICHIERS_ACCEPTES}), **options)

    def clean(self, value: Any, initial: Any = None) -> list[Any]:
        fichiers = [super(ChampFichiers, self).clean(fichier, initial) for fichier in value or ()]
        if len(fichiers) > FICHIERS_AU_PLUS:
            raise ValidationError(_("Joignez {n} fichiers au plus à la fois.").format(n=FICHIERS_AU_PLUS))
        return fichiers
