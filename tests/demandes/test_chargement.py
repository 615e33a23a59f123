"""Reference data as files: a wrong one changes nothing and names the place, a right one loads once."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from demandes import actions, brouillons
from demandes.actions import Depot
from demandes.chargement import FichierInvalide, charger_fichier
from demandes.chargement.fichier import DONNEES
from demandes.droits import SYSTEME
from demandes.formulaires import relire
from demandes.models import Demande, Fiche, RegleOrientation, TypeDemande, VersionFormulaire
from guichet.canaux.canal import Canal
from guichet.organisation.models import Direction, PointAccueil
from guichet.socle.erreurs import DonneeInvalide

pytestmark = pytest.mark.django_db

CODES = ["VOI-NID", "ECL-PANN", "EC-NAIS"]
ENTIER = json.loads((DONNEES / "catalogue.json").read_text())
POLITIQUES = json.loads((DONNEES / "politiques.json").read_text())


@pytest.fixture
def catalogue() -> dict[str, Any]:
    """The shipped catalogue, with three of its types."""
    types = [next(type for type in ENTIER["types"] if type["code"] == code) for code in CODES]
    return copy.deepcopy(ENTIER | {"types": types})


@pytest.fixture
def politiques() -> dict[str, Any]:
    """The shipped policies, for those three."""
    types = {code: POLITIQUES["types"][code] for code in CODES}
    regles = [regle for regle in POLITIQUES["regles"] if regle["si"].get("type") in CODES]
    return copy.deepcopy(POLITIQUES | {"types": types, "regles": regles})


@pytest.fixture
def charger(tmp_path: Path) -> Callable[..., list[str]]:
    def charger(contenu: Any, *, publier: bool = False) -> list[str]:
        fichier = tmp_path / "fichier.json"
        fichier.write_text(contenu if isinstance(contenu, str) else json.dumps(contenu))
        return charger_fichier(fichier, publier=publier).lignes()

    return charger


def photographie() -> list[tuple]:
    """Every row of reference data."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema "
            "AND (table_name LIKE 'demandes_%' OR table_name LIKE 'organisation_%') ORDER BY 1"
        )
        lignes = []
        for (table,) in curseur.fetchall():
            curseur.execute(f"SELECT %s, t::text FROM {table} t ORDER BY 2", [table])
            lignes += curseur.fetchall()
    return lignes


# -- a right file


def test_it_is_loaded_whole_with_a_report(charger, catalogue):
    rapport = charger(catalogue)

    assert "types : 3 créés" in rapport
    assert f"directions : {len(ENTIER['directions'])} créés" in rapport
    nid = TypeDemande.objects.get(code="VOI-NID")
    assert (nid.libelle, nid.direction.code, nid.delai_valeur) == (
        "Nid-de-poule ou chaussée dégradée",
        "VOI",
        next(t for t in ENTIER["types"] if t["code"] == "VOI-NID")["delai"]["valeur"],
    )
    assert [champ["nom"] for champ in nid.formulaire.champs] == ["voie", "taille", "adresse", "photos"]
    assert nid.publie_le is None


@pytest.mark.parametrize("avec_politiques", [False, True])
def test_twice_it_writes_nothing(charger, catalogue, politiques, avec_politiques):
    charger(catalogue)
    if avec_politiques:
        charger(politiques, publier=True)
    avant = photographie()

    rapports = charger(catalogue)
    if avec_politiques:
        rapports += charger(politiques, publier=True)

    assert photographie() == avant
    assert [ligne for ligne in rapports if "créés" in ligne or "modifiés" in ligne] == []
    assert "types : 3 inchangés" in rapports


def test_what_changed_is_changed_and_counted(charger, catalogue):
    charger(catalogue)
    catalogue["types"][0]["libelle"] = "Trou dans la rue"
    catalogue["points_accueil"][0]["telephone"] = "04 65 71 00 01"

    rapport = charger(catalogue)

    assert "types : 1 modifiés, 2 inchangés" in rapport
    assert TypeDemande.objects.filter(libelle="Trou dans la rue").exists()
    assert PointAccueil.objects.filter(telephone="04 65 71 00 01").exists()


def test_a_type_that_left_the_file_stays_and_is_named(charger, catalogue, politiques):
    charger(catalogue)
    charger(politiques, publier=True)
    parti = catalogue["types"].pop()["code"]

    assert f"{parti} est publié mais n'est plus dans ce fichier." in charger(catalogue)
    assert TypeDemande.objects.get(code=parti).publie_le is not None


# -- a wrong file


def abimer(contenu: dict[str, Any], chemin: list[Any], valeur: Any) -> None:
    *debut, dernier = chemin
    for pas in debut:
        contenu = contenu[pas]
    contenu[dernier] = valeur


@pytest.mark.parametrize(
    ("chemin", "valeur", "ou"),
    [
        (["types", 2, "delai", "unite"], "lunes", "types/2/delai/unite : "),
        (["types", 1, "niveau"], 3, "types/1/niveau : "),
        (["types", 0, "champs", 0, "type"], "magie", "types/0/champs/0/type : "),
        (["directions", 3, "courriel"], "pas une adresse", "directions/3/courriel : "),
        (["ville", "fuseau_horaire"], "Indian/Reunion", "ville/fuseau_horaire : "),
        (["types", 2, "direction"], "RIEN", "la direction RIEN n'existe pas"),
        (["ville", "arrondissements", 0, "point_accueil"], "RIEN", "le point d'accueil RIEN n'existe pas"),
        (["types", 1, "code"], "VOI-NID", "le code VOI-NID sert 2 fois"),
    ],
)
def test_one_wrong_place_is_named_and_nothing_changes(charger, catalogue, tmp_path, chemin, valeur, ou):
    charger(catalogue)
    avant = photographie()
    catalogue["types"][0]["libelle"] = "Changé"
    abimer(catalogue, chemin, valeur)

    with pytest.raises(FichierInvalide, match=ou):
        charger(catalogue)

    assert photographie() == avant


def test_every_fault_is_told_at_once(charger, catalogue):
    catalogue["types"][0]["niveau"] = 9
    catalogue["types"][2]["niveau"] = 9

    with pytest.raises(FichierInvalide) as erreur:
        charger(catalogue)

    assert [phrase.split(" : ")[0] for phrase in erreur.value.erreurs] == ["types/0/niveau", "types/2/niveau"]


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        ('{\n  "version": 1,\n  "ville": }', "Ligne 3, colonne 12"),
        ("[]", "un objet JSON"),
        ('{"recettes": []}', "ni un catalogue, ni des politiques, ni des fiches"),
    ],
)
def test_a_file_that_is_none_of_ours_is_said_so(charger, contenu, phrase):
    with pytest.raises(FichierInvalide, match=phrase):
        charger(contenu)


def test_the_command_fails_with_the_sentences(charger, catalogue, tmp_path):
    catalogue["types"][0]["niveau"] = 9
    fichier = tmp_path / "faux.json"
    fichier.write_text(json.dumps(catalogue))

    with pytest.raises(CommandError, match=r"Rien n'a été changé. 1 erreur\(s\) :\ntypes/0/niveau"):
        call_command("charger_catalogue", fichier)
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("charger_catalogue", tmp_path / "absent.json")
    assert not Direction.objects.exists()


@pytest.mark.parametrize(
    ("chemin", "valeur", "phrase"),
    [
        (["types", "VOI-RIEN"], POLITIQUES["types"]["VOI-NID"], "types/VOI-RIEN : ce type n'est pas"),
        (["types", "VOI-NID", "themes"], ["nulle_part"], "le thème nulle_part n'existe pas"),
        (["types", "VOI-NID", "silence", "regime"], "peut-être", "types/VOI-NID/silence/regime"),
    ],
)
def test_wrong_policies_change_nothing_either(charger, catalogue, politiques, chemin, valeur, phrase):
    charger(catalogue)
    avant = photographie()
    abimer(politiques, chemin, valeur)

    with pytest.raises(FichierInvalide, match=phrase):
        charger(politiques)

    assert photographie() == avant


def test_fiches_name_types_that_exist(charger, catalogue):
    charger(catalogue)
    fiches = json.loads((DONNEES / "fiches.json").read_text())

    with pytest.raises(FichierInvalide, match="n'est pas dans le catalogue"):
        charger(fiches)

    assert Fiche.objects.count() == len([t for t in catalogue["types"] if t["fiche"]])


# -- publication


def test_without_its_policy_a_type_is_not_published(charger, catalogue, politiques):
    rapport = charger(catalogue, publier=True)

    assert set(rapport[-3:]) == {
        f"{code} n'est pas publié : sa politique n'est pas complète." for code in CODES
    }
    assert not TypeDemande.objects.publies().exists()
    with pytest.raises(IntegrityError, match="type_publie_avec_sa_politique"), transaction.atomic():
        TypeDemande.objects.update(publie_le="2026-01-01T00:00:00Z")
    with pytest.raises(DonneeInvalide, match="n'est pas publiée"):
        deposer(TypeDemande.objects.get(code="VOI-NID"))

    assert "publications : 3 créés" in charger(politiques, publier=True)
    assert set(TypeDemande.objects.publies().values_list("code", flat=True)) == set(CODES)
    assert RegleOrientation.objects.count() == len(politiques["regles"])


# -- what was filed stays as it was filed


def deposer(type: TypeDemande, **depot: Any) -> Demande:
    reponses = {"voie": "cyclable", "taille": "petit", "adresse": "4 allée des Charmilles"}
    return actions.enregistrer(
        Depot(**{"canal": Canal.PORTAIL, "texte": "Un trou.", "type": type, "reponses": reponses} | depot),
        auteur=SYSTEME,
    )


def test_a_changed_form_is_a_new_version_and_the_old_demande_reads_as_filed(charger, catalogue, politiques):
    charger(catalogue)
    charger(politiques, publier=True)
    type = TypeDemande.objects.get(code="VOI-NID")
    ancienne = deposer(type)
    brouillon = brouillons.ouvrir(type)
    lue = relire(ancienne.formulaire.champs, ancienne.reponses)

    champ = next(t for t in catalogue["types"] if t["code"] == "VOI-NID")["champs"][0]
    champ["libelle"] = "Sur quoi roulait-on ?"
    champ["choix"] = [
        {"valeur": "route", "libelle": "Une route"},
        {"valeur": "sentier", "libelle": "Un sentier"},
    ]
    assert "formulaires : 1 modifiés, 2 inchangés" in charger(catalogue)

    ancienne = Demande.objects.get(pk=ancienne.pk)
    assert ancienne.formulaire.numero == 1
    assert relire(ancienne.formulaire.champs, ancienne.reponses) == lue
    assert "Piste ou bande cyclable" in dict(lue).values()
    type = TypeDemande.objects.get(code="VOI-NID")
    assert type.formulaire.numero == 2
    assert brouillons.trouver("VOI-NID", brouillon.jeton).version.numero == 1, "begun with the first version"
    nouvelle = deposer(type, reponses={"voie": "sentier", "taille": "petit"}, est_formulaire=False)
    assert "Un sentier" in dict(relire(nouvelle.formulaire.champs, nouvelle.reponses)).values()
    assert VersionFormulaire.objects.filter(type=type).count() == 2


def test_a_changed_delay_rewrites_no_promise(charger, catalogue, politiques):
    charger(catalogue)
    charger(politiques, publier=True)
    ancienne = deposer(TypeDemande.objects.get(code="VOI-NID"))
    promesse = (ancienne.delai_valeur, ancienne.echeance_service, ancienne.echeance_legale)

    brut = next(t for t in catalogue["types"] if t["code"] == "VOI-NID")
    brut["delai"]["valeur"] = 60
    brut["delais_conditionnels"] = []
    charger(catalogue)

    relue = Demande.objects.get(pk=ancienne.pk)
    assert (relue.delai_valeur, relue.echeance_service, relue.echeance_legale) == promesse
    assert deposer(TypeDemande.objects.get(code="VOI-NID")).delai_valeur == 60
