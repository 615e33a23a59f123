"""Take a whole configuration back, in one transaction; or say what it would do, and do nothing."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as FauteDeSchema

from demandes import vitrine
from demandes.chargement import catalogue, fermetures, fiches, politiques
from demandes.chargement.fichier import DONNEES, FichierInvalide, Rapport
from demandes.chargement.lignes import Chemin, Reperes, lire_octets
from demandes.chargement.rangement import Rangement, Situer, sous_garde
from demandes.models import TypeDemande, VersionFormulaire
from guichet.organisation.audit import Changement
from guichet.organisation.models import Compte, IdentiteVille
from guichet.socle.insertion import reecrire

# Lists whose rows are told apart by these keys, and what the loaders call them in their sentences.
CLES: dict[Chemin, tuple[str, ...]] = {
    ("catalogue", "ville", "arrondissements"): ("code",),
    ("catalogue", "points_accueil"): ("code",),
    ("catalogue", "directions"): ("code",),
    ("catalogue", "types"): ("code",),
    ("politiques", "themes"): ("code",),
    ("politiques", "organismes"): ("code",),
    ("politiques", "motifs"): ("geste", "code"),
    ("politiques", "modeles"): ("type", "geste", "titre"),
    ("politiques", "regles"): ("ordre",),
    ("fiches",): ("code",),
    ("jours_fermes",): ("point_accueil", "direction", "jour"),
}
# Lists whose loader names a row by its rank.
PAR_RANG = ("modeles", "jours_fermes")
# « types/VOI-NID : … », « arr_1 : … »: how a loader names the place of a reference that leads nowhere.
PLACE = re.compile(r"(?:(?P<genre>[^/:]+)/)?(?P<cle>.+?) : (?P<phrase>.*)", re.DOTALL)
SANS_FORMULAIRE = "Une démarche sans formulaire ne peut pas être publiée."
NOMS_DES_LISTES = {
    "points d'accueil": "points_accueil",
    "règles d'orientation": "regles",
    "modèles de réponse": "modeles",
    "thèmes": "themes",
    "politiques": "types",
    "jours fermés": "jours_fermes",
}


def charger_configuration(octets: bytes, *, par: Compte | None = None, essai: bool = False) -> Rapport:
    """Load a whole file, or with `essai` undo it and only report. A wrong one changes nothing.

    Each row written leaves its line in the register of changes; `par` is None for the command line.
    """
    contenu, reperes = lire_octets(octets)
    verifier(contenu, reperes)
    rapport = Rapport()
    try:
        with transaction.atomic():
            charger(contenu, Rangement(rapport, consigne=not essai, par=par), reperes)
            transaction.set_rollback(essai)
            transaction.on_commit(vitrine.oublier)
    except (ValidationError, DatabaseError) as cause:
        raise FichierInvalide(["Une valeur de ce fichier ne peut pas être enregistrée."]) from cause
    return rapport


def charger(contenu: dict[str, Any], rangement: Rangement, reperes: Reperes) -> None:
    rangs = {brut["code"]: rang for rang, brut in enumerate(contenu["catalogue"]["types"])}
    publies = {brut["code"] for brut in contenu["catalogue"]["types"] if brut["publie"]}

    def situer(type: TypeDemande, message: str) -> str:
        return reperes.phrase(("catalogue", "types", rangs[type.code], "publie"), message)

    caches = TypeDemande.objects.publies().filter(code__in=rangs.keys() - publies)
    publier(caches, False, rangement, situer)
    if identite := contenu["catalogue"]["ville"]["identite"]:
        rangement.poser(IdentiteVille, "identité de la ville", [({"pk": IdentiteVille.SEULE}, identite)])
    for section, charge, partie in (
        ("catalogue", catalogue.charger, contenu["catalogue"]),
        ("politiques", politiques.charger, contenu["politiques"]),
        ("fiches", fiches.charger, contenu),
        ("jours_fermes", fermetures.charger, contenu),
    ):
        try:
            charge(partie, rangement)
        except FichierInvalide as faute:
            raise FichierInvalide(
                [situer_la_phrase(phrase, section, contenu, reperes) for phrase in faute.erreurs]
            ) from faute
    publier(TypeDemande.objects.filter(code__in=publies, publie_le=None), True, rangement, situer)


def publier(types: QuerySet[TypeDemande], est_publie: bool, rangement: Rangement, situer: Situer) -> None:
    """Show or hide these types. Raises FichierInvalide when one has no form or no complete policy."""
    choisis = list(types.select_related("direction").prefetch_related("themes").order_by("code"))
    changements = []
    for type in choisis:
        avant = rangement.lire(type)
        type.publie_le = timezone.now() if est_publie else None
        rangement.rapport.noter("publications", "modifiés", str(type))
        changements.append(Changement(type, "modification", avant, rangement.lire(type)))
    with sous_garde(choisis, situer):
        reecrire(choisis, ["publie_le"])
    if est_publie:
        avec_formulaire = set(VersionFormulaire.objects.values_list("type_id", flat=True))
        if sans := [type for type in choisis if type.pk not in avec_formulaire]:
            raise FichierInvalide([situer(type, SANS_FORMULAIRE) for type in sans])
    rangement.inscrire(changements)


# -- checks before anything is written


@cache
def validateur() -> Draft202012Validator:
    """The shape of a configuration; a form is held to the catalogue's own schema."""
    schema = json.loads((DONNEES / "configuration.schema.json").read_text(encoding="utf-8"))
    du_catalogue = json.loads((DONNEES / "catalogue.schema.json").read_text(encoding="utf-8"))
    formes = du_catalogue["$defs"]
    formes["formulaire"] = formes["type_demande"]["properties"]["champs"]
    schema["$defs"] = formes | schema["$defs"]
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def verifier(contenu: dict[str, Any], reperes: Reperes) -> None:
    fautes = [
        (reperes.ligne(chemin), reperes.phrase(chemin, dire(faute)))
        for faute in validateur().iter_errors(contenu)
        for chemin in [tuple(faute.absolute_path)]
    ]
    if not fautes:
        fautes = list(doublons(contenu, reperes))
    if fautes:
        raise FichierInvalide([phrase for _, phrase in sorted(fautes)])


def doublons(contenu: dict[str, Any], reperes: Reperes) -> Iterator[tuple[int, str]]:
    for chemin, noms in CLES.items():
        vus: dict[tuple, int] = {}
        for rang, brut in enumerate(suivre(contenu, chemin)):
            cle = tuple(brut.get(nom) for nom in noms)
            ici = (*chemin, rang)
            if cle in vus:
                mots = " / ".join(str(mot) for mot in cle if mot is not None)
                yield (
                    reperes.ligne(ici),
                    reperes.phrase(ici, f"« {mots} » est déjà ligne {reperes.ligne((*chemin, vus[cle]))}."),
                )
            vus.setdefault(cle, rang)


def suivre(contenu: Any, chemin: Chemin) -> Any:
    """What stands there; nothing for a list that a file may leave out."""
    for pas in chemin:
        contenu = contenu.get(pas, [])
    return contenu


def dire(faute: FauteDeSchema) -> str:
    """A fault of shape, in French."""
    phrase = PHRASES.get(str(faute.validator))
    return phrase(faute.validator_value, faute) if phrase else "cette valeur n'a pas la forme attendue."


def citer(noms: Iterable[Any]) -> str:
    return ", ".join(f"« {str(nom)[:60]} »" for nom in noms)


def dire_absentes(regle: Any, faute: FauteDeSchema) -> str:
    instance: Any = faute.instance
    return f"il manque {citer(nom for nom in regle if nom not in instance)}."


def dire_inconnues(regle: Any, faute: FauteDeSchema) -> str:
    instance: Any = faute.instance
    schema: Any = faute.schema
    inconnues = sorted(set(instance) - set(schema.get("properties", {})))
    return f"cette clé n'est pas connue : {citer(inconnues[:5])}."


def dire_genre(regle: Any, faute: FauteDeSchema) -> str:
    genres = [regle] if isinstance(regle, str) else regle
    return f"on attend {' ou '.join(GENRES[genre] for genre in genres)}."


PHRASES: dict[str, Callable[[Any, FauteDeSchema], str]] = {
    "required": dire_absentes,
    "additionalProperties": dire_inconnues,
    "type": dire_genre,
    "enum": lambda r, f: f"{citer([f.instance])} n'est pas une valeur possible ({', '.join(map(str, r))}).",
    "const": lambda r, f: f"on attend {r}.",
    "maxLength": lambda r, f: f"ce texte est trop long : {r} caractères au plus.",
    "minLength": lambda r, f: "ce texte est vide.",
    "minimum": lambda r, f: f"ce nombre est trop petit : {r} au moins.",
    "maximum": lambda r, f: f"ce nombre est trop grand : {r} au plus.",
    "format": lambda r, f: f"{citer([f.instance])} n'a pas la forme attendue.",
    "pattern": lambda r, f: f"{citer([f.instance])} n'a pas la forme attendue.",
    "uniqueItems": lambda r, f: "la même valeur y est deux fois.",
}
GENRES = {
    "string": "un texte entre guillemets",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "true ou false",
    "object": "un objet entre accolades",
    "array": "une liste entre crochets",
    "null": "null",
}


def situer_la_phrase(phrase: str, section: str, contenu: dict[str, Any], reperes: Reperes) -> str:
    """Put a line before a loader's sentence, found from the place that it names."""
    trouve = PLACE.fullmatch(phrase)
    if not trouve:
        return reperes.phrase((section,), phrase)
    genre, cle, suite = NOMS_DES_LISTES.get(trouve["genre"], trouve["genre"]), trouve["cle"], trouve["phrase"]
    if section == "politiques" and genre == "types":
        return reperes.phrase(("politiques", "types", cle), suite)
    for chemin, noms in CLES.items():
        if chemin[0] == section and genre in (None, chemin[-1]):
            for rang, brut in enumerate(suivre(contenu, chemin)):
                if cle == str(rang if genre in PAR_RANG and cle.isdigit() else brut.get(noms[-1])):
                    return reperes.phrase((*chemin, rang), suite)
    return reperes.phrase((section,), phrase)
