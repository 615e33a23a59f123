"""Write the whole configuration of a city as one file, in one order: the same city, the same bytes."""

import json
from collections.abc import Iterable
from typing import Any

from demandes.chargement.catalogue import JOURS
from demandes.models import Fiche, ModeleReponse, Motif, Organisme, RegleOrientation, Theme, TypeDemande
from guichet.organisation.models import (
    Direction,
    HeuresOuverture,
    IdentiteVille,
    JourFerme,
    PointAccueil,
    Territoire,
)
from guichet.organisation.ville import CHAMPS

VERSION = 1


def exporter() -> dict[str, Any]:
    """The configuration, as `configuration.charger` takes it back."""
    types = list(
        TypeDemande.objects.select_related("direction")
        .prefetch_related("versions", "themes")
        .order_by("code")
    )
    return {
        "version": VERSION,
        "catalogue": catalogue(types),
        "politiques": politiques(types),
        "fiches": fiches(),
        "jours_fermes": jours_fermes(),
    }


def en_octets(contenu: dict[str, Any]) -> bytes:
    return (json.dumps(contenu, ensure_ascii=False, indent=2) + "\n").encode()


def tirer(objet: Any, *noms: str) -> dict[str, Any]:
    return {nom: getattr(objet, nom) for nom in noms}


def catalogue(types: list[TypeDemande]) -> dict[str, Any]:
    identite = IdentiteVille.objects.first()
    return {
        "ville": {
            "identite": identite and tirer(identite, *CHAMPS),
            "arrondissements": [
                tirer(lieu, "code", "numero", "nom", "code_insee", "code_postal")
                | {
                    "centre": {"lon": lieu.longitude, "lat": lieu.latitude},
                    "point_accueil": lieu.point_accueil.code,
                }
                for lieu in Territoire.objects.select_related("point_accueil").order_by("code")
            ],
        },
        "points_accueil": [
            tirer(point, "code", "nom", "canaux", "adresse", "telephone", "courriel", "est_actif")
            | tirer(point, "latitude", "longitude")
            | {"horaires": horaires(point.heures.all())}
            for point in PointAccueil.objects.prefetch_related("heures").order_by("code")
        ],
        "directions": [
            tirer(
                direction,
                *("code", "nom", "nom_public", "secteur", "courriel", "telephone", "adresse"),
                *("signature", "est_active"),
            )
            | {"horaires": horaires(direction.heures.all())}
            for direction in Direction.objects.prefetch_related("heures").order_by("code")
        ],
        "types": [un_type(type) for type in types],
    }


def horaires(heures: Iterable[HeuresOuverture]) -> dict[str, list[dict[str, str]]]:
    jours: dict[str, list[dict[str, str]]] = {jour: [] for jour in JOURS}
    for plage in sorted(heures, key=lambda h: (h.jour, h.debut)):
        jours[JOURS[plage.jour]].append({"debut": f"{plage.debut:%H:%M}", "fin": f"{plage.fin:%H:%M}"})
    return jours


def un_type(type: TypeDemande) -> dict[str, Any]:
    """A type and its form in force. Its fiche and its templates are with the others, further down."""
    versions = sorted(type.versions.all(), key=lambda version: version.numero)
    return (
        tirer(type, "code", "libelle", "description", "mots_cles")
        | {
            "publie": type.publie_le is not None,
            "direction": type.direction.code,
            "nature": type.nature,
            "niveau": type.niveau,
            "urgent": type.est_urgent,
            "delai": {"valeur": type.delai_valeur, "unite": type.delai_unite},
        }
        | tirer(type, "delais_conditionnels", "acces", "acces_conditionnels", "secteur")
        | {
            "confidentiel": type.est_confidentiel,
            "teleservice_dedie": type.teleservice_dedie_url or None,
            "gestionnaire": type.gestionnaire,
            "carte_publique": type.est_sur_carte_publique,
            "rayon_doublon_m": type.rayon_doublon_m,
            "champs": versions[-1].champs if versions else None,
            "pieces": type.pieces,
            "fiche": None,
            "reponses_types": [],
        }
    )


def politiques(types: list[TypeDemande]) -> dict[str, Any]:
    modeles = ModeleReponse.objects.select_related("type").order_by("type__code", "geste", "titre")
    regles = RegleOrientation.objects.select_related("type", "territoire", "direction").order_by("ordre")
    return {
        "voies_recours": "",
        "themes": [
            tirer(theme, "code", "libelle", "icone", "description", "ordre")
            for theme in Theme.objects.order_by("ordre", "code")
        ],
        "organismes": [
            tirer(organisme, "code", "nom", "telephone", "courriel", "adresse", "competences")
            for organisme in Organisme.objects.order_by("code")
        ],
        "motifs": [
            tirer(motif, "geste", "code", "libelle", "exige_commentaire", "ordre", "est_actif")
            for motif in Motif.objects.order_by("geste", "ordre", "code")
        ],
        "modeles": [
            {"type": modele.type and modele.type.code} | tirer(modele, "geste", "titre", "texte", "est_actif")
            for modele in modeles
        ],
        "regles": [une_regle(regle) for regle in regles],
        "types": {type.code: politique(type) for type in types},
    }


def une_regle(regle: RegleOrientation) -> dict[str, Any]:
    si: dict[str, Any] = {}
    if regle.type:
        si["type"] = regle.type.code
    if regle.territoire:
        si["arrondissement"] = regle.territoire.code
    if regle.reponses:
        si["reponses"] = regle.reponses
    return tirer(regle, "ordre", "libelle") | {
        "si": si,
        "direction": regle.direction.code,
        "raison": regle.raison,
        "est_active": regle.est_active,
    }


def politique(type: TypeDemande) -> dict[str, Any]:
    """What the policy columns hold, complete or not."""
    # A unit other than the default is kept even when no delay runs, so that loading it back changes nothing.
    delai = {"valeur": type.silence_delai, "unite": type.silence_unite}
    return (
        {
            "silence": {
                "regime": type.regime_silence,
                "delai": None if delai == {"valeur": None, "unite": "mois"} else delai,
                "cas": type.silence_cas,
                "effet": type.silence_effet,
                "texte": type.silence_texte,
                "base_legale": type.silence_base_legale or None,
                "valide_par": type.silence_valide_par,
                "valide_le": type.silence_valide_le and type.silence_valide_le.isoformat(),
            },
            "sve_autorisee": type.sve_autorisee,
            "sve_motif": type.sve_motif or None,
            "ar_requis": type.ar_requis,
            "ar_motif": type.ar_motif or None,
            "base_legale": type.base_legale,
            "finalite": type.finalite,
            "destinataires": type.destinataires.split(", ") if type.destinataires else [],
            "conservation": tirer(type, "base_active_mois", "intermediaire_mois", "sort_final"),
        }
        | tirer(
            type,
            *("validation_requise", "sans_suite_autorise", "suspend_en_attente_tiers"),
            *("photo_apres_requise", "orientation_automatique", "complement_delai_jours"),
            *("organisme_competent", "alternatives"),
        )
        | {
            "urgence_consigne": type.urgence_consigne or None,
            "urgence_si": type.urgence_si,
            "voies_recours": type.voies_recours or None,
            "themes": sorted(theme.code for theme in type.themes.all()),
            "mots_du_quotidien": type.mots_du_quotidien,
        }
    )


def fiches() -> list[dict[str, Any]]:
    return [
        tirer(fiche, "code", "question", "reponse", "notes_agents")
        | {
            "types": sorted(type.code for type in fiche.types.all()),
            "mots_cles": fiche.mots_cles,
            "direction": fiche.direction and fiche.direction.code,
            "a_revoir_le": fiche.a_revoir_le and fiche.a_revoir_le.isoformat(),
            "est_active": fiche.est_active,
        }
        for fiche in Fiche.objects.select_related("direction").prefetch_related("types").order_by("code")
    ]


def jours_fermes() -> list[dict[str, Any]]:
    fermes = JourFerme.objects.select_related("point_accueil", "direction")
    return [
        {
            "jour": ferme.jour.isoformat(),
            "libelle": ferme.libelle,
            "point_accueil": ferme.point_accueil and ferme.point_accueil.code,
            "direction": ferme.direction and ferme.direction.code,
        }
        for ferme in fermes.order_by("jour", "point_accueil__code", "direction__code", "libelle")
    ]
