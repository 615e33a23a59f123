"""A mail without proof opens a demande and waits in the tray: an agent decides, and nothing leaks."""

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from demandes import actions, adresses_de_reponse, courriels, reception
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import ARapprocher, Demande, EntreeJournal, Message
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Conflit, Refus
from tests import factories
from tests.canaux.courriel.lettres import courriel, parties
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Identite

JEANNE = "jeanne.martin@courriel.example"
AUTRE = "jeanne@travail.example"
Raison, Suite = ARapprocher.Raison, ARapprocher.Suite


@pytest.fixture(autouse=True)
def _adresse_de_reponse(settings):
    settings.GUICHET_COURRIEL_REPONSE = "reponse@ville.example"


def arriver(brut: bytes) -> Demande:
    demande = reception.traiter(courriels.recevoir(brut).pk)
    assert demande is not None
    return demande


@pytest.fixture
def demande(ville) -> Demande:
    """Jeanne wrote, and was acknowledged."""
    return arriver(courriel())


@pytest.fixture
def agent(ville) -> Auteur:
    return Auteur.agent(ville.agent_accueil)


def lettre_du_bureau(demande: Demande, corps: str = "Il clignote.", rang: int = 2, **en_tetes: str) -> bytes:
    """Jeanne again, from an address the city does not know."""
    en_tetes = {"From": f"Jeanne Martin <{AUTRE}>", "Subject": f"Re: [{demande.numero}]"} | en_tetes
    return courriel(corps, Message_ID=f"<{rang}@travail.example>", **en_tetes)


def photographie() -> tuple:
    """All that a refusal must leave as it was."""
    return (
        [(d.version, d.etat, d.usager_id) for d in Demande.objects.order_by("pk")],
        *(modele.objects.count() for modele in (Message, Envoi, Piece, EntreeJournal, Usager, Coordonnee)),
        list(ARapprocher.objects.order_by("pk").values_list("raisons", "suite", "traite_par")),
    )


def entrants(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens=Message.Sens.ENTRANT).values_list("corps", flat=True))


# -- what waits


def test_an_unknown_sender_waits_with_the_demande_they_cite(demande):
    autre = arriver(lettre_du_bureau(demande))

    attente = ARapprocher.objects.get()
    assert (attente.demande, attente.raisons, list(attente.citees.all())) == (
        autre,
        [Raison.EXPEDITEUR],
        [demande],
    )
    assert autre.etat == Etat.NOUVELLE
    assert Envoi.objects.filter(reference=f"demande:{autre.numero}", destinataire=AUTRE).count() == 1
    ligne = autre.journal.get(geste="mettre_a_rapprocher")
    assert ligne.details == {"raisons": ["expediteur"], "citees": [demande.numero]}
    assert demande.journal.count() == 1


def test_two_cited_demandes_and_an_address_two_persons_share_wait_too(demande):
    autre = arriver(courriel("Autre", Message_ID="<9@x>"))
    factories.creer_usager("Paul", "Martin", courriel=JEANNE)

    troisieme = arriver(
        courriel("?", From=JEANNE, Subject=f"{demande.numero} et {autre.numero}", Message_ID="<10@x>")
    )

    attente = ARapprocher.objects.get()
    assert attente.raisons == [Raison.DEMANDES, Raison.PERSONNES]
    assert set(attente.citees.all()) == {demande, autre}
    assert (troisieme.usager, troisieme.est_anonyme) == (None, False)
    assert Usager.objects.filter(coordonnees__normalisee=JEANNE).count() == 2, "nobody is made up"


def test_a_family_is_told_apart_by_an_agent_and_never_merged(demande, ville, agent):
    paul = factories.creer_usager("Paul", "Martin", courriel=JEANNE)
    sans_nom = arriver(courriel("Et le banc ?", From=JEANNE, Message_ID="<9@x>"))

    with pytest.raises(Refus, match="Choisissez la personne"):
        actions.garder_a_part(sans_nom, auteur=agent)
    actions.choisir_la_personne(sans_nom, auteur=agent, usager=paul)

    sans_nom = Demande.objects.get(pk=sans_nom.pk)
    assert (sans_nom.usager, sans_nom.rapprochement) == (paul, "choisi")
    assert ARapprocher.objects.get().suite == Suite.PERSONNE
    with pytest.raises(Conflit, match="a déjà décidé : personne choisie"):
        actions.choisir_la_personne(sans_nom, auteur=agent, usager=demande.usager)
    assert Demande.objects.get(pk=sans_nom.pk).usager == paul


def test_somebody_else_of_that_address_gets_a_card(demande, agent):
    factories.creer_usager("Paul", "Martin", courriel=JEANNE)
    sans_nom = arriver(courriel("Et le banc ?", From=JEANNE, Message_ID="<9@x>"))

    actions.choisir_la_personne(
        sans_nom, auteur=agent, identite=Identite(nom="Martin", prenom="Lina", courriel=JEANNE)
    )

    assert str(Demande.objects.get(pk=sans_nom.pk).usager) == "Lina Martin"
    assert Usager.objects.filter(coordonnees__normalisee=JEANNE).count() == 3


def test_several_subjects_wait_until_they_are_split_or_said_to_be_one(demande, ville, agent):
    """What reads the subjects of a message only says so: the agent splits."""
    une, autre = demande, arriver(courriel("Autre", Message_ID="<9@x>"))
    for d in (une, autre):
        actions.mettre_a_rapprocher(d, auteur=SYSTEME, raisons=[Raison.SUJETS])

    actions.scinder(une, auteur=agent, sujets=[actions.regroupement.Sujet(None, "Le banc est cassé.")])
    actions.garder_a_part(autre, auteur=agent)

    assert list(ARapprocher.objects.values_list("suite", "traite_par")) == [
        (Suite.SCINDEE, agent.compte.pk),
        (Suite.A_PART, agent.compte.pk),
    ]


# -- the same person


@pytest.fixture
def du_bureau(demande) -> Demande:
    brut = parties("Content-Type: text/plain\r\n\r\nVoici la photo.", FICHIER)
    remplaces = {
        JEANNE: AUTRE,
        "Un réverbère éteint": f"Re: [{demande.numero}]",
        "<1@courriel.example>": "<2@travail.example>",
    }
    for ancien, nouveau in remplaces.items():
        brut = brut.replace(ancien.encode(), nouveau.encode())
    return arriver(brut)


FICHIER = b"Content-Type: application/zip; name=plans.zip\r\n\r\nPK\x00\xff\r\nfin"


def test_joined_the_words_and_files_go_on_as_the_residents_own(demande, du_bureau, agent):
    actions.joindre_a_la_demande(du_bureau, auteur=agent, principale=demande)

    demande, petite = Demande.objects.get(pk=demande.pk), Demande.objects.get(pk=du_bureau.pk)
    assert entrants(demande) == ["Bonjour,\nUn réverbère est éteint.", "Voici la photo."]
    venu = demande.messages.latest("pk")
    assert (venu.auteur, venu.auteur_usager, venu.lu_le) == (None, demande.usager, None)
    assert demande.a_message_non_lu
    (copie,) = Piece.objects.filter(proprietaire_genre="message", proprietaire_id=venu.pk)
    with copie.fichier.open() as garde:
        assert garde.read() == b"PK\x00\xff\r\nfin"
    assert (petite.etat, petite.principale, petite.usager) == (Etat.FUSIONNEE, demande, demande.usager)
    attente = ARapprocher.objects.get()
    assert (attente.suite, attente.traite_par) == (Suite.JOINTE, agent.compte)
    # Each line says who decided; the thread says where the words come from.
    assert list(petite.journal.order_by("rang").values_list("geste", "compte")) == [
        ("enregistrer", None),
        ("mettre_a_rapprocher", None),
        ("rattacher", agent.compte.pk),
        ("fusionner", agent.compte.pk),
    ]
    derniere = demande.journal.order_by("rang").last()
    assert (derniere.geste, derniere.compte, derniere.details["venue_de"]) == (
        "ecrire_a_la_ville",
        agent.compte,
        petite.numero,
    )
    # Not asked: the address stays where it was.
    assert not demande.usager.coordonnees.filter(normalisee=AUTRE).exists()


def test_the_address_joins_the_card_when_the_agent_says_so(demande, du_bureau, agent):
    actions.joindre_a_la_demande(du_bureau, auteur=agent, principale=demande, ajouter_l_adresse=True)

    ajoutee = Coordonnee.objects.get(normalisee=AUTRE)
    assert (ajoutee.usager, ajoutee.verifiee_le, ajoutee.est_principale) == (demande.usager, None, False)
    assert demande.usager.courriel == JEANNE, "the city still writes where it did"
    # The next one has its proof, and no card is left behind by the first.
    assert arriver(lettre_du_bureau(demande, "Encore", rang=3)) == demande
    assert Usager.objects.filter(nom_plie="martin jeanne").count() == 1


def test_an_address_that_two_first_names_share_makes_nobody_one(demande, agent):
    paul = arriver(lettre_du_bureau(demande, From=f"Paul Martin <{AUTRE}>"))

    actions.joindre_a_la_demande(paul, auteur=agent, principale=demande, ajouter_l_adresse=True)

    assert set(Usager.objects.filter(coordonnees__normalisee=AUTRE).values_list("prenom", flat=True)) == {
        "Jeanne",
        "Paul",
    }


def test_an_awaited_answer_that_is_joined_puts_the_demande_back_to_work(ville, agent):
    attendue = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    petite = arriver(lettre_du_bureau(attendue, "Voici la largeur."))

    actions.joindre_a_la_demande(petite, auteur=agent, principale=attendue)

    attendue = Demande.objects.get(pk=attendue.pk)
    assert attendue.etat == Etat.PRISE_EN_CHARGE
    recu = attendue.messages.get(nature=Message.Nature.COMPLEMENT, sens=Message.Sens.ENTRANT)
    assert (recu.corps, recu.auteur, recu.auteur_usager) == ("Voici la largeur.", None, attendue.usager)


# -- refused: nothing happens


def test_what_cannot_be_joined_says_why_and_changes_nothing(demande, ville, agent):
    finie = factories.demande_dans(Etat.CLOSE, ville)
    etrangere = arriver(courriel("Autre", From="Ana <ana@courriel.example>", Message_ID="<9@x>"))
    sociale = factories.deposer(ville, type=ville.type_social, usager=demande.usager)
    petite = arriver(lettre_du_bureau(finie))
    avant = photographie()

    for principale, phrase in ((finie, "est terminée"), (sociale, "pas accès à la demande")):
        with pytest.raises(Refus, match=phrase):
            actions.joindre_a_la_demande(petite, auteur=agent, principale=principale, ajouter_l_adresse=True)
    with pytest.raises(Refus, match="pas à rapprocher"):
        actions.garder_a_part(etrangere, auteur=agent)
    with pytest.raises(Refus, match="déjà choisie"):
        actions.choisir_la_personne(petite, auteur=agent, usager=finie.usager)

    assert photographie() == avant


def test_a_direction_does_not_decide(demande, du_bureau, ville):
    voirie = Auteur.agent(ville.agent_voirie)
    avant = photographie()
    with pytest.raises(Refus):
        actions.joindre_a_la_demande(du_bureau, auteur=voirie, principale=demande)
    with pytest.raises(Refus):
        actions.garder_a_part(du_bureau, auteur=voirie)
    assert photographie() == avant


def test_without_mixing_persons_two_reports_are_grouped_and_nothing_else(ville, agent):
    signalement = factories.demande_dans(Etat.QUALIFIEE, ville)
    petite = arriver(lettre_du_bureau(signalement))
    avant = photographie()
    with pytest.raises(Refus, match="Les demandeurs sont différents"):
        actions.regrouper_sans_meler(petite, auteur=agent, principale=signalement)
    assert photographie() == avant
    actions.qualifier(petite, auteur=agent, type=signalement.type)

    actions.regrouper_sans_meler(petite, auteur=agent, principale=signalement)

    petite = Demande.objects.get(pk=petite.pk)
    assert (petite.etat, petite.principale) == (Etat.FUSIONNEE, signalement)
    assert petite.usager != signalement.usager
    assert len(entrants(signalement)) == 1
    assert ARapprocher.objects.get().suite == Suite.REGROUPEE


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_at_once_one_decides_and_the_other_is_told_who():
    ville = factories.creer_ville()
    demande = arriver(courriel())
    petite = arriver(lettre_du_bureau(demande))
    depart, dits = threading.Barrier(2), []

    def decider(geste) -> None:
        depart.wait()
        try:
            geste()
        except Conflit as conflit:
            dits.append(str(conflit))
        finally:
            connections.close_all()

    un, deux = Auteur.agent(ville.agent_accueil), Auteur.agent(ville.responsable_accueil)
    gestes = [
        lambda: actions.joindre_a_la_demande(petite, auteur=un, principale=demande),
        lambda: actions.garder_a_part(petite, auteur=deux),
    ]
    with ThreadPoolExecutor(2) as equipe:
        list(equipe.map(decider, gestes))

    attente = ARapprocher.objects.get()
    assert dits == [f"{attente.traite_par} a déjà décidé : {attente.get_suite_display().lower()}."]
    est_jointe = attente.suite == Suite.JOINTE
    assert Demande.objects.get(pk=petite.pk).etat == (Etat.FUSIONNEE if est_jointe else Etat.NOUVELLE)
    assert len(entrants(demande)) == (2 if est_jointe else 1)


# -- fiabilite.md R8

PAR_TRANCHE = 200
TRANCHES = int(os.environ.get("GUICHET_ESSAIS_R8", "200")) // PAR_TRANCHE
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.mark.parametrize("tranche", range(TRANCHES))
def test_r8_ten_thousand_guesses_of_a_stranger_join_nothing_and_tell_nobody(demande, ville, tranche):
    """Re:, number, References, reply address, copied colleague, borrowed names: 0 joined, 0 forwarded."""
    hasard = random.Random(tranche)
    accuse = Envoi.objects.get()
    signee = adresses_de_reponse.adresse(demande.numero)
    avant = (entrants(demande), demande.version, Envoi.objects.filter(destinataire=JEANNE).count())
    nees = 0

    def signature() -> str:
        return "".join(hasard.choices(ALPHABET, k=26))

    for rang in range(PAR_TRANCHE):
        de = f"x{rang}@autre.example"
        devinee = signee.replace(signee.split("-")[2].partition("@")[0], signature())
        en_tetes, plus = (
            ({"Subject": f"Re: {demande.numero}"}, ""),
            ({"Subject": f"RE: Tr : [{demande.numero}] Votre demande"}, f"In-Reply-To: {accuse.message_id}"),
            ({}, f"References: <1@courriel.example> {accuse.message_id}"),
            ({"To": devinee}, ""),
            ({"To": devinee.upper(), "Subject": demande.numero}, f"References: {accuse.message_id}"),
            ({"Subject": demande.numero, "Cc": f"{JEANNE}, {ville.agent_voirie.courriel}"}, ""),
            ({"Subject": demande.numero, "From": f'"{JEANNE}" <{de}>'}, f"Reply-To: {JEANNE}"),
            ({"Subject": demande.numero, "From": ville.agent_voirie.courriel}, f"Sender: {JEANNE}"),
        )[rang % 8]
        en_tetes = {"From": f"Jeanne Martin <{de}>", "Message-ID": f"<r8.{rang}@autre.example>"} | en_tetes
        brut = courriel(f"Essai {rang}", plus=plus, **{n.replace("-", "_"): v for n, v in en_tetes.items()})
        nees += arriver(brut) != demande

    assert nees == PAR_TRANCHE
    demande = Demande.objects.get(pk=demande.pk)
    apres = (entrants(demande), demande.version, Envoi.objects.filter(destinataire=JEANNE).count())
    assert apres == avant
    assert not demande.a_message_non_lu
    dits = Envoi.objects.exclude(reference=f"demande:{demande.numero}")
    assert not any(demande.numero in f"{envoi.objet}{envoi.corps}{envoi.en_tetes}" for envoi in dits)


# -- the screen


def session(compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


def test_the_desk_joins_from_the_tray_in_two_clicks_and_goes_to_the_next(demande, ville):
    premiere = arriver(lettre_du_bureau(demande, "Il clignote <b>."))
    seconde = arriver(lettre_du_bureau(demande, "Encore", rang=3, From="Ana <ana@courriel.example>"))
    client = session(ville.agent_accueil)

    liste = client.get("/agent/a-rapprocher/").content.decode()
    assert liste.index(premiere.numero) < liste.index(seconde.numero)
    assert 'À rapprocher <span class="compte">2</span>' in liste
    page = client.get(f"/agent/a-rapprocher/{premiere.numero}/").content.decode()
    assert f"C&#x27;est la même personne\u00a0: joindre à la demande {demande.numero}" in page
    assert "Il clignote &lt;b&gt;." in page
    assert JEANNE in page
    assert AUTRE in page
    assert "Joindre sans mêler" not in page, "they are no reports"

    reponse = client.post(
        f"/agent/a-rapprocher/{premiere.numero}/",
        {"decision": "joindre", "principale": demande.numero, "version": premiere.version + 1},
        follow=True,
    )

    assert reponse.redirect_chain == [(f"/agent/a-rapprocher/{seconde.numero}/", 302)]
    fait = f"La demande {premiere.numero} est jointe à la demande {demande.numero}."
    assert fait in reponse.content.decode()
    assert entrants(demande)[1:] == ["Il clignote <b>."]
    client.post(f"/agent/a-rapprocher/{seconde.numero}/", {"decision": "a_part"})
    assert "Rien à rapprocher" in client.get("/agent/a-rapprocher/").content.decode()
    assert Demande.objects.get(pk=seconde.pk).etat == Etat.NOUVELLE


def test_who_comes_second_reads_who_decided(demande, ville):
    petite = arriver(lettre_du_bureau(demande))
    actions.garder_a_part(petite, auteur=Auteur.agent(ville.responsable_accueil))
    client, chemin = session(ville.agent_accueil), f"/agent/a-rapprocher/{petite.numero}/"
    avant = photographie()

    reponse = client.post(chemin, {"decision": "joindre", "principale": demande.numero})

    assert reponse.status_code == 409
    assert f"{ville.responsable_accueil} a déjà décidé : gardée à part." in reponse.content.decode()
    assert "joindre à la demande" not in reponse.content.decode()
    assert photographie() == avant


@pytest.mark.parametrize(
    "saisie",
    [
        {},
        {"decision": "magie"},
        {"decision": "joindre"},
        {"decision": "joindre", "principale": "2026-9999999"},
        {"decision": "personne", "personne": "1"},
        {"decision": "personne", "personne": "autre", "nom": "  "},
        {"decision": "joindre", "version": "1"},
    ],
)
def test_a_form_made_up_changes_nothing(demande, ville, saisie):
    petite = arriver(lettre_du_bureau(demande))
    if "version" in saisie:
        saisie |= {"principale": demande.numero}
    avant = photographie()
    reponse = session(ville.agent_accueil).post(f"/agent/a-rapprocher/{petite.numero}/", saisie)
    assert reponse.status_code == (409 if "version" in saisie else 422)
    assert photographie() == avant


def test_an_agent_chooses_the_person_among_those_of_the_address(demande, ville):
    paul = factories.creer_usager("Paul", "Martin", courriel=JEANNE)
    sans_nom = arriver(courriel("Et le banc ?", From=JEANNE, Message_ID="<9@x>"))
    client, chemin = session(ville.agent_accueil), f"/agent/a-rapprocher/{sans_nom.numero}/"
    page = client.get(chemin).content.decode()
    assert "Jeanne Martin" in page
    assert "Paul Martin" in page
    assert "demande à part" not in page

    client.post(chemin, {"decision": "personne", "personne": paul.pk})

    assert Demande.objects.get(pk=sans_nom.pk).usager == paul
    assert "Personne choisie, par" in client.get(chemin).content.decode()


def test_a_walled_demande_cited_by_its_references_stays_unknown(ville):
    reservee = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social)
    accuse = Envoi.objects.filter(reference=f"demande:{reservee.numero}").first()
    petite = arriver(courriel("?", From="x@autre.example", plus=f"References: {accuse.message_id}"))
    client = session(ville.agent_accueil)
    for chemin in ("/agent/a-rapprocher/", f"/agent/a-rapprocher/{petite.numero}/"):
        page = client.get(chemin).content.decode()
        assert petite.numero in page
        assert reservee.numero not in page
        assert reservee.objet not in page


def test_the_page_of_the_demande_says_that_it_waits(demande, ville):
    petite = arriver(lettre_du_bureau(demande))
    lien = f'href="/agent/a-rapprocher/{petite.numero}/"'
    page = session(ville.agent_accueil).get(f"/agent/demandes/{petite.numero}/").content.decode()
    assert lien in page
    actions.garder_a_part(petite, auteur=Auteur.agent(ville.agent_accueil))
    page = session(ville.agent_accueil).get(f"/agent/demandes/{petite.numero}/").content.decode()
    assert lien not in page


def test_the_rail_counts_what_waits_and_reads_it_once_a_minute(demande, ville):
    cache.clear()
    client, compte = session(ville.agent_accueil), '<span class="compte">{}<span'
    assert "à traiter<" not in client.get("/agent/accueil/").content.decode()
    petite = arriver(lettre_du_bureau(demande))
    factories.mettre_en_quarantaine(b"Illisible")
    assert "à traiter<" not in client.get("/agent/accueil/").content.decode(), "within the minute"

    # Its own page counts now, and so do those that follow.
    assert compte.format(2) in client.get("/agent/a-rapprocher/").content.decode()
    with CaptureQueriesContext(connection) as requetes:
        assert compte.format(2) in client.get("/agent/accueil/").content.decode()
    assert not any("arapprocher" in requete["sql"] for requete in requetes)

    client.post(f"/agent/a-rapprocher/{petite.numero}/", {"decision": "a_part"}, follow=True)
    assert compte.format(1) in client.get("/agent/accueil/").content.decode()
    assert "à traiter" not in session(ville.agent_voirie).get("/agent/corbeille/").content.decode()


# -- what it does not cite ---------------------------------------------------------------------------------


def version_de(demande: Demande) -> int:
    return Demande.objects.get(pk=demande.pk).version


def bureau_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


def test_a_message_joins_a_demande_found_by_number_person_or_words(demande, ville):
    autre = arriver(lettre_du_bureau(demande))
    jeudi = arriver(courriel("Le banc vert est cassé.", Message_ID="<7@x>", Subject="Banc vert cassé"))
    bureau = bureau_de(ville.agent_accueil)
    page = f"/agent/a-rapprocher/{autre.numero}/"

    for mots in (jeudi.numero, "banc vert", "jeanne martin"):
        lue = bureau.get(page, {"q": mots}).content.decode()
        assert f"joindre à la demande {jeudi.numero}" in lue, mots
    assert "Aucune autre demande" in bureau.get(page, {"q": "piscine"}).content.decode()
    reponse = bureau.post(
        page, {"decision": "joindre", "principale": jeudi.numero, "version": version_de(autre)}
    )

    assert reponse.status_code == 302
    fusionnee = Demande.objects.get(pk=autre.pk)
    assert (fusionnee.etat, fusionnee.principale) == (Etat.FUSIONNEE, jeudi)
    assert entrants(jeudi)[-1] == "Il clignote."


def test_a_demande_the_agent_cannot_read_is_neither_found_nor_joined(demande, ville):
    autre = arriver(lettre_du_bureau(demande))
    sociale = factories.deposer(ville, type=ville.type_social, usager=demande.usager)
    bureau = bureau_de(ville.agent_accueil)
    page = f"/agent/a-rapprocher/{autre.numero}/"

    assert f"demande {sociale.numero}" not in bureau.get(page, {"q": sociale.numero}).content.decode()
    avant = photographie()
    reponse = bureau.post(
        page, {"decision": "joindre", "principale": sociale.numero, "version": version_de(autre)}
    )

    assert reponse.status_code == 422
    assert photographie() == avant


def test_the_same_bytes_by_a_second_mailbox_leave_a_note(ville):
    for nom, adresse in (("Contact", "contact@ville.example"), ("Voirie", "voirie@ville.example")):
        factories.creer_boite(nom=nom, adresses=[adresse])
    brut = courriel(To="contact@ville.example")
    gardee = courriels.recevoir(brut, adresses=("contact@ville.example",))
    demande = reception.traiter(gardee.pk)

    for _ in range(2):
        assert courriels.recevoir(brut, adresses=("voirie@ville.example",)) == gardee

    notes = demande.messages.filter(sens=Message.Sens.INTERNE).values_list("corps", flat=True)
    assert len([note for note in notes if "« Voirie »" in note]) == 1
