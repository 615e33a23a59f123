"""Segments: which visitors, by what they chose to say. Data, written by editors, never a person's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel

from guichet.organisation.models import Territoire
from portal.models.blocs import demarches
from portal.models.sujets import Sujet

MOIS = [
    *[(1, "Janvier"), (2, "Février"), (3, "Mars"), (4, "Avril"), (5, "Mai"), (6, "Juin")],
    *[(7, "Juillet"), (8, "Août"), (9, "Septembre"), (10, "Octobre"), (11, "Novembre"), (12, "Décembre")],
]


class Situation(models.TextChoices):
    PARENT = "parent", _("Parent")
    SENIOR = "senior", _("Senior")
    ETUDIANT = "etudiant", _("Étudiant ou apprenti")
    NOUVEL_ARRIVANT = "nouvel_arrivant", _("Nouvel arrivant dans la ville")
    HANDICAP = "handicap", _("En situation de handicap, ou proche aidant")
    PROFESSIONNEL = "professionnel", _("Professionnel ou commerçant")
    ASSOCIATION = "association", _("Responsable d'association")


class Age(models.TextChoices):
    MOINS_DE_26 = "moins_de_26", _("Moins de 26 ans")
    DE_26_A_64 = "de_26_a_64", _("De 26 à 64 ans")
    PLUS_DE_65 = "plus_de_65", _("65 ans et plus")


class Effet(models.TextChoices):
    """What a segment changes for those who are in it."""

    TOUS = "", "Montrée à tous, à sa place"
    AVANT = "avant", "Montrée à tous, et d'abord aux segments choisis"
    MONTRER = "montrer", "Montrée aux seuls segments choisis"
    CACHER = "cacher", "Cachée aux segments choisis"


class ProfilDuCompte(models.Model):
    """What a resident chose to say, kept with the account rather than in a cookie; erased with it."""

    compte = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte"
    )
    valeurs = models.JSONField("valeurs", default=dict)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        verbose_name = "profil"
        verbose_name_plural = "profils"

    def __str__(self):
        return f"profil de {self.compte_id}"


def cases(libelle: str, choix: Any, **options: Any) -> forms.TypedMultipleChoiceField:
    """A list of values that may be empty."""
    options = {"widget": forms.CheckboxSelectMultiple, "coerce": str} | options
    return forms.TypedMultipleChoiceField(
        label=libelle, choices=choix, required=False, empty_value=[], **options
    )


@dataclass(frozen=True)
class Vu:
    """What a segment may look at: the words of a profile, the day, the account and its open demandes."""

    situations: frozenset[str] = field(default_factory=frozenset)
    territoire: str = ""
    age: str = ""
    sujets: frozenset[str] = field(default_factory=frozenset)
    jour: date = date.min
    est_connecte: bool = False
    types_en_cours: frozenset[str] = field(default_factory=frozenset)


def territoires_a_choisir() -> list[tuple[str, str]]:
    return [(territoire.code, str(territoire)) for territoire in Territoire.objects.all()]


class FormulaireSegment(WagtailAdminModelForm):
    """Boxes to tick, rather than codes to know."""

    situations = cases("Situations", Situation.choices)
    territoires = cases("Arrondissements", territoires_a_choisir)
    ages = cases("Âges", Age.choices)
    sujets = cases("Centres d'intérêt", Sujet.choices)
    mois = cases("Mois", MOIS, coerce=int)
    types_en_cours = cases(
        "A une demande ouverte de", demarches, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    demarches = cases(
        "Démarches à proposer d'abord", demarches, widget=forms.SelectMultiple(attrs={"size": 8})
    )


class Segment(models.Model):
    """Those who meet every condition that is set; within one condition, one value is enough."""

    class Connexion(models.TextChoices):
        INDIFFERENTE = "", "Avec ou sans compte"
        CONNECTE = "connecte", "Connecté"
        ANONYME = "anonyme", "Sans compte"

    nom = models.CharField(
        "nom", max_length=80, unique=True, help_text="Lu par le visiteur : « Parents du 3e »."
    )
    situations = ArrayField(
        models.CharField(max_length=20), verbose_name="situations", default=list, blank=True
    )
    territoires = ArrayField(
        models.CharField(max_length=10), verbose_name="arrondissements", default=list, blank=True
    )
    ages = ArrayField(models.CharField(max_length=20), verbose_name="âges", default=list, blank=True)
    sujets = ArrayField(
        models.CharField(max_length=20), verbose_name="centres d'intérêt", default=list, blank=True
    )
    mois = ArrayField(models.PositiveSmallIntegerField(), verbose_name="mois", default=list, blank=True)
    connexion = models.CharField(
        "compte", max_length=10, choices=Connexion.choices, default=Connexion.INDIFFERENTE, blank=True
    )
    types_en_cours = ArrayField(
        models.CharField(max_length=10), verbose_name="a une demande ouverte de", default=list, blank=True
    )
    demarches = ArrayField(
        models.CharField(max_length=10),
        verbose_name="démarches à proposer d'abord",
        default=list,
        blank=True,
    )
    est_actif = models.BooleanField("actif", default=True)

    base_form_class = FormulaireSegment
    panels = [
        FieldPanel("nom"),
        HelpPanel(
            "Un visiteur est dans le segment quand il remplit toutes les conditions choisies ci-dessous. "
            "Dans une condition, une seule valeur suffit. Une condition vide ne compte pas."
        ),
        MultiFieldPanel(
            [
                FieldPanel("situations"),
                FieldPanel("territoires"),
                FieldPanel("ages"),
                FieldPanel("sujets"),
                FieldPanel("mois"),
                FieldPanel("connexion"),
                FieldPanel("types_en_cours"),
            ],
            "Conditions",
        ),
        FieldPanel("demarches"),
        FieldPanel("est_actif"),
    ]

    class Meta:
        verbose_name = "segment"
        ordering = ("nom",)

    def __str__(self):
        return self.nom

    @property
    def est_ouvert(self) -> bool:
        """Whether the season, or having no account, is enough to be in."""
        dites = (self.situations, self.territoires, self.ages, self.sujets, self.types_en_cours)
        return not any(dites) and self.connexion != self.Connexion.CONNECTE

    @property
    def en_dit_plus(self) -> bool:
        """Whether it asks what a subscriber to the alerts never says."""
        return bool(self.situations or self.ages or self.types_en_cours or self.connexion)

    @property
    def n_est_qu_un_lieu(self) -> bool:
        return bool(self.territoires) and not (self.sujets or self.mois or self.en_dit_plus)

    @property
    def a_des_conditions(self) -> bool:
        return bool(self.territoires or self.sujets or self.mois or self.en_dit_plus)

    def convient(self, vu: Vu) -> bool:
        """Whether a visitor is in. A segment without any condition is nobody's."""
        conditions: list[bool] = []
        for voulues, dites in (
            (self.situations, vu.situations),
            (self.sujets, vu.sujets),
            (self.types_en_cours, vu.types_en_cours),
        ):
            if voulues:
                conditions.append(not dites.isdisjoint(voulues))
        for voulus, dit in (
            (self.territoires, vu.territoire),
            (self.ages, vu.age),
            (self.mois, vu.jour.month),
        ):
            if voulus:
                conditions.append(dit in voulus)
        if self.connexion:
            conditions.append(vu.est_connecte == (self.connexion == self.Connexion.CONNECTE))
        return bool(conditions) and all(conditions)
