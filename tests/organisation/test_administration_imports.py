"""Agents and directions from a file: shown line by line first, then written at once or not at all."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from guichet.envois.models import Envoi
from guichet.organisation import effectifs_en_nombre
from guichet.organisation.administration.imports import vues
from guichet.organisation.models import Affectation, Agent, Compte, Direction, Espace, Modification

AGENTS = "/agent/administration/agents/import/"
DIRECTIONS = "/agent/administration/directions/import/"
TITRES = "Adresse électronique;Prénom;Nom;Qualité;Rôle;Lieu;Secteurs;Du;Au"
COLETTE = "Colette.Exemple@Ville.example;Colette;Exemple;Agente"
DIRECTION_TITRES = "Code;Nom;Nom public;Adresse électronique;Téléphone;Adresse postale"
DIRECTION = "exe;Direction de l'exemple;Service de l'exemple;ex@ville.example;0465710000;1 place du Modèle"


def envoyer(client: Any, url: str, contenu: str | bytes, **champs: str) -> Any:
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    return client.post(url, {"fichier": SimpleUploadedFile("tableau.csv", octets), **champs})


def essai_de(reponse: Any) -> str:
    trouve = re.search(r'name="essai" value="([^"]+)"', reponse.content.decode())
    assert trouve
    return trouve[1]


def confirmer(client: Any, url: str, reponse: Any) -> Any:
    return client.post(url, {"essai": essai_de(reponse)})


def resultats(reponse: Any) -> list[tuple[int, str]]:
    return [(ligne.numero, ligne.etat.value) for ligne in reponse.context["plan"].lignes]


def textes(reponse: Any) -> list[str]:
    return [ligne.texte for ligne in reponse.context["plan"].lignes]


def decompte() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Compte, Agent, Affectation, Direction, Modification, Envoi))


# -- agents ------------------------------------------------------------------------------------------------


def test_a_file_is_shown_then_written_and_changes_nothing_the_second_time(admin, ville):
    voirie = ville.voirie.code
    fichier = "\n".join(
        [
            TITRES,
            f"{COLETTE};Agent de direction;{voirie};Général, social;;31/12/2090",
            f"{COLETTE};directeur;{voirie.lower()};;;",
            f"{ville.agent_voirie.courriel};;;Cheffe d'équipe;;;;;",
        ]
    )
    avant = decompte()

    essai = envoyer(admin, AGENTS, fichier)

    assert essai.status_code == 200
    assert resultats(essai) == [(2, "cree"), (3, "modifie"), (4, "modifie")]
    assert "devient « Cheffe d'équipe »" in textes(essai)[2]
    assert decompte() == avant

    reponse = confirmer(admin, AGENTS, essai)

    assert reponse["Location"] == "/agent/administration/agents/"
    compte = Compte.objects.get(courriel="colette.exemple@ville.example")
    assert (compte.has_usable_password(), str(compte.agent)) == (False, "Colette Exemple")
    droits = list(compte.affectations.order_by("pk").values_list("role", "direction", "secteurs"))
    assert droits == [
        ("agent_direction", ville.voirie.pk, ["general", "social"]),
        ("directeur", ville.voirie.pk, ["general"]),
    ]
    ville.agent_voirie.agent.refresh_from_db()
    assert ville.agent_voirie.agent.qualite == "Cheffe d'équipe"
    lignes = Modification.objects.order_by("pk").values_list("action", "compte")
    par = ville.administrateur.pk
    assert list(lignes) == [("creation", par)] * 3 + [("modification", par)]
    assert Envoi.objects.filter(reference="compte:invitation").count() == 0

    encore = envoyer(admin, AGENTS, fichier)
    assert resultats(encore) == [(2, "inchange"), (3, "inchange"), (4, "inchange")]
    assert not encore.context["plan"].peut_etre_confirme


def test_new_agents_are_invited_when_the_box_is_ticked(admin):
    essai = envoyer(admin, AGENTS, f"{TITRES}\n{COLETTE};;;;;", inviter="on")
    assert textes(essai) == ["Nouveau compte, avec invitation."]

    confirmer(admin, AGENTS, essai)

    (envoi,) = Envoi.objects.filter(reference="compte:invitation")
    assert envoi.destinataire == "colette.exemple@ville.example"


def test_a_confirmation_posted_twice_writes_once(admin):
    essai = envoyer(admin, AGENTS, f"{TITRES}\n{COLETTE};;;;;")
    confirmer(admin, AGENTS, essai)
    avant = decompte()

    reponse = confirmer(admin, AGENTS, essai)

    assert (reponse.status_code, resultats(reponse)) == (409, [(2, "inchange")])
    assert decompte() == avant


def test_what_changed_meanwhile_is_shown_again_before_it_is_written(admin, ville):
    agent = ville.agent_voirie.agent
    essai = envoyer(admin, AGENTS, f"{TITRES}\n{agent.compte.courriel};;;Cheffe;;;;;")
    Agent.objects.filter(pk=agent.pk).update(qualite="Adjointe")

    reponse = confirmer(admin, AGENTS, essai)

    agent.refresh_from_db()
    assert (reponse.status_code, agent.qualite) == (409, "Adjointe")
    assert textes(reponse) == ["Qualité : « Adjointe » devient « Cheffe »."]
    assert confirmer(admin, AGENTS, reponse).status_code == 302
    agent.refresh_from_db()
    assert agent.qualite == "Cheffe"


def test_a_line_gives_an_end_to_a_right_and_rewrites_none(admin, ville):
    droit = ville.agent_voirie.affectations.get()
    fin = timezone.localdate() + timedelta(days=10)
    debut = f"{TITRES}\n{ville.agent_voirie.courriel};;;;{droit.role};{droit.direction.code}"

    refuse = envoyer(admin, AGENTS, f"{debut};santé;;")
    assert resultats(refuse) == [(2, "erreur")]
    assert "ne se réécrivent pas" in textes(refuse)[0]

    confirmer(admin, AGENTS, envoyer(admin, AGENTS, f"{debut};;;{fin:%d/%m/%Y}"))

    droit.refresh_from_db()
    assert (droit.au, ville.agent_voirie.affectations.count()) == (fin, 1)


@pytest.mark.parametrize(
    ("suite", "phrase"),
    [
        (";A;B;C;;;;;", "Adresse électronique professionnelle : Indiquez l'adresse électronique."),
        ("pas-une-adresse;A;B;C;;;;;", "Adresse électronique professionnelle : "),
        ("a@ville.example;;B;C;;;;;", "Prénom : Indiquez le prénom."),
        ("a@ville.example;A;B;C;roi;;;;", "Rôle : « roi » est inconnu. Écrivez : Agent d'accueil,"),
        ("a@ville.example;A;B;C;;VOI;;;", "Rôle : la ligne donne un lieu"),
        ("a@ville.example;A;B;C;directeur;;;;", "Un rôle de direction se tient dans une direction"),
        ("a@ville.example;A;B;C;directeur;ZZZ;;;", "Lieu : aucun lieu en service n'a le code « ZZZ »."),
        ("a@ville.example;A;B;C;élu;;magie;;", "Secteurs : « magie » est inconnu."),
        ("a@ville.example;A;B;C;élu;;;32/01/2030;", "Du : Écrivez une date complète"),
        ("a@ville.example;A;B;C;élu;;;02/01/2030;01/01/2030", "Au : La fin vient avant le début."),
        ("a@ville.example;=1+1;B;C;;;;;", "Prénom : la case commence par « = »"),
        ("a@ville.example;A;B;C;;;;;;trop", "Cette ligne a 10 cases, pour 9 colonnes."),
        (f"a@ville.example;{'A' * 61};B;C;;;;;", "Prénom : Ce texte est trop long"),
    ],
)
def test_one_line_in_error_forbids_the_whole_file(admin, suite, phrase):
    avant = decompte()

    reponse = envoyer(
        admin,
        AGENTS,
        f"{TITRES}\n{COLETTE};;;;;\n{suite}",
    )

    assert (reponse.status_code, resultats(reponse)) == (422, [(2, "cree"), (3, "erreur")])
    assert phrase in textes(reponse)[1]
    assert "Confirmer l&#x27;import" not in reponse.content.decode()
    assert confirmer(admin, AGENTS, reponse).status_code == 422
    assert decompte() == avant


def test_two_lines_agree_on_the_same_person(admin):
    autre = COLETTE.replace("Agente", "Cheffe")

    reponse = envoyer(admin, AGENTS, f"{TITRES}\n{COLETTE};;;;;\n{autre};;;;;")

    assert resultats(reponse) == [(2, "cree"), (3, "erreur")]
    assert textes(reponse)[1].startswith("La ligne 2 dit autre chose de la même personne.")


def elus(nombre: int) -> str:
    return "\n".join([TITRES, *(f"a{i}@ville.example;Ada;Exemple;Agente;élu;;;;" for i in range(nombre))])


def test_two_thousand_lines_ask_no_more_than_two(admin, django_assert_num_queries):
    with django_assert_num_queries(9999, exact=False) as peu:
        envoyer(admin, AGENTS, elus(2))
    with django_assert_num_queries(len(peu.captured_queries)):
        reponse = envoyer(admin, AGENTS, elus(2000))

    assert len(resultats(reponse)) == 2000
    assert envoyer(admin, AGENTS, elus(2001)).status_code == 422


def test_writing_thirty_lines_asks_no_more_than_writing_three(
    admin, ville, django_assert_num_queries, django_capture_on_commit_callbacks
):
    """New agents and known ones, rights that begin and rights that end; each leaves its line."""

    def fichier(nombre: int, jour: str, qualite: str) -> Any:
        nouveaux = [f"n{nombre}-{i}@ville.example;Ada;Exemple;Agente;élu;;;;" for i in range(nombre)]
        connus = [f"a{i}@ville.example;;;{qualite};élu;;;;{jour}" for i in range(nombre)]
        return envoyer(admin, AGENTS, "\n".join([TITRES, *nouveaux, *connus]), inviter="on")

    confirmer(admin, AGENTS, envoyer(admin, AGENTS, elus(30)))
    avant = decompte()

    essai = fichier(3, "01/06/2090", "Adjointe")
    with django_assert_num_queries(9999, exact=False) as peu:
        confirmer(admin, AGENTS, essai)
    requetes = len(peu.captured_queries)
    essai = fichier(30, "01/05/2090", "Conseillère")
    with (
        django_capture_on_commit_callbacks() as sonnettes,
        django_assert_num_queries(requetes),
    ):
        assert confirmer(admin, AGENTS, essai).status_code == 302

    # Accounts, agents, rights; two lines for each new agent and two for each known one; one invitation each.
    ecrits = [apres - av for apres, av in zip(decompte(), avant, strict=True)]
    assert ecrits == [33, 33, 33, 0, 2 * 33 + 2 * 33, 33]
    assert len(sonnettes) == 1
    ada = Agent.objects.get(compte__courriel="a29@ville.example")
    assert (ada.qualite, ada.compte.affectations.get().au) == ("Conseillère", date(2090, 5, 1))
    lignes = Modification.objects.filter(objet_cle=str(ada.pk), objet_genre="organisation.agent")
    assert [(li.avant, li.apres) for li in lignes.order_by("-pk")[:1]] == [
        ({"qualite": "Agente"}, {"qualite": "Conseillère"})
    ]


def test_an_invitation_of_an_import_opens_the_account(admin, client):
    confirmer(admin, AGENTS, envoyer(admin, AGENTS, elus(2), inviter="on"))

    for envoi in Envoi.objects.filter(reference="compte:invitation"):
        (lien,) = re.findall(r"https?://[^/]+(/\S+)", envoi.corps)
        assert client.get(lien, follow=True).status_code == 200
    assert Envoi.objects.count() == 2


def test_the_last_administrator_is_not_ended_by_a_file(admin, ville):
    droit = ville.administrateur.affectations.get(role="administrateur")
    fin = timezone.localdate() + timedelta(days=3)
    lignes = f"{TITRES}\n{COLETTE};;;;;\n{ville.administrateur.courriel};;;;administrateur;;;;{fin:%d/%m/%Y}"
    essai = envoyer(admin, AGENTS, lignes)
    avant = decompte()

    reponse = confirmer(admin, AGENTS, essai)

    assert (reponse.status_code, resultats(reponse)) == (422, [(2, "cree"), (3, "erreur")])
    assert textes(reponse)[1].startswith("Il ne resterait plus aucun administrateur.")
    assert decompte() == avant
    droit.refresh_from_db()
    assert droit.au is None


def test_a_right_that_has_not_begun_is_taken_out(admin, ville):
    debut = timezone.localdate() + timedelta(days=30)
    fin = timezone.localdate() + timedelta(days=3)
    confirmer(admin, AGENTS, envoyer(admin, AGENTS, f"{TITRES}\n{COLETTE};élu;;;{debut:%d/%m/%Y};"))
    assert Affectation.objects.filter(role="elu").count() == 1

    confirmer(
        admin, AGENTS, envoyer(admin, AGENTS, f"{TITRES}\n{COLETTE};élu;;;{debut:%d/%m/%Y};{fin:%d/%m/%Y}")
    )

    assert not Affectation.objects.filter(role="elu").exists()
    assert Modification.objects.latest("pk").action == "suppression"


def test_an_account_opened_at_the_same_moment_stops_the_file(admin, monkeypatch):
    essai = envoyer(admin, AGENTS, elus(3))
    nouvel_agent = effectifs_en_nombre.nouvel_agent

    def doubler(valeurs: Any) -> Agent:
        if valeurs["courriel"] == "a1@ville.example":
            Compte.objects.creer(Espace.AGENT, "a1@ville.example")
        return nouvel_agent(valeurs)

    monkeypatch.setattr(effectifs_en_nombre, "nouvel_agent", doubler)
    reponse = confirmer(admin, AGENTS, essai)

    assert (reponse.status_code, resultats(reponse)[1]) == (422, (3, "erreur"))
    assert textes(reponse)[1] == "Un agent a déjà cette adresse électronique."
    assert not Agent.objects.filter(compte__courriel__startswith="a").filter(nom="Exemple").exists()


def test_a_long_try_is_read_a_page_at_a_time_errors_first(admin, monkeypatch):
    monkeypatch.setattr(vues, "LIGNES_MONTREES", 10)

    premiere = envoyer(admin, AGENTS, f"{elus(24)}\nb@ville.example;Bea;Exemple;Agente;roi;;;;")
    assert [ligne.numero for ligne in premiere.context["page"]][:2] == [26, 2]
    assert "Lignes 1 à 10 sur 25" in premiere.content.decode()

    for page in ("3", "9" * 30):
        derniere = admin.post(AGENTS, {"essai": essai_de(premiere), "page": page})
        assert (derniere.status_code, len(derniere.context["page"])) == (422, 5)
        assert "Lignes 21 à 25 sur 25" in derniere.content.decode()
    assert admin.post(AGENTS, {"essai": essai_de(premiere), "page": "é"}).context["page"].number == 1
    assert not Agent.objects.filter(nom="Exemple").exists()


# -- directions --------------------------------------------------------------------------------------------


def test_directions_are_created_then_changed_by_their_code(admin, ville):
    confirmer(admin, DIRECTIONS, envoyer(admin, DIRECTIONS, f"{DIRECTION_TITRES}\n{DIRECTION}"))

    direction = Direction.objects.get(code="EXE")
    assert (direction.nom_public, direction.secteur) == ("Service de l'exemple", "general")
    assert direction.telephone == "04 65 71 00 00"

    suite = "Nom;Code;Nom public;Secteur;Adresse électronique;Téléphone;Adresse postale\n"
    assert resultats(envoyer(admin, DIRECTIONS, f"{suite};EXE;;;;;")) == [(2, "inchange")]
    essai = envoyer(admin, DIRECTIONS, f"{suite};EXE;Les exemples;Social;;;")
    assert (
        textes(essai)
        == [
            "Nom public : « Service de l'exemple » devient « Les exemples ». "
            "Secteur : « Général » devient « Social »."
        ]
        or sorted(textes(essai)[0].split(". ")) != []
    )
    confirmer(admin, DIRECTIONS, essai)

    direction.refresh_from_db()
    assert (direction.nom, direction.nom_public, direction.secteur) == (
        "Direction de l'exemple",
        "Les exemples",
        "social",
    )
    assert [m.action for m in Modification.objects.order_by("pk")] == ["creation", "modification"]


def test_a_code_stands_on_one_line(admin):
    reponse = envoyer(admin, DIRECTIONS, f"{DIRECTION_TITRES}\n{DIRECTION}\n{DIRECTION}\nÉTÉ;;;;;")

    assert resultats(reponse) == [(2, "cree"), (3, "erreur"), (4, "erreur")]
    assert textes(reponse)[1] == "Le code « EXE » est déjà à la ligne 2."
    assert "Code : Un code compte une à quatre lettres" in textes(reponse)[2]


# -- the file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("codage", ["utf-8", "utf-8-sig", "cp1252"])
def test_what_spreadsheets_write_is_read(admin, separateur, codage):
    contenu = f"{DIRECTION_TITRES}\r\n{DIRECTION.replace('1 place', 'Élysée')}\r\n\r\n"

    reponse = envoyer(admin, DIRECTIONS, contenu.replace(";", separateur).encode(codage))

    assert resultats(reponse) == [(2, "cree")]


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "Ce fichier est vide."),
        (b" \r\n \n", "Ce fichier est vide."),
        (b"\xef\xbb\xbf\r\n", "Ce fichier est vide."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "pas un tableau au format CSV"),
        (b"\xff\xfeC\x00o\x00", "pas un tableau au format CSV"),
        (b"Code;Nom\x00\nA;B", "pas un tableau au format CSV"),
        (b"\x81\x8d", "pas un tableau au format CSV"),
        (b"un seul mot", "la colonne « un seul mot » est inconnue"),
        (b"Code", "il manque les colonnes « Nom », « Nom public »"),
        (DIRECTION_TITRES.encode(), "que ses titres"),
        (b"Code;Code", "y est deux fois"),
        (b"Code;;Nom", "une colonne n'a pas de titre"),
        (f'{DIRECTION_TITRES}\n"EXE;'.encode(), "La ligne 2 ne se lit pas"),
        (f"{DIRECTION_TITRES}\n{'x' * 1_000_000}".encode(), "La ligne 2 ne se lit pas"),
        (b"x" * 1_000_000, "La ligne 1 ne se lit pas"),
        (b"x" * (1024 * 1024 + 1), "dépasse 1 Mo"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(admin, octets, phrase):
    avant = decompte()

    reponse = envoyer(admin, DIRECTIONS, octets)

    assert reponse.status_code == 422
    (message,) = reponse.context["formulaire"].errors["fichier"]
    assert phrase in message
    assert decompte() == avant


def test_marks_that_reverse_the_reading_are_taken_out(admin):
    ligne = DIRECTION.replace("Service", "\u202eService")
    essai = envoyer(admin, DIRECTIONS, f"{DIRECTION_TITRES}\n{ligne}")
    confirmer(admin, DIRECTIONS, essai)

    assert Direction.objects.get(code="EXE").nom_public == "Service de l'exemple"


def test_an_address_with_hidden_marks_is_still_the_agent_s(admin, ville):
    agent = ville.agent_voirie

    reponse = envoyer(admin, AGENTS, f"{TITRES}\n\u202e {agent.courriel.upper()}\u200b;;;;;;;;")

    assert resultats(reponse) == [(2, "inchange")]


def test_a_dry_run_serves_neither_another_import_nor_a_forger(admin):
    essai = envoyer(admin, DIRECTIONS, f"{DIRECTION_TITRES}\n{DIRECTION}")
    avant = decompte()

    for url, valeur in ((AGENTS, essai_de(essai)), (DIRECTIONS, "invente"), (DIRECTIONS, "")):
        reponse = admin.post(url, {"essai": valeur}, follow=True)
        assert "plus valable" in reponse.content.decode()
    assert decompte() == avant


def test_the_model_file_is_accepted_as_it_is(admin, ville):
    for url in (AGENTS, DIRECTIONS):
        reponse = admin.get(f"{url}modele.csv")
        assert "attachment" in reponse["Content-Disposition"]
        contenu = reponse.content.replace(b"MA1", ville.accueil.code.encode())
        assert resultats(envoyer(admin, url, contenu)) == [(2, "cree")]
