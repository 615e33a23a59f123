"""What the agent sees of a suggestion: three types, the words that decided, what else to look at."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from demandes.etats import Etat
from demandes.models import Demande, Suggestion, TypeDemande
from guichet.organisation.models import Direction
from guichet.organisation.territoires import citer, deduire

MOTS = 4
# Beyond this share, the first stands out from the others.
NETTE = 0.6


@dataclass(frozen=True)
class TypePropose:
    """A type with its key, its direction and the words of the message that brought it."""

    touche: int
    type: TypeDemande
    mots: tuple[str, ...]
    est_nette: bool

    @property
    def direction(self) -> Direction:
        return self.type.direction


def suggestion_de(demande: Demande, *, contenu_visible: bool) -> dict[str, Any] | None:
    """What was proposed for a demande that nobody qualified yet; three statements, and only for those."""
    if not contenu_visible or demande.etat != Etat.NOUVELLE or demande.type_id is not None:
        return None
    suggestion = Suggestion.objects.filter(demande=demande).select_related("message").first()
    if suggestion is None or not suggestion.propositions:
        return None
    sujets = [sujet["code"] for sujet in suggestion.sujets]
    types = {
        type.code: type
        for type in TypeDemande.objects.publies()
        .filter(code__in={*suggestion.codes, *sujets})
        .select_related("direction")
    }
    texte = suggestion.message.corps
    propositions = [p for p in suggestion.propositions if p["code"] in types]
    return {
        "types": [
            TypePropose(
                touche,
                types[p["code"]],
                morceaux(texte, p["reperes"]),
                touche == 1 and p["confiance"] >= NETTE,
            )
            for touche, p in enumerate(propositions, start=1)
        ],
        "danger": morceaux(texte, suggestion.danger),
        "lieu": "" if demande.adresse else citer(texte),
        "sujets": [types[code] for code in sujets] if all(code in types for code in sujets) else [],
    }


def morceaux(texte: str, reperes: list[list[int]]) -> tuple[str, ...]:
    """The words at these places, as written, each once."""
    return tuple(
        dict.fromkeys(texte[debut:fin].lower() for debut, fin in reperes if texte[debut:fin].strip())
    )[:MOTS]


def comme_si(demande: Demande, suggestion: dict[str, Any] | None) -> Demande:
    """The demande as it would be with the first type and the place proposed: its likes are looked for so."""
    if suggestion is None or not suggestion["types"]:
        return demande
    vue = copy(demande)
    vue.type = suggestion["types"][0].type
    if suggestion["lieu"]:
        vue.adresse = suggestion["lieu"]
        vue.territoire = vue.territoire or deduire(vue.adresse)
    return vue
