"""Two demandes that look alike: told with reasons, compared, then merged, linked or told apart."""

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from demandes import actions, doublons
from demandes.actions.regroupement import Sujet
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Distinction, Lien
from guichet.envois.models import Envoi
from guichet.organisation.perimetre import Perimetre
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests import factories
from tests.demandes.gestes import relire, session, url

PAGE_LOURDE = "x" * 1_000_000


@pytest.fixture
def paire(ville) -> tuple[Demande, Demande]:
    """The same hole told by two people: one is in the hands of the roads department."""
    jeanne = factories.creer_usager("Jeanne", "Martin", courriel="jeanne@courriel.example")
    paul = factories.creer_usager("Paul", "Durand", courriel="paul@courriel.example")
    premiere = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=jeanne)
    seconde = factories.demande_dans(Etat.QUALIFIEE, ville, usager=paul)
    return premiere, seconde


def comparer(compte, demande: Demande, autre: Demande):
    return session(compte).get(reverse("agent_comparer", args=[demande.numero, autre.numero]))


def proposees(compte, demande: Demande) -> list[tuple[str, tuple[str, ...]]]:
    page = session(compte).get(reverse("agent_demande", args=[demande.numero]))
    return [(d.demande.numero, d.raisons) for d in page.context["doublons"]]


# -- proposed ------------------------------------------------------------------------------------------


def test_the_page_proposes_what_looks_alike_with_its_reasons(ville, paire):
    premiere, seconde = paire

    page = session(ville.agent_accueil).get(reverse("agent_demande", args=[seconde.numero]))

    assert proposees(ville.agent_accueil, seconde) == [
        (premiere.numero, ("même adresse", "même démarche", "reçues le même jour"))
    ]
    lu = page.content.decode()
    assert "Peut-être la même chose" in lu
    assert reverse("agent_comparer", args=[seconde.numero, premiere.numero]) in lu


def test_what_an_agent_may_not_read_is_not_proposed(ville, paire):
    premiere, seconde = paire

    assert proposees(ville.agent_voirie, premiere) == []
    assert [n for n, _ in proposees(ville.agent_accueil, premiere)] == [seconde.numero]


def test_an_ended_demande_is_neither_proposed_nor_asked(ville, paire):
    premiere, seconde = paire
    actions.annuler(premiere, auteur=Auteur.agent(ville.responsable_accueil), motif="erreur")

    assert proposees(ville.agent_accueil, premiere) == []
    assert proposees(ville.agent_accueil, seconde) == []


def test_the_closer_in_time_comes_first(ville, paire):
    premiere, seconde = paire
    ancienne = factories.deposer(
        ville, usager=factories.creer_usager(), recue_le=seconde.recue_le - timedelta(days=70)
    )

    trouvees = doublons.chercher(relire(seconde), Perimetre.de(ville.agent_accueil))

    assert [d.demande.numero for d in trouvees] == [premiere.numero, ancienne.numero]
    assert trouvees[1].raisons == ("même adresse", "même démarche", "reçues à 2 mois d'écart")


@pytest.mark.parametrize(
    ("jours", "mots"),
    [(0, "reçues le même jour"), (1, "reçues à 1 jour d'écart"), (59, "reçues à 59 jours d'écart")],
)
def test_the_time_between_two_demandes_is_said_in_words(jours, mots):
    assert doublons.ecart(jours) == mots


@pytest.mark.parametrize(
    ("ici", "la", "raison"),
    [
        ("6 rue du Théâtre", "6, Rue du theatre, 69982 Villeneuve", "même adresse"),
        ("6 rue du Théâtre", "rue du Théâtre", "adresse proche"),
        ("6 rue du Théâtre", "8 rue du Théâtre", "adresse proche"),
        ("6 rue du Théâtre", "40 boulevard des Frères-Lumière", None),
    ],
)
def test_addresses_are_alike_as_people_write_them(ville, ici, la, raison):
    une, autre = (
        factories.deposer(ville, usager=factories.creer_usager(), adresse=adresse) for adresse in (ici, la)
    )

    assert next(iter(doublons.evaluer(une, autre).raisons), None) == raison


@pytest.mark.parametrize(
    ("rayon", "adresse", "proposee"),
    [
        (50, "20 rue des Tisserands", True),
        (50, "80 rue des Tisserands", False),
        (500, "80 rue des Tisserands", True),
        (20, "rue des Tisserands", True),
        (None, "12 rue des Tisserands", False),
    ],
)
def test_the_radius_of_the_type_says_how_far_a_duplicate_may_be(ville, rayon, adresse, proposee):
    ville.type_voirie.rayon_doublon_m = rayon
    ville.type_voirie.save()
    demande = factories.deposer(ville)
    autre = factories.deposer(ville, usager=factories.creer_usager(), adresse=adresse)
    de_la_meme = factories.deposer(ville, usager=demande.usager, adresse="3 quai du Port")

    trouvees = [d.demande.numero for d in doublons.chercher(demande, Perimetre.de(ville.agent_accueil))]

    assert (autre.numero in trouvees) == proposee
    assert de_la_meme.numero in trouvees


def test_one_s_own_and_the_same_address_are_proposed_whatever_came_since(ville, monkeypatch):
    monkeypatch.setattr(doublons, "EXAMINEES", 2)
    doublons.composer.cache_clear()
    ville.type_voirie.rayon_doublon_m = 50
    ville.type_voirie.save()
    la_sienne = factories.deposer(ville, adresse="3 quai du Port")
    sans_quartier = factories.deposer(ville, usager=factories.creer_usager(), territoire=None)
    for rang in range(3):
        factories.deposer(ville, usager=factories.creer_usager(), adresse=f"{rang + 1} cours des Alizés")
    demande = factories.deposer(ville, usager=la_sienne.usager)

    trouvees = doublons.chercher(demande, Perimetre.de(ville.agent_accueil))

    assert [d.demande.numero for d in trouvees] == [sans_quartier.numero, la_sienne.numero]
    doublons.composer.cache_clear()


# -- compared, merged ----------------------------------------------------------------------------------


def test_both_stand_side_by_side_and_the_more_advanced_is_kept(ville, paire):
    premiere, seconde = paire

    page = comparer(ville.agent_accueil, seconde, premiere)

    lu = page.content.decode()
    for attendu in ("Jeanne Martin", "Paul Durand", premiere.numero, seconde.numero, "trou d&#x27;au moins"):
        assert attendu in lu, attendu
    pareilles = {ligne[0] for ligne in page.context["lignes"] if ligne[3]}
    assert {"Démarche", "Lieu", "Arrondissement"} <= pareilles
    assert not {"Demandeur", "État"} & pareilles
    sens = [(r.gardee, r.regroupee, r.est_proposee) for r in page.context["regroupements"]]
    assert sens == [(premiere, seconde, True), (seconde, premiere, False)]
    assert "Un courriel prévient Paul Durand (paul@courriel.example)." in lu
    assert "sans jamais voir l'identité de l'autre" in lu


def test_merging_takes_two_actions_and_lands_on_the_one_kept(ville, paire):
    premiere, seconde = paire
    choix = comparer(ville.agent_accueil, seconde, premiere).context["regroupements"][0]
    client = session(ville.agent_accueil)

    reponse = client.post(
        url(seconde, "fusionner"),
        {"version": seconde.version, "principale": "autre", "numero": premiere.numero, "suite": choix.suite},
    )

    assert (reponse.status_code, reponse["Location"]) == (
        303,
        reverse("agent_demande", args=[premiere.numero]),
    )
    fusionnee = relire(seconde)
    assert (fusionnee.etat, fusionnee.principale) == (Etat.FUSIONNEE, premiere)
    courriel = Envoi.objects.latest("pk")
    assert courriel.destinataire == "paul@courriel.example"
    assert "Jeanne" not in courriel.corps
    # Sent twice, it is made once: the second page is stale.
    encore = client.post(
        url(seconde, "fusionner"),
        {"version": seconde.version, "principale": "autre", "numero": premiere.numero},
    )
    assert encore.status_code == 409
    assert seconde.journal.filter(geste="fusionner").count() == 1


def test_two_people_s_own_affairs_are_not_merged_and_the_page_says_why(ville):
    gens = [factories.creer_usager("Ana", "Un"), factories.creer_usager("Bob", "Deux")]
    une, deux = (
        factories.demande_dans(Etat.QUALIFIEE, ville, usager=usager, type=ville.type_a_valider)
        for usager in gens
    )

    page = comparer(ville.agent_accueil, une, deux)

    if ville.type_a_valider.nature != "signalement":
        assert "seuls des signalements peuvent être regroupés" in page.content.decode()
        assert [r.est_proposee for r in page.context["regroupements"]] == [False, False]
    else:
        assert [r.est_proposee for r in page.context["regroupements"]] == [True, False]


def test_a_walled_demande_is_compared_by_the_cleared_only(ville, paire):
    sociale = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social)

    assert comparer(ville.agent_accueil, paire[0], sociale).status_code == 404
    page = comparer(ville.agent_accueil_habilite, paire[0], sociale)
    assert "Les deux demandes ne sont pas du même secteur." in page.content.decode()


@pytest.mark.parametrize("forge", ["2026-9999999", "\u202e2026", "%00", "x" * 5000, "' OR 1=1"])
def test_a_forged_number_compares_nothing(ville, paire, forge):
    adresse = f"/agent/demandes/{paire[0].numero}/comparer/"

    assert session(ville.agent_accueil).get(f"{adresse}{forge}/").status_code == 404


# -- told apart ----------------------------------------------------------------------------------------


def test_what_is_not_the_same_is_never_proposed_again(ville, paire):
    premiere, seconde = paire

    reponse = session(ville.agent_accueil).post(
        url(seconde, "distinguer"), {"version": seconde.version, "numero": premiere.numero}
    )

    assert reponse.status_code == 303
    assert proposees(ville.agent_accueil, seconde) == []
    assert proposees(ville.responsable_accueil, premiere) == []
    dite = Distinction.objects.get()
    assert (dite.premiere, dite.seconde, dite.dite_par) == (premiere, seconde, ville.agent_accueil)
    assert derniere_ligne(seconde) == ("distinguer", {"autre": premiere.numero})
    assert derniere_ligne(premiere) == ("distinguer", {"autre": seconde.numero})
    lu = comparer(ville.responsable_accueil, premiere, seconde).content.decode()
    assert f"{ville.agent_accueil} a dit que ce n'était pas la même" in lu
    assert Envoi.objects.filter(reference=f"demande:{seconde.numero}").count() == 1  # the acknowledgement


def test_told_apart_twice_it_is_remembered_once(ville, paire):
    premiere, seconde = paire
    actions.distinguer(seconde, auteur=Auteur.agent(ville.agent_accueil), autre=premiere)
    actions.distinguer(premiere, auteur=Auteur.agent(ville.responsable_accueil), autre=seconde)

    assert Distinction.objects.get().dite_par == ville.agent_accueil


def derniere_ligne(demande: Demande) -> tuple[str, dict]:
    ligne = demande.journal.order_by("rang").last()
    return ligne.geste, ligne.details


# -- linked --------------------------------------------------------------------------------------------


def test_a_link_shows_on_both_pages_each_in_its_words(ville, paire):
    premiere, seconde = paire
    client = session(ville.agent_accueil)

    reponse = client.post(
        url(seconde, "lier"),
        {
            "version": seconde.version,
            "numero": f" {premiere.numero} ",
            "nature": "suite",
            "raison": "Le trou est revenu.",
        },
    )

    assert reponse.status_code == 303
    lu = client.get(reverse("agent_demande", args=[seconde.numero])).content.decode()
    la = client.get(reverse("agent_demande", args=[premiere.numero])).content.decode()
    assert f'Suite de <a href="{reverse("agent_demande", args=[premiere.numero])}">' in lu
    assert f'A pour suite <a href="{reverse("agent_demande", args=[seconde.numero])}">' in la
    assert "« Le trou est revenu. »" in lu
    assert "« Le trou est revenu. »" in la
    assert derniere_ligne(seconde) == ("lier", {"autre": premiere.numero, "nature": "suite"})
    assert derniere_ligne(premiere) == ("lier", {"autre": seconde.numero, "nature": "suivie"})
    assert f"Liée à la demande {seconde.numero}" in la
    assert (relire(premiere).version, relire(premiere).etat) == (premiere.version + 1, premiere.etat)
    assert proposees(ville.agent_accueil, seconde) == []
    # The roads department knows that there is one, and nothing of it.
    chez_eux = session(ville.agent_voirie).get(reverse("agent_demande", args=[premiere.numero]))
    assert f"A pour suite {seconde.numero}" in chez_eux.content.decode()
    assert f"Liée à la demande {seconde.numero}" in chez_eux.content.decode()
    assert "Le trou est revenu." not in chez_eux.content.decode()
    assert seconde.objet not in chez_eux.content.decode()


def test_a_link_is_taken_away_from_both_with_its_reason(ville, paire):
    premiere, seconde = paire
    agent = Auteur.agent(ville.agent_accueil)
    actions.lier(seconde, auteur=agent, autre=premiere, nature="liee", raison="Même rue.")
    client = session(ville.agent_accueil)
    adresse = url(premiere, "delier")

    page = client.get(f"{adresse}?autre={seconde.numero}")
    reponse = client.post(
        adresse,
        {"version": relire(premiere).version, "numero": seconde.numero, "raison": "Deux rues différentes."},
    )

    assert f'value="{seconde.numero}"' in page.content.decode()
    assert reponse.status_code == 303
    assert not Lien.objects.exists()
    note = premiere.messages.get(sens="interne")
    assert note.corps == f"Lien avec la demande {seconde.numero} retiré : Deux rues différentes."
    assert derniere_ligne(seconde) == ("delier", {"autre": premiere.numero})
    assert not seconde.messages.filter(sens="interne").exists()


@pytest.mark.parametrize(
    ("champ", "valeur", "attendu"),
    [
        ("numero", "", "Écrivez le numéro de l'autre demande."),
        ("numero", "2026-9999999", "Aucune demande visible ne porte ce numéro."),
        ("numero", "elle-meme", "C'est la même demande : donnez le numéro d'une autre."),
        ("numero", "\x00", "Le caractère nul n’est pas autorisé."),
        ("numero", PAGE_LOURDE, "Ce numéro est trop long. Exemple : 2026-0001234."),
        ("nature", "cousine", "Choisissez dans la liste."),
        ("raison", "", "Dites en quelques mots pourquoi elles sont liées."),
        ("raison", "\u202e", "Dites en quelques mots pourquoi elles sont liées."),
        ("raison", PAGE_LOURDE, "Cette raison est trop longue : 200 caractères au plus."),
    ],
    ids=lambda v: v[:12],
)
def test_a_bad_link_is_refused_in_french_and_changes_nothing(ville, paire, champ, valeur, attendu):
    premiere, seconde = paire
    valeur = seconde.numero if valeur == "elle-meme" else valeur
    donnees = {"numero": premiere.numero, "nature": "liee", "raison": "Même rue.", champ: valeur}

    reponse = session(ville.agent_accueil).post(url(seconde, "lier"), {"version": seconde.version, **donnees})

    assert reponse.status_code == 422
    assert reponse.context["formulaire"].errors[champ] == [attendu]
    assert not Lien.objects.exists()
    assert relire(seconde).version == seconde.version


def test_a_link_is_made_once(ville, paire):
    premiere, seconde = paire
    agent = Auteur.agent(ville.agent_accueil)
    actions.lier(seconde, auteur=agent, autre=premiere, nature="suite", raison="Encore.")

    reponse = session(ville.agent_accueil).post(
        url(premiere, "lier"),
        {
            "version": relire(premiere).version,
            "numero": seconde.numero,
            "nature": "liee",
            "raison": "Encore.",
        },
    )

    assert reponse.status_code == 422
    assert f"La demande {seconde.numero} est déjà liée à celle-ci." in reponse.content.decode()
    assert sorted(Lien.objects.values_list("nature", flat=True)) == ["suite", "suivie"]


def test_nothing_is_linked_to_what_one_may_not_read(ville, paire):
    premiere, seconde = paire
    for geste in ("lier", "distinguer", "delier"):
        reponse = session(ville.agent_voirie).post(
            url(premiere, geste),
            {"version": premiere.version, "numero": seconde.numero, "nature": "liee", "raison": "Ici."},
        )
        assert reponse.status_code == 422, geste
        assert reponse.context["formulaire"].errors["numero"] == [
            "Aucune demande visible ne porte ce numéro."
        ]
    assert not Lien.objects.exists()
    assert not Distinction.objects.exists()


def test_splitting_links_the_new_demande_to_the_first(ville, paire):
    premiere, _ = paire
    (nouvelle,) = actions.scinder(
        premiere,
        auteur=Auteur.agent(ville.agent_voirie),
        sujets=[Sujet(ville.type_voirie, "Un panneau est tombé.")],
    )

    lu = session(ville.agent_accueil).get(reverse("agent_demande", args=[nouvelle.numero])).content.decode()

    assert f'Liée à <a href="{reverse("agent_demande", args=[premiere.numero])}">' in lu


@pytest.mark.parametrize(("qui", "remet"), [("agent_accueil", True), ("agent_voirie", False)])
def test_after_splitting_the_page_gives_what_to_tell_the_person(ville, qui, remet):
    """Number and code of each new demande; the desk also gets the page that prints or sends its receipt."""
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = {"texte_1": "Un lampadaire est éteint.", "texte_2": "Un banc est cassé."}

    page = session(getattr(ville, qui)).post(
        url(demande, "scinder"), {"version": demande.version, **donnees}, follow=True
    )

    lu = page.content.decode()
    nouvelles = demande.liees.all()
    assert len(nouvelles) == 2
    for nouvelle in nouvelles:
        assert f">{nouvelle.numero}</strong>" in lu
        assert f">{nouvelle.code_suivi[:4]} {nouvelle.code_suivi[4:]}</strong>" in lu
        assert (f'href="/agent/saisie/{nouvelle.numero}/"' in lu) is remet


def test_a_subject_is_added_without_losing_a_word_then_each_leaves_with_its_documents(ville, paire, settings):
    premiere, _ = paire
    settings.GUICHET_CLAMAV = ""
    premier_message = premiere.messages.get(sens="entrant")
    trou, panneau = (
        deposer(
            SimpleUploadedFile(nom, nom.encode()),
            proprietaire_genre="message",
            proprietaire_id=premier_message.pk,
        )
        for nom in ("trou.txt", "panneau.txt")
    )
    client = session(ville.agent_voirie)
    debut = {"version": premiere.version, "texte_1": "Un panneau est tombé.", "pieces_1": [str(panneau.pk)]}

    vierge = client.get(url(premiere, "scinder"))
    ajoute = client.post(url(premiere, "scinder"), debut | {"preparer": "sujet"})

    assert "texte_2" not in vierge.context["formulaire"].fields
    page = BeautifulSoup(ajoute.content, "html.parser")
    assert page.find("textarea", {"name": "texte_1"}).text.strip() == "Un panneau est tombé."
    assert [case["value"] for case in page.select("[name=pieces_1][checked]")] == [str(panneau.pk)]
    assert page.find("textarea", {"name": "texte_2"}).has_attr("autofocus")
    assert not premiere.journal.filter(geste="scinder").exists()

    assert client.post(url(premiere, "scinder"), debut | {"pieces_1": [str(uuid4())]}).status_code == 422
    assert not premiere.journal.filter(geste="scinder").exists()
    suite = {"texte_2": "Un banc est cassé.", "pieces_2": [str(panneau.pk), str(trou.pk)]}
    assert client.post(url(premiere, "scinder"), debut | suite).status_code == 303

    numeros = premiere.journal.get(geste="scinder").details["nouvelles"]
    messages = [Demande.objects.get(numero=numero).messages.get() for numero in numeros]
    assert [message.corps for message in messages] == ["Un panneau est tombé.", "Un banc est cassé."]
    copies = [Piece.objects.filter(proprietaire_id=message.pk) for message in messages]
    assert [sorted(copie.nom_original for copie in recues) for recues in copies] == [
        ["panneau.txt"],
        ["panneau.txt", "trou.txt"],
    ]
    assert copies[0].get().fichier.name != panneau.fichier.name
    with copies[0].get().fichier.open("rb") as fichier:
        assert fichier.read() == b"panneau.txt"
    assert Piece.objects.filter(proprietaire_id=premier_message.pk).count() == 2


def test_a_sixth_subject_is_the_last_and_an_unsaid_one_is_refused(ville, paire):
    premiere, _ = paire
    client = session(ville.agent_voirie)
    pleins = {f"texte_{rang}": f"Sujet {rang}." for rang in range(1, 6)}

    dernier = client.post(url(premiere, "scinder"), {"version": 1, "preparer": "sujet"} | pleins)
    refuse = client.post(
        url(premiere, "scinder"),
        {
            "version": premiere.version,
            "texte_1": "Un banc.",
            "texte_2": "",
            "type_2": ville.type_voirie.pk,
        },
    )

    assert "Ajouter un sujet" not in dernier.content.decode()
    assert "texte_6" not in dernier.context["formulaire"].fields
    assert refuse.status_code == 422
    assert refuse.context["formulaire"].errors == {
        "texte_2": ["Décrivez ce sujet, ou retirez son type et ses documents."]
    }
    assert not premiere.journal.filter(geste="scinder").exists()


def test_the_screens_say_who_is_told_before_it_is_done(ville, paire):
    premiere, seconde = paire
    sans_courriel = factories.demande_dans(
        Etat.QUALIFIEE, ville, usager=factories.creer_usager(courriel="", telephone="06 39 98 12 34")
    )
    anonyme = factories.demande_dans(Etat.QUALIFIEE, ville, est_anonyme=True)
    client = session(ville.responsable_accueil)

    avis = [client.get(url(d, "fusionner")).context["avis"] for d in (seconde, sans_courriel, anonyme)]
    actions.fusionner(seconde, auteur=Auteur.agent(ville.agent_accueil), principale=premiere)
    separer = client.get(url(seconde, "defusionner"))
    page = client.get(reverse("agent_demande", args=[seconde.numero])).content.decode()

    assert avis[0] == "Un courriel prévient Paul Durand (paul@courriel.example)."
    assert avis[1].startswith(f"Aucun courriel ne part : prévenez vous-même {sans_courriel.usager}")
    assert avis[2] == "Personne n'est prévenu : il n'y a personne à joindre."
    assert separer.context["avis"] == avis[0]
    assert f'<a href="{url(seconde, "defusionner")}">Séparer…</a>' in page
    assert "Aucun courriel ne part." in client.get(url(premiere, "scinder")).content.decode()


@pytest.mark.parametrize("autre", ["\x00", "\u202e123", "x" * 5000, "<script>"])
def test_a_forged_number_in_the_address_of_a_gesture_is_only_typed(ville, paire, autre):
    page = session(ville.agent_accueil).get(url(paire[0], "delier"), {"autre": autre})

    assert page.status_code == 200
    assert 'value="<script>' not in page.content.decode()
    assert len(page.context["formulaire"].initial["numero"]) <= 12
