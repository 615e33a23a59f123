"""The receipt an agent prints or sends: to whom, naming whom, and never twice for one click."""

import pytest
from django.test import Client
from django.urls import reverse

from demandes import actions
from demandes.actions import Appelant, Depot
from demandes.actions.saisie import saisir_et_orienter
from demandes.droits import Auteur
from demandes.models import Demande, EntreeJournal, Remise
from demandes.recu import personnes_de, recu_pdf
from guichet.envois.models import Envoi
from guichet.socle.erreurs import Refus
from tests import factories


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


def texte(reponse) -> str:
    return reponse.content.decode()


@pytest.fixture
def demande(ville) -> Demande:
    """Asked by phone, by somebody without an e-mail address."""
    usager = factories.creer_usager(courriel="", adresse="4 quai de la Farine, 69981 Villeneuve-sur-Saône")
    return factories.deposer(ville, usager=usager)


def envoyer(client, demande, courriel, version=None):
    return client.post(
        reverse("agent_recu_envoyer", args=[demande.numero]),
        {"courriel": courriel, "version": version or demande.version},
    )


def test_the_address_is_asked_when_it_is_missing_and_kept(ville, demande):
    bureau = client_de(ville.agent_accueil)
    page = texte(bureau.get(reverse("agent_saisie_faite", args=[demande.numero])))
    assert "Aucun courriel n'est parti" in page
    refus = envoyer(bureau, demande, "")
    assert refus.status_code == 422
    assert "Demandez à la personne son adresse" in texte(refus)
    assert not Envoi.objects.exists()

    suite = envoyer(bureau, demande, "Jeanne@Courriel.example")

    assert suite.url == reverse("agent_saisie_faite", args=[demande.numero])
    accuse = Envoi.objects.get()
    assert (accuse.destinataire, accuse.nature) == ("Jeanne@courriel.example", Envoi.Nature.ACCUSE)
    assert demande.numero in accuse.objet
    assert Demande.objects.get().usager.courriel == "jeanne@courriel.example"
    assert "Jeanne@courriel.example" in texte(bureau.get(suite.url))
    ligne = EntreeJournal.objects.latest("pk")
    assert (ligne.geste, ligne.details) == ("envoyer_l_accuse", {"envois": [accuse.pk]})


@pytest.mark.parametrize(("canal", "a_remettre"), [("telephone", 0), ("courrier", 1)])
def test_printing_right_after_the_entry_is_noted_once_and_a_letter_waits_to_be_posted(
    ville, canal, a_remettre
):
    usager = factories.creer_usager(courriel="", adresse="4 quai de la Farine, 69981 Villeneuve-sur-Saône")
    demande = factories.deposer(ville, usager=usager, canal=canal)
    bureau = client_de(ville.agent_accueil)
    imprimer = reverse("agent_geste", args=[demande.numero, "imprimer_l_accuse"])
    assert f'action="{imprimer}"' in texte(bureau.get(reverse("agent_saisie_faite", args=[demande.numero])))

    for _ in range(2):
        imprime = bureau.post(imprimer, {"version": demande.version})

        assert imprime["Location"] == reverse("agent_recu", args=[demande.numero])
    assert demande.journal.filter(geste="imprimer_l_accuse").count() == 1
    assert Remise.objects.filter(message__demande=demande, remise_le__isnull=True).count() == a_remettre


@pytest.mark.parametrize("courriel", ["pas une adresse", "a@b", "\x00", "x" * 300 + "@y.example"])
def test_a_bad_address_sends_nothing_and_stays_on_the_form(ville, demande, courriel):
    refus = envoyer(client_de(ville.agent_accueil), demande, courriel)

    assert refus.status_code == 422
    assert not Envoi.objects.exists()
    assert not demande.usager.coordonnees.exists()


def test_two_clicks_send_one_mail(ville, demande):
    bureau = client_de(ville.agent_accueil)

    statuts = [envoyer(bureau, demande, "jeanne@courriel.example").status_code for _ in range(2)]

    assert statuts == [302, 422]
    assert Envoi.objects.count() == 1


def test_only_who_may_hand_it_over_sends_it(ville):
    demande = factories.deposer(ville, type=ville.type_social)
    Envoi.objects.all().delete()

    for compte in (ville.agent_accueil, ville.agent_voirie, ville.agent_autre_accueil):
        assert envoyer(client_de(compte), demande, "x@courriel.example").status_code == 404
    assert not Envoi.objects.exists()


def test_who_registers_in_a_walled_secteur_prints_and_sends_nothing(ville):
    """The mail carries the link, and the link reads everything: a typed address would open the secteur."""
    auteur = Auteur.agent(ville.agent_accueil)
    usager = factories.creer_usager(courriel="lucie@courriel.example")
    depot = Depot(
        "guichet", "Un secours.", type=ville.type_social, usager=usager, point_accueil=ville.accueil
    )
    demande = saisir_et_orienter(depot, auteur=auteur)
    Envoi.objects.all().delete()
    bureau = client_de(ville.agent_accueil)

    page = texte(bureau.get(reverse("agent_saisie_faite", args=[demande.numero])))

    assert "Imprimer le récépissé" in page
    assert reverse("agent_recu", args=[demande.numero]) in page
    assert reverse("agent_geste", args=[demande.numero, "imprimer_l_accuse"]) not in page
    assert "lucie@courriel.example" not in page
    assert reverse("agent_recu_envoyer", args=[demande.numero]) not in page
    assert envoyer(bureau, demande, "moi@courriel.example").status_code == 404
    with pytest.raises(Refus):
        actions.envoyer_l_accuse(demande, auteur=auteur, courriel="moi@courriel.example")
    assert not Envoi.objects.exists()


def test_paper_names_both_people_and_whom_it_goes_to(ville, demande):
    claire = factories.creer_usager("Claire", "Morel", courriel="")
    pour_elle = actions.enregistrer(
        Depot(
            canal="courrier",
            texte="Un trou.",
            type=ville.type_voirie,
            usager=demande.usager,
            appelant=Appelant("famille", usager=claire),
        ),
        auteur=Auteur.agent(ville.agent_accueil),
    )

    dits = personnes_de(pour_elle)

    assert (dits["pour"], dits["par"]) == ("Jeanne Martin", "Claire Morel, famille ou proche")
    assert dits["reponse_a"] == "Jeanne Martin"
    assert dits["destinataire"] == ["Jeanne Martin", "4 quai de la Farine", "69981 Villeneuve-sur-Saône"]
    assert recu_pdf(pour_elle, est_remis_par_un_agent=True).startswith(b"%PDF")
    assert recu_pdf(pour_elle).startswith(b"%PDF")
    page = texte(client_de(ville.agent_accueil).get(reverse("agent_saisie_faite", args=[pour_elle.numero])))
    assert "Imprimer l'accusé de réception" in page or "Imprimer l&#x27;accusé de réception" in page
    assert "Claire Morel" in page
