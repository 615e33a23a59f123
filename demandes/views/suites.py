"""Coming back to the queue: the address a gesture made from it returns to, already on the next row."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def suite_de(request: HttpRequest) -> str:
    """The address asked for after the gesture, when it is one of ours."""
    # Of a row's button, the address knows better than the form of the whole list.
    suite = request.GET.get("suite") or request.POST.get("suite", "")
    return suite if url_has_allowed_host_and_scheme(suite, {request.get_host()}) else ""


def ouvrir(adresse: str, numero: str) -> str:
    """The same address with this demande open on it; none open when `numero` is empty."""
    lue = urlsplit(adresse)
    parametres = [(nom, valeur) for nom, valeur in parse_qsl(lue.query) if nom != "ouverte"]
    if numero:
        parametres.append(("ouverte", numero))
    return lue._replace(query=urlencode(parametres)).geturl()


def suites(adresse: str, numeros: list[str], ecrire: Callable[[str], str] = str) -> dict[str, str]:
    """By number, the queue as it is after that row: on the next one, else on the one before.

    `ecrire` writes what they have in common, once for the page: a number is the same in any address.
    """
    fermee = ouvrir(adresse, "")
    debut = ecrire(f"{fermee}{'&' if '?' in fermee else '?'}ouverte=")
    if len(numeros) < 2:
        return dict.fromkeys(numeros, ecrire(fermee))
    voisines = [*numeros[1:], numeros[-2]]
    return {numero: debut + voisine for numero, voisine in zip(numeros, voisines, strict=True)}
