"""Two people report the same thing: one demande is worked on, each follows it without meeting the other."""

from demandes.etats import Etat
from tests import factories
from tests.parcours.gestes import journal, liens, relire, texte_de
from tests.parcours.visiteur import Page

REPONSE = "Bonjour,\n\nLa chaussée est refaite."
IDENTITES = ("Jeanne", "Martin", "jeanne@courriel.example", "Paul", "Durand", "paul@courriel.example")
RECITS = ("Je suis tombée de vélo.", "Ma voiture a heurté le trou.")


def test_merged_followed_by_both_then_set_apart(maison, ville, connecter, agit):
    jeanne = factories.creer_usager("Jeanne", "Martin", courriel="jeanne@courriel.example")
    paul = factories.creer_usager("Paul", "Durand", courriel="paul@courriel.example")
    premiere = factories.demande_dans(Etat.ORIENTEE, ville, usager=jeanne, texte=RECITS[0]).numero
    seconde = factories.demande_dans(Etat.QUALIFIEE, ville, usager=paul, texte=RECITS[1]).numero
    chez_paul = connecter(factories.creer_compte_usager(paul))
    chez_jeanne = connecter(factories.creer_compte_usager(jeanne))
    maison.vider_la_boite()

    # The desk sees that they are alike, and groups them.
    page = connecter(ville.agent_accueil).ouvrir(f"/agent/demandes/{seconde}/gestes/fusionner/")
    assert "même adresse" in page
    agit(ville.agent_accueil, seconde, "fusionner", principale=premiere)
    assert relire(seconde).etat == Etat.FUSIONNEE
    courriel = maison.courriel(paul.courriel, "regroupée avec une autre")
    sans_l_autre(texte_de(courriel), jeanne=True)

    # Paul reads the state of the main one on his own page, and nothing of Jeanne.
    page = chez_paul.ouvrir(f"/mes-demandes/{seconde}/")
    assert "Transmise au service" in page
    assert RECITS[1] in page
    sans_l_autre(page.texte, jeanne=True)
    sans_l_autre(chez_jeanne.ouvrir(f"/mes-demandes/{premiere}/").texte, jeanne=False)
    assert chez_paul.demander("GET", f"/mes-demandes/{premiere}/").statut == 404

    # The direction answers once: Jeanne gets the answer, Paul that there is one.
    agit(ville.agent_voirie, premiere, "prendre_en_charge")
    agit(ville.agent_voirie, premiere, "repondre", texte=REPONSE, decision="accord")
    maison.courriel(jeanne.courriel, "Réponse à votre demande")
    courriel = maison.courriel(paul.courriel, "Une réponse est apportée")
    assert seconde in courriel["Subject"]
    sans_l_autre(texte_de(courriel), jeanne=True)
    page = chez_paul.ouvrir(liens(courriel)[0])
    assert "Réponse apportée" in page
    sans_l_autre(page.texte, jeanne=True)

    # It was another hole after all: the head of the desk sets it apart, and it starts again.
    assert "defusionner" not in connecter(ville.agent_accueil).ouvrir(f"/agent/demandes/{seconde}/").gestes
    agit(ville.responsable_accueil, seconde, "defusionner")
    demande = relire(seconde)
    assert (demande.etat, demande.principale, demande.fusionnee_le) == (Etat.QUALIFIEE, None, None)
    assert not relire(premiere).co_signalants.exists()
    assert journal(seconde)[-2:] == ["fusionner", "defusionner"]
    assert "Reçue" in chez_paul.ouvrir(f"/mes-demandes/{seconde}/")


def sans_l_autre(texte: str, *, jeanne: bool) -> None:
    """Nothing of the other reporter: neither name, nor address, nor words."""
    autre = (*IDENTITES[:3], RECITS[0]) if jeanne else (*IDENTITES[3:], RECITS[1])
    assert [mot for mot in autre if mot in texte] == []


def test_a_chain_of_groups_leads_everybody_to_the_last_one(maison, ville, connecter, agit):
    gens = [factories.creer_usager(prenom, "Test") for prenom in ("Ana", "Bob", "Cléo")]
    a, b, c = (factories.demande_dans(Etat.QUALIFIEE, ville, usager=usager).numero for usager in gens)

    agit(ville.agent_accueil, c, "fusionner", principale=b)
    agit(ville.agent_accueil, b, "fusionner", principale=a)
    agit(ville.agent_accueil, a, "orienter", direction=ville.voirie.pk)

    assert {relire(n).principale.numero for n in (b, c)} == {a}
    assert relire(a).co_signalants.count() == 2
    for usager, numero in zip(gens[1:], (b, c), strict=True):
        page = connecter(factories.creer_compte_usager(usager)).ouvrir(f"/mes-demandes/{numero}/")
        assert "Transmise au service" in page
        assert [autre.prenom for autre in gens if autre != usager and autre.prenom in page] == []


def test_agents_see_how_many_follow_it_and_only_their_own_numbers(maison, ville, connecter, agit):
    premiere = factories.demande_dans(Etat.ORIENTEE, ville).numero
    seconde = factories.demande_dans(Etat.QUALIFIEE, ville).numero
    agit(ville.agent_accueil, seconde, "fusionner", principale=premiere)

    page: Page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{premiere}/")

    assert "1 autre personne suit cette demande." in page
    assert connecter(ville.agent_voirie).demander("GET", f"/agent/demandes/{seconde}/").statut == 404
