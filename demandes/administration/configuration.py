"""Administration › Configuration: the whole city as one file, taken away or brought back after a try."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes.chargement import FichierInvalide, Rapport
from demandes.chargement.configuration import charger_configuration
from demandes.chargement.export import en_octets, exporter
from demandes.chargement.fichier import ERREURS_MONTREES, SORTS
from demandes.chargement.lignes import TAILLE_MAX, TROP_LOURD
from guichet.organisation.administration.agent import auteur
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.models import IdentiteVille

CODE = "configuration"
GABARIT = "demandes/administration/configuration.html"
# The session remembers which file was tried, by its fingerprint; the file itself waits on disk.
CLE_DE_SESSION = "configuration_essayee"
ATTENTE = 24 * 3600  # seconds


class EnvoiForm(forms.Form):
    use_required_attribute = False

    fichier = forms.FileField(
        label="Fichier de configuration",
        help_text="Un fichier JSON venu d'un export, 10 Mo au plus.",
        allow_empty_file=True,
        error_messages={"required": "Choisissez un fichier.", "invalid": "Choisissez un fichier."},
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_fichier(self) -> bytes:
        fichier = self.cleaned_data["fichier"]
        if fichier.size > TAILLE_MAX:
            raise forms.ValidationError(TROP_LOURD)
        return bytes(fichier.read())


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def configuration(request: HttpRequest) -> HttpResponse:
    """Send a file: it is tried and shown, nothing is written."""
    if request.method != "POST":
        return montrer(request)
    formulaire = EnvoiForm(request.POST, request.FILES)
    if not formulaire.is_valid():
        return montrer(request, formulaire=formulaire)
    octets = formulaire.cleaned_data["fichier"]
    try:
        rapport = charger_configuration(octets, essai=True)
    except FichierInvalide as faute:
        return montrer(request, erreurs=faute.erreurs)
    empreinte = garder(octets)
    request.session[CLE_DE_SESSION] = empreinte
    lignes = en_lignes(rapport)
    contexte = {
        "rapport": rapport,
        "changes": [ligne for ligne in lignes if ligne["noms"]],
        "pareils": [ligne for ligne in lignes if not ligne["noms"]],
        "empreinte": empreinte,
    }
    return rendre(request, "demandes/administration/configuration_essai.html", CODE, contexte)


@require_POST
@administrateur_ou_404
def charger(request: HttpRequest) -> HttpResponse:
    """Load the very file that was tried; asked twice, done once."""
    empreinte = request.POST.get("empreinte", "")
    octets = reprendre(empreinte) if empreinte == request.session.get(CLE_DE_SESSION) else None
    if octets is None:
        return montrer(request, erreurs=["Ce fichier n'attend plus. Envoyez-le de nouveau."])
    try:
        rapport = charger_configuration(octets, par=auteur(request))
    except FichierInvalide as faute:
        return montrer(request, erreurs=faute.erreurs)
    del request.session[CLE_DE_SESSION]
    chemin_de(empreinte).unlink(missing_ok=True)
    faits = ", ".join(
        f"{total} {sort}" for sort in SORTS if (total := sum(c[sort] for c in rapport.comptes.values()))
    )
    messages.success(request, f"La configuration est chargée : {faits}.")
    return redirect("administration_configuration")


@require_safe
@administrateur_ou_404
def export(request: HttpRequest) -> HttpResponse:
    """The file to keep."""
    nom = f"configuration-{timezone.localdate().isoformat()}.json"
    return HttpResponse(
        en_octets(exporter()),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{nom}"', "Cache-Control": "no-store"},
    )


def montrer(
    request: HttpRequest, *, formulaire: EnvoiForm | None = None, erreurs: list[str] | None = None
) -> HttpResponse:
    erreurs = erreurs or []
    contexte = {
        "formulaire": formulaire or EnvoiForm(),
        "erreurs": [erreur[:400] for erreur in erreurs[:ERREURS_MONTREES]],
        "autres_erreurs": max(0, len(erreurs) - ERREURS_MONTREES),
        "identite_reglee": IdentiteVille.objects.exists(),
    }
    return rendre(request, GABARIT, CODE, contexte, status=422 if formulaire or erreurs else 200)


def en_lignes(rapport: Rapport) -> list[dict[str, Any]]:
    """For each kind: how many of each fate, and the first names of what changes."""
    return [
        {
            "genre": genre,
            "crees": compte["créés"],
            "modifies": compte["modifiés"],
            "inchanges": compte["inchangés"],
            "noms": rapport.noms.get((genre, "créés"), []) + rapport.noms.get((genre, "modifiés"), []),
        }
        for genre, compte in rapport.comptes.items()
    ]


# -- the file between the try and the load


def dossier() -> Path:
    return Path(settings.GUICHET_DONNEES) / "configurations"


def chemin_de(empreinte: str) -> Path:
    return dossier() / f"{empreinte}.json"


def garder(octets: bytes) -> str:
    """Put the file aside under its fingerprint; those nobody came back for are thrown away."""
    dossier().mkdir(parents=True, exist_ok=True)
    for ancien in dossier().glob("*.json"):
        if ancien.stat().st_mtime < time.time() - ATTENTE:
            ancien.unlink(missing_ok=True)
    empreinte = hashlib.sha256(octets).hexdigest()
    chemin_de(empreinte).write_bytes(octets)
    return empreinte


def reprendre(empreinte: str) -> bytes | None:
    """The file tried, or None when it is gone or is no longer the same."""
    try:
        octets = chemin_de(empreinte).read_bytes()
    except OSError:
        return None
    return octets if hashlib.sha256(octets).hexdigest() == empreinte else None


SECTION = Section(
    CODE,
    "Configuration",
    "file-up",
    "administration_configuration",
    "Toute la configuration de la ville en un fichier : la garder, la comparer, la reprendre.",
)
