"""What an agent writes leaves signed as their direction has it, threaded, and says where it stands."""

from email import policy
from email.parser import BytesParser

import pytest
from django.test import Client

from demandes import actions, adresses_de_reponse, courriels, dossier, modeles, reception
from demandes.actions import avis
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from guichet.canaux.canal import Canal
from guichet.canaux.courriel import composer
from guichet.envois.livraison import rediger
from guichet.envois.models import Envoi
from guichet.organisation.models import Agent, Compte, SignatureDesCourriels
from tests import factories
from tests.canaux.courriel.lettres import courriel

REPONSE = "reponse@ville.example"


@pytest.fixture
def demande(ville) -> Demande:
    return factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)


def ecrire(demande: Demande, ville, texte: str = "Nous passons lundi.") -> Envoi:
    compte = Compte.objects.get(pk=ville.agent_voirie.pk)
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(compte), texte=texte)
    return Envoi.objects.latest("pk")


def signer_par(ville, regle: str) -> None:
    ville.voirie.signature = regle
    ville.voirie.save()


@pytest.mark.parametrize(
    ("regle", "attendue"),
    [
        (SignatureDesCourriels.COMPLETE, "Karim Belkacem\nAgent de la voirie"),
        (SignatureDesCourriels.PRENOM, "Karim\nVoirie"),
        (SignatureDesCourriels.SERVICE, "Voirie"),
    ],
)
def test_the_direction_says_how_its_agents_sign(demande, ville, regle, attendue):
    Agent.objects.filter(compte=ville.agent_voirie).update(
        prenom="Karim", nom="Belkacem", qualite="Agent de la voirie", adresse_administrative=""
    )
    signer_par(ville, regle)

    corps = ecrire(Demande.objects.get(pk=demande.pk), ville).corps

    assert corps.startswith(f"Nous passons lundi.\n\n{attendue}\n\n--\nDemande {demande.numero}.")
    assert ville.agent_voirie.courriel not in corps
    # The template's variable and the page of the resident say no more.
    relue = Demande.objects.pour_fil().get(pk=demande.pk)
    assert modeles.valeurs(relue, Compte.objects.get(pk=ville.agent_voirie.pk))["agent.signature"] == attendue
    (entree,) = [e for e in dossier.Dossier(relue, Auteur.porteur_du_lien(relue)).fil if e.genre == "sortant"]
    assert entree.auteur == attendue.split("\n")[0]


def test_a_signature_that_the_words_have_is_not_said_twice(demande, ville):
    signer_par(ville, SignatureDesCourriels.PRENOM)
    prenom = ville.agent_voirie.agent.prenom
    envoi = ecrire(Demande.objects.get(pk=demande.pk), ville, f"Bonjour,\n\n{prenom}\nVoirie")
    assert envoi.corps.count(f"{prenom}\nVoirie") == 1


def test_an_agent_whose_name_is_protected_keeps_it_whatever_the_direction_says(demande, ville):
    Agent.objects.filter(compte=ville.agent_voirie).update(est_anonyme=True, motif_anonymat="Menaces.")
    for regle in SignatureDesCourriels.values:
        signer_par(ville, regle)
        agent = Agent.objects.get(compte=ville.agent_voirie)
        corps = ecrire(Demande.objects.get(pk=demande.pk), ville).corps
        assert agent.prenom not in corps
        assert agent.nom not in corps


def test_an_account_without_a_card_signs_as_its_service_never_with_its_address(demande, ville):
    Agent.objects.filter(compte=ville.agent_voirie).delete()
    compte = Compte.objects.get(pk=ville.agent_voirie.pk)
    relue = Demande.objects.pour_fil().get(pk=demande.pk)
    assert modeles.valeurs(relue, compte)["agent.signature"] == "Voirie"


def test_what_answers_a_mail_is_threaded_in_text_and_html_and_written_by_a_person(ville, settings):
    settings.GUICHET_COURRIEL_REPONSE = REPONSE
    demande = reception.traiter(courriels.recevoir(courriel()).pk)
    accuse = Envoi.objects.get()
    actions.ecrire_a_l_usager(
        demande, auteur=Auteur.agent(ville.agent_accueil), texte="Merci <b>, nous passons."
    )
    reponse = Envoi.objects.latest("pk")

    lus = [
        BytesParser(policy=policy.default).parsebytes(composer(rediger(envoi))) for envoi in (accuse, reponse)
    ]
    assert lus[0]["References"] == "<1@courriel.example>"
    assert lus[1]["References"].split() == [accuse.message_id, "<1@courriel.example>"]
    for lu in lus:
        assert lu["In-Reply-To"] == "<1@courriel.example>"
        assert lu["Reply-To"] == adresses_de_reponse.adresse(demande.numero)
        assert lu["From"].addresses[0].addr_spec in settings.GUICHET_COURRIEL_EXPEDITEUR
        assert [partie.get_content_type() for partie in lu.walk()][:3] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert "Vous pouvez aussi répondre à ce courriel." in lu.get_body(("plain",)).get_content()
    assert [lu["Auto-Submitted"] for lu in lus] == ["auto-generated", "no"]
    assert "Merci &lt;b&gt;" in lus[1].get_body(("html",)).get_content()


def test_a_mail_about_a_demande_of_the_web_joins_the_mails_before_it(ville):
    jeanne = factories.creer_usager("Jeanne", "Martin", courriel="jeanne.martin@courriel.example")
    demande = factories.deposer(ville, usager=jeanne, canal=Canal.PORTAIL)
    accuse, agent = (
        Envoi.objects.get(reference=f"demande:{demande.numero}"),
        Auteur.agent(ville.agent_accueil),
    )
    ailleurs = factories.deposer(ville, usager=factories.creer_usager(courriel="p@courriel.example"))

    actions.ecrire_a_l_usager(demande, auteur=agent, texte="Quelle rue ?")
    question = Envoi.objects.latest("pk")
    reponse = courriel(
        "Rue Neuve", Message_ID="<2@courriel.example>", plus=f"In-Reply-To: {question.message_id}"
    )
    assert reception.traiter(courriels.recevoir(reponse).pk) == demande
    actions.ecrire_a_l_usager(demande, auteur=agent, texte="Merci.")
    merci = Envoi.objects.latest("pk")

    assert (question.en_tetes["In-Reply-To"], question.en_tetes["References"]) == (accuse.message_id,) * 2
    chaine = [accuse.message_id, question.message_id, "<2@courriel.example>"]
    lu = BytesParser(policy=policy.default).parsebytes(composer(rediger(merci)))
    assert (lu["In-Reply-To"], lu["References"].split()) == ("<2@courriel.example>", chaine)
    for rang in range(avis.CHAINE):
        actions.ecrire_a_l_usager(demande, auteur=agent, texte=f"Mot {rang}")
    cites = Envoi.objects.latest("pk").en_tetes["References"].split()
    assert (len(cites), cites[-1]) == (avis.CHAINE, Envoi.objects.order_by("-pk")[1].message_id)
    assert ailleurs.numero not in str(merci.en_tetes)


def test_an_automatic_mail_says_that_it_can_be_answered_only_when_it_can(demande, settings):
    with_answer, sans = (_relance(demande, settings, adresse) for adresse in (REPONSE, ""))
    assert "un agent lira votre message" in with_answer
    assert "sa réponse ne serait lue par personne" in sans


def _relance(demande: Demande, settings, adresse: str) -> str:
    settings.GUICHET_COURRIEL_REPONSE = adresse
    return actions.avis.rediger("prise_en_charge", demande, {"direction": demande.direction})[1]


@pytest.mark.parametrize(
    ("etat", "dit"),
    [
        ({"etat": "a_envoyer"}, "en attente d'envoi"),
        ({"etat": "echec", "erreur": "Boîte inconnue.", "prochain_essai_le": None}, "envoi en échec : Boîte"),
    ],
)
def test_the_message_says_where_its_mail_stands(demande, ville, etat, dit):
    envoi = ecrire(demande, ville)
    Envoi.objects.filter(pk=envoi.pk).update(**etat)
    client = Client()
    client.force_login(ville.agent_voirie, backend="guichet.organisation.portes.PorteBackend")
    page = client.get(f"/agent/demandes/{demande.numero}/").content.decode()
    assert dit in page.replace("&#x27;", "'")
    assert ("Non remis" in page) == (etat["etat"] == "echec")
