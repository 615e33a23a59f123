"""What an agent is writing is kept by the server: theirs, by mode, until it is sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from demandes import actions, ecrits
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, EcritEnCours, ModeleReponse
from demandes.tasks import effacer_les_brouillons
from tests import factories
from tests.demandes.gestes import relire, session, url

TEXTE = "Bonjour,\n\nNous passons jeudi."


@pytest.fixture
def demande(ville) -> Demande:
    return factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)


def garder(client, demande: Demande, mode: str, texte: str, **options):
    return client.post(
        reverse("agent_ecrit", args=[demande.numero]), {"mode": mode, "texte": texte}, **options
    )


def page(client, demande: Demande):
    return client.get(reverse("agent_demande", args=[demande.numero]))


def gardes(demande: Demande) -> list[tuple[str, str]]:
    return sorted(EcritEnCours.objects.filter(demande=demande).values_list("mode", "texte"))


def test_a_text_is_found_again_by_its_author_alone(ville, demande):
    client = session(ville.agent_voirie)

    reponse = garder(client, demande, "usager", TEXTE, headers={"HX-Request": "true"})

    assert reponse.status_code == 200
    assert reponse.content.decode().startswith("<span data-garde>Texte gardé à ")
    ailleurs = page(session(ville.agent_voirie), demande).content.decode()
    assert f">{TEXTE}</textarea>" in ailleurs
    assert "Il n'est pas envoyé." in ailleurs
    assert "Nous passons jeudi." not in page(session(ville.responsable_voirie), demande).content.decode()
    assert relire(demande).version == demande.version


def test_each_mode_keeps_its_own_and_the_page_opens_on_the_last(ville, demande):
    client = session(ville.agent_voirie)
    garder(client, demande, "usager", "À l'usager.")
    garder(client, demande, "confidentiel", "Entre nous.")
    suite = garder(client, demande, "confidentiel", "Entre nous, encore.")

    assert (suite.status_code, suite["Location"]) == (302, reverse("agent_demande", args=[demande.numero]))
    assert gardes(demande) == [("confidentiel", "Entre nous, encore."), ("usager", "À l'usager.")]
    assert page(client, demande).context["mode"] == "confidentiel"


def test_emptied_it_is_forgotten(ville, demande):
    client = session(ville.agent_voirie)
    garder(client, demande, "interne", "Une note.")

    garder(client, demande, "interne", "  \n ")

    assert gardes(demande) == []


def test_sent_it_is_forgotten_and_the_others_stay(ville, demande):
    client = session(ville.agent_voirie)
    for mode in EcritEnCours.Mode:
        garder(client, demande, mode, f"Texte {mode}.")

    client.post(
        url(demande, "ajouter_une_note"),
        {"version": demande.version, "texte": "Secret.", "est_confidentielle": "on"},
    )
    assert [mode for mode, _ in gardes(demande)] == ["interne", "usager"]
    apres = client.post(
        url(demande, "repondre"),
        {"version": relire(demande).version, "texte": TEXTE, "decision": "accord", "voies_recours": ""},
        follow=True,
    )

    assert [mode for mode, _ in gardes(demande)] == ["interne"]
    cles = f"ecrire_a_l_usager-texte-{demande.numero} repondre-texte-{demande.numero}"
    assert f'<meta name="brouillon-envoye" content="{cles}">' in apres.content.decode()


def test_a_stale_page_keeps_the_text_twice(ville, demande):
    client = session(ville.agent_voirie)
    garder(client, demande, "usager", TEXTE)
    actions.ajouter_une_note(demande, auteur=Auteur.agent(ville.responsable_voirie), texte="Jeudi matin.")

    conflit = client.post(url(demande, "ecrire_a_l_usager"), {"version": demande.version, "texte": TEXTE})

    assert conflit.status_code == 409
    assert "Nous passons jeudi." in conflit.content.decode()
    assert gardes(demande) == [("usager", TEXTE)]
    assert not demande.messages.filter(corps=TEXTE).exists()


@pytest.mark.parametrize("mode", ["", "public", "USAGER", "\x00"])
def test_an_unknown_mode_keeps_nothing(ville, demande, mode):
    assert garder(session(ville.agent_voirie), demande, mode, TEXTE).status_code == 404
    assert gardes(demande) == []


def test_too_long_a_text_is_refused_and_given_back(ville, demande):
    client = session(ville.agent_voirie)
    garder(client, demande, "usager", TEXTE)

    reponse = garder(client, demande, "usager", "x" * 1_000_000)
    en_direct = garder(client, demande, "usager", "x" * 30_000, headers={"HX-Request": "true"})

    assert reponse.status_code == 422
    assert "x" * 1_000_000 in reponse.content.decode()
    assert "Ce texte est trop long : 30000 caractères, pour 20000 au plus." in en_direct.content.decode()
    assert gardes(demande) == [("usager", TEXTE)]


def test_odd_signs_are_cleaned(ville, demande):
    garder(session(ville.agent_voirie), demande, "interne", "\x00\u202eVu\x07 ici.\r\n")

    assert gardes(demande) == [("interne", "Vu ici.")]


def test_nothing_is_kept_where_one_may_not_write(ville, demande):
    anonyme = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, est_anonyme=True)
    reservee = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_social)

    assert garder(session(ville.agent_proprete), demande, "interne", TEXTE).status_code == 404
    assert garder(session(ville.agent_voirie), anonyme, "usager", TEXTE).status_code == 404
    assert garder(session(ville.agent_accueil), reservee, "usager", TEXTE).status_code == 404
    assert not EcritEnCours.objects.exists()


def test_what_is_left_thirty_days_is_erased(ville, demande):
    client = session(ville.agent_voirie)
    garder(client, demande, "usager", TEXTE)
    garder(client, demande, "interne", "Récent.")
    EcritEnCours.objects.filter(mode="usager").update(modifie_le=timezone.now() - timedelta(days=30))

    effacer_les_brouillons()

    assert gardes(demande) == [("interne", "Récent.")]
    assert ecrits.effacer_les_perimes() == 0


def test_templates_are_shown_filled_in_before_they_are_inserted(ville, demande):
    modele = ModeleReponse.objects.create(
        geste="ecrire_a_l_usager", titre="Nous passons", texte="Votre demande {{ demande.numero }}."
    )
    client = session(ville.agent_voirie)

    lu = page(client, demande).content.decode()
    # Without a script, the button gives the server what is written and the template after it.
    sans_js = client.post(
        url(demande, "ecrire_a_l_usager"),
        {"version": demande.version, "texte": "Déjà écrit.", "preparer": f"modele:{modele.pk}"},
    )

    assert f"Votre demande {demande.numero}.</p>" in lu
    assert f'value="modele:{modele.pk}"' in lu
    assert 'data-texte="modele-1"' in lu
    assert 'id="modele-1"' in lu
    assert f"Déjà écrit.\n\nVotre demande {demande.numero}.</textarea>" in sans_js.content.decode()
    assert not demande.messages.filter(sens="sortant", nature="message").exists()


def test_the_recipient_is_written_out_in_every_mode(ville, demande):
    lu = page(session(ville.agent_voirie), demande).content.decode()

    assert f"À : <strong>{demande.usager}</strong>, par courriel à {demande.usager.courriel}." in lu
    assert lu.count("<strong>Personne n'est prévenu.</strong>") == 2
