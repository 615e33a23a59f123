"""What the tests of gestures share: addresses, logins, and what an agent types in each form."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import modeles
from demandes.models import Demande, Motif
from guichet.organisation.models import Compte
from tests import factories
from tests.factories import Ville


def url(demande: Demande, geste: str) -> str:
    return reverse("agent_geste", args=[demande.numero, geste])


def session(compte: Compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


def relire(demande: Demande) -> Demande:
    return Demande.objects.pour_fil().get(pk=demande.pk)


def donnees_de(geste: str, ville: Ville, demande: Demande) -> dict[str, Any]:
    """What an agent types in the form of a gesture."""
    bientot = (timezone.localdate() + timedelta(days=10)).isoformat()
    texte = "Bonjour,\n\nNous nous occupons de ce trou."
    motive = {"motif": premier_motif(geste), "commentaire": "Parce que."}
    reponse = {"texte": texte, "decision": "accord", "voies_recours": ""}
    return {
        "qualifier": {"type": demande.type_id, "territoire": ville.territoire.pk},
        "requalifier": {"type": ville.type_voirie.pk, "territoire": "", **motive},
        "orienter": {"direction": ville.voirie.pk, "commentaire": ""},
        "repondre_immediatement": {
            "type": demande.type_id,
            "fiche": factories.creer_fiche(ville.type_voirie).pk if geste == "repondre_immediatement" else "",
            "texte": texte,
            "decision": "accord",
        },
        "reorienter": {**motive, "direction": ville.proprete.pk},
        "demander_complement": {
            "pieces_du_type": ["Photo du trou"],
            "elements": "La largeur du trou\n\nLa date",
            "delai_jours": "20",
            "est_indispensable": "on",
            "texte": f"Il nous manque :\n{modeles.LISTE}\n\nAvant le {modeles.DATE_LIMITE}.",
        },
        "recevoir_complement": {"texte": "Il fait trente centimètres.", "canal": "telephone"},
        "attribuer": {"collegue": ville.collegue_voirie.pk, "commentaire": ""},
        "confier_a_un_collegue": {"collegue": ville.collegue_voirie.pk, "commentaire": ""},
        "rendre_a_la_corbeille": {"commentaire": ""},
        "planifier": {"pour": bientot, **motive},
        "attendre_un_tiers": {**motive, "tiers": "Entreprise Bitume", "relance_le": bientot},
        "reprendre": {"commentaire": ""},
        "proposer_une_reponse": reponse,
        "refuser_le_projet": {"commentaire": "Donnez une date."},
        "repondre": reponse,
        "rejeter": {"motif": "irrecevable", "texte": texte, "voies_recours": "Tribunal administratif."},
        "transmettre": {"organisme": "Métropole de la Saône", "contact": "04 65 71 60 00"},
        "retour_externe": {"motif": premier_motif(geste), "texte": "Ce n'est pas à eux."},
        "fusionner": {"principale": "autre", "numero": ""},
        "scinder": {"texte_1": "Un lampadaire est éteint.", "texte_2": "", "type_2": ""},
        "transferer_la_propriete": {"point_accueil": ville.autre_accueil.pk},
        "ajouter_une_note": {"texte": "Vu avec l'équipe."},
        "ecrire_a_l_usager": {"texte": texte},
        "ecrire_a_la_ville": {"texte": "Il a rappelé.", "canal": "telephone"},
        "envoyer_l_accuse": {"courriel": "jeanne.martin@courriel.example"},
    }.get(geste, motive if premier_motif(geste) else {})


def premier_motif(geste: str) -> str:
    motif = Motif.objects.filter(geste=geste).first()
    return motif.code if motif else ""
