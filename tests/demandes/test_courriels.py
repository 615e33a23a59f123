"""Every automatic mail: it renders, says what the law wants, and carries nobody's words."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from demandes import adresses_de_reponse, suivi
from demandes.actions import avis, complement_ouvert
from demandes.etats import Etat
from demandes.models import Demande
from guichet.organisation import ville as identite
from guichet.socle.langues import en
from guichet.socle.urgences import secours
from tests import factories

GABARITS = Path(settings.RACINE, "demandes/templates/demandes/courriels")
MODELES = sorted(chemin.stem for chemin in GABARITS.glob("[!_]*.txt"))
ACTIONS = Path(settings.RACINE, "demandes/actions")
# What a stranger could type, and must never find again in a mail the city sends by itself.
PAROLES = ("Achetez ici", "Robert'); DROP")


@pytest.fixture
def demande(ville: factories.Ville) -> Demande:
    """A demande every field of which was typed by somebody with bad intentions."""
    usager = factories.creer_usager("Robert'); DROP", "Achetez ici http://mal.example")
    demande = factories.demande_dans(
        Etat.ATTENTE_USAGER,
        ville,
        usager=usager,
        texte="Achetez ici",
        objet="Achetez ici",
        adresse="Achetez ici",
    )
    # Dates that the templates of later states say.
    demande.traitee_le = demande.transmise_le = timezone.now()
    return demande


def ecrire(modele: str, demande: Demande, **contexte: Any) -> tuple[str, str]:
    """(subject, body), as the outbox will get them."""
    communs = {
        "demande": demande,
        "type": demande.libelle_type,
        "lien": avis.lien_de_suivi(demande),
        "ville": settings.GUICHET_VILLE,
        "est_un_courriel": True,
    }
    texte = render_to_string(f"demandes/courriels/{modele}.txt", communs | contexte)
    objet, _, corps = texte.strip().partition("\n")
    return objet.strip(), corps.strip()


def tout_le_contexte(demande: Demande) -> dict[str, Any]:
    return {
        "accuse": suivi.accuse_de(demande),
        "complement": complement_ouvert(demande),
        "direction": demande.direction,
        "principale": demande,
        "pour": timezone.now(),
        "nouvelle": suivi.libelle_usager(demande),
        "organisme": "Métropole de la Saône",
        "contact": "04 65 71 60 00",
        "lien_enquete": "https://guichet.example/avis/jeton/",
        "est_une_relance": True,
    }


def test_every_mail_the_actions_send_has_a_template_and_the_reverse():
    sources = "".join(chemin.read_text(encoding="utf-8") for chemin in ACTIONS.glob("*.py"))
    envoyes = set(
        re.findall(r"(?:prevenir|avertir|prevenir_les_co_signalants)\(\s*passage,\s*\"(\w+)\"", sources)
    )

    assert envoyes | {"accuse"} == set(MODELES)


@pytest.mark.parametrize("modele", MODELES)
def test_automatic_mail_is_plain_signed_and_free_of_anybody_s_words(modele, demande):
    objet, corps = ecrire(modele, demande, **tout_le_contexte(demande))

    assert demande.numero in objet
    assert len(objet) <= 78
    assert corps.startswith("Bonjour,\n\n")
    assert avis.lien_de_suivi(demande) in corps
    assert corps.endswith(
        "\n".join(settings.GUICHET_VILLE[c] for c in ("nom", "adresse", "telephone", "courriel"))
    )
    assert "\n\n\n" not in corps
    assert not re.search(r"[{}]|&[a-z#0-9]+;", objet + corps)
    assert not any(parole in objet + corps for parole in PAROLES)


def test_whoever_asked_in_english_is_written_to_in_english(demande):
    demande.langue = "en"
    for modele in MODELES:
        objet, corps = avis.rediger(modele, demande, tout_le_contexte(demande))

        assert demande.numero in objet
        assert corps.startswith("Hello,\n\n"), modele
        assert f"/en/suivi/{demande.numero}/" in corps
        assert "votre demande" not in (objet + corps).lower(), modele
    assert get_language() == "fr"


def test_acknowledgement_says_all_that_the_law_asks_of_a_rejection(demande):
    demande.recue_le = datetime(2026, 9, 1, 9, tzinfo=UTC)
    demande.echeance_legale = date(2026, 11, 1)

    _, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert "Nous avons reçu votre demande le mardi 1er septembre 2026." in corps
    service = demande.direction
    for mention in (service.nom_public, service.adresse, service.courriel, service.telephone):
        assert mention in corps
    assert "le dimanche 1er novembre 2026, votre demande sera refusée" in corps
    assert "sous réserve que la demande soit complète" in corps
    assert "dans les deux mois" in corps
    assert "tribunal administratif" in corps
    assert demande.code_suivi in corps
    assert "- Photo du trou" in corps


def test_acknowledgement_prefers_the_remedies_of_the_type(demande):
    demande.type.voies_recours = "Saisissez la commission de recours amiable."

    _, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert "Saisissez la commission de recours amiable." in corps
    assert "tribunal administratif" not in corps


def test_acknowledgement_of_an_implicit_acceptance_offers_the_certificate(demande):
    demande.silence_effet = "acceptation"

    _, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert "votre demande sera acceptée" in corps
    assert "sous réserve que la demande soit complète" in corps
    assert "attestation" in corps
    assert "L232-3" in corps
    assert "refusée" not in corps


def test_acknowledgement_of_a_special_regime_says_it_in_the_words_of_the_catalogue(demande):
    demande.silence_effet = "aucun"
    demande.type.silence_texte = "Le silence ne vaut pas décision."

    _, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert "Le silence ne vaut pas décision." in corps
    assert "sous réserve que la demande soit complète" in corps


def test_acknowledgement_before_the_type_is_known_promises_nothing(ville):
    demande = factories.deposer(ville, type=None)

    _, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert "adresser au service compétent" in corps
    assert ville.accueil.telephone in corps
    assert "Elle concerne" not in corps
    assert "refusée" not in corps
    assert "\n\n\n" not in corps


def test_confidential_demande_does_not_say_what_it_is_about(ville):
    demande = factories.deposer(ville, type=ville.type_social)

    objet, corps = ecrire("accuse", demande, accuse=suivi.accuse_de(demande))

    assert ville.type_social.libelle not in objet + corps


def test_reminder_lists_what_is_awaited_only_in_the_general_secteur(ville, demande):
    _, corps = ecrire("relance", demande, complement=complement_ouvert(demande))
    sociale = factories.demande_dans(Etat.ATTENTE_USAGER, ville, type=ville.type_social)
    _, corps_reserve = ecrire("relance", sociale, complement=complement_ouvert(sociale))

    assert "- Photo du trou" in corps
    assert "- Photo du trou" not in corps_reserve
    assert "au plus tard le" in corps_reserve


def test_agent_s_words_are_carried_whole_or_not_at_all(demande):
    texte = "Bonjour,\n\nVoici 3 < 4 & « deux » réponses.\n\nCordialement"
    _, corps = ecrire("_message", demande, corps=texte)
    message, _, _ = render_to_string(
        "demandes/courriels/_message.txt",
        {"corps": texte, "demande": demande, "lien": "lien", "ville": settings.GUICHET_VILLE},
    ).partition("\n--\n")
    vide = render_to_string(
        "demandes/courriels/_message.txt",
        {"corps": "", "demande": demande, "lien": "lien", "ville": settings.GUICHET_VILLE},
    )

    assert message.strip() == texte
    assert corps.endswith(settings.GUICHET_VILLE["courriel"])
    assert "Une réponse vous attend" in vide
    assert demande.numero in vide


@pytest.mark.parametrize("langue", ["fr", "en"])
@pytest.mark.parametrize(
    "changements",
    [
        {},
        {"echeance_legale": date(2026, 11, 1), "silence_effet": "rejet"},
        {"echeance_legale": date(2026, 11, 1), "silence_effet": "acceptation"},
        {"echeance_service": None, "direction": None},
        {"est_urgente": True},
        {"est_confidentielle": True},
        {"type": None},
    ],
    ids=lambda changements: " ".join(changements) or "telle quelle",
)
@pytest.mark.parametrize("reponse", ["", "reponse@ville.example"])
def test_acknowledgement_laid_out_once_reads_as_its_template(demande, langue, changements, reponse, settings):
    settings.GUICHET_COURRIEL_REPONSE = reponse
    demande.langue = langue
    for champ, valeur in changements.items():
        setattr(demande, champ, valeur)
    with en(langue):
        attendu = ecrire(
            "accuse",
            demande,
            accuse=suivi.accuse_de(demande),
            ville=identite.lire(),
            peut_repondre=bool(adresses_de_reponse.adresse(demande.numero)),
        )

    assert avis.rediger("accuse", demande, {}) == attendu
    assert avis.rediger("accuse", demande, {}) == attendu


def test_acknowledgement_warns_of_danger_first(demande):
    accuse = replace(suivi.accuse_de(demande), secours=secours("Appelez le 18 ou le 112."))

    _, corps = ecrire("accuse", demande, accuse=accuse)

    assert corps.index("Appelez le 18 ou le 112.") < corps.index("Service chargé")
    assert "18 (Pompiers) ; 112 (Toutes les urgences) ; 15 (SAMU)" in corps
