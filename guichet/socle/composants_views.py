"""The page that shows every component with long, ugly data: agents and designers judge on it."""

import datetime

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from guichet.socle.templatetags.composants import CANAUX

NOM_LONG = "Marie-Antoinette de La Rochefoucauld-Montbel"
ADRESSE_LONGUE = (
    "Résidence Les Jardins de la Confluence, bâtiment C, escalier 3, 1245 bis avenue du "
    "Général-de-Castelnau-de-Curières, 69981 Villeneuve-sur-Saône"
)
# The words agents read (the machine owns them; here they only fill the page).
ETATS = [
    ("nouvelle", "Nouvelle, à qualifier"),
    ("qualifiee", "Qualifiée"),
    ("orientee", "Orientée, à prendre en charge"),
    ("prise_en_charge", "Prise en charge"),
    ("planifiee", "Intervention planifiée"),
    ("attente_usager", "En attente de l'usager"),
    ("attente_tiers", "En attente d'un tiers"),
    ("a_valider", "Réponse à valider"),
    ("traitee", "Traitée"),
    ("close", "Close"),
    ("rejetee", "Rejetée / irrecevable"),
    ("transmise_externe", "Transmise à l'organisme compétent"),
    ("annulee", "Annulée"),
    ("fusionnee", "Regroupée avec n° 2026-0001234"),
]


class EssaiForm(forms.Form):
    """One field of each kind the catalogue uses."""

    nom = forms.CharField(label="Nom de famille", help_text="Tel qu'il figure sur votre pièce d'identité.")
    courriel = forms.EmailField(label="Adresse électronique", required=False)
    description = forms.CharField(
        label="Que se passe-t-il ?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Quelques phrases suffisent. N'écrivez rien sur la santé ou la vie privée d'autrui.",
    )
    survenu_le = forms.DateField(label="Date du constat", widget=forms.DateInput(attrs={"type": "date"}))
    lieu = forms.ChoiceField(
        label="Arrondissement",
        choices=[
            ("", "Choisir"),
            ("1", "1er – Presqu'île et quais"),
            ("2", "2e – Plateau de la Croix-Verte"),
        ],
    )
    danger = forms.ChoiceField(
        label="Y a-t-il un danger immédiat ?",
        widget=forms.RadioSelect,
        choices=[("oui", "Oui"), ("non", "Non"), ("nsp", "Je ne sais pas")],
    )
    precision_danger = forms.CharField(label="Quel danger ?", required=False)
    moments = forms.MultipleChoiceField(
        label="Quand peut-on vous appeler ?",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("matin", "Le matin"), ("midi", "Entre midi et 14 h"), ("soir", "Après 17 h")],
    )
    photo = forms.FileField(label="Photo", required=False, help_text="JPEG ou PNG, 10 Mo au plus.")
    accord = forms.BooleanField(label="Je souhaite être prévenu quand la réparation sera faite.")


def page_composants(request):
    """Show the catalogue of components to agents, in demo mode only (404 otherwise)."""
    if not settings.GUICHET_DEMO:
        raise Http404
    maintenant = timezone.now()
    refuse = EssaiForm(
        {"refuse-nom": NOM_LONG, "refuse-courriel": "pas-une-adresse", "refuse-danger": "oui"},
        prefix="refuse",
    )
    contexte = {
        "etats": ETATS,
        "canaux": list(CANAUX),
        "restes": [12, 2, 1, 0, -1, -18],
        "formulaire": EssaiForm(),
        "formulaire_filtres": EssaiForm(prefix="filtre"),
        "formulaire_refuse": refuse,
        "nom_long": NOM_LONG,
        "adresse_longue": ADRESSE_LONGUE,
        "maintenant": maintenant,
        "hier": maintenant - datetime.timedelta(days=1),
        "avant": maintenant - datetime.timedelta(days=12, hours=3),
        "coordonnees": [
            {
                "canal": "telephone",
                "valeur": "06 39 98 12 34",
                "url": "tel:+33639981234",
                "precision": "préféré",
            },
            {"canal": "courriel", "valeur": "marie-antoinette.delarochefoucauld-montbel@courriel.example"},
        ],
        "etapes": [
            {"titre": "Reçue", "statut": "fait", "date": maintenant - datetime.timedelta(days=12)},
            {
                "titre": "Transmise au service",
                "statut": "fait",
                "date": maintenant - datetime.timedelta(days=9),
            },
            {
                "titre": "En cours de traitement",
                "statut": "en_cours",
                "date": maintenant - datetime.timedelta(days=3),
                "texte": "La direction de la voirie et des déplacements urbains s'en occupe.",
            },
            {"titre": "Réponse", "statut": "a_venir", "texte": "Promise avant le vendredi 4 décembre 2026."},
        ],
        "onglets": [
            {"libelle": "Fil", "url": "#fil", "actif": True, "compte": 12},
            {"libelle": "Pièces", "url": "#pieces", "compte": 0},
            {"libelle": "Journal", "url": "#journal"},
        ],
        "filtres": [
            {"libelle": "État : En attente de l'usager", "url": "?"},
            {"libelle": "Direction : Voirie et déplacements urbains", "url": "?"},
        ],
        "lignes": [
            (
                "2026-0001234",
                "Nid-de-poule profond devant l'école élémentaire Louise-Michel",
                "courriel",
                "orientee",
                "Orientée, à prendre en charge",
                -3,
            ),
            ("2026-0001235", "Copie d'acte de naissance", "portail", "prise_en_charge", "Prise en charge", 1),
            (
                "2026-0001236",
                f"Réclamation de {NOM_LONG} au sujet du bruit nocturne",
                "courrier",
                "attente_usager",
                "En attente de l'usager",
                None,
            ),
            ("2026-0001237", "Lampadaire éteint", "facebook", "nouvelle", "Nouvelle, à qualifier", 4),
        ],
    }
    return render(request, "composants/page.html", contexte)
