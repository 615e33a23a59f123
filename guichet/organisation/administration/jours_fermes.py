"""Closed days: public holidays are computed, the city adds its closures and bridges."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.administration.saisie import Texte, jour
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Direction, JourFerme, PointAccueil
from guichet.socle.calendrier import jours_feries
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.templatetags.dates import date_simple

DUREE_MAXIMALE = 31  # days entered at once
ANNEES = range(2020, 2100)


class JourFermeForm(forms.Form):
    """One day, or several in a row, closed for the whole city or for one place."""

    use_required_attribute = False

    libelle = Texte(
        "Raison", 120, error_messages={"required": "Dites pourquoi : pont de l'Ascension, travaux…"}
    )
    du = jour("Premier jour")
    au = jour("Dernier jour", required=False, help_text="Laissez vide pour un seul jour.")
    lieu = forms.ChoiceField(label="Qui ferme", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lieux: dict[str, dict[str, Any]] = {"": {}}
        directions, accueils = (
            Direction.objects.filter(est_active=True),
            PointAccueil.objects.filter(est_actif=True),
        )
        self.lieux |= {f"d{d.pk}": {"direction": d} for d in directions}
        self.lieux |= {f"a{a.pk}": {"point_accueil": a} for a in accueils}
        self.fields["lieu"].choices = [  # type: ignore[attr-defined]
            ("", "Toute la ville"),
            ("Points d'accueil", [(f"a{a.pk}", str(a)) for a in accueils]),
            ("Directions", [(f"d{d.pk}", str(d)) for d in directions]),
        ]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        du, au = valeurs.get("du"), valeurs.get("au")
        if du and du < timezone.localdate():
            self.add_error("du", "Ce jour est passé : une fermeture s'annonce, elle ne s'ajoute pas après.")
        if du and au and not 0 <= (au - du).days < DUREE_MAXIMALE:
            self.add_error("au", f"La fin vient après le début, {DUREE_MAXIMALE} jours au plus à la fois.")
        return valeurs


@require_safe
@administrateur_ou_404
def jours_fermes(request: HttpRequest) -> HttpResponse:
    """One year: what the law closes and what the city closes, in order."""
    annee = lire_annee(request.GET.get("annee", ""))
    feries: list[dict[str, Any]] = [
        {"jour": jour, "libelle": "Jour férié", "lieu": "Toute la ville", "ferme": None}
        for jour in jours_feries(settings.GUICHET_TERRITOIRE_FERIES, annee)
    ]
    locaux: list[dict[str, Any]] = [
        {
            "jour": ferme.jour,
            "libelle": ferme.libelle,
            "lieu": ferme.point_accueil or ferme.direction or "Toute la ville",
            "ferme": ferme if ferme.jour >= timezone.localdate() else None,
        }
        for ferme in JourFerme.objects.filter(jour__year=annee).select_related("point_accueil", "direction")
    ]
    mois: dict[int, list[dict[str, Any]]] = {}
    for ligne in sorted(feries + locaux, key=lambda ligne: (ligne["jour"], str(ligne["lieu"]))):
        mois.setdefault(ligne["jour"].month, []).append(ligne)
    contexte = {
        "annee": annee,
        "mois": [(date(annee, numero, 1), lignes) for numero, lignes in mois.items()],
        "url_precedente": f"?annee={annee - 1}" if annee - 1 in ANNEES else "",
        "url_suivante": f"?annee={annee + 1}" if annee + 1 in ANNEES else "",
    }
    return rendre(request, "organisation/administration/jours_fermes.html", "jours_fermes", contexte)


def adresse_de(un_jour: date) -> str:
    return f"{reverse('administration_jours_fermes')}?annee={un_jour.year}"


def lire_annee(texte: str) -> int:
    """The year asked for, or this one."""
    est_lisible = texte.isascii() and texte.isdigit() and len(texte) == 4
    return int(texte) if est_lisible and int(texte) in ANNEES else timezone.localdate().year


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def fermer(request: HttpRequest) -> HttpResponse:
    formulaire = JourFermeForm(soumis(request))
    if request.method == "POST" and (
        nombre := tenter(formulaire, lambda v: ajouter(v, formulaire.lieux[v["lieu"]], par=auteur(request)))
    ):
        pluriel = "s" if nombre > 1 else ""
        messages.success(
            request, f"{nombre} jour{pluriel} ajouté{pluriel}. Les dates déjà promises ne changent pas."
        )
        return redirect(
            f"{reverse('administration_jours_fermes')}?annee={formulaire.cleaned_data['du'].year}"
        )
    contexte = {
        "formulaire": formulaire,
        "titre": "Ajouter une fermeture",
        "bouton": "Ajouter la fermeture",
        "retour": reverse("administration_jours_fermes"),
        "aide": "Les jours fériés sont déjà comptés. Ajoutez les ponts et les fermetures de la ville.",
    }
    gabarit = "organisation/administration/formulaire.html"
    return rendre(request, gabarit, "jours_fermes", contexte, status=422 if formulaire.errors else 200)


@transaction.atomic
def ajouter(valeurs: dict[str, Any], lieu: dict[str, Any], *, par: Compte) -> int:
    """One row a day, those already there left out; the number of days added, never zero."""
    fin = valeurs["au"] or valeurs["du"]
    jours = {valeurs["du"] + timedelta(days=n) for n in range((fin - valeurs["du"]).days + 1)}
    portee = {"direction": None, "point_accueil": None} | lieu
    deja = set(
        JourFerme.objects.filter(
            jour__in=jours,
            **{nom if cible else f"{nom}__isnull": cible or True for nom, cible in portee.items()},
        ).values_list("jour", flat=True)
    )
    if not jours - deja:
        raise DonneeInvalide(f"C'est déjà un jour fermé : {date_simple(min(jours))}.", "du")
    for un_jour in sorted(jours - deja):
        ferme = JourFerme.objects.create(jour=un_jour, libelle=valeurs["libelle"], **lieu)
        consigner(compte=par, objet=ferme, action="creation", apres=instantane(ferme))
    return len(jours - deja)


@require_POST
@administrateur_ou_404
def rouvrir(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out a closure to come; a day that is past stays, delays were counted with it."""
    with transaction.atomic():
        ferme = get_object_or_404(
            JourFerme.objects.select_for_update(), pk=pk, jour__gte=timezone.localdate()
        )
        consigner(compte=auteur(request), objet=ferme, action="suppression", avant=instantane(ferme))
        ferme.delete()
    messages.success(request, f"Le {date_simple(ferme.jour)} est de nouveau ouvert.")
    return redirect(adresse_de(ferme.jour))


def compter() -> str:
    nombre = JourFerme.objects.filter(jour__gte=timezone.localdate()).count()
    return f"{nombre} à venir, en plus des jours fériés"


SECTION = Section(
    "jours_fermes",
    "Jours fermés",
    "calendar-x",
    "administration_jours_fermes",
    "Les jours fériés, les ponts, les fermetures : les délais les sautent.",
    compter,
)
