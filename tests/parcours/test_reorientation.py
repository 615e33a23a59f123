"""A direction says it is not hers: once it goes elsewhere, twice it goes back to the head of the desk."""

from demandes.etats import Etat
from tests import factories
from tests.parcours.gestes import journal, relire


def test_the_second_refusal_goes_back_to_the_desk_whose_head_decides(maison, ville, connecter, agit):
    numero = factories.demande_dans(Etat.ORIENTEE, ville).numero

    # Once: to another direction, which loses sight of it here.
    agit(
        ville.agent_voirie,
        numero,
        "reorienter",
        direction=ville.proprete.pk,
        motif="mauvaise_direction",
        commentaire="Ce sont des gravats abandonnés.",
    )
    assert connecter(ville.agent_voirie).demander("GET", f"/agent/demandes/{numero}/").statut == 404
    assert (relire(numero).direction, relire(numero).compteur_reorientations) == (ville.proprete, 1)

    # Twice: the page says so before it is sent, and it lands at the desk.
    yanis = connecter(ville.agent_proprete)
    page = yanis.ouvrir(f"/agent/demandes/{numero}/gestes/reorienter/")
    assert "Cette demande a déjà été réorientée : elle repart à l'accueil" in page
    page = page.envoyer("Réorienter", motif="mauvaise_direction")
    assert page.statut == 200
    demande = relire(numero)
    assert (demande.etat, demande.direction) == (Etat.QUALIFIEE, None)
    assert demande.arbitrage_demande_le is not None

    # An agent of the desk may not decide; its head finds it under « Arbitrages » and does.
    page = connecter(ville.agent_accueil).ouvrir(f"/agent/demandes/{numero}/")
    assert "orienter" not in page.gestes
    helene = connecter(ville.responsable_accueil)
    assert numero in helene.ouvrir("/agent/corbeille/?vue=arbitrages")
    agit(ville.responsable_accueil, numero, "orienter", direction=ville.voirie.pk, commentaire="À la voirie.")
    assert relire(numero).est_arbitree

    # From there, the direction's agent cannot refuse any more; their head can.
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert not {"reorienter", "renvoyer_a_l_accueil"} & page.gestes
    refus = page.visiteur.ouvrir(f"/agent/demandes/{numero}/gestes/renvoyer_a_l_accueil/")
    refus = refus.envoyer(refus.bouton_principal, motif="deuxieme_reorientation")
    assert refus.statut == 422
    assert "seul votre responsable peut la refuser" in refus
    assert relire(numero).etat == Etat.ORIENTEE
    agit(ville.responsable_voirie, numero, "renvoyer_a_l_accueil", motif="deuxieme_reorientation")

    assert relire(numero).etat == Etat.QUALIFIEE
    assert journal(numero) == [
        "enregistrer",
        "qualifier",
        "orienter",
        "reorienter",
        "renvoyer_a_l_accueil",
        "orienter",
        "renvoyer_a_l_accueil",
    ]


def test_the_legal_date_does_not_move_with_the_direction(maison, ville, agit):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    agit(
        ville.agent_voirie,
        demande.numero,
        "reorienter",
        direction=ville.proprete.pk,
        motif="mauvaise_direction",
    )

    apres = relire(demande.numero)
    assert (apres.echeance_legale, apres.recue_le) == (demande.echeance_legale, demande.recue_le)
    assert (apres.agent_traitant, apres.prise_en_charge_le) == (None, None)
