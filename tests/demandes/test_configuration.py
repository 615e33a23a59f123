"""The whole configuration as one file: written, read back, tried, refused with the line of the fault."""

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demandes.chargement import FichierInvalide, charger_fichier
from demandes.chargement.configuration import charger_configuration
from demandes.chargement.export import en_octets, exporter
from demandes.chargement.fichier import DONNEES
from demandes.models import (
    Fiche,
    ModeleReponse,
    Motif,
    Organisme,
    RegleOrientation,
    Theme,
    TypeDemande,
)
from guichet.organisation.models import (
    Direction,
    HeuresOuverture,
    IdentiteVille,
    JourFerme,
    Modification,
    PointAccueil,
    Territoire,
)

pytestmark = pytest.mark.django_db

TABLES = (
    *(Fiche, ModeleReponse, Motif, Organisme, RegleOrientation, TypeDemande, Theme),
    *(JourFerme, HeuresOuverture, Territoire, Direction, PointAccueil, IdentiteVille),
)


CODES = ["VOI-DANG", "VOI-NID", "EC-NAIS"]


@pytest.fixture
def ville(tmp_path: Path) -> bytes:
    """The city of the reference files with three types, then touched on screen; its export."""
    entier = json.loads((DONNEES / "catalogue.json").read_text())
    entier["types"] = [type for type in entier["types"] if type["code"] in CODES]
    politiques = json.loads((DONNEES / "politiques.json").read_text())
    politiques["types"] = {code: politiques["types"][code] for code in CODES}
    politiques["regles"] = [regle for regle in politiques["regles"] if regle["si"]["type"] in CODES]
    for contenu in (entier, politiques):
        fichier = tmp_path / "reference.json"
        fichier.write_text(json.dumps(contenu))
        charger_fichier(fichier, publier=True)
    IdentiteVille.objects.create(
        pk=1,
        nom="Villeneuve",
        adresse="1 place de la Mairie",
        telephone="04 65 71 00 00",
        courriel="mairie@ville.example",
    )
    motif = Motif.objects.order_by("pk")[0]
    motif.est_actif, motif.ordre = False, 700
    motif.save()
    Fiche.objects.filter(pk=Fiche.objects.order_by("pk")[0].pk).update(
        est_active=False, direction=Direction.objects.get(code="VOI"), a_revoir_le="2030-01-31"
    )
    RegleOrientation.objects.filter(ordre=10).update(est_active=False)
    modele = ModeleReponse.objects.order_by("pk")[0]
    ModeleReponse.objects.filter(pk=modele.pk).update(est_actif=False)
    JourFerme.objects.create(jour="2030-05-31", libelle="Pont de l'Ascension")
    JourFerme.objects.create(
        jour="2030-05-31", libelle="Travaux", direction=Direction.objects.get(code="VOI")
    )
    TypeDemande.objects.filter(code="VOI-NID").update(publie_le=None)
    TypeDemande.objects.create(
        code="NEU-F",
        libelle="Une démarche à peine commencée",
        description="Rien d'autre n'est décidé.",
        direction=Direction.objects.get(code="VOI"),
        nature="demande",
        niveau=1,
        delai_valeur=0,
        delai_unite="immediat",
        acces="contact",
        secteur="general",
        silence_unite="jours",
    )
    return en_octets(exporter())


def vider() -> None:
    for table in TABLES:
        table.objects.all().delete()


def changer(octets: bytes, avant: str, apres: str) -> bytes:
    texte = octets.decode()
    assert texte.count(avant) >= 1
    return texte.replace(avant, apres, 1).encode()


def ligne_de(octets: bytes, texte: str) -> int:
    """The line of the first occurrence."""
    return octets.decode().split(texte)[0].count("\n") + 1


def test_read_back_on_the_same_city_it_changes_nothing(ville):
    rapport = charger_configuration(ville)

    assert not rapport.change
    assert rapport.remarques == []
    assert rapport.comptes["types"] == {"inchangés": TypeDemande.objects.count()}
    assert en_octets(exporter()) == ville
    assert not Modification.objects.exists()


def test_read_on_an_empty_city_it_makes_the_same_city(ville):
    vider()

    rapport = charger_configuration(ville)

    assert en_octets(exporter()) == ville
    assert rapport.comptes["types"] == {"créés": TypeDemande.objects.count()}
    assert not TypeDemande.objects.publies().filter(code__in=["VOI-NID", "NEU-F"]).exists()
    assert TypeDemande.objects.publies().count() == TypeDemande.objects.count() - 2
    assert Modification.objects.filter(objet_genre="demandes.typedemande", action="creation").count() == (
        TypeDemande.objects.count()
    )
    assert set(Modification.objects.values_list("compte", flat=True)) == {None}


def test_a_try_tells_all_and_writes_nothing(ville):
    nouveau = changer(ville, "Nid-de-poule ou chaussée dégradée", "Trou dans la rue")

    rapport = charger_configuration(nouveau, essai=True)

    assert rapport.change
    assert rapport.comptes["types"]["modifiés"] == 1
    assert rapport.noms["types", "modifiés"] == ["Trou dans la rue"]
    assert en_octets(exporter()) == ville
    assert not Modification.objects.exists()


def test_a_changed_name_is_changed_and_registered(ville):
    charger_configuration(changer(ville, "Nid-de-poule ou chaussée dégradée", "Trou dans la rue"))

    assert TypeDemande.objects.get(code="VOI-NID").libelle == "Trou dans la rue"
    ligne = Modification.objects.get()
    assert (ligne.action, ligne.avant, ligne.apres) == (
        "modification",
        {"libelle": "Nid-de-poule ou chaussée dégradée"},
        {"libelle": "Trou dans la rue"},
    )


def test_a_type_is_published_only_when_complete(ville):
    contenu = json.loads(ville)
    rang = next(r for r, t in enumerate(contenu["catalogue"]["types"]) if t["code"] == "NEU-F")
    contenu["catalogue"]["types"][rang]["publie"] = True
    octets = en_octets(contenu)

    with pytest.raises(FichierInvalide) as refus:
        charger_configuration(octets)

    [phrase] = refus.value.erreurs
    assert phrase.endswith(
        f", catalogue/types/{rang}/publie : Un type sans politique complète ne peut pas être publié."
    )
    ligne = int(phrase.split(",")[0].removeprefix("Ligne "))
    assert octets.decode().splitlines()[ligne - 1] == '        "publie": true,'
    assert en_octets(exporter()) == ville


def grossir(octets: bytes, fois: int) -> bytes:
    """The same city with each row of each list again under other names, `fois` times."""
    contenu = json.loads(octets)
    partie, politiques = contenu["catalogue"], contenu["politiques"]
    suites = [f"-{lettre}" for lettre in "ABCDEFGHIJ"[:fois]]
    partie["ville"]["arrondissements"] += [
        {**brut, "code": f"{brut['code']}{suite}", "numero": brut["numero"] + 20 * rang}
        for rang, suite in enumerate(suites, start=1)
        for brut in list(partie["ville"]["arrondissements"])
    ]
    politiques["types"] |= {
        f"{code}{suite}": brut for suite in suites for code, brut in list(politiques["types"].items())
    }
    for liste in (partie["types"], politiques["organismes"], contenu["fiches"], politiques["motifs"]):
        liste += [{**brut, "code": f"{brut['code']}{suite}"} for suite in suites for brut in list(liste)]
    for rang, liste in enumerate((partie["points_accueil"], partie["directions"])):
        lettres = [f"{'PD'[rang]}{suite[1]}" for suite in suites]
        liste += [{**liste[0], "code": f"X{lettre}"} for lettre in lettres]
    politiques["modeles"] += [
        {**brut, "titre": f"{brut['titre'][:100]}{suite}"}
        for suite in suites
        for brut in list(politiques["modeles"])
    ]
    politiques["regles"] += [
        {**brut, "ordre": brut["ordre"] + 1000 * rang}
        for rang, _ in enumerate(suites, start=1)
        for brut in list(politiques["regles"])
    ]
    return en_octets(contenu)


def changer_tout(octets: bytes) -> bytes:
    """Other words in each row, other hours in each place, other neighbours, nothing published."""
    contenu = json.loads(octets)
    partie, politiques = contenu["catalogue"], contenu["politiques"]
    lieux = [*partie["points_accueil"], *partie["directions"]]
    for nom, bruts in (
        ("nom", [*lieux, *partie["ville"]["arrondissements"], *politiques["organismes"]]),
        ("libelle", [t for b in ("themes", "motifs", "regles") for t in politiques[b]] + partie["types"]),
        ("texte", politiques["modeles"]),
        ("question", contenu["fiches"]),
        ("finalite", politiques["types"].values()),
        ("libelle", [type["champs"][0] for type in partie["types"] if type["champs"]]),
    ):
        for brut in bruts:
            brut[nom] = f"{brut[nom][:100]} bis"
    for lieu in lieux:
        lieu["horaires"]["samedi"] = [{"debut": "09:15", "fin": "11:45"}]
    for brut in contenu["fiches"]:
        brut["types"] = [] if brut["types"] else ["VOI-NID"]
    for brut in politiques["types"].values():
        brut["themes"] = []
    for brut in partie["types"]:
        brut["publie"] = False
    return en_octets(contenu)


def requetes(octets: bytes, *, essai: bool) -> int:
    with CaptureQueriesContext(connection) as mesure:
        charger_configuration(octets, essai=essai)
    return len(mesure)


def test_a_larger_file_asks_no_more_of_the_database(ville):
    """Tried or loaded; all new, all the same, all changed."""
    mesures = []
    for octets in (grossir(ville, 1), grossir(ville, 4)):
        vider()
        mesures.append(
            [
                requetes(octets, essai=True),
                requetes(octets, essai=False),
                requetes(octets, essai=True),
                requetes(changer_tout(octets), essai=True),
                requetes(changer_tout(octets), essai=False),
            ]
        )

    assert mesures[0] == mesures[1]
    assert max(mesures[0]) < 110


def test_every_kind_of_change_of_the_file_is_in_the_register(ville):
    charger_configuration(changer_tout(ville))

    genres = Counter(
        (ligne.objet_genre, nom)
        for ligne in Modification.objects.all()
        for nom in (ligne.apres if ligne.action == "modification" else [ligne.action])
    )
    comptes = {
        ("organisation.pointaccueil", "nom"): PointAccueil.objects.count(),
        ("organisation.pointaccueil", "horaires"): PointAccueil.objects.count(),
        ("organisation.direction", "nom"): Direction.objects.count(),
        ("organisation.direction", "horaires"): Direction.objects.count(),
        ("organisation.territoire", "nom"): Territoire.objects.count(),
        ("demandes.typedemande", "libelle"): TypeDemande.objects.count(),
        ("demandes.typedemande", "finalite"): TypeDemande.objects.count(),
        ("demandes.typedemande", "themes"): 3,
        ("demandes.typedemande", "publie_le"): 2,
        ("demandes.versionformulaire", "creation"): 3,
        ("demandes.theme", "libelle"): Theme.objects.count(),
        ("demandes.organisme", "nom"): Organisme.objects.count(),
        ("demandes.motif", "libelle"): Motif.objects.count(),
        ("demandes.modelereponse", "texte"): ModeleReponse.objects.count(),
        ("demandes.regleorientation", "libelle"): RegleOrientation.objects.count(),
        ("demandes.fiche", "question"): Fiche.objects.count(),
        ("demandes.fiche", "types"): Fiche.objects.count(),
    }
    assert genres == comptes


def test_changed_hours_say_what_they_were(ville):
    contenu = json.loads(ville)
    point = contenu["catalogue"]["points_accueil"][0]
    point["horaires"] = {jour: [] for jour in point["horaires"]} | {
        "mardi": [{"debut": "09:00", "fin": "12:00"}, {"debut": "13:30", "fin": "17:00"}]
    }

    charger_configuration(en_octets(contenu))

    ligne = Modification.objects.get()
    assert (ligne.objet_genre, ligne.action) == ("organisation.pointaccueil", "modification")
    assert ligne.avant["horaires"][0].startswith("lundi ")
    assert ligne.apres == {"horaires": ["mardi 09 h 00 – 12 h 00 et 13 h 30 – 17 h 00"]}


def test_a_row_that_the_database_refuses_is_named(ville):
    contenu = json.loads(ville)
    contenu["politiques"]["types"]["EC-NAIS"]["silence"]["valide_le"] = None
    horaires = json.loads(ville)
    horaires["catalogue"]["directions"][0]["horaires"]["lundi"] = [{"debut": "12:00", "fin": "09:00"}]

    for faux, place in (
        (contenu, "politiques/types/EC-NAIS : Un type sans politique complète"),
        (horaires, "catalogue/directions/0 : lundi, la fermeture vient avant l'ouverture."),
    ):
        with pytest.raises(FichierInvalide) as refus:
            charger_configuration(en_octets(faux))
        [phrase] = refus.value.erreurs
        assert phrase.startswith("Ligne ")
        assert place in phrase
        assert en_octets(exporter()) == ville
    assert not Modification.objects.exists()


# -- a wrong file


@pytest.mark.parametrize(
    ("avant", "apres", "repere", "phrase"),
    [
        (
            '"niveau": 2',
            '"niveau": 3',
            '"niveau": 3',
            "/niveau : « 3 » n'est pas une valeur possible (1, 2).",
        ),
        ('"direction": "VOI"', '"direction": "RIEN"', "", " : la direction RIEN n'existe pas."),
        (
            '"ordre": 10,',
            '"ordre": "dix",',
            '"ordre": "dix"',
            "/ordre : on attend un nombre entier.",
        ),
        ('"publie": ', '"publiee": ', "", " : cette clé n'est pas connue : « publiee »."),
        ('"version": 1', '"version": 2', '"version": 2', "version : on attend 1."),
        (
            '"libelle": "Nid-de-poule',
            '"code": "VOI-NID",\n"libelle": "Nid-de-poule',
            '"code": "VOI-NID",\n"libelle"',
            "",
        ),
        ('"urgent": true,', '"urgent": oui,', '"urgent": oui', " : on attend une valeur."),
        ("Nid-de-poule ou", "Nid\\u0000de-poule ou", "Nid\\u0000de", "un caractère invisible"),
        ("Nid-de-poule ou", "Nid\u202ede-poule ou", "Nid\u202ede", "un caractère invisible"),
        ("Nid-de-poule ou", "Nid\\ud800de-poule ou", "Nid\\ud800de", "un caractère invisible"),
        ("Nid-de-poule ou", "N" * 200, "N" * 200, "ce texte est trop long : 150 caractères au plus."),
    ],
)
def test_one_fault_names_its_line_and_changes_nothing(ville, avant, apres, repere, phrase):
    faux = changer(ville, avant, apres)

    with pytest.raises(FichierInvalide) as refus:
        charger_configuration(faux)

    erreurs = refus.value.erreurs
    assert any(phrase in erreur for erreur in erreurs)
    assert all(erreur.startswith("Ligne ") for erreur in erreurs)
    if repere:
        assert erreurs[0].startswith(f"Ligne {ligne_de(faux, repere)},")
    assert en_octets(exporter()) == ville
    assert not Modification.objects.exists()


@pytest.mark.parametrize(
    ("liste", "cle"),
    [
        (("catalogue", "types"), "VOI-NID"),
        (("catalogue", "directions"), "VOI"),
        (("politiques", "regles"), "10"),
    ],
)
def test_a_row_given_twice_is_refused(ville, liste, cle):
    contenu = json.loads(ville)
    lignes = contenu[liste[0]][liste[1]]
    lignes.append(next(brut for brut in lignes if cle in (brut.get("code"), str(brut.get("ordre")))))

    with pytest.raises(FichierInvalide, match=f"« {cle} » est déjà ligne "):
        charger_configuration(en_octets(contenu))
    assert en_octets(exporter()) == ville


def test_a_reference_that_leads_nowhere_names_its_row(ville):
    contenu = json.loads(ville)
    contenu["fiches"][1] |= {"types": ["XX-RIEN"], "direction": "NULL"}
    octets = en_octets(contenu)

    with pytest.raises(FichierInvalide) as refus:
        charger_configuration(octets)

    # The row starts two lines above its question.
    ligne = ligne_de(octets, f'"question": "{contenu["fiches"][1]["question"]}"') - 2
    assert refus.value.erreurs == [
        f"Ligne {ligne}, fiches/1 : le type XX-RIEN n'est pas dans le catalogue.",
        f"Ligne {ligne}, fiches/1 : la direction NULL n'existe pas.",
    ]
    assert en_octets(exporter()) == ville


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "Ce fichier est vide."),
        (b" \n ", "Ce fichier est vide."),
        (b'{\n"a": "\xe9"}', "Ligne 2 : ce fichier n'est pas du texte en UTF-8. Enregistrez-le en UTF-8."),
        (b"\x00\x01", "Ligne 1, colonne 1 : on attend une valeur."),
        (b"[1]", "Ligne 1 : le fichier doit commencer par une accolade et finir par une accolade."),
        (b"[" * 100_000, "Ligne 1 : trop de crochets ou d'accolades l'un dans l'autre."),
        (b'{"a": ' * 5_000, "Ligne 1 : trop de crochets ou d'accolades l'un dans l'autre."),
        (b'{"a": NaN}', "« NaN » n'est pas un nombre : écrivez un nombre en chiffres."),
        (b'{"a": ' + b"9" * 6000 + b"}", f"Le nombre {'9' * 20}… est trop grand."),
        (b'{"a": 1,\n"a": 2}', "Ligne 2, a : cette clé est déjà ligne 1."),
        (b'{"a": 1', "Ligne 1, colonne 8 : il manque une virgule, ou un crochet fermant."),
        (b'{"a": "b', "Ligne 1, colonne 7 : ce texte n'est pas fermé par un guillemet."),
        (
            b" " * (10 * 1024 * 1024 + 1),
            "Ce fichier pèse plus de 10 Mo : une configuration est bien plus légère.",
        ),
        (b"{}", "Ligne 1, (racine) : il manque « version », « catalogue », « politiques », « fiches »."),
    ],
)
def test_a_hostile_file_is_answered_by_a_sentence(octets: bytes, phrase: str):
    with pytest.raises(FichierInvalide) as refus:
        charger_configuration(octets)

    assert phrase in refus.value.erreurs
    assert not TypeDemande.objects.exists()


# -- the commands


def appeler(*arguments: Any) -> list[str]:
    sortie = StringIO()
    call_command(*map(str, arguments), stdout=sortie)
    return sortie.getvalue().splitlines()


def test_the_commands_write_try_and_load(ville, tmp_path: Path):
    fichier = tmp_path / "ville.json"

    assert appeler("exporter_configuration", fichier) == [f"{fichier} : {len(ville)} octets."]
    assert fichier.read_bytes() == ville
    assert "\n".join(appeler("exporter_configuration")) + "\n" == ville.decode()

    fichier.write_bytes(changer(ville, "Nid-de-poule ou chaussée dégradée", "Trou dans la rue"))
    essai = appeler("charger_configuration", fichier, "--essai")
    assert essai[-1] == "Essai : rien n'a été changé."
    assert en_octets(exporter()) == ville
    assert appeler("charger_configuration", fichier) == essai[:-1]
    assert en_octets(exporter()) == fichier.read_bytes()


def test_the_command_refuses_in_sentences(tmp_path: Path):
    fichier = tmp_path / "ville.json"
    fichier.write_text("{")

    with pytest.raises(CommandError, match=r"^Rien n'a été changé\. 1 erreur\(s\) :\nLigne 1, colonne 2 : "):
        call_command("charger_configuration", fichier)
    with pytest.raises(CommandError, match="ne peut pas être lu"):
        call_command("charger_configuration", tmp_path / "absent.json")


# -- closed days -----------------------------------------------------------------------------------------


def test_closed_days_are_written_and_taken_back(ville):
    attendus = [
        {"jour": "2030-05-31", "libelle": "Travaux", "point_accueil": None, "direction": "VOI"},
        {"jour": "2030-05-31", "libelle": "Pont de l'Ascension", "point_accueil": None, "direction": None},
    ]
    assert json.loads(ville)["jours_fermes"] == attendus
    JourFerme.objects.all().delete()

    essai = charger_configuration(ville, essai=True)
    assert (essai.comptes["jours fermés"]["créés"], JourFerme.objects.count()) == (2, 0)
    charger_configuration(ville)

    assert exporter()["jours_fermes"] == attendus


def test_a_file_without_closed_days_leaves_those_of_the_city(ville):
    contenu = json.loads(ville)
    del contenu["jours_fermes"]

    charger_configuration(en_octets(contenu))

    assert JourFerme.objects.count() == 2


@pytest.mark.parametrize(
    ("avant", "apres", "phrase"),
    [
        ('"jour": "2030-05-31"', '"jour": "2030-05-32"', "n'a pas la forme attendue"),
        (
            '"direction": "VOI"\n    },\n    {\n      "jour"',
            '"direction": "XYZ"\n    },\n    {\n      "jour"',
            "la direction XYZ",
        ),
        (
            '"point_accueil": null,\n      "direction": "VOI"',
            '"point_accueil": "MC",\n      "direction": "VOI"',
            "pas les deux",
        ),
        (
            '"direction": "VOI"\n    },\n    {\n      "jour"',
            '"direction": null\n    },\n    {\n      "jour"',
            "est déjà ligne",
        ),
    ],
)
def test_a_wrong_closed_day_is_refused_with_its_line(ville, avant, apres, phrase):
    faux = changer(ville, avant, apres)

    with pytest.raises(FichierInvalide) as refus:
        charger_configuration(faux)

    [erreur] = refus.value.erreurs
    assert phrase in erreur
    ligne = int(re.match(r"Ligne (\d+), jours_fermes", erreur)[1])
    assert ligne_de(faux, '"jours_fermes"') < ligne <= faux.decode().count("\n")
    assert JourFerme.objects.count() == 2
