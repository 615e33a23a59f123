"""The knowledge base as administrators write it: found, previewed, published, withdrawn, never lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from demandes.chargement.fiches import charger
from demandes.chargement.fichier import Rapport
from demandes.chargement.rangement import Rangement
from demandes.models import Contact, Fiche, Sujet, Theme
from demandes.recherche import chercher
from demandes.recherche.fiches import chercher_fiches
from guichet.organisation.models import Modification
from guichet.organisation.perimetre import Perimetre
from tests import factories

URL = "/agent/administration/fiches/"


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def admin(ville) -> Client:
    return entrer(ville.administrateur)


def entrer(compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


def saisie(**champs) -> dict:
    return {
        "question": "Où déposer un matelas ?",
        "reponse": "À la déchèterie, sans rendez-vous.",
        "notes_agents": "Fermée le mardi.",
        "mots_cles": "vieux matelas\nsommier",
        "types": [],
        "direction": "",
        "a_revoir_le": "",
    } | champs


def texte(reponse) -> str:
    return reponse.content.decode().replace("&#x27;", "'")


def version(client: Client, fiche: Fiche) -> str:
    return client.get(f"{URL}{fiche.pk}/").context["version"]


def questions(reponse) -> list[str]:
    return [fiche.question for fiche in reponse.context["page"].lignes]


def trouvees(mots: str) -> list[str]:
    return [fiche.question for fiche in chercher_fiches(mots)]


def test_a_fiche_is_previewed_written_published_then_withdrawn(ville, admin):
    complete = saisie(
        types=[str(ville.type_voirie.pk)], direction=str(ville.proprete.pk), a_revoir_le="2030-01-31"
    )
    essai = admin.post(f"{URL}nouvelle/", complete | {"geste_de_page": "voir"})
    for mots in ("Ce que vous pouvez répondre", "Fermée le mardi.</div>", "Démarches concernées"):
        assert mots in texte(essai)
    assert (essai.status_code, Fiche.objects.count()) == (200, 0)

    assert admin.post(f"{URL}nouvelle/", complete)["Location"] == URL
    fiche = Fiche.objects.get()
    assert (fiche.code, fiche.est_active, fiche.direction) == (
        "ou_deposer_un_matelas",
        False,
        ville.proprete,
    )
    assert (fiche.mots_cles, list(fiche.types.all())) == (["vieux matelas", "sommier"], [ville.type_voirie])
    assert trouvees("sommier") == []

    publie = complete | {"version": version(admin, fiche), "geste_de_page": "publier"}
    admin.post(f"{URL}{fiche.pk}/", publie)
    assert trouvees("sommier") == [fiche.question]

    corrige = complete | {"version": version(admin, fiche), "mots_cles": "futon"}
    admin.post(f"{URL}{fiche.pk}/", corrige)
    assert (trouvees("futon"), trouvees("sommier")) == ([fiche.question], [])

    retire = corrige | {"version": version(admin, fiche), "geste_de_page": "retirer"}
    suite = admin.post(f"{URL}{fiche.pk}/", retire, follow=True)
    assert "est retirée : les agents ne la trouvent plus" in texte(suite)
    assert trouvees("futon") == []
    lignes = Modification.objects.order_by("pk").values_list("action", "objet_genre")
    assert list(lignes) == [(action, "demandes.fiche") for action in ("creation", *["modification"] * 3)]
    derniere = Modification.objects.latest("pk")
    assert (derniere.avant, derniere.apres) == ({"est_active": True}, {"est_active": False})


def test_the_preview_is_what_the_desk_reads(ville, admin):
    fiche = factories.creer_fiche(ville.type_voirie)
    tapee = saisie(
        question=fiche.question,
        reponse=fiche.reponse,
        notes_agents=fiche.notes_agents,
        types=[str(ville.type_voirie.pk)],
        geste_de_page="voir",
    )

    apercu = texte(admin.post(f"{URL}{fiche.pk}/", tapee))

    lue = texte(entrer(ville.agent_voirie).get(f"/agent/fiches/{fiche.code}/"))
    debut = lue.index('<div class="volets volets--fiche">')
    corps = lue[debut : lue.index("<form", debut)].strip()
    assert fiche.notes_agents in corps
    assert corps in apercu


def test_two_administrators_on_the_same_fiche(ville, admin):
    fiche = factories.creer_fiche(ville.type_voirie)
    debut = {"version": version(admin, fiche)}
    entrer(ville.administrateur).post(f"{URL}{fiche.pk}/", debut | saisie(reponse="Celle de l'autre."))

    second = admin.post(f"{URL}{fiche.pk}/", debut | saisie(reponse="La mienne, longuement pesée."))

    assert second.status_code == 409
    for mots in ("pendant que vous écriviez", "La mienne, longuement pesée.</textarea>", "Celle de l'autre."):
        assert mots in texte(second)
    fiche.refresh_from_db()
    assert (fiche.reponse, Modification.objects.count()) == ("Celle de l'autre.", 1)

    sans_changer = admin.post(f"{URL}{fiche.pk}/", debut | saisie(reponse="Celle de l'autre."))
    assert (sans_changer.status_code, Modification.objects.count()) == (302, 1)

    relu = {"version": second.context["version"]}
    admin.post(f"{URL}{fiche.pk}/", relu | saisie(reponse="La mienne, longuement pesée."))
    fiche.refresh_from_db()
    assert (fiche.reponse, Modification.objects.count()) == ("La mienne, longuement pesée.", 2)


@pytest.mark.parametrize("champs", [{"reponse": "Celle du fichier."}, {"types": []}])
def test_a_file_loaded_meanwhile_is_not_overwritten_either(ville, admin, champs):
    fiche = factories.creer_fiche(ville.type_voirie)
    debut = {"version": version(admin, fiche)}
    brut = {nom: getattr(fiche, nom) for nom in ("code", "question", "reponse", "notes_agents", "mots_cles")}
    lue = {"fiches": [brut | {"types": [ville.type_voirie.code]} | champs]}
    charger(lue, Rangement(Rapport()))

    assert admin.post(f"{URL}{fiche.pk}/", debut | saisie()).status_code == 409

    fiche.refresh_from_db()
    assert fiche.reponse == lue["fiches"][0]["reponse"]


def test_a_withdrawn_fiche_is_still_read_from_the_contacts_that_lean_on_it(ville, admin):
    citee, oubliee = (
        factories.creer_fiche(ville.type_voirie, code=code, question=code, est_active=False)
        for code in ("citee", "oubliee")
    )
    maintenant = timezone.now()
    contact = Contact.objects.create(
        agent=ville.agent_accueil,
        point_accueil=ville.accueil,
        canal="telephone",
        debut=maintenant,
        fin=maintenant,
        resultat=Contact.Resultat.REPONDU,
    )
    Sujet.objects.create(contact=contact, fiche=citee, est_resolu=True)
    accueil = entrer(ville.agent_accueil)

    lue = accueil.get(f"/agent/fiches/{citee.code}/")

    assert (lue.status_code, "Cette fiche est retirée" in texte(lue)) == (200, True)
    assert "Répondre avec cette fiche" not in texte(lue)
    assert accueil.get(f"/agent/fiches/{oubliee.code}/").status_code == 404
    assert "Citée 1 fois" in texte(admin.get(f"{URL}{citee.pk}/"))
    assert chercher("citee", Perimetre.de(ville.agent_accueil)).fiches == []


def test_the_same_question_twice_is_refused(admin):
    admin.post(f"{URL}nouvelle/", saisie())
    encore = admin.post(f"{URL}nouvelle/", saisie(question="où déposer un MATELAS ?"))

    assert (encore.status_code, "pose déjà cette question" in texte(encore)) == (422, True)
    assert Fiche.objects.count() == 1


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"question": "\u202e"}, "Écrivez la question"),
        ({"question": "x" * 251}, "trop long"),
        ({"reponse": "\0"}, "Écrivez la réponse"),
        ({"reponse": "x" * 20_001}, "trop long"),
        ({"notes_agents": "x" * 20_001}, "trop long"),
        ({"mots_cles": "x" * 81}, "80 caractères au plus"),
        ({"types": ["999999999999999999999"]}, "Sélectionnez un choix valide"),
        ({"direction": "\0"}, "Sélectionnez un choix valide"),
        ({"a_revoir_le": "20226-01-01"}, "Écrivez une date complète"),
    ],
)
def test_a_refused_fiche_changes_nothing(admin, champs, phrase):
    for bouton in ("", "voir", "publier"):
        reponse = admin.post(f"{URL}nouvelle/", saisie(**champs) | {"geste_de_page": bouton})
        assert (reponse.status_code, phrase in texte(reponse)) == (422, True)
    assert (Fiche.objects.count(), Modification.objects.count()) == (0, 0)


def test_fiches_are_found_by_words_theme_direction_and_state(ville, admin):
    rue = Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road")
    rue.types.add(ville.type_voirie)
    hier = timezone.localdate() - timedelta(days=1)
    factories.creer_fiche(ville.type_voirie, "a", question="Ancienne ?", a_revoir_le=hier)
    factories.creer_fiche(ville.type_voirie, "b", question="Brouillon ?", est_active=False, a_revoir_le=hier)
    factories.creer_fiche(
        ville.type_social, "c", question="Crèche ?", mots_cles=["bébé"], direction=ville.ccas
    )

    def trouver(adresse: str) -> list[str]:
        return questions(admin.get(f"{URL}{adresse}"))

    assert trouver("") == ["Ancienne ?", "Brouillon ?", "Crèche ?"]
    assert trouver("?q=CRECHE bebe") == ["Crèche ?"]
    assert trouver(f"?q={ville.type_social.libelle}") == ["Crèche ?"]
    assert trouver("?theme=rue") == ["Ancienne ?", "Brouillon ?"]
    assert trouver("?direction=CCAS") == ["Crèche ?"]
    assert trouver("?etat=publiees") == ["Ancienne ?", "Crèche ?"]
    assert trouver("?etat=retirees") == ["Brouillon ?"]
    assert trouver("?etat=a_revoir") == ["Ancienne ?"]
    assert trouver("?q=100%25") == []
    assert "1 fiche publiée est à relire." in texte(admin.get("/agent/administration/"))


def test_hundreds_of_fiches_come_by_pages_at_the_same_cost(ville, admin, django_assert_num_queries):
    def creer(rangs: range) -> None:
        toutes = [Fiche(code=f"f{n}", question=f"Question {n:03d}", reponse="…") for n in rangs]
        liens = Fiche.types.through
        liens.objects.bulk_create(
            liens(fiche=fiche, typedemande=ville.type_voirie) for fiche in Fiche.objects.bulk_create(toutes)
        )

    creer(range(3))
    with django_assert_num_queries(9999, exact=False) as peu:
        admin.get(URL)
    creer(range(3, 120))
    with django_assert_num_queries(len(peu.captured_queries)):
        page = admin.get(URL)

    assert questions(page) == [f"Question {n:03d}" for n in range(50)]
    page = admin.get(URL + page.context["page"].url_suivante)
    page = admin.get(URL + page.context["page"].url_suivante)
    assert questions(page) == [f"Question {n:03d}" for n in range(100, 120)]


def test_a_fiche_past_its_date_warns_the_desk(ville):
    hier = timezone.localdate() - timedelta(days=1)
    fiche = factories.creer_fiche(ville.type_voirie, a_revoir_le=hier, direction=ville.voirie)

    page = texte(entrer(ville.agent_accueil).get(f"/agent/fiches/{fiche.code}/"))

    assert "Vérifiez cette réponse avant de la donner" in page
    assert f"par : {ville.voirie.nom}" in page


def test_a_remark_reaches_the_administrators_until_it_is_settled(ville, admin):
    fiche = factories.creer_fiche(ville.type_voirie)
    factories.creer_fiche(ville.type_voirie, "autre", question="Une autre ?")
    page = f"/agent/fiches/{fiche.code}/"
    agent = entrer(ville.agent_accueil)

    for _ in range(2):
        assert agent.post(page, {"texte": "Le délai est de dix jours."})["Location"] == page
    assert "Le délai est de dix jours." in texte(entrer(ville.agent_voirie).get(page))
    assert "1 fiche est signalée." in texte(admin.get("/agent/administration/"))
    assert questions(admin.get(f"{URL}?etat=signalees")) == [fiche.question]

    montree = admin.get(f"{URL}{fiche.pk}/")
    assert "Le délai est de dix jours." in texte(montree)
    [vue] = montree.context["remarques"]
    agent.post(page, {"texte": "Et le numéro a changé."})
    admin.post(f"{URL}{fiche.pk}/remarques/", {"remarque": [str(vue.pk)]})

    reste = fiche.remarques.get(traitee_le=None)
    assert reste.texte == "Et le numéro a changé."
    admin.post(f"{URL}{fiche.pk}/remarques/", {"remarque": [str(reste.pk), "0", "\0"]})
    assert questions(admin.get(f"{URL}?etat=signalees")) == []
    lignes = Modification.objects.order_by("pk").values_list("compte", "objet_genre", "action")
    assert list(lignes) == [
        (compte.pk, "demandes.remarquefiche", action)
        for action, compte in (("creation", ville.agent_accueil), ("modification", ville.administrateur))
        for _ in range(2)
    ]
    assert "délai" not in str(list(Modification.objects.values()))


@pytest.mark.parametrize("mots", ["", "\u202e", "x" * 501])
def test_a_refused_remark_changes_nothing(ville, mots):
    fiche = factories.creer_fiche(ville.type_voirie)

    reponse = entrer(ville.agent_accueil).post(f"/agent/fiches/{fiche.code}/", {"texte": mots})

    assert (reponse.status_code, fiche.remarques.count()) == (422, 0)
    assert not Modification.objects.exists()
