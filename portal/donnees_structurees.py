"""What engines read of a page (schema.org, JSON-LD): the same facts the page shows, and no other."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

from demandes import vitrine
from guichet.organisation.ville import lire
from portal.models import Actualite, Equipement, Evenement, PageDemarche, PageFiche, Plage

JOURS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def decrire(page: Page) -> dict[str, Any] | None:
    """The page as one object of schema.org; None for kinds that have none."""
    match page:
        case PageDemarche():
            propre = _service(page)
        case PageFiche():
            propre = _question(page)
        case Evenement():
            propre = _evenement(page)
        case Equipement():
            propre = _lieu(page)
        case Actualite():
            propre = {
                "@type": "NewsArticle",
                "headline": page.title,
                "datePublished": page.date.isoformat(),
                "description": page.chapeau,
            }
        case _:
            return None
    return {"@context": "https://schema.org", "url": page.full_url, **propre}


def _ville() -> dict[str, Any]:
    ville = lire()
    return {"@type": "GovernmentOrganization", "name": ville["nom"], "telephone": ville["telephone"]}


def _service(page: PageDemarche) -> dict[str, Any]:
    type = vitrine.publiee(page.code)
    return {
        "@type": "GovernmentService",
        "name": page.title,
        "description": type.description if type else "",
        "provider": _ville(),
        "areaServed": lire()["nom"],
    }


def _question(page: PageFiche) -> dict[str, Any]:
    reponse = {"@type": "Answer", "text": page.reponse}
    return {
        "@type": "FAQPage",
        "mainEntity": [{"@type": "Question", "name": page.title, "acceptedAnswer": reponse}],
    }


def _evenement(page: Evenement) -> dict[str, Any]:
    decrit = {
        "@type": "Event",
        "name": page.title,
        "description": page.chapeau,
        "startDate": page.debut.isoformat(),
        "location": {"@type": "Place", "name": page.lieu, "address": page.adresse or page.lieu},
        "organizer": _ville(),
    }
    return decrit | ({"endDate": page.fin.isoformat()} if page.fin else {})


def _lieu(page: Equipement) -> dict[str, Any]:
    decrit: dict[str, Any] = {"@type": "CivicStructure", "name": page.title, "address": page.adresse}
    if page.telephone:
        decrit["telephone"] = page.telephone
    if page.point is not None:
        point = dict(zip(("longitude", "latitude"), page.point, strict=True))
        decrit["geo"] = {"@type": "GeoCoordinates", **point}
    if heures := [_heures(plage) for plage in page.plages.all()]:
        decrit["openingHoursSpecification"] = heures
    return decrit


def _heures(plage: Plage) -> dict[str, Any]:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": JOURS[plage.jour],
        "opens": f"{plage.ouvre:%H:%M}",
        "closes": f"{plage.ferme:%H:%M}",
    }
