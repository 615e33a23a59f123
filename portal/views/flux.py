"""What other programs follow, in the language of the address: the news as RSS, what is on as iCalendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from guichet.organisation.ville import lire
from portal import langues
from portal.models import Actualite, Actualites, Evenement, Sujet

NOUVELLES = 30
EVENEMENTS = 500


class Nouvelles(Feed):
    """The latest news, of one subject with `?sujet=`."""

    feed_type = Rss201rev2Feed

    def get_object(self, request: HttpRequest) -> str:
        sujet = request.GET.get("sujet", "")
        if sujet and sujet not in Sujet.values:
            raise Http404
        return sujet

    def title(self, sujet: str) -> str:
        if not sujet:
            return _("{ville}, actualités").format(ville=lire()["nom"])
        return _("{ville}, actualités : {sujet}").format(ville=lire()["nom"], sujet=Sujet(sujet).label)

    def description(self, sujet: str) -> str:
        return _("Les actualités de {ville}.").format(ville=lire()["nom"])

    def link(self, sujet: str) -> str:
        liste = langues.premiere(Actualites)
        return langues.adresse(liste) if liste else reverse("accueil")

    def items(self, sujet: str) -> Iterable[Actualite]:
        actualites = langues.lisibles(Actualite.objects.live()).order_by("-date", "-pk")
        return (actualites.filter(sujets__contains=[sujet]) if sujet else actualites)[:NOUVELLES]

    def item_title(self, item: Actualite) -> str:
        return item.title

    def item_description(self, item: Actualite) -> str:
        return item.chapeau

    def item_link(self, item: Actualite) -> str:
        return langues.adresse(item)

    def item_pubdate(self, item: Actualite) -> datetime:
        return timezone.make_aware(datetime.combine(item.date, datetime.min.time()))


actualites = login_not_required(require_safe(Nouvelles()))


@login_not_required
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """What is on, to subscribe to; of one subject with `?sujet=`."""
    evenements = langues.lisibles(Evenement.objects.live()).a_venir().order_by("debut", "pk")
    if sujet := request.GET.get("sujet", ""):
        if sujet not in Sujet.values:
            raise Http404
        evenements = evenements.filter(sujets__contains=[sujet])
    return en_ics(evenements[:EVENEMENTS], "agenda")


@login_not_required
@require_safe
def evenement(request: HttpRequest, pk: int) -> HttpResponse:
    """One event, to keep in one's own calendar."""
    return en_ics([get_object_or_404(Evenement.objects.live(), pk=pk)], f"evenement-{pk}")


def en_ics(evenements: Iterable[Evenement], nom: str) -> HttpResponse:
    """An iCalendar file (RFC 5545); instants are in UTC, each reader shows its own."""
    calendrier = Calendar()
    calendrier.add("prodid", f"-//Guichet//agenda//{get_language().upper()}")
    calendrier.add("version", "2.0")
    calendrier.add("name", _("Agenda de {ville}").format(ville=lire()["nom"]))
    for un in evenements:
        entree = Event()
        entree.add("uid", f"evenement-{un.pk}@{settings.GUICHET_ADRESSE.split('://')[-1]}")
        entree.add("dtstamp", (un.last_published_at or un.debut).astimezone(UTC))
        entree.add("dtstart", un.debut.astimezone(UTC))
        entree.add("dtend", (un.fin or un.debut + timedelta(hours=1)).astimezone(UTC))
        entree.add("summary", un.title)
        entree.add("description", un.chapeau)
        entree.add("location", ", ".join(mot for mot in (un.lieu, un.adresse) if mot))
        entree.add("url", settings.GUICHET_ADRESSE + langues.adresse(un))
        calendrier.add_component(entree)
    return HttpResponse(
        calendrier.to_ical(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{nom}.ics"'},
    )
