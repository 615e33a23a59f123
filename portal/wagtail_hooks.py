"""What editors find in Wagtail besides pages."""

from django.http import HttpRequest
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from portal.gestion_liens import LiensCassesView, PanneauDesLiens
from portal.models import AvisDePage, RechercheVaine, Segment
from portal.models.fiches_changees import PanneauDesFichesChangees


class SegmentViewSet(SnippetViewSet):
    model = Segment
    icon = "group"
    menu_label = "Segments"
    menu_order = 250
    add_to_admin_menu = True
    list_display = ["nom", BooleanColumn("est_actif", label="Actif")]
    search_fields = ["nom"]


register_snippet(SegmentViewSet)


class RechercheVaineViewSet(SnippetViewSet):
    """What residents looked for in vain: read, and struck off once there is a page for it."""

    model = RechercheVaine
    icon = "search"
    menu_label = "Sans résultat"
    menu_order = 260
    add_to_admin_menu = True
    list_display = ["mots", "nombre", "derniere_le"]
    search_fields = ["mots"]


class AvisDePageViewSet(SnippetViewSet):
    """What readers say of pages."""

    model = AvisDePage
    icon = "comment"
    menu_label = "Avis sur les pages"
    menu_order = 270
    add_to_admin_menu = True
    list_display = ["page", BooleanColumn("a_aide", label="A trouvé"), "texte", "cree_le"]
    list_filter = ["a_aide", "cree_le"]


register_snippet(RechercheVaineViewSet)
register_snippet(AvisDePageViewSet)


@hooks.register("register_admin_urls")
def adresses_des_rapports():
    resultats = LiensCassesView.as_view(results_only=True)
    return [
        path("rapports/liens/", LiensCassesView.as_view(), name="liens_casses"),
        path("rapports/liens/resultats/", resultats, name="liens_casses_resultats"),
    ]


@hooks.register("register_reports_menu_item")
def menu_des_liens():
    return MenuItem("Liens cassés", reverse("liens_casses"), icon_name="link", order=800)


@hooks.register("construct_homepage_panels")
def panneaux_de_l_accueil(request: HttpRequest, panneaux: list) -> None:
    panneaux += [PanneauDesFichesChangees(), PanneauDesLiens()]


@hooks.register("before_edit_page")
def noter_qui_enregistre(request: HttpRequest, page: Page) -> None:
    """The page saves itself while one types, and asks for no page in answer: nobody pressed a button."""
    page.s_enregistre_seule = not request.accepts("text/html")


class Verificateur(ContentCheckerItem):
    """Checks what editors write: of the house's own frame they can mend nothing."""

    axe_include = ["main"]


@hooks.register("construct_wagtail_userbar")
def verifier_le_contenu(request: HttpRequest, outils: list, page: Page | None) -> None:
    outils[:] = [
        Verificateur(in_editor=outil.in_editor) if isinstance(outil, ContentCheckerItem) else outil
        for outil in outils
    ]
