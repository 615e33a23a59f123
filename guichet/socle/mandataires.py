"""Who is really asking, behind a reverse proxy: rate limits and lockouts count by this address.

`X-Forwarded-For` is a list that anybody may begin: only what a trusted proxy added counts. It is read from
its end, past every trusted proxy; without one in front of us, it is ignored.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

Reseau = IPv4Network | IPv6Network


def lire_les_reseaux(textes: Iterable[str]) -> tuple[Reseau, ...]:
    """Addresses and networks; a wrong one stops the start rather than trusting somebody else."""
    try:
        return tuple(ip_network(texte.strip()) for texte in textes if texte.strip())
    except ValueError as erreur:
        raise ImproperlyConfigured(f"GUICHET_MANDATAIRES : {erreur}") from None


def adresse_du_client(voisin: str, transmis: str, mandataires: tuple[Reseau, ...]) -> str:
    """The address of the last hop that is not a trusted proxy; what is no address ends the reading."""
    adresse = voisin
    for precedent in (texte.strip() for texte in reversed(transmis.split(","))):
        if not est_mandataire(adresse, mandataires) or not est_une_adresse(precedent):
            break
        adresse = str(ip_address(precedent))
    return adresse


def est_une_adresse(texte: str) -> bool:
    try:
        ip_address(texte)
    except ValueError:
        return False
    return True


def est_mandataire(texte: str, mandataires: tuple[Reseau, ...]) -> bool:
    return est_une_adresse(texte) and any(ip_address(texte) in reseau for reseau in mandataires)


class MandatairesMiddleware:
    """Put the client's own address in REMOTE_ADDR, first of all middlewares."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.mandataires = lire_les_reseaux(settings.GUICHET_MANDATAIRES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = adresse_du_client(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            self.mandataires,
        )
        return self.get_response(request)
