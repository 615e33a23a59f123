"""Writers propose, moderators read again and publish: nobody reads a page before."""

from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, WorkflowPage
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from guichet.envois.models import Envoi
from guichet.organisation.models import Compte, Role
from portal import garnir
from portal.models import Actualite, Actualites
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import texte_de

TITRE = "Le marché du samedi déménage"


def entrer(compte: Compte) -> Client:
    """At work: their first page of /gestion/ puts them in the group of their role."""
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    assert client.get("/gestion/").status_code == 200
    return client


@pytest.fixture
def redactrice(ville: Ville) -> Client:
    garnir.garnir()
    return entrer(factories.creer_agent("Rose", "Plume", Role.REDACTEUR))


@pytest.fixture
def moderateur(ville: Ville) -> Client:
    return entrer(factories.creer_agent("Marc", "Relit", Role.EDITEUR))


def ecrire(client: Client, geste: str) -> Actualite:
    """The news written in the form for pages, then the button that is pressed."""
    encadre = {"ton": "info", "titre": "À savoir", "texte": rich_text("<p>Parking gratuit.</p>")}
    page = {
        "title": TITRE,
        "slug": "le-marche-du-samedi",
        "date": "2026-11-20",
        "chapeau": "Place des Halles dès samedi.",
        "corps": streamfield([("encadre", encadre)]),
        "comments": inline_formset([]),
        geste: "1",
    }
    liste = Actualites.objects.get()
    adresse = reverse("wagtailadmin_pages:add", args=["portal", "actualite", liste.pk])
    reponse = client.post(adresse, nested_form_data(page))
    assert reponse.status_code == 302, reponse.context["form"].errors
    return Actualite.objects.get(title=TITRE)


def test_a_writer_cannot_publish(redactrice: Client) -> None:
    une = ecrire(redactrice, "action-publish")

    assert not une.live
    assert Client().get(une.url).status_code == 404
    formulaire = texte_de(redactrice.get(reverse("wagtailadmin_pages:edit", args=[une.pk])))
    assert 'name="action-submit"' in formulaire
    assert 'name="action-publish"' not in formulaire


def test_a_moderator_reads_again_then_everybody_reads(
    redactrice: Client, moderateur: Client, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "portal.courriels_des_editeurs.Boite"
    une = ecrire(redactrice, "action-submit")
    assert not une.live
    courriel = Envoi.objects.get(reference="portail")
    assert courriel.destinataire == Compte.objects.get(nom_affiche="Marc Relit").courriel
    assert courriel.objet == (
        f"La page « {TITRE} » a été soumise pour validation dans la tâche « Relecture par un modérateur »."
    )

    assert TITRE in unescape(texte_de(moderateur.get("/gestion/")))
    etat = une.current_workflow_task_state
    approuver = reverse("wagtailadmin_pages:workflow_action", args=[une.pk, "approve", etat.pk])
    # The writer has no such gesture on her own page.
    redactrice.post(approuver)
    assert Client().get(une.url).status_code == 404

    assert moderateur.post(approuver).status_code == 302
    lue = Client().get(une.url)
    assert lue.status_code == 200
    assert TITRE in unescape(texte_de(lue))


def test_every_page_of_every_language_has_its_reading(ville: Ville) -> None:
    garnir.garnir()
    pose = WorkflowPage.objects.get()
    assert pose.page.depth == 1
    assert pose.workflow.name == "Relecture avant publication"
    (tache,) = pose.workflow.tasks
    assert [g.name for g in tache.specific.groups.all()] == ["Modérateurs"]
    assert {page.get_workflow() for page in Page.objects.filter(depth__gt=1)} == {pose.workflow}


def test_who_changes_roles_changes_groups_at_their_next_visit(ville: Ville) -> None:
    compte = factories.creer_agent("Marc", "Relit", Role.EDITEUR)
    client = entrer(compte)
    assert [g.name for g in compte.groups.all()] == ["Modérateurs"]

    compte.affectations.update(role=Role.REDACTEUR)
    client.get("/gestion/")
    assert [g.name for g in compte.groups.all()] == ["Rédacteurs"]
