"""The two subjects of a text that says it has two, pure: cut where people pass from one to the other.

Meaning alone cuts badly: a story strays and comes back. Somebody who asks for a second thing nearly always
says so (« par ailleurs », « j'en profite », « deuxième question »); what follows must then be close to
another type.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from demandes.suggestion.texte import (
    LONGUEUR_PARCOURUE,
    Comptes,
    fin_du_propos,
    phrases_placees,
    plier_sur_place,
    sans_bruit,
)

# Each part says enough, is close to its own type, and less to the other's.
MOTS_D_UN_SUJET = 4
PROXIMITE_D_UN_SUJET = 0.06
AVANCE_D_UN_SUJET = 0.015
COUPES_ESSAYEES = 8
# Said within this of the beginning of its sentence, a passage begins with it (« Je voudrais aussi… »).
TETE_DE_PHRASE = 12

_CHOSES = r"(?:questions?|choses?|points?|sujets?|problemes?|soucis?|demandes?|remarques?|signalements?)"
# Folded as `plier` does: no accent, no capital, no apostrophe.
_PASSAGES = re.compile(
    r"\b(?:par ailleurs|d autre part|en outre|deuxiemement|secundo|au passage|rien a voir|post scriptum"
    rf"|autre {_CHOSES}|(?:deuxieme|seconde?|2e(?:me)?|2nde?|derniere?) (?:petite? )?{_CHOSES}"
    r"|question (?:annexe|subsidiaire)|sans (?:aucun )?rapport|dans le meme (?:genre|registre|temps)"
    r"|(?:en )?profite(?:nt|ons)?(?: \w+)? (?:de|d|pour|egalement|aussi)|(?:par|a) la meme occasion"
    r"|(?:pendant|tant|puisque?) (?:que |qu )?(?:j|on|nous|vous) y|de mon cote|justement|quant (?:a|aux?)"
    r"|(?:et|ah|oh) aussi|et toujours|et puis|et pour (?:les?|la|mes|mon|ma|cette?|finir)"
    r"|(?:voudrai[ts]|voulai[ts]|aimerai[ts]|souhait\w+|demande\w*|veut|voulons|faudrait|pouvez vous"
    r"|pourriez vous|cherche|signale\w*|besoin) (?:aussi|egalement|en plus)"
    r"|(?:aussi|egalement) (?:besoin|une question|savoir|vous (?:signaler|demander|dire)))(?!\w)"
    # « 2) », « + veut… », « PS : », « Sinon, … », a list.
    r"|(?<=\s)2[)/°.-] ?(?=[a-z])|(?<=\s)\+ ?(?=(?:veut|voudrait|demande|souhaite|aimerait|cherche)\b)"
    r"|\bp ?\.? ?s ?[.:,]|(?<=[.!?]) (?:sinon|ensuite|autrement|enfin)\b"
)
_ANNONCE = re.compile(rf"\b(?:deux|trois|2|3|plusieurs|quelques) (?:petite?s? )?(?:autres? )?{_CHOSES}\b")


class Notant(Protocol):
    """Scores a text."""

    codes: list[str]

    def noter(self, comptes: Comptes) -> list[float]: ...


@dataclass(frozen=True)
class SujetPropose:
    """A subject among several, and where its sentences stand."""

    code: str
    debut: int
    fin: int


def sujets(connaissance: Notant, texte: str) -> tuple[SujetPropose, ...]:
    """The two subjects of a text that has two, where its parts are the furthest from each other's type."""
    propos = texte[:LONGUEUR_PARCOURUE]
    propos = propos[: fin_du_propos(propos)]
    meilleure = AVANCE_D_UN_SUJET
    choix: tuple[SujetPropose, ...] = ()
    for ici in list(coupes(propos))[:COUPES_ESSAYEES]:
        avant, apres = (_proximites(connaissance, part) for part in (propos[:ici], propos[ici:]))
        if not avant or not apres:
            continue
        a, b = (max(range(len(notes)), key=notes.__getitem__) for notes in (avant, apres))
        avance = min(avant[a] - avant[b], apres[b] - apres[a])
        if avance >= meilleure and min(avant[a], apres[b]) >= PROXIMITE_D_UN_SUJET:
            meilleure = avance
            codes = connaissance.codes[a], connaissance.codes[b]
            choix = (
                SujetPropose(codes[0], 0, len(propos[:ici].rstrip())),
                SujetPropose(codes[1], ici, len(propos.rstrip())),
            )
    return choix


def coupes(propos: str) -> Iterator[int]:
    """Where somebody passes to something else; every sentence may be, once several things are announced."""
    plie = plier_sur_place(propos)
    debuts = [debut for debut, _ in phrases_placees(propos)]
    ici = set(debuts) if _ANNONCE.search(plie) else set()
    for passage in _PASSAGES.finditer(plie):
        phrase = debuts[max(0, bisect_right(debuts, passage.start()) - 1)] if debuts else 0
        ici.add(phrase if passage.start() - phrase <= TETE_DE_PHRASE else passage.start())
    yield from sorted(ici - {0, *debuts[:1]})


def _proximites(connaissance: Notant, texte: str) -> list[float]:
    """How close each type is to a part of a text; nothing when it says too little."""
    comptes = Comptes(sans_bruit(texte))
    est_bref = sum(" " not in mot for mot in comptes.mots) < MOTS_D_UN_SUJET
    return [] if est_bref else connaissance.noter(comptes)
