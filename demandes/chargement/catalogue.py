"""Load the catalogue: the city, its desks and directions, and what may be asked of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from django.db.models import prefetch_related_objects

from demandes.chargement.fichier import FichierInvalide, facultatifs, valider
from demandes.chargement.rangement import Rangement
from demandes.formulaires import verifier_champs
from demandes.models import Fiche, ModeleReponse, TypeDemande, VersionFormulaire
from guichet.organisation import lieux
from guichet.organisation.audit import Changement
from guichet.organisation.lieux import Lieu
from guichet.organisation.models import Direction, HeuresOuverture, PointAccueil, Territoire
from guichet.socle.erreurs import DonneeInvalide

JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
# What a file may leave out of a place.
FACULTATIFS = ("est_actif", "est_active", "signature", "latitude", "longitude")
# The catalogue's templates are filed by the state they lead to.
GESTE_DE_L_ETAT = {
    "traitee": "repondre",
    "attente_usager": "demander_complement",
    "rejetee": "rejeter",
    "transmise_externe": "transmettre",
}


def charger(contenu: Mapping[str, Any], rangement: Rangement) -> None:
    """Load a catalogue that its schema accepts; cross references are checked before anything is written."""
    verifier_renvois(contenu)
    points = charger_lieux(
        PointAccueil,
        "points d'accueil",
        contenu["points_accueil"],
        ("nom", "canaux", "courriel", "telephone", "adresse"),
        rangement,
    )
    rangement.poser(
        Territoire,
        "arrondissements",
        [
            (
                {"code": brut["code"]},
                {nom: brut[nom] for nom in ("numero", "nom", "code_insee", "code_postal")}
                | {
                    "longitude": brut["centre"]["lon"],
                    "latitude": brut["centre"]["lat"],
                    "point_accueil": points[brut["point_accueil"]],
                },
            )
            for brut in contenu["ville"]["arrondissements"]
        ],
    )
    directions = charger_lieux(
        Direction,
        "directions",
        contenu["directions"],
        ("nom", "nom_public", "secteur", "courriel", "telephone", "adresse"),
        rangement,
    )
    charger_types(contenu["types"], directions, rangement)
    connus = {brut["code"] for brut in contenu["types"]}
    for absent in TypeDemande.objects.publies().exclude(code__in=connus):
        rangement.rapport.remarques.append(f"{absent.code} est publié mais n'est plus dans ce fichier.")


def verifier_renvois(contenu: Mapping[str, Any]) -> None:
    """Everything a schema cannot say: codes used once, references that resolve, forms that can be asked."""
    erreurs = []
    codes = {
        genre: [brut["code"] for brut in lignes]
        for genre, lignes in (
            ("points_accueil", contenu["points_accueil"]),
            ("directions", contenu["directions"]),
            ("types", contenu["types"]),
            ("arrondissements", contenu["ville"]["arrondissements"]),
        )
    }
    for genre, liste in codes.items():
        erreurs += [f"{genre} : le code {code} sert {n} fois." for code, n in Counter(liste).items() if n > 1]
    for brut in contenu["ville"]["arrondissements"]:
        if brut["point_accueil"] not in codes["points_accueil"]:
            erreurs.append(f"{brut['code']} : le point d'accueil {brut['point_accueil']} n'existe pas.")
    for genre in ("points_accueil", "directions"):
        for brut in contenu[genre]:
            erreurs += [
                f"{genre}/{brut['code']} : {JOURS[jour]}, la fermeture vient avant l'ouverture."
                for jour, plages in horaires_lus(brut["horaires"]).items()
                if any(debut >= fin for debut, fin in plages)
            ]
    for brut in contenu["types"]:
        erreurs += verifier_type(brut, codes["directions"])
    if erreurs:
        raise FichierInvalide(erreurs)


def verifier_type(brut: Mapping[str, Any], directions: list[str]) -> list[str]:
    erreurs = []
    if brut["direction"] not in directions:
        erreurs.append(f"types/{brut['code']} : la direction {brut['direction']} n'existe pas.")
    questions = brut["champs"] or []
    try:
        verifier_champs(questions)
    except DonneeInvalide as erreur:
        erreurs.append(f"types/{brut['code']} : {erreur}")
    champs = {champ["nom"] for champ in questions}
    for condition in [*brut["delais_conditionnels"], *brut["acces_conditionnels"]]:
        if condition["si"]["champ"] not in champs:
            erreurs.append(f"types/{brut['code']} : le champ {condition['si']['champ']} n'existe pas.")
    return erreurs


def verifier_formulaire(champs: list[dict[str, Any]]) -> None:
    """The checks a form meets in a file, for one made elsewhere: can be asked, then as the schema says.

    Raises DonneeInvalide, `champ` naming the field when one is at fault.
    """
    verifier_champs(champs)
    try:
        valider(champs, "catalogue.schema.json", "#/$defs/type_demande/properties/champs")
    except FichierInvalide as erreur:
        raise DonneeInvalide(f"Ce formulaire n'a pas la forme attendue ({erreur.erreurs[0]}).") from erreur


def charger_lieux(
    modele: type[Lieu],
    genre: str,
    bruts: Sequence[Mapping[str, Any]],
    noms: Iterable[str],
    rangement: Rangement,
) -> dict[str, Any]:
    """The places of a file by code, with their opening hours."""
    poses = rangement.poser(
        modele,
        genre,
        [
            (
                {"code": brut["code"]},
                {nom: brut[nom] for nom in noms} | facultatifs(brut, *FACULTATIFS),
            )
            for brut in bruts
        ],
    )
    charger_heures(poses, [brut["horaires"] for brut in bruts], rangement)
    return {lieu.code: lieu for lieu in poses}


def charger_heures(poses: Sequence[Lieu], bruts: Sequence[Mapping[str, Any]], rangement: Rangement) -> None:
    """Replace the weeks that differ, each with its line in the register."""
    prefetch_related_objects(poses, "heures")
    changements: list[Changement] = []
    plages: list[HeuresOuverture] = []
    for lieu, brut in zip(poses, bruts, strict=True):
        avant, apres = lieux.horaires_de(lieu), horaires_lus(brut)
        if avant == apres:
            continue
        rangement.rapport.noter("horaires", "modifiés" if avant else "créés", str(lieu))
        changements.append(lieux.changement_des_horaires(lieu, avant, apres))
        plages += lieux.plages_de(lieu, apres)
    if changements:
        ceux_ci = {f"{lieux.champ_du_lieu(poses[0])}__in": [c.objet for c in changements]}
        HeuresOuverture.objects.filter(**ceux_ci).delete()
        HeuresOuverture.objects.bulk_create(plages)
        rangement.inscrire(changements)


def horaires_lus(brut: Mapping[str, Any]) -> dict[int, list[tuple[time, time]]]:
    """The week of a file, as `lieux.horaires_de` tells it: days that are open, in order."""
    return {
        rang: sorted({(time.fromisoformat(p["debut"]), time.fromisoformat(p["fin"])) for p in brut[jour]})
        for rang, jour in enumerate(JOURS)
        if brut[jour]
    }


def charger_types(
    bruts: Sequence[Mapping[str, Any]], directions: Mapping[str, Direction], rangement: Rangement
) -> None:
    """The types with their forms, fiches and templates. A changed form becomes a new version."""
    types = rangement.poser(
        TypeDemande,
        "types",
        [({"code": brut["code"]}, valeurs_du_type(brut, directions[brut["direction"]])) for brut in bruts],
    )
    ensemble = list(zip(types, bruts, strict=True))
    charger_formulaires(
        [(type, brut["champs"]) for type, brut in ensemble if brut["champs"] is not None], rangement
    )
    avec_fiche = [(type, brut) for type, brut in ensemble if brut["fiche"]]
    fiches = rangement.poser(
        Fiche,
        "fiches",
        [
            ({"code": brut["code"]}, {nom: brut["fiche"][nom] for nom in ("question", "reponse")})
            for _, brut in avec_fiche
        ],
    )
    prefetch_related_objects(fiches, "types")
    rangement.lier(
        "types",
        "démarches des fiches",
        [(fiche, {*fiche.types.all(), type}) for fiche, (type, _) in zip(fiches, avec_fiche, strict=True)],
    )
    rangement.poser(
        ModeleReponse,
        "modèles de réponse",
        [
            (
                {
                    "type": type,
                    "geste": GESTE_DE_L_ETAT[modele["etat"]],
                    "titre": f"{type.libelle} ({rang})"[:150],
                },
                {"texte": modele["texte"]},
            )
            for type, brut in ensemble
            for rang, modele in enumerate(brut["reponses_types"], start=1)
        ],
    )


def valeurs_du_type(brut: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    return {
        nom: brut[nom]
        for nom in (
            "libelle",
            "description",
            "mots_cles",
            "nature",
            "niveau",
            "delais_conditionnels",
            "acces",
            "acces_conditionnels",
            "secteur",
            "gestionnaire",
            "rayon_doublon_m",
            "pieces",
        )
    } | {
        "direction": direction,
        "est_urgent": brut["urgent"],
        "delai_valeur": brut["delai"]["valeur"],
        "delai_unite": brut["delai"]["unite"],
        "est_confidentiel": brut["confidentiel"],
        "teleservice_dedie_url": brut["teleservice_dedie"] or "",
        "est_sur_carte_publique": brut["carte_publique"],
    }


def charger_formulaires(
    voulus: Sequence[tuple[TypeDemande, list[dict[str, Any]]]], rangement: Rangement
) -> None:
    dernieres = {
        version.type_id: version
        for version in VersionFormulaire.objects.order_by("type_id", "-numero").distinct("type_id")
    }
    nouvelles = []
    for type, champs in voulus:
        derniere = dernieres.get(type.pk)
        if derniere is not None and derniere.champs == champs:
            rangement.rapport.noter("formulaires", "inchangés", str(type))
            continue
        numero = derniere.numero + 1 if derniere else 1
        nouvelles.append(VersionFormulaire(type=type, numero=numero, champs=champs))
        rangement.rapport.noter("formulaires", "modifiés" if derniere else "créés", str(type))
    VersionFormulaire.objects.bulk_create(nouvelles)
    rangement.inscrire(
        Changement(version, "creation", apres=rangement.lire(version)) for version in nouvelles
    )
