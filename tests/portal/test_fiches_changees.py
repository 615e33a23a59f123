"""A fiche is the desk's and its page's: its editor is told what the desk changed, and loses nothing."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from demandes.administration import fiches
from demandes.models import Fiche
from guichet.organisation.models import Compte, Role
from portal import garnir
from portal.models import PageFiche
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import texte_de
from tests.portal.test_relecture import entrer

SIENNE, DU_GUICHET = "La voirie, sous trois jours.", "La métropole, sous dix jours."


@pytest.fixture
def page(ville: Ville) -> PageFiche:
    factories.creer_fiche(ville.type_voirie, question="Qui répare les trous ?", reponse="La voirie.")
    garnir.garnir()
    return PageFiche.objects.get()


@pytest.fixture
def editrice(page: PageFiche) -> Client:
    return entrer(factories.creer_agent("Maud", "Plume", Role.EDITEUR))


def adresse(page: PageFiche) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def ouvrir(client: Client, page: PageFiche) -> str:
    return unescape(texte_de(client.get(adresse(page))))


def mots_lus(formulaire: str) -> str:
    return re.search(r'name="mots_lus" value="(\w+)"', formulaire).group(1)


def saisie(page: PageFiche, lus: str, geste: str) -> dict[str, object]:
    champs = {
        "title": "Qui répare les trous ?",
        "slug": page.slug,
        "code": page.code,
        "reponse": SIENNE,
        "corps": streamfield([]),
        "comments": inline_formset([]),
        "mots_lus": lus,
        geste: "1",
    }
    return nested_form_data(champs)


def envoyer(client: Client, page: PageFiche, lus: str, geste: str = "action-publish") -> str:
    reponse = client.post(adresse(page), saisie(page, lus, geste))
    return unescape(texte_de(reponse)) if reponse.status_code == 200 else ""


def changer_au_guichet(page: PageFiche) -> Compte:
    agent = factories.creer_agent("Awa", "Guichet", Role.ADMINISTRATEUR)
    fiches.reprendre_du_portail(page.code, "Qui répare les trous ?", DU_GUICHET, par=agent)
    return agent


def test_a_waiting_draft_that_the_desk_changed_says_so_until_it_is_read_again(
    page: PageFiche, editrice: Client
) -> None:
    redactrice = entrer(factories.creer_agent("Rose", "Plume", Role.REDACTEUR))
    assert envoyer(redactrice, page, mots_lus(ouvrir(redactrice, page)), "action-submit") == ""
    accueil = unescape(texte_de(editrice.get("/gestion/")))
    assert "Fiches que le guichet a changées" not in accueil
    assert "a changé cette fiche" not in ouvrir(editrice, page)

    changer_au_guichet(page)
    accueil = unescape(texte_de(editrice.get("/gestion/")))
    assert f'Relisez-les avant de les publier.</p> <ul> <li><a href="{adresse(page)}">' in accueil
    # The moderator reads who, when, and both texts where the page is approved.
    vue = ouvrir(editrice, page)
    assert re.search(
        r"Le guichet \(Awa Guichet\) a changé cette fiche \w+ \d.*? et ce brouillon attendait", vue
    )
    assert f"Réponse, dans le brouillon</strong></dt> <dd>{SIENNE}</dd>" in vue
    assert f"Réponse, au guichet</strong></dt> <dd>{DU_GUICHET}</dd>" in vue
    assert "Question, dans le brouillon" not in vue

    # Written again with both known, it is the editor's; the desk then says the same.
    assert envoyer(editrice, page, mots_lus(vue)) == ""
    assert Fiche.objects.get(code=page.code).reponse == SIENNE
    assert "a changé cette fiche" not in ouvrir(editrice, page)


def test_a_form_left_open_while_the_desk_wrote_does_not_overwrite_it_unknown(
    page: PageFiche, editrice: Client
) -> None:
    lus = mots_lus(ouvrir(editrice, page))
    changer_au_guichet(page)

    refusee = envoyer(editrice, page, lus)
    assert "pendant que vous écriviez." in refusee
    assert f"Réponse, au guichet : « {DU_GUICHET} »" in refusee
    assert "Question, au guichet" not in refusee
    assert f">{SIENNE}</textarea>" in refusee.replace("> ", ">")
    assert Fiche.objects.get(code=page.code).reponse == DU_GUICHET

    # The page that saves itself confirms nothing for its editor.
    revisions = page.revisions.count()
    seule = editrice.post(
        adresse(page), saisie(page, mots_lus(refusee), "brouillon"), headers={"accept": "application/json"}
    )
    assert (seule.status_code, seule.json()["success"]) == (400, False)
    assert page.revisions.count() == revisions
    assert envoyer(editrice, page, mots_lus(refusee)) == ""
    assert Fiche.objects.get(code=page.code).reponse == SIENNE


def test_a_page_planned_for_later_does_not_bring_back_old_words(page: PageFiche) -> None:
    page.reponse, page.go_live_at = SIENNE, timezone.now() + timedelta(hours=1)
    page.save_revision().publish()
    changer_au_guichet(page)

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled", verbosity=0)
    assert PageFiche.objects.get().reponse == Fiche.objects.get(code=page.code).reponse == DU_GUICHET


def test_an_editor_sees_the_page_beside_the_form_and_has_it_checked(
    page: PageFiche, editrice: Client
) -> None:
    apercu = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    garde = editrice.post(apercu, saisie(page, mots_lus(ouvrir(editrice, page)), "action-publish"))
    assert garde.json()["is_valid"] is True
    vue = editrice.get(apercu, {"in_preview_panel": "true", "mode": ""})
    html = texte_de(vue)
    assert SIENNE in html
    # The browser lets the form show it, and nobody else's site.
    assert "frame-ancestors 'self'" in vue["Content-Security-Policy"]
    assert vue["X-Frame-Options"] == "SAMEORIGIN"
    # The checker reads what is written, and not the house's own frame.
    assert re.search(r'"context": \{"include": \["main"\]', html)
    publique = editrice.get(page.get_url())
    assert "frame-ancestors 'none'" in publique["Content-Security-Policy"]
    assert "wagtail-userbar" not in texte_de(publique)


def test_whoever_saved_at_the_desk_is_no_system(page: PageFiche, editrice: Client) -> None:
    """Wagtail's warning about a form left open."""
    lue = page.save_revision(user=Compte.objects.get(nom_affiche="Maud Plume"))
    page.get_latest_revision().publish()
    changer_au_guichet(page)
    dite = editrice.post(
        reverse("wagtailadmin_editing_sessions:ping", args=["portal", "pagefiche", page.pk, 1]),
        {"revision_id": lue.pk},
    )
    mots = unescape(dite.json()["html"])
    assert "Le guichet a enregistré une nouvelle version" in mots
    assert "Système" not in mots
