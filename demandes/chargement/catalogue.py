"""Load the catalogue: the city, its desks and directions, and what may be asked of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import time
from typing import Any

from demandes.chargement.fichier import FichierInvalide, Rangement, facultatifs, valider
from demandes.formulaires import verifier_champs
from demandes.models import Fiche, ModeleReponse, TypeDemande, VersionFormulaire
from guichet.organisation.models import Direction, HeuresOuverture, PointAccueil, Territoire
from guichet.socle.erreurs import DonneeInvalide

JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
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
    points = {brut["code"]: charger_point(brut, rangement) for brut in contenu["points_accueil"]}
    for brut in contenu["ville"]["arrondissements"]:
        rangement.poser(
            Territoire,
            "arrondissements",
            {"code": brut["code"]},
            {
                "numero": brut["numero"],
                "nom": brut["nom"],
                "code_insee": brut["code_insee"],
                "code_postal": brut["code_postal"],
                "longitude": brut["centre"]["lon"],
                "latitude": brut["centre"]["lat"],
                "point_accueil": points[brut["point_accueil"]],
            },
        )
    directions = {brut["code"]: charger_direction(brut, rangement) for brut in contenu["directions"]}
    for brut in contenu["types"]:
        charger_type(brut, directions[brut["direction"]], rangement)
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


def charger_point(brut: Mapping[str, Any], rangement: Rangement) -> PointAccueil:
    point = rangement.poser(
        PointAccueil,
        "points d'accueil",
        {"code": brut["code"]},
        {nom: brut[nom] for nom in ("nom", "canaux", "courriel", "telephone", "adresse")}
        | facultatifs(brut, "est_actif"),
    )
    charger_heures(brut["horaires"], point, rangement, point_accueil=point)
    return point


def charger_direction(brut: Mapping[str, Any], rangement: Rangement) -> Direction:
    direction = rangement.poser(
        Direction,
        "directions",
        {"code": brut["code"]},
        {nom: brut[nom] for nom in ("nom", "nom_public", "secteur", "courriel", "telephone", "adresse")}
        | facultatifs(brut, "est_active"),
    )
    charger_heures(brut["horaires"], direction, rangement, direction=direction)
    return direction


def charger_heures(
    horaires: Mapping[str, Any], objet: Direction | PointAccueil, rangement: Rangement, **lieu: Any
) -> None:
    voulues = {
        (rang, time.fromisoformat(plage["debut"]), time.fromisoformat(plage["fin"]))
        for rang, jour in enumerate(JOURS)
        for plage in horaires[jour]
    }
    presentes = set(HeuresOuverture.objects.filter(**lieu).values_list("jour", "debut", "fin"))
    if voulues != presentes:
        if presentes:
            rangement.rapport.noter("horaires", "modifiés", str(objet))
        HeuresOuverture.objects.filter(**lieu).delete()
        HeuresOuverture.objects.bulk_create(
            HeuresOuverture(jour=jour, debut=debut, fin=fin, **lieu) for jour, debut, fin in sorted(voulues)
        )


def charger_type(brut: Mapping[str, Any], direction: Direction, rangement: Rangement) -> None:
    """One type with its form, its fiche and its templates. A changed form becomes a new version."""
    valeurs = {
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
    }
    valeurs |= {
        "direction": direction,
        "est_urgent": brut["urgent"],
        "delai_valeur": brut["delai"]["valeur"],
        "delai_unite": brut["delai"]["unite"],
        "est_confidentiel": brut["confidentiel"],
        "teleservice_dedie_url": brut["teleservice_dedie"] or "",
        "est_sur_carte_publique": brut["carte_publique"],
    }
    type = rangement.poser(TypeDemande, "types", {"code": brut["code"]}, valeurs)
    if brut["champs"] is not None:
        charger_formulaire(type, brut["champs"], rangement)
    if brut["fiche"]:
        fiche = rangement.poser(
            Fiche,
            "fiches",
            {"code": brut["code"]},
            {"question": brut["fiche"]["question"], "reponse": brut["fiche"]["reponse"]},
        )
        fiche.types.add(type)
    for rang, modele in enumerate(brut["reponses_types"], start=1):
        rangement.poser(
            ModeleReponse,
            "modèles de réponse",
            {
                "type": type,
                "geste": GESTE_DE_L_ETAT[modele["etat"]],
                "titre": f"{type.libelle} ({rang})"[:150],
            },
            {"texte": modele["texte"]},
        )


def charger_formulaire(type: TypeDemande, champs: list[dict[str, Any]], rangement: Rangement) -> None:
    derniere = type.versions.order_by("-numero").first()
    if derniere is not None and derniere.champs == champs:
        rangement.rapport.noter("formulaires", "inchangés", str(type))
        return
    numero = derniere.numero + 1 if derniere else 1
    version = VersionFormulaire.objects.create(type=type, numero=numero, champs=champs)
    rangement.inscrire(version, "creation", {})
    rangement.rapport.noter("formulaires", "modifiés" if derniere else "créés", str(type))
