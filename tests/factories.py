"""A small city, its people, and demandes brought to any state by the real gestures.

`creer_ville()` gives the whole cast once; `demande_dans(Etat.PLANIFIEE, ville)` walks the gestures. Nothing
here writes `etat` by hand: what the tests start from is what agents can make.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from demandes import actions, courriels
from demandes.actions import Depot
from demandes.courrier import arrivee, lecture
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Decision, Etat
from demandes.models import (
    BoiteCourriel,
    Demande,
    Fiche,
    LettreRecue,
    ModeleReponse,
    Motif,
    Organisme,
    PageNumerisee,
    Reception,
    RegleOrientation,
    TypeDemande,
    VersionFormulaire,
)
from guichet.canaux.canal import Canal
from guichet.organisation.models import (
    Affectation,
    Agent,
    Compte,
    Direction,
    Espace,
    PointAccueil,
    Role,
    Secteur,
    Territoire,
)
from guichet.socle.lecture import MARQUE, Lecture
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Identite
from usagers.rapprochement import creer_usager as creer_usager_identifie

RANGS = count(1)
TOUS_LES_SECTEURS = tuple(Secteur.values)
POLITIQUES = settings.RACINE / "demandes" / "donnees" / "politiques.json"

CHAMPS = [
    {
        "nom": "nature",
        "libelle": "Que faut-il réparer ?",
        "type": "choix",
        "obligatoire": True,
        "aide": None,
        "choix": [{"valeur": "trou", "libelle": "Un trou"}, {"valeur": "bordure", "libelle": "Une bordure"}],
    },
    {"nom": "precision", "libelle": "Précisions", "type": "texte_long", "obligatoire": False, "aide": None},
]


# -- places and people ---------------------------------------------------------------------------------


def creer_direction(code: str = "VOI", nom: str = "Voirie", **champs: Any) -> Direction:
    return Direction.objects.create(
        code=code,
        **{
            "nom": nom,
            "nom_public": nom,
            "courriel": f"{code.lower()}@villeneuve-sur-saone.example",
            "telephone": "04 65 71 10 03",
            "adresse": "45 quai du Port-Fluvial, 69987 Villeneuve-sur-Saône",
        }
        | champs,
    )


def creer_accueil(code: str = "MC", nom: str = "Mairie centrale", **champs: Any) -> PointAccueil:
    canaux = [
        Canal.PORTAIL,
        Canal.TELEPHONE,
        Canal.GUICHET,
        Canal.COURRIER,
        Canal.COURRIEL,
        "reseaux_sociaux",
    ]
    return PointAccueil.objects.create(
        code=code,
        **{
            "nom": nom,
            "canaux": canaux,
            "courriel": f"{code.lower()}@villeneuve-sur-saone.example",
            "telephone": "04 65 71 00 00",
            "adresse": "1 place de l'Hôtel-de-Ville, 69981 Villeneuve-sur-Saône",
        }
        | champs,
    )


def creer_territoire(point_accueil: PointAccueil, numero: int = 3, nom: str = "La Gare") -> Territoire:
    return Territoire.objects.create(
        code=f"arr_{numero}",
        numero=numero,
        nom=nom,
        code_insee=f"6998{numero}",
        code_postal=f"6998{numero}",
        longitude=4.859,
        latitude=45.7585,
        point_accueil=point_accueil,
    )


@dataclass(frozen=True)
class Poste:
    """Somebody, and the one affectation they have when they have a role."""

    prenom: str
    nom: str
    role: str | None = None
    lieu: PointAccueil | Direction | None = None
    secteurs: tuple[str, ...] = (Secteur.GENERAL,)


def creer_agents(**postes: Poste) -> dict[str, Compte]:
    """Agents' accounts, all in three statements: nearly every test asks for a dozen."""
    comptes = {cle: _compte_de(poste) for cle, poste in postes.items()}
    Compte.objects.bulk_create(comptes.values())
    qui = [(postes[cle], compte) for cle, compte in comptes.items()]
    Agent.objects.bulk_create(
        Agent(compte=compte, prenom=poste.prenom, nom=poste.nom, qualite="Agent territorial")
        for poste, compte in qui
    )
    Affectation.objects.bulk_create(
        affectation(compte, poste.role, poste.lieu, poste.secteurs) for poste, compte in qui if poste.role
    )
    return comptes


def _compte_de(poste: Poste) -> Compte:
    compte = Compte(
        espace=Espace.AGENT,
        courriel=f"{poste.prenom}.{poste.nom}.{next(RANGS)}@demo.example".lower(),
        nom_affiche=f"{poste.prenom} {poste.nom}",
    )
    compte.set_unusable_password()
    return compte


def creer_agent(
    prenom: str,
    nom: str,
    role: str | None = None,
    lieu: PointAccueil | Direction | None = None,
    secteurs: tuple[str, ...] = (Secteur.GENERAL,),
) -> Compte:
    """An agent's account; with a role, one affectation in force for as long as anybody remembers."""
    return creer_agents(lui=Poste(prenom, nom, role, lieu, secteurs))["lui"]


def affectation(
    compte: Compte, role: str, lieu: PointAccueil | Direction | None, secteurs: tuple[str, ...]
) -> Affectation:
    return Affectation(
        compte=compte,
        role=role,
        point_accueil=lieu if isinstance(lieu, PointAccueil) else None,
        direction=lieu if isinstance(lieu, Direction) else None,
        secteurs=list(secteurs),
        du=date(2020, 1, 1),
    )


def affecter(
    compte: Compte,
    role: str,
    lieu: PointAccueil | Direction | None = None,
    secteurs: tuple[str, ...] = (Secteur.GENERAL,),
) -> Affectation:
    nouvelle = affectation(compte, role, lieu, secteurs)
    nouvelle.save()
    return nouvelle


def creer_usager(
    prenom: str = "Jeanne",
    nom: str = "Martin",
    *,
    courriel: str | None = None,
    telephone: str = "",
    adresse: str = "",
    **champs: Any,
) -> Usager:
    """A resident reachable by e-mail unless `courriel=""`."""
    if courriel is None:
        courriel = f"jeanne.martin.{next(RANGS)}@courriel.example"
    identite = Identite(nom=nom, prenom=prenom, courriel=courriel, telephone=telephone, adresse=adresse)
    return creer_usager_identifie(identite, **champs)


def creer_compte_usager(usager: Usager) -> Compte:
    """A resident's account bound to this person."""
    usager.compte = Compte.objects.creer(
        Espace.USAGER, usager.coordonnee(Coordonnee.Genre.COURRIEL), nom_affiche=str(usager)
    )
    usager.save()
    return usager.compte


# -- catalogue -----------------------------------------------------------------------------------------


def creer_motifs() -> None:
    """Every reason of the demo policies, so that gestures find theirs."""
    motifs = json.loads(POLITIQUES.read_text(encoding="utf-8"))["motifs"]
    Motif.objects.bulk_create(
        [Motif(ordre=ordre, **motif) for ordre, motif in enumerate(motifs)], ignore_conflicts=True
    )


def creer_type(code: str, direction: Direction, **champs: Any) -> TypeDemande:
    """A published type with its whole policy and one version of its form."""
    formulaire = champs.pop("champs", CHAMPS)
    type = TypeDemande.objects.create(
        code=code,
        direction=direction,
        **{
            "libelle": "Nid-de-poule ou trou dans la chaussée",
            "description": "Signalez un trou, une bosse ou une bordure cassée.",
            "nature": TypeDemande.Nature.SIGNALEMENT,
            "niveau": 2,
            "delai_valeur": 5,
            "delai_unite": TypeDemande.Unite.JOURS_OUVRES,
            "acces": TypeDemande.Acces.ANONYME,
            "secteur": Secteur.GENERAL,
            "rayon_doublon_m": 50,
            "pieces": [
                {"code": "photo", "libelle": "Photo du trou", "obligatoire": True, "indispensable": False}
            ],
            "regime_silence": TypeDemande.RegimeSilence.REJET,
            "silence_delai": 2,
            "silence_effet": "rejet",
            "silence_texte": "Sans réponse dans les deux mois, votre demande est refusée.",
            "silence_base_legale": "CRPA, art. L231-4, 2°",
            "silence_valide_par": "Direction des affaires juridiques",
            "silence_valide_le": date(2026, 9, 14),
            "sve_autorisee": True,
            "ar_requis": True,
            "base_legale": "mission_interet_public",
            "finalite": "Réparer la rue.",
            "destinataires": "Voirie",
            "base_active_mois": 24,
            "intermediaire_mois": 0,
            "sort_final": "anonymisation",
            "validation_requise": False,
            "sans_suite_autorise": True,
            "suspend_en_attente_tiers": True,
            "alternatives": ["Par téléphone au 04 65 71 00 00."],
            "publie_le": timezone.now(),
        }
        | champs,
    )
    VersionFormulaire.objects.create(type=type, numero=1, champs=formulaire)
    return type


def creer_regle(ville: "Ville", **champs: Any) -> RegleOrientation:
    """Kerbs of the roads type go to the cleaning department."""
    return RegleOrientation.objects.create(
        **{
            "ordre": 10,
            "libelle": "Bordures",
            "type": ville.type_voirie,
            "reponses": [{"champ": "nature", "vaut": "bordure"}],
            "direction": ville.proprete,
            "raison": "Les bordures sont à la propreté.",
        }
        | champs
    )


def creer_modele(**champs: Any) -> ModeleReponse:
    """A template for every type."""
    texte = "Bonjour {{ usager.nom }},\n\nC'est réparé.\n\n{{ agent.signature }}"
    return ModeleReponse.objects.create(**{"geste": "repondre", "titre": "Réparé", "texte": texte} | champs)


def creer_boite(**champs: Any) -> BoiteCourriel:
    """An address of the city, whose mails are handed over by a mail server."""
    return BoiteCourriel.objects.create(**{"nom": "Contact", "adresses": ["contact@ville.example"]} | champs)


def creer_fiche(type: TypeDemande, code: str = "trou-dans-la-rue", **champs: Any) -> Fiche:
    """A knowledge entry of this type."""
    fiche = Fiche.objects.create(
        code=code,
        **{
            "question": "Qui répare les trous dans la rue ?",
            "reponse": "Les équipes de la voirie rebouchent un trou dans les cinq jours ouvrés.",
            "notes_agents": "Demander la largeur du trou.",
        }
        | champs,
    )
    fiche.types.add(type)
    return fiche


def creer_organisme(nom: str = "Métropole de la Saône", **champs: Any) -> Organisme:
    """An administration outside the city, with the ways to reach it."""
    return Organisme.objects.create(
        code=f"organisme_{next(RANGS)}", nom=nom, **{"telephone": "04 65 71 60 00"} | champs
    )


def photo(cote: int = 40) -> bytes:
    """A real JPEG, small."""
    sortie = BytesIO()
    Image.new("RGB", (cote, cote), (90, 120, 90)).save(sortie, "JPEG")
    return sortie.getvalue()


def televerser(nom: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, photo())


# -- the whole cast ------------------------------------------------------------------------------------


@dataclass
class Ville:
    """Two desks, three directions (one in a walled secteur), someone for each hat, three types."""

    accueil: PointAccueil
    autre_accueil: PointAccueil
    territoire: Territoire
    voirie: Direction
    proprete: Direction
    ccas: Direction
    agent_accueil: Compte
    agent_accueil_habilite: Compte
    responsable_accueil: Compte
    agent_autre_accueil: Compte
    agent_voirie: Compte
    collegue_voirie: Compte
    responsable_voirie: Compte
    agent_proprete: Compte
    responsable_proprete: Compte
    agent_ccas: Compte
    responsable_ccas: Compte
    administrateur: Compte
    type_voirie: TypeDemande
    type_a_valider: TypeDemande
    type_social: TypeDemande


def creer_ville() -> Ville:
    """Of the desk, only `agent_accueil_habilite` reads the social secteur."""
    creer_motifs()
    accueil = creer_accueil()
    autre_accueil = creer_accueil("MA3", "Mairie du 3e arrondissement", canaux=[Canal.GUICHET])
    voirie = creer_direction()
    proprete = creer_direction("PROP", "Propreté")
    ccas = creer_direction("CCAS", "Action sociale", secteur=Secteur.SOCIAL)
    social = (Secteur.GENERAL, Secteur.SOCIAL)
    equipe = creer_agents(
        agent_accueil=Poste("Salimata", "Ouédraogo", Role.AGENT_ACCUEIL, accueil),
        agent_accueil_habilite=Poste("Awa", "Diallo", Role.AGENT_ACCUEIL, accueil, social),
        responsable_accueil=Poste("Hélène", "Vasseur", Role.RESPONSABLE_ACCUEIL, accueil),
        agent_autre_accueil=Poste("Loïc", "Le Goff", Role.AGENT_ACCUEIL, autre_accueil),
        agent_voirie=Poste("Karim", "Belkacem", Role.AGENT_DIRECTION, voirie),
        collegue_voirie=Poste("Inès", "Fontaine", Role.AGENT_DIRECTION, voirie),
        responsable_voirie=Poste("Odile", "Charpentier", Role.RESPONSABLE_DIRECTION, voirie),
        agent_proprete=Poste("Yanis", "Roux", Role.AGENT_DIRECTION, proprete),
        responsable_proprete=Poste("Marc", "Delmas", Role.RESPONSABLE_DIRECTION, proprete),
        agent_ccas=Poste("Nour", "Benali", Role.AGENT_DIRECTION, ccas, social),
        responsable_ccas=Poste("Paul", "Girard", Role.RESPONSABLE_DIRECTION, ccas, social),
        administrateur=Poste("Ada", "Moreau", Role.ADMINISTRATEUR, secteurs=TOUS_LES_SECTEURS),
    )
    return Ville(
        accueil=accueil,
        autre_accueil=autre_accueil,
        territoire=creer_territoire(accueil),
        voirie=voirie,
        proprete=proprete,
        ccas=ccas,
        **equipe,
        type_voirie=creer_type("VOI-TROU", voirie),
        type_a_valider=creer_type(
            "VOI-AMEN",
            voirie,
            libelle="Demande d'aménagement de la rue",
            nature=TypeDemande.Nature.DEMANDE,
            validation_requise=True,
        ),
        type_social=creer_type(
            "CCAS-AIDE",
            ccas,
            libelle="Aide financière",
            nature=TypeDemande.Nature.DEMANDE,
            secteur=Secteur.SOCIAL,
            est_confidentiel=True,
            validation_requise=True,
        ),
    )


# -- demandes ------------------------------------------------------------------------------------------


def mettre_a_rapprocher(ville: "Ville", **champs: Any) -> Demande:
    """A demande that a message opened while citing one that its sender has no part in."""
    citee = deposer(ville)
    return actions.mettre_a_rapprocher(
        deposer(ville, **champs), auteur=SYSTEME, raisons=["expediteur"], citees=[citee]
    )


def mettre_en_quarantaine(brut: bytes, motif: str = "Ce courriel est illisible.") -> Reception:
    """A mail that nobody could read."""
    reception = courriels.recevoir(brut)
    reception.etat, reception.motif, reception.traitee_le = (
        Reception.Etat.QUARANTAINE,
        motif,
        timezone.now(),
    )
    reception.save()
    return reception


def creer_lettre(ville: Ville, **champs: Any) -> LettreRecue:
    """A letter of one page, scanned at the main desk and read."""
    contenu = photo(60) + str(next(RANGS)).encode()
    lot = arrivee.deposer(
        [("page.jpg", contenu)], point_accueil=ville.accueil, recu_le=timezone.localdate()
    ).lot
    assert lot is not None
    page = PageNumerisee(fichier=lot.fichiers.get(), rang=1, genre="lettre")
    page.image.save("", ContentFile(photo(60)))
    lot.fichiers.update(etat="lu", nombre_de_pages=1)
    lecture.classer_les_lots()
    lot.lettres.update(lue_le=timezone.now(), **champs)
    return lot.lettres.get()


def deposer(ville: Ville, *, usager: Usager | None = None, **depot: Any) -> Demande:
    """Register a demande by phone at the main desk; any field of `Depot` may be given."""
    type = depot.setdefault("type", ville.type_voirie)
    if not depot.get("est_anonyme"):
        depot["usager"] = usager or creer_usager()
    valeurs = {
        "canal": Canal.TELEPHONE,
        "texte": "Il y a un trou d'au moins vingt centimètres devant l'école.",
        "objet": "Trou devant l'école" if type == ville.type_voirie else "",
        "reponses": {"nature": "trou"} if type else {},
        "adresse": "12 rue des Tisserands",
        "territoire": ville.territoire,
        "point_accueil": ville.accueil,
    }
    return actions.enregistrer(Depot(**valeurs | depot), auteur=SYSTEME)


# Read so often here that its plan is worth keeping.
FRAICHE = Lecture(lambda: Demande.objects.pour_fil().filter(pk=MARQUE))


def demande_dans(etat: str, ville: Ville, **depot: Any) -> Demande:
    """A demande brought to this state by the gestures an agent would make; `depot` as in `deposer`.

    It is held by `ville.agent_voirie` (or the CCAS's agent for its type) and answered as granted.
    """
    demande = deposer(ville, **depot)
    for geste, auteur, donnees in chemin_vers(Etat(etat), demande, ville):
        demande = getattr(actions, geste)(demande, auteur=auteur, **donnees)
    return FRAICHE.objets(demande.pk)[0]


def chemin_vers(etat: Etat, demande: Demande, ville: Ville) -> list[tuple[str, Auteur, dict[str, Any]]]:
    """The gestures, authors and data that lead a new demande to a state."""
    est_sociale = demande.secteur == Secteur.SOCIAL
    accueil = Auteur.agent(ville.agent_accueil_habilite if est_sociale else ville.agent_accueil)
    agent = Auteur.agent(ville.agent_ccas if est_sociale else ville.agent_voirie)
    responsable = Auteur.agent(ville.responsable_ccas if est_sociale else ville.responsable_voirie)
    bientot = timezone.now() + timedelta(days=3)

    qualifiee = [("qualifier", accueil, {})]
    orientee = [*qualifiee, ("orienter", accueil, {})]
    prise = [*orientee, ("prendre_en_charge", agent, {})]
    reponse = {"texte": "Bonjour,\n\nLe trou est rebouché.", "decision": Decision.ACCORD}
    proposee = [*prise, ("proposer_une_reponse", agent, reponse)]
    if demande.type and demande.type.validation_requise:
        traitee = [*proposee, ("repondre", responsable, reponse)]
    else:
        traitee = [*prise, ("repondre", agent, reponse)]
    complement = {
        "elements": ["Photo du trou"],
        "texte": "Bonjour,\n\nMerci de nous envoyer une photo du trou.",
        "delai_jours": 30,
        "est_indispensable": True,
    }
    tiers = {"motif": "prestataire", "tiers": "Entreprise Bitume", "relance_le": bientot.date()}
    motive = {"motif": "irrecevable", "texte": "Cette demande ne peut pas être étudiée."}
    metropole = {"organisme": "Métropole de la Saône", "contact": "04 65 71 60 00"}
    chemins: dict[Etat, list] = {
        Etat.NOUVELLE: [],
        Etat.QUALIFIEE: qualifiee,
        Etat.ORIENTEE: orientee,
        Etat.PRISE_EN_CHARGE: prise,
        Etat.PLANIFIEE: [*prise, ("planifier", agent, {"pour": bientot})],
        Etat.ATTENTE_USAGER: [*prise, ("demander_complement", agent, complement)],
        Etat.ATTENTE_TIERS: [*prise, ("attendre_un_tiers", agent, tiers)],
        Etat.A_VALIDER: proposee,
        Etat.TRAITEE: traitee,
        Etat.CLOSE: [*traitee, ("clore", SYSTEME, {})],
        Etat.REJETEE: [*qualifiee, ("rejeter", accueil, motive)],
        Etat.TRANSMISE_EXTERNE: [*qualifiee, ("transmettre", accueil, metropole)],
        Etat.ANNULEE: [*qualifiee, ("annuler", accueil, {"motif": "erreur"})],
    }
    if etat == Etat.FUSIONNEE:
        principale = demande_dans(Etat.PRISE_EN_CHARGE, ville, type=demande.type, usager=demande.usager)
        return [*qualifiee, ("fusionner", accueil, {"principale": principale})]
    return chemins[etat]
