"""The pages a city has out of the box: every shelf, démarche, answer and desk; and the demo city's news.

Run again, it adds what is missing and changes nothing that editors wrote.
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Page, Site

from demandes import vitrine
from guichet.organisation.models import HeuresOuverture, PointAccueil, Territoire
from portal.models import (
    Actualite,
    Actualites,
    Agenda,
    Alerte,
    Alertes,
    DeclarationAccessibilite,
    Equipement,
    Equipements,
    Evenement,
    PageAccueil,
    PageDemarche,
    PageFiche,
    PageLibre,
    Plage,
    Rubrique,
    Segment,
)

DEMO = Path(__file__).parent / "donnees" / "demo_portail.json"
JOURS = [jour.label.lower() for jour in Plage.Jour]


@transaction.atomic
def garnir() -> int:
    """Add the pages that are missing; return how many."""
    accueil = PageAccueil.objects.first()
    if accueil is None:
        return 0
    nommer_le_site()
    avant = Page.objects.count()
    rubriques = garnir_les_rubriques(accueil)
    garnir_les_demarches(rubriques)
    garnir_les_fiches(accueil, rubriques)
    for modele, titre in (
        (Actualites, "Actualités"),
        (Agenda, "Agenda"),
        (Alertes, "Alertes"),
        (Equipements, "Lieux et horaires"),
    ):
        if not modele.objects.exists():
            ajouter(accueil, modele(title=titre))
    if not DeclarationAccessibilite.objects.exists():
        page = DeclarationAccessibilite(title="Déclaration d'accessibilité", slug="accessibilite")
        ajouter(accueil, page)
    garnir_les_accueils()
    return Page.objects.count() - avant


def nommer_le_site() -> None:
    """Whole addresses (canonical, feeds, site map) are those that residents know."""
    adresse = urlsplit(settings.GUICHET_ADRESSE)
    port = adresse.port or (443 if adresse.scheme == "https" else 80)
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port) != (adresse.hostname, port):
        site.hostname, site.port = adresse.hostname or "localhost", port
        site.save()


def garnir_les_rubriques(accueil: PageAccueil) -> dict[str, Rubrique]:
    """A shelf for each theme that has démarches, by its code."""
    rubriques = {rubrique.theme: rubrique for rubrique in Rubrique.objects.exclude(theme="")}
    for theme in vitrine.themes():
        if theme.code not in rubriques:
            rubrique = Rubrique(title=theme.libelle, theme=theme.code, chapeau=theme.description)
            rubriques[theme.code] = ajouter(accueil, rubrique)
    return rubriques


def garnir_les_demarches(rubriques: dict[str, Rubrique]) -> None:
    """A page for each published démarche, on the shelf of its first theme."""
    faites = set(PageDemarche.objects.values_list("code", flat=True))
    for type in vitrine.publiees():
        theme = next((theme.code for theme in type.themes.all() if theme.code in rubriques), "")
        if theme and type.code not in faites:
            ajouter(rubriques[theme], PageDemarche(title=type.libelle, code=type.code))


def garnir_les_fiches(accueil: PageAccueil, rubriques: dict[str, Rubrique]) -> None:
    """A page for each answer agents give, on the shelf of what it is about."""
    faites = set(PageFiche.objects.values_list("code", flat=True))
    for fiche in vitrine.fiches():
        if fiche.code in faites:
            continue
        themes = (theme.code for type in fiche.types.all() for theme in type.themes.all())
        theme = next((code for code in themes if code in rubriques), "")
        page = PageFiche(
            title=fiche.question, code=fiche.code, reponse=fiche.reponse, direction=fiche.direction
        )
        ajouter(rubriques.get(theme) or rubrique_des_questions(accueil), page)


def rubrique_des_questions(accueil: PageAccueil) -> Rubrique:
    trouvee = Rubrique.objects.child_of(accueil).filter(slug="questions").first()
    return trouvee or ajouter(accueil, Rubrique(title="Questions fréquentes", slug="questions"))


def garnir_les_accueils() -> None:
    """A page for each desk that people come to, with the hours the house already knows."""
    liste = Equipements.objects.get()
    existants = set(Equipement.objects.values_list("title", flat=True))
    territoires = {t.point_accueil_id: t for t in Territoire.objects.order_by("-numero")}
    for point in PointAccueil.objects.filter(est_actif=True, canaux__contains=["guichet"]):
        if point.nom in existants:
            continue
        heures = HeuresOuverture.objects.filter(point_accueil=point)
        ajouter(
            liste,
            Equipement(
                title=point.nom,
                genre=Equipement.Genre.MAIRIE,
                adresse=point.adresse,
                telephone=point.telephone,
                courriel=point.courriel,
                territoire=territoires.get(point.pk),
                plages=[Plage(jour=h.jour, ouvre=h.debut, ferme=h.fin) for h in heures],
            ),
        )


def ajouter(parent: Page, page: Any) -> Any:
    """Publish a page below another, under an address of its own."""
    if not page.slug:
        page.slug = _libre(parent, slugify(page.title)[:60].strip("-") or "page")
    page.first_published_at = page.last_published_at = timezone.now()
    parent.refresh_from_db(fields=["numchild", "path", "depth"])
    parent.add_child(instance=page)
    return page


def _libre(parent: Page, slug: str) -> str:
    pris = set(parent.get_children().filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(s for s in (slug, *(f"{slug}-{n}" for n in range(2, 1000))) if s not in pris)


@transaction.atomic
def garnir_la_demonstration() -> int:
    """The news, what is on, the alerts, the places and the easy words of the demo city, once."""
    if Actualite.objects.exists() or not Actualites.objects.exists():
        return 0
    contenu = json.loads(DEMO.read_text(encoding="utf-8"))
    for donnees in contenu["segments"]:
        Segment.objects.get_or_create(nom=donnees["nom"], defaults=donnees)
    territoires = {t.code: t for t in Territoire.objects.all()}
    pages: list[tuple[Page, Page]] = []
    aujourdhui = timezone.localdate()
    for donnees in contenu["actualites"]:
        page = Actualite(
            title=donnees["titre"],
            date=aujourdhui + timedelta(days=donnees["jours"]),
            chapeau=donnees["chapeau"],
            corps=corps_de(donnees["corps"], donnees.get("demarche", "")),
        )
        pages.append((Actualites.objects.get(), situer(page, donnees, territoires)))
    for donnees in contenu["evenements"]:
        jour = aujourdhui + timedelta(days=donnees["jours"])
        debut = timezone.make_aware(datetime.combine(jour, time.fromisoformat(donnees["heure"])))
        page = Evenement(
            title=donnees["titre"],
            debut=debut,
            fin=debut + timedelta(hours=donnees["duree"]),
            tarif=donnees.get("tarif", "Gratuit"),
            **{cle: donnees[cle] for cle in ("lieu", "adresse", "chapeau")},
        )
        pages.append((Agenda.objects.get(), situer(page, donnees, territoires)))
    for donnees in contenu["alertes"]:
        page = Alerte(
            title=donnees["titre"],
            niveau=donnees["niveau"],
            texte=donnees["texte"],
            expire_at=timezone.now() + timedelta(days=donnees["fin_jours"]),
        )
        pages.append((Alertes.objects.get(), situer(page, donnees, territoires)))
    for donnees in contenu["equipements"]:
        pages.append((Equipements.objects.get(), lieu_de(donnees, territoires)))
    situer_les_mairies(contenu["mairies"])
    accueil = PageAccueil.objects.get()
    for donnees in contenu["pages"]:
        page = PageLibre(
            title=donnees["titre"], chapeau=donnees["chapeau"], corps=corps_de(donnees["corps"], "")
        )
        pages.append((accueil, page))
    donner_les_faciles(contenu["faciles"])
    DeclarationAccessibilite.objects.update(**contenu["accessibilite"])
    for parent, page in pages:
        ajouter(parent, page)
    accueil.refresh_from_db()
    accueil.corps = [("cible", bloc_cible(donnees)) for donnees in contenu["accueil"]]
    accueil.save_revision().publish()
    return len(pages)


def situer_les_mairies(points: dict[str, list[float]]) -> None:
    """Where the demo city's desks stand, until an administrator says otherwise."""
    for nom, (longitude, latitude) in points.items():
        PointAccueil.objects.filter(nom=nom, latitude=None).update(longitude=longitude, latitude=latitude)


def donner_les_faciles(faciles: dict[str, list[str]]) -> None:
    """The easy words of a few fiches, where editors wrote none."""
    for code, phrases in faciles.items():
        PageFiche.objects.filter(code=code, facile="").update(facile="\n".join(phrases))


def bloc_cible(donnees: dict[str, Any]) -> dict[str, Any]:
    """A part of the home page for one segment, with a link to a page of the demo."""
    lien = Page.objects.get(slug=donnees["page"])
    texte = f'<p>{donnees["texte"]} <a linktype="page" id="{lien.pk}">{lien.title}</a></p>'
    return {
        "effet": "montrer",
        "segments": [Segment.objects.get(nom=donnees["segment"])],
        "titre": donnees["titre"],
        "texte": texte,
        "demarches": [],
    }


def corps_de(paragraphes: list[str], demarche: str) -> list[tuple[str, Any]]:
    texte = "".join(f"<p>{paragraphe}</p>" for paragraphe in paragraphes)
    blocs: list[tuple[str, Any]] = [("texte", texte)]
    if demarche and vitrine.est_proposee(demarche):
        blocs.append(("demarche", {"code": demarche}))
    return blocs


def situer(page: Any, donnees: dict[str, Any], territoires: dict[str, Territoire]) -> Any:
    page.sujets = donnees["sujets"]
    page.territoires = [code for code in donnees["territoires"] if code in territoires]
    return page


def lieu_de(donnees: dict[str, Any], territoires: dict[str, Territoire]) -> Equipement:
    plages = [
        Plage(jour=JOURS.index(jour), ouvre=time.fromisoformat(debut), ferme=time.fromisoformat(fin))
        for jour, heures in donnees["plages"].items()
        for debut, fin in (plage.split("-") for plage in heures)
    ]
    return Equipement(
        title=donnees["titre"],
        plages=plages,
        territoire=territoires.get(donnees["territoire"]),
        **{cle: donnees.get(cle, "") for cle in ("genre", "adresse", "telephone", "chapeau", "acces")},
        **{cle: donnees.get(cle) for cle in ("longitude", "latitude")},
    )
