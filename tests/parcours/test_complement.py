"""Something is missing: it comes by the link with a file, or it never comes."""

from datetime import timedelta

from django.utils import timezone

from demandes import actions
from demandes.etats import Decision, Etat
from guichet.pieces.models import Piece
from tests import factories
from tests.parcours.gestes import il_y_a, journal, liens, photo, relire, texte_de

DEMANDE = "Bonjour,\n\nMerci de nous envoyer une photo du trou."
SUIVRE = "demandes.tasks.suivre_les_echeances"


def test_asked_then_received_through_the_link_with_a_file(maison, ville, connecter, agit, anonyme):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    numero = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager).numero
    agit(
        ville.agent_voirie,
        numero,
        "demander_complement",
        pieces_du_type=["Photo du trou"],
        elements="La largeur du trou",
        delai_jours=20,
        texte=DEMANDE,
    )
    demande = relire(numero)
    assert (demande.etat, demande.service_suspendu_le is None) == (Etat.ATTENTE_USAGER, False)

    # What is awaited and until when stands in the e-mail, and behind its link.
    courriel = maison.courriel(usager.courriel, "besoin d'un complément")
    assert "une photo du trou" in texte_de(courriel)
    page = anonyme.ouvrir(liens(courriel)[0])
    assert "Nous avons besoin de vous" in page
    assert "La largeur du trou" in page

    # Nothing at all is not an answer.
    vide = page.envoyer("Envoyer ma réponse")
    assert vide.statut == 422
    assert relire(numero).etat == Etat.ATTENTE_USAGER

    page = vide.envoyer(
        "Envoyer ma réponse", texte="Il fait un mètre.", fichiers=("trou vu de haut.jpg", photo("brown"))
    )
    assert "Merci : votre complément est bien arrivé" in page
    demande = relire(numero)
    assert (demande.etat, demande.service_suspendu_le, demande.a_message_non_lu) == (
        Etat.PRISE_EN_CHARGE,
        None,
        True,
    )

    # The agent finds it among the unread, and reads the file.
    karim = connecter(ville.agent_voirie)
    assert numero in karim.ouvrir("/agent/corbeille/?vue=non_lus")
    dossier = karim.ouvrir(f"/agent/demandes/{numero}/")
    assert "Il fait un mètre." in dossier
    (piece,) = Piece.objects.filter(nom_original="trou vu de haut.jpg")
    lue = karim.session.get(maison.adresse + piece.get_absolute_url(), timeout=60)
    assert (lue.status_code, lue.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert lue.headers["Content-Disposition"].startswith("attachment")
    assert connecter(ville.agent_proprete).demander("GET", piece.get_absolute_url()).statut == 404


def attendre_depuis(jours: int, ville: factories.Ville, **type: object) -> str:
    """A demande whose complement was asked so many days ago, with 30 days to answer."""
    for champ, valeur in type.items():
        setattr(ville.type_voirie, champ, valeur)
    ville.type_voirie.save()
    with il_y_a(days=jours):
        usager = factories.creer_usager(courriel=f"attendue.{jours}@courriel.example")
        return factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=usager).numero


def test_the_worker_reminds_a_week_before_the_deadline_once(maison, ville):
    numero = attendre_depuis(24, ville)
    maison.vider_la_boite()

    for _passage in range(2):
        maison.sonner(SUIVRE)

    rappel = maison.courriel("attendue.24@courriel.example", "Rappel")
    assert "Photo du trou" in texte_de(rappel)
    maison.se_calmer()
    assert journal(numero).count("relancer_l_usager") == 1


def test_not_received_the_work_resumes_at_the_deadline(maison, ville, connecter, agit):
    numero = attendre_depuis(31, ville, sans_suite_autorise=False)
    attendue = relire(numero).echeance_service

    maison.sonner(SUIVRE)
    maison.attendre(lambda: relire(numero).etat == Etat.PRISE_EN_CHARGE, "la reprise par le worker")

    demande = relire(numero)
    assert demande.service_suspendu_le is None
    assert demande.echeance_service > attendue
    assert journal(numero)[-1] == "reprendre_sans_complement"
    agit(ville.agent_voirie, numero, "repondre", texte="Sans photo, nous passerons.", decision="accord")
    assert relire(numero).etat == Etat.TRAITEE


def test_not_received_it_may_be_closed_after_one_reminder(maison, ville, connecter, agit, anonyme):
    numero = attendre_depuis(33, ville)
    with il_y_a(days=9):
        assert actions.suivre()["relances"] == 1

    # The system leaves the agent a week to choose.
    maison.sonner(SUIVRE)
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert {"classer_sans_suite", "reprendre_sans_complement"} <= page.gestes
    agit(ville.agent_voirie, numero, "classer_sans_suite", motif="delai_expire")

    demande = relire(numero)
    assert (demande.etat, demande.decision) == (Etat.CLOSE, Decision.SANS_SUITE)
    courriel = maison.courriel("attendue.33@courriel.example", "classée sans suite")
    # The resident may still have it reopened, from that very e-mail.
    page = anonyme.ouvrir(liens(courriel)[0])
    page = page.envoyer("Rouvrir ma demande", motif="reponse_incomplete", commentaire="J'étais absente.")
    assert "Votre demande est rouverte" in page
    assert relire(numero).etat == Etat.ORIENTEE


def test_before_the_deadline_nobody_may_close_or_resume(maison, ville, connecter):
    numero = attendre_depuis(29, ville)
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert not {"classer_sans_suite", "reprendre_sans_complement"} & page.gestes

    page = page.visiteur.ouvrir(f"/agent/demandes/{numero}/gestes/classer_sans_suite/")
    page = page.envoyer(page.bouton_principal, motif="delai_expire")

    assert page.statut == 422
    limite = timezone.localdate() + timedelta(days=1)
    assert f"L'usager a jusqu'au {limite:%d/%m/%Y} pour répondre" in page
    assert relire(numero).etat == Etat.ATTENTE_USAGER
