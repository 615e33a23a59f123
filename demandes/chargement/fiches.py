"""Load knowledge entries beyond the catalogue's own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from demandes.chargement.fichier import FichierInvalide, facultatifs
from demandes.chargement.rangement import Rangement
from demandes.models import Fiche, TypeDemande
from guichet.organisation.models import Direction


def charger(contenu: Mapping[str, Any], rangement: Rangement) -> None:
    """Load fiches; a type or a direction that leads nowhere refuses the whole file."""
    types = {type.code: type for type in TypeDemande.objects.all()}
    directions = {direction.code: direction for direction in Direction.objects.all()}
    perdus = [
        f"fiches/{brut['code']} : le type {code} n'est pas dans le catalogue."
        for brut in contenu["fiches"]
        for code in brut["types"]
        if code not in types
    ]
    perdus += [
        f"fiches/{brut['code']} : la direction {brut['direction']} n'existe pas."
        for brut in contenu["fiches"]
        if brut.get("direction") and brut["direction"] not in directions
    ]
    if perdus:
        raise FichierInvalide(perdus)
    lignes = contenu["fiches"]
    poses = rangement.poser(
        Fiche,
        "fiches",
        [({"code": brut["code"]}, valeurs_de(brut, directions)) for brut in lignes],
    )
    rangement.lier(
        "types",
        "démarches des fiches",
        [(fiche, {types[code] for code in brut["types"]}) for fiche, brut in zip(poses, lignes, strict=True)],
    )


def valeurs_de(brut: Mapping[str, Any], directions: Mapping[str, Direction]) -> dict[str, Any]:
    valeurs = {nom: brut[nom] for nom in ("question", "reponse", "notes_agents", "mots_cles")}
    valeurs |= facultatifs(brut, "est_active", "direction", "a_revoir_le")
    if valeurs.get("direction"):
        valeurs["direction"] = directions[valeurs["direction"]]
    if valeurs.get("a_revoir_le"):
        valeurs["a_revoir_le"] = date.fromisoformat(valeurs["a_revoir_le"])
    return valeurs
