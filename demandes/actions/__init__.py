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
from demandes.actions.depot import BrouillonChange, Depot, enregistrer, enregistrer_seul
from demandes.actions.direction import (
    attendre_un_tiers,
    attribuer,
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
    garder_la_mise_en_forme,
    marquer_lus,
)
from demandes.actions.echeances import alerter, inscrire_la_decision_implicite, suivre
from demandes.actions.enquetes import demander_un_avis, donner_un_avis, noter_l_appel
from demandes.actions.fin import annuler, clore, rejeter, retablir, retour_externe, rouvrir, transmettre
from demandes.actions.liens import delier, distinguer, lier
from demandes.actions.personnes import rattacher
from demandes.actions.porte import GESTES_DU_DEPART, SANS_CHANGEMENT, gestes_permis, libelle_du_geste
from demandes.actions.provenance import Appelant, Enveloppe
from demandes.actions.publications import (
    inviter_en_prive,
    masquer_la_publication,
    publier,
    rediger_une_publication,
    retirer_la_publication,
)
from demandes.actions.rappels import rappeler, signaler_un_retour
from demandes.actions.rapprochements import (
    choisir_la_personne,
    garder_a_part,
    joindre_a_la_demande,
    mettre_a_rapprocher,
    regrouper_sans_meler,
    signaler_plusieurs_sujets,
)
from demandes.actions.regroupement import defusionner, fusionner, scinder
from demandes.actions.remises import (
    imprimer_l_accuse,
    imprimer_la_lettre,
    marquer_remise,
    noter_la_suite,
)
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
    "BrouillonChange",
    "Depot",
    "Enveloppe",
    "ajouter_une_note",
    "alerter",
    "annuler",
    "appeler_l_astreinte",
    "attendre_un_tiers",
    "attribuer",
    "choisir_la_personne",
    "classer_sans_suite",
    "clore",
    "complement_ouvert",
    "confier_a_un_collegue",
    "defusionner",
    "delier",
    "demander_complement",
    "demander_un_avis",
    "distinguer",
    "donner_un_avis",
    "ecrire_a_l_usager",
    "ecrire_a_la_ville",
    "enregistrer",
    "enregistrer_seul",
    "envoyer_l_accuse",
    "fusionner",
    "garder_a_part",
    "garder_la_mise_en_forme",
    "gestes_permis",
    "imprimer_l_accuse",
    "imprimer_la_lettre",
    "inscrire_la_decision_implicite",
    "inviter_en_prive",
    "joindre_a_la_demande",
    "libelle_du_geste",
    "lier",
    "marquer_lus",
    "marquer_remise",
    "masquer_la_publication",
    "mettre_a_rapprocher",
    "noter_l_appel",
    "noter_la_suite",
    "orienter",
    "planifier",
    "prendre_en_charge",
    "projet_en_attente",
    "proposer_une_reponse",
    "publier",
    "qualifier",
    "rappeler",
    "rattacher",
    "recevoir_complement",
    "rediger_une_publication",
    "refuser_le_projet",
    "regrouper_sans_meler",
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
    "retirer_la_publication",
    "retour_externe",
    "rouvrir",
    "scinder",
    "signaler_plusieurs_sujets",
    "signaler_un_retour",
    "suivre",
    "transferer_la_propriete",
    "transmettre",
    "voies_de_recours",
]
