"""« Enlevez-moi »: a subscriber who phones or writes is found by their whole address, and by nothing less."""

from django.test import Client
from django.utils import timezone

from guichet.envois.models import Envoi
from guichet.organisation.models import Compte, Modification, Role
from portal import abonnements
from portal.models import Abonne
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import texte_de

NORA = "nora.benali@courriel.example"
ECRAN = "/agent/abonnes/"


def client_de(compte: Compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


def test_the_head_of_the_desk_removes_who_asks_and_the_register_names_no_address(ville: Ville) -> None:
    abonnements.demander(NORA, abonnements.Choix(["arr_3"], ["meteo"]), langue="fr")
    abonne = Abonne.objects.get()
    abonnements.confirmer(abonne)
    autre = Abonne.objects.create(courriel="autre@courriel.example", langue="fr", confirme_le=timezone.now())
    Abonne.objects.create(courriel="attend@courriel.example", langue="fr")
    client = client_de(ville.responsable_accueil)

    ecran = texte_de(client.get(ECRAN))
    assert "<dt>Abonnés</dt><dd>2</dd>" in ecran
    assert "<dt>À confirmer</dt><dd>1</dd>" in ecran
    assert "courriel.example" not in ecran
    # A part of an address finds nobody; its capitals do not matter. What was chosen is not told.
    assert "@courriel.example" not in texte_de(client.post(ECRAN, {"courriel": "nora"}))
    trop_peu = texte_de(client.post(ECRAN, {"courriel": "benali@courriel.example"}))
    assert "Cette adresse n'est pas dans la liste" in trop_peu
    assert NORA not in trop_peu
    trouve = client.post(ECRAN, {"courriel": " Nora.Benali@courriel.example "})
    assert (trouve.status_code, trouve.context["abonne"]) == (200, abonne)
    assert "Retirer de la liste" in texte_de(trouve)
    assert "météo" not in texte_de(trouve).lower()
    assert "no-store" in trouve["Cache-Control"]

    parti = client.post(ECRAN, {"courriel": NORA, "geste": "retirer"}, follow=True)
    assert "L&#x27;adresse est effacée." in texte_de(parti)
    assert list(Abonne.objects.filter(confirme_le__isnull=False)) == [autre]
    assert not Envoi.objects.filter(destinataire=NORA).exists()
    ligne = Modification.objects.get()
    assert (ligne.compte, ligne.action, ligne.objet_genre, ligne.objet_cle, ligne.objet_libelle) == (
        ville.responsable_accueil,
        "suppression",
        "portal.abonne",
        str(abonne.pk),
        f"abonné {abonne.pk}",
    )
    assert set(ligne.avant) == {"demande_le", "confirme_le"}
    assert ligne.apres == {}

    # Two agents at once: the second is told, and nothing else is written down.
    encore = client.post(ECRAN, {"courriel": NORA, "geste": "retirer"})
    assert encore.status_code == 422
    assert "Cette adresse n&#x27;est plus dans la liste." in texte_de(encore)
    assert Modification.objects.count() == 1


def test_the_link_is_sent_again_in_their_language_and_not_without_end(ville: Ville) -> None:
    abonnements.demander(NORA, abonnements.Choix([], ["meteo"]), langue="en")
    hier = timezone.now() - abonnements.VALIDITE / 2
    Abonne.objects.update(demande_le=hier)
    client = client_de(ville.administrateur)
    renvoyer = {"courriel": NORA, "geste": "renvoyer"}

    assert client.post(ECRAN, renvoyer).url == ECRAN
    abonne = Abonne.objects.get()
    assert (abonne.langue, abonne.sujets, abonne.confirme_le) == ("en", ["meteo"], None)
    # The three days to confirm start again.
    assert abonne.demande_le > hier
    assert Envoi.objects.filter(objet="Confirm your subscription to the alerts").count() == 2
    abonnements.confirmer(abonne)
    assert client.post(ECRAN, renvoyer).url == ECRAN
    assert abonnements.jeton_de(abonne) in Envoi.objects.latest("pk").corps

    trop = client.post(ECRAN, renvoyer)
    assert trop.status_code == 422
    assert "rien n&#x27;a été envoyé" in texte_de(trop)
    assert Envoi.objects.count() == abonnements.COURRIELS_PAR_ADRESSE
    assert list(Modification.objects.order_by("pk").values_list("apres", flat=True)) == [
        {"lien renvoyé": "de confirmation"},
        {"lien renvoyé": "pour changer ses choix"},
    ]
    registre = texte_de(client.get("/agent/administration/modifications/"))
    assert "de confirmation" in registre
    assert NORA not in registre


def test_an_agent_of_the_desk_or_an_editor_neither_sees_nor_changes_it(ville: Ville) -> None:
    abonne = Abonne.objects.create(courriel=NORA, langue="fr", confirme_le=timezone.now())
    editrice = factories.creer_agent("Marc", "Relit", Role.EDITEUR)
    for compte in (ville.agent_accueil, ville.responsable_voirie, editrice):
        client = client_de(compte)
        assert client.get(ECRAN).status_code == 404
        assert client.post(ECRAN, {"courriel": NORA, "geste": "retirer"}).status_code == 404
        assert ECRAN not in texte_de(client.get("/agent/absence/"))
    assert list(Abonne.objects.all()) == [abonne]
    assert not Modification.objects.exists()
    assert not Envoi.objects.exists()
