"""Which links of the published pages lead nowhere: ours by asking the database, others' by asking them.

Run by the worker alone, never in a request. Others' sites are asked little: each address once a week (once a
day when it failed), a few hundred a run, one at a time and a second apart on one server, headers first.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import requests
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Site

from demandes import vitrine
from portal.models import LienDePage

PAR_TOUR = 200
# The worker ends a task at 120 seconds: no new question after thirty, and the slowest answer takes eighty.
SECONDES = 30
UNE_SEMAINE, UN_JOUR = timedelta(days=7), timedelta(days=1)
DELAI = 5  # seconds to connect, then to answer
ECART = 1.0  # seconds between two questions to one server
DETOURS = 3
AGENT = {"User-Agent": "Guichet (vérification des liens)", "Accept": "*/*"}
DANS_UN_TEXTE = re.compile(r"https?://[^\s<>\"»)]+[^\s<>\"».,;:!?)]")
# What Wagtail writes instead of an address: it follows the page or the document wherever it goes.
PAGE, DOCUMENT = "page:", "document:"
SANS_PAGE = ("mailto:", "tel:", "#")


class Ancres(HTMLParser):
    """The links of a rich text, as Wagtail keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.trouvees: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        dits = {nom: valeur or "" for nom, valeur in attrs}
        if tag == "a" and dits.get("linktype") in ("page", "document"):
            self.trouvees.append(f"{dits['linktype']}:{dits.get('id', '')}")
        elif tag == "a" and dits.get("href"):
            self.trouvees.append(dits["href"])


def liens_de(page: Page) -> set[str]:
    """Every address a page names: in its texts, its blocks, its documents."""
    trouves: set[str] = set()
    for champ in page._meta.get_fields():
        valeur = getattr(page, champ.name, None) if champ.concrete else None
        if isinstance(champ, StreamField):
            for bloc in valeur or ():
                trouves.update(_dans(bloc.block.get_prep_value(bloc.value)))
                if bloc.block_type == "document" and bloc.value:
                    trouves.add(f"{DOCUMENT}{bloc.value.pk}")
        elif isinstance(champ, RichTextField) or champ.name in ("reponse", "facile", "chapeau", "texte"):
            trouves.update(_dans(valeur or ""))
    return {
        lien
        for lien in trouves
        if len(lien.encode()) <= 2000 and not lien.startswith(("mailto:", "tel:", "#"))
    }


def _dans(valeur: Any) -> Iterator[str]:
    if isinstance(valeur, str):
        lecteur = Ancres()
        lecteur.feed(valeur)
        yield from lecteur.trouvees or DANS_UN_TEXTE.findall(re.sub(r"<[^>]*>", " ", valeur))
    elif isinstance(valeur, dict):
        for dedans in valeur.values():
            yield from _dans(dedans)
    elif isinstance(valeur, list | tuple):
        for dedans in valeur:
            yield from _dans(dedans)


def relever() -> int:
    """Read the links of every published page, forget those that are gone; return how many there are."""
    vus = {(lien.page_id, lien.adresse): lien.pk for lien in LienDePage.objects.all()}
    presents = {
        (page.pk, adresse) for page in Page.objects.live().specific().iterator() for adresse in liens_de(page)
    }
    with transaction.atomic():
        LienDePage.objects.filter(pk__in=[pk for cle, pk in vus.items() if cle not in presents]).delete()
        nouveaux = [
            LienDePage(page_id=page, adresse=adresse) for page, adresse in sorted(presents - vus.keys())
        ]
        LienDePage.objects.bulk_create(nouveaux, ignore_conflicts=True)
    return len(presents)


def verifier_les_notres() -> None:
    """Links to our own pages and documents: all of them, each time."""
    notres = nos_adresses()
    pages = dict(Page.objects.values_list("pk", "live"))
    documents = set(get_document_model().objects.values_list("pk", flat=True))
    for lien in LienDePage.objects.all():
        if lien.adresse.startswith(PAGE):
            noter(lien, _de_la_page(pages.get(_numero(lien.adresse))))
        elif lien.adresse.startswith(DOCUMENT):
            noter(lien, "" if _numero(lien.adresse) in documents else "Ce document n'existe plus")
        elif est_notre(lien.adresse, notres):
            noter(lien, _de_notre_adresse(urlsplit(lien.adresse).path))


def _numero(adresse: str) -> int:
    numero = adresse.partition(":")[2]
    return int(numero) if numero.isdecimal() else 0


def _de_la_page(est_publiee: bool | None) -> str:
    if est_publiee is None:
        return "Cette page n'existe plus"
    return "" if est_publiee else "Cette page n'est pas publiée"


def nos_adresses() -> set[str]:
    sites = Site.objects.all()
    return {site.hostname for site in sites} | {f"{site.hostname}:{site.port}" for site in sites}


def est_notre(adresse: str, notres: Collection[str]) -> bool:
    serveur = urlsplit(adresse).netloc
    return not serveur or serveur in notres


def _de_notre_adresse(chemin: str) -> str:
    """A page by its address; what is no page of editors is the house's own, and stands."""
    chemin = unquote(chemin)
    if chemin.startswith("/deposer/"):
        code = chemin.split("/")[2]
        return "" if not code or vitrine.est_proposee(code) or code == "theme" else "Démarche retirée"
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    page = Page.objects.filter(url_path=f"{site.root_page.url_path}{chemin.strip('/')}/").first()
    return _de_la_page(page.live) if page else ""


def verifier_ceux_des_autres(*, combien: int = PAR_TOUR, ecart: float = ECART) -> int:
    """Ask the sites whose turn has come; return how many addresses were asked."""
    notres = nos_adresses()
    maintenant = timezone.now()
    du = Q(verifie_le__isnull=True) | Q(verifie_le__lt=maintenant - UNE_SEMAINE)
    du |= ~Q(raison="") & Q(verifie_le__lt=maintenant - UN_JOUR)
    dus = LienDePage.objects.filter(du, adresse__startswith="http").order_by(
        F("verifie_le").asc(nulls_first=True), "pk"
    )
    adresses = [a for a in dict.fromkeys(dus.values_list("adresse", flat=True)) if not est_notre(a, notres)]
    derniere: dict[str, float] = {}
    fin, demandees = time.monotonic() + SECONDES, 0
    for adresse in adresses[:combien]:
        if time.monotonic() > fin:
            break
        serveur = urlsplit(adresse).netloc
        time.sleep(max(0.0, derniere.get(serveur, 0.0) + ecart - time.monotonic()))
        raison = demander(adresse)
        derniere[serveur] = time.monotonic()
        for lien in LienDePage.objects.filter(adresse=adresse):
            noter(lien, raison)
        demandees += 1
    return demandees


def demander(adresse: str) -> str:
    """Why this address does not answer, or "". Nothing is asked of what is not on the public network."""
    try:
        for _ in range(DETOURS + 1):
            if not est_public(urlsplit(adresse).hostname or ""):
                return "Ce site n'existe pas"
            statut, suite = _interroger(adresse)
            if not suite:
                return _en_mots(statut)
            adresse = urljoin(adresse, suite)
            if not adresse.startswith(("http://", "https://")):
                return "Redirigé vers autre chose qu'une page"
    except requests.exceptions.SSLError:
        return "Le certificat du site n'est pas valable"
    except requests.exceptions.Timeout:
        return "Le site ne répond pas à temps"
    except (requests.exceptions.RequestException, ValueError):
        return "Le site ne répond pas"
    return "Redirigé sans fin"


def _interroger(adresse: str) -> tuple[int, str]:
    """The status of an address and where it sends; the page itself is only asked of who refuses to say."""
    for methode in ("HEAD", "GET"):
        with requests.request(
            methode, adresse, headers=AGENT, timeout=DELAI, allow_redirects=False, stream=True
        ) as reponse:
            if methode == "GET" or reponse.status_code < 400:
                return reponse.status_code, reponse.headers.get("Location", "") if reponse.is_redirect else ""
    raise AssertionError


def _en_mots(statut: int) -> str:
    if statut in (404, 410):
        return "Page introuvable"
    # It is there: it asks who we are, or has enough of robots.
    if statut < 400 or statut in (401, 403, 405, 429):
        return ""
    return f"Le site répond par une erreur ({statut})"


def est_public(hote: str) -> bool:
    """Whether a name leads outside: a link never makes the worker speak to the house's own machines."""
    try:
        trouvees = socket.getaddrinfo(hote, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(trouvees) and all(ipaddress.ip_address(t[4][0]).is_global for t in trouvees)


def noter(lien: LienDePage, raison: str) -> None:
    """Write what was found; what was broken already stays so since the same day."""
    lien.verifie_le = timezone.now()
    lien.casse_depuis = (lien.casse_depuis or lien.verifie_le) if raison else None
    lien.raison = raison[:120]
    lien.save(update_fields=["verifie_le", "casse_depuis", "raison"])
