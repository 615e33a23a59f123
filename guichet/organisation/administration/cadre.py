"""The frame of the administration: who comes in, its sections, what every page of it shares.

A section is a `Section` named by its dotted path in settings.GUICHET_ADMINISTRATION, so that a higher room
adds its own without being imported from here. Its pages call `rendre` and extend
`organisation/administration/base.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.module_loading import import_string

from guichet.organisation.perimetre import perimetre_de


@dataclass(frozen=True)
class Attention:
    """Something that awaits the administrator, in one sentence, and where to settle it.

    Those of one `genre` (« directions sans responsable ») are counted and folded together on the home page.
    """

    texte: str
    url: str
    genre: str = ""


@dataclass(frozen=True)
class Section:
    """One room of the administration. `compter` and `signaler` are asked on the home page only.

    `existe` says whether this city has it: a section that it lacks is in no menu.
    """

    code: str
    libelle: str
    icone: str
    nom_url: str
    description: str
    compter: Callable[[], str] | None = None
    signaler: Callable[[], list[Attention]] | None = None
    existe: Callable[[], bool] | None = None

    @property
    def url(self) -> str:
        return reverse(self.nom_url)


def sections() -> list[Section]:
    toutes: list[Section] = [import_string(chemin) for chemin in settings.GUICHET_ADMINISTRATION]
    return [section for section in toutes if section.existe is None or section.existe()]


def administrateur_ou_404(vue: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 to every other agent: they need not know that the page exists."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not perimetre_de(request).est_administrateur:
            raise Http404
        return vue(request, *args, **kwargs)

    return gardee


def rendre(
    request: HttpRequest,
    gabarit: str,
    section: str,
    contexte: dict[str, Any],
    *,
    fil: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Draw a page of a section; `fil` gives (words, address) of the pages below the section."""
    toutes = sections()
    la_sienne = next((s for s in toutes if s.code == section), None)
    debut = [("Administration", reverse("administration_accueil"))] if la_sienne else []
    if la_sienne:
        debut.append((la_sienne.libelle, la_sienne.url))
    contexte = {"sections": toutes, "section": la_sienne, "fil": [*debut, *fil], **contexte}
    return render(request, gabarit, contexte, status=status)
