"""Many at once, on a web server of two processes: one wins, the others are told, nobody gets an error."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from demandes import actions, suivi
from demandes.actions import Depot
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import CoSignalant, Demande, EntreeJournal
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.socle.erreurs import ErreurMetier
from tests import factories
from tests.parcours.gestes import PAUL, preparer_un_depot
from tests.parcours.visiteur import Page

# `make endurance` runs the full count.
COURSES = int(os.environ.get("GUICHET_COURSES", "40"))
SIMULTANES = 20


def en_meme_temps(*gestes: Callable[[], Any]) -> list[Any]:
    """Start all of them at the same instant, each in its thread; return their answers, in order."""
    depart = threading.Barrier(len(gestes))

    def partir(geste: Callable[[], Any]) -> Any:
        depart.wait()
        return geste()

    with ThreadPoolExecutor(len(gestes)) as equipe:
        return list(equipe.map(partir, gestes))


def en_base(geste: Callable[[], Any]) -> Callable[[], Any]:
    """A gesture made by a thread of this process: its connection is given back."""

    def faire() -> Any:
        try:
            return geste()
        finally:
            connections.close_all()

    return faire


# -- two agents, one demande


def test_two_agents_take_one_demande_at_the_same_instant(ville, connecter):
    """Each presses « Prendre en charge » on the page they have: one gets it, the other is told who."""
    usager = factories.creer_usager(courriel="")
    numeros = [factories.demande_dans(Etat.ORIENTEE, ville, usager=usager).numero for _ in range(COURSES)]
    agents = {compte.pk: connecter(compte) for compte in (ville.agent_voirie, ville.collegue_voirie)}
    pages = {pk: agent.ouvrir(f"/agent/demandes/{numeros[0]}/") for pk, agent in agents.items()}
    formulaires = {pk: page.remplir("Prendre en charge") for pk, page in pages.items()}
    gagnants: Counter[int] = Counter()

    for numero in numeros:
        for formulaire in formulaires.values():
            formulaire.adresse = f"/agent/demandes/{numero}/gestes/prendre_en_charge/"
        # Each starts first every other time.
        formulaires = dict(reversed(formulaires.items()))
        reponses = dict(
            zip(formulaires, en_meme_temps(*(f.sans_suivre for f in formulaires.values())), strict=True)
        )

        demande = Demande.objects.select_related("agent_traitant").get(numero=numero)
        prises = EntreeJournal.objects.filter(demande=demande, geste="prendre_en_charge")
        assert [ligne.compte_id for ligne in prises] == [demande.agent_traitant_id]
        gagnant = demande.agent_traitant_id
        gagnants[gagnant] += 1
        (perdant,) = set(formulaires) - {gagnant}
        assert reponses[gagnant].statut in (302, 303)
        assert reponses[perdant].statut == 409
        assert f"{demande.agent_traitant} vient de faire « prendre en charge »" in reponses[perdant]

    assert sum(gagnants.values()) == COURSES
    assert len(gagnants) == 2, "nobody wins every time: they really ran together"


# -- one form sent twenty times


def test_twenty_sendings_of_one_deposit_make_one_demande(maison, ville, visiteurs):
    formulaire = preparer_un_depot(visiteurs())
    navigateurs = [visiteurs() for _ in range(SIMULTANES)]
    for navigateur in navigateurs:
        navigateur.session.cookies.update(formulaire.visiteur.session.cookies)

    recus: list[Page] = en_meme_temps(
        *(
            lambda n=navigateur: n.demander(formulaire.methode, formulaire.adresse, data=formulaire.champs)
            for navigateur in navigateurs
        )
    )

    demande = Demande.objects.get()
    assert {page.statut for page in recus} == {200}
    assert {page.titre for page in recus} == {"Votre demande est envoyée"}
    assert all(demande.numero in page and demande.code_suivi in page for page in recus)
    assert demande.messages.filter(sens="entrant").count() == 1
    maison.courriel(PAUL["courriel"], "est enregistrée")


def test_twenty_sendings_of_one_entry_make_one_demande(ville, connecter, visiteurs):
    salimata = connecter(ville.agent_accueil)
    page = salimata.ouvrir("/agent/saisie/?type=VOI-TROU")
    formulaire = page.remplir(
        "Orienter",
        texte="Un trou devant la crèche.",
        prenom="Lina",
        nom="Roche",
        courriel="lina.roche@courriel.example",
        territoire=ville.territoire.pk,
        **{"f-adresse": "7 rue du Port", "f-nature": "trou"},
    )
    navigateurs = [visiteurs() for _ in range(SIMULTANES)]
    for navigateur in navigateurs:
        navigateur.session.cookies.update(salimata.session.cookies)

    pages: list[Page] = en_meme_temps(
        *(
            lambda n=navigateur: n.demander(formulaire.methode, formulaire.adresse, data=formulaire.champs)
            for navigateur in navigateurs
        )
    )

    demande = Demande.objects.get()
    assert {page.statut for page in pages} == {200}
    assert all(demande.numero in page for page in pages)
    assert demande.journal.count() == 3
    assert Envoi.objects.filter(nature=Envoi.Nature.ACCUSE).count() == 1


def test_one_message_sent_eight_times_at_once_is_written_once(ville, visiteurs):
    demande = factories.deposer(ville)
    page = visiteurs().ouvrir(suivi.chemin_de_suivi(demande))
    formulaire = page.remplir("Envoyer le message", texte="Il s'est élargi.")
    navigateurs = [visiteurs() for _ in range(8)]
    for navigateur in navigateurs:
        navigateur.session.cookies.update(page.visiteur.session.cookies)

    pages: list[Page] = en_meme_temps(
        *(
            lambda n=navigateur: n.demander(formulaire.methode, formulaire.adresse, data=formulaire.champs)
            for navigateur in navigateurs
        )
    )

    assert {page.statut for page in pages} == {200}
    assert all("Votre message est bien arrivé." in page for page in pages)
    assert demande.messages.filter(corps="Il s'est élargi.").count() == 1
    assert demande.journal.filter(geste="ecrire_a_la_ville").count() == 1


# -- numbers


@pytest.mark.django_db(transaction=True)
def test_numbers_are_unique_under_eight_writers_who_sometimes_undo():
    ville = factories.creer_ville()

    def ecrire(rang: int) -> list[str]:
        numeros = []
        for n in range(50):
            with transaction.atomic():
                demande = actions.enregistrer(
                    Depot(
                        canal=Canal.GUICHET,
                        texte=f"Demande {rang}-{n}.",
                        type=ville.type_voirie,
                        point_accueil=ville.accueil,
                        est_anonyme=True,
                    ),
                    auteur=SYSTEME,
                )
                numeros.append(demande.numero)
                transaction.set_rollback(n % 5 == 0)
        return numeros

    donnes = [
        numero
        for numeros in en_meme_temps(*(en_base(lambda r=rang: ecrire(r)) for rang in range(8)))
        for numero in numeros
    ]

    assert len(donnes) == len(set(donnes)) == 400
    gardes = set(Demande.objects.values_list("numero", flat=True))
    assert len(gardes) == 320
    assert gardes < set(donnes)


# -- merges that cross


@pytest.mark.django_db(transaction=True)
def test_merges_that_cross_leave_no_circle_and_no_orphan():
    ville = factories.creer_ville()
    auteur = Auteur.agent(ville.agent_accueil)
    for _tour in range(COURSES // 4):
        a, b = (factories.demande_dans(Etat.QUALIFIEE, ville) for _ in range(2))

        def fusionner(demande: Demande, principale: Demande) -> str:
            try:
                actions.fusionner(demande, auteur=auteur, principale=principale)
            except ErreurMetier:
                return "refusée"
            return "faite"

        sorts = en_meme_temps(
            en_base(lambda a=a, b=b: fusionner(a, b)), en_base(lambda a=a, b=b: fusionner(b, a))
        )

        assert sorted(sorts) == ["faite", "refusée"]
        regroupee = Demande.objects.get(pk__in=(a.pk, b.pk), etat=Etat.FUSIONNEE)
        principale = Demande.objects.get(pk__in=(a.pk, b.pk), etat=Etat.QUALIFIEE)
        assert regroupee.principale_id == principale.pk
        lien = CoSignalant.objects.get(origine=regroupee)
        assert lien.principale_id == principale.pk


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_message_of_the_resident_cross_without_loss():
    """The message is never swallowed: it is read by the answer, or it keeps the demande from closing."""
    ville = factories.creer_ville()
    agent = Auteur.agent(ville.agent_voirie)
    for _tour in range(25):
        demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
        habitant = Auteur.habitant(demande.usager)

        en_meme_temps(
            en_base(
                lambda d=demande: actions.repondre(d, auteur=agent, texte="C'est fait.", decision="accord")
            ),
            en_base(
                lambda d=demande, h=habitant: actions.ecrire_a_la_ville(d, auteur=h, texte="Et le trottoir ?")
            ),
        )

        apres = Demande.objects.get(pk=demande.pk)
        message = apres.messages.filter(sens="entrant").latest("pk")
        assert apres.etat == Etat.TRAITEE
        assert apres.a_message_non_lu == (message.lu_le is None)
