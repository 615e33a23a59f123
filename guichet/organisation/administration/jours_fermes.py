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
from guichet.organisation.audit import Changement, consigner, consigner_plusieurs, instantane
from guichet.organisation.lieux import Lieu, champ_du_lieu
from guichet.organisation.models import Compte, Direction, JourFerme, PointAccueil, Territoire
from guichet.socle.calendrier import jours_feries
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.templatetags.dates import date_simple

DUREE_MAXIMALE = 31  # days entered at once
ANNEES = range(2020, 2100)
VILLE = "Toute la ville"


def cases(libelle: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=libelle,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce lieu n'est plus dans la liste."},
    )


class JourFermeForm(forms.Form):
    """One day, or several in a row, closed for the whole city or for any number of places."""

    use_required_attribute = False

    libelle = Texte(
        "Raison", 120, error_messages={"required": "Dites pourquoi : pont de l'Ascension, travaux…"}
    )
    du = jour("Premier jour")
    au = jour("Dernier jour", required=False, help_text="Laissez vide pour un seul jour.")
    portee = forms.ChoiceField(
        label="Qui ferme",
        choices=[("ville", VILLE), ("lieux", "Certains lieux")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites qui ferme."},
    )
    groupes = cases("Des groupes de lieux")
    accueils = cases("Des points d'accueil")
    directions = cases("Des directions")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        accueils = {f"a{a.pk}": a for a in PointAccueil.objects.filter(est_actif=True)}
        directions = {f"d{d.pk}": d for d in Direction.objects.filter(est_active=True)}
        self.lieux: dict[str, list[Lieu]] = {cle: [lieu] for cle, lieu in (accueils | directions).items()}
        self.lieux |= {"accueils": list(accueils.values()), "directions": list(directions.values())}
        groupes = [("accueils", "Tous les points d'accueil"), ("directions", "Toutes les directions")]
        for territoire in Territoire.objects.all():
            if accueil := accueils.get(f"a{territoire.point_accueil_id}"):
                self.lieux[f"t{territoire.pk}"] = [accueil]
                groupes.append((f"t{territoire.pk}", f"Points d'accueil du {territoire}"))
        for nom, choix in (
            ("groupes", groupes),
            ("accueils", [(cle, str(lieu)) for cle, lieu in accueils.items()]),
            ("directions", [(cle, str(lieu)) for cle, lieu in directions.items()]),
        ):
            self.fields[nom].choices = choix  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        du, au = valeurs.get("du"), valeurs.get("au")
        if du and du < timezone.localdate():
            self.add_error("du", "Ce jour est passé : une fermeture s'annonce, elle ne s'ajoute pas après.")
        if du and au and not 0 <= (au - du).days < DUREE_MAXIMALE:
            self.add_error("au", f"La fin vient après le début, {DUREE_MAXIMALE} jours au plus à la fois.")
        if valeurs.get("portee") == "lieux" and not self.coches(valeurs) and not self.errors:
            self.add_error("groupes", "Cochez au moins un groupe, un point d'accueil ou une direction.")
        return valeurs

    def coches(self, valeurs: dict[str, Any]) -> list[str]:
        return [cle for nom in ("groupes", "accueils", "directions") for cle in valeurs.get(nom) or []]

    def choisis(self) -> list[Lieu | None]:
        """The places that close, each once; None is the whole city."""
        if self.cleaned_data["portee"] == "ville":
            return [None]
        coches = self.coches(self.cleaned_data)
        return list(dict.fromkeys(lieu for cle in coches for lieu in self.lieux[cle]))


@require_safe
@administrateur_ou_404
def jours_fermes(request: HttpRequest) -> HttpResponse:
    """One year: what the law closes and what the city closes, in order."""
    annee = lire_annee(request.GET.get("annee", ""))
    par_raison: dict[tuple[date, str], list[JourFerme]] = {}
    fermes = JourFerme.objects.filter(jour__year=annee).select_related("point_accueil", "direction")
    for ferme in sorted(fermes, key=lambda f: (f.jour, str(lieu_de(f)))):
        par_raison.setdefault((ferme.jour, ferme.libelle), []).append(ferme)
    feries = jours_feries(settings.GUICHET_TERRITOIRE_FERIES, annee)
    lignes: list[tuple[date, str, list[JourFerme]]] = [(ferie, "Jour férié", []) for ferie in feries]
    lignes += [(*cle, liste) for cle, liste in par_raison.items()]
    mois: dict[int, list[dict[str, Any]]] = {}
    for un_jour, libelle, liste in sorted(lignes, key=lambda ligne: ligne[:2]):
        lieux: list[tuple[Lieu | str, JourFerme | None]] = [(lieu_de(ferme), ferme) for ferme in liste]
        ligne = {
            "jour": un_jour,
            "libelle": libelle,
            "lieux": lieux or [(VILLE, None)],
            "est_a_venir": un_jour >= timezone.localdate(),
        }
        mois.setdefault(un_jour.month, []).append(ligne)
    contexte = {
        "annee": annee,
        "mois": [(date(annee, numero, 1), lignes) for numero, lignes in mois.items()],
        "url_precedente": f"?annee={annee - 1}" if annee - 1 in ANNEES else "",
        "url_suivante": f"?annee={annee + 1}" if annee + 1 in ANNEES else "",
    }
    return rendre(request, "organisation/administration/jours_fermes.html", "jours_fermes", contexte)


def lieu_de(ferme: JourFerme) -> Lieu | str:
    return ferme.point_accueil or ferme.direction or VILLE


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
        nombre := tenter(formulaire, lambda v: ajouter(v, formulaire.choisis(), par=auteur(request)))
    ):
        pluriel = "s" if nombre > 1 else ""
        messages.success(
            request,
            f"{nombre} fermeture{pluriel} ajoutée{pluriel}. Les dates déjà promises ne changent pas.",
        )
        return redirect(
            f"{reverse('administration_jours_fermes')}?annee={formulaire.cleaned_data['du'].year}"
        )
    contexte = {
        "formulaire": formulaire,
        "retour": reverse("administration_jours_fermes"),
    }
    gabarit = "organisation/administration/fermeture.html"
    return rendre(request, gabarit, "jours_fermes", contexte, status=422 if formulaire.errors else 200)


@transaction.atomic
def ajouter(valeurs: dict[str, Any], lieux: list[Lieu | None], *, par: Compte) -> int:
    """One row a day and a place, those already there left out; the number of rows added, never zero."""
    fin = valeurs["au"] or valeurs["du"]
    jours = [valeurs["du"] + timedelta(days=n) for n in range((fin - valeurs["du"]).days + 1)]
    deja = set(
        JourFerme.objects.filter(jour__in=jours).values_list("jour", "direction_id", "point_accueil_id")
    )
    fermes = [
        ferme
        for un_jour in jours
        for lieu in lieux
        for ferme in [JourFerme(jour=un_jour, libelle=valeurs["libelle"], **portee_de(lieu))]
        if (un_jour, ferme.direction_id, ferme.point_accueil_id) not in deja
    ]
    if not fermes:
        raise DonneeInvalide(f"C'est déjà un jour fermé : {date_simple(jours[0])}.", "du")
    JourFerme.objects.bulk_create(fermes)
    consigner_plusieurs(
        [Changement(ferme, "creation", apres=instantane(ferme)) for ferme in fermes], compte=par
    )
    return len(fermes)


def portee_de(lieu: Lieu | None) -> dict[str, Lieu]:
    return {} if lieu is None else {champ_du_lieu(lieu): lieu}


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
