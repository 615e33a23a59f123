"""What comes back is read, by its reason, whoever writes it, and starts nothing (R7); quotes fold (R9)."""

import random

import pytest
from django.utils import timezone

from demandes import courriels, reception
from demandes.etats import Etat
from demandes.models import Demande, Reception
from guichet.canaux.courriel.citations import decouper, nouveaux_mots
from guichet.canaux.courriel.decodage import lire
from guichet.canaux.courriel.message import Nature
from guichet.envois.models import Envoi
from tests.canaux.courriel.lettres import RECU, courriel
from tests.courriels import corpus, non_remis

AVIS = list(non_remis.tous())


def test_r7_the_reason_is_read_whatever_the_system_that_writes():
    faux = []
    for avis in AVIS:
        lu = lire(avis.brut, recu_le=RECU)
        retour = lu.retour
        attendu = ((avis.adresse,), avis.cause.raison, avis.cause.est_definitif, True)
        trouve = retour and (
            retour.adresses,
            retour.raison,
            retour.est_definitif,
            "<envoi@ville.example>" in retour.message_ids,
        )
        if (lu.nature, trouve) != (Nature.RETOUR, attendu):
            faux.append(f"{avis.nom} : {lu.nature} {trouve}")
    assert len(faux) <= 0.05 * len(AVIS), "\n".join(faux)


def test_r7_no_notice_becomes_a_demande_nor_reopens_one(ville):
    demande = reception.traiter(courriels.recevoir(courriel()).pk)
    assert demande is not None
    envoi = Envoi.objects.get()
    Envoi.objects.update(etat=Envoi.Etat.ENVOYE, envoye_le=timezone.now(), prochain_essai_le=None)
    for avis in non_remis.tous(envoi.message_id):
        gardee = courriels.recevoir(avis.brut)
        reception.traiter(gardee.pk)
        gardee = Reception.objects.get(pk=gardee.pk)
        assert gardee.etat == Reception.Etat.TRAITEE, avis.nom
        assert gardee.motif.startswith("Courriel revenu"), avis.nom
    demande = Demande.objects.get()
    assert (demande.etat, demande.a_message_non_lu) == (Etat.NOUVELLE, False)
    assert demande.messages.count() == 1


def test_r7_what_is_no_notice_stays_a_mail():
    for bon in corpus.bons(60):
        lu = lire(bon.brut, recu_le=RECU)
        assert (lu.nature, lu.retour) == (Nature.PERSONNE, None)
    # Somebody forwards one, or speaks of one.
    for avis in AVIS:
        mots = avis.brut.decode().partition("\r\n\r\n")[2]
        lu = lire(
            courriel(f"Voici ce que j'ai reçu :\r\n\r\n{mots}", Subject="TR: failure notice"), recu_le=RECU
        )
        assert lu.retour is None, avis.nom


# -- quotes

NOUVEAUX = (
    "Merci, c'est réparé.",
    "Bonjour,\n\nLa rue est la bonne : 12, quai du Port-Fluvial.\n"
    "Voici le numéro > 12 pour mémoire.\n\nCordialement",
    "De rien.\n\nÀ bientôt",
    "Oui.",
)
CITATIONS = (
    "Le jeu. 12 nov. 2026 à 10:12, Guichet de la ville <guichet@ville.example> a écrit :\n"
    "\n> Bonjour,\n> \n> Où est-ce ?\n",
    "Le 12/11/2026 à 10:12, Guichet a écrit :\n> Bonjour\n>> encore\n",
    "Le jeudi 12 novembre 2026 à 10:12:30 UTC+1, Guichet de la ville\n"
    "<guichet@ville.example> a écrit :\n\nBonjour,\nOù est-ce ?\n",
    "-----Message d'origine-----\nDe : Guichet <guichet@ville.example>\n"
    "Envoyé : jeudi 12 novembre 2026 10:12\nÀ : Jeanne\nObjet : Votre demande\n\nBonjour\n",
    "________________________________\nDe : Guichet <guichet@ville.example>\n"
    "Envoyé : jeudi 12 novembre 2026\nÀ : Jeanne\nObjet : Votre demande\n\nBonjour\n",
    "Début du message transféré :\n\nDe: Guichet <guichet@ville.example>\nObjet: Votre demande\n\nBonjour\n",
    "On Thu, Nov 12, 2026 at 10:12 AM Guichet <guichet@ville.example> wrote:\n> Hello\n",
    "Am 12.11.2026 um 10:12 schrieb Guichet <guichet@ville.example>:\n> Guten Tag\n",
)
SIGNATURES = (
    "",
    "-- \nJeanne Martin\n06 39 98 12 34\n\n",
    "Envoyé de mon iPhone\n\n",
    "Envoyé depuis mon mobile Orange\n\n",
)


@pytest.mark.parametrize("citation", CITATIONS)
@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("nouveau", NOUVEAUX)
def test_r9_what_is_new_is_shown_and_what_is_repeated_folds(nouveau, signature, citation):
    texte = f"{nouveau}\n\n{signature}{citation}"
    assert nouveaux_mots(texte) == nouveau
    assert "".join(segment.texte for segment in decouper(texte)) == texte


def test_r9_shown_and_folded_together_are_the_text_to_the_letter():
    hasard = random.Random(9)
    morceaux = [
        *NOUVEAUX,
        *CITATIONS,
        *SIGNATURES,
        "> ",
        "\n",
        "\r\n",
        ">>>",
        "a écrit :",
        "\u2028",
        "\x0b",
        "--",
        "_" * 30,
    ]
    for _ in range(2_000):
        texte = "".join(
            hasard.choice(morceaux) + hasard.choice(("\n", "", "\r\n", " "))
            for _ in range(hasard.randint(1, 12))
        )
        assert "".join(segment.texte for segment in decouper(texte)) == texte
