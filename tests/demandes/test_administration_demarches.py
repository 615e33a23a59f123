"""The catalogue on screen: a type is written, completed, published, and its form composed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from demandes import reperes
from demandes.administration import composition, demarches
from demandes.chargement.catalogue import verifier_formulaire
from demandes.models import FormulairePrepare, Theme, TypeDemande, VersionFormulaire
from guichet.organisation.models import Modification
from tests import factories
from tests.demandes.gestes import session
from tests.demandes.gestes import url as lien

URL = "/agent/administration/demarches/"
BANC = {
    "code": "dpj-banc",
    "libelle": "Réparer un banc",
    "description": "Signalez un banc cassé.",
    "themes": ["rue"],
    "nature": "signalement",
    "niveau": "2",
    "delai_valeur": "10",
    "delai_unite": "jours_ouvres",
    "acces": "anonyme",
    "secteur": "general",
}
SILENCE = {
    "regime_silence": "rejet",
    "silence_delai": "2",
    "silence_unite": "mois",
    "silence_effet": "rejet",
    "silence_texte": "Sans réponse dans les deux mois, votre demande est refusée.",
    "silence_base_legale": "CRPA, art. L231-4, 2°",
    "silence_valide_par": "Direction des affaires juridiques",
    "silence_valide_le": "2026-11-02",
}
DEPOT = {
    "acces": "anonyme",
    "sve_autorisee": "oui",
    "ar_requis": "non",
    "ar_motif": "Un signalement n'appelle pas de décision.",
    "alternatives": "Par téléphone au 04 65 71 00 00.\n\nPar courrier.",
}
DONNEES = {
    "base_legale": "mission_interet_public",
    "finalite": "Réparer le banc.",
    "destinataires": "Parcs et jardins, accueil",
    "base_active_mois": "24",
    "intermediaire_mois": "0",
    "sort_final": "anonymisation",
}
METROPOLE = {
    "gestionnaire": "metropole",
    "organisme_nom": "Métropole de la Saône",
    "organisme_telephone": "0465711003",
    "organisme_courriel": "Voirie@metropole-saone.example",
}
REPONSE = {"validation_requise": "non", "sans_suite_autorise": "oui", "complement_delai_jours": "30"}
PRESENTATION = {
    "libelle": "Réparer un banc",
    "description": "Signalez un banc cassé.",
    "themes": ["rue"],
    "mots_du_quotidien": "le banc est cassé",
}
ETAT_DU_BANC = {"libelle": "Qu'est-ce qui est cassé ?", "type": "choix", "choix": "Le dossier\nL'assise"}
HOSTILES = ("\0", "x" * 100_000, "\u202egpj.exe\0", "999999999999999999999", "'; DROP TABLE", "<script>")


@pytest.fixture
def ville(db: None) -> factories.Ville:
    Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road")
    return factories.creer_ville()


def entrer(compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


@pytest.fixture
def admin(ville) -> Client:
    return entrer(ville.administrateur)


@pytest.fixture
def banc(admin, ville) -> TypeDemande:
    reponse = admin.post(f"{URL}nouvelle/", BANC | {"direction": str(ville.voirie.pk)})
    type = TypeDemande.objects.get(code="DPJ-BANC")
    assert reponse["Location"] == f"{URL}{type.pk}/"
    return type


def ajouter(client, demarche, revision, **question):
    return client.post(f"{URL}{demarche.pk}/formulaire/question/", {"revision": str(revision), **question})


def completer(client, type):
    for partie, valeurs in (
        ("silence", SILENCE),
        ("depot", DEPOT),
        ("donnees", DONNEES),
        ("reponse", REPONSE),
        ("presentation", PRESENTATION),
    ):
        reponse = client.post(f"{URL}{type.pk}/{partie}/", valeurs)
        assert (partie, reponse.status_code) == (partie, 302)


def test_a_type_is_written_completed_and_published(admin, banc):
    page = admin.get(f"{URL}{banc.pk}/").content.decode()
    assert "Ce qui manque avant de publier" in page
    admin.post(f"{URL}{banc.pk}/publication/", {"publier": "oui"})
    refus = admin.get(f"{URL}{banc.pk}/").content.decode()
    assert (
        "Il manque : « Les questions » (Formulaire), « Mots du quotidien » (Présentation), « Régime » ("
        in refus
    )
    assert TypeDemande.objects.get(pk=banc.pk).publie_le is None

    ajouter(admin, banc, 0, **ETAT_DU_BANC)
    admin.post(f"{URL}{banc.pk}/formulaire/service/", {"revision": "1"})
    completer(admin, banc)
    for _ in range(2):  # sent twice, done once
        admin.post(f"{URL}{banc.pk}/publication/", {"publier": "oui"})

    type = TypeDemande.objects.get(pk=banc.pk)
    assert type.publie_le is not None
    assert (type.ar_requis, type.alternatives) == (
        False,
        ["Par téléphone au 04 65 71 00 00.", "Par courrier."],
    )
    assert [t.code for t in type.themes.all()] == ["rue"]
    publications = Modification.objects.filter(objet_genre="demandes.typedemande", apres__has_key="publie_le")
    assert publications.count() == 2  # born unpublished, then published
    admin.post(f"{URL}{banc.pk}/publication/", {"publier": "non"})
    assert TypeDemande.objects.get(pk=banc.pk).publie_le is None


def test_what_is_missing_leads_to_its_field_by_its_own_words(admin, banc):
    page = admin.get(f"{URL}{banc.pk}/").content.decode()

    assert f'<a href="{URL}{banc.pk}/silence/#id_silence_valide_par">Validé par</a>' in page
    assert f'<a href="{URL}{banc.pk}/depot/#id_ar_requis_0">Accusé de réception' in page
    assert 'id="id_ar_requis_0"' in admin.get(f"{URL}{banc.pk}/depot/").content.decode()


def test_a_new_name_is_read_at_the_next_click(admin, banc, django_capture_on_commit_callbacks, monkeypatch):
    memoire = {}
    monkeypatch.setattr(reperes.cache, "get_or_set", lambda cle, lire, _: memoire.setdefault(cle, lire()))
    monkeypatch.setattr(reperes.cache, "delete", memoire.pop)
    assert reperes.reperes().types["DPJ-BANC"] == "Réparer un banc"

    with django_capture_on_commit_callbacks(execute=True):
        presentation = {**BANC, "libelle": "Banc cassé", "mots_du_quotidien": "le banc est cassé"}
        assert admin.post(f"{URL}{banc.pk}/presentation/", presentation).status_code == 302

    assert reperes.reperes().types["DPJ-BANC"] == "Banc cassé"


def test_the_length_of_a_code_is_said_beside_the_field(admin):
    page = admin.get(f"{URL}nouvelle/").content.decode()

    assert "Comme VOI-TROU, 10 signes au plus. Il ne changera plus." in page


def test_a_type_is_copied_as_a_draft_under_a_new_code(admin, ville):
    modele = ville.type_voirie
    fiche = factories.creer_fiche(modele)
    factories.creer_modele(type=modele)
    url = f"{URL}{modele.pk}/copier/"
    assert admin.get(url).context["formulaire"]["libelle"].value() == f"{modele} (copie)"

    reponse = admin.post(url, {"code": "voi-trot", "libelle": "Trottoir abîmé"})

    copie = TypeDemande.objects.get(code="VOI-TROT")
    assert reponse.url == f"{URL}{copie.pk}/"
    assert (copie.libelle, copie.publie_le, copie.delai_valeur) == (
        "Trottoir abîmé",
        None,
        modele.delai_valeur,
    )
    assert (copie.silence_valide_par, copie.silence_valide_le) == ("", None)
    assert copie.formulaire.champs == modele.formulaire.champs
    assert list(copie.fiches.all()) == [fiche]
    assert copie.modeles.count() == modele.modeles.count() == 1
    ligne = Modification.objects.get(objet_genre="demandes.typedemande", objet_cle=str(copie.pk))
    assert ligne.action == "creation"
    modele.refresh_from_db()
    assert modele.publie_le is not None


def test_a_copy_needs_a_code_of_its_own(admin, ville):
    nombre = TypeDemande.objects.count()

    pris = admin.post(f"{URL}{ville.type_voirie.pk}/copier/", {"code": "VOI-TROU", "libelle": "Trottoir"})

    assert (pris.status_code, pris.context["formulaire"].errors["code"]) == (422, ["Ce code est déjà pris."])
    assert TypeDemande.objects.count() == nombre


@pytest.mark.parametrize(
    ("saisies", "gardees"),
    [
        ({"type": "nombre", "minimum": "1", "maximum": "12,5"}, {"minimum": 1, "maximum": 12.5}),
        ({"type": "date", "minimum": "Aujourd'hui"}, {"minimum": "aujourdhui"}),
        ({"type": "date", "maximum": "24/11/2026"}, {"maximum": "2026-11-24"}),
        ({"type": "texte_court", "minimum": "3"}, {}),
    ],
)
def test_a_question_has_its_bounds_and_shows_them_again(admin, banc, saisies, gardees):
    assert ajouter(admin, banc, 0, libelle="Combien ?", **saisies).status_code == 302

    [champ] = composition.ouvrir(banc).champs
    assert {cle: champ[cle] for cle in ("minimum", "maximum") if cle in champ} == gardees
    relue = admin.get(f"{URL}{banc.pk}/formulaire/question/combien/").context["formulaire"]
    relu = {cle: relue[cle].value() for cle in gardees}
    assert {cle: mot.lower() for cle, mot in relu.items()} == {c: saisies[c].lower() for c in gardees}


@pytest.mark.parametrize(
    ("saisies", "champ", "phrase"),
    [
        ({"type": "nombre", "minimum": "dix"}, "minimum", "Écrivez un nombre"),
        ({"type": "date", "maximum": "demain"}, "maximum", "valide"),
        ({"type": "nombre", "minimum": "5", "maximum": "2"}, "maximum", "Le minimum dépasse le maximum."),
    ],
)
def test_bounds_that_mean_nothing_are_refused(admin, banc, saisies, champ, phrase):
    reponse = ajouter(admin, banc, 0, libelle="Combien ?", **saisies)

    assert reponse.status_code == 422
    assert phrase in reponse.context["formulaire"].errors[champ][0]
    assert composition.ouvrir(banc).champs == []


def test_the_competent_body_is_told_to_residents_and_offered_to_who_hands_over(admin, client, ville):
    url = f"{URL}{ville.type_voirie.pk}/organisme/"
    assert admin.post(url, METROPOLE).status_code == 302

    type = ville.type_voirie
    type.refresh_from_db()
    assert (type.gestionnaire, type.organisme_competent) == (
        "metropole",
        {
            "nom": "Métropole de la Saône",
            "telephone": "04 65 71 10 03",
            "courriel": "voirie@metropole-saone.example",
            "adresse": None,
            "site": None,
        },
    )
    assert "puis Métropole de la Saône" in client.get("/deposer/VOI-TROU/").content.decode()
    demande = factories.demande_dans("orientee", ville)
    geste = session(ville.agent_voirie).get(lien(demande, "transmettre")).context["formulaire"]
    assert [geste[nom].value() for nom in ("organisme", "contact")] == [
        "Métropole de la Saône",
        "04 65 71 10 03, voirie@metropole-saone.example",
    ]
    assert admin.get(url).context["formulaire"]["organisme_telephone"].value() == "04 65 71 10 03"

    assert admin.post(url, {"gestionnaire": "ville"}).status_code == 302
    type.refresh_from_db()
    assert (type.gestionnaire, type.organisme_competent) == ("ville", None)


def test_a_published_type_stays_complete(admin, ville):
    url = f"{URL}{ville.type_voirie.pk}/donnees/"

    reponse = admin.post(url, DONNEES | {"finalite": "", "destinataires": "Voirie seule"})

    page = reponse.content.decode()
    assert (
        reponse.status_code,
        "Voirie seule" in page,
        "il manquerait « À quoi servent les données » (Donn" in page,
    ) == (
        422,
        True,
        True,
    )
    assert TypeDemande.objects.get(pk=ville.type_voirie.pk).destinataires == "Voirie"
    assert Modification.objects.count() == 0


@pytest.mark.parametrize(
    ("vide", "phrase"),
    [("themes", "« Thèmes » (Présentation)"), ("mots_du_quotidien", "« Mots du quotidien » (Présentation)")],
)
def test_what_the_portal_finds_a_type_by_is_asked_for_then_kept(admin, banc, vide, phrase):
    incomplete = {nom: valeur for nom, valeur in PRESENTATION.items() if nom != vide}
    ajouter(admin, banc, 0, **ETAT_DU_BANC)
    admin.post(f"{URL}{banc.pk}/formulaire/service/", {"revision": "1"})
    completer(admin, banc)
    assert admin.post(f"{URL}{banc.pk}/presentation/", incomplete).status_code == 302
    admin.post(f"{URL}{banc.pk}/publication/", {"publier": "oui"})
    page = admin.get(f"{URL}{banc.pk}/").content.decode()
    assert f"ne peut pas encore être publiée. Il manque : {phrase}." in page
    assert TypeDemande.objects.get(pk=banc.pk).publie_le is None

    admin.post(f"{URL}{banc.pk}/presentation/", PRESENTATION)
    admin.post(f"{URL}{banc.pk}/publication/", {"publier": "oui"})
    reponse = admin.post(f"{URL}{banc.pk}/presentation/", incomplete | {"libelle": "Le banc"})

    refus = reponse.content.decode()
    assert (reponse.status_code, f"il manquerait {phrase}." in refus, "Le banc" in refus) == (422, True, True)
    type = TypeDemande.objects.get(pk=banc.pk)
    assert (type.libelle, type.mots_du_quotidien, type.themes.count(), type.publie_le is None) == (
        "Réparer un banc",
        ["le banc est cassé"],
        1,
        False,
    )


def test_the_rule_of_publication_is_the_model_s_own():
    assert [nom for nom in demarches.CHAMPS_EXIGES if not demarches.manque_de(nom).ancre] == []


@pytest.mark.parametrize(
    ("partie", "valeurs", "phrase"),
    [
        ("silence", SILENCE | {"silence_effet": "acceptation"}, "Cet effet ne va pas avec le régime"),
        ("silence", SILENCE | {"silence_delai": ""}, "au bout de combien de temps"),
        ("silence", SILENCE | {"silence_valide_le": ""}, "Dites aussi quel jour"),
        ("depot", DEPOT | {"ar_motif": ""}, "Dites pourquoi, en une phrase"),
        ("depot", DEPOT | {"teleservice_dedie_url": "javascript:alert(1)"}, "commence par https://"),
        ("reponse", REPONSE | {"complement_delai_jours": "5"}, "supérieure ou égale à 15"),
        ("presentation", {"libelle": "", "description": "Une rue."}, "Donnez un nom à la démarche"),
        ("organisme", {"gestionnaire": "metropole"}, "Donnez le nom de l&#x27;organisme."),
        ("organisme", METROPOLE | {"gestionnaire": "ville"}, "La ville est compétente : videz"),
        ("organisme", METROPOLE | {"organisme_telephone": "12"}, "chiffres"),
        ("organisme", METROPOLE | {"organisme_site": "javascript:alert(1)"}, "commence par https://"),
        ("pieces", {"libelle_0": "Photo", "libelle_1": "Photo"}, "Deux pièces portent le même nom"),
    ],
)
def test_a_refused_section_changes_nothing(admin, banc, partie, valeurs, phrase):
    avant = TypeDemande.objects.filter(pk=banc.pk).values().get()

    reponse = admin.post(f"{URL}{banc.pk}/{partie}/", valeurs)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert TypeDemande.objects.filter(pk=banc.pk).values().get() == avant


@pytest.mark.parametrize("valeur", HOSTILES, ids=range(len(HOSTILES)))
@pytest.mark.parametrize(
    "partie",
    [
        "presentation",
        "traitement",
        "depot",
        "pieces",
        "silence",
        "conditions",
        "organisme",
        "donnees",
        "reponse",
    ],
)
def test_hostile_words_never_break_a_section(admin, banc, partie, valeur):
    page = admin.get(f"{URL}{banc.pk}/{partie}/")
    noms = list(page.context["formulaire"].fields)

    assert admin.post(f"{URL}{banc.pk}/{partie}/", dict.fromkeys(noms, valeur)).status_code in (302, 422)
    assert admin.post(f"{URL}nouvelle/", dict.fromkeys([*BANC, "direction"], valeur)).status_code == 422


@pytest.mark.parametrize("valeur", HOSTILES, ids=range(len(HOSTILES)))
def test_hostile_words_never_break_a_question(admin, banc, valeur):
    champs = dict.fromkeys(("libelle", "type", "choix", "aide", "si"), valeur)
    for revision in ("0", valeur):
        donnees = champs | {"revision": revision}
        assert admin.post(f"{URL}{banc.pk}/formulaire/question/", donnees).status_code == 422
    texte = {"libelle": valeur, "type": "texte_court", "aide": valeur}
    assert ajouter(admin, banc, 0, **texte).status_code in (302, 422)
    for chemin in ("", "service/"):
        reponse = admin.post(f"{URL}{banc.pk}/formulaire/{chemin}", {"geste": valeur, "revision": valeur})
        assert reponse.status_code in (404, 409)
    assert admin.get(URL, {"q": valeur[:5000], "theme": valeur[:5000]}).status_code == 422
    assert admin.post(f"{URL}{banc.pk}/formulaire/apercu/", {"q-x": valeur}).status_code == 200


def test_questions_are_added_ordered_and_conditioned(admin, banc):
    ajouter(admin, banc, 0, **ETAT_DU_BANC)
    page = admin.get(f"{URL}{banc.pk}/formulaire/question/").content.decode()
    assert "Si « Qu&#x27;est-ce qui est cassé ? » : L&#x27;assise" in page
    nom = "qu_est_ce_qui_est_casse"
    ajouter(
        admin,
        banc,
        1,
        libelle="Combien de lattes ?",
        type="nombre",
        si=f"{nom}|l_assise",
        obligatoire="on",
        aide="À peu près.",
    )

    atelier = composition.ouvrir(banc)
    assert atelier.champs == [
        {
            "nom": nom,
            "libelle": "Qu'est-ce qui est cassé ?",
            "type": "choix",
            "obligatoire": False,
            "aide": None,
            "choix": [
                {"valeur": "le_dossier", "libelle": "Le dossier"},
                {"valeur": "l_assise", "libelle": "L'assise"},
            ],
        },
        {
            "nom": "combien_de_lattes",
            "libelle": "Combien de lattes ?",
            "type": "nombre",
            "obligatoire": True,
            "aide": "À peu près.",
            "si": {"champ": nom, "vaut": "l_assise"},
        },
    ]
    verifier_formulaire(atelier.champs)

    # What waits for an answer cannot come before its question, nor outlive it.
    for geste in ("monter combien_de_lattes", f"retirer {nom}"):
        refus = admin.post(f"{URL}{banc.pk}/formulaire/", {"geste": geste, "revision": "2"})
        assert (refus.status_code, "« Combien de lattes ? » : sa condition" in refus.content.decode()) == (
            422,
            True,
        )
    assert composition.ouvrir(banc) == atelier

    # Only words change: the stored answer stays, and so does what waits for it.
    donnees = ETAT_DU_BANC | {"choix": "Le dossier\nLe siège", "revision": "2"}
    assert admin.post(f"{URL}{banc.pk}/formulaire/question/{nom}/", donnees).status_code == 302
    assert composition.ouvrir(banc).champs[0]["choix"][1] == {"valeur": "l_assise", "libelle": "Le siège"}

    # The preview asks, hides and requires as the portal will.
    apercu = f"{URL}{banc.pk}/formulaire/apercu/"
    assert "À remplir si vous avez répondu « Le siège »" in admin.get(apercu).content.decode()
    assert admin.post(apercu, {f"q-{nom}": "le_dossier"}).status_code == 200
    manque = admin.post(apercu, {f"q-{nom}": "l_assise"})
    assert (manque.status_code, "Indiquez un nombre" in manque.content.decode()) == (422, True)
    assert (
        "seraient acceptées"
        in admin.post(apercu, {f"q-{nom}": "l_assise", "q-combien_de_lattes": "3"}).content.decode()
    )
    assert VersionFormulaire.objects.filter(type=banc).count() == 0


@pytest.mark.parametrize("genre", list(composition.LIBELLES))
def test_every_kind_of_answer_is_offered(admin, banc, genre):
    question = {"libelle": "Une question", "type": genre, "choix": "Un\nDeux"}

    assert ajouter(admin, banc, 0, **question).status_code == 302
    assert admin.post(f"{URL}{banc.pk}/formulaire/service/", {"revision": "1"}).status_code == 302
    assert banc.formulaire.champs[0]["type"] == genre
    assert "Une question" in admin.get(f"{URL}{banc.pk}/formulaire/apercu/").content.decode()


def test_two_administrators_at_once(admin, ville, banc):
    autre = entrer(factories.creer_agent("Zoé", "Petit", "administrateur", secteurs=("general",)))
    assert ajouter(admin, banc, 0, **ETAT_DU_BANC).status_code == 302

    conflit = ajouter(autre, banc, 0, libelle="Depuis quand ?", type="date")

    page = conflit.content.decode()
    assert (conflit.status_code, 'value="Depuis quand ?"' in page) == (409, True)
    assert "a changé depuis que vous avez ouvert" in page
    assert [c["libelle"] for c in composition.ouvrir(banc).champs] == ["Qu'est-ce qui est cassé ?"]
    # The page that came back knows the new state: sent again, it passes.
    assert 'name="revision" value="1"' in page
    assert ajouter(autre, banc, 1, libelle="Depuis quand ?", type="date").status_code == 302

    # One takes a question away while the other rewrites it.
    admin.post(f"{URL}{banc.pk}/formulaire/", {"geste": "retirer depuis_quand", "revision": "2"})
    perdu = autre.post(
        f"{URL}{banc.pk}/formulaire/question/depuis_quand/",
        {"libelle": "Depuis quel jour ?", "type": "date", "revision": "2"},
    )
    assert (perdu.status_code, 'value="Depuis quel jour ?"' in perdu.content.decode()) == (409, True)
    assert FormulairePrepare.objects.get(type=banc).revision == 3


def test_giving_up_goes_back_to_what_is_in_service(admin, ville):
    type = ville.type_voirie
    ajouter(admin, type, 0, libelle="Depuis quand ?", type="date")
    admin.post(f"{URL}{type.pk}/formulaire/", {"geste": "abandonner", "revision": "1"})

    assert composition.ouvrir(type).champs == type.formulaire.champs
    refus = admin.post(f"{URL}{type.pk}/formulaire/service/", {"revision": "2"})
    assert (refus.status_code, type.formulaire.numero) == (422, 1)


def test_a_question_that_a_delay_reads_cannot_go(admin, ville):
    type = ville.type_voirie
    si = {"champ": "nature", "vaut": "trou"}
    type.delais_conditionnels = [{"si": si, "delai": {"valeur": 1, "unite": "jours_ouvres"}}]
    type.save()
    admin.post(f"{URL}{type.pk}/formulaire/", {"geste": "retirer nature", "revision": "0"})

    refus = admin.post(f"{URL}{type.pk}/formulaire/service/", {"revision": "1"})

    assert (refus.status_code, "un délai selon la réponse" in refus.content.decode()) == (422, True)
    assert type.formulaire.numero == 1


def test_the_list_finds_and_says_what_is_missing(admin, ville, banc):
    page = admin.get(URL, {"etat": "incompletes"}).content.decode()
    assert ("Réparer un banc" in page, "16 points" in page, "Aide financière" in page) == (True, True, False)
    assert "1 démarche est à compléter" in admin.get("/agent/administration/").content.decode()
    assert "Aucune démarche ne correspond" in admin.get(URL, {"q": "licorne"}).content.decode()
    with CaptureQueriesContext(connection) as avec_peu:
        admin.get(URL)
    for rang in range(20):
        factories.creer_type(f"VOI-T{rang}", ville.voirie, libelle=f"Type {rang}")
    with CaptureQueriesContext(connection) as avec_plus:
        admin.get(URL)
    assert len(avec_plus) == len(avec_peu)
