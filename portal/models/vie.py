"""The life of the city: news, and what is on."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.images import get_image_model_string
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet

from portal import profils
from portal.models.base import FormulaireDePage, PageDuPortail
from portal.models.blocs import CorpsBlock
from portal.models.segments import cases, territoires_a_choisir
from portal.models.sujets import Sujet

PAR_PAGE = 20


class FormulaireSitue(FormulaireDePage):
    sujets = cases("Sujets", Sujet.choices)
    territoires = cases("Arrondissements (aucun : toute la ville)", territoires_a_choisir)


class PageSituee(PageDuPortail):
    """Something of interest to some districts and some subjects; neither means to everybody."""

    sujets = ArrayField(
        models.CharField(max_length=20, choices=Sujet.choices),
        verbose_name="sujets",
        default=list,
        blank=True,
    )
    territoires = ArrayField(
        models.CharField(max_length=10),
        verbose_name="arrondissements",
        default=list,
        blank=True,
        help_text=_("Aucun : toute la ville."),
    )

    base_form_class = FormulaireSitue

    class Meta:
        abstract = True

    @property
    def quartiers(self) -> list[str]:
        noms = profils.territoires()
        return [noms[code] for code in self.territoires if code in noms]

    @property
    def libelles_des_sujets(self) -> list[str]:
        return [Sujet(sujet).label for sujet in self.sujets if sujet in Sujet.values]

    @property
    def precisions(self) -> list[str]:
        """Districts and subjects put it first, and take it from nobody."""
        phrases = []
        if self.quartiers:
            phrases.append(f"D'abord pour qui habite : {', '.join(self.quartiers)}.")
        if self.libelles_des_sujets:
            phrases.append(f"D'abord pour qui suit : {', '.join(map(str, self.libelles_des_sujets))}.")
        return phrases


class Liste(PageDuPortail):
    """A page that lists its children, twenty at a time."""

    chapeau = models.TextField("chapeau", max_length=400, blank=True)
    content_panels = [*Page.content_panels, FieldPanel("chapeau")]

    class Meta:
        abstract = True

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau

    def lister(self, request: HttpRequest) -> models.QuerySet[Any]:
        raise NotImplementedError

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        sujet = request.GET.get("sujet", "")
        if sujet and sujet not in Sujet.values:
            raise Http404
        trouvees = self.lister(request)
        if sujet:
            trouvees = trouvees.filter(sujets__contains=[sujet])
        return {
            **super().get_context(request, *args, **kwargs),
            "sujet": sujet,
            "sujets": Sujet.choices,
            "liste": Paginator(trouvees, PAR_PAGE).get_page(request.GET.get("page")),
        }


class Actualites(Liste):
    """The news, latest first."""

    parent_page_types = ["portal.PageAccueil"]
    subpage_types = ["portal.Actualite"]
    max_count = 1
    template = "portal/pages/actualites.html"

    class Meta:
        verbose_name = "liste des actualités"

    def lister(self, request: HttpRequest) -> models.QuerySet[Actualite]:
        return Actualite.objects.live().child_of(self).order_by("-date", "-pk")


class Actualite(PageSituee):
    """One piece of news."""

    date = models.DateField("date", default=timezone.localdate)
    chapeau = models.TextField("chapeau", max_length=400)
    image = models.ForeignKey(
        get_image_model_string(),
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="image",
    )
    image_texte = models.CharField("ce que montre l'image", max_length=200, blank=True)
    corps = StreamField(CorpsBlock(), verbose_name="contenu")

    content_panels = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("chapeau"),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_texte")], "Image"),
        FieldPanel("corps"),
        MultiFieldPanel([FieldPanel("sujets"), FieldPanel("territoires")], "Pour qui"),
    ]
    parent_page_types = ["portal.Actualites"]
    subpage_types: list[str] = []
    template = "portal/pages/actualite.html"

    class Meta:
        verbose_name = "actualité"
        indexes = [models.Index(name="actualite_date", fields=["-date"])]

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau


class Agenda(Liste):
    """What is on, soonest first; what is over leaves the list."""

    parent_page_types = ["portal.PageAccueil"]
    subpage_types = ["portal.Evenement"]
    max_count = 1
    template = "portal/pages/agenda.html"

    class Meta:
        verbose_name = "agenda"

    def lister(self, request: HttpRequest) -> models.QuerySet[Evenement]:
        return Evenement.objects.live().child_of(self).a_venir().order_by("debut", "pk")


class EvenementQuerySet(PageQuerySet):
    def a_venir(self) -> EvenementQuerySet:
        """Not over yet: what has no end lasts until midnight."""
        maintenant = timezone.now()
        ce_matin = timezone.localtime(maintenant).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(Q(fin__gte=maintenant) | Q(fin__isnull=True, debut__gte=ce_matin))


class Evenement(PageSituee):
    """Something one goes to."""

    debut = models.DateTimeField("début")
    fin = models.DateTimeField("fin", null=True, blank=True)
    lieu = models.CharField("lieu", max_length=120)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    tarif = models.CharField("tarif", max_length=120, default="Gratuit")
    chapeau = models.TextField("chapeau", max_length=400)
    corps = StreamField(CorpsBlock(required=False), verbose_name="contenu", blank=True)

    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("debut"), FieldPanel("fin")]),
        FieldRowPanel([FieldPanel("lieu"), FieldPanel("adresse")]),
        FieldPanel("tarif"),
        FieldPanel("chapeau"),
        FieldPanel("corps"),
        MultiFieldPanel([FieldPanel("sujets"), FieldPanel("territoires")], "Pour qui"),
    ]
    objects = PageManager.from_queryset(EvenementQuerySet)()

    parent_page_types = ["portal.Agenda"]
    subpage_types: list[str] = []
    template = "portal/pages/evenement.html"

    class Meta:
        verbose_name = "événement"
        indexes = [models.Index(name="evenement_debut", fields=["debut"])]

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau

    def clean(self) -> None:
        super().clean()
        if self.debut and self.fin and self.fin < self.debut:
            raise ValidationError({"fin": "La fin vient après le début."})
