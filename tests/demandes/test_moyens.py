"""By which way the city's words reach a person: the one they prefer, as long as it exists."""

import pytest

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.models import Message, Provenance
from guichet.envois.models import Envoi
from tests import factories
from tests.demandes.gestes import session, url

TOUT = {
    "courriel": "lucie@courriel.example",
    "telephone": "06 39 98 12 34",
    "adresse": "3 rue Neuve, 69100 Valmont",
}
PAR_COURRIEL = ("courriel", "lucie@courriel.example")
PAR_LETTRE = ("courrier", "3 rue Neuve, 69100 Valmont")
PAR_TELEPHONE = ("telephone", "06 39 98 12 34")
AU_GUICHET = ("guichet", "")


def prise(ville: factories.Ville, prefere: str = "", **coordonnees: str):
    usager = factories.creer_usager(
        "Lucie", "Perrin", canal_prefere=prefere, **{"courriel": ""} | coordonnees
    )
    return factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)


def dernier(demande) -> Message:
    return demande.messages.filter(sens="sortant").latest("pk")


def parti(demande) -> tuple[str, str]:
    message = dernier(demande)
    return message.canal, message.destinataire


def courriels(message: Message) -> int:
    return Envoi.objects.filter(cle=f"message:{message.pk}").count()


@pytest.mark.parametrize(
    ("prefere", "coordonnees", "ordinaire", "refus"),
    [
        # The preference, when its address exists; a refusal leaves in writing.
        ("", TOUT, PAR_COURRIEL, PAR_COURRIEL),
        ("courriel", TOUT, PAR_COURRIEL, PAR_COURRIEL),
        ("courrier", TOUT, PAR_LETTRE, PAR_LETTRE),
        ("telephone", TOUT, PAR_TELEPHONE, PAR_COURRIEL),
        # This city sends no SMS: who prefers it is called.
        ("sms", TOUT, PAR_TELEPHONE, PAR_COURRIEL),
        ("guichet", TOUT, AU_GUICHET, PAR_COURRIEL),
        ("facebook", TOUT, PAR_COURRIEL, PAR_COURRIEL),
        # No account: what is said of it would not be read.
        ("portail", TOUT, PAR_COURRIEL, PAR_COURRIEL),
        # The preferred address does not exist.
        ("courrier", TOUT | {"adresse": ""}, PAR_COURRIEL, PAR_COURRIEL),
        ("telephone", TOUT | {"telephone": ""}, PAR_COURRIEL, PAR_COURRIEL),
        ("courriel", TOUT | {"courriel": ""}, PAR_LETTRE, PAR_LETTRE),
        # Without e-mail, a letter; without an address either, the phone; never nothing.
        ("", TOUT | {"courriel": ""}, PAR_LETTRE, PAR_LETTRE),
        ("", {"telephone": TOUT["telephone"]}, PAR_TELEPHONE, AU_GUICHET),
        ("", {}, AU_GUICHET, AU_GUICHET),
    ],
)
def test_words_follow_the_preferred_way_and_a_refusal_is_written(
    ville, prefere, coordonnees, ordinaire, refus
):
    demande = prise(ville, prefere, **coordonnees)
    agent = Auteur.agent(ville.agent_voirie)

    actions.ecrire_a_l_usager(demande, auteur=agent, texte="Nous venons jeudi.")
    ecrit = dernier(demande)
    actions.repondre(
        demande,
        auteur=agent,
        texte="Ce n'est pas possible.",
        decision=Decision.REFUS,
        voies_recours="Deux mois.",
    )

    assert (ecrit.canal, ecrit.destinataire) == ordinaire
    assert courriels(ecrit) == (ordinaire == PAR_COURRIEL)
    assert parti(demande) == refus
    assert courriels(dernier(demande)) == (refus == PAR_COURRIEL)


def test_what_is_asked_of_somebody_who_prefers_the_phone_leaves_in_writing(ville):
    demande = prise(ville, "telephone", **TOUT)

    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        elements=["Une photo"],
        texte="Il nous manque une photo.",
        delai_jours=30,
        est_indispensable=True,
    )

    assert parti(demande) == PAR_COURRIEL


def test_an_account_is_told_by_mail_that_something_waits_and_not_what(ville):
    demande = prise(ville, "portail", **TOUT)
    factories.creer_compte_usager(demande.usager)

    actions.ecrire_a_l_usager(
        demande, auteur=Auteur.agent(ville.agent_voirie), texte="Votre dossier de dettes est complet."
    )

    envoi = dernier(demande).envoi
    assert parti(demande) == ("portail", "lucie@courriel.example")
    assert envoi is not None
    assert envoi.destinataire == "lucie@courriel.example"
    assert "dettes" not in envoi.corps
    assert "Une réponse vous attend." in envoi.corps


def test_an_address_that_failed_is_not_one(ville):
    demande = prise(ville, "courriel", **TOUT)
    demande.usager.coordonnees.filter(genre="courriel").update(en_echec_le=demande.recue_le)

    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Nous venons jeudi.")

    assert parti(demande) == PAR_LETTRE
    assert courriels(dernier(demande)) == 0


def test_a_refusal_said_at_the_counter_is_written_too_with_its_remedies(ville):
    usager = factories.creer_usager("Lucie", "Perrin", canal_prefere="courrier", **TOUT)
    demande = factories.demande_dans(Etat.QUALIFIEE, ville, usager=usager, canal="guichet")
    fiche = factories.creer_fiche(ville.type_voirie)

    actions.repondre_immediatement(
        demande,
        auteur=Auteur.agent(ville.agent_accueil),
        texte="La ville ne peut pas reboucher un trou sur un terrain privé.",
        fiche=fiche,
        decision=Decision.REFUS,
    )

    assert parti(demande) == PAR_LETTRE
    assert "deux mois" in dernier(demande).corps
    assert not Envoi.objects.filter(cle__contains="repondue_oralement").exists()


def test_the_composer_writes_the_way_out_before_sending(ville):
    demande = prise(ville, "telephone", **TOUT)
    client = session(ville.agent_voirie)
    lu = {
        geste: " ".join(client.get(url(demande, geste)).content.decode().split())
        for geste in ("ecrire_a_l_usager", "repondre", "demander_complement")
    }

    assert "Lucie Perrin</strong>, par téléphone au 06 39 98 12 34." in lu["ecrire_a_l_usager"]
    assert "Un refus partira" not in lu["ecrire_a_l_usager"]
    assert "par téléphone au 06 39 98 12 34." in lu["repondre"]
    assert "Un refus partira par courriel à lucie@courriel.example." in lu["repondre"]
    assert "Lucie Perrin</strong>, par courriel à lucie@courriel.example." in lu["demander_complement"]


def test_the_composer_says_that_a_letter_must_be_posted(ville):
    demande = prise(ville, "courrier", **TOUT)

    lu = session(ville.agent_voirie).get(demande_url(demande)).content.decode()

    assert "Lucie Perrin</strong>, par lettre à 3 rue Neuve, 69100 Valmont." in lu
    assert "la lettre sera à imprimer et à poster" in lu
    assert "Enregistrer le message" in lu


def demande_url(demande) -> str:
    return f"/agent/demandes/{demande.numero}/"


# -- what was asked for this answer ------------------------------------------------------------------------


def souhaitee(ville, canal: str, **coordonnees: str):
    demande = prise(ville, "", **coordonnees)
    Provenance.objects.create(demande=demande, reponse_souhaitee=canal)
    return type(demande).objects.pour_fil().get(pk=demande.pk)


@pytest.mark.parametrize(
    ("souhait", "coordonnees", "attendu"),
    [
        ("courrier", TOUT, PAR_LETTRE),
        ("telephone", TOUT, PAR_TELEPHONE),
        # Asked for, but their card has nowhere to send it.
        ("courrier", TOUT | {"adresse": ""}, PAR_COURRIEL),
    ],
)
def test_what_the_person_asked_for_with_this_demande_comes_first(ville, souhait, coordonnees, attendu):
    demande = souhaitee(ville, souhait, **coordonnees)

    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Nous venons jeudi.")

    assert parti(demande) == attendu


def test_a_preference_told_since_replaces_what_was_asked_with_the_demande(ville):
    demande = souhaitee(ville, "courrier", **TOUT)
    client = session(ville.agent_accueil)
    fiche = {"prenom": "Lucie", "nom": "Perrin", "adresse": TOUT["adresse"], "canal_prefere": "telephone"}

    assert client.post(f"/agent/usagers/{demande.usager.pk}/modifier/", fiche).status_code == 302

    relue = type(demande).objects.pour_fil().get(pk=demande.pk)
    actions.ecrire_a_l_usager(relue, auteur=Auteur.agent(ville.agent_voirie), texte="Nous venons jeudi.")
    assert parti(relue) == PAR_TELEPHONE


def test_who_wrote_a_letter_is_answered_by_letter_unless_they_prefer_otherwise(ville):
    for prefere, attendu in (("", PAR_LETTRE), ("courriel", PAR_COURRIEL)):
        usager = factories.creer_usager("Lucie", "Perrin", canal_prefere=prefere, **TOUT)
        demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager, canal="courrier")
        actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Jeudi.")
        assert parti(demande) == attendu
