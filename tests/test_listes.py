"""Every list of the house: thirty rows cost the statements that three cost."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demandes import actions, brouillons, corbeilles
from demandes.droits import Auteur
from demandes.etats import NON_FINAUX, Etat
from demandes.models import ARapprocher, Contact, CoSignalant, Demande, EntreeJournal, Remise, Theme
from guichet.organisation.audit import consigner
from guichet.organisation.models import Compte, JourFerme, Role
from guichet.organisation.perimetre import Perimetre
from guichet.pieces.depot import deposer
from tests import factories
from tests.parcours.gestes import photo
from tests.portal.conftest import remettre_l_accueil
from usagers.models import Usager

PILOTAGE = [f"/agent/pilotage/{liste}" for liste in ("", "recues/", "en-retard/", "finies/")]
A_RAPPROCHER = "Il cite une autre demande"
BACKEND = "guichet.organisation.portes.PorteBackend"


class Monde:
    """A city whose every list can be made longer, and the addresses that show them."""

    def __init__(self) -> None:
        self.ville = ville = factories.creer_ville()
        factories.affecter(ville.administrateur, "agent_accueil", ville.accueil)
        self.usager = factories.creer_usager("Jeanne", "Martin", telephone="06 39 98 12 34")
        self.compte = factories.creer_compte_usager(self.usager)
        self.theme = Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road")
        self.principale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=self.usager)
        self.image = photo()
        remettre_l_accueil()

    def allonger(self, rang: int) -> None:
        """One more row in each list: made by real gestures for the first three, copied from them after."""
        ville = self.ville
        autre = factories.creer_usager(f"Prénom{rang}", "Martin", telephone="06 39 98 12 34")
        type = factories.creer_type(f"VOI-T{rang}", ville.voirie, libelle=f"Trou de sorte {rang}")
        type.themes.add(self.theme)
        factories.creer_fiche(ville.type_voirie, f"trou-{rang}", question=f"Et le trou {rang} ?")
        factories.creer_agent(
            f"Prénom{rang}", "Roux", Role.AGENT_DIRECTION, factories.creer_direction(f"D{rang}")
        )
        factories.creer_accueil(f"A{rang}", f"Mairie {rang}", canaux=[])
        JourFerme.objects.create(jour=timezone.localdate(), libelle=f"Travaux {rang}")
        with transaction.atomic():
            consigner(compte=ville.administrateur, objet=ville.voirie, action="creation", apres={"nom": rang})
        brouillons.ouvrir(ville.type_voirie, compte=self.compte)
        Contact.objects.create(
            canal="telephone",
            point_accueil=ville.accueil,
            agent=ville.responsable_accueil,
            usager=self.usager,
            resultat=Contact.Resultat.SANS_SUITE,
            fin=timezone.now(),
        )
        for sens, visibilite in (("entrant", "public"), ("sortant", "public"), ("interne", "interne")):
            message = self.principale.messages.create(
                sens=sens, visibilite=visibilite, canal="courrier", corps=f"Mot {rang}."
            )
            if sens == "sortant":
                Remise.objects.create(message=message)
            deposer(
                ContentFile(self.image, name=f"photo-{rang}.jpg"),
                proprietaire_genre="message",
                proprietaire_id=message.pk,
            )
        if rang < 3:
            self.vivre(autre)
        else:
            self.copier(rang, autre)

    def vivre(self, autre: Usager) -> None:
        """One demande of each kind, and one grouped under the main one."""
        ville = self.ville
        demandes = [
            factories.demande_dans(etat, ville, usager=self.usager)
            for etat in (*NON_FINAUX, Etat.CLOSE, Etat.ANNULEE)
        ]
        demandes.append(factories.deposer(ville, usager=autre))
        demandes.append(factories.mettre_a_rapprocher(ville, usager=autre, objet=A_RAPPROCHER))
        co_signalee = factories.demande_dans(Etat.QUALIFIEE, ville, usager=autre)
        actions.fusionner(
            co_signalee,
            auteur=Auteur.agent(ville.agent_accueil),
            principale=Demande.objects.get(pk=self.principale.pk),
        )
        self.modeles = Demande.objects.filter(pk__in=[d.pk for d in (*demandes, co_signalee)])

    def copier(self, rang: int, autre: Usager) -> None:
        """The same demandes again, with the one journal line that the database asks of each."""
        copies = list(self.modeles)
        for n, copie in enumerate(copies):
            copie.pk = None
            copie._state.adding = True
            copie.numero, copie.jeton_suivi, copie.cle_depot = f"2099-{rang:04}{n:03}", f"{rang}-{n}", None
            copie.usager = autre if copie.usager_id != self.usager.pk else self.usager
        copies = Demande.objects.bulk_create(copies)
        EntreeJournal.objects.bulk_create(
            EntreeJournal(demande=copie, geste="enregistrer", apres=copie.etat, auteur="systeme")
            for copie in copies
        )
        for copie in copies:
            if copie.objet == A_RAPPROCHER:
                attente = ARapprocher.objects.create(demande=copie, raisons=["expediteur"])
                attente.citees.add(self.principale)
            if copie.principale_id:
                CoSignalant.objects.create(principale=self.principale, origine=copie, usager=autre)

    def adresses(self) -> Iterator[tuple[Compte | None, str]]:
        """Who opens what."""
        ville, numero, jeton = self.ville, self.principale.numero, self.principale.jeton_suivi
        for compte in (ville.responsable_accueil, ville.responsable_voirie):
            for vue in corbeilles.vues_de(Perimetre.de(compte)):
                yield compte, f"/agent/corbeille/?vue={vue.code}"
        yield ville.responsable_voirie, "/agent/corbeille/?vue=direction&texte=trou"
        yield ville.responsable_voirie, "/agent/corbeille/?vue=terminees&etat=close"
        yield ville.responsable_voirie, f"/agent/corbeille/?vue=direction&ouverte={numero}"
        for fin in ("", "?q=martin", "?q=trou", "?q=0639981234", f"?q={numero}"):
            yield ville.responsable_accueil, f"/agent/accueil/{fin}"
        for fin in ("", f"?usager={self.usager.pk}", "?q=trou", "?type=VOI-TROU"):
            yield ville.responsable_accueil, f"/agent/saisie/{fin}"
        yield ville.responsable_accueil, f"/agent/usagers/{self.usager.pk}/"
        yield ville.responsable_accueil, "/agent/fiches/trou-1/"
        for fin in ("", "?onglet=journal", "gestes/repondre/", "gestes/fusionner/"):
            yield ville.agent_voirie, f"/agent/demandes/{numero}/{fin}"
        a_remettre = ("", "?vue=accuses", "?vue=tiers", "?vue=rouvertes")
        yield from ((ville.responsable_accueil, f"/agent/a-remettre/{fin}") for fin in a_remettre)
        yield ville.responsable_accueil, "/agent/a-rapprocher/"
        yield from product((ville.responsable_accueil, ville.responsable_voirie), PILOTAGE)
        yield ville.responsable_accueil, "/agent/pilotage/contacts/"
        yield ville.administrateur, "/agent/courriels/"
        for fin in ("agents/", "directions/", "accueils/", "jours-fermes/", "modifications/"):
            yield ville.administrateur, f"/agent/administration/{fin}"
        for chemin in ("/", "/mes-demandes/", f"/mes-demandes/{numero}/"):
            yield self.compte, chemin
        for chemin in ("/", "/?q=trou", "/deposer/", "/deposer/recherche/?q=trou", "/deposer/theme/rue/"):
            yield None, chemin
        yield None, "/deposer/VOI-TROU/"
        yield None, f"/suivi/{numero}/{jeton}/"


def mesurer(monde: Monde) -> dict[str, tuple[int, int]]:
    """Statements and bytes by page, once what is kept in memory is there."""
    clients: dict[Any, Client] = {}
    mesures = {}
    for compte, chemin in monde.adresses():
        if compte not in clients:
            clients[compte] = Client()
            if compte:
                clients[compte].force_login(compte, backend=BACKEND)
        assert clients[compte].get(chemin).status_code == 200, chemin
        with CaptureQueriesContext(connection) as requetes:
            octets = len(clients[compte].get(chemin).content)
        mesures[f"{compte or 'anonyme'} {chemin}"] = len(requetes), octets
    return mesures


@pytest.mark.django_db
def test_thirty_rows_cost_what_three_do(monkeypatch):
    # Indexes of words are built again each minute: when one turns between two readings, rows cost nothing.
    for module in ("vitrine", "recherche.fiches"):
        monkeypatch.setattr(f"demandes.{module}.FRAICHEUR_INDEX", 10**12)
    monde = Monde()
    mesures = []
    for debut, fin in ((0, 3), (3, 30)):
        for rang in range(debut, fin):
            monde.allonger(rang)
        cache.clear()
        mesures.append(mesurer(monde))

    trois, trente = mesures
    assert {page: (trois[page][0], n) for page, (n, _) in trente.items() if n != trois[page][0]} == {}
    assert max(n for n, _ in trente.values()) <= 30, "no page ever needs more"
    plus_longues = {page for page, (_, octets) in trente.items() if octets > trois[page][1] + 1000}
    assert len(plus_longues) > 24, "the lists did grow"
