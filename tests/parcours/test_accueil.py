"""The desk: a call answered at first contact, a visit routed, an entry in a walled secteur."""

from demandes.etats import Etat
from demandes.models import Contact, Demande
from guichet.envois.models import Envoi
from tests import factories
from tests.parcours.gestes import journal, relire
from tests.parcours.visiteur import Page


def test_a_call_answered_at_first_contact_with_a_fiche(maison, ville, connecter):
    fiche = factories.creer_fiche(ville.type_voirie)
    salimata = connecter(ville.agent_accueil)

    # The phone rings: the clock of the call starts, nobody is known yet.
    page = salimata.ouvrir("/agent/accueil/").envoyer("Appel")
    assert "Appel en cours" in page
    page = salimata.ouvrir("/agent/saisie/").envoyer("Continuer", type_q="trou", usager_q="Girard")
    assert 'value="Girard"' in page.html.decode()
    page = page.envoyer("Choisir : Nid-de-poule")
    page = page.envoyer(f"Répondre avec la fiche : {fiche.question}")
    assert fiche.reponse in page
    page = page.envoyer(
        "Répondre tout de suite",
        texte="Demande quand le trou sera rebouché.",
        prenom="Paul",
        nom="Girard",
        telephone="06 39 98 11 22",
        courriel="paul.girard@courriel.example",
        territoire=ville.territoire.pk,
        **{"f-adresse": "3 rue du Port", "f-nature": "trou"},
    )

    assert page.titre == "Répondue au premier contact", page.texte
    demande = Demande.objects.pour_fil().get()
    assert (demande.etat, demande.resolue_au_premier_contact) == (Etat.TRAITEE, True)
    assert (demande.canal, demande.usager.telephone) == ("telephone", "+33639981122")
    assert journal(demande.numero) == ["enregistrer", "repondre_immediatement"]
    assert demande.code_suivi[:4] in page
    page = page.envoyer("Terminer l'appel")
    assert "répondu tout de suite" in page
    contact = Contact.objects.get()
    assert (contact.resultat, contact.usager) == ("repondu", demande.usager)
    assert [(s.demande, s.fiche) for s in contact.sujets.all()] == [(demande, fiche)]
    assert "Appel en cours" not in salimata.ouvrir("/agent/accueil/")
    maison.courriel("paul.girard@courriel.example", "Réponse donnée")


def test_a_question_answered_on_the_phone_opens_no_demande(maison, ville, connecter):
    fiche = factories.creer_fiche(ville.type_voirie)
    salimata = connecter(ville.agent_accueil)
    salimata.ouvrir("/agent/accueil/").envoyer("Appel")

    page = salimata.ouvrir(f"/agent/fiches/{fiche.code}/").envoyer("Question répondue")

    assert "Appel terminé en" in page
    assert not Demande.objects.exists()
    assert Contact.objects.get().resultat == "repondu"


def test_a_visit_by_somebody_known_is_routed_to_a_direction(maison, ville, connecter, agit):
    usager = factories.creer_usager("Jeanne", "Martin", telephone="06 39 98 33 44")
    ancienne = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)
    salimata = connecter(ville.agent_accueil)

    # Any of the ways people are named finds her; her card shows what is already open.
    for mots in ("martin jeanne", "0639983344", usager.courriel, ancienne.numero):
        assert "Jeanne Martin" in salimata.demander("GET", f"/agent/accueil/?q={mots}"), mots
    carte = salimata.ouvrir(f"/agent/usagers/{usager.pk}/")
    assert ancienne.numero in carte

    page = salimata.ouvrir(f"/agent/saisie/?usager={usager.pk}&canal=guichet")
    assert "Déjà en cours pour cette personne" in page
    page = page.envoyer("Continuer", type_q="trou").envoyer("Choisir : Nid-de-poule")
    page = page.envoyer(
        "Orienter",
        texte="La bordure du trottoir est cassée.",
        note="Elle a montré une photo sur son téléphone.",
        territoire=ville.territoire.pk,
        **{"f-adresse": "5 rue du Port", "f-nature": "bordure"},
    )

    assert page.titre == "Orientée vers Voirie", page.texte
    demande = Demande.objects.exclude(pk=ancienne.pk).get()
    assert (demande.usager, demande.etat, demande.canal) == (usager, Etat.ORIENTEE, "guichet")
    page = agit(ville.agent_voirie, demande.numero, "prendre_en_charge")
    assert "Elle a montré une photo" in page


def test_what_an_agent_enters_in_a_walled_secteur_is_number_and_clocks_from_then_on(
    maison, ville, connecter, agit
):
    salimata = connecter(ville.agent_accueil)
    page = salimata.ouvrir("/agent/saisie/?canal=guichet&type=CCAS-AIDE")
    assert "Secteur réservé" in page
    assert [b for b in page.boutons if b in ("Répondre tout de suite", "Enregistrer sans orienter")] == []

    page = page.envoyer(
        "Orienter",
        texte="Ne peut plus payer son loyer depuis mars.",
        objet="Loyer impayé",
        prenom="Lucie",
        nom="Perrin",
        courriel="lucie.perrin@courriel.example",
        **{"f-nature": "trou"},
    )

    # She hands over the receipt…
    demande = Demande.objects.pour_fil().get()
    assert demande.numero in page
    assert "Réservé au service habilité" in page
    assert (demande.etat, demande.secteur, demande.direction) == (Etat.ORIENTEE, "social", ville.ccas)

    # … and afterwards knows number and clocks, wherever she looks.
    for chemin in (
        f"/agent/demandes/{demande.numero}/",
        "/agent/corbeille/?vue=accueil",
        f"/agent/accueil/?q={demande.numero}",
        "/agent/accueil/?q=loyer",
        "/agent/corbeille/?vue=accueil&texte=loyer",
        "/agent/corbeille/?vue=accueil&texte=perrin",
    ):
        lue = sans_la_question(salimata.ouvrir(chemin))
        assert [mot for mot in ("loyer", "perrin") if mot in lue] == [], chemin
    assert demande.numero in salimata.ouvrir("/agent/corbeille/?vue=accueil")
    assert "Demande réservée" in salimata.ouvrir(f"/agent/demandes/{demande.numero}/")
    # People are in the desk's directory; what they asked is not on their card.
    carte = salimata.ouvrir(f"/agent/usagers/{demande.usager.pk}/")
    assert demande.numero not in carte
    assert "loyer" not in carte

    # Her desk answers for it all the same: she may write, without reading.
    page = salimata.ouvrir(f"/agent/demandes/{demande.numero}/gestes/ecrire_a_l_usager/")
    page = page.envoyer("Écrire à l'usager", texte="Le CCAS vous appelle demain.")
    assert page.statut == 200
    assert "Le CCAS vous appelle demain." not in page

    # Colleagues cleared for the secteur read it; the mail itself says nothing.
    assert "Ne peut plus payer son loyer" in connecter(ville.agent_ccas).ouvrir(
        f"/agent/demandes/{demande.numero}/"
    )
    assert "Ne peut plus payer son loyer" in connecter(ville.agent_accueil_habilite).ouvrir(
        f"/agent/demandes/{demande.numero}/"
    )
    assert connecter(ville.agent_voirie).demander("GET", f"/agent/demandes/{demande.numero}/").statut == 404
    maison.courriel("lucie.perrin@courriel.example", "Message au sujet")
    for envoi in Envoi.objects.filter(destinataire="lucie.perrin@courriel.example"):
        assert "loyer" not in f"{envoi.objet} {envoi.corps}".lower()
        assert "CCAS vous appelle" not in envoi.corps
    assert relire(demande.numero).messages.filter(corps__contains="CCAS vous appelle").exists()


def sans_la_question(page: Page) -> str:
    """The words of a page, less those it repeats from its own address."""
    for balise in page.html.select("title, input, .puces"):
        balise.decompose()
    texte = " ".join(page.html.get_text(" ").split()).lower()
    return texte.replace("« loyer »", "").replace("« perrin »", "")
