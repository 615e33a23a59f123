"""Load knowledge entries beyond the catalogue's own."""

from collections.abc import Mapping
from typing import Any

from demandes.chargement.fichier import FichierInvalide, facultatifs
from demandes.chargement.rangement import Rangement
from demandes.models import Fiche, TypeDemande


def charger(contenu: Mapping[str, Any], rangement: Rangement) -> None:
    """Load fiches; a type code that leads nowhere refuses the whole file."""
    types = {type.code: type for type in TypeDemande.objects.all()}
    perdus = [
        f"fiches/{brut['code']} : le type {code} n'est pas dans le catalogue."
        for brut in contenu["fiches"]
        for code in brut["types"]
        if code not in types
    ]
    if perdus:
        raise FichierInvalide(perdus)
    lignes = contenu["fiches"]
    poses = rangement.poser(
        Fiche,
        "fiches",
        [
            (
                {"code": brut["code"]},
                {nom: brut[nom] for nom in ("question", "reponse", "notes_agents", "mots_cles")}
                | facultatifs(brut, "est_active"),
            )
            for brut in lignes
        ],
    )
    rangement.lier(
        "types",
        "démarches des fiches",
        [(fiche, {types[code] for code in brut["types"]}) for fiche, brut in zip(poses, lignes, strict=True)],
    )
