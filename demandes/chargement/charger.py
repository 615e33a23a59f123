"""Tell one reference file from another by its content, and load it whole."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from demandes.chargement import catalogue, fiches, politiques
from demandes.chargement.fichier import FichierInvalide, Rapport, lire, valider
from demandes.chargement.rangement import Rangement

# The key only this kind of file has → its schema and its loader.
GENRES: dict[str, tuple[str, Callable[[Any, Rangement], None]]] = {
    "ville": ("catalogue.schema.json", catalogue.charger),
    "motifs": ("politiques.schema.json", partial(politiques.charger, garde_les_retouches=True)),
    "fiches": ("fiches.schema.json", fiches.charger),
}


def charger_fichier(chemin: Path, *, publier: bool = False) -> Rapport:
    """Load a catalogue, a policies or a fiches file. Loading the same file twice changes nothing.

    `publier` publishes the types whose policy is complete. Raises FichierInvalide; nothing changes then.
    """
    contenu = lire(chemin)
    for cle, (schema, charger) in GENRES.items():
        if cle in contenu:
            valider(contenu, schema)
            rapport = Rapport()
            with transaction.atomic():
                charger(contenu, Rangement(rapport))
                if publier:
                    politiques.publier(rapport)
            return rapport
    raise FichierInvalide(
        [f"Ce n'est ni un catalogue, ni des politiques, ni des fiches (clés lues : {', '.join(contenu)})."]
    )
