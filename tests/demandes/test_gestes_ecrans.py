"""Every gesture has its screen, through HTTP: allowed ones are made, refused ones lose nothing typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from demandes import actions
from demandes.actions import SANS_CHANGEMENT
from demandes.chapeaux import A1, A2, ADM, R1, R2
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.formulaires_gestes import ECRANS
from demandes.models import Complement, Demande
from guichet.envois.models import Envoi
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests import factories
from tests.demandes.gestes import donnees_de, relire, session, url
from tests.factories import Ville

AGENTS = frozenset({A1, R1, A2, R2, ADM})


# -- the graph and the screens ------------------------------------------------------------------------


def aretes() -> list[tuple[str, str, frozenset]]:
    """(gesture, state, hats of agents) of every edge an agent may cross, from the machine itself."""
    graphe = Demande._meta.get_field("etat").get_all_transitions(Demande)
    return sorted(
        {
            (t.name, str(t.source), t.permission.acteurs & AGENTS)
            for t in graphe
            if t.permission.acteurs & AGENTS
        },
        key=lambda arete: arete[:2],
    )


def test_every_gesture_an_agent_can_make_has_a_screen_and_no_other():
    sans_changement = {nom for nom, (_, permission) in SANS_CHANGEMENT.items() if permission.acteurs & AGENTS}

    assert {nom for nom, _, _ in aretes()} | sans_changement == set(ECRANS)


def pour_chaque_chapeau(ville: Ville) -> dict:
    return {
        A1: ville.agent_accueil,
        R1: ville.responsable_accueil,
        A2: ville.agent_voirie,
        R2: ville.responsable_voirie,
        ADM: ville.administrateur,
    }


def preparer(geste: str, demande: Demande, ville: Ville, donnees: dict[str, Any]) -> None:
    """Make true what the data guards ask for, when the state alone does not."""
    if geste == "fusionner":
        donnees["numero"] = factories.demande_dans(Etat.ORIENTEE, ville).numero
    if geste in ("reprendre_sans_complement", "classer_sans_suite"):
        hier = timezone.localdate() - timedelta(days=1)
        Complement.objects.filter(demande=demande).update(echeance=hier, relance_le=timezone.now())
    if geste == "orienter":
        Demande.objects.filter(pk=demande.pk).update(arbitrage_demande_le=None)


@pytest.mark.parametrize(
    ("geste", "etat", "chapeaux"), aretes(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_each_edge_is_crossed_from_its_form(ville, geste, etat, chapeaux):
    demande = factories.demande_dans(etat, ville)
    donnees = donnees_de(geste, ville, demande)
    preparer(geste, demande, ville, donnees)
    joueurs = pour_chaque_chapeau(ville)
    compte = next(joueurs[chapeau] for chapeau in (R1, A1, R2, A2, ADM) if chapeau in chapeaux)
    client = session(compte)
    avant = demande.journal.count()

    page = client.get(url(demande, geste))
    reponse = client.post(url(demande, geste), {"version": relire(demande).version, **donnees})

    assert page.status_code == 200
    assert reponse.status_code == 303, reponse.context and reponse.context["formulaire"].errors
    entrees = list(demande.journal.order_by("rang")[avant:])
    assert [(entree.geste, entree.avant, entree.compte) for entree in entrees] == [(geste, etat, compte)]


@pytest.mark.parametrize(
    "geste", ["scinder", "transferer_la_propriete", "ajouter_une_note", "ecrire_a_l_usager"]
)
def test_gestures_without_a_change_of_state_are_made_from_their_form(ville, geste):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    client = session(ville.responsable_accueil)

    reponse = client.post(
        url(demande, geste), {"version": demande.version, **donnees_de(geste, ville, demande)}
    )

    assert reponse.status_code == 303
    assert demande.journal.order_by("rang").last().geste == geste
    assert relire(demande).etat == Etat.QUALIFIEE


def test_an_agent_writes_down_what_the_resident_says_and_reminds_them(ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    client = session(ville.agent_accueil)

    dit = client.post(
        url(demande, "ecrire_a_la_ville"),
        {"version": demande.version, "texte": "Je cherche la photo.", "canal": "telephone"},
    )
    relance = client.post(url(demande, "relancer_l_usager"), {"version": relire(demande).version})

    assert (dit.status_code, relance.status_code) == (303, 303)
    assert demande.messages.get(sens="entrant", corps="Je cherche la photo.").canal == "telephone"
    assert Complement.objects.get(demande=demande).relance_le is not None


@pytest.mark.parametrize("geste", ECRANS)
def test_a_demande_of_another_direction_does_not_exist(ville, geste):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_proprete)
    avant = demande.journal.count()

    page = client.get(url(demande, geste))
    reponse = client.post(
        url(demande, geste), {"version": demande.version, **donnees_de(geste, ville, demande)}
    )

    assert (page.status_code, reponse.status_code) == (404, 404)
    assert demande.journal.count() == avant
    assert relire(demande).version == demande.version


def test_a_gesture_of_another_state_says_so(ville):
    demande = factories.demande_dans(Etat.TRAITEE, ville)
    client = session(ville.agent_voirie)

    for reponse in (
        client.get(url(demande, "planifier")),
        client.post(url(demande, "prendre_en_charge"), {"version": demande.version}),
    ):
        assert reponse.status_code == 422
        assert "n&#x27;est pas possible : la demande est « Traitée »" in reponse.content.decode()


def test_an_unknown_gesture_is_nowhere(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    assert session(ville.agent_voirie).get(url(demande, "delete")).status_code == 404
    assert session(ville.agent_voirie).get(url(demande, "enregistrer")).status_code == 404


# -- conflicts and refusals keep everything ---------------------------------------------------------------


def test_two_agents_take_the_same_demande_and_the_second_is_told_who(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    donnees = {"version": demande.version}

    premier = session(ville.agent_voirie).post(url(demande, "prendre_en_charge"), donnees)
    second = session(ville.collegue_voirie).post(url(demande, "prendre_en_charge"), donnees)

    contenu = second.content.decode()
    assert (premier.status_code, second.status_code) == (303, 409)
    assert "Karim Belkacem vient de faire « prendre en charge »" in contenu
    assert "Confirmer quand même" not in contenu
    assert relire(demande).agent_traitant == ville.agent_voirie


def test_a_stale_page_keeps_the_text_and_may_be_confirmed(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = {"version": demande.version, **donnees_de("repondre", ville, demande), "texte": "Trois pages."}
    actions.ajouter_une_note(demande, auteur=Auteur.agent(ville.collegue_voirie), texte="Attends !")
    client = session(ville.agent_voirie)

    conflit = client.post(url(demande, "repondre"), donnees)
    formulaire = conflit.context["formulaire"]

    assert conflit.status_code == 409
    assert "Inès Fontaine vient de faire « ajouter une note »" in conflit.content.decode()
    assert "Confirmer quand même" in conflit.content.decode()
    assert formulaire["texte"].value() == "Trois pages."
    assert formulaire["decision"].value() == "accord"
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE
    assert Envoi.objects.filter(nature="reponse").count() == 0

    confirme = client.post(url(demande, "repondre"), {**donnees, "version": formulaire["version"].value()})

    assert confirme.status_code == 303
    assert relire(demande).etat == Etat.TRAITEE


def test_a_text_typed_on_a_demande_that_went_away_is_given_back(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = {"version": demande.version, **donnees_de("repondre", ville, demande), "texte": "Trois pages."}
    actions.reorienter(
        demande,
        auteur=Auteur.agent(ville.responsable_voirie),
        motif="mauvaise_direction",
        direction=ville.proprete,
    )

    reponse = session(ville.agent_voirie).post(url(demande, "repondre"), donnees)

    contenu = reponse.content.decode()
    assert reponse.status_code == 404
    assert "Trois pages." in contenu
    assert demande.objet not in contenu
    assert "Propreté" not in contenu


def test_the_domain_s_refusal_lands_on_its_field_with_the_text_kept(ville):
    ville.type_voirie.photo_apres_requise = True
    ville.type_voirie.save()
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "repondre"),
        {"version": demande.version, "texte": "C'est réparé.", "decision": "accord"},
    )

    formulaire = reponse.context["formulaire"]
    assert reponse.status_code == 422
    assert formulaire.errors == {"pieces": ["Joignez une photo prise après l'intervention."]}
    assert formulaire["texte"].value() == "C'est réparé."


def test_a_refusal_that_names_no_field_is_said_above_the_form(ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "classer_sans_suite"),
        {"version": demande.version, "motif": "delai_expire", "commentaire": "Toujours rien."},
    )

    assert reponse.status_code == 422
    assert "attendez cette date" in reponse.context["formulaire"].non_field_errors()[0]
    assert reponse.context["formulaire"]["commentaire"].value() == "Toujours rien."


def test_files_survive_a_refusal_and_a_conflict(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    donnees = {"version": demande.version, "texte": "", "decision": "accord"}

    refus = client.post(url(demande, "repondre"), {**donnees, "pieces": [factories.televerser()]})
    gardees = [str(piece.pk) for piece in refus.context["formulaire"].pieces_gardees]
    actions.ajouter_une_note(demande, auteur=Auteur.agent(ville.collegue_voirie), texte="Attends !")
    donnees |= {"texte": "Réparé.", "pieces_gardees": gardees}
    conflit = client.post(url(demande, "repondre"), donnees)
    encore = [str(piece.pk) for piece in conflit.context["formulaire"].pieces_gardees]
    donnees |= {"version": relire(demande).version, "pieces_gardees": encore}
    fait = client.post(url(demande, "repondre"), donnees)

    assert (refus.status_code, conflit.status_code, fait.status_code) == (422, 409, 303)
    assert len(gardees) == 1
    assert f'name="pieces_gardees" value="{gardees[0]}"' in refus.content.decode()
    piece = Piece.objects.get()
    assert (str(piece.pk), piece.proprietaire_genre) == (gardees[0], "message")
    assert demande.messages.get(nature="reponse").pk == piece.proprietaire_id


def test_nobody_attaches_a_colleague_s_file_nor_one_that_is_somebody_else_s(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    d_un_autre = deposer(factories.televerser("a.jpg"), depose_par=ville.collegue_voirie)
    deja_prise = deposer(
        factories.televerser("b.jpg"),
        depose_par=ville.agent_voirie,
        proprietaire_genre="message",
        proprietaire_id=1,
    )

    session(ville.agent_voirie).post(
        url(demande, "ecrire_a_l_usager"),
        {
            "version": demande.version,
            "texte": "Voici.",
            "pieces_gardees": [d_un_autre.pk, deja_prise.pk, "n'importe"],
        },
    )

    message = demande.messages.get(corps="Voici.")
    assert not Piece.objects.filter(proprietaire_genre="message", proprietaire_id=message.pk).exists()


def test_a_refused_file_is_explained_on_its_field(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "ecrire_a_l_usager"),
        {
            "version": demande.version,
            "texte": "Voici.",
            "pieces": [SimpleUploadedFile("x.exe", b"MZ\x90\x00")],
        },
    )

    assert reponse.status_code == 422
    assert reponse.context["formulaire"].errors["pieces"]
    assert reponse.context["formulaire"]["texte"].value() == "Voici."
    assert not demande.messages.filter(corps="Voici.").exists()
