"""Not the city's business: handed to the one that can act, who says no; the city takes it up again."""

from demandes.etats import Decision, Etat
from tests import factories
from tests.parcours.gestes import journal, liens, relire, texte_de


def test_transmitted_and_come_back(maison, ville, connecter, agit, anonyme):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)
    numero = demande.numero
    maison.vider_la_boite()

    agit(
        ville.agent_voirie,
        numero,
        "transmettre",
        organisme="Métropole de la Saône",
        contact="04 65 71 60 00",
        commentaire="Route métropolitaine.",
    )

    # The law wants the resident told by whom from now on (CRPA, art. L114-2).
    courriel = texte_de(maison.courriel(usager.courriel, "transmise à un autre organisme"))
    assert "Métropole de la Saône" in courriel
    assert "04 65 71 60 00" in courriel
    assert "Route métropolitaine." not in courriel
    apres = relire(numero)
    assert (apres.etat, apres.decision) == (Etat.TRANSMISE_EXTERNE, Decision.TRANSMISE)
    page = anonyme.ouvrir(f"/suivi/{numero}/{apres.jeton_suivi}/")
    assert "Transmise à Métropole de la Saône" in page

    # They answer that it is ours: the desk writes it down, the resident is told, and it starts again.
    agit(
        ville.agent_accueil,
        numero,
        "retour_externe",
        motif="refus_organisme",
        texte="La métropole répond que cette rue est communale.",
    )
    apres = relire(numero)
    assert (apres.etat, apres.organisme, apres.decision, apres.direction) == (Etat.QUALIFIEE, "", "", None)
    assert (apres.recue_le, apres.echeance_legale) == (demande.recue_le, demande.echeance_legale)
    agit(ville.agent_accueil, numero, "orienter", direction=ville.voirie.pk)
    page = agit(ville.agent_voirie, numero, "prendre_en_charge")
    assert "cette rue est communale" in page
    agit(ville.agent_voirie, numero, "repondre", texte="Nous passons lundi.", decision="accord")

    reponse = maison.courriel(usager.courriel, "Réponse à votre demande")
    page = anonyme.ouvrir(liens(reponse)[0])
    assert "Nous passons lundi." in page
    assert "cette rue est communale" not in page, "an internal note"
    assert journal(numero)[4:] == [
        "transmettre",
        "retour_externe",
        "orienter",
        "prendre_en_charge",
        "repondre",
    ]


def test_out_of_our_hands_is_never_a_rejection(maison, ville, connecter):
    numero = factories.demande_dans(Etat.QUALIFIEE, ville).numero

    page = connecter(ville.agent_accueil).ouvrir(f"/agent/demandes/{numero}/gestes/rejeter/")

    motifs = {entree["value"] for entree in page.html.select("[name=motif]")}
    assert motifs == {"irrecevable", "abusif"}
