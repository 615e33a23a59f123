"""A new network is one file: what `tests/plume.py` declares is all that is needed to read it and answer."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from demandes import actions, reception, releve_reseaux
from demandes.actions.publications_saisies import deja_connue
from demandes.droits import Auteur
from demandes.models import Demande, Publication, Remise
from demandes.sondes import sonder_reseaux
from guichet.canaux import liens, registre
from guichet.canaux.canal import Canal
from guichet.canaux.reseau import Portee, Reponse
from guichet.envois.models import Envoi
from guichet.envois.sondes import sonder_envois
from guichet.socle.erreurs import DonneeInvalide
from tests import plume
from tests.demandes.gestes import relire
from tests.demandes.sorties import publier
from tests.webhooks import SECRET, en_tetes_de

pytestmark = pytest.mark.usefixtures("accueil_des_reseaux")
ADRESSE = "/api/webhooks/reseau"


@pytest.fixture(autouse=True)
def reseau(settings, monkeypatch):
    """Its line in the registry, and its settings."""
    monkeypatch.setitem(registre.CONNECTEURS, Canal.RESEAU, plume.CONNECTEUR)
    settings.GUICHET_PLUME_JETON, settings.GUICHET_PLUME_FIN = "jeton", ""
    settings.GUICHET_SECRETS = {"reseau": (SECRET,)}
    for tenu in (plume.POSTEES, plume.MASQUEES, plume.NOUVELLES):
        tenu.clear()
    monkeypatch.setattr(reception, "sonner", lambda pk: None)
    monkeypatch.setattr(reception.sonnette, "sonner", lambda pk: None)


def annoncer(texte: str = "Un trou rue Neuve", **champs: str) -> Demande:
    """What its webhook tells, read by the worker."""
    corps = plume.publication(texte, **champs)
    reponse = Client().post(ADRESSE, corps, content_type="application/json", headers=en_tetes_de(corps))
    assert reponse.status_code == 200
    reception.balayer()
    return Demande.objects.latest("pk")


def repondre(ville, demande: Demande, texte: str = "Nous venons jeudi.") -> None:
    agent = Auteur.agent(ville.agent_accueil)
    actions.rediger_une_publication(demande, auteur=agent, texte=texte, portee="publique")
    actions.publier(relire(demande), auteur=Auteur.agent(ville.responsable_accueil))


def partie() -> Reponse:
    """The one answer it was given."""
    (reponse,) = plume.POSTEES
    return reponse


def test_what_its_webhook_tells_is_a_demande_and_the_city_answers_below(ville):
    demande = annoncer()
    assert (demande.canal, demande.usager.nom, demande.messages.get().corps) == (
        Canal.RESEAU,
        "Awa",
        "Un trou rue Neuve",
    )

    repondre(ville, demande)
    assert publier() == 1

    assert (partie().a, partie().compte, partie().portee) == ("7", "awa", Portee.PUBLIQUE)
    assert partie().texte == "Pour @awa : Nous venons jeudi."
    notre = Publication.objects.get(etat=Publication.Etat.PUBLIEE)
    assert (notre.identifiant, notre.lien) == ("r1", "https://plume.example/r1")


def test_what_is_asked_of_it_is_a_demande_and_the_city_answers_below(ville, monkeypatch):
    monkeypatch.setitem(registre.CONNECTEURS, Canal.RESEAU, plume.CONNECTEUR_RELEVE)
    assert Client().post(ADRESSE, b"{}", content_type="application/json").status_code == 404
    plume.NOUVELLES.append(plume.publication("Un trou rue Neuve"))

    assert releve_reseaux.relever() == 1
    reception.balayer()
    assert releve_reseaux.relever() == 0
    repondre(ville, Demande.objects.get())

    assert publier() == 1
    assert partie().texte == "Pour @awa : Nous venons jeudi."


def test_its_own_rules_are_kept(ville):
    demande = annoncer()
    agent = Auteur.agent(ville.agent_accueil)

    # The name in front counts, by the word.
    with pytest.raises(DonneeInvalide, match="trop longue : 9 signes avec le nom, 8 au plus"):
        actions.rediger_une_publication(
            demande, auteur=agent, texte="un deux trois quatre cinq six", portee="publique"
        )
    actions.ecrire_a_l_usager(demande, auteur=agent, texte="Quelle rue ?")
    assert publier() == 0
    assert Remise.objects.get().raison == "Plume ne répond pas en privé à ce qui est public."

    actions.masquer_la_publication(relire(demande), auteur=agent, raison="Injures")
    assert (publier(), plume.MASQUEES) == (0, ["7"])


def test_a_private_message_is_answered_in_private(ville):
    actions.ecrire_a_l_usager(
        annoncer(portee="privee"), auteur=Auteur.agent(ville.agent_accueil), texte="Quelle rue ?"
    )
    assert publier() == 1
    assert (partie().portee, partie().origine) == (Portee.PRIVEE, Portee.PRIVEE)


def test_a_copied_link_leads_to_what_it_told(ville):
    demande = annoncer()
    lien = liens.lire("https://m.plume.example/7?utm_source=partage")
    assert (lien.canal, lien.numero) == (Canal.RESEAU, "7")
    connue = deja_connue(lien)
    assert connue is not None
    assert connue.demande == demande
    assert deja_connue(liens.lire("https://plume.example/8")) is None


def test_the_health_page_tells_its_failure_and_the_end_of_its_key(ville, settings):
    assert sonder_reseaux().est_verte
    settings.GUICHET_PLUME_FIN = str(timezone.localdate() + timedelta(days=3))
    assert sonder_reseaux().detail == "La clé de Autre réseau finit dans 3 jours : renouvelez-la."

    repondre(ville, annoncer())
    settings.GUICHET_PLUME_JETON = ""
    assert publier() == 0
    assert Envoi.objects.get().erreur == "Autre réseau injoignable : aucune clé n'est réglée"
    assert sonder_envois().detail == "Autre réseau ne répond pas."
