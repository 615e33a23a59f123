"""Measures the suggestion on labelled messages, none of which it has learned.

A message that is one of the shipped examples is read by an index built without its fold; the others by the
whole index, as in production.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Any

from django.db import DatabaseError, transaction
from django.db.utils import OperationalError

from demandes.models import VersionSuggestion
from demandes.suggestion import savoir
from demandes.suggestion.avis import PROPOSEES, confiances, direction_probable
from demandes.suggestion.danger import danger
from demandes.suggestion.savoir import SANS_TYPE, Notice, Savoir, texte_de
from demandes.suggestion.sujets import sujets
from demandes.suggestion.texte import Comptes, sans_bruit
from demandes.suggestion.travail import ponderer_de

PLIS = 5


class MessageIllisible(ValueError):
    """A line that is no labelled message; the sentence says which one."""


@dataclass(frozen=True)
class MessageEtiquete:
    """A text, its type, and those an agent could have chosen as well; None where it is not said."""

    cle: str
    texte: str
    type: str
    acceptables: frozenset[str]
    direction: str
    est_urgent: bool | None = None
    a_deux_sujets: bool | None = None


def lire(contenu: str) -> list[MessageEtiquete]:
    """One JSON message a line."""
    messages = []
    for numero, ligne in enumerate(contenu.splitlines(), start=1):
        if not ligne.strip():
            continue
        try:
            lu = json.loads(ligne)
            acceptables = frozenset(lu.get("types_acceptables") or [lu["type"]])
            texte, direction = texte_de(lu), lu.get("direction") or ""
            messages.append(
                MessageEtiquete(
                    str(lu.get("id", numero)),
                    texte,
                    lu["type"],
                    acceptables,
                    direction,
                    lu.get("urgent"),
                    lu.get("plusieurs_sujets"),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError) as erreur:
            raise MessageIllisible(
                f"Ligne {numero} : ce n'est pas un message étiqueté ({erreur!r})."
            ) from erreur
    return messages


def evaluer(
    messages: Sequence[MessageEtiquete],
    *,
    avec_amorce: bool = True,
    avec_exemples: bool = True,
    avec_erreurs: bool = False,
) -> dict[str, Any]:
    """The figures: how often the type is the first proposed, among the three, and the direction right."""
    retenus = [m for m in messages if m.type not in SANS_TYPE]
    notices, source = _notices()
    exemples = savoir.exemples_livres() if avec_exemples else ()
    appris = {texte for _, texte in exemples}
    plis: dict[int | None, list[MessageEtiquete]] = {}
    for rang, message in enumerate(retenus):
        plis.setdefault(rang % PLIS if message.texte in appris else None, []).append(message)
    comptes = _Comptes()
    for pli, siens in plis.items():
        exclus = {m.texte for m in siens} if pli is not None else set()
        gardes = [(code, texte) for code, texte in exemples if texte not in exclus]
        comptes.lire(savoir.construire(notices, avec_amorce=avec_amorce, exemples=gardes), siens)
    return comptes.figures() | {
        "ecartes": len(messages) - len(retenus),
        "tenus_hors_de_l_apprentissage": sum(len(siens) for pli, siens in plis.items() if pli is not None),
        "types": len(notices),
        "catalogue": source,
        "version": comptes.version,
        **({"erreurs": comptes.erreurs} if avec_erreurs else {}),
    }


def _notices() -> tuple[Sequence[Notice], str]:
    """The city's types; those shipped with the product where no city is loaded yet."""
    try:
        with transaction.atomic():
            notices = savoir.notices()
    except (OperationalError, DatabaseError):
        notices = ()
    return (notices, "ville") if notices else (savoir.notices_livrees(), "livré")


def _version() -> VersionSuggestion | None:
    try:
        with transaction.atomic():
            return VersionSuggestion.objects.filter(est_en_service=True).defer("contenu").first()
    except (OperationalError, DatabaseError):
        return None


class _Comptes:
    """What was right, so far."""

    def __init__(self) -> None:
        self.nombre = self.premiers = self.parmi_trois = self.directions = 0
        self.temps = 0.0
        self.erreurs: list[dict[str, Any]] = []
        # What is pointed at: found where it was, and where it was not.
        self.signales = dict.fromkeys(("danger", "danger_a_tort", "deux_sujets", "deux_sujets_a_tort"), 0)
        self._version = _version()

    @property
    def version(self) -> int | None:
        return self._version.pk if self._version else None

    def lire(self, connu: Savoir, messages: Sequence[MessageEtiquete]) -> None:
        codes, direction_de = connu.index.codes, connu.direction_de
        ponderer = ponderer_de(connu, self._version) if self._version else None
        for message in messages:
            debut = process_time()
            comptes = Comptes(sans_bruit(message.texte))
            parts = confiances(connu.index.noter(comptes))
            if ponderer:
                parts = ponderer(comptes, parts)
            ordre = sorted(range(len(codes)), key=lambda rang: (-parts[rang], rang))
            self.temps += process_time() - debut
            proposes = [codes[rang] for rang in ordre[:PROPOSEES]]
            self._signaler("danger", bool(danger(message.texte)), message.est_urgent)
            self._signaler("deux_sujets", bool(sujets(connu.index, message.texte)), message.a_deux_sujets)
            self._compter(message, proposes, direction_probable(codes, parts, direction_de), direction_de)

    def _signaler(self, quoi: str, est_vu: bool, est_vrai: bool | None) -> None:
        if est_vu and est_vrai is not None:
            self.signales[quoi if est_vrai else f"{quoi}_a_tort"] += 1

    def _compter(
        self, message: MessageEtiquete, proposes: list[str], direction: str, direction_de: Mapping[str, str]
    ) -> None:
        self.nombre += 1
        self.premiers += proposes[0] in message.acceptables
        self.directions += direction == direction_de.get(message.type, message.direction)
        if message.acceptables & set(proposes):
            self.parmi_trois += 1
        else:
            self.erreurs.append({"id": message.cle, "type": message.type, "proposes": proposes})

    def figures(self) -> dict[str, Any]:
        nombre = self.nombre or 1
        return {
            "messages": self.nombre,
            "type_top1": round(self.premiers / nombre, 4),
            "type_top3": round(self.parmi_trois / nombre, 4),
            "direction_top1": round(self.directions / nombre, 4),
            "ms_par_message": round(1000 * self.temps / nombre, 2),
            **self.signales,
        }
