"""Load the days the city, one desk or one direction is closed."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from demandes.chargement.fichier import FichierInvalide
from demandes.chargement.rangement import Rangement
from guichet.organisation.models import Direction, JourFerme, PointAccueil

LIEUX: dict[str, tuple[Any, str]] = {
    "point_accueil": (PointAccueil, "le point d'accueil"),
    "direction": (Direction, "la direction"),
}


def charger(contenu: Mapping[str, Any], rangement: Rangement) -> None:
    """The days of `contenu`, over places already there; a file without any leaves those of the city."""
    bruts = contenu.get("jours_fermes")
    if not bruts:
        return
    connus = {nom: {lieu.code: lieu for lieu in modele.objects.all()} for nom, (modele, _) in LIEUX.items()}
    if erreurs := list(fautes(bruts, connus)):
        raise FichierInvalide(erreurs)
    rangement.poser(
        JourFerme,
        "jours fermés",
        [
            (
                {nom: connus[nom][brut[nom]] if brut.get(nom) else None for nom in LIEUX}
                | {"jour": date.fromisoformat(brut["jour"])},
                {"libelle": brut["libelle"]},
            )
            for brut in bruts
        ],
    )


def fautes(bruts: list[dict[str, Any]], connus: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for rang, brut in enumerate(bruts):
        if brut.get("point_accueil") and brut.get("direction"):
            yield f"jours_fermes/{rang} : un jour ferme un point d'accueil ou une direction, pas les deux."
        for nom, (_, mots) in LIEUX.items():
            if (code := brut.get(nom)) and code not in connus[nom]:
                yield f"jours_fermes/{rang} : {mots} {code} n'existe pas."
