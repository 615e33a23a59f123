"""Who an alert is mailed to, and the words that tell its editor.

A subscriber gave districts and subjects, nothing else, and nothing is guessed from them: a segment counts by
these alone. What it asks besides (a situation, an age) takes nobody out, and the editor is told so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from portal import profils
from portal.models.segments import Effet, Segment
from portal.models.sujets import Sujet

SANS_LE_RESTE = " La situation, l'âge et le compte ne comptent pas : un abonné n'en dit rien."


@dataclass(frozen=True)
class Destinataires:
    """What an editor chose on the page of an alert that decides who is told."""

    territoires: tuple[str, ...]
    sujets: tuple[str, ...]
    effet: str
    segments: tuple[int, ...]

    @classmethod
    def de(cls, alerte: Any) -> Destinataires:
        return cls.choisis(alerte.territoires, alerte.sujets, alerte.effet, alerte.segments)

    @classmethod
    def choisis(cls, territoires: Any, sujets: Any, effet: str, segments: Any) -> Destinataires:
        ranges = (tuple(sorted(valeurs)) for valeurs in (territoires, sujets, segments))
        territoires, sujets, segments = ranges
        return cls(territoires, sujets, effet if segments else Effet.TOUS, segments)

    @property
    def cle(self) -> str:
        """The same for the same choices: what the editor was told about, between two pages."""
        return json.dumps([self.territoires, self.sujets, self.effet, self.segments])

    @cached_property
    def leurs_segments(self) -> list[Segment]:
        """Those that show or hide the alert today: a segment out of season, or out of use, is nobody's."""
        if self.effet not in (Effet.MONTRER, Effet.CACHER):
            return []
        actifs = Segment.objects.filter(pk__in=self.segments, est_actif=True)
        mois = timezone.localdate().month
        return [s for s in actifs if s.a_des_conditions and (not s.mois or mois in s.mois)]

    @property
    def est_sans_borne(self) -> bool:
        """Whether the page is for some, while nothing that subscribers said would keep it from all."""
        if self.effet != Effet.MONTRER or self.territoires or self.sujets:
            return False
        return any(not (s.territoires or s.sujets) for s in self.leurs_segments)

    def condition(self) -> Q:
        """The subscribers it is for: on either side, naming no district or no subject means all.

        Nobody when nothing would bound it: a segment may have lost its districts since it was chosen.
        """
        if self.est_sans_borne:
            return Q(pk__in=[])
        tous = interesses(self.territoires, self.sujets)
        if self.effet == Effet.MONTRER and all(s.territoires or s.sujets for s in self.leurs_segments):
            siens = Q(pk__in=[])
            for segment in self.leurs_segments:
                siens |= interesses(segment.territoires, segment.sujets)
            tous &= siens
        if self.effet == Effet.CACHER:
            caches = {code for s in self.leurs_segments if s.n_est_qu_un_lieu for code in s.territoires}
            tous &= Q(territoires=[]) | ~Q(territoires__contained_by=sorted(caches))
        return tous

    def phrases(self) -> list[str]:
        """By which district, by which subject, and what becomes of each segment."""
        lieux, sujets = dire_les_lieux(self.territoires), dire_les_sujets(self.sujets)
        return [
            f"Arrondissements : {lieux}, et ceux qui n'en ont choisi aucun."
            if lieux
            else "Arrondissements : tous.",
            f"Sujets : {sujets}, et ceux qui n'en ont choisi aucun." if sujets else "Sujets : tous.",
            *(self.dire(segment) for segment in self.leurs_segments),
        ]

    def dire(self, segment: Segment) -> str:
        dits = " ; ".join(
            filter(None, [dire_les_lieux(segment.territoires), dire_les_sujets(segment.sujets)])
        )
        if self.effet == Effet.CACHER:
            if segment.n_est_qu_un_lieu:
                return f"Segment « {segment} » : rien à ceux qui n'ont choisi que {dits}."
            return f"Segment « {segment} » : ne retire personne.{SANS_LE_RESTE}"
        if not dits:
            return f"Segment « {segment} » : ne réduit rien.{SANS_LE_RESTE}"
        reste = SANS_LE_RESTE if segment.en_dit_plus else ""
        return f"Segment « {segment} » : {dits}, et ceux qui n'ont rien choisi.{reste}"


def interesses(territoires: Any, sujets: Any) -> Q:
    voulus = Q()
    if territoires:
        voulus &= Q(territoires=[]) | Q(territoires__overlap=list(territoires))
    if sujets:
        voulus &= Q(sujets=[]) | Q(sujets__overlap=list(sujets))
    return voulus


def dire_les_lieux(codes: Any) -> str:
    noms = profils.territoires()
    return ", ".join(noms[code] for code in codes if code in noms)


def dire_les_sujets(codes: Any) -> str:
    return ", ".join(f"« {Sujet(code).label} »" for code in codes if code in Sujet.values)
