"""Whose demande it is, when it came with nobody known: found among the records, written down, or left."""

from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from demandes.formulaires.champs import ChampTexte
from demandes.formulaires.formulaire import Condition
from demandes.formulaires_gestes.accueil import QualifierForm
from demandes.formulaires_gestes.base import FormulaireGeste
from demandes.recherche import chercher_personnes, lire, usagers_visibles
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.templatetags.dates import date_simple
from guichet.socle.texte import nettoyer
from usagers.fusion import gardee_de
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Identite

AUCUNE, NOUVELLE = "aucune", "nouvelle"
COORDONNEES = {"telephone": Coordonnee.Genre.TELEPHONE, "courriel": Coordonnee.Genre.COURRIEL}
LONGUEUR_QUESTION = 200


class AvecPersonne(FormulaireGeste):
    """Who asks: one of those the question finds, or somebody to write down."""

    conditions = {
        nom: Condition("personne", NOUVELLE, "Pour une personne qui n'a pas de fiche.", nom == "nom")
        for nom in ("prenom", "nom", *COORDONNEES)
    }

    personne_q = forms.CharField(
        label="Chercher la personne",
        required=False,
        max_length=LONGUEUR_QUESTION,
        help_text="Nom, téléphone ou courriel.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    personne = forms.ChoiceField(
        label="Personne qui demande",
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Cherchez de nouveau la personne, puis choisissez-la."},
    )
    prenom = ChampTexte(label="Prénom", maximum=80, required=False)
    nom = ChampTexte(label="Nom", maximum=120, required=False)
    telephone = ChampTexte(label="Téléphone", maximum=30, required=False)
    courriel = ChampTexte(label="Adresse électronique", maximum=254, required=False)

    def adapter(self) -> None:
        super().adapter()
        question, trouvees = self.trouvees()
        self.fields["personne"].choices = [
            *self.a_defaut(),
            *((str(usager.pk), decrire(usager)) for usager in trouvees),
            (NOUVELLE, "Une autre personne, sans fiche"),
        ]
        if question and not trouvees:
            self.fields["personne"].help_text = f"Personne n'est connu sous « {question} »."

    def a_defaut(self) -> list[tuple[str, str]]:
        """What to tick when nobody is chosen; nothing where somebody must be."""
        return []

    def trouvees(self) -> tuple[str, list[Usager]]:
        """What is asked, at first the address it was sent from; those it finds and the one chosen already."""
        perimetre = self.auteur.perimetre
        assert perimetre is not None
        dite = self.data if self.is_bound else self.initial
        enveloppe = getattr(self.demande, "provenance", None)
        defaut = enveloppe.expediteur if enveloppe is not None and not self.is_bound else ""
        saisie = nettoyer(str(dite.get("personne_q") or defaut))[:LONGUEUR_QUESTION]
        question = lire(saisie)
        trouvees = [] if question.est_vide else chercher_personnes(question, perimetre)[0]
        choisie = str(dite.get("personne") or "")
        if choisie.isdigit() and len(choisie) < 18:
            pk = gardee_de(int(choisie))
            if pk not in {usager.pk for usager in trouvees}:
                trouvees += usagers_visibles(perimetre).filter(pk=pk)
        return saisie, trouvees

    def clean(self) -> dict[str, Any]:
        donnees = super().clean()
        if donnees.get("personne") == NOUVELLE:
            if not donnees.get("nom"):
                self.add_error("nom", ValidationError("Écrivez au moins le nom de la personne."))
            for champ, genre in COORDONNEES.items():
                try:
                    if valeur := donnees.get(champ):
                        Coordonnee.normaliser(genre, valeur, champ)
                except DonneeInvalide as erreur:
                    self.add_error(champ, str(erreur))
        return donnees

    def arguments(self) -> dict[str, Any]:
        """The person chosen, or who to write down: the gesture does it, or nothing."""
        arguments = super().arguments()
        if "personne" not in arguments:
            return arguments
        del arguments["personne_q"]
        personne = arguments.pop("personne")
        dits = {nom: arguments.pop(nom) for nom in ("prenom", "nom", *COORDONNEES)}
        if personne == NOUVELLE:
            return arguments | {"identite": Identite(**dits)}
        if personne.isdigit():
            return arguments | {"usager": Usager.objects.get(pk=personne)}
        return arguments


class RattacherForm(AvecPersonne):
    """Whose demande it is, and nothing else."""

    def adapter(self) -> None:
        super().adapter()
        self.fields["personne"].required = True
        self.fields["personne"].error_messages["required"] = "Cherchez la personne, puis choisissez-la."


class QualifierEtRattacherForm(AvecPersonne, QualifierForm):
    """What it is, where, how urgent; and who asks, unless it is known already."""

    def adapter(self) -> None:
        super().adapter()
        if self.demande.usager_id is not None:
            for nom in ("personne_q", "personne", *self.conditions):
                del self.fields[nom]

    def a_defaut(self) -> list[tuple[str, str]]:
        return [(AUCUNE, "Laisser anonyme" if self.demande.est_anonyme else "Personne encore inconnue")]

    def initiales(self) -> dict[str, Any]:
        return {**super().initiales(), "personne": AUCUNE}


def decrire(usager: Usager) -> str:
    """Enough to tell two of one name apart: the name, then what is known under it."""
    faits = [str(coordonnee) for coordonnee in islice(usager.toutes_les_coordonnees, 2)]
    if usager.date_naissance:
        faits.insert(0, f"né(e) le {date_simple(usager.date_naissance)}")
    connu = ", ".join(filter(None, [*faits, usager.adresse]))
    return format_html('{}<br><span class="texte-2 petit">{}</span>', usager, connu) if connu else str(usager)
