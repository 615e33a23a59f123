"""Forms of what the city answers on a network."""

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse

from demandes.actions.publications import OUVERTURE, a_confirmer, derniere_recue
from demandes.formulaires_gestes.base import FormulaireGeste, ZoneDeTexte
from guichet.canaux import registre
from guichet.canaux.reseau import Portee
from guichet.organisation import ville


class RedigerUnePublicationForm(FormulaireGeste):
    """A reply, and who will be able to read it: never more than what it answers."""

    texte = ZoneDeTexte(
        label="Réponse",
        rows=5,
        help_text="Ne demandez et n'écrivez aucune donnée personnelle en public.",
        error_messages={"required": "Écrivez la réponse."},
    )
    portee = forms.ChoiceField(
        label="Qui pourra la lire",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites qui pourra la lire."},
    )

    def adapter(self) -> None:
        recue = derniere_recue(self.demande)
        plafond = OUVERTURE.index(Portee(recue.portee)) if recue else 0
        self.fields["portee"].choices = [
            (portee.value, portee.libelle) for portee in reversed(OUVERTURE[: plafond + 1])
        ]
        self.fields["texte"].widget.attrs["maxlength"] = registre.du_canal(
            recue.canal if recue else ""
        ).longueur

    def initiales(self) -> dict[str, Any]:
        recue = derniere_recue(self.demande)
        return {"portee": recue.portee} if recue else {}


class PublierForm(FormulaireGeste):
    """What is about to be public, to be read again."""

    @property
    def projet_public(self) -> Any:
        return a_confirmer(self.demande)


def adresse_de_la_charte() -> str:
    """Where everybody reads it."""
    return settings.GUICHET_ADRESSE + reverse("charte_des_reseaux")


INVITATION = (
    "Bonjour, pour vous répondre sans rien publier de personnel, écrivez-nous en message privé : "
    "nous continuerons là, si vous le voulez bien."
)


class InviterEnPriveForm(FormulaireGeste):
    """What everybody reads: no link of the demande, that anybody would open."""

    texte = ZoneDeTexte(
        label="Invitation publique",
        rows=4,
        help_text="N'y mettez ni nom, ni lien de suivi : tout le monde pourra la lire.",
        error_messages={"required": "Écrivez l'invitation."},
    )

    def initiales(self) -> dict[str, Any]:
        """The promise, then the charter where there is room: a short post invites first."""
        recue = derniere_recue(self.demande)
        reseau, texte = registre.du_canal(recue.canal if recue else ""), INVITATION
        charte = f"Notre charte : {adresse_de_la_charte()}" if ville.lire()["charte_reseaux"] else ""
        for suite in filter(None, (ville.lire()["promesse_reseaux"], charte)):
            plus_long = f"{texte} {suite}"
            texte = plus_long if reseau.mesurer(plus_long) <= reseau.longueur else texte
        return {"texte": texte}


class MasquerForm(FormulaireGeste):
    """Why, in words the person may ask to read."""

    raison = ZoneDeTexte(
        label="Pourquoi",
        rows=2,
        help_text="Le point de la charte qui n'est pas respecté : injure, données d'une autre personne…",
        error_messages={"required": "Dites pourquoi : la personne peut le demander."},
    )

    def adapter(self) -> None:
        if charte := ville.lire()["charte_reseaux"]:
            self.fields["raison"].help_text = f"Votre charte : {charte} ({adresse_de_la_charte()})"
