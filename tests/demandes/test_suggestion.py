"""The suggestion: what a text seems to ask, the words that decided, and never a decision."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from demandes import actions, reception, tasks
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import ARapprocher, Demande, EntreeJournal, Message, Suggestion, TypeDemande
from demandes.suggestion import avis, savoir, travail
from demandes.suggestion.danger import danger
from demandes.suggestion.evaluation import evaluer, lire
from demandes.suggestion.sujets import sujets
from demandes.suggestion.texte import Comptes, sans_bruit
from guichet.canaux.canal import Canal
from guichet.organisation.models import Voie
from tests import factories
from tests.croissance import est_lineaire

RACINE = Path(savoir.__file__).resolve().parents[2]
EXEMPLES = RACINE / "demandes" / "donnees" / "exemples_messages.jsonl"
LAMPE = "Le lampadaire devant le 4 ne s'allume plus depuis lundi, la rue est dans le noir."
CANTINE = "Comment inscrire ma fille à la cantine de l'école pour la rentrée ?"
TROU = "Bonjour, il y a un gros trou dans la chaussée rue des Tisserands, mon vélo a failli y rester."


@pytest.fixture(scope="module")
def livre():
    return savoir.construire(savoir.notices_livrees())


def proposer(livre, texte, objet=""):
    return avis.donner(livre.index, objet, texte)


def codes(livre, texte):
    return [p.code for p in proposer(livre, texte).propositions]


def mots_de(texte, proposition):
    return [texte[debut:fin] for debut, fin in proposition.reperes]


# -- reading a text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("y a un trou enorme dans la route devant chez moi", "VOI-NID"),
        ("Y A UN TROU ÉNORME DANS LA ROUTE DEVANT CHEZ MOI", "VOI-NID"),
        ("le lampadere de ma rue ne sallume plus", "ECL-PANN"),
        ("Où puis-je faire renouveler mon passeport avant l'été ?", "EC-TITR"),
        ("j’voudrais inscrire ma fille à la cantine l’année prochaine", "EDU-CANT"),
    ],
)
def test_everyday_words_typing_errors_and_questions_find_their_type(livre, texte, code):
    assert codes(livre, texte)[0] == code


def test_the_words_that_decided_are_shown_as_they_are_written(livre):
    texte = "Bonjour Madame,\nLe Lampadaire clignote sans arrêt.\nCordialement,\nJean Lampion"

    premiere = proposer(livre, texte).propositions[0]

    assert premiere.code == "ECL-PANN"
    assert mots_de(texte, premiere)[:2] == ["Lampadaire", "clignote"]


def test_the_same_text_always_gives_the_same_suggestion(livre):
    assert proposer(livre, TROU) == proposer(livre, TROU)
    autre = savoir.construire(savoir.notices_livrees())
    assert proposer(autre, TROU) == proposer(livre, TROU)


@pytest.mark.parametrize("texte", ["", "   ", "Bonjour, merci, cordialement", "!!! ???", "\0", "1234567890"])
def test_words_that_say_nothing_suggest_nothing(livre, texte):
    assert proposer(livre, texte) == avis.Avis()


def test_greetings_signature_quote_and_street_names_are_left_out():
    texte = (
        "Bonjour,\nLa poubelle déborde rue du Conservatoire, appelez-moi au 06 39 98 12 34.\n"
        "Bien cordialement,\nMarie Lécole, professeure de piano\n"
        "Le 3 mai 2026 à 10:12, la mairie a écrit :\n> Votre acte de naissance est prêt."
    )

    propre = sans_bruit(texte)

    assert "poubelle déborde rue," in propre
    for mot in ("Conservatoire", "06 39", "piano", "naissance"):
        assert mot not in propre


def test_what_speaks_of_danger_is_pointed_at(livre):
    texte = "Des fils à nu pendent du poteau, un enfant est blessé."

    donne = proposer(livre, texte)

    assert [texte[debut:fin] for debut, fin in donne.danger] == ["fils à nu", "blessé"]
    assert proposer(livre, "Quand passe le camion des encombrants ?").danger == ()


@pytest.mark.parametrize(
    ("texte", "dits"),
    [
        ("Un monsieur allongé sous l'abribus répond à peine", ["allongé sous", "répond à peine"]),
        ("Ça sent le gaz dans l'escalier, et l'eau monte !", ["sent le gaz", "l'eau monte"]),
        ("Le mur menace de s'effondrer", ["menace de s'effondrer"]),
        ("Des seringues dans le bac à sable de la crèche", ["seringues"]),
        # An object to bring somewhere, a name, what is denied, what is over.
        ("Où déposer mes seringues usagées ?", []),
        ("À l'aide de quel formulaire ? Le service des urgences n'en sait rien, et ce n'est pas urgent.", []),
        ("Le panneau est par terre depuis l'accident, mais sans danger", []),
        ("Le feu est vert, ce trottoir est un contresens cyclable", []),
    ],
)
def test_danger_is_what_people_say_of_it_unless_they_deny_it(texte, dits):
    assert [texte[debut:fin] for debut, fin in danger(texte)] == dits


@pytest.mark.parametrize(
    ("texte", "second"),
    [
        (f"{LAMPE} Par ailleurs, {CANTINE}", f"Par ailleurs, {CANTINE}"),
        (f"{LAMPE}\n2) {CANTINE}", f"2) {CANTINE}"),
        (f"Deux petites choses. {LAMPE} {CANTINE}", CANTINE),
        (f"Mme Roux : {LAMPE[:-1]}, en profite pour demander : {CANTINE}", None),
        # Told in one breath, or twice the same thing.
        (f"{LAMPE} {CANTINE}", ""),
        (f"{LAMPE} Par ailleurs, ce lampadaire ne s'allume plus depuis lundi.", ""),
    ],
)
def test_a_second_subject_is_one_that_people_pass_to(livre, texte, second):
    trouves = sujets(livre.index, texte)
    if second == "":
        assert trouves == ()
        return
    premier, suivant = trouves
    assert (premier.code, suivant.code) == ("ECL-PANN", "EDU-CANT")
    assert second is None or texte[suivant.debut : suivant.fin] == second


def test_two_subjects_are_told_apart_with_their_sentences(livre):
    texte = (
        "Le lampadaire devant le 4 ne s'allume plus depuis lundi, la rue est dans le noir. "
        "Je voudrais aussi inscrire ma fille à la cantine de l'école pour la rentrée."
    )

    premier, second = proposer(livre, texte).sujets

    assert (premier.code, second.code) == ("ECL-PANN", "EDU-CANT")
    assert texte[second.debut : second.fin].startswith("Je voudrais aussi inscrire")
    assert proposer(livre, TROU).sujets == ()


def test_a_message_costs_what_its_length_costs(livre):
    assert est_lineaire(lambda texte: livre.index.noter(Comptes(sans_bruit(texte))), f" {TROU}")


def test_neither_django_nor_the_deposit_loads_the_learning_libraries():
    code = (
        "import sys, django; django.setup(); import guichet.urls, demandes.tasks, demandes.reception;"
        "print(sorted({'numpy', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    environ = {"DJANGO_SETTINGS_MODULE": "guichet.settings.test", "PATH": ""}
    lu = subprocess.run(
        [sys.executable, "-c", code], cwd=RACINE, env=environ, capture_output=True, text=True, check=True
    )
    assert lu.stdout.strip() == "[]"


# -- measured ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_on_messages_it_has_not_learned_the_aims_are_met():
    figures = evaluer(lire(EXEMPLES.read_text(encoding="utf-8")))

    assert figures["messages"] == figures["tenus_hors_de_l_apprentissage"] == 243
    assert figures["direction_top1"] >= 0.82
    assert figures["type_top3"] >= 0.88
    assert figures["danger"] > 2 * figures["danger_a_tort"]
    assert figures["deux_sujets"] > 2 * figures["deux_sujets_a_tort"]
    assert figures["ms_par_message"] < 20


@pytest.mark.django_db
def test_the_command_prints_its_figures_as_json(tmp_path):
    fichier = tmp_path / "messages.jsonl"
    lignes = [
        {"id": "1", "objet": None, "texte": TROU, "type": "VOI-NID", "types_acceptables": ["VOI-NID"]},
        {"id": "2", "objet": "x", "texte": "gagnez", "type": "SPAM", "types_acceptables": ["SPAM"]},
        {
            "id": "3",
            "objet": None,
            "texte": "mon passeport",
            "type": "PRO-TAG",
            "types_acceptables": ["PRO-TAG"],
        },
    ]
    fichier.write_text("\n".join(json.dumps(ligne) for ligne in lignes), encoding="utf-8")
    sortie = StringIO()

    call_command("evaluer_qualification", fichier, erreurs=True, stdout=sortie)

    figures = json.loads(sortie.getvalue())
    assert (figures["messages"], figures["ecartes"], figures["catalogue"]) == (2, 1, "livré")
    assert (figures["type_top1"], figures["type_top3"], figures["direction_top1"]) == (0.5, 0.5, 0.5)
    assert [erreur["id"] for erreur in figures["erreurs"]] == ["3"]


@pytest.mark.parametrize(
    ("contenu", "phrase"), [("{", "Ligne 1"), ('{"texte": "sans type"}', "Ligne 1"), ("[1]", "Ligne 1")]
)
def test_a_line_that_is_no_message_is_named(tmp_path, contenu, phrase):
    fichier = tmp_path / "messages.jsonl"
    fichier.write_text(contenu, encoding="utf-8")
    with pytest.raises(CommandError, match=phrase):
        call_command("evaluer_qualification", fichier)
    with pytest.raises(CommandError, match="ne peut pas être lu"):
        call_command("evaluer_qualification", tmp_path / "absent.jsonl")


# -- in the city ------------------------------------------------------------------------------------------


@pytest.fixture
def bureau(ville) -> Client:
    client = Client()
    client.force_login(ville.agent_accueil)
    return client


@pytest.fixture
def arrivee(ville) -> Demande:
    """A mail whose subject nobody said, read by the worker."""
    ville.type_voirie.mots_du_quotidien = ["un trou dans la route", "nid-de-poule sur la chaussée"]
    ville.type_voirie.save()
    demande = factories.deposer(ville, texte=TROU, type=None, canal=Canal.COURRIEL)
    assert travail.balayer() == 1
    return demande


def test_what_comes_without_a_type_is_read_by_the_worker(ville):
    contenu = json.dumps(
        {"id": "1", "canal": "courriel", "texte": TROU, "identite": {"nom": "Sy", "telephone": "0639981234"}}
    )
    brut = reception.recevoir("courriel", "saisie", "une", contenu.encode())

    tasks.traiter_reception(brut.pk)

    demande = Demande.objects.get()
    assert (demande.type, demande.etat) == (None, Etat.NOUVELLE)
    assert demande.suggestion.message.corps == TROU
    assert demande.suggestion.choix is None
    assert travail.balayer() == 0


def test_a_deposit_with_its_type_is_not_read(ville):
    factories.deposer(ville)
    assert travail.balayer() == 0
    assert not Suggestion.objects.exists()


def test_no_word_of_the_message_is_copied(arrivee):
    ligne = json.dumps(list(Suggestion.objects.values("propositions", "danger", "sujets")))
    for mot in re.findall(r"[a-zé]{4,}", TROU.lower()):
        assert mot not in ligne


def test_the_demande_shows_three_types_with_a_key_each_and_the_words_that_decided(ville, bureau, arrivee):
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))

    proposee = page.context["suggestion"]["types"][0]
    assert proposee.type == ville.type_voirie
    assert "trou" in proposee.mots
    html = page.content.decode()
    assert 'data-touche="1"' in html
    assert "à cause de" in html


def test_one_key_qualifies_and_the_choice_is_learned(ville, bureau, arrivee):
    bureau.post(
        reverse("agent_geste", args=[arrivee.numero, "qualifier"]),
        {"version": arrivee.version, "type": ville.type_voirie.pk},
    )

    demande = Demande.objects.get(pk=arrivee.pk)
    assert (demande.etat, demande.type) == (Etat.QUALIFIEE, ville.type_voirie)
    suggestion = demande.suggestion
    assert (suggestion.choix, suggestion.rang) == (ville.type_voirie, 1)
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))
    assert page.context["suggestion"] is None


def test_the_place_a_mail_names_is_proposed_and_kept_only_once_it_is_sent(ville, bureau, arrivee):
    adresse_du_geste = reverse("agent_geste", args=[arrivee.numero, "qualifier"])
    Demande.objects.filter(pk=arrivee.pk).update(adresse="", territoire=None)
    Voie.objects.create(nom="rue des Tisserands", territoire=ville.territoire)
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))
    formulaire = bureau.get(adresse_du_geste)
    assert "Lieu cité : rue des Tisserands." in page.content.decode()
    assert '<input type="hidden" name="adresse" value="rue des Tisserands">' in page.content.decode()
    assert "Lu dans le message : vérifiez-le." in formulaire.content.decode()
    assert formulaire.context["formulaire"]["adresse"].value() == "rue des Tisserands"
    assert formulaire.context["formulaire"]["territoire"].initial == ville.territoire
    assert Demande.objects.get().adresse == ""

    bureau.post(
        adresse_du_geste,
        {"version": arrivee.version, "type": ville.type_voirie.pk, "adresse": "rue des Tisserands"},
    )

    demande = Demande.objects.get()
    assert (demande.adresse, demande.territoire) == ("rue des Tisserands", ville.territoire)
    assert demande.journal.get(geste="qualifier").details["lieu_change"] is True


def test_the_place_of_what_may_not_be_read_is_not_told(ville, bureau, arrivee):
    Voie.objects.create(nom="rue des Tisserands", territoire=ville.territoire)
    Demande.objects.filter(pk=arrivee.pk).update(secteur="social", adresse="")
    assert "Tisserands" not in bureau.get(reverse("agent_demande", args=[arrivee.numero])).content.decode()
    reponse = bureau.get(reverse("agent_geste", args=[arrivee.numero, "qualifier"]))
    assert "Tisserands" not in reponse.content.decode()


def test_a_key_that_says_the_type_alone_keeps_the_place(ville, bureau, arrivee):
    Demande.objects.filter(pk=arrivee.pk).update(adresse="Square des Ormes")
    geste = {"version": arrivee.version, "type": ville.type_voirie.pk}
    bureau.post(reverse("agent_geste", args=[arrivee.numero, "qualifier"]), geste)
    assert Demande.objects.get().adresse == "Square des Ormes"


def test_another_type_counts_as_a_correction(ville, arrivee):
    autre = factories.creer_type("AUTRE", ville.voirie)
    actions.qualifier(arrivee, auteur=Auteur.agent(ville.agent_accueil), type=autre)
    suggestion = Suggestion.objects.get()
    assert (suggestion.choix, suggestion.rang) == (autre, 0)


def test_what_a_rule_decides_teaches_nothing(ville, arrivee):
    actions.qualifier(arrivee, auteur=SYSTEME, type=ville.type_voirie)
    assert Suggestion.objects.get().choix is None


def test_a_demande_nobody_may_read_shows_no_suggestion(ville, bureau, arrivee):
    Demande.objects.filter(pk=arrivee.pk).update(secteur="social")
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))
    assert "à cause de" not in page.content.decode()


def test_once_the_text_is_erased_no_word_is_shown(ville, bureau, arrivee):
    Message.objects.filter(demande=arrivee).update(corps="")
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))
    assert page.context["suggestion"]["types"][0].mots == ()


def test_a_type_withdrawn_since_is_not_proposed(ville, bureau, arrivee):
    TypeDemande.objects.filter(pk=ville.type_voirie.pk).update(publie_le=None)
    page = bureau.get(reverse("agent_demande", args=[arrivee.numero]))
    types = [p.type for p in (page.context["suggestion"] or {"types": []})["types"]]
    assert ville.type_voirie not in types


def test_a_changed_catalogue_is_known_at_the_next_message(ville):
    factories.deposer(ville, texte="Ma licorne est malade", type=None, canal=Canal.COURRIEL)
    travail.balayer()
    avant = Suggestion.objects.get().codes
    nouveau = factories.creer_type("LICORNE", ville.voirie, mots_cles=["licorne", "poney"])
    suivante = factories.deposer(ville, texte="Ma licorne est malade", type=None, canal=Canal.COURRIEL)

    travail.balayer()

    assert nouveau.code not in avant
    assert Suggestion.objects.get(demande=suivante).codes[0] == "LICORNE"


SECOND = "Je voudrais aussi inscrire ma fille à la cantine de l'école pour la rentrée prochaine."
DEUX = f"Il y a un trou énorme dans la chaussée, un vrai nid-de-poule dangereux.\n{SECOND}"


@pytest.fixture
def cantine(ville) -> TypeDemande:
    ville.type_voirie.mots_du_quotidien = ["trou dans la chaussée", "nid-de-poule"]
    ville.type_voirie.save()
    return factories.creer_type(
        "EDU-CANT", factories.creer_direction("EDU", "Éducation"), mots_cles=["cantine", "repas", "école"]
    )


def test_a_second_subject_prepares_the_split(ville, bureau, cantine):
    demande = factories.deposer(ville, texte=DEUX, type=None, canal=Canal.COURRIEL)
    travail.balayer()

    page = bureau.get(reverse("agent_geste", args=[demande.numero, "scinder"]))

    formulaire = page.context["formulaire"]
    assert formulaire["texte_1"].value() == SECOND
    assert formulaire["type_1"].value() == cantine.pk
    assert EntreeJournal.objects.filter(demande=demande, geste="scinder").count() == 0


def test_a_mail_about_two_things_waits_in_the_tray_once_and_the_agent_says_it_is_one(ville, bureau, cantine):
    factories.deposer(ville, texte=DEUX, type=None, canal=Canal.TELEPHONE)
    factories.deposer(ville, texte=TROU, type=None, canal=Canal.COURRIEL)
    deux = factories.deposer(ville, texte=DEUX, type=None, canal=Canal.COURRIEL)
    tasks.balayer_receptions()

    attente = ARapprocher.objects.get()
    assert (attente.demande, attente.raisons) == (deux, ["sujets"])
    liste = bureau.get(reverse("agent_a_rapprocher")).content.decode()
    assert (deux.numero in liste, "Plusieurs sujets" in liste) == (True, True)
    adresse = reverse("agent_a_rapprocher_une", args=[deux.numero])
    page = bureau.get(adresse).content.decode()
    assert ("Scinder…" in page, "un seul sujet" in page) == (True, True)

    deux = Demande.objects.get(pk=deux.pk)
    fait = bureau.post(adresse, {"version": deux.version, "decision": "a_part"})
    tasks.balayer_receptions()

    assert fait.status_code == 302
    assert ARapprocher.objects.get().suite == ARapprocher.Suite.A_PART
    assert EntreeJournal.objects.filter(geste="mettre_a_rapprocher").count() == 1


def test_the_administration_counts_what_was_kept(ville, arrivee):
    actions.qualifier(arrivee, auteur=Auteur.agent(ville.agent_accueil), type=ville.type_voirie)
    client = Client()
    client.force_login(ville.administrateur)

    page = client.get(reverse("administration_suggestion"))

    assert (page.context["choisies"], page.context["part_premiere"]) == (1, 100)
    assert str(ville.type_voirie) in page.content.decode()


def test_a_message_that_fails_keeps_no_other_waiting(ville, monkeypatch, caplog):
    bonne = factories.deposer(ville, texte=TROU, type=None, canal=Canal.COURRIEL)
    mauvaise = factories.deposer(ville, texte="Autre chose", type=None, canal=Canal.COURRIEL)
    vraie = travail.suggerer

    def suggerer(demande, suite):
        if demande == mauvaise:
            raise RuntimeError("cassé")
        return vraie(demande, suite)

    monkeypatch.setattr(travail, "suggerer", suggerer)

    assert travail.balayer() == 1
    assert Suggestion.objects.get().demande == bonne
    assert f"no suggestion for demande {mauvaise.pk}" in caplog.text


def test_a_scanned_letter_is_read_as_a_message_and_a_few_words_are_left_to_the_search(ville):
    lettre = (
        "Madame, Monsieur,\nUn trou s'est ouvert dans la chaussée devant le numéro 12 depuis lundi.\n"
        "Recevez, Madame, Monsieur, mes salutations distinguées."
    )

    assert travail.reconnaitre("", lettre)[0].code == "VOI-TROU"
    assert travail.reconnaitre("", "un trou dans la chaussée") == []
