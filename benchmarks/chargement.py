"""Fills a city that has its catalogue and agents: persons, demandes, journal, messages, e-mails.

Nothing is written behind the guards: constraints hold, and the journal's own trigger chains each line.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.copie import Copie
from benchmarks.matiere import CANAUX, DETAILS, ETATS, MOT_RARE, OBJETS, PRENOMS, RARETE, RUES, Tirage
from demandes.etats import EN_DIRECTION, NON_FINAUX, Etat
from demandes.models import Demande, EntreeJournal, Message, TypeDemande
from guichet.envois.models import Envoi
from guichet.organisation.models import Affectation, PointAccueil, Secteur, Territoire, Voie
from guichet.socle.texte import cle_phonetique, plier
from usagers.models import Coordonnee, Usager

LOT = 10_000
JOURS = 4 * 365
# Roads first, everywhere.
LES_PLUS_DEMANDES = ("VOI-NID", "VOI-TROT")
# The gestures that led to each state, after « enregistrer ».
ORIENTER = [("qualifier", Etat.QUALIFIEE), ("orienter", Etat.ORIENTEE)]
PRENDRE = [*ORIENTER, ("prendre_en_charge", Etat.PRISE_EN_CHARGE)]
REPONDRE = [*PRENDRE, ("repondre", Etat.TRAITEE)]
CHEMINS: dict[str, list[tuple[str, str]]] = {
    Etat.NOUVELLE: [],
    Etat.QUALIFIEE: ORIENTER[:1],
    Etat.ORIENTEE: ORIENTER,
    Etat.PRISE_EN_CHARGE: PRENDRE,
    Etat.PLANIFIEE: [*PRENDRE, ("planifier", Etat.PLANIFIEE)],
    Etat.ATTENTE_USAGER: [*PRENDRE, ("demander_complement", Etat.ATTENTE_USAGER)],
    Etat.ATTENTE_TIERS: [*PRENDRE, ("attendre_un_tiers", Etat.ATTENTE_TIERS)],
    Etat.A_VALIDER: [*PRENDRE, ("proposer_une_reponse", Etat.A_VALIDER)],
    Etat.TRAITEE: REPONDRE,
    Etat.CLOSE: [*REPONDRE, ("clore", Etat.CLOSE)],
    Etat.REJETEE: [("rejeter", Etat.REJETEE)],
    Etat.ANNULEE: [("annuler", Etat.ANNULEE)],
    Etat.TRANSMISE_EXTERNE: [*ORIENTER[:1], ("transmettre", Etat.TRANSMISE_EXTERNE)],
    Etat.FUSIONNEE: [*ORIENTER[:1], ("fusionner", Etat.FUSIONNEE)],
}
# The one demande with a long story, that the page is measured on.
MESSAGES_DU_LONG_FIL = 30
JOURNAL_DU_LONG_FIL = 60


def dire(phrase: str) -> None:
    sys.stdout.write(phrase + "\n")
    sys.stdout.flush()


class Chargeur:
    """One filling: `usagers` then `demandes`, in transactions of bounded size."""

    def __init__(self, *, graine: int = 1, dire: Callable[[str], None] = dire) -> None:
        self.tirage = Tirage(graine)
        self.dire = dire
        self.maintenant = timezone.now()
        publies = TypeDemande.objects.filter(publie_le__isnull=False).order_by("direction_id", "pk")
        self.types = list(publies)
        self.tirage.hasard.shuffle(self.types)
        self.types.sort(key=lambda type: type.code not in LES_PLUS_DEMANDES)
        self.territoires = list(Territoire.objects.order_by("pk"))
        self.accueil = PointAccueil.objects.order_by("pk").first()
        self.voies = list(Voie.objects.order_by("pk").values_list("nom", flat=True)[:400]) or RUES
        self.agents: dict[int, list[int]] = defaultdict(list)
        roles = Affectation.objects.en_cours().filter(direction__isnull=False).order_by("pk")
        for direction, compte in roles.values_list("direction_id", "compte_id"):
            self.agents[direction].append(compte)
        # A type whose direction has nobody stays at the desk.
        self.types = [t for t in self.types if self.agents[t.direction_id]]
        self.formulaires = {type.pk: type.formulaire.pk for type in self.types}

    # -- persons

    def usagers(self, nombre: int) -> None:
        copie, coordonnees = Copie(Usager), Copie(Coordonnee)
        self.premier_usager, self.nombre_d_usagers = copie.suivant, nombre
        debut = time.monotonic()
        for depart in range(0, nombre, LOT):
            lignes = [copie.numeroter(self._usager()) for _ in range(min(LOT, nombre - depart))]
            with transaction.atomic():
                copie.ecrire(lignes)
                coordonnees.ecrire(
                    coordonnees.numeroter(c) for ligne in lignes for c in self._coordonnees(ligne)
                )
            self._avancer("personnes", depart + len(lignes), nombre, debut)

    def _usager(self) -> dict[str, Any]:
        prenom, nom = self.tirage.hasard.choice(PRENOMS), self.tirage.nom()
        return {
            "prenom": prenom,
            "nom": nom,
            "nom_plie": plier(f"{nom} {prenom} "),
            "phonetique": cle_phonetique(nom),
            "adresse": self.tirage.adresse(self.voies),
            "territoire_id": self.tirage.inegal(self.territoires, 1)[0].pk,
            "cree_le": self.maintenant,
        }

    def _coordonnees(self, usager: dict[str, Any]) -> Iterator[dict[str, Any]]:
        courriel = f"{plier(usager['prenom'])}.{plier(usager['nom'])}.{usager['id']}@courriel.example"
        # Numbers reserved for fiction: some households share one.
        telephone = f"+3363998{self.tirage.hasard.randint(0, 9999):04d}"
        for genre, valeur in (("courriel", courriel), ("telephone", telephone)):
            yield {
                "usager_id": usager["id"],
                "genre": genre,
                "valeur": valeur,
                "normalisee": valeur,
                "est_principale": genre == "courriel",
            }

    # -- demandes

    def demandes(self, nombre: int) -> None:
        self.copie, self.journal = Copie(Demande), Copie(EntreeJournal)
        self.messages, self.envois = Copie(Message), Copie(Envoi)
        with connection.cursor() as curseur:
            curseur.execute("SELECT nextval('demandes_numero')")
            self.rang = self.rang_du_debut = curseur.fetchone()[0]
        self.premiere = self.copie.suivant
        debut = time.monotonic()
        for depart in range(0, nombre, LOT):
            self._lot(min(LOT, nombre - depart), long_fil=depart == 0)
            self._avancer("demandes", min(depart + LOT, nombre), nombre, debut)
        with connection.cursor() as curseur:
            curseur.execute("SELECT setval('demandes_numero', %s)", [self.rang])

    def _lot(self, nombre: int, *, long_fil: bool) -> None:
        t = self.tirage
        nombre -= long_fil
        tires = zip(
            t.parmi(ETATS, nombre),
            t.inegal(self.types, nombre),
            t.inegal(self.territoires, nombre),
            t.parmi(CANAUX, nombre),
            strict=True,
        )
        lignes = [self._demande(*tire) for tire in tires]
        if long_fil:
            type = next(type for type in self.types if type.secteur == Secteur.GENERAL)
            lignes.append(self._demande(Etat.PRISE_EN_CHARGE, type, self.territoires[0], "portail"))
            self._allonger(lignes)
        with transaction.atomic():
            self.copie.ecrire(lignes)
            self.messages.ecrire(m for ligne in lignes for m in self._messages(ligne))
            self.envois.ecrire(e for ligne in lignes for e in self._envois(ligne))
            self.journal.ecrire(j for ligne in lignes for j in self._journal(ligne))

    def _demande(self, etat: str, type: TypeDemande, territoire: Territoire, canal: str) -> dict[str, Any]:
        hasard = self.tirage.hasard
        est_finie = etat not in NON_FINAUX
        recue = self.tirage.instant(self.maintenant, JOURS if est_finie else 45)
        a_temps = timedelta(days=hasard.randint(3, 60))
        usager = None
        if hasard.random() > 0.08:
            # Squared: some persons ask again and again, most ask once or twice.
            usager = self.premier_usager + int(self.nombre_d_usagers * hasard.random() ** 2)
        self.rang += 1
        objet = f"{hasard.choice(OBJETS)} {hasard.choice(DETAILS)}"
        if (self.rang - self.rang_du_debut) % RARETE == 0:
            objet = f"Une {MOT_RARE} est tombée {hasard.choice(DETAILS)}"
        ligne = {
            "numero": f"{recue.year}-{self.rang:07d}",
            "type_id": type.pk,
            "formulaire_id": self.formulaires[type.pk],
            "objet": objet,
            "secteur": type.secteur,
            "est_confidentielle": type.est_confidentiel,
            "est_urgente": hasard.random() < 0.03,
            "usager_id": usager,
            "est_anonyme": usager is None,
            "canal": canal,
            "adresse": self.tirage.adresse(self.voies),
            "territoire_id": territoire.pk,
            "point_accueil_id": self.accueil.pk,
            "etat": etat,
            "version": 1 + len(CHEMINS[etat]),
            "a_message_non_lu": hasard.random() < (0.001 if est_finie else 0.05),
            "recue_le": recue,
            "enregistree_le": recue,
            "delai_valeur": type.delai_valeur,
            "delai_unite": type.delai_unite,
            "echeance_service": recue + a_temps,
            "echeance_promise": recue + a_temps,
            "regime_silence": type.regime_silence,
            "silence_delai": type.silence_delai,
            "silence_effet": type.silence_effet,
        }
        return self.copie.numeroter(ligne | self._vie(etat, type, recue))

    def _vie(self, etat: str, type: TypeDemande, recue: datetime) -> dict[str, Any]:
        """What its gestures left on it."""
        faits = [geste for geste, _ in CHEMINS[etat]]
        fin = min(recue + timedelta(days=2), self.maintenant)
        vie: dict[str, Any] = {}
        if "qualifier" in faits:
            vie["qualifiee_le"] = recue
        if "orienter" in faits:
            vie |= {"direction_id": type.direction_id, "orientee_le": recue}
        if etat in EN_DIRECTION[1:] or "prendre_en_charge" in faits:
            agent = self.tirage.hasard.choice(self.agents[type.direction_id])
            vie |= {"agent_traitant_id": agent, "prise_en_charge_le": recue}
        return vie | {
            Etat.PLANIFIEE: {"planifiee_pour": self.maintenant + timedelta(days=3)},
            Etat.ATTENTE_USAGER: {
                "etat_avant_attente": Etat.PRISE_EN_CHARGE,
                "complement_attendu_le": self.maintenant.date() + timedelta(days=20),
                "service_suspendu_le": fin,
            },
            Etat.ATTENTE_TIERS: {
                "etat_avant_attente": Etat.PRISE_EN_CHARGE,
                "tiers_relance_le": self.maintenant.date() + timedelta(days=10),
            },
            Etat.TRAITEE: {"decision": "accord", "traitee_le": fin},
            Etat.CLOSE: {"decision": "accord", "traitee_le": fin, "close_le": fin},
            Etat.REJETEE: {"decision": "refus", "rejetee_le": fin},
            Etat.ANNULEE: {"annulee_le": fin},
            Etat.TRANSMISE_EXTERNE: {
                "decision": "transmise",
                "transmise_le": fin,
                "organisme": "Métropole de la Saône",
            },
            # The first demande of all is its main one; none is its own.
            Etat.FUSIONNEE: {"fusionnee_le": fin, "principale_id": self.premiere},
        }.get(Etat(etat), {})

    def _allonger(self, lignes: list[dict[str, Any]]) -> None:
        """Make the last one, held by an agent of a direction, the long story."""
        lignes[-1]["version"] = JOURNAL_DU_LONG_FIL
        self.long_fil = lignes[-1]["numero"]
        if lignes[0]["etat"] == Etat.FUSIONNEE:
            lignes[0] |= {"etat": Etat.ANNULEE, "annulee_le": lignes[0]["fusionnee_le"]}
            lignes[0] |= {"fusionnee_le": None, "principale_id": None, "qualifiee_le": None, "version": 2}

    def _messages(self, ligne: dict[str, Any]) -> Iterator[dict[str, Any]]:
        nombre = MESSAGES_DU_LONG_FIL if ligne["numero"] == self.long_fil else 1
        repondu = ligne["etat"] in (Etat.TRAITEE, Etat.CLOSE)
        for rang in range(nombre + repondu):
            est_recu = rang % 2 == 0
            yield self.messages.numeroter(
                {
                    "demande_id": ligne["id"],
                    "sens": "entrant" if est_recu else "sortant",
                    "nature": "message" if est_recu else "reponse",
                    "visibilite": "public",
                    "canal": ligne["canal"],
                    "auteur_id": None if est_recu else ligne.get("agent_traitant_id"),
                    "auteur_usager_id": ligne["usager_id"] if est_recu else None,
                    "corps": f"{ligne['objet']}, {ligne['adresse']}. Merci de ce que vous pourrez faire.",
                    "cree_le": ligne["recue_le"] + timedelta(minutes=rang),
                    "lu_le": ligne["recue_le"] + timedelta(hours=1),
                }
            )

    def _envois(self, ligne: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if ligne["usager_id"] is None:
            return
        yield self.envois.numeroter(
            {
                "canal": "courriel",
                "destinataire": f"usager.{ligne['usager_id']}@courriel.example",
                "objet": f"Votre demande {ligne['numero']}",
                "corps": "Votre demande est enregistrée.",
                "nature": "accuse",
                "reference": f"demande:{ligne['numero']}",
                "cle": f"accuse:{ligne['numero']}",
                "etat": "envoye",
                "essais": 1,
                "prochain_essai_le": None,
                "cree_le": ligne["recue_le"],
                "envoye_le": ligne["recue_le"],
            }
        )

    def _journal(self, ligne: dict[str, Any]) -> Iterator[dict[str, Any]]:
        gestes = [("enregistrer", str(Etat.NOUVELLE)), *CHEMINS[ligne["etat"]]]
        gestes += [("ajouter_une_note", ligne["etat"])] * (ligne["version"] - len(gestes))
        avant = ""
        for rang, (geste, apres) in enumerate(gestes):
            yield self.journal.numeroter(
                {
                    "demande_id": ligne["id"],
                    "geste": geste,
                    "avant": avant,
                    "apres": apres,
                    "auteur": "systeme",
                    "details": {},
                    "fait_le": ligne["recue_le"] + timedelta(minutes=rang),
                }
            )
            avant = apres

    def _avancer(self, quoi: str, fait: int, total: int, debut: float) -> None:
        self.dire(f"  {fait:>9,} {quoi} sur {total:,} ({time.monotonic() - debut:.0f} s)".replace(",", " "))


def remplir(demandes: int, usagers: int, *, graine: int = 1, dire: Callable[[str], None] = dire) -> str:
    """Fill the city and tell the number of its longest story."""
    chargeur = Chargeur(graine=graine, dire=dire)
    chargeur.usagers(usagers)
    chargeur.demandes(demandes)
    return chargeur.long_fil
