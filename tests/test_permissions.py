"""Every address of the house × every role, as `table_des_droits` says; one that it ignores fails the run."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from demandes import actions, brouillons, enquetes
from demandes.actions import appels, astreintes
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Enquete, Motif, RappelTelephonique, Remise, Sonnerie, Theme, VueGardee
from demandes.views.ecoute import jeton_de
from guichet.envois.models import Battement, Envoi
from guichet.organisation.models import Astreinte, Compte, Delegation, JourFerme, Role
from guichet.pieces.depot import deposer
from guichet.pieces.models import PageDePiece, Piece
from portal import abonnements
from portal.models import Abonne
from tests import factories
from tests.parcours.gestes import photo
from tests.table_des_droits import PARTS, PORTE_DES_TIERS, ROLES, SANS_JETON, TIERS, lignes, lignes_de

BACKEND = "guichet.organisation.portes.PorteBackend"
GESTES_ESSAYES = (
    "ajouter_une_note",
    "repondre",
    "prendre_en_charge",
    "ecrire_a_l_usager",
    "lier",
    "distinguer",
    "magie",
)
PORTES = {"/agent/connexion/": "A", "/connexion/": "U"}


@dataclass
class Monde:
    """What the addresses of the table point at, who asks, and a demande of their own where they need one."""

    arguments: dict[str, list[Any]]
    comptes: dict[str, Compte]
    sessions: dict[str, str]
    siennes: dict[str, Demande]


@pytest.fixture
def monde(db: None) -> Monde:
    ville = factories.creer_ville()
    usager = factories.creer_usager("Jeanne", "Martin")
    comptes = {
        "usager": factories.creer_compte_usager(usager),
        "autre": factories.creer_compte_usager(factories.creer_usager("Paul", "Autre")),
        "A1": ville.agent_accueil,
        "A1s": ville.agent_accueil_habilite,
        "R1": ville.responsable_accueil,
        "A2": ville.agent_voirie,
        "A2x": ville.agent_proprete,
        "R2": ville.responsable_voirie,
        "ADM": ville.administrateur,
        "ELU": factories.creer_agent("Inès", "Élue", Role.ELU),
    }
    demandes = {
        "ordinaire": factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager),
        "reservee": factories.demande_dans(Etat.ORIENTEE, ville, usager=usager, type=ville.type_social),
    }
    arguments = arguments_des(demandes, ville, usager, comptes["usager"])
    siennes = {
        "A1": factories.demande_dans(Etat.QUALIFIEE, ville),
        "A2": factories.demande_dans(Etat.ORIENTEE, ville),
        "A2x": actions.orienter(
            factories.demande_dans(Etat.QUALIFIEE, ville),
            auteur=Auteur.agent(ville.agent_accueil),
            direction=ville.proprete,
        ),
    }
    Battement.battre("worker")
    return Monde(arguments, comptes, {role: session_de(c) for role, c in comptes.items()}, siennes)


def session_de(compte: Compte) -> str:
    client = Client()
    client.force_login(compte, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def jeton_d_avis(demande: Demande) -> str:
    enquete = Enquete.objects.create(demande=demande, usager=demande.usager)
    return enquetes.lien(enquete).rstrip("/").rpartition("/")[2]


def abonnes() -> dict[str, list[str]]:
    """Links of the mails of alerts: whose to confirm, and whose to choose or to leave."""
    un, deux = (
        Abonne.objects.create(courriel=f"{nom}@courriel.example", langue="fr", confirme_le=quand)
        for nom, quand in (("un", None), ("deux", timezone.now()))
    )
    jeton = [abonnements.jeton_de(deux)]
    return {
        "abonnement_confirmer": [abonnements.CONFIRMATION.sign(str(un.pk))],
        "abonnement_choisir": jeton,
        "abonnement_quitter": jeton,
    }


def sonner_chez(ville: factories.Ville) -> int:
    """A call rings on the desk of the first agent, from a number two persons gave."""
    for prenom in ("Luc", "Lise"):
        factories.creer_usager(prenom, "Appel", telephone="+33639980077")
    agent = ville.agent_accueil.agent
    agent.poste = "214"
    agent.save()
    contenu = b'{"appel": "a-1", "evenement": "ringing", "numero": "+33639980077", "poste": "214"}'
    appels.recevoir(contenu)
    return Sonnerie.objects.get().pk


def arguments_des(demandes: dict, ville: factories.Ville, usager: Any, compte: Any) -> dict[str, list[Any]]:
    """Arguments by name of address, or by « name variant » when an address stands on several rows."""
    fiche = factories.creer_fiche(ville.type_voirie)
    Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road").types.add(
        ville.type_voirie
    )
    sans_compte, avec_compte = (brouillons.ouvrir(ville.type_voirie, compte=c) for c in (None, compte))
    envoye = brouillons.ouvrir(ville.type_voirie)
    envoye.demande = demandes["ordinaire"]
    envoye.save()
    code = ville.type_voirie.code
    arguments: dict[str, list[Any]] = {
        "agent_fiche": [fiche.code],
        "agent_pilotage_liste recues": ["recues"],
        "agent_pilotage_liste magie": ["magie"],
        "deposer_theme": ["rue"],
        "deposer_type": [code],
        "deposer_recu": [code, envoye.jeton],
        "deposer_abandonner": [code, sans_compte.jeton],
        "deposer_etape libre": [code, sans_compte.jeton, "demande"],
        "deposer_etape d'un compte": [code, avec_compte.jeton, "demande"],
        "deposer_etape inconnue": [code, sans_compte.jeton, "magie"],
        "inscription_suite": ["jeton-invente"],
        "mot_de_passe_nouveau": ["cle", "jeton-invente"],
        **{
            f"agent_arrivee{suite}": [factories.mettre_en_quarantaine(b"Illisible").pk]
            for suite in ("", "_brut", "_relire", "_ecarter")
        },
        "agent_a_rapprocher_une": [factories.mettre_a_rapprocher(ville).numero],
        **papier_numerise(ville),
        "courriel": [Envoi.objects.latest("pk").pk],
        "relancer_courriel": [Envoi.objects.latest("pk").pk],
        "webhook sms": ["sms"],
        "agent_a_rappeler_noter": [
            RappelTelephonique.objects.create(
                origine="prevu", numero="+33639980077", du=timezone.now(), au=timezone.now()
            ).pk
        ],
        "webhook inconnu": ["inconnu"],
        "telephonie_poste signe": [jeton_de("214")],
        "telephonie_poste invente": ["jeton-invente"],
        "agent_appel a son poste": [sonnerie := sonner_chez(ville)],
        "agent_appel_ouvrir a son poste": [sonnerie],
        "astreinte_prendre invente": ["jeton-invente"],
        "ville_logo inconnu": ["inconnu"],
        "astreinte_prendre signe": [jeton_d_astreinte(ville)],
        "astreinte_retirer": [creer_astreinte(ville).pk],
        "donner_un_avis demande": [jeton_d_avis(demandes["ordinaire"])],
        "donner_un_avis invente": ["jeton-invente"],
        **abonnes(),
        "wagtail_serve": ["page-qui-n-existe-pas/"],
        "flux_evenement": [0],
        "donner_un_avis_de_page": [0],
        "preciser_un_avis_de_page": ["jeton-invente"],
        "suivi_par_lien invente": [demandes["ordinaire"].numero, "jeton-invente"],
        "recu_pdf invente": [demandes["ordinaire"].numero, "jeton-invente"],
    }
    agent = ville.collegue_voirie.agent
    arguments |= {
        f"administration_agent{fin}": [agent.pk]
        for fin in ("", "_modifier", "_inviter", "_activer", "_affecter", "_deleguer", "_depart")
    }
    lieux = {"directions": ville.proprete, "accueils": ville.autre_accueil}
    arguments |= {
        f"administration_{genre}{fin}": [lieu.pk]
        for genre, lieu in lieux.items()
        for fin in ("_un", "_modifier", "_horaires", "_ouvrir")
    }
    arguments |= {
        f"administration_{fin}": [ville.type_voirie.pk]
        for fin in (
            "demarche",
            "demarche_publier",
            "demarche_copier",
            "formulaire",
            "formulaire_apercu",
            "formulaire_servir",
            "champ_creer",
        )
    }
    arguments |= {
        "administration_regle": [factories.creer_regle(ville).pk],
        "administration_modele": [factories.creer_modele().pk],
        "administration_boite": [factories.creer_boite().pk],
        "administration_motif": [Motif.objects.order_by("pk")[0].pk],
        "administration_demarche_modifier": [ville.type_voirie.pk, "presentation"],
        "administration_demarche_modifier magie": [ville.type_voirie.pk, "magie"],
        "administration_champ_modifier": [ville.type_voirie.pk, "nature"],
    }
    arguments |= {f"administration_fiche{fin}": [fiche.pk] for fin in ("", "_remarques")}
    for nom in ("agent", "agent_depart", "demarche", "regle", "fiche", "modele", "motif", "boite"):
        arguments[f"administration_{nom} inconnu"] = [999_999_999]
    jour = timezone.localdate() + timedelta(days=30)
    delegation = Delegation.objects.create(
        titulaire=agent.compte, suppleant=ville.agent_voirie, du=jour, au=jour
    )
    arguments |= {
        "agent_absence_de": [agent.compte_id],
        "agent_absence_terminer": [delegation.pk],
        "administration_rouvrir": [JourFerme.objects.create(jour=jour, libelle="Pont").pk],
        "administration_affectation_finir": [agent.pk, agent.compte.affectations.get().pk],
        "administration_delegation_finir": [agent.pk, delegation.pk],
        "invitation_agent": ["cle", "jeton-invente"],
    }
    for genre, direction in (("a soi", None), ("partagee", ville.voirie)):
        gardee = VueGardee.objects.create(
            auteur=ville.agent_voirie,
            nom=genre,
            vue="direction",
            filtres={"urgente": "on"},
            direction=direction,
        )
        arguments |= {f"{nom} {genre}": [gardee.pk] for nom in ("agent_vue", "agent_vue_supprimer")}
    for fin in ("", "_modifier", "_identite", "_coordonnees", "_rapprocher"):
        arguments[f"agent_usager{fin}"] = [usager.pk]
    arguments["agent_usager_reunir"] = [usager.pk, factories.creer_usager("Jeanne", "Martin").pk]
    for genre, demande in demandes.items():
        actions.ecrire_a_la_ville(
            demande,
            auteur=Auteur.habitant(usager),
            texte="Une photo.",
            pieces=(deposer(ContentFile(photo(), name="trou.jpg")),),
        )
        piece = demande.messages.latest("pk").pk
        arguments |= {
            f"{nom} {genre}": [demande.numero]
            for nom in (
                "agent_saisie_faite",
                "agent_recu",
                "agent_recu_envoyer",
                "agent_demande",
                "agent_apercu",
                "agent_demande_lus",
                "agent_ecrit",
                "suivi_par_code",
                "suivi_demander_le_lien",
                "ma_demande",
            )
        }
        arguments |= {
            f"{nom} {genre}": [demande.numero, demande.jeton_suivi] for nom in ("suivi_par_lien", "recu_pdf")
        }
        arguments |= {f"{nom} {genre}": [piece_du_message(piece)] for nom in ("piece", "piece_vignette")}
        page = PageDePiece(piece_id=piece_du_message(piece), rang=1)
        page.image.save("", ContentFile(b"une page"))
        arguments[f"piece_page {genre}"] = [page.piece_id, 1]
        arguments |= {f"agent_geste {genre} {geste}": [demande.numero, geste] for geste in GESTES_ESSAYES}
    ordinaire, reservee = (demandes[genre].numero for genre in ("ordinaire", "reservee"))
    arguments |= {
        "agent_comparer ordinaire": [ordinaire, factories.demande_dans(Etat.ORIENTEE, ville).numero],
        "agent_comparer reservee": [ordinaire, reservee],
        "agent_comparer inventee": [ordinaire, "2026-9999999"],
        "agent_comparer elle-meme": [ordinaire, ordinaire],
    }
    for genre, demande in demandes.items():
        lettre = demande.messages.create(
            sens="sortant", visibilite="public", canal="courrier", corps="Lettre.", auteur=ville.agent_voirie
        )
        Remise.objects.create(message=lettre)
        arguments[f"agent_lettre {genre}"] = [demande.numero, lettre.pk]
        actions.garder_la_mise_en_forme(demande, "<b>Bonjour</b>", {})
        courriel = demande.messages.get(mise_en_forme__isnull=False)
        arguments[f"agent_mise_en_forme {genre}"] = [demande.numero, courriel.pk]
    transmise = factories.demande_dans(Etat.TRANSMISE_EXTERNE, ville)
    arguments |= {"agent_bordereau ordinaire": [demandes["ordinaire"].numero]}
    arguments |= {"agent_bordereau transmise": [transmise.numero]}
    arguments["agent_lettre d'une autre"] = [reservee, arguments["agent_lettre ordinaire"][1]]
    arguments |= {"piece inventee": [uuid.uuid4()], "agent_demande inventee": ["2026-9999999"]}
    return arguments


def papier_numerise(ville: factories.Ville) -> dict[str, list[Any]]:
    """A scanned letter of one page at the main desk."""
    lettre = factories.creer_lettre(ville)
    page = lettre.pages.get()
    return {
        "agent_courrier_lot": [lettre.lot_id],
        "agent_courrier_page": [page.pk],
        "agent_courrier_image": [page.pk],
        "agent_lettre_recue": [lettre.numero],
        "agent_courrier_reunir": [lettre.numero],
        "agent_lettre_geste": [lettre.numero, "prendre"],
    }


def creer_astreinte(ville: factories.Ville) -> Astreinte:
    debut = timezone.now()
    return Astreinte.objects.create(
        direction=ville.voirie, compte=ville.agent_voirie, debut=debut, fin=debut + timedelta(days=1)
    )


def jeton_d_astreinte(ville: factories.Ville) -> str:
    demande = factories.demande_dans(Etat.ORIENTEE, ville, est_urgente=True)
    appele = astreintes.Appele("astreinte", ville.agent_voirie.courriel, ville.agent_voirie)
    return astreintes.lien_pour_prendre(demande, appele).rstrip("/").rpartition("/")[2]


def piece_du_message(pk: int) -> uuid.UUID:
    return Piece.objects.get(proprietaire_genre="message", proprietaire_id=pk).pk


# -- asking ------------------------------------------------------------------------------------------------


def demander(monde: Monde, role: str, methode: str, chemin: str, donnees: dict | None = None) -> Any:
    """One request by somebody who has just logged in; whatever it wrote is undone."""
    client = Client()
    if role in monde.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = monde.sessions[role]
    with transaction.atomic():
        reponse = client.generic(methode, chemin) if donnees is None else client.post(chemin, donnees)
        transaction.set_rollback(True)
    if reponse.streaming:
        b"".join(reponse.streaming_content)  # read to its end, a file is closed
    return reponse


def code_de(reponse: Any) -> str:
    if 300 <= reponse.status_code < 400:
        return PORTES.get(reponse["Location"].partition("?")[0], "302")
    return str(reponse.status_code)


def motifs(
    resolveur: URLResolver, prefixe: str = "", espaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, str | None]]:
    """(path, namespace, name) of every address the resolver knows."""
    for motif in resolveur.url_patterns:
        chemin = prefixe + str(motif.pattern)
        if isinstance(motif, URLResolver):
            yield from motifs(motif, chemin, espaces + ((motif.namespace,) if motif.namespace else ()))
        else:
            yield chemin, ":".join(espaces), motif.name


def les_notres() -> dict[str, str]:
    """Path by name of our own addresses."""
    return {
        nom or chemin: chemin
        for chemin, _, nom in motifs(get_resolver())
        if not chemin.startswith(tuple(TIERS))
    }


# -- the table ---------------------------------------------------------------------------------------------


def test_every_address_of_ours_is_declared_and_no_other():
    declarees = {cle.split()[0] for methode, cle, _ in lignes() if methode == "GET"}

    assert set(les_notres()) - declarees == set(), "declare them above, for every role"
    assert declarees - set(les_notres()) == set(), "gone: take them out"


@pytest.mark.parametrize("part", PARTS)
def test_the_table_is_what_happens(monde, part):
    ecarts = []
    for methode, cle, attendus in lignes_de(part):
        chemin = reverse(cle.split()[0], args=monde.arguments.get(cle, []))
        for role, attendu in zip(ROLES, attendus, strict=True):
            if (obtenu := code_de(demander(monde, role, methode, chemin))) != attendu:
                ecarts.append(f"{methode} {cle} × {role}: {obtenu}, not {attendu}")
    assert ecarts == []


def test_what_has_no_post_row_takes_no_post(monde):
    """Read-only for everybody: refused, closed or unknown; never done."""
    avec_post = {cle.split()[0] for methode, cle, _ in lignes() if methode == "POST"}
    ecarts = []
    for methode, cle, _ in lignes():
        if methode == "POST" or cle.split()[0] in avec_post:
            continue
        chemin = reverse(cle.split()[0], args=monde.arguments.get(cle, []))
        codes = {role: code_de(demander(monde, role, "POST", chemin)) for role in ROLES}
        ecarts += [f"{cle} × {r}: {c}" for r, c in codes.items() if c not in {"405", "404", "A", "U"}]
    assert ecarts == []


def test_nothing_is_taken_without_the_form_s_token(monde):
    """Every address of ours, whoever asks: a form posted from elsewhere is refused before anything else.

    What machines post has no form: it is refused without its signature.
    """
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = monde.sessions["R1"]
    ecarts = {}
    for cle in {cle for _, cle, _ in lignes()}:
        chemin = reverse(cle.split()[0], args=monde.arguments.get(cle, []))
        if (statut := client.post(chemin).status_code) != 403:
            ecarts[cle] = statut
    assert ecarts == SANS_JETON


# -- what is not ours --------------------------------------------------------------------------------------


def chemins_des_tiers() -> Iterator[str]:
    """A path for each address of others; what it points at need not exist."""
    exemples = {"int": "1", "str": "x", "slug": "x", "uuid": str(uuid.UUID(int=1)), "path": "x"}
    for chemin, _, _ in motifs(get_resolver()):
        if chemin.startswith(tuple(TIERS)) and not re.search(r"[\\^$()]", chemin):
            yield "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: exemples[m[1] or "str"], chemin)


def test_others_are_closed_by_prefix_to_everybody_but_who_runs_them(monde):
    chemins = sorted(set(chemins_des_tiers()) - {PORTE_DES_TIERS})
    assert len(chemins) > 100
    ecarts = []
    for chemin in chemins:
        for role, attendu in TIERS["gestion/"].items():
            if (obtenu := code_de(demander(monde, role, "GET", chemin))) != attendu:
                ecarts.append(f"{chemin} × {role}: {obtenu}, not {attendu}")
    assert ecarts == []


def test_their_login_page_is_the_agents_door(monde):
    for role in ROLES:
        assert code_de(demander(monde, role, "GET", PORTE_DES_TIERS)) == "A", role


def test_who_runs_them_comes_in(monde):
    assert demander(monde, "ADM", "GET", "/gestion/").status_code == 200
