"""Every gesture a person, a resident or the clock can make. Import from here, never from below."""

from demandes.actions.accueil import (
    orienter,
    qualifier,
    repondre_immediatement,
    requalifier,
    transferer_la_propriete,
)
from demandes.actions.astreintes import appeler_l_astreinte
from demandes.actions.complement import (
    classer_sans_suite,
    complement_ouvert,
    demander_complement,
    recevoir_complement,
    relancer_l_usager,
    reprendre_sans_complement,
)
from demandes.actions.departs import confier_a_un_collegue, rendre_a_la_corbeille
from demandes.actions.depot import Depot, enregistrer
from demandes.actions.direction import (
    attendre_un_tiers,
    planifier,
    prendre_en_charge,
    renvoyer_a_l_accueil,
    reorienter,
    reprendre,
)
from demandes.actions.echanges import (
    ajouter_une_note,
    ecrire_a_l_usager,
    ecrire_a_la_ville,
    envoyer_l_accuse,
    marquer_lus,
)
from demandes.actions.echeances import alerter, inscrire_la_decision_implicite, suivre
from demandes.actions.fin import annuler, clore, rejeter, retablir, retour_externe, rouvrir, transmettre
from demandes.actions.liens import delier, distinguer, lier
from demandes.actions.porte import GESTES_DU_DEPART, SANS_CHANGEMENT, gestes_permis, libelle_du_geste
from demandes.actions.provenance import Appelant, Enveloppe
from demandes.actions.rappels import rappeler
from demandes.actions.regroupement import defusionner, fusionner, scinder
from demandes.actions.reponse import (
    VOIES_DE_RECOURS,
    projet_en_attente,
    proposer_une_reponse,
    refuser_le_projet,
    repondre,
    voies_de_recours,
)

__all__ = [
    "GESTES_DU_DEPART",
    "SANS_CHANGEMENT",
    "VOIES_DE_RECOURS",
    "Appelant",
    "Depot",
    "Enveloppe",
    "ajouter_une_note",
    "alerter",
    "annuler",
    "appeler_l_astreinte",
    "attendre_un_tiers",
    "classer_sans_suite",
    "clore",
    "complement_ouvert",
    "confier_a_un_collegue",
    "defusionner",
    "delier",
    "demander_complement",
    "distinguer",
    "ecrire_a_l_usager",
    "ecrire_a_la_ville",
    "enregistrer",
    "envoyer_l_accuse",
    "fusionner",
    "gestes_permis",
    "inscrire_la_decision_implicite",
    "libelle_du_geste",
    "lier",
    "marquer_lus",
    "orienter",
    "planifier",
    "prendre_en_charge",
    "projet_en_attente",
    "proposer_une_reponse",
    "qualifier",
    "rappeler",
    "recevoir_complement",
    "refuser_le_projet",
    "rejeter",
    "relancer_l_usager",
    "rendre_a_la_corbeille",
    "renvoyer_a_l_accueil",
    "reorienter",
    "repondre",
    "repondre_immediatement",
    "reprendre",
    "reprendre_sans_complement",
    "requalifier",
    "retablir",
    "retour_externe",
    "rouvrir",
    "scinder",
    "suivre",
    "transferer_la_propriete",
    "transmettre",
    "voies_de_recours",
]
