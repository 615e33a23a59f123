"""What is public may go on in private, when the person comes; what breaks the charter is hidden, with why."""

import pytest
from django.test import Client

from demandes import actions, releve_reseaux
from demandes.actions.publications import a_masquer
from demandes.droits import Auteur
from demandes.models import Demande, Message, Publication
from demandes.moyens import Moyen, moyen_de
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation import ville as identite
from guichet.organisation.models import IdentiteVille
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests.demandes.gestes import relire, session, url
from tests.demandes.sorties import publier
from tests.demandes.test_facebook import commentaire, prive
from tests.demandes.test_publications_saisies import saisir
from tests.demandes.test_reponses_facebook import page, recevoir
from tests.graphe import erreur

__all__ = ["page"]


def inviter(ville, demande: Demande) -> None:
    accueil = session(ville.agent_accueil)
    formulaire = accueil.get(url(demande, "inviter_en_prive"))
    texte = formulaire.context["formulaire"].initial["texte"]
    assert "http" not in texte
    fait = accueil.post(url(demande, "inviter_en_prive"), {"version": demande.version, "texte": texte})
    assert fait.status_code == 303
    actions.publier(relire(demande), auteur=Auteur.agent(ville.responsable_accueil))


def test_who_is_invited_and_writes_in_private_is_answered_there(ville, page):
    demande = recevoir(changes=[commentaire("Un trou devant chez moi", auteur="88")])
    inviter(ville, relire(demande))
    publier()
    assert [c["message"][:8] for c in page.commentaires["1_2"]] == ["Bonjour,"]

    suite = recevoir(messaging=[prive(1, auteur="88", text="Je suis au 4 rue Neuve")])

    assert suite == demande
    assert moyen_de(relire(demande)) == Moyen(Canal.FACEBOOK, "Messenger 88")
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Merci, à jeudi.")
    publier()
    assert [m["recipient"] for m in page.messages] == [{"id": "88"}]


def test_without_an_invitation_or_from_somebody_else_private_stays_apart(ville, page):
    demande = recevoir(changes=[commentaire("Un trou", auteur="88")])
    autre = recevoir(messaging=[prive(1, auteur="88", text="Ma poubelle")])
    assert autre != demande
    inviter(ville, relire(demande))
    assert recevoir(messaging=[prive(2, auteur="99", text="Moi aussi")]) not in (demande, autre)


def test_nobody_is_invited_from_a_private_message(ville, page):
    demande = recevoir(messaging=[prive(1, text="Ma poubelle")])
    with pytest.raises(Refus, match="déjà en privé"):
        actions.inviter_en_prive(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Bonjour")
    accueil = session(ville.agent_accueil)
    assert "inviter_en_prive" not in accueil.get(f"/agent/demandes/{demande.numero}/").content.decode()


def masquer(ville, demande, raison="Une injure envers un agent.") -> None:
    actions.masquer_la_publication(demande, auteur=Auteur.agent(ville.agent_accueil), raison=raison)


def test_a_comment_is_hidden_on_facebook_with_its_reason_and_the_demande_goes_on(ville, page):
    demande = recevoir(changes=[commentaire("Bande d'incapables, il y a un trou")])
    masquer(ville, demande)
    publier()

    assert page.masques == ["1_2"]
    assert Publication.objects.get().masquee_le is not None
    note = Message.objects.get(sens="interne")
    assert (note.corps, note.auteur) == (
        "Publication masquée : Une injure envers un agent.",
        ville.agent_accueil,
    )
    ligne = demande.journal.latest("rang")
    assert ligne.geste == "masquer_la_publication"
    assert "injure" not in str(ligne.details)
    assert relire(demande).est_ouverte
    assert a_masquer(demande) is None


def test_what_facebook_would_not_hide_is_told_once_and_may_be_asked_again(ville, page):
    demande = recevoir(changes=[commentaire("Un trou")])
    masquer(ville, demande)
    page.erreur = erreur(100, "Unsupported post request")["error"]
    publier()
    publier()

    dit = "Le réseau n'a pas masqué la publication : Facebook a répondu 100 : Unsupported post request"
    assert list(Message.objects.filter(sens="interne").order_by("pk").values_list("corps", flat=True))[
        1:
    ] == [dit]
    assert a_masquer(demande) is not None
    page.erreur = None
    masquer(ville, relire(demande))
    publier()
    assert page.masques == ["1_2"]
    releve_reseaux.rester_visibles()
    assert a_masquer(demande) is None


def test_elsewhere_the_act_is_noted_and_nothing_leaves(ville):
    saisir(ville)
    demande = Demande.objects.get()
    fait = session(ville.agent_accueil).post(
        url(demande, "masquer_la_publication"), {"version": demande.version, "raison": "Une menace."}
    )
    assert fait.status_code == 303
    assert Publication.objects.get().masquee_le is not None
    assert not Envoi.objects.filter(canal=Canal.RESEAU).exists()
    assert not Envoi.objects.filter(reference__startswith="masquer:").exists()


def test_hiding_says_why(ville):
    saisir(ville)
    demande = Demande.objects.get()
    with pytest.raises(DonneeInvalide, match="Dites pourquoi"):
        masquer(ville, demande, raison=" ")
    assert Publication.objects.get().masquee_le is None


def test_what_is_private_is_hidden_from_nobody(ville, page):
    demande = recevoir(messaging=[prive(1, text="Ma poubelle")])
    with pytest.raises(Refus, match="à masquer"):
        masquer(ville, demande)


def test_the_promise_ends_the_invitation_and_the_charter_helps_to_say_why(ville, settings):
    saisir(ville)
    demande = Demande.objects.get()
    IdentiteVille.objects.create(
        nom="Saint-Ferréol",
        adresse="3 place du Marché",
        telephone="04 65 71 12 00",
        courriel="mairie@saint-ferreol.example",
        promesse_reseaux="Nous répondons du lundi au vendredi.",
        charte_reseaux="Ni injure, ni menace.",
    )
    identite.oublier()
    accueil = session(ville.agent_accueil)
    composer = accueil.get(f"/agent/demandes/{demande.numero}/").content.decode()
    assert "Annoncé sur les réseaux : « Nous répondons du lundi au vendredi. »" in composer
    invitation = accueil.get(url(demande, "inviter_en_prive")).context["formulaire"].initial["texte"]
    adresse = f"{settings.GUICHET_ADRESSE}/charte-des-reseaux/"
    assert invitation.endswith(
        f"si vous le voulez bien. Nous répondons du lundi au vendredi. Notre charte : {adresse}"
    )
    assert (
        f"Votre charte : Ni injure, ni menace. ({adresse})"
        in accueil.get(url(demande, "masquer_la_publication")).content.decode()
    )
    for chemin, dits in (
        ("/charte-des-reseaux/", ("<p>Ni injure, ni menace.</p>", 'href="/charte-des-reseaux/"')),
        ("/en/charte-des-reseaux/", ('<div lang="fr"><p>Ni injure', "If your post is hidden")),
    ):
        page = Client().get(chemin).content.decode()
        assert [dit for dit in dits if dit not in page] == []
    identite.oublier()
