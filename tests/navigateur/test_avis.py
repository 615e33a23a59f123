"""A resident says what they thought of the answer; the head of the desk calls back who was not content."""

import re

import pytest
from playwright.sync_api import expect

from tests.fenetre import ADMIN, RESPONSABLE_ACCUEIL
from tests.navigateur.test_ecrans import examiner

pytestmark = pytest.mark.navigateur

# What the clock does, without waiting two days.
DEMANDER_UN_AVIS = """
from demandes.actions import demander_un_avis
from demandes.models import Demande
repondues = Demande.objects.filter(etat="traitee", usager__coordonnees__genre="courriel", secteur="general")
demander_un_avis(repondues.filter(intermediaire=None).first())
"""


def test_a_low_mark_is_given_by_the_link_of_the_mail_then_called_about(visiter, ville):
    ville.manage("shell", "--verbosity=0", "-c", DEMANDER_UN_AVIS)
    admin = visiter()
    admin.entrer(ADMIN)
    admin.aller("/agent/courriels/?q=satisfait")
    admin.page.get_by_role("link", name=re.compile("Êtes-vous satisfait")).first.click()
    lien = re.search(r"/avis/\S+", admin.page.locator("main").inner_text()).group()
    telephone = visiter(ecran={"viewport": {"width": 360, "height": 740}})

    telephone.aller(lien)
    fautes = examiner("avis", telephone.page)
    telephone.bouton("Envoyer mon avis")
    expect(telephone.page.get_by_text("Choisissez une réponse.").first).to_be_visible()
    telephone.page.get_by_label("Plutôt mécontent (2)").check()
    telephone.page.get_by_label("Que pouvons-nous améliorer ?").fill("Personne n'est venu voir.")
    telephone.bouton("Envoyer mon avis")
    expect(telephone.page.get_by_role("heading", name="Merci pour votre avis")).to_be_visible()

    chef = visiter()
    chef.entrer(RESPONSABLE_ACCUEIL)
    chef.aller("/agent/a-remettre/?vue=appels")
    fautes += examiner("avis-a-rappeler", chef.page)
    expect(chef.page.get_by_text("Personne n'est venu voir.")).to_be_visible()
    chef.bouton("Noter l'appel")
    expect(chef.page.get_by_text("C'est noté : la personne est rappelée.")).to_be_visible()
    expect(chef.page.get_by_text("Personne n'est venu voir.")).to_have_count(0)
    assert fautes == []
