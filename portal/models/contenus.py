"""Pages one looks for: shelves, answers, démarches, and what fits nowhere else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest
from wagtail.admin.panels import FieldPanel, HelpPanel, TitleFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from demandes import referentiel, vitrine
from demandes.administration import fiches
from guichet.socle.langues import FRANCAIS
from portal.ciblage import disposer, ranger, visite_de
from portal.demarches import contexte_de_demarche
from portal.langues import code_de
from portal.models.base import FormulaireDePage, PageDuPortail
from portal.models.blocs import CorpsBlock, demarches
from portal.models.fiches_changees import A_CONFIRMER, PanneauFicheChangee, dire_le_changement


class Rubrique(PageDuPortail):
    """A shelf: what it is about, and the pages below it. One that names a theme shows its démarches."""

    chapeau = models.TextField("chapeau", max_length=400, blank=True)
    theme = models.CharField(
        "thème des démarches",
        max_length=40,
        blank=True,
        help_text="Le code d'un thème du catalogue : ses démarches s'affichent dans la rubrique.",
    )
    corps = StreamField(CorpsBlock(required=False), verbose_name="contenu", blank=True)

    content_panels = [*Page.content_panels, FieldPanel("chapeau"), FieldPanel("theme"), FieldPanel("corps")]
    parent_page_types = ["portal.PageAccueil", "portal.Rubrique"]
    subpage_types = ["portal.Rubrique", "portal.PageFiche", "portal.PageDemarche", "portal.PageLibre"]
    template = "portal/pages/rubrique.html"

    class Meta:
        verbose_name = "rubrique"

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The shelves and pages below, shelves first, and the démarches of its theme."""
        visite = visite_de(request)
        dessous = disposer(self.get_children().live().specific(), visite)
        theme = vitrine.theme(self.theme) if self.theme else None
        siennes = ranger((page for page in dessous if isinstance(page, PageDemarche)), visite)
        montrees = {page.code for page in siennes}
        autres = [type for type in theme.demarches if type.code not in montrees] if theme else []
        return {
            **super().get_context(request, *args, **kwargs),
            "rubriques": [page for page in dessous if isinstance(page, Rubrique)],
            "pages_de_demarches": siennes,
            "pages": [page for page in dessous if isinstance(page, PageFiche | PageLibre)],
            "demarches": ranger(autres, visite),
        }


def langue_d_une(page: PageDuPortail) -> str:
    """Kept beside the code: the base then holds one page of a code in each language."""
    if page.locale_id is None:
        page.locale = page.get_default_locale()
    return code_de(page.locale_id)


class FormulaireFiche(FormulaireDePage):
    """A page is made for a fiche that has none, or for a new one; it keeps the one it has."""

    title = forms.CharField(label="Question", max_length=250)
    code = forms.ChoiceField(label="Fiche des agents", required=False)
    # What the desk said when this form was opened.
    mots_lus = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guichet = fiches.mots_du_guichet(self.instance.code) if self.instance.est_la_leur else None
        if self.guichet:
            self.fields["mots_lus"].initial = self.guichet.marque
        if self.instance.code:
            self.fields["code"].choices = [(self.instance.code, f"La sienne ({self.instance.code})")]
            return
        prises = set(PageFiche.objects.values_list("code", flat=True))
        libres = [(f.code, f.question) for f in vitrine.fiches() if f.code not in prises]
        self.fields["code"].choices = [("", "Une nouvelle fiche"), *libres]

    def clean(self) -> dict[str, Any]:
        """Refuse once to write over what the desk changed meanwhile; sent again, it is known and wanted.

        By a person: the page saves itself every half second, and would confirm what nobody read yet.
        """
        donnees = super().clean()
        lus, guichet = donnees.get("mots_lus"), self.guichet
        question, reponse = donnees.get("title", ""), donnees.get("reponse", "")
        if not (lus and guichet) or (question, reponse) == (guichet.question, guichet.reponse):
            return donnees
        est_confirme = lus == guichet.marque + A_CONFIRMER and not self.instance.s_enregistre_seule
        if lus != guichet.marque and not est_confirme:
            self.data = self.data.copy()
            self.data[self.add_prefix("mots_lus")] = guichet.marque + A_CONFIRMER
            raise ValidationError(dire_le_changement(guichet, question, reponse))
        return donnees


class PageFiche(PageDuPortail):
    """The public page of a knowledge entry, by its code. Publishing it gives agents the same words.

    `reponse` is plain text because it also leaves by letter, mail and SMS; a line that starts with a dash
    is an item of a list. What only a page can show goes in `corps`.
    """

    code = models.CharField(
        "code de la fiche",
        max_length=40,
        help_text="Il relie la page à ce que voient les agents.",
    )
    langue = models.CharField("langue", max_length=5, default=FRANCAIS, editable=False)
    reponse = models.TextField(
        "réponse",
        help_text="Celle que donnent aussi les agents : du texte simple.",
    )
    facile = models.TextField(
        "en facile à lire et à comprendre",
        blank=True,
        help_text="Des phrases courtes, une idée par phrase, des mots de tous les jours (méthode FALC).",
    )
    corps = StreamField(CorpsBlock(required=False), verbose_name="pour aller plus loin", blank=True)

    content_panels = [
        PanneauFicheChangee(),
        TitleFieldPanel("title", heading="Question", help_text="Posée comme un habitant la pose."),
        FieldPanel("reponse"),
        FieldPanel("code"),
        FieldPanel("facile", help_text="Méthode FALC : une phrase par ligne, une idée par phrase."),
        FieldPanel("corps"),
    ]
    base_form_class = FormulaireFiche
    # Said of a page for the time of a request (portal/wagtail_hooks.py).
    s_enregistre_seule = False
    parent_page_types = ["portal.Rubrique"]
    subpage_types: list[str] = []
    template = "portal/pages/fiche.html"

    class Meta:
        verbose_name = "fiche"
        constraints = [models.UniqueConstraint(fields=["code", "langue"], name="une_fiche_par_langue")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.langue = langue_d_une(self)  # a copy to translate is saved without being checked
        super().save(*args, **kwargs)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """A page of no fiche makes its own, under a code read from the question."""
        if not self.code:
            pris = set(PageFiche.objects.exclude(pk=self.pk).values_list("code", flat=True))
            self.code = fiches.code_pour(self.title, pris=pris)
        self.langue = langue_d_une(self)
        super().full_clean(*args, **kwargs)

    @property
    def est_la_leur(self) -> bool:
        """Whether agents answer with this page's words: the French one of a fiche that exists."""
        return bool(self.code) and self.langue == FRANCAIS

    @property
    def resume(self) -> str:
        return self.search_description or self.reponse.split("\n")[0][:300]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """`?facile` shows the easy words in place of the others, at an address one can send."""
        return {
            **super().get_context(request, *args, **kwargs),
            "demarches": vitrine.demarches_de_la_fiche(self.code),
            "en_facile": bool(self.facile) and "facile" in request.GET,
        }


class FormulaireDemarche(FormulaireDePage):
    """The code is chosen among the published démarches."""

    code = forms.ChoiceField(label="Démarche", choices=demarches)


class PageDemarche(PageDuPortail):
    """The page of a kind of request: what the catalogue says, and what editors add to it."""

    code = models.CharField("démarche", max_length=10)
    langue = models.CharField("langue", max_length=5, default=FRANCAIS, editable=False)
    cout = models.CharField("coût", max_length=120, default="Gratuit")
    corps = StreamField(CorpsBlock(required=False), verbose_name="à savoir", blank=True)

    content_panels = [
        *Page.content_panels,
        HelpPanel(
            "Qui peut la faire, les délais, les pièces et le formulaire viennent du catalogue : "
            "ils se changent dans l'administration du guichet."
        ),
        FieldPanel("code"),
        FieldPanel("cout"),
        FieldPanel("corps"),
    ]
    base_form_class = FormulaireDemarche
    parent_page_types = ["portal.Rubrique"]
    subpage_types: list[str] = []
    template = "portal/demarche.html"

    class Meta:
        verbose_name = "page de démarche"
        constraints = [models.UniqueConstraint(fields=["code", "langue"], name="une_demarche_par_langue")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.langue = langue_d_une(self)  # a copy to translate is saved without being checked
        super().save(*args, **kwargs)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.langue = langue_d_une(self)
        super().full_clean(*args, **kwargs)

    @property
    def resume(self) -> str:
        type = vitrine.publiee(self.code)
        return self.search_description or (type.description if type else "")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Those of the démarche; one that the city no longer proposes has no page."""
        # Only shown: what it says is the same for every reader until the catalogue changes.
        type = referentiel.courant().garder(
            ("portail.demarche", self.code), lambda: vitrine.demarche(self.code)
        )
        if type is None:
            raise Http404
        return super().get_context(request, *args, **kwargs) | contexte_de_demarche(request, type)


class PageLibre(PageDuPortail):
    """A page like any other."""

    chapeau = models.TextField("chapeau", max_length=400, blank=True)
    corps = StreamField(CorpsBlock(), verbose_name="contenu")

    content_panels = [*Page.content_panels, FieldPanel("chapeau"), FieldPanel("corps")]
    parent_page_types = ["portal.PageAccueil", "portal.Rubrique", "portal.PageLibre"]
    subpage_types = ["portal.PageLibre"]
    template = "portal/pages/libre.html"

    class Meta:
        verbose_name = "page libre"

    @property
    def resume(self) -> str:
        return self.search_description or self.chapeau
