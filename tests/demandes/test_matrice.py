"""Every state × every gesture × every hat, generated from the declared machine.

An allowed gesture leaves one journal line and the outbox rows it declares; a refused one leaves nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from django_fsm import RETURN_VALUE

from demandes import actions
from demandes.actions import SANS_CHANGEMENT, astreintes
from demandes.actions.regroupement import Sujet
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Decision, Etat
from demandes.models import Demande, EntreeJournal
from guichet.organisation.models import Role
from guichet.socle.erreurs import ErreurMetier, Refus
from tests import factories

pytestmark = pytest.mark.django_db

ARETES = {(t.source, t.name): t for t in Demande._meta.get_field("etat").get_all_transitions(Demande)}
GESTES = list(dict.fromkeys(nom for _, nom in ARETES)) + list(SANS_CHANGEMENT)

# Gestures whose guard waits for a date: they are tried once it has passed.
APRES_LE_DELAI = {"reprendre_sans_complement", "classer_sans_suite", "inscrire_la_decision_implicite"}

# They take no author.
DE_L_HORLOGE = {
    *("alerter", "rappeler", "appeler_l_astreinte", "inscrire_la_decision_implicite", "demander_un_avis"),
}

# Made on a message that somebody hands over.
SUR_UN_MESSAGE = {"imprimer_la_lettre", "marquer_remise", "noter_la_suite"}

# Outbox rows a successful gesture leaves, when the resident has an e-mail address.
ENVOIS = {
    nom: 1
    for nom in GESTES
    if nom
    not in {
        "rattacher",
        "mettre_a_rapprocher",
        "qualifier",
        "requalifier",
        "recevoir_complement",
        "reprendre_sans_complement",
        "attendre_un_tiers",
        "reprendre",
        "proposer_une_reponse",
        "refuser_le_projet",
        "clore",
        "scinder",
        "lier",
        "delier",
        "distinguer",
        "transferer_la_propriete",
        "confier_a_un_collegue",
        "rendre_a_la_corbeille",
        "ajouter_une_note",
        "ecrire_a_la_ville",
        "imprimer_l_accuse",
        "inscrire_la_decision_implicite",
        # The acknowledgement has not left yet: it names the service itself.
        "orienter",
    }
}

BIENTOT = timedelta(days=3)


def donnees(nom: str, ville: factories.Ville) -> dict[str, Any]:
    """Valid data for a gesture, whoever makes it."""
    recours = {"voies_recours": "Tribunal administratif, deux mois."}
    texte = {"texte": "Bonjour, voici de quoi il s'agit."}
    directions = {"direction": ville.proprete}
    table: dict[str, Callable[[], dict[str, Any]]] = {
        "repondre_immediatement": lambda: texte | {"fiche": ville.fiche},
        "requalifier": lambda: {"type": ville.type_voirie, "motif": "mauvais_type"},
        "reorienter": lambda: directions | {"motif": "mauvaise_direction"},
        "renvoyer_a_l_accueil": lambda: {"motif": "deuxieme_reorientation"},
        "demander_complement": lambda: (
            texte | {"elements": ["Une photo"], "delai_jours": 15, "est_indispensable": True}
        ),
        "recevoir_complement": lambda: texte,
        "classer_sans_suite": lambda: {"motif": "delai_expire"},
        "planifier": lambda: {"pour": timezone.now() + BIENTOT, "motif": "meteo"},
        "attendre_un_tiers": lambda: {
            "motif": "prestataire",
            "tiers": "Entreprise",
            "relance_le": (timezone.now() + BIENTOT).date(),
        },
        "proposer_une_reponse": lambda: texte | {"decision": Decision.REFUS} | recours,
        "refuser_le_projet": lambda: {"commentaire": "Précisez la date."},
        "repondre": lambda: texte | {"decision": Decision.REFUS} | recours,
        "rouvrir": lambda: {"motif": "non_resolu"},
        "rejeter": lambda: texte | {"motif": "irrecevable"},
        "transmettre": lambda: {"organisme": "Métropole", "contact": "04 65 71 60 00"},
        "retour_externe": lambda: texte | {"motif": "reponse_recue"},
        "annuler": lambda: {"motif": "erreur"},
        "fusionner": lambda: {"principale": ville.principale},
        "retablir": lambda: {"motif": "annulation_par_erreur"},
        "scinder": lambda: {"sujets": [Sujet(ville.type_voirie, "Le panneau aussi est tombé.")]},
        "lier": lambda: {"autre": ville.principale, "nature": "suite", "raison": "Le trou est revenu."},
        "delier": lambda: {"autre": ville.liee, "raison": "Une erreur."},
        "distinguer": lambda: {"autre": ville.principale},
        "transferer_la_propriete": lambda: {"point_accueil": ville.autre_accueil},
        "attribuer": lambda: {"collegue": ville.collegue_voirie},
        "confier_a_un_collegue": lambda: {"collegue": ville.collegue_voirie},
        "rattacher": lambda: {"usager": ville.jumelle},
        "mettre_a_rapprocher": lambda: {"raisons": ["expediteur"], "citees": [ville.principale]},
        "ajouter_une_note": lambda: texte,
        "ecrire_a_l_usager": lambda: texte,
        "ecrire_a_la_ville": lambda: texte,
        "rediger_une_publication": lambda: texte,
        "inviter_en_prive": lambda: texte,
        "masquer_la_publication": lambda: {"raison": "Une injure."},
        "alerter": lambda: {"palier": 80},
        "rappeler": lambda: {"rappel": "prise_en_charge"},
        "donner_un_avis": lambda: {"note": 4},
        "marquer_remise": lambda: {"remise_le": timezone.localdate()},
        "noter_la_suite": lambda: {"issue": "npai", "issue_le": timezone.localdate()},
        "appeler_l_astreinte": lambda: {"appel": astreintes.Appele("direction", ville.voirie.courriel)},
    }
    return table.get(nom, dict)()


def faire(nom: str, demande: Demande, auteur: Auteur, valeurs: dict[str, Any]) -> None:
    """Gestures of the clock alone take no author: they are its own."""
    geste = getattr(actions, nom)
    if nom in DE_L_HORLOGE:
        if auteur != SYSTEME:
            raise Refus("no person may call this")
        geste(demande, **valeurs)
    else:
        if nom in SUR_UN_MESSAGE:
            valeurs = valeurs | {"message": demande.messages.latest("pk")}
        geste(demande, auteur=auteur, **valeurs)


@pytest.fixture
def ville():
    ville = factories.creer_ville()
    ville.fiche = factories.creer_fiche(ville.type_voirie)
    ville.principale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    ville.jumelle = factories.creer_usager("Jeanne", "Martin")
    ville.liee = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    return ville


def acteurs(demande: Demande, ville: factories.Ville) -> dict[str, Auteur]:
    """Someone for each hat, and those who must have none: strangers of every kind."""
    inconnu = factories.creer_usager("Paul", "Autre")
    perdu = factories.creer_agent("Sans", "Affectation")
    return {
        "U": Auteur.habitant(demande.usager),
        "A1": Auteur.agent(ville.agent_accueil),
        "R1": Auteur.agent(ville.responsable_accueil),
        "A2": Auteur.agent(ville.agent_voirie),
        "R2": Auteur.agent(ville.responsable_voirie),
        "ADM": Auteur.agent(ville.administrateur),
        "SYS": SYSTEME,
        "another resident": Auteur.habitant(inconnu),
        "agent of another direction": Auteur.agent(ville.agent_proprete),
        "head of another direction": Auteur.agent(ville.responsable_proprete),
        "agent without a role": Auteur.agent(perdu),
        "director, who only reads": Auteur.agent(
            factories.creer_agent("Di", "Recteur", Role.DIRECTEUR, ville.voirie)
        ),
    }


def porte(nom: str, demande: Demande, auteur: Auteur) -> bool:
    """What the graph says, read without the door: the state has this edge and the author one of its hats."""
    if nom in SANS_CHANGEMENT:
        permission = SANS_CHANGEMENT[nom][1]
    elif arete := ARETES.get((demande.etat, nom)):
        permission = arete.permission
    else:
        return False
    return bool(permission.acteurs & auteur.chapeaux(demande))


def refus_attendu(nom: str, demande: Demande, qui: str) -> bool:
    """Cases the graph allows and a data guard of cycle_de_vie.md refuses, stated one by one."""
    return (
        # Nothing was asked of the resident: there is nothing to remind them of.
        (nom == "relancer_l_usager" and demande.etat != Etat.ATTENTE_USAGER)
        # Nothing is urgent here (test_astreintes.py).
        or nom == "appeler_l_astreinte"
        # Its messages left by mail (test_remises.py).
        or nom in SUR_UN_MESSAGE
        # No opinion was asked (test_enquetes.py), or there is no answer to ask about.
        or nom in {"donner_un_avis", "noter_l_appel"}
        or (nom == "demander_un_avis" and demande.etat != Etat.TRAITEE)
        # It did not come from a network (test_reseaux.py).
        or nom in {"rediger_une_publication", "publier", "retirer_la_publication"}
        or nom in {"inviter_en_prive", "masquer_la_publication"}
        # Nothing waits to be taken.
        or (nom == "rappeler" and demande.etat != Etat.ORIENTEE)
        # The resident is known.
        or (nom == "rattacher" and qui != "SYS")
        # Nothing of it waits in the tray (test_a_rapprocher.py).
        or nom == "garder_a_part"
        # Nobody holds it, or it is over.
        or (nom == "confier_a_un_collegue" and (demande.agent_traitant_id is None or not demande.est_ouverte))
        # At a departure, on all that an agent holds (test_administration_depart.py).
        or (nom in actions.GESTES_DU_DEPART and qui == "ADM")
        # Someone already took it.
        or (nom == "annuler" and qui == "U" and demande.prise_en_charge_le is not None)
        # The clock reminds first; an agent may not close before.
        or (nom == "classer_sans_suite" and not demande.complements.filter(relance_le__isnull=False).exists())
    )


PHOTOGRAPHIE = """
SELECT (SELECT md5(string_agg(d::text, '|' ORDER BY id)) FROM demandes_demande d),
       (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM demandes_complement c),
       (SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM demandes_projetreponse p),
       (SELECT count(*) FROM demandes_entreejournal), (SELECT count(*) FROM demandes_message),
       (SELECT count(*) FROM envois_envoi), (SELECT count(*) FROM demandes_cosignalant),
       (SELECT count(*) FROM demandes_enquete),
       (SELECT count(*) FROM demandes_demande_liees), (SELECT count(*) FROM demandes_distinction),
       (SELECT md5(string_agg(r::text, '|' ORDER BY id)) FROM demandes_arapprocher r)
"""


def photographie() -> tuple:
    """Everything a refused gesture must leave as it was."""
    with connection.cursor() as curseur:
        curseur.execute(PHOTOGRAPHIE)
        return curseur.fetchone()


@pytest.mark.parametrize("etat", list(Etat), ids=str)
def test_every_gesture_by_every_hat_from(etat, ville):
    demande = factories.demande_dans(etat, ville)
    demande.liees.add(ville.liee)
    gens = acteurs(demande, ville)
    avant = photographie()
    ecarts = []
    for nom in GESTES:
        quand = timezone.now() + timedelta(days=70 if nom in APRES_LE_DELAI else 0)
        with time_machine.travel(quand, tick=False):
            valeurs = donnees(nom, ville)
            for qui, auteur in gens.items():
                permis = porte(nom, demande, auteur) and not refus_attendu(nom, demande, qui)
                ecarts += verifier(nom, demande, auteur, qui, permis, valeurs, avant)
    assert ecarts == []


def verifier(nom, demande, auteur, qui, permis, valeurs, avant) -> list[str]:
    """Make one gesture, compare with what the table says, undo it; return what differs, in words."""
    ici = f"{demande.etat} × {nom} × {qui}"
    with transaction.atomic():
        try:
            faire(nom, demande, auteur, valeurs)
        except ErreurMetier as erreur:
            if permis:
                return [f"{ici}: refused ({erreur})"]
            return [] if photographie() == avant else [f"{ici}: refused, yet something changed"]
        ecarts = traces(nom, demande, avant, ici) if permis else [f"{ici}: allowed"]
        transaction.set_rollback(True)
    return ecarts


def envois_attendus(nom: str, demande: Demande, ici: str) -> int:
    """Rows for the resident, and for the colleagues who must know."""
    if nom == "inscrire_la_decision_implicite":
        # The desk, the direction, the holder: each when there is one.
        return 1 + (demande.direction_id is not None) + (demande.agent_traitant_id is not None)
    if nom == "reprendre_sans_complement":
        return int(ici.endswith("SYS"))
    return {"rouvrir": 2, "rappeler": 2}.get(nom) or ENVOIS.get(nom, 0)


def traces(nom, demande, avant, ici) -> list[str]:
    """What an allowed gesture must have left: its journal line, its outbox rows, its state."""
    apres = Demande.objects.get(pk=demande.pk)
    lignes = list(EntreeJournal.objects.filter(demande=demande).order_by("rang"))
    constat = {
        "journal lines": len(lignes) - lignes_avant(demande),
        "outbox rows": photographie()[5] - avant[5],
        "state": apres.etat in cibles(demande.etat, nom),
        "last line": (lignes[-1].geste, lignes[-1].avant, lignes[-1].apres),
        "version": apres.version - demande.version,
        "reception": apres.recue_le,
    }
    attendu = {
        "journal lines": 1,
        "outbox rows": envois_attendus(nom, demande, ici),
        "state": True,
        "last line": (nom, demande.etat, apres.etat),
        "version": 1,
        "reception": demande.recue_le,
    }
    return [f"{ici}: {cle} is {constat[cle]}" for cle in attendu if constat[cle] != attendu[cle]]


def lignes_avant(demande) -> int:
    """Each gesture raises the version by one, and registration is the first line."""
    return demande.version


def cibles(etat: str, nom: str) -> set[str]:
    if nom in SANS_CHANGEMENT:
        return {etat}
    cible = ARETES[etat, nom].target
    return set(cible.allowed_states) if isinstance(cible, RETURN_VALUE) else {cible}
