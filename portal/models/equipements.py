"""Places open to everybody, with their hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page

from demandes import referentiel
from guichet.organisation.models import PointAccueil, Territoire
from portal.models.base import PageDuPortail
from portal.models.blocs import CorpsBlock
from portal.models.vie import Liste
from portal.plan_des_lieux import dessiner

LIEUX_PAR_PAGE = 60  # as many as a plan of a phone's width can number
OPENSTREETMAP = "https://www.openstreetmap.org"


class Equipements(Liste):
    """Places open to everybody, by district, on a plan; of one kind with `?genre=`."""

    parent_page_types = ["portal.PageAccueil"]
    subpage_types = ["portal.Equipement"]
    max_count = 1
    template = "portal/pages/equipements.html"

    class Meta:
        verbose_name = "liste des équipements"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        genre = request.GET.get("genre", "")
        if genre and genre not in Equipement.Genre.values:
            raise Http404
        tous = Equipement.objects.live().child_of(self).select_related("territoire")
        tous = tous.prefetch_related("plages").order_by("territoire__numero", "title", "pk")
        liste = Paginator(tous.filter(genre=genre) if genre else tous, LIEUX_PAR_PAGE).get_page(
            request.GET.get("page")
        )
        numerotes = list(enumerate(liste, liste.start_index()))
        return {
            **Page.get_context(self, request, *args, **kwargs),
            "genre": genre,
            "genres": Equipement.Genre.choices,
            "liste": liste,
            "numerotes": numerotes,
            "plan": dessiner(numerotes),
        }


class Equipement(PageDuPortail):
    """A place: where, when it is open, how to get in."""

    class Genre(models.TextChoices):
        MAIRIE = "mairie", _("Mairie")
        BIBLIOTHEQUE = "bibliotheque", _("Bibliothèque")
        PISCINE = "piscine", _("Piscine")
        SPORT = "sport", _("Gymnase ou stade")
        PARC = "parc", _("Parc ou jardin")
        ENFANCE = "enfance", _("Crèche ou relais")
        ECOLE = "ecole", _("École")
        DECHETERIE = "decheterie", _("Déchèterie")
        MARCHE = "marche", _("Marché")
        CULTURE = "culture", _("Lieu culturel")
        SOCIAL = "social", _("Action sociale")

    genre = models.CharField("genre", max_length=12, choices=Genre.choices)
    chapeau = models.TextField("chapeau", max_length=400, blank=True)
    adresse = models.CharField("adresse", max_length=200)
    territoire = models.ForeignKey(
        Territoire, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="arrondissement"
    )
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True)
    fermetures = models.TextField("fermetures exceptionnelles", max_length=400, blank=True)
    acces = models.TextField(
        "accès et accessibilité",
        max_length=400,
        blank=True,
        help_text="Transports, marches, ascenseur, boucle…",
    )
    corps = StreamField(CorpsBlock(required=False), verbose_name="contenu", blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("genre"),
        FieldPanel("chapeau"),
        MultiFieldPanel(
            [
                FieldPanel("adresse"),
                FieldPanel("territoire"),
                FieldRowPanel([FieldPanel("longitude"), FieldPanel("latitude")]),
                FieldRowPanel([FieldPanel("telephone"), FieldPanel("courriel")]),
            ],
            "Où et comment",
        ),
        InlinePanel("plages", heading="Heures d'ouverture", label="Ouverture"),
        FieldPanel("fermetures"),
        FieldPanel("acces"),
        FieldPanel("corps"),
    ]
    parent_page_types = ["portal.Equipements"]
    subpage_types: list[str] = []
    template = "portal/pages/equipement.html"

    class Meta:
        verbose_name = "équipement"

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude: the editors', else those of the desk at this very address."""
        if self.longitude is not None and self.latitude is not None:
            return self.longitude, self.latitude
        return referentiel.courant().garder("portail.adresses", lire_les_adresses).get(self.adresse)

    @property
    def itineraire(self) -> str:
        """Where OpenStreetMap shows the way: an ordinary link, followed by who wants to."""
        if self.point is None:
            return f"{OPENSTREETMAP}/search?{urlencode({'query': self.adresse})}"
        longitude, latitude = self.point
        return f"{OPENSTREETMAP}/directions?{urlencode({'to': f'{latitude},{longitude}'})}"

    def clean(self) -> None:
        super().clean()
        if (self.longitude is None) != (self.latitude is None):
            manque = "longitude" if self.longitude is None else "latitude"
            raise ValidationError({manque: "Donnez la longitude et la latitude, ou aucune des deux."})
        if self.longitude is not None and not -180 <= self.longitude <= 180:
            raise ValidationError({"longitude": "Une longitude est entre -180 et 180 degrés."})
        if self.latitude is not None and not -90 <= self.latitude <= 90:
            raise ValidationError({"latitude": "Une latitude est entre -90 et 90 degrés."})

    @property
    def semaine(self) -> list[tuple[str, list[Plage]]]:
        """Seven days, Monday first, each with its openings."""
        plages = sorted(self.plages.all(), key=lambda plage: (plage.jour, plage.ouvre))
        return [(jour.label, [p for p in plages if p.jour == jour.value]) for jour in Plage.Jour]

    @property
    def est_ouvert(self) -> bool | None:
        """Whether it is open at this minute; None when its hours are not known."""
        return self.ferme_a is not None if self.plages.all() else None

    @property
    def ferme_a(self) -> time | None:
        """When it closes, if it is open at this minute."""
        ici = timezone.localtime()
        en_cours = [
            plage.ferme
            for plage in self.plages.all()
            if plage.jour == ici.weekday() and plage.ouvre <= ici.time() < plage.ferme
        ]
        return max(en_cours, default=None)

    @property
    def prochaine_ouverture(self) -> datetime | None:
        """The next time it opens, within a week."""
        ici = timezone.localtime()
        prochaines = []
        for plage in self.plages.all():
            jour = ici.date() + timedelta(days=(plage.jour - ici.weekday()) % 7)
            if jour == ici.date() and plage.ouvre <= ici.time():
                jour += timedelta(days=7)
            prochaines.append(timezone.make_aware(datetime.combine(jour, plage.ouvre)))
        return min(prochaines, default=None)


def lire_les_adresses() -> dict[str, tuple[float, float]]:
    """Where the desks stand, by address, as administrators said."""
    situes = PointAccueil.objects.filter(latitude__isnull=False).values_list(
        "adresse", "longitude", "latitude"
    )
    return {adresse: (longitude, latitude) for adresse, longitude, latitude in situes}


class Plage(Orderable):
    """Hours of one day of the week; a place that closes for lunch has two."""

    class Jour(models.IntegerChoices):
        LUNDI = 0, _("Lundi")
        MARDI = 1, _("Mardi")
        MERCREDI = 2, _("Mercredi")
        JEUDI = 3, _("Jeudi")
        VENDREDI = 4, _("Vendredi")
        SAMEDI = 5, _("Samedi")
        DIMANCHE = 6, _("Dimanche")

    equipement = ParentalKey(Equipement, on_delete=models.CASCADE, related_name="plages")
    jour = models.PositiveSmallIntegerField("jour", choices=Jour.choices)
    ouvre = models.TimeField("ouvre", default=time(9))
    ferme = models.TimeField("ferme", default=time(17))

    panels = [FieldRowPanel([FieldPanel("jour"), FieldPanel("ouvre"), FieldPanel("ferme")])]

    class Meta(Orderable.Meta):
        verbose_name = "plage d'ouverture"
        constraints = [
            models.CheckConstraint(name="plage_dans_l_ordre", condition=Q(ferme__gt=models.F("ouvre")))
        ]

    def clean(self) -> None:
        super().clean()
        if self.ouvre and self.ferme and self.ferme <= self.ouvre:
            raise ValidationError({"ferme": "La fermeture vient après l'ouverture."})
