"""An entry made from a scanned letter: what the machine read of it, and its end in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from demandes.courrier import saisie as lettres
from demandes.droits import Auteur
from demandes.models import Demande, FichierNumerise, LettreRecue, PageNumerisee
from demandes.views.acces import auteur_de, perimetre_de
from guichet.canaux.courrier.indices import Indices
from guichet.pieces.models import Piece
from guichet.socle.texte import nettoyer

LU = "Lu sur la lettre, à vérifier."
# Fields of the entry, and the hint each is filled with.
CHAMPS = {
    "prenom": "prenom",
    "nom": "nom",
    "raison_sociale": "raison_sociale",
    "telephone": "telephone",
    "courriel": "courriel",
    "adresse_personne": "adresse",
    "objet": "objet",
    "texte": "texte",
}


@dataclass
class LettreEnSaisie:
    """The letter before this agent, held while they type."""

    lettre: LettreRecue
    auteur: Auteur

    @property
    def numero(self) -> str:
        return self.lettre.numero

    @property
    def est_tenue(self) -> bool:
        return self.lettre.est_prise and self.lettre.prise_par == self.auteur.compte

    @property
    def cle(self) -> str:
        """One demande per letter, however often its form is sent."""
        return f"lettre:{self.lettre.pk}"

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return (self.lettre.piece,) if self.lettre.piece else ()

    @cached_property
    def pages(self) -> list[PageNumerisee]:
        return list(self.lettre.pages.select_related("fichier"))

    @cached_property
    def illisibles(self) -> list[FichierNumerise]:
        return self.lettre.illisibles_autour()

    @cached_property
    def indices(self) -> Indices:
        return lettres.indices_de(self.lettre)

    def donnees(self) -> dict[str, str]:
        """What the form begins with: what the mail room noted, then what was read."""
        recommande = self.lettre.numero_recommande or self.indices.numero_recommande
        return {
            "cle": self.cle,
            "recue_le": self.lettre.recue_le.isoformat(),
            "est_recommande": "on" if self.lettre.est_recommandee or self.indices.est_recommande else "",
            "numero_recommande": recommande,
            **self.lus,
        }

    @cached_property
    def lus(self) -> dict[str, str]:
        """Fields the machine filled in, with their values."""
        lus = {champ: getattr(self.indices, indice) for champ, indice in CHAMPS.items()}
        if self.indices.envoyee_le:
            lus["envoyee_le"] = self.indices.envoyee_le.isoformat()
        return {champ: valeur for champ, valeur in lus.items() if valeur}

    def marquer(self, form: Form) -> None:
        """Say which fields still hold what the machine read: a hint, until somebody has looked."""
        for champ, valeur in self.lus.items():
            if form.data.get(champ, "").replace("\r\n", "\n") == valeur:
                form.fields[champ].help_text = LU

    def finir(self, enregistrer: Callable[[], Demande]) -> Demande:
        """The demande and the end of the letter stand or fall together."""
        return lettres.enregistrer(self.numero, auteur=self.auteur, faire=lambda _: enregistrer())


def lettre_tenue(request: HttpRequest) -> LettreEnSaisie | None:
    """The letter the entry is made from, when there is one; typing keeps it."""
    source = request.POST if request.method == "POST" else request.GET
    numero = nettoyer(source.get("lettre", ""))
    if not numero:
        return None
    visibles = LettreRecue.objects.visibles_par(perimetre_de(request)).select_related("piece", "prise_par")
    lettre = get_object_or_404(visibles, numero=numero)
    if request.method == "POST":
        lettres.prolonger(lettre, request.user)
    return LettreEnSaisie(lettre, auteur_de(request))
