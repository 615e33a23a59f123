"""What the administrator types about an agent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from guichet.organisation.administration.saisie import Texte, courriel, jour, poste, telephone
from guichet.organisation.models import (
    Affectation,
    Agent,
    Compte,
    Direction,
    Espace,
    PointAccueil,
    Role,
    Secteur,
)
from guichet.organisation.models.comptes import ROLES_ACCUEIL, ROLES_DIRECTION

ROLES_EN_DIRECTION = (*ROLES_DIRECTION, Role.DIRECTEUR)


class AgentForm(forms.Form):
    """Who the agent is, and what correspondence shows of them (CRPA, art. L111-2)."""

    use_required_attribute = False

    prenom = Texte("Prénom", 60, error_messages={"required": "Indiquez le prénom."})
    nom = Texte("Nom", 60, error_messages={"required": "Indiquez le nom."})
    courriel = courriel(
        "Adresse électronique professionnelle",
        help_text="Elle sert à se connecter. L'invitation y est envoyée.",
        error_messages={"required": "Indiquez l'adresse électronique."},
    )
    qualite = Texte(
        "Qualité",
        120,
        help_text="Ce qui suit le nom dans les réponses. Par exemple : agente d'accueil.",
        error_messages={"required": "Indiquez la qualité : les réponses la montrent."},
    )
    telephone = telephone("Téléphone professionnel", required=False)
    poste = poste(required=False)
    adresse_administrative = Texte("Adresse administrative", 250, required=False)
    est_anonyme = forms.BooleanField(
        label="Signe sans son nom, pour sa sécurité",
        required=False,
        help_text="La loi le permet pour la sécurité publique ou celle des personnes (CRPA, art. L111-2). "
        "Les réponses montrent alors un numéro à la place du nom.",
    )
    motif_anonymat = Texte("Motif de l'anonymat", 200, required=False)

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        if valeurs.get("est_anonyme") and not valeurs.get("motif_anonymat"):
            self.add_error("motif_anonymat", "Écrivez le motif : l'anonymat d'un agent doit être motivé.")
        return valeurs

    @classmethod
    def valeurs_de(cls, agent: Agent) -> dict[str, Any]:
        return {nom: getattr(agent, nom, agent.compte.courriel) for nom in cls.base_fields}


class AffectationForm(forms.Form):
    """A role in a place, for secteurs, from a day on."""

    use_required_attribute = False

    role = forms.ChoiceField(label="Rôle", error_messages={"required": "Choisissez un rôle."})
    point_accueil = forms.ModelChoiceField(
        PointAccueil.objects.filter(est_actif=True), label="Point d'accueil", required=False
    )
    direction = forms.ModelChoiceField(
        Direction.objects.filter(est_active=True), label="Direction", required=False
    )
    secteurs = forms.MultipleChoiceField(
        label="Secteurs",
        choices=Secteur.choices,
        initial=[Secteur.GENERAL],
        widget=forms.CheckboxSelectMultiple,
        help_text="Ce que la personne peut lire. Un secteur réservé ouvre des dossiers protégés.",
        error_messages={"required": "Cochez au moins un secteur."},
    )
    du = jour("À partir du", initial=timezone.localdate)
    au = jour("Jusqu'au", required=False, help_text="Laissez vide si la fin n'est pas connue.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = [("", "Choisir"), *Role.choices]  # type: ignore[attr-defined]
        for nom in ("point_accueil", "direction"):
            self.fields[nom].empty_label = "Aucun" if nom == "point_accueil" else "Aucune"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        role = valeurs.get("role")
        if role:
            self._verifier_le_lieu(valeurs, "point_accueil", role in ROLES_ACCUEIL, "d'accueil")
            self._verifier_le_lieu(valeurs, "direction", role in ROLES_EN_DIRECTION, "de direction")
        du, au = valeurs.get("du"), valeurs.get("au")
        if du and du < timezone.localdate() - timedelta(days=366):
            self.add_error("du", "Ce début est trop ancien : un an au plus.")
        if du and au and au < du:
            self.add_error("au", "La fin vient avant le début.")
        return valeurs

    def _verifier_le_lieu(self, valeurs: dict[str, Any], nom: str, est_voulu: bool, mots: str) -> None:
        libelle = str(self.fields[nom].label).lower()
        if est_voulu and not valeurs.get(nom) and nom not in self.errors:
            article = "un" if nom == "point_accueil" else "une"
            self.add_error(nom, f"Un rôle {mots} se tient dans {article} {libelle} : choisissez-le.")
        elif not est_voulu and valeurs.get(nom):
            self.add_error(nom, f"Ce rôle ne se tient pas ici : retirez « {valeurs[nom]} ».")


class FinForm(forms.Form):
    """The last day of a right."""

    use_required_attribute = False
    au = jour("Dernier jour", initial=timezone.localdate)


class DelegationForm(forms.Form):
    """Who replaces somebody, between two dates. `collegues` are those who may be chosen."""

    use_required_attribute = False

    suppleant = forms.ChoiceField(
        label="Remplacé par", error_messages={"required": "Choisissez une personne."}
    )
    du = jour("Du", initial=timezone.localdate)
    au = jour("Au inclus")

    def __init__(self, *args: Any, collegues: list[Compte], **options: Any) -> None:
        super().__init__(*args, **options)
        self.collegues = {str(compte.pk): compte for compte in collegues}
        self.fields["suppleant"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir"),
            *((cle, str(compte)) for cle, compte in self.collegues.items()),
        ]

    def clean_suppleant(self) -> Compte:
        return self.collegues[self.cleaned_data["suppleant"]]


class FiltresForm(forms.Form):
    """Search and filters of the list; a wrong value says so and filters nothing."""

    use_required_attribute = False

    q = Texte("Nom ou adresse", 100, required=False)
    lieu = forms.ChoiceField(label="Lieu", required=False)
    role = forms.ChoiceField(label="Rôle", required=False, choices=[("", "Tous"), *Role.choices])
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[
            ("", "Actifs"),
            ("sans_role", "Actifs sans rôle"),
            ("inactifs", "Désactivés"),
            ("tous", "Tous"),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["lieu"].choices = [  # type: ignore[attr-defined]
            ("", "Tous"),
            ("Points d'accueil", [(f"a{p.pk}", str(p)) for p in PointAccueil.objects.all()]),
            ("Directions", [(f"d{d.pk}", str(d)) for d in Direction.objects.all()]),
        ]


def collegues_de(compte: Compte) -> list[Compte]:
    """Active agents who work today in a place where this one works: a bounded list, in order of names."""
    lieux = list(compte.affectations.en_cours().values_list("point_accueil", "direction"))
    return list(
        Compte.objects.filter(
            espace=Espace.AGENT,
            is_active=True,
            pk__in=comptes_des_lieux({a for a, _ in lieux if a}, {d for _, d in lieux if d}),
        )
        .exclude(pk=compte.pk)
        .order_by("nom_affiche", "pk")[:300]
    )


def comptes_des_lieux(accueils: set[int], directions: set[int]) -> Any:
    """Ids of the accounts that hold a role today in one of these places."""
    return (
        Affectation.objects.en_cours()
        .filter(Q(point_accueil__in=accueils) | Q(direction__in=directions))
        .values("compte")
    )
