"""One question two days after the answer, once a month at most; who is not content is called back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.actions import suivre
from demandes.actions.personnes import reunir_les_fiches
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Enquete, Intermediaire
from guichet.envois.models import Envoi
from guichet.socle.erreurs import Refus
from tests import factories
from tests.demandes.gestes import relire, session, url
from usagers.fusion import empreinte
from usagers.models import Usager

A_RAPPELER = reverse("agent_a_remettre") + "?vue=appels"


@pytest.fixture
def demande(ville: factories.Ville) -> Demande:
    return factories.demande_dans(Etat.TRAITEE, ville)


def passer(**duree: int) -> None:
    """Let time act, this long after now."""
    with time_machine.travel(timezone.now() + timedelta(**duree), tick=False):
        suivre()


def questions() -> list[Envoi]:
    return list(Envoi.objects.filter(objet__icontains="êtes-vous satisfait").order_by("pk"))


def lien_de(envoi: Envoi) -> str:
    (lien,) = re.findall(re.escape(settings.GUICHET_ADRESSE) + r"(/avis/\S+)", envoi.corps)
    return lien


def repondre(demande: Demande, **saisie: str):
    passer(days=2)
    lien = lien_de(questions()[-1])
    return Client().post(lien, saisie), lien


def test_the_question_leaves_two_days_after_the_answer_then_once_more(ville, demande):
    passer(days=1, hours=23)
    assert questions() == []

    passer(days=2)
    passer(days=2)
    (question,) = questions()
    assert (question.destinataire, question.est_automatique) == (demande.usager.courriel, True)
    assert demande.objet not in question.objet + question.corps

    passer(days=8)
    assert len(questions()) == 1
    passer(days=10)
    passer(days=20)
    _, relance = questions()
    assert relance.objet.startswith("Rappel : ")
    assert lien_de(relance).startswith("/avis/")
    journal = demande.journal.filter(geste="demander_un_avis").order_by("rang")
    assert [ligne.details.get("relance", False) for ligne in journal] == [False, True]


def test_one_question_a_month_to_anybody(ville, demande):
    autre = factories.demande_dans(Etat.TRAITEE, ville, usager=demande.usager)

    passer(days=2)
    passer(days=13)

    assert [e.demande_id for e in Enquete.objects.all()] == [demande.pk]
    with pytest.raises(Refus, match="moins d'un mois"):
        actions.demander_un_avis(autre)
    assert not autre.journal.filter(geste="demander_un_avis").exists()


@pytest.mark.parametrize("cas", ["sans courriel", "courriel en échec", "pour autrui", "close", "ancienne"])
def test_who_cannot_or_need_not_be_asked_is_left_in_peace(ville, demande, cas):
    if cas == "sans courriel":
        demande.usager.coordonnees.all().delete()
    elif cas == "courriel en échec":
        demande.usager.coordonnees.update(en_echec_le=timezone.now())
    elif cas == "pour autrui":
        proche = factories.creer_usager("Ida", "Proche")
        Intermediaire.objects.create(demande=demande, usager=proche, qualite="famille")
    elif cas == "close":
        actions.clore(demande, auteur=Auteur.habitant(demande.usager))

    passer(days=15 if cas == "ancienne" else 2)

    assert (questions(), Enquete.objects.count()) == ([], 0)


def test_a_good_mark_is_read_on_the_demande_and_calls_nobody(ville, demande):
    reponse, lien = repondre(demande, note="4", commentaire="Bien, mais long.")

    assert (reponse.status_code, reponse["Location"]) == (302, lien)
    merci = Client().get(lien).content.decode()
    assert "Merci pour votre avis" in merci
    assert "rappelle" not in merci
    page = session(ville.agent_voirie).get(reverse("agent_demande", args=[demande.numero])).content.decode()
    assert "4 sur 5" in page
    assert "Bien, mais long." in page
    assert session(ville.responsable_accueil).get(A_RAPPELER).context["lignes"] == []
    # Given once: a second mark changes nothing.
    assert "Merci pour votre avis" in Client().post(lien, {"note": "1"}).content.decode()
    assert Enquete.objects.get().note == 4


def test_who_is_not_content_is_called_back_by_the_head_of_the_desk(ville, demande):
    repondre(demande, note="2", commentaire="Personne n'est venu.")

    alerte = Envoi.objects.filter(destinataire=ville.responsable_accueil.courriel).latest("pk")
    assert "mécontente" in alerte.objet
    assert "Personne n'est venu" not in alerte.corps
    chef = session(ville.responsable_accueil)
    page = chef.get(A_RAPPELER).content.decode()
    for attendu in (
        demande.numero,
        "2 sur 5",
        "Personne n&#x27;est venu.",
        str(demande.usager.coordonnees.first()),
    ):
        assert attendu in page, attendu
    assert session(ville.agent_accueil).get(A_RAPPELER).status_code == 404
    assert "noter_l_appel" in chef.get(reverse("agent_demande", args=[demande.numero])).content.decode()

    donnees = {"version": relire(demande).version, "suite": A_RAPPELER}
    refuse = session(ville.agent_accueil).post(url(demande, "noter_l_appel"), donnees)
    assert Enquete.objects.get().rappelee_le is None
    note = chef.post(url(demande, "noter_l_appel"), donnees)

    assert (refuse.status_code, note.status_code, note["Location"]) == (422, 303, A_RAPPELER)
    assert Enquete.objects.get().rappelee_par == ville.responsable_accueil
    assert chef.get(A_RAPPELER).context["lignes"] == []
    actions.noter_l_appel(demande, auteur=Auteur.agent(ville.responsable_accueil))
    assert demande.journal.filter(geste="noter_l_appel").count() == 1


@pytest.mark.parametrize(
    ("saisie", "phrase"),
    [
        ({}, "Choisissez une réponse."),
        ({"note": "6"}, "Choisissez une réponse de la liste."),
        ({"note": "\x00", "commentaire": "Il a plu."}, "Choisissez une réponse de la liste."),
        ({"note": "3", "commentaire": "é" * 1_000_000}, "2000"),
    ],
    ids=["rien", "hors d'échelle", "NUL", "1 Mo"],
)
def test_what_cannot_be_kept_is_said_and_nothing_is(ville, demande, saisie, phrase):
    reponse, _ = repondre(demande, **saisie)

    assert reponse.status_code == 422
    assert phrase in reponse.content.decode().replace("\xa0", "").replace("\u202f", "")
    assert Enquete.objects.get().repondue_le is None
    assert not demande.journal.filter(geste="donner_un_avis").exists()


def test_a_link_answers_for_two_months_and_opens_nothing_else(ville, demande):
    passer(days=2)
    lien = lien_de(questions()[0])

    page = Client().get(lien).content.decode()
    assert demande.numero in page
    assert demande.objet not in page
    assert demande.jeton_suivi not in page
    assert Client().get(lien[:-3] + "xx/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=63), tick=False):
        perime = Client().get(lien)
    assert perime.status_code == 404
    assert "Ce lien n'est plus valable" in perime.content.decode().replace("&#x27;", "'")


def test_the_question_put_to_a_record_follows_it_to_the_kept_one(ville):
    gardee, reunie = factories.creer_usager("Jean", "Seul"), factories.creer_usager("Jean", "Seul-Petit")
    demande = factories.demande_dans(Etat.TRAITEE, ville, usager=reunie)
    passer(days=2)
    assert Enquete.objects.get().usager == reunie

    reunir_les_fiches(
        gardee,
        reunie,
        auteur=Auteur.agent(ville.responsable_accueil),
        vue=empreinte(gardee, Usager.objects.get(pk=reunie.pk)),
    )

    assert Enquete.objects.get().usager == gardee
    assert relire(demande).usager == gardee
