"""Administration › Suggestion: how often what is proposed is kept, and what was learned."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from demandes.models import VersionSuggestion
from demandes.suggestion import travail
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre

CODE = "suggestion"
VERSIONS = 6


@require_safe
@administrateur_ou_404
def suggestion(request: HttpRequest) -> HttpResponse:
    """Kept suggestions by type, and the versions, the latest first."""
    lignes = [
        ligne | {"part": pour_cent(ligne["premieres"], ligne["choisies"])}
        for ligne in travail.retenues_par_type()
    ]
    choisies, premieres, proposees = (
        sum(ligne[nom] for ligne in lignes) for nom in ("choisies", "premieres", "proposees")
    )
    contexte = {
        "lignes": lignes,
        "choisies": choisies,
        "part_premiere": pour_cent(premieres, choisies),
        "part_proposee": pour_cent(proposees, choisies),
        "versions": [decrire(version) for version in VersionSuggestion.objects.defer("contenu")[:VERSIONS]],
        "minimum": travail.CHOIX_MINIMUM,
    }
    return rendre(request, "demandes/administration/suggestion.html", CODE, contexte)


def pour_cent(nombre: int, total: int) -> int:
    return round(100 * nombre / total) if total else 0


def decrire(version: VersionSuggestion) -> dict:
    """A version with its figures as percentages: right in first place, with and without what it learned."""
    mesures = version.mesures
    return {
        "version": version,
        "part": round(100 * version.part),
        "justes": round(100 * mesures.get("version_top1", 0)),
        "justes_sans": round(100 * mesures.get("index_top1", 0)),
    }


SECTION = Section(
    CODE,
    "Suggestion",
    "lightbulb",
    "administration_suggestion",
    "Les types proposés aux agents : ce qu'ils en gardent, ce que le système en apprend.",
)
