"""The layout of a mail is kept beside its words, and shown when an agent asks for it."""

import pytest
from django.test import Client

from demandes import actions, courriels, reception
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, MiseEnForme
from guichet.pieces.models import Piece
from tests import factories
from tests.canaux.courriel.lettres import courriel, parties
from tests.parcours.gestes import photo

HTML = (
    "Content-Type: text/html\r\n\r\n<p>Un <b>trou</b> :</p><img src='cid:vue@x' alt='Le trou'>"
    "<img src='https://pub.example/a.png'><a href='https://autre.example/x'>ici</a><script>alert(1)</script>"
)


def arriver(brut: bytes) -> Demande:
    demande = reception.traiter(courriels.recevoir(brut).pk)
    assert demande is not None
    return demande


def image(nom: str = "vue@x") -> bytes:
    return f"Content-Type: image/jpeg; name=vue.jpg\r\nContent-ID: <{nom}>\r\n\r\n".encode() + photo()


@pytest.fixture
def demande(ville) -> Demande:
    return arriver(parties(HTML, image(), genre="related"))


def ouvrir(compte, chemin: str):
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client.get(chemin)


def page_de(demande: Demande) -> str:
    return f"/agent/demandes/{demande.numero}/messages/{demande.messages.order_by('pk').first().pk}/"


def test_the_thread_says_the_words_and_offers_the_layout(demande, ville):
    fil = ouvrir(ville.agent_accueil, f"/agent/demandes/{demande.numero}/").content.decode()
    assert f'<a href="{page_de(demande)}">Voir la mise en forme</a>' in fil
    assert "<b>trou</b>" not in fil

    reponse = ouvrir(ville.agent_accueil, page_de(demande))
    page = reponse.content.decode()
    piece = Piece.objects.get()
    assert "<p>Un <b>trou</b> :</p>" in page
    assert f'<a href="/pieces/{piece.pk}/"><img src="/pieces/{piece.pk}/vignette/" alt="Le trou"' in page
    assert "[image distante non chargée]" in page
    assert "(autre.example/x)" in page
    assert "pub.example" not in page
    assert "alert(1)" not in page
    assert "'unsafe-inline'" not in reponse.headers["Content-Security-Policy"]


def test_lines_alone_have_no_other_layout(ville):
    html = "<div>Bonjour,<br>Un <span style='color:red'>trou</span>.</div>"
    demande = arriver(courriel(html, Content_Type="text/html"))
    assert not MiseEnForme.objects.exists()
    assert "Voir la mise en forme" not in (
        ouvrir(ville.agent_accueil, f"/agent/demandes/{demande.numero}/").content.decode()
    )
    assert ouvrir(ville.agent_accueil, page_de(demande)).status_code == 404


def test_an_image_in_quarantine_is_not_shown(demande, ville):
    Piece.objects.update(etat=Piece.Etat.QUARANTAINE, motif="Soupçon.")
    page = ouvrir(ville.agent_accueil, page_de(demande)).content.decode()
    assert "[image absente du courriel : Le trou]" in page
    assert "/vignette/" not in page


def test_it_is_read_by_who_reads_the_demande_under_its_own_number(demande, ville):
    autre = factories.deposer(ville)
    reservee = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social)
    actions.garder_la_mise_en_forme(reservee, "<b>x</b>", {})

    assert ouvrir(ville.agent_voirie, page_de(demande)).status_code == 404
    assert ouvrir(ville.agent_accueil, page_de(reservee)).status_code == 404
    assert ouvrir(ville.agent_accueil_habilite, page_de(reservee)).status_code == 200
    numero, melange = demande.numero, page_de(demande).replace(demande.numero, autre.numero)
    assert numero not in melange
    assert ouvrir(ville.agent_accueil, melange).status_code == 404


def test_joined_to_another_demande_the_layout_and_its_images_follow(demande, ville):
    principale = factories.deposer(ville)
    actions.mettre_a_rapprocher(
        demande, auteur=courriels.SYSTEME, raisons=["expediteur"], citees=[principale]
    )

    actions.joindre_a_la_demande(demande, auteur=Auteur.agent(ville.agent_accueil), principale=principale)

    venu = principale.messages.latest("pk")
    page = ouvrir(ville.agent_accueil, f"/agent/demandes/{principale.numero}/messages/{venu.pk}/")
    (copie,) = Piece.objects.filter(proprietaire_id=venu.pk)
    assert f"/pieces/{copie.pk}/vignette/" in page.content.decode()
