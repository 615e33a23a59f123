"""What of a type depends on an answer: where it is kept, and how it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demandes.models import TypeDemande
from guichet.socle.templatetags.dates import duree

Champ = dict[str, Any]
# A row of a column: the condition (`champ`, `vaut`) and the value it gives.
Ligne = dict[str, Any]


@dataclass(frozen=True)
class Lot:
    """A list of rows: its column, its words, and what a row of it gives."""

    nom: str
    colonne: str
    titre: str
    renvoi: str
    alors: Callable[[Ligne], str]


def condition_de(ligne: Ligne) -> dict[str, Any]:
    """Its condition; a row that gives nothing more than « urgent » is one."""
    si: dict[str, Any] = ligne.get("si", ligne)
    return si


def delai_en_mots(ligne: Ligne) -> str:
    valeur, unite = ligne["delai"]["valeur"], ligne["delai"]["unite"]
    if unite == TypeDemande.Unite.IMMEDIAT:
        return "immédiat"
    if unite == "mois":
        return f"{valeur} mois"
    return duree(valeur, {"jours": "jours_calendaires"}.get(unite, unite), complet=True)


LOTS = (
    Lot("delai", "delais_conditionnels", "Délai de service", "un délai selon la réponse", delai_en_mots),
    Lot(
        "acces",
        "acces_conditionnels",
        "Qui peut déposer",
        "un accès selon la réponse",
        lambda ligne: TypeDemande.Acces(ligne["acces"]).label.lower(),
    ),
    Lot("urgence", "urgence_si", "Urgence", "l'urgence selon la réponse", lambda ligne: "urgente"),
    Lot(
        "silence",
        "silence_cas",
        "Délai du silence",
        "un délai du silence selon la réponse",
        delai_en_mots,
    ),
)


def est_possible(si: dict[str, Any], champs: list[Champ]) -> bool:
    """Whether this form can still give the answer."""
    champ = next((c for c in champs if c["nom"] == si["champ"]), None)
    if champ is None or isinstance(si["vaut"], bool) != (champ["type"] == "oui_non"):
        return False
    return "choix" not in champ or si["vaut"] in [choix["valeur"] for choix in champ["choix"]]


def en_mots(si: dict[str, Any], champs: list[Champ]) -> str:
    """« Que faut-il réparer ? » vaut « Un trou »; by its code when the question is gone."""
    parent = next((c for c in champs if c["nom"] == si["champ"]), None)
    if parent is None:
        return f"« {si['champ']} »"
    libelles = {c["valeur"]: c["libelle"] for c in parent.get("choix", ())} | {True: "Oui", False: "Non"}
    return f"« {parent['libelle']} » vaut « {libelles.get(si['vaut'], si['vaut'])} »"


def perdue(si: dict[str, Any], champs: list[Champ]) -> str:
    """Why a condition never holds again, in words; nothing while it may."""
    if est_possible(si, champs):
        return ""
    existe = any(c["nom"] == si["champ"] for c in champs)
    quoi = "cette réponse" if existe else "cette question"
    return f"{en_mots(si, champs)} : {quoi} n'est plus dans le formulaire"


def lire(type: TypeDemande, champs: list[Champ]) -> list[tuple[Lot, str]]:
    """Every row in words, « 1 jour ouvré si « Nature » vaut « Un trou » », with its list."""
    lues = []
    for lot in LOTS:
        for ligne in getattr(type, lot.colonne):
            si = condition_de(ligne)
            fin = perdue(si, champs)
            suite = f", sans effet : {fin}" if fin else f" si {en_mots(si, champs)}"
            lues.append((lot, lot.alors(ligne) + suite))
    return lues
