"""What an editor is told when the desk changed a fiche whose page they were writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from wagtail.admin.panels import Panel
from wagtail.admin.ui.components import Component

from demandes.administration import fiches
from guichet.socle.langues import FRANCAIS
from guichet.socle.templatetags.dates import date_heure

if TYPE_CHECKING:
    from portal.models import PageFiche

SUR_L_ACCUEIL = 10
# After a mark: its change was told on the page, and a person did not save it again yet.
A_CONFIRMER = "_a_confirmer"


def dire_le_changement(guichet: fiches.MotsDuGuichet, question: str, reponse: str) -> list[str]:
    """What the desk says that the editor's form does not, and what to do: one sentence each."""
    return [
        f"{en_tete(guichet)}, pendant que vous écriviez.",
        *([f"Question, au guichet : « {guichet.question} »"] if question != guichet.question else []),
        *([f"Réponse, au guichet : « {guichet.reponse} »"] if reponse != guichet.reponse else []),
        "Votre texte est gardé ci-dessous, et rien n'est enregistré : reprenez ce qu'il faut, puis "
        "enregistrez vous-même pour remplacer celui du guichet.",
    ]


def en_tete(guichet: fiches.MotsDuGuichet) -> str:
    """« Le guichet (Awa Diallo) a changé cette fiche mardi 24 novembre 2026 à 14 h 05 »."""
    qui = f"Le guichet ({guichet.par})" if guichet.par else "Le guichet"
    return f"{qui} a changé cette fiche {date_heure(guichet.le)}"


@dataclass(frozen=True)
class Changement:
    """One text of the draft, as its editor left it and as the desk says it."""

    quoi: str
    brouillon: str
    guichet: str


def changements(page: PageFiche, guichet: fiches.MotsDuGuichet) -> list[Changement]:
    """What the desk put in the waiting draft since an editor last saved it; empty once they save it again.

    A revision of nobody is the desk's: see portal/fiches_partagees.py.
    """
    derniere = page.latest_revision
    if derniere is None or derniere.user_id is not None or not page.has_unpublished_changes:
        return []
    ecrite = page.revisions.exclude(user=None).order_by("-created_at", "-pk").first()
    if ecrite is None:
        return []
    avant = ecrite.as_object()
    textes = (
        Changement("Question", avant.title, guichet.question),
        Changement("Réponse", avant.reponse, guichet.reponse),
    )
    return [texte for texte in textes if texte.brouillon != texte.guichet]


class PanneauDesFichesChangees(Component):
    """On an editor's first screen, where pages are approved: drafts that the desk changed, to read again."""

    name = "fiches_changees"
    order = 90
    template_name = "portal/gestion/fiches_changees.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        pages = apps.get_model("portal.PageFiche").objects
        attendent = pages.filter(has_unpublished_changes=True, latest_revision__user=None, langue=FRANCAIS)
        return {"pages": attendent.order_by("-latest_revision_created_at")[:SUR_L_ACCUEIL]}


class PanneauFicheChangee(Panel):
    """Above the fields of a page: who changed its fiche, when, and what became of each text."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "portal/gestion/fiche_changee.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            page: PageFiche = self.instance
            guichet = fiches.mots_du_guichet(page.code) if page.pk and page.est_la_leur else None
            vus = changements(page, guichet) if guichet else []
            return super().get_context_data(parent_context) | {
                "changements": vus,
                "en_tete": en_tete(guichet) if guichet else "",
            }
