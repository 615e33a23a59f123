"""The portal of a large city: its pages, its segments, and somebody who chose a profile."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from typing import Any

from django.core import signing
from django.utils import timezone
from wagtail.models import Page

from benchmarks.matiere import DETAILS, OBJETS
from demandes.models import Fiche, TypeDemande
from guichet.organisation.models import Territoire
from portal import profils
from portal.garnir import ajouter, garnir
from portal.models import (
    Actualite,
    Actualites,
    Agenda,
    Evenement,
    PageAccueil,
    PageDemarche,
    PageFiche,
    Segment,
    Situation,
    Sujet,
)

REPONSE = "Écrivez à la ville, en disant :\n– le lieu ;\n– l'heure.\n" * 4
PARAGRAPHE = "<p>" + "La ville vous répond, en quelques lignes que chacun peut lire. " * 6 + "</p>"


def peupler(pages: int, segments: int) -> None:
    """Six pages in ten are answers, three news, one is an event; the segments share the situations."""
    types = list(TypeDemande.objects.filter(publie_le__isnull=False).order_by("pk"))
    codes = cycle(types)
    debut = timezone.now()
    for rang in range(pages * 6 // 10):
        question = f"{OBJETS[rang % len(OBJETS)]} {DETAILS[rang % len(DETAILS)]} : que faire ? ({rang})"
        fiche = Fiche.objects.create(
            code=f"mesure-{rang}",
            question=question,
            reponse=REPONSE,
        )
        fiche.types.add(next(codes))
    garnir()
    territoires = list(Territoire.objects.order_by("pk").values_list("code", flat=True))
    sujets = cycle(Sujet.values)
    for rang in range(pages * 3 // 10):
        page = Actualite(
            title=f"{OBJETS[rang % len(OBJETS)]}, ce qui change ({rang})",
            date=(debut - timedelta(days=rang)).date(),
            chapeau="Ce qu'il faut savoir en une phrase.",
            corps=[("texte", PARAGRAPHE)],
            sujets=[next(sujets)],
            territoires=territoires[rang % len(territoires) :][:1] if rang % 3 == 0 and territoires else [],
        )
        ajouter(Actualites.objects.get(), page)
    for rang in range(pages // 10):
        page = Evenement(
            title=f"Rencontre n° {rang}",
            debut=debut + timedelta(days=rang - pages // 20),
            lieu="Maison de quartier",
            chapeau="Entrée libre.",
            sujets=[next(sujets)],
        )
        ajouter(Agenda.objects.get(), page)
    situations = cycle(Situation.values)
    ordre = [type.code for type in types]
    Segment.objects.bulk_create(
        Segment(
            nom=f"Segment {rang}",
            situations=[next(situations)],
            territoires=territoires[rang % len(territoires) :][:1] if rang % 2 and territoires else [],
            demarches=ordre[rang : rang + 4],
        )
        for rang in range(segments)
    )
    # Some pages are of a segment, as a city's are.
    premiers = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[:3])
    PageFiche.objects.filter(code__endswith="7").update(segments=premiers, effet="avant")


def cibles() -> dict[str, Any]:
    """The addresses, and the cookie of a parent of one district."""
    territoire = Territoire.objects.order_by("pk").first()
    parent = {"situations": [Situation.PARENT.value], "territoire": territoire.code if territoire else ""}
    return {
        "cookie": f"{profils.TEMOIN}={signing.dumps(parent, salt=profils.SEL, compress=True)}",
        "accueil": PageAccueil.objects.get().url,
        "fiche": PageFiche.objects.order_by("-pk").first().url,
        "démarche": PageDemarche.objects.order_by("pk").first().url,
        "tailles": {"pages": Page.objects.live().count(), "segments": Segment.objects.count()},
    }
