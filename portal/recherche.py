"""One search for what residents look for: démarches first, then the answers and pages that speak of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from demandes import referentiel, vitrine
from demandes.index_demarches import Index, Texte, d_abord
from portal.ciblage import TOUT_LE_MONDE, Visite, demarches_d_abord, visite_de
from portal.langues import adresse, langue_de, lisibles
from portal.models.contenus import PageFiche, PageLibre, Rubrique
from portal.models.equipements import Equipement
from portal.models.retours import AvisDePage, RechercheVaine
from portal.models.segments import Effet
from portal.models.vie import Actualite, Evenement, PageSituee

LONGUEUR_RECHERCHE = 300
PAGES = 6
# Kinds of pages, how each is called in a list, and the field that sums it up.
GENRES: tuple[tuple[type[Page], str, str], ...] = (
    (PageFiche, _("Réponse"), "reponse"),
    (PageLibre, _("Page"), "chapeau"),
    (Rubrique, _("Rubrique"), "chapeau"),
    (Actualite, _("Actualité"), "chapeau"),
    (Evenement, _("Agenda"), "chapeau"),
    (Equipement, _("Lieu"), "chapeau"),
)
FRAICHEUR = 3600  # seconds: what is over leaves the index
RESUME = 200


@dataclass(frozen=True)
class PageTrouvee:
    """A page as a list of results shows it."""

    titre: str
    resume: str
    genre: str
    url: str
    langue: str


@dataclass(frozen=True)
class Connue:
    """What the index keeps of a page: how it is shown, and for whom it comes before its equals."""

    resume: str
    genre: str
    segments: frozenset[int]
    sujets: frozenset[str]
    territoires: frozenset[str]

    def est_pour(self, visite: Visite) -> bool:
        return (
            not visite.segments.isdisjoint(self.segments)
            or not visite.sujets.isdisjoint(self.sujets)
            or visite.territoire in self.territoires
        )


def lire_la_recherche(request: HttpRequest) -> str:
    """What was typed in the search box, on one line, without NUL, bounded."""
    return " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGUEUR_RECHERCHE]


def resultats(request: HttpRequest) -> dict[str, Any]:
    """Context of `portal/_resultats.html`, on a page or alone; a whole page that finds nothing is counted."""
    q = lire_la_recherche(request)
    if not q:
        return {"q": "", "trouvees": [], "pages": []}
    visite = visite_de(request)
    trouvees = vitrine.chercher_demarches(q, siennes=demarches_d_abord(visite))
    pages = chercher_pages(q, visite=visite)
    if not trouvees and not pages and not request.headers.get("HX-Request"):
        noter_une_recherche_vaine(q)
    return {"q": q, "trouvees": trouvees, "pages": pages}


def chercher_pages(q: str, *, visite: Visite = TOUT_LE_MONDE, limite: int = PAGES) -> list[PageTrouvee]:
    """Published pages for everyday words, best first, démarches apart; hidden from lists or not."""
    index, connues = referentiel.courant().garder(
        ("portal.recherche", int(time.time()) // FRAICHEUR), _indexer
    )
    trouvailles = index.chercher(q, limite=2 * limite)
    siennes = {t.cle for t in trouvailles if connues[int(t.cle)].est_pour(visite)}
    trouvees = [int(trouvaille.cle) for trouvaille in d_abord(trouvailles, siennes)]
    pages = lisibles(Page.objects.live()).in_bulk(trouvees)
    return [
        PageTrouvee(
            titre=pages[pk].title,
            resume=connues[pk].resume,
            genre=connues[pk].genre,
            url=adresse(pages[pk]),
            langue=langue_de(pages[pk]),
        )
        for pk in trouvees
        if pk in pages
    ][:limite]


def _indexer() -> tuple[Index, dict[int, Connue]]:
    """Every page by the words of its title, then of its summary."""
    connues: dict[int, Connue] = {}
    textes: dict[str, list[Texte]] = {}
    for modele, genre, champ in GENRES:
        pages = modele.objects.live()
        if modele is Evenement:
            pages = pages.filter(debut__gte=timezone.now() - timedelta(days=1))
        lieux = ("sujets", "territoires") if issubclass(modele, PageSituee) else ()
        for lue in pages.values("pk", "title", champ, "search_description", "effet", "segments", *lieux):
            dit, resume = lue["search_description"], lue[champ]
            court = (dit or resume).split("\n")[0]
            connues[lue["pk"]] = Connue(
                court if len(court) <= RESUME else f"{court[:RESUME].rstrip()}…",
                genre,
                frozenset(lue["segments"] if lue["effet"] == Effet.AVANT else ()),
                frozenset(lue.get("sujets", ())),
                frozenset(lue.get("territoires", ())),
            )
            textes[str(lue["pk"])] = [
                Texte(lue["title"], 1.0, est_une_phrase=True),
                Texte(f"{dit} {resume}", 0.3),
            ]
    return Index(textes), connues


# What may be somebody's: a mail, a number of phone, of file, of house.
PERSONNEL = re.compile(r"@|\d{3,}")
LONGUEUR_NOTEE = 80


def noter_une_recherche_vaine(q: str) -> None:
    """Editors see what residents look for in vain; never what could name somebody."""
    if len(q) > LONGUEUR_NOTEE or PERSONNEL.search(q):
        return
    recherche, nouvelle = RechercheVaine.objects.get_or_create(mots=q.lower())
    if not nouvelle:
        RechercheVaine.objects.filter(pk=recherche.pk).update(
            nombre=F("nombre") + 1, derniere_le=timezone.now()
        )


def oublier_les_anciens() -> int:
    """Strike off what nobody looked for since ninety days, and what readers said a year ago."""
    maintenant = timezone.now()
    vaines, _ = RechercheVaine.objects.filter(derniere_le__lt=maintenant - timedelta(days=90)).delete()
    avis, _ = AvisDePage.objects.filter(cree_le__lt=maintenant - timedelta(days=365)).delete()
    return vaines + avis
