"""The city's name, its contact lines and its colours, seen in light and in dark before they are kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import etag, require_http_methods, require_safe

from guichet.organisation import logo, ville
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.administration.saisie import Paragraphes, Texte, courriel, telephone
from guichet.organisation.models import IdentiteVille
from guichet.socle.couleurs import feuille_d_apercu, lire_couleur
from guichet.socle.erreurs import DonneeInvalide


class VilleForm(forms.Form):
    """Who the city is, as its pages, mails and papers say it."""

    use_required_attribute = False

    nom = Texte("Nom de la ville", 120, error_messages={"required": "Indiquez le nom de la ville."})
    adresse = Texte("Adresse postale", 250, error_messages={"required": "Indiquez l'adresse de la mairie."})
    telephone = telephone("Téléphone", error_messages={"required": "Indiquez le téléphone de la mairie."})
    courriel = courriel(
        "Adresse électronique", error_messages={"required": "Indiquez l'adresse électronique."}
    )
    accent_clair = Texte(
        "Couleur en thème clair",
        7,
        normaliser=lire_couleur,
        required=False,
        widget=forms.TextInput({"data-couleur": "", "spellcheck": "false"}),
        help_text="Par exemple #7a2f5d. Laissez vide pour garder la couleur d'origine.",
    )
    accent_sombre = Texte(
        "Couleur en thème sombre",
        7,
        normaliser=lire_couleur,
        required=False,
        widget=forms.TextInput({"data-couleur": "", "spellcheck": "false"}),
        help_text="Laissez vide : Guichet éclaircit la première jusqu'à ce qu'elle se lise.",
    )
    promesse_reseaux = Texte(
        "Réponse annoncée sur les réseaux",
        160,
        required=False,
        help_text="Par exemple : nous répondons du lundi au vendredi, de 9 h à 17 h. Rappelée à qui répond, "
        "ajoutée aux invitations à continuer en privé. Laissez vide pour ne rien annoncer.",
    )
    charte_reseaux = Paragraphes(
        "Charte des réseaux",
        2000,
        required=False,
        help_text="Ce que la ville masque : injures, menaces, données d'une autre personne… Publiée sur le "
        "portail, et montrée à qui masque une publication.",
    )
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG ou WebP, 2 Mo au plus. Carré de préférence. Laissez vide pour garder l'actuel.",
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
    )
    sans_logo = forms.BooleanField(label="Revenir au logo d'origine", required=False)

    def clean(self) -> dict[str, Any]:
        """`logo`: the bytes to keep, empty to go back, None to change nothing."""
        donnees = super().clean() or {}
        fichier, sans_logo = donnees.pop("logo", None), donnees.pop("sans_logo", False)
        donnees["logo"] = b"" if sans_logo else None
        if fichier:
            try:
                donnees["logo"] = logo.preparer(fichier.read(logo.POIDS + 1))
            except DonneeInvalide as erreur:
                self.add_error("logo", str(erreur))
        return donnees


def connue() -> dict[str, Any]:
    """What the form starts from: the stored identity, or the settings'."""
    identite = IdentiteVille.objects.first()
    if identite:
        return {nom: getattr(identite, nom) for nom in ville.CHAMPS}
    return {nom: ville.decrire(None).get(nom, "") for nom in ville.CHAMPS}


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def identite(request: HttpRequest) -> HttpResponse:
    """The form; « Voir » shows the colours and keeps nothing, « Enregistrer » keeps."""
    initial = connue()
    formulaire = VilleForm(soumis(request), request.FILES or None, initial=initial)
    paire = (initial["accent_clair"], initial["accent_sombre"])
    if request.method == "POST" and request.POST.get("geste") == "voir":
        essai = tenter(formulaire, lambda v: ville.completer(v["accent_clair"], v["accent_sombre"]))
        paire = essai or ("", "")
    elif request.method == "POST":
        if tenter(formulaire, lambda v: ville.enregistrer(v, par=auteur(request))):
            messages.success(request, "L'identité de la ville est enregistrée.")
            return redirect("administration_ville")
        paire = ("", "")
    adresse = reverse("administration_ville_apercu")
    contexte = {
        "formulaire": formulaire,
        "apercu": f"{adresse}?{urlencode({'clair': paire[0], 'sombre': paire[1]})}" if paire[0] else "",
        "themes": (("clair", "Thème clair", paire[0]), ("sombre", "Thème sombre", paire[1])),
    }
    statut = 422 if formulaire.errors else 200
    return rendre(request, "organisation/administration/ville.html", "ville", contexte, status=statut)


@require_safe
@administrateur_ou_404
def apercu(request: HttpRequest) -> HttpResponse:
    """The sheet of the preview: two colours in the address, nothing else gets through."""
    try:
        clair, sombre = (lire_couleur(request.GET.get(nom, "")) for nom in ("clair", "sombre"))
    except DonneeInvalide as erreur:
        raise Http404 from erreur
    return HttpResponse(feuille_d_apercu(clair, sombre), content_type="text/css; charset=utf-8")


def version(request: HttpRequest) -> str:
    return f'"{ville.lire()["couleurs"] or "aucune"}"'


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
@etag(version)
def couleurs(request: HttpRequest) -> HttpResponse:
    """The city's colours, for every page: the address changes with them, and the ETag too."""
    return HttpResponse(
        ville.feuille_de(IdentiteVille.objects.first()), content_type="text/css; charset=utf-8"
    )


@login_not_required
@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def image_du_logo(request: HttpRequest, empreinte: str) -> HttpResponse:
    """The city's logo: its address changes with it."""
    identite = get_object_or_404(IdentiteVille.objects.exclude(logo_empreinte=""), logo_empreinte=empreinte)
    return HttpResponse(bytes(identite.logo), content_type="image/png")


SECTION = Section(
    "ville",
    "Ville",
    "landmark",
    "administration_ville",
    "Le nom, les coordonnées et les couleurs que montrent les pages, les courriels et les reçus.",
)
