"""Two people set the same thing: the second is told what changed meanwhile, and nothing is overwritten.

A page says in its hidden field `version` the last line of the register it had read about its object, read
before the object itself. Only the columns a page writes matter: two sections of one object do not collide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from guichet.organisation.administration.modifications import Ligne, libelle_du_champ
from guichet.organisation.models import Modification
from guichet.socle.erreurs import Conflit

DEJA_CHANGE = (
    "Ces réglages ont été enregistrés pendant que vous écriviez. Rien n'a été écrasé et votre saisie est "
    "gardée : comparez-la à ce qui a changé, puis enregistrez de nouveau pour la mettre à la place."
)


def version_vue(request: HttpRequest, modele: type[Model], pk: int) -> int:
    """What the page that is sent had read; what this one is about to show when nothing is said."""
    texte = request.POST.get("version", "")
    if not texte:
        return version_de(modele, pk)
    return int(texte) if texte.isascii() and texte.isdigit() and len(texte) < 18 else 0


def version_de(modele: type[Model], pk: int) -> int:
    derniere = lignes_de(modele, pk).values_list("pk", flat=True).first()
    return derniere or 0


def lignes_de(modele: type[Model], pk: int) -> QuerySet[Modification]:
    lignes = Modification.objects.filter(objet_genre=modele._meta.label_lower, objet_cle=str(pk))
    return lignes.order_by("-pk")


def changements(objet: Model, version: int, noms: Collection[str]) -> list[Ligne]:
    """What the register tells of these columns since that version, newest first, and of no other column."""
    libelles = {libelle_du_champ(type(objet), nom) for nom in noms}
    depuis = lignes_de(type(objet), objet.pk).filter(pk__gt=version).select_related("compte")
    lignes = [Ligne.de(modification) for modification in depuis]
    utiles = [replace(li, differences=[d for d in li.differences if d.libelle in libelles]) for li in lignes]
    return [ligne for ligne in utiles if ligne.differences]


def refuser_si_change(objet: Model, version: int, noms: Collection[str]) -> None:
    """Call it once the object is locked. Raises Conflit when one of these columns was changed since."""
    if changements(objet, version, noms):
        raise Conflit(DEJA_CHANGE)


def contexte_de(
    formulaire: forms.BaseForm, objet: Model, version: int, noms: Collection[str]
) -> dict[str, Any]:
    """What `formulaire_garde.html` needs: after a conflict, what changed, and the version to send again."""
    if not est_en_conflit(formulaire):
        return {"version": version, "changements": []}
    return {
        "changements": changements(objet, version, noms),
        "version": version_de(type(objet), objet.pk),
    }


def est_en_conflit(formulaire: forms.BaseForm) -> bool:
    return formulaire.has_error(NON_FIELD_ERRORS, "conflit")


def statut_de(formulaire: forms.BaseForm) -> int:
    return 409 if est_en_conflit(formulaire) else 422 if formulaire.errors else 200
