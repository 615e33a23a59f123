"""A resident asks on the web; the rules route it, a direction answers, the resident reads the answer."""

from demandes.etats import Etat
from guichet.organisation.models import Voie
from tests import factories
from tests.parcours.gestes import PAUL, RECIT, deposer, journal, liens, relire, texte_de

REPONSE = "Bonjour,\n\nLe trou du 12 rue des Tisserands est rebouché depuis ce matin."


def test_from_the_web_to_the_answer_read_behind_its_link(maison, ville, anonyme, connecter, agit):
    Voie(nom="rue des Tisserands", territoire=ville.territoire).save()

    recu, demande = deposer(anonyme)
    numero = demande.numero

    # The rules routed it: type and district left no doubt.
    assert journal(numero) == ["enregistrer", "qualifier", "orienter"]
    assert (demande.etat, demande.direction, demande.territoire) == (
        Etat.ORIENTEE,
        ville.voirie,
        ville.territoire,
    )
    assert demande.code_suivi in recu
    accuse = maison.courriel(PAUL["courriel"], "est enregistrée")
    assert numero in texte_de(accuse)
    assert accuse["Auto-Submitted"] == "auto-generated"

    # A direction finds it in its queue, takes it from there, reads it whole, and answers.
    karim = connecter(ville.agent_voirie)
    corbeille = karim.ouvrir("/agent/corbeille/")
    assert "12 rue des Tisserands" in corbeille
    prise = corbeille.envoyer("Prendre")
    assert prise.statut == 200
    assert relire(numero).agent_traitant == ville.agent_voirie
    dossier = karim.ouvrir(f"/agent/demandes/{numero}/")
    assert RECIT in dossier
    assert "trou.jpg" in dossier
    assert "Paul Durand" in dossier
    agit(ville.agent_voirie, numero, "repondre", texte=REPONSE, decision="accord")

    # The answer comes by e-mail, and its link opens the whole story.
    reponse = maison.courriel(PAUL["courriel"], "Réponse à votre demande")
    assert "est rebouché depuis ce matin" in texte_de(reponse)
    (lien,) = set(liens(reponse))
    page = anonyme.ouvrir(lien)
    assert "Réponse apportée" in page
    assert REPONSE in page
    assert "Karim Belkacem" in page
    assert RECIT in page
    assert journal(numero)[3:] == ["prendre_en_charge", "repondre"]

    # « C'est réglé »
    assert "Clôturée" in page.envoyer("Oui, c'est réglé")
    assert relire(numero).etat == Etat.CLOSE


def test_from_one_s_account(maison, ville, connecter, agit):
    usager = factories.creer_usager("Amina", "Saïdi", courriel="amina.saidi@courriel.example")
    amina = connecter(factories.creer_compte_usager(usager))

    _, demande = deposer(amina, personne={})
    assert demande.usager == usager
    agit(ville.agent_accueil, demande.numero, "qualifier", territoire=ville.territoire.pk)
    agit(ville.agent_accueil, demande.numero, "orienter", direction=ville.voirie.pk)
    agit(ville.agent_voirie, demande.numero, "prendre_en_charge")
    agit(ville.agent_voirie, demande.numero, "repondre", texte=REPONSE, decision="accord")

    liste = amina.ouvrir("/mes-demandes/")
    assert "Réponse apportée" in liste
    page = amina.ouvrir(f"/mes-demandes/{demande.numero}/")
    assert REPONSE in page
    assert journal(demande.numero) == [
        "enregistrer",
        "qualifier",
        "orienter",
        "prendre_en_charge",
        "repondre",
    ]


def test_without_a_name_one_follows_by_number_and_code(maison, ville, anonyme, visiteurs, agit):
    _, demande = deposer(anonyme, personne=None)
    assert demande.est_anonyme
    assert demande.etat == Etat.NOUVELLE, "nobody knows the district: the desk reads it first"
    agit(ville.agent_accueil, demande.numero, "qualifier")
    agit(ville.agent_accueil, demande.numero, "orienter")

    ailleurs = visiteurs()
    page = ailleurs.ouvrir("/suivi/").envoyer(
        "Voir ma demande",
        numero=demande.numero,
        code=f" {demande.code_suivi[:4].lower()} {demande.code_suivi[4:]}",
    )

    assert "Transmise au service" in page
    assert RECIT not in page
    page = page.envoyer("Envoyer le message", texte="Le trou est devant le portail bleu.")
    assert page.statut == 200
    assert "Le trou est devant le portail bleu." in agit(
        ville.agent_voirie, demande.numero, "prendre_en_charge"
    )


def test_a_wrong_code_and_an_unknown_number_read_the_same(maison, ville, anonyme, visiteurs):
    _, demande = deposer(anonyme)
    curieux = visiteurs()

    pages = [
        curieux.ouvrir("/suivi/").envoyer("Voir ma demande", numero=numero, code=code)
        for numero, code in ((demande.numero, "BBBBBBBB"), ("2026-9999999", demande.code_suivi))
    ]

    assert [page.statut for page in pages] == [422, 422]
    assert len({page.texte.replace(demande.numero, "").replace("2026-9999999", "") for page in pages}) == 1


def test_the_receipt_is_a_page_and_a_pdf(maison, ville, anonyme):
    recu, demande = deposer(anonyme)

    reponse = anonyme.session.get(
        f"{maison.adresse}/suivi/{demande.numero}/{demande.jeton_suivi}/accuse.pdf", timeout=60
    )

    assert reponse.status_code == 200
    assert reponse.content.startswith(b"%PDF-")
    assert "Suivre ma demande" in recu.boutons
