"""A list of the administration: its filters, its table, its pages, and what it says when it is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from guichet.organisation.administration.cadre import rendre
from guichet.organisation.administration.pages import Page


@dataclass(frozen=True, kw_only=True)
class Liste:
    """The words of a list. Its template extends `organisation/administration/liste.html` and draws the rows.

    `vide` and `conseil` are said of a list with nothing in it, `aucun` when no row meets the filters.
    """

    gabarit: str
    section: str
    titre: str
    colonnes: tuple[str, ...]
    icone: str
    nouveau: str
    url_nouveau: str
    vide: str
    conseil: str
    aucun: str = ""
    tout_voir: str = ""

    def rendre(
        self,
        request: HttpRequest,
        page: Page,
        *,
        formulaire: Form | None = None,
        lignes: list[Any] | None = None,
        **contexte: Any,
    ) -> HttpResponse:
        """Draw a page of it; `lignes` when the template reads more of a row than the row itself."""
        filtres = formulaire.cleaned_data if formulaire else {}
        contexte |= {
            "liste": self,
            "page": page,
            "lignes": page.lignes if lignes is None else lignes,
            "formulaire": formulaire,
            "filtre": any(filtres.values()),
            "nouveau": reverse(self.url_nouveau),
        }
        statut = 422 if formulaire is not None and formulaire.errors else 200
        return rendre(request, self.gabarit, self.section, contexte, status=statut)
