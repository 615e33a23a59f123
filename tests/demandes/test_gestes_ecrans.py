"""Every gesture has its screen, through HTTP: allowed ones are made, refused ones lose nothing typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions, modeles
from demandes.actions import SANS_CHANGEMENT
from demandes.chapeaux import A1, A2, ADM, R1, R2
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.formulaires_gestes import ECRANS
from demandes.models import Complement, Demande, ModeleReponse, Motif
from guichet.envois.models import Envoi
from guichet.organisation.models import Compte
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests import factories
from tests.factories import Ville

AGENTS = frozenset({A1, R1, A2, R2, ADM})


def url(demande: Demande, geste: str) -> str:
    return reverse("agent_geste", args=[demande.numero, geste])


def session(compte: Compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


def relire(demande: Demande) -> Demande:
    return Demande.objects.pour_fil().get(pk=demande.pk)


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


def donnees_de(geste: str, ville: Ville, demande: Demande) -> dict[str, Any]:
    """What an agent types in the form of a gesture."""
    bientot = (timezone.localdate() + timedelta(days=10)).isoformat()
    texte = "Bonjour,\n\nNous nous occupons de ce trou."
    motive = {"motif": premier_motif(geste), "commentaire": "Parce que."}
    reponse = {"texte": texte, "decision": "accord", "voies_recours": ""}
    return {
        "qualifier": {"type": demande.type_id, "territoire": ville.territoire.pk},
        "orienter": {"direction": ville.voirie.pk, "commentaire": ""},
        "repondre_immediatement": {
            "type": demande.type_id,
            "fiche": factories.creer_fiche(ville.type_voirie).pk if geste == "repondre_immediatement" else "",
            "texte": texte,
            "decision": "accord",
        },
        "reorienter": {**motive, "direction": ville.proprete.pk},
        "demander_complement": {
            "pieces_du_type": ["Photo du trou"],
            "elements": "La largeur du trou\n\nLa date",
            "delai_jours": "20",
            "est_indispensable": "on",
            "texte": f"Il nous manque :\n{modeles.LISTE}\n\nAvant le {modeles.DATE_LIMITE}.",
        },
        "recevoir_complement": {"texte": "Il fait trente centimètres.", "canal": "telephone"},
        "planifier": {"pour": bientot, **motive},
        "attendre_un_tiers": {**motive, "tiers": "Entreprise Bitume", "relance_le": bientot},
        "reprendre": {"commentaire": ""},
        "proposer_une_reponse": reponse,
        "refuser_le_projet": {"commentaire": "Donnez une date."},
        "repondre": reponse,
        "rejeter": {"motif": "irrecevable", "texte": texte, "voies_recours": "Tribunal administratif."},
        "transmettre": {"organisme": "Métropole de la Saône", "contact": "04 65 71 60 00"},
        "retour_externe": {"motif": premier_motif(geste), "texte": "Ce n'est pas à eux."},
        "fusionner": {"principale": "autre", "numero": ""},
        "scinder": {"texte_1": "Un lampadaire est éteint.", "texte_2": "", "type_2": ""},
        "transferer_la_propriete": {"point_accueil": ville.autre_accueil.pk},
        "ajouter_une_note": {"texte": "Vu avec l'équipe."},
        "ecrire_a_l_usager": {"texte": texte},
        "ecrire_a_la_ville": {"texte": "Il a rappelé.", "canal": "telephone"},
    }.get(geste, motive if premier_motif(geste) else {})


def premier_motif(geste: str) -> str:
    motif = Motif.objects.filter(geste=geste).first()
    return motif.code if motif else ""


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


# -- each form's own help -------------------------------------------------------------------------------


def test_complement_list_and_deadline_are_written_when_it_is_sent(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = donnees_de("demander_complement", ville, demande)

    session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    complement = Complement.objects.get(demande=demande)
    corps = demande.messages.get(nature="complement").corps
    assert complement.elements == ["Photo du trou", "La largeur du trou", "La date"]
    assert (complement.delai_jours, complement.est_indispensable) == (20, True)
    assert "- Photo du trou\n- La largeur du trou\n- La date" in corps
    assert str(complement.echeance.year) in corps
    assert "[" not in corps


@pytest.mark.parametrize(
    ("champ", "valeur", "attendu"),
    [
        ("delai_jours", "14", "Le délai va de 15 à 60 jours."),
        ("delai_jours", "61", "Le délai va de 15 à 60 jours."),
        ("delai_jours", "beaucoup", "Le délai va de 15 à 60 jours."),
        ("texte", "", "Écrivez le message."),
        ("texte", "Motif : [à compléter]", "Complétez d'abord les passages marqués « [à compléter] »."),
        ("texte", "Bonjour {{ usager.nom }}", "Complétez d'abord les passages marqués « [à compléter] »."),
    ],
)
def test_a_complement_that_cannot_leave_says_why(ville, champ, valeur, attendu):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = {**donnees_de("demander_complement", ville, demande), champ: valeur}

    reponse = session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    assert reponse.status_code == 422
    assert reponse.context["formulaire"].errors == {champ: [attendu]}
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE


def test_a_complement_asks_for_something(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = donnees_de("demander_complement", ville, demande) | {"pieces_du_type": [], "elements": " \n "}

    reponse = session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    assert list(reponse.context["formulaire"].errors) == ["pieces_du_type"]


def test_a_template_is_inserted_after_what_is_written(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    modele = ModeleReponse.objects.create(
        type=ville.type_voirie, geste="repondre", titre="Trou rebouché", texte="Le trou {{ demande.numero }}."
    )
    client = session(ville.agent_voirie)

    reponse = client.post(
        url(demande, "repondre"),
        {
            "version": demande.version,
            "texte": "Bonjour,",
            "decision": "refus",
            "preparer": f"modele:{modele.pk}",
        },
    )

    formulaire = reponse.context["formulaire"]
    assert reponse.status_code == 200
    assert formulaire["texte"].value() == f"Bonjour,\n\nLe trou {demande.numero}."
    assert formulaire["decision"].value() == "refus"
    assert not formulaire.errors
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE


def test_a_fiche_is_inserted_and_may_be_cited(ville):
    fiche = factories.creer_fiche(ville.type_voirie)
    demande = factories.deposer(ville)
    client = session(ville.agent_accueil)

    reponse = client.post(
        url(demande, "repondre_immediatement"),
        {"version": demande.version, "type": ville.type_voirie.pk, "preparer": f"fiche:{fiche.code}"},
    )

    assert reponse.context["formulaire"]["texte"].value() == fiche.reponse
    assert fiche.notes_agents in reponse.content.decode()


def test_the_composer_hands_its_text_to_the_form_of_the_answer(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "repondre"), {"version": demande.version, "texte": "Déjà écrit.", "preparer": "texte"}
    )

    formulaire = reponse.context["formulaire"]
    assert formulaire["texte"].value() == "Déjà écrit."
    assert "tribunal administratif" in formulaire["voies_recours"].value()
    assert formulaire["version"].value() == str(demande.version)


def test_a_draft_is_shown_with_its_author_and_signed_by_somebody_else(ville):
    demande = factories.demande_dans(Etat.A_VALIDER, ville, type=ville.type_a_valider)
    client = session(ville.responsable_voirie)

    page = client.get(url(demande, "repondre"))
    formulaire = page.context["formulaire"]
    donnees = {nom: formulaire[nom].value() for nom in ("version", "texte", "decision", "voies_recours")}
    reponse = client.post(url(demande, "repondre"), donnees)

    assert "Karim Belkacem" in page.content.decode()
    assert "Valider et envoyer" in page.content.decode()
    assert reponse.status_code == 303
    assert relire(demande).etat == Etat.TRAITEE


def test_a_refusal_carries_its_remedies(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    donnees = {"version": demande.version, "texte": "Non.", "decision": Decision.REFUS}

    sans = client.post(url(demande, "repondre"), {**donnees, "voies_recours": ""})
    client.post(url(demande, "repondre"), {**donnees, "voies_recours": "Tribunal administratif de Lyon."})

    assert list(sans.context["formulaire"].errors) == ["voies_recours"]
    assert demande.messages.get(nature="reponse").corps == "Non.\n\nTribunal administratif de Lyon."


def test_the_desk_only_rejects_what_cannot_be_examined(ville):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    prise = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    accueil = session(ville.agent_accueil).get(url(demande, "rejeter")).context["formulaire"]
    direction = session(ville.responsable_voirie).get(url(prise, "rejeter")).context["formulaire"]

    assert [m.code for m in accueil.fields["motif"].queryset] == ["irrecevable", "abusif"]
    assert len(direction.fields["motif"].queryset) == 4


def test_merge_proposes_what_looks_alike_and_only_what_one_may_read(ville):
    usager = factories.creer_usager()
    demande = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager)
    voisine = factories.demande_dans(Etat.ORIENTEE, ville, adresse="12 rue des tisserands")
    sienne = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager, adresse="8 place du Marché")
    factories.demande_dans(Etat.ORIENTEE, ville, adresse="1 quai Neuf")
    reservee = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social)
    client = session(ville.agent_voirie)

    page = client.get(url(demande, "fusionner"))
    choix = [valeur for valeur, _ in page.context["formulaire"].fields["principale"].choices]
    refus = client.post(
        url(demande, "fusionner"),
        {"version": demande.version, "principale": "autre", "numero": reservee.numero},
    )

    assert choix == [voisine.numero, sienne.numero, "autre"]
    assert refus.context["formulaire"].errors == {"numero": ["Aucune demande visible ne porte ce numéro."]}


def test_a_second_reorientation_goes_back_to_the_desk(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    Demande.objects.filter(pk=demande.pk).update(compteur_reorientations=1)
    client = session(ville.agent_voirie)

    page = client.get(url(demande, "reorienter"))
    reponse = client.post(
        url(demande, "reorienter"),
        {"version": demande.version, "motif": "mauvaise_direction", "direction": ""},
    )

    assert "elle repart à l&#x27;accueil" in page.content.decode()
    assert (reponse.status_code, reponse["Location"]) == (303, reverse("agent_corbeille"))
    assert relire(demande).arbitrage_demande_le is not None


def test_routing_shows_what_the_rules_propose_and_why(ville):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)

    page = session(ville.agent_accueil).get(url(demande, "orienter"))

    formulaire = page.context["formulaire"]
    assert formulaire["direction"].value() == ville.voirie.pk
    assert "Direction habituelle pour" in formulaire.fields["direction"].help_text


def test_after_qualifying_comes_routing(ville):
    demande = factories.deposer(ville)

    reponse = session(ville.agent_accueil).post(
        url(demande, "qualifier"), {"version": demande.version, "type": ville.type_voirie.pk}
    )

    assert reponse["Location"] == url(demande, "orienter")


def test_a_known_body_needs_no_contact(ville):
    factories.creer_organisme()
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    client = session(ville.agent_accueil)
    donnees = {"version": demande.version, "contact": ""}

    inconnu = client.post(url(demande, "transmettre"), {**donnees, "organisme": "Personne"})
    connu = client.post(url(demande, "transmettre"), {**donnees, "organisme": "Métropole de la Saône"})

    assert inconnu.context["formulaire"].errors == {"contact": ["Indiquez comment joindre cet organisme."]}
    assert connu.status_code == 303
    assert relire(demande).organisme == "Métropole de la Saône"


def test_a_planned_day_is_promised_to_its_end_and_a_past_one_refused(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    demain = timezone.localdate() + timedelta(days=1)

    passe = client.post(url(demande, "planifier"), {"version": demande.version, "pour": "2020-01-01"})
    client.post(url(demande, "planifier"), {"version": demande.version, "pour": demain.isoformat()})

    assert passe.context["formulaire"].errors == {"pour": ["La date prévue doit être dans l'avenir."]}
    assert (
        timezone.localtime(relire(demande).planifiee_pour).isoformat()[:16] == f"{demain.isoformat()}T23:59"
    )


def test_where_one_goes_next_never_leaves_the_site(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "prendre_en_charge"), {"version": demande.version, "suite": "https://mal.example/"}
    )

    assert reponse["Location"] == reverse("agent_demande", args=[demande.numero])


def test_a_form_without_a_version_is_refused(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).post(url(demande, "prendre_en_charge"), {})

    assert reponse.status_code == 422
    assert relire(demande).etat == Etat.ORIENTEE


def test_the_recipient_is_written_out(ville):
    cas = {
        "Jeanne Martin</strong>, jeanne@courriel.example, par courriel": {
            "courriel": "jeanne@courriel.example"
        },
        "à rappeler au 06 39 98 12 34": {"courriel": "", "telephone": "06 39 98 12 34"},
        "à écrire par courrier, 3 rue Neuve": {"courriel": "", "adresse": "3 rue Neuve"},
        "à prévenir au guichet": {"courriel": ""},
    }
    for attendu, personne in cas.items():
        demande = factories.demande_dans(
            Etat.PRISE_EN_CHARGE, ville, usager=factories.creer_usager(**personne)
        )
        contenu = session(ville.agent_voirie).get(url(demande, "ecrire_a_l_usager")).content.decode()
        assert attendu in contenu
