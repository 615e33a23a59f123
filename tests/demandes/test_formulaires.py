import json
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.datastructures import MultiValueDict

import demandes
from demandes.formulaires import formulaire_pour, relire, verifier_champs, verifier_reponses
from demandes.formulaires.champs import CHAMPS
from guichet.socle.erreurs import DonneeInvalide

CATALOGUE = json.loads((Path(demandes.__file__).parent / "donnees" / "catalogue.json").read_text())
TYPES = {un_type["code"]: un_type["champs"] for un_type in CATALOGUE["types"]}
CONDITIONS = [(code, champ["nom"]) for code, champs in TYPES.items() for champ in champs if "si" in champ]

# What somebody would type in each kind of field, what is kept, what is read afterwards.
VALIDES = {
    "texte_court": [("  Un\r\ntexte\x00 ", "Un texte", "Un texte"), ("x" * 200, "x" * 200, "x" * 200)],
    "texte_long": [("Un\r\ntexte", "Un\ntexte", "Un\ntexte"), ("é" * 4000, "é" * 4000, "é" * 4000)],
    "choix": [("b", "b", "Le bé")],
    "choix_multiple": [(["c", "a"], ["a", "c"], "Le a, Le cé"), (["b"], ["b"], "Le bé")],
    "oui_non": [("oui", True, "Oui"), ("non", False, "Non")],
    "nombre": [
        ("12", 12, "12"),
        ("0", 0, "0"),
        ("12,50", 12.5, "12,50"),
        ("1 234,5 €", 1234.5, "1\u202f234,50"),
        ("1\u202f234", 1234, "1\u202f234"),
        ("99999999.99", 99999999.99, "99\u202f999\u202f999,99"),
    ],
    "date": [
        ("2026-11-24", "2026-11-24", "24 novembre 2026"),
        ("01/02/1931", "1931-02-01", "1er février 1931"),
        ("1-2-1851", "1851-02-01", "1er février 1851"),
    ],
    "heure": [
        ("14:30", "14:30", "14 h 30"),
        ("9h", "09:00", "9 h"),
        ("9 h 05", "09:05", "9 h 05"),
        ("23:59:00", "23:59", "23 h 59"),
    ],
    "adresse": [(" 12  rue des Lilas ", "12 rue des Lilas", "12 rue des Lilas")],
    "telephone": [("06.39.98.12.34", "+33639981234", "06 39 98 12 34")],
    "courriel": [(" A.B@Exemple.EXAMPLE", "A.B@exemple.example", "A.B@exemple.example")],
    "siret": [("732 829 320 00074", "73282932000074", "732 829 320 00074")],
    "rna": [("w 691234567", "W691234567", "W691234567")],
    "immatriculation": [("ab123cd", "AB-123-CD", "AB-123-CD")],
    "iban_masque": [("FR14 2004 1010 0505 0001 3M02 606", "•••• 2606", "•••• 2606")],
}
INVALIDES = {
    "texte_court": ["x" * 201],
    "texte_long": ["x" * 4001],
    "choix": ["d", "Le bé"],
    "choix_multiple": [["a", "d"]],
    "oui_non": ["peut-être", "True"],
    "nombre": ["douze", "-1", "1,234", "100000000", "1e5", "NaN", "Infinity", "1,2,3", "١٢", "--1", ","],
    "date": ["30/02/2026", "demain", "1799-12-31", "0001-01-01", "2126-01-01", "2026-11-24 10:00"],
    "heure": ["25:00", "12:60", "midi", "1430"],
    "adresse": ["x" * 251],
    "telephone": ["3939", "bonjour"],
    "courriel": ["jeanne", "a@b"],
    "siret": ["73282932000075"],
    "rna": ["691234567"],
    "immatriculation": ["ma voiture"],
    "iban_masque": ["FR14 2004 1010 0505 0001 3M02 607"],
}


def un_champ(genre: str, *, obligatoire: bool = True, nom: str = "reponse", **autres) -> dict:
    champ = {
        "nom": nom,
        "libelle": "La question\u00a0?",
        "type": genre,
        "obligatoire": obligatoire,
        "aide": None,
    }
    if genre in ("choix", "choix_multiple"):
        champ["choix"] = [
            {"valeur": v, "libelle": f"Le {nom_court}"}
            for v, nom_court in (("a", "a"), ("b", "bé"), ("c", "cé"))
        ]
    return champ | autres


def donnees(**valeurs) -> QueryDict:
    """What a browser posts: a list for several boxes, a string for anything else."""
    envoi = QueryDict(mutable=True)
    for nom, valeur in valeurs.items():
        envoi.setlist(nom, valeur if isinstance(valeur, list) else [valeur])
    return envoi


def cas(par_genre: dict) -> list:
    return [
        (genre, *(c if isinstance(c, tuple) else (c,))) for genre, liste in par_genre.items() for c in liste
    ]


# -- every type of field -------------------------------------------------------------------------------


def test_every_type_of_the_schema_has_its_cases():
    schema = json.loads((Path(demandes.__file__).parent / "donnees" / "catalogue.schema.json").read_text())
    champs = schema["$defs"]["type_demande"]["properties"]["champs"]
    genres = set(champs["items"]["properties"]["type"]["enum"])
    assert set(CHAMPS) == genres
    assert set(VALIDES) == set(INVALIDES) == genres - {"photos"}


@pytest.mark.parametrize(("genre", "saisie", "gardee", "relue"), cas(VALIDES))
def test_a_good_answer_is_kept_and_read_again(genre, saisie, gardee, relue):
    champs = [un_champ(genre)]
    formulaire = formulaire_pour(champs, donnees=donnees(reponse=saisie))
    assert formulaire.is_valid(), formulaire.errors
    reponses = json.loads(json.dumps(formulaire.reponses()))
    assert reponses == {"reponse": gardee}
    assert relire(champs, reponses) == [("La question\u00a0?", relue)]


@pytest.mark.parametrize(("genre", "saisie", "gardee", "relue"), cas(VALIDES))
def test_a_kept_answer_fills_the_form_again_and_comes_back_the_same(genre, saisie, gardee, relue):
    """What the page shows is posted back as it is: nothing may change."""
    champ = un_champ(genre)
    rempli = formulaire_pour([champ], initial={"reponse": gardee})
    lie = rempli["reponse"]
    affiche = lie.field.widget.format_value(lie.value())
    envoi = donnees(reponse=affiche)
    retour = formulaire_pour([champ], donnees=envoi)
    assert retour.is_valid(), retour.errors
    assert retour.reponses() == {"reponse": gardee}


@pytest.mark.parametrize(("genre", "saisie"), cas(INVALIDES))
def test_a_wrong_answer_is_refused_in_french(genre, saisie):
    formulaire = formulaire_pour([un_champ(genre)], donnees=donnees(reponse=saisie))
    assert not formulaire.is_valid()
    (message,) = formulaire.errors["reponse"]
    assert message.endswith(".")
    for anglais in ("valid", "required", "Enter", "Select"):
        assert anglais not in message.split()


@pytest.mark.parametrize("genre", VALIDES)
@pytest.mark.parametrize("vide", ["", " \u200b ", "\x00"])
def test_an_empty_answer(genre, vide):
    if genre in ("choix", "choix_multiple", "oui_non"):
        vide = [] if genre == "choix_multiple" else ""
    obligatoire = formulaire_pour([un_champ(genre)], donnees=donnees(reponse=vide))
    assert list(obligatoire.errors) == ["reponse"]
    assert len(obligatoire.errors["reponse"]) == 1
    facultatif = formulaire_pour([un_champ(genre, obligatoire=False)], donnees=donnees(reponse=vide))
    assert facultatif.is_valid(), facultatif.errors
    assert facultatif.reponses() == {}
    absent = formulaire_pour([un_champ(genre, obligatoire=False)], donnees=donnees())
    assert absent.is_valid()
    assert absent.reponses() == {}


def test_a_date_far_in_the_future_is_refused_but_not_a_near_one():
    dans = {annees: (timezone.localdate() + timedelta(days=365 * annees)).isoformat() for annees in (9, 11)}
    assert formulaire_pour([un_champ("date")], donnees=donnees(reponse=dans[9])).is_valid()
    assert not formulaire_pour([un_champ("date")], donnees=donnees(reponse=dans[11])).is_valid()


HIER, DEMAIN = (timezone.localdate() + timedelta(days=jours) for jours in (-2, 2))


@pytest.mark.parametrize(
    ("champ", "saisie", "phrase"),
    [
        (un_champ("nombre", minimum=1, maximum=10), "0", "Ce nombre doit être 1 ou plus."),
        (un_champ("nombre", minimum=1, maximum=10), "10,5", "Ce nombre doit être 10 ou moins."),
        (un_champ("nombre", minimum=1, maximum=10), "10", None),
        (un_champ("nombre", minimum=0.5), "0,5", None),
        (un_champ("date", minimum="2026-01-15"), "14/01/2026", "doit être le 15/01/2026 ou après."),
        (un_champ("date", minimum="2026-01-15"), "15/01/2026", None),
        (un_champ("date", minimum="aujourdhui"), HIER.isoformat(), "doit être aujourd'hui ou après."),
        (un_champ("date", minimum="aujourdhui"), DEMAIN.isoformat(), None),
        (un_champ("date", maximum="aujourdhui"), DEMAIN.isoformat(), "doit être aujourd'hui ou avant."),
    ],
)
def test_a_number_or_a_date_keeps_within_its_bounds_on_the_page_and_at_the_door(champ, saisie, phrase):
    verifier_champs([champ])
    formulaire = formulaire_pour([champ], donnees=donnees(reponse=saisie))

    assert formulaire.is_valid() == (phrase is None)
    if phrase is None:
        verifier_reponses([champ], formulaire.reponses())
        return
    [dite] = formulaire.errors["reponse"]
    assert dite.endswith(phrase)
    libre = {cle: valeur for cle, valeur in champ.items() if cle not in ("minimum", "maximum")}
    reponses = formulaire_pour([libre], donnees=donnees(reponse=saisie))
    assert reponses.is_valid()
    with pytest.raises(DonneeInvalide, match=phrase):
        verifier_reponses([champ], reponses.reponses())


# -- photos --------------------------------------------------------------------------------------------


def photos(nombre: int) -> MultiValueDict:
    return MultiValueDict({"reponse": [SimpleUploadedFile(f"{i}.jpg", b"x") for i in range(nombre)]})


def test_photos_are_files_and_never_an_answer():
    champs = [un_champ("photos", obligatoire=False)]
    formulaire = formulaire_pour(champs, donnees=donnees(), fichiers=photos(3))
    assert formulaire.is_valid(), formulaire.errors
    assert formulaire.reponses() == {}
    assert [fichier.name for fichier in formulaire.fichiers()["reponse"]] == ["0.jpg", "1.jpg", "2.jpg"]
    assert relire(champs, {"reponse": "x"}) == []
    html = str(formulaire["reponse"])
    assert "multiple" in html
    assert 'accept="image/*"' in html


def test_too_many_photos_or_an_empty_one_are_refused():
    champs = [un_champ("photos", obligatoire=False)]
    assert formulaire_pour(champs, donnees=donnees(), fichiers=photos(5)).is_valid()
    assert formulaire_pour(champs, donnees=donnees(), fichiers=photos(6)).errors["reponse"] == [
        "Joignez 5 photos au plus."
    ]
    vide = MultiValueDict({"reponse": [SimpleUploadedFile("vide.jpg", b"")]})
    assert not formulaire_pour(champs, donnees=donnees(), fichiers=vide).is_valid()
    sans = formulaire_pour(champs, donnees=donnees(), fichiers=MultiValueDict())
    assert sans.is_valid()
    assert sans.fichiers() == {}
    assert not formulaire_pour([un_champ("photos")], donnees=donnees(), fichiers=photos(0)).is_valid()


# -- widgets -------------------------------------------------------------------------------------------


def test_few_choices_are_radios_and_many_a_list():
    def dessin(nombre, **autres):
        choix = [{"valeur": f"v{i}", "libelle": f"Choix {i}"} for i in range(nombre)]
        return str(formulaire_pour([un_champ("choix", choix=choix, **autres)])["reponse"])

    assert dessin(6).count('type="radio"') == 6
    assert dessin(7).startswith("<select")
    assert "Choisissez dans la liste" in dessin(7)
    assert dessin(2, obligatoire=False).count('type="radio"') == 3
    assert "Sans réponse" in dessin(2, obligatoire=False)
    assert str(formulaire_pour([un_champ("oui_non")])["reponse"]).count('type="radio"') == 2


def test_no_field_blocks_the_browser_and_the_prefix_is_kept():
    formulaire = formulaire_pour([un_champ("texte_court")], prefixe="etape")
    html = str(formulaire["reponse"])
    assert "required" not in html
    assert 'name="etape-reponse"' in html
    rempli = formulaire_pour(
        [un_champ("texte_court")], donnees=donnees(**{"etape-reponse": "oui"}), prefixe="etape"
    )
    assert rempli.is_valid()
    assert rempli.reponses() == {"reponse": "oui"}


def test_a_typed_iban_is_not_written_back_into_the_page():
    champs = [un_champ("iban_masque", nom="iban"), un_champ("texte_court")]
    formulaire = formulaire_pour(champs, donnees=donnees(iban="FR1420041010050500013M02606", reponse=""))
    assert not formulaire.is_valid()
    html = formulaire.as_div()
    assert "20041010" not in html
    assert "•••• 2606" in html


# -- conditions ----------------------------------------------------------------------------------------


CHAINE = [
    un_champ("oui_non", nom="travaux"),
    un_champ("choix", nom="genre", si={"champ": "travaux", "vaut": True}),
    un_champ("choix_multiple", nom="outils", si={"champ": "genre", "vaut": "a"}),
    un_champ("nombre", nom="pelles", si={"champ": "outils", "vaut": "b"}),
]


@pytest.mark.parametrize(
    ("saisie", "reponses", "erreurs"),
    [
        ({"travaux": "non"}, {"travaux": False}, []),
        ({"travaux": "oui"}, None, ["genre"]),
        ({"travaux": "oui", "genre": "b"}, {"travaux": True, "genre": "b"}, []),
        ({"travaux": "oui", "genre": "a"}, None, ["outils"]),
        ({"travaux": "oui", "genre": "a", "outils": ["a", "b"]}, None, ["pelles"]),
        (
            {"travaux": "oui", "genre": "a", "outils": ["a", "b"], "pelles": "2"},
            {"travaux": True, "genre": "a", "outils": ["a", "b"], "pelles": 2},
            [],
        ),
        # what was typed in fields since hidden is dropped, wrong or not, along the whole chain
        (
            {"travaux": "non", "genre": "zzz", "outils": ["a", "b"], "pelles": "beaucoup"},
            {"travaux": False},
            [],
        ),
        (
            {"travaux": "oui", "genre": "b", "outils": ["b"], "pelles": "2"},
            {"travaux": True, "genre": "b"},
            [],
        ),
        # a wrong answer upstream is the only error
        ({"travaux": "peut-être", "genre": "a"}, None, ["travaux"]),
        ({"travaux": "oui", "genre": "zzz", "outils": ["b"]}, None, ["genre"]),
    ],
)
def test_conditions_are_decided_on_the_server(saisie, reponses, erreurs):
    formulaire = formulaire_pour(CHAINE, donnees=donnees(**saisie))
    assert list(formulaire.errors) == erreurs
    assert formulaire.is_valid() is (reponses is not None)
    if reponses is not None:
        assert formulaire.reponses() == reponses


def test_a_condition_is_told_to_the_template():
    formulaire = formulaire_pour(CHAINE)
    assert formulaire["travaux"].condition is None
    condition = formulaire["genre"].condition
    assert (condition.champ, condition.vaut) == ("travaux", "oui")
    assert condition.texte == "À remplir si vous avez répondu « Oui » à « La question »."
    assert formulaire["pelles"].condition.texte.startswith("À remplir si vous avez répondu « Le bé »")
    with translation.override("en"):
        formulaire = formulaire_pour(CHAINE)
        # Our own words in English; the city's stay French, and say so.
        assert formulaire["genre"].condition.texte == (
            'Fill this in if you answered “Yes” to “<span lang="fr">La question</span>”.'
        )
        assert formulaire["pelles"].condition.texte.startswith(
            'Fill this in if you answered “<span lang="fr">Le bé</span>” to “<span lang="fr">'
        )


@pytest.mark.parametrize(("code", "nom"), CONDITIONS)
def test_each_condition_of_the_catalogue(code, nom):
    """The field is asked with the expected answer, and neither asked nor kept with any other."""
    champs = TYPES[code]
    champ = next(champ for champ in champs if champ["nom"] == nom)
    parent = next(champ for champ in champs if champ["nom"] == condition_de(champs, nom)["champ"])
    valeurs = [choix["valeur"] for choix in parent["choix"]]
    attendue = condition_de(champs, nom)["vaut"]
    assert attendue in valeurs
    for valeur in valeurs:
        formulaire = formulaire_pour(champs, donnees=donnees(**{parent["nom"]: valeur}))
        formulaire.is_valid()
        assert (nom in formulaire.errors) is (valeur == attendue and champ["obligatoire"])
        bonne = bonne_reponse(champ)
        rempli = formulaire_pour(champs, donnees=donnees(**{parent["nom"]: valeur, nom: bonne}))
        rempli.is_valid()
        assert (nom in rempli.reponses()) is (valeur == attendue)


def condition_de(champs: list[dict], nom: str) -> dict:
    return next(champ["si"] for champ in champs if champ["nom"] == nom)


def bonne_reponse(champ: dict) -> str | list[str]:
    if "choix" in champ:
        valeur = champ["choix"][0]["valeur"]
        return [valeur] if champ["type"] == "choix_multiple" else valeur
    return VALIDES[champ["type"]][0][0]


# -- the catalogue -------------------------------------------------------------------------------------


def test_the_catalogue_is_whole():
    assert len(TYPES) == 112
    assert len(CONDITIONS) == 27


@pytest.mark.parametrize("code", TYPES)
def test_every_type_makes_a_form_that_can_be_filled_and_read_again(code):
    champs = TYPES[code]
    verifier_champs(champs)
    formulaire = formulaire_pour(champs)
    assert list(formulaire.fields) == [champ["nom"] for champ in champs]
    assert formulaire.as_div()
    vide = formulaire_pour(champs, donnees=donnees())
    vide.is_valid()
    assert set(vide.errors) == {
        champ["nom"] for champ in champs if champ["obligatoire"] and "si" not in champ
    }
    remplis = {champ["nom"]: bonne_reponse(champ) for champ in champs if champ["type"] != "photos"}
    for champ in champs:  # the last condition on each field wins: its branch is the one that is filled
        if "si" in champ:
            remplis[champ["si"]["champ"]] = champ["si"]["vaut"]
    complet = formulaire_pour(champs, donnees=donnees(**remplis))
    assert complet.is_valid(), complet.errors
    reponses = json.loads(json.dumps(complet.reponses()))
    lus = relire(champs, reponses)
    assert [libelle for libelle, _ in lus] == [c["libelle"] for c in champs if c["nom"] in reponses]
    assert all(texte for _, texte in lus)


# -- reading again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("genre", VALIDES)
@pytest.mark.parametrize("valeur", ["n'importe quoi", 3, 2.5, True, ["x", "y"], {"a": 1}])
def test_reading_never_fails_on_odd_stored_answers(genre, valeur):
    ((_, texte),) = relire([un_champ(genre)], {"reponse": valeur})
    assert isinstance(texte, str)
    assert texte


def test_reading_follows_the_version_of_the_demande():
    ancienne, nouvelle = [un_champ("choix")], [un_champ("choix", nom="autre")]
    assert relire(ancienne, {"reponse": "b"}) == [("La question\u00a0?", "Le bé")]
    assert relire(nouvelle, {"reponse": "b"}) == []
    assert relire(ancienne, {"reponse": "choix_retire"}) == [("La question\u00a0?", "choix_retire")]
    assert relire([un_champ("oui_non"), un_champ("nombre", nom="n")], {"reponse": False, "n": 0}) == [
        ("La question\u00a0?", "Non"),
        ("La question\u00a0?", "0"),
    ]


# -- checking a schema ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champs", "defaut"),
    [
        ([un_champ("couleur")], "le type « couleur » est inconnu"),
        ([un_champ("date"), un_champ("heure")], "ce nom sert deux fois"),
        ([un_champ("date", libelle="")], "un nom et un libellé"),
        ([un_champ("choix", choix=[])], "les choix vont avec"),
        ([un_champ("date", choix=[{"valeur": "a", "libelle": "A"}])], "les choix vont avec"),
        ([un_champ("choix", choix=[{"valeur": "a", "libelle": "A"}] * 2)], "la même valeur"),
        ([un_champ("date", si={"champ": "absent", "vaut": "a"})], "sa condition"),
        (
            [un_champ("date", si={"champ": "apres", "vaut": True}), un_champ("oui_non", nom="apres")],
            "sa condition",
        ),
        ([un_champ("date", si={"champ": "reponse", "vaut": "a"})], "sa condition"),
        (
            [un_champ("oui_non"), un_champ("date", nom="d", si={"champ": "reponse", "vaut": "oui"})],
            "sa condition",
        ),
        (
            [un_champ("choix"), un_champ("date", nom="d", si={"champ": "reponse", "vaut": "z"})],
            "sa condition",
        ),
        ([un_champ("nombre", minimum=10, maximum=1)], "le minimum dépasse"),
        ([un_champ("date", minimum="2026-12-31", maximum="2026-01-01")], "le minimum dépasse"),
        ([un_champ("date", minimum="2026-02-31")], "va avec un nombre ou une date"),
        ([un_champ("date", minimum=3)], "va avec un nombre ou une date"),
        ([un_champ("texte_court", maximum=3)], "va avec un nombre ou une date"),
        ([un_champ("date"), un_champ("date", nom="d", si={"champ": "reponse", "vaut": "z"})], "sa condition"),
    ],
)
def test_a_schema_no_form_could_honour_is_refused(champs, defaut):
    with pytest.raises(DonneeInvalide, match=defaut) as refus:
        verifier_champs(champs)
    assert refus.value.champ == champs[-1]["nom"] or refus.value.champ == champs[0]["nom"]


def test_building_a_form_leaves_the_schema_untouched():
    champs = TYPES["ASS-SUBV"]
    avant = deepcopy(champs)
    formulaire_pour(champs, donnees=donnees(identifiant="rna")).is_valid()
    assert champs == avant
