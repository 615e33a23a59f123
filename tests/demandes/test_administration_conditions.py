"""What an answer changes, set on screen: the row is written, and residents and agents meet it."""

import pytest
from django.test import Client

from demandes.administration import conditions
from demandes.chargement import export
from demandes.chargement.configuration import charger_configuration
from demandes.models import Theme, TypeDemande
from guichet.organisation.models import Modification
from tests import factories
from tests.demandes.gestes import relire, session
from tests.demandes.gestes import url as lien

BORDURE = {"champ": "nature", "vaut": "bordure"}
LIGNE = {
    "delai_si_0": "nature|bordure",
    "delai_valeur_0": "4",
    "delai_unite_0": "heures_ouvrees",
    "delai_motif_0": "Danger pour les piétons",
}
UNITES = {
    f"{lot}_unite_{rang}": unite
    for lot, unite in (("delai", "jours_ouvres"), ("silence", "mois"))
    for rang in range(4)
}


@pytest.fixture
def ville(db: None) -> factories.Ville:
    ville = factories.creer_ville()
    theme = Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road")
    theme.types.add(ville.type_voirie)
    return ville


@pytest.fixture
def admin(ville) -> Client:
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


@pytest.fixture
def url(ville) -> str:
    return f"/agent/administration/demarches/{ville.type_voirie.pk}/conditions/"


def envoyer(client: Client, url: str, **lignes: str):
    return client.post(url, UNITES | lignes)


def colonnes(ville) -> dict[str, list]:
    type = TypeDemande.objects.get(pk=ville.type_voirie.pk)
    return {lot.nom: getattr(type, lot.colonne) for lot in conditions.LOTS}


VIDE: dict[str, list] = {"delai": [], "acces": [], "urgence": [], "silence": []}


def test_an_answer_changes_what_residents_and_agents_meet(admin, client, ville, url):
    reponse = envoyer(
        admin,
        url,
        **LIGNE,
        acces_si_0="nature|bordure",
        acces_niveau_0="compte",
        urgence_si_0="nature|bordure",
        silence_si_0="nature|bordure",
        silence_valeur_0="10",
        silence_unite_0="jours",
    )

    assert reponse.status_code == 302
    delai = {"valeur": 4, "unite": "heures_ouvrees"}
    assert colonnes(ville) == {
        "delai": [{"si": BORDURE, "delai": delai, "motif": "Danger pour les piétons"}],
        "acces": [{"si": BORDURE, "acces": "compte"}],
        "urgence": [BORDURE],
        "silence": [{"si": BORDURE, "delai": {"valeur": 10, "unite": "jours"}}],
    }
    page = admin.get(reponse["Location"]).content.decode()
    assert "4 heures ouvrées si « Que faut-il réparer ? » vaut « Une bordure »" in page
    ligne = Modification.objects.get(objet_genre="demandes.typedemande")
    assert ligne.apres["urgence_si"] == ["urgente si « Que faut-il réparer ? » vaut « Une bordure »"]

    # The agent's demande: urgent, and four hours; another answer keeps the type's own values.
    ville.type_voirie.refresh_from_db()
    bordure = factories.deposer(ville, reponses={"nature": "bordure"})
    trou = factories.deposer(ville)
    for demande, attendu in ((bordure, (4, "heures_ouvrees", True)), (trou, (5, "jours_ouvres", False))):
        assert demande.est_urgente == attendu[2]
        agent = session(ville.agent_accueil)
        envoi = {"version": demande.version, "type": ville.type_voirie.pk}
        agent.post(lien(demande, "qualifier"), envoi | {"est_urgente": "on"} if attendu[2] else envoi)
        lue = relire(demande)
        assert (lue.delai_valeur, lue.delai_unite, lue.est_urgente) == attendu
    assert relire(bordure).echeance_legale < relire(trou).echeance_legale

    # The resident is asked to sign in as soon as the answer is known.
    base = client.post("/deposer/VOI-TROU/", {"suite": ""}).url.removesuffix("demande/")
    depot = {"recit-texte": "La bordure est cassée devant l'école.", "q-nature": "bordure"}
    suite = client.post(f"{base}demande/", depot).url
    assert client.get(suite).url.startswith("/connexion/")


def test_a_row_is_changed_then_taken_away(admin, ville, url):
    envoyer(admin, url, **LIGNE, urgence_si_0="nature|trou")
    envoyer(admin, url, **LIGNE | {"delai_valeur_0": "8"}, urgence_si_0="")

    assert colonnes(ville)["delai"][0]["delai"] == {"valeur": 8, "unite": "heures_ouvrees"}
    assert colonnes(ville)["urgence"] == []
    # An answer alone empties a row; what else it held is not an error.
    envoyer(admin, url, **LIGNE | {"delai_si_0": ""})
    assert colonnes(ville) == VIDE


@pytest.mark.parametrize(
    ("lignes", "phrase"),
    [
        (LIGNE | {"delai_valeur_0": ""}, "Indiquez un délai."),
        (LIGNE | {"delai_unite_0": "immediat"}, "« Immédiat » va sans nombre."),
        (LIGNE | {"delai_motif_0": ""}, "Dites pourquoi, en quelques mots."),
        (LIGNE | {"delai_si_0": ""}, "Choisissez la réponse qui donne cette valeur."),
        (LIGNE | {"delai_si_0": "nature|licorne"}, "Sélectionnez un choix valide"),
        (LIGNE | {"delai_si_0": "garder"}, "Sélectionnez un choix valide"),
        ({"acces_si_0": "nature|trou"}, "Choisissez qui peut déposer."),
        (
            {"acces_si_0": "nature|trou", "acces_niveau_0": "anonyme"},
            "Une réponse peut demander plus que « Sans s&#x27;identifier », jamais moins",
        ),
    ],
)
def test_a_refused_row_changes_nothing_and_keeps_what_was_typed(admin, ville, url, lignes, phrase):
    reponse = envoyer(admin, url, **lignes)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    for nom, valeur in lignes.items():
        assert reponse.context["formulaire"][nom].value() == valeur
    assert (colonnes(ville), Modification.objects.count()) == (VIDE, 0)


def test_two_rows_never_wait_for_the_same_answer(admin, ville, url):
    envoyer(admin, url, urgence_si_0="nature|trou")

    reponse = envoyer(admin, url, urgence_si_0="nature|trou", urgence_si_1="nature|trou")

    page = reponse.content.decode()
    assert (reponse.status_code, "Une ligne au-dessus attend déjà cette réponse." in page) == (422, True)
    assert colonnes(ville)["urgence"] == [{"champ": "nature", "vaut": "trou"}]


def test_no_delay_of_silence_where_silence_says_nothing(admin, ville, url):
    TypeDemande.objects.filter(pk=ville.type_voirie.pk).update(regime_silence="sans_objet")

    reponse = envoyer(admin, url, silence_si_0="nature|trou", silence_valeur_0="2")

    page = reponse.content.decode()
    assert (reponse.status_code, "choisissez d&#x27;abord un régime" in page) == (422, True)
    assert colonnes(ville) == VIDE


def test_the_access_of_the_type_does_not_overtake_that_of_an_answer(admin, ville, url):
    envoyer(admin, url, acces_si_0="nature|bordure", acces_niveau_0="contact")

    depot = {"acces": "compte", "sve_autorisee": "oui", "ar_requis": "oui", "alternatives": "Par courrier."}
    reponse = admin.post(url.replace("conditions", "depot"), depot)

    assert (reponse.status_code, list(reponse.context["formulaire"].errors)) == (422, ["acces"])
    assert TypeDemande.objects.get(pk=ville.type_voirie.pk).acces == "anonyme"


def test_a_row_whose_question_is_gone_says_so_and_stays_until_it_is_changed(admin, ville, url):
    ancienne = {"champ": "danger", "vaut": True}
    TypeDemande.objects.filter(pk=ville.type_voirie.pk).update(urgence_si=[ancienne])

    for adresse in (url, url.removesuffix("conditions/")):
        page = admin.get(adresse).content.decode()
        assert "sans effet : « danger » : cette question n&#x27;est plus dans le formulaire" in page
    envoyer(admin, url, **LIGNE, urgence_si_0="garder")
    assert colonnes(ville)["urgence"] == [ancienne]
    envoyer(admin, url, **LIGNE, urgence_si_0="nature|trou")
    assert colonnes(ville)["urgence"] == [{"champ": "nature", "vaut": "trou"}]


def test_among_several_choices_one_is_enough(ville):
    type = ville.type_voirie
    type.urgence_si = [{"champ": "degats", "vaut": "gaz"}]

    assert type.est_urgent_pour({"degats": ["eau", "gaz"]})
    assert not type.est_urgent_pour({"degats": ["eau"]})
    assert not type.est_urgent_pour({})


def test_the_whole_configuration_takes_back_what_the_screens_wrote(admin, ville, url):
    lignes = {"acces_si_0": "nature|bordure", "acces_niveau_0": "compte", "urgence_si_0": "nature|trou"}
    silence = {"silence_si_0": "nature|trou", "silence_valeur_0": "1"}
    envoyer(admin, url, **LIGNE, **lignes, **silence)
    organisme = {
        "gestionnaire": "etat",
        "organisme_nom": "La préfecture",
        "organisme_telephone": "0465716010",
    }
    admin.post(url.replace("conditions", "organisme"), organisme)
    ecrit = export.exporter()
    TypeDemande.objects.filter(pk=ville.type_voirie.pk).update(
        delais_conditionnels=[],
        acces_conditionnels=[],
        urgence_si=[],
        silence_cas=[],
        organisme_competent=None,
    )

    charger_configuration(export.en_octets(ecrit))

    assert export.exporter() == ecrit
    assert [len(lignes) for lignes in colonnes(ville).values()] == [1, 1, 1, 1]


def test_a_form_without_choices_says_what_to_do(admin, ville, url):
    ville.type_voirie.versions.update(champs=[factories.CHAMPS[1]])

    assert "Aucune question à choix" in admin.get(url).content.decode()
