"""Pages by key over any list in a fixed order: the next page costs what the first one did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest

from guichet.socle.texte import Plier, plier

PAR_PAGE = 50
ID_MAXIMUM = 2**63 - 1


def lire_filtres(classe: type[Form], request: HttpRequest) -> tuple[Form, dict[str, Any]]:
    """The form of filters as the address fills it, and those that hold: a wrong one is not applied."""
    formulaire = classe({nom: request.GET.get(nom, "") for nom in classe.base_fields})
    formulaire.is_valid()
    return formulaire, formulaire.cleaned_data


def chercher(
    lignes: QuerySet[Any], saisie: str, texte: Any, *, ou: Callable[[str], Q] = lambda _: Q()
) -> QuerySet[Any]:
    """Rows whose `texte` (a field or an expression) holds every word typed, or meet `ou` for that word.

    Case and accents do not matter.
    """
    lignes = lignes.alias(texte_plie=Plier(texte))
    for mot in plier(saisie).split():
        lignes = lignes.filter(Q(texte_plie__contains=mot) | ou(mot))
    return lignes


@dataclass(frozen=True)
class Page:
    """Some rows, and the addresses of the pages before and after them (empty: there is none)."""

    lignes: list[Any]
    url_precedente: str = ""
    url_suivante: str = ""


def paginer(
    lignes: QuerySet[Any], parametres: Mapping[str, str], *, ordre: Sequence[str], taille: int = PAR_PAGE
) -> Page:
    """The page that `apres` or `avant` (a row's id) asks for; a row that is gone starts from the beginning.

    `ordre` names non-null fields, the last one unique; all ascending, or all descending.
    """
    vers_l_avant = borne(lignes, parametres.get("avant", ""))
    depuis = None if vers_l_avant else borne(lignes, parametres.get("apres", ""))
    if vers_l_avant:
        envers = [inverser(nom) for nom in ordre]
        lues = list(lignes.filter(au_dela(vers_l_avant, envers)).order_by(*envers)[: taille + 1])
        page, il_y_en_a_avant, il_y_en_a_apres = lues[:taille][::-1], len(lues) > taille, True
    else:
        suivantes = lignes.filter(au_dela(depuis, ordre)) if depuis else lignes
        lues = list(suivantes.order_by(*ordre)[: taille + 1])
        page, il_y_en_a_avant, il_y_en_a_apres = lues[:taille], depuis is not None, len(lues) > taille
    if not page:
        return Page([])
    return Page(
        page,
        adresse(parametres, "avant", page[0].pk) if il_y_en_a_avant else "",
        adresse(parametres, "apres", page[-1].pk) if il_y_en_a_apres else "",
    )


def borne(lignes: QuerySet[Any], texte: str) -> Model | None:
    if not (texte.isascii() and texte.isdigit()) or int(texte) > ID_MAXIMUM:
        return None
    return lignes.model._default_manager.filter(pk=int(texte)).first()


def inverser(nom: str) -> str:
    return nom[1:] if nom.startswith("-") else f"-{nom}"


def au_dela(ligne: Model, ordre: Sequence[str]) -> Q:
    """Rows that come after `ligne`: equal on the first fields, further on the next one."""
    q, egales = Q(), Q()
    for nom in ordre:
        champ, sens = nom.lstrip("-"), "lt" if nom.startswith("-") else "gt"
        valeur = getattr(ligne, champ)
        q |= egales & Q(**{f"{champ}__{sens}": valeur})
        egales &= Q(**{champ: valeur})
    return q


def adresse(parametres: Mapping[str, str], sens: str, pk: int) -> str:
    """The same filters, another place in the list."""
    gardes = {cle: v for cle, v in parametres.items() if cle not in {"avant", "apres"} and v}
    return "?" + urlencode({**gardes, sens: pk})
