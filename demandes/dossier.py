"""A demande as its resident reads it, and the list of theirs. Never a note, never somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from demandes import suivi
from demandes.actions import complement_ouvert, gestes_permis
from demandes.actions.fin import DELAI_REOUVERTURE, REOUVERTURES_PAR_L_USAGER
from demandes.droits import Auteur
from demandes.etats import NON_FINAUX, Etat
from demandes.formulaires import relire
from demandes.models import Complement, Demande, Message, Motif
from demandes.vitrine import jours_habituels
from guichet.organisation.models import Secteur
from guichet.organisation.signatures import signer
from guichet.pieces.models import Piece
from guichet.socle.urgences import Secours
from usagers.models import Usager

PAR_PAGE = 30
MOTS = {
    Message.Nature.MESSAGE: _("Message de la ville"),
    Message.Nature.REPONSE: _("Réponse de la ville"),
    Message.Nature.ACCUSE: _("Accusé de réception"),
    Message.Nature.COMPLEMENT: _("La ville a besoin d'un complément"),
    Message.Nature.AVIS: _("Information de la ville"),
}


@dataclass(frozen=True)
class Entree:
    """One public message with its files; `genre` is entrant or sortant, `mot` what the resident reads."""

    genre: str
    mot: str
    auteur: str
    le: datetime
    texte: str
    pieces: tuple[Piece, ...] = ()


@dataclass
class Dossier:
    """One demande shown to whoever proved a right to it (`auteur`). With the code alone, much is left out."""

    demande: Demande
    auteur: Auteur

    @property
    def est_par_code(self) -> bool:
        return self.auteur.est_par_code

    @property
    def est_reserve(self) -> bool:
        """A walled secteur or a confidential subject: nothing of the content without the link."""
        return self.demande.secteur != Secteur.GENERAL or self.demande.est_confidentielle

    @cached_property
    def suivie(self) -> Demande:
        """Whose state is told: the main demande, once this one was grouped into it."""
        if self.demande.etat == Etat.FUSIONNEE:
            return Demande.objects.pour_fil().get(pk=self.demande.principale_id)
        return self.demande

    @property
    def est_regroupee(self) -> bool:
        return self.suivie is not self.demande

    @cached_property
    def est_suivie_par_d_autres(self) -> bool:
        """Whether others' reports were grouped under this one: it is not theirs alone to stop any more."""
        return self.demande.est_ouverte and self.demande.co_signalants.exists()

    @property
    def libelle(self) -> str:
        return suivi.libelle_usager(self.suivie)

    @property
    def etapes(self) -> list[dict[str, Any]]:
        """The timeline, as `composants/frise.html` takes it. A suspended delay promises no date."""
        statuts = {"faite": "fait"}
        est_suspendue = self.suivie.service_suspendu_le is not None
        return [
            {
                "titre": etape.libelle,
                "statut": statuts.get(etape.etat, etape.etat),
                "date": None if est_suspendue and etape.etat == "a_venir" else etape.le,
                "texte": etape.detail,
            }
            for etape in suivi.frise(self.suivie)
        ]

    @property
    def echeance(self) -> datetime | None:
        """The promised date, while the delay runs."""
        est_attendue = self.suivie.est_ouverte and self.suivie.service_suspendu_le is None
        return self.suivie.echeance_service if est_attendue else None

    @property
    def est_en_retard(self) -> bool:
        return self.echeance is not None and self.echeance < timezone.now()

    @property
    def jours_habituels(self) -> int | None:
        """What half of such demandes take, while this one waits for the city."""
        return jours_habituels(self.demande.type) if self.echeance and self.demande.type else None

    @property
    def service(self) -> suivi.Service:
        return suivi.service_charge(self.demande)

    @property
    def secours(self) -> Secours | None:
        """Whom to call first, while an urgent demande is open; the sentence would name a walled subject."""
        est_visible = self.suivie.est_urgente and self.suivie.est_ouverte and self.montre_le_complement
        return suivi.secours_de(self.suivie) if est_visible else None

    @cached_property
    def complement(self) -> Complement | None:
        return complement_ouvert(self.demande) if self.demande.etat == Etat.ATTENTE_USAGER else None

    @property
    def montre_le_complement(self) -> bool:
        return not self.est_par_code or not self.est_reserve

    @cached_property
    def fil(self) -> list[Entree]:
        """What was said, oldest first. With the code: the city's words, and only to somebody anonymous."""
        public = suivi.fil_public(self.demande)
        if self.est_par_code:
            if self.est_reserve or not self.demande.est_anonyme:
                return []
            public = public.filter(sens=Message.Sens.SORTANT)
        messages = list(public)
        pieces = {} if self.est_par_code else pieces_des_messages(messages)
        return [entree_de(message, self.demande, tuple(pieces.get(message.pk, ()))) for message in messages]

    @property
    def reponses(self) -> list[tuple[str, str]]:
        """What was answered to the form, in the person's words."""
        if self.est_par_code or self.demande.formulaire is None:
            return []
        # The place stands on its own line already.
        champs = [champ for champ in self.demande.formulaire.champs if champ["nom"] != "adresse"]
        return relire(champs, self.demande.reponses)

    @cached_property
    def gestes(self) -> frozenset[str]:
        """What this person may do now, the rules on dates and counts included."""
        permis = set(gestes_permis(self.demande, self.auteur))
        if self.demande.prise_en_charge_le is not None or self.est_suivie_par_d_autres:
            permis.discard("annuler")
        if self.demande.a_message_non_lu:
            permis.discard("clore")
        if not self._peut_encore_rouvrir():
            permis.discard("rouvrir")
        if self.est_regroupee or "recevoir_complement" in permis:
            permis.discard("ecrire_a_la_ville")
        return frozenset(permis)

    def _peut_encore_rouvrir(self) -> bool:
        fin = self.demande.close_le or self.demande.traitee_le
        return (
            fin is not None
            and fin + DELAI_REOUVERTURE >= timezone.now()
            and self.demande.compteur_reouvertures < REOUVERTURES_PAR_L_USAGER
        )

    @property
    def peut_avoir_une_suite(self) -> bool:
        """Ended for good, and of a démarche that may be begun online: a new one would be linked to it."""
        type = self.demande.type
        return (
            self.demande.etat in (Etat.TRAITEE, Etat.CLOSE)
            and not self._peut_encore_rouvrir()
            # Its address names the démarche.
            and self.montre_le_complement
            and type is not None
            and type.publie_le is not None
            and bool(type.sve_autorisee)
            and not type.teleservice_dedie_url
        )

    @property
    def rouvrir_jusqu_au(self) -> datetime | None:
        fin = self.demande.close_le or self.demande.traitee_le
        return fin + DELAI_REOUVERTURE if fin and "rouvrir" in self.gestes else None


def pieces_des_messages(messages: list[Message]) -> dict[int, list[Piece]]:
    """Files by message, in one query; those in quarantine are not shown."""
    pieces: dict[int, list[Piece]] = {}
    saines = Piece.objects.filter(
        proprietaire_genre="message",
        proprietaire_id__in=[message.pk for message in messages],
        etat=Piece.Etat.SAINE,
    )
    for piece in saines:
        assert piece.proprietaire_id is not None
        pieces.setdefault(piece.proprietaire_id, []).append(piece)
    return pieces


def entree_de(message: Message, demande: Demande, pieces: tuple[Piece, ...]) -> Entree:
    """One message in the resident's terms, its author named as their direction signs (CRPA, L111-2)."""
    if message.sens == Message.Sens.ENTRANT:
        return Entree("entrant", gettext("Votre message"), "", message.cree_le, message.corps, pieces)
    agent = getattr(message.auteur, "agent", None) if message.auteur else None
    signature = signer(agent, demande.direction, suivi.service_charge(demande).nom) if agent else ""
    auteur = signature.split("\n")[0]
    mot = gettext(MOTS[Message.Nature(message.nature)])
    return Entree("sortant", mot, auteur, message.cree_le, message.corps, pieces)


def motifs_de_reouverture() -> list[tuple[str, str]]:
    return list(Motif.objects.filter(geste="rouvrir", est_actif=True).values_list("code", "libelle"))


# -- a resident's list ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ligne:
    """One row of the list, in the resident's words; a grouped demande tells the state of its main one."""

    demande: Demande

    @property
    def suivie(self) -> Demande:
        return self.demande.principale or self.demande

    @property
    def libelle(self) -> str:
        return suivi.libelle_usager(self.suivie)

    @property
    def attend(self) -> bool:
        """Whether the city waits for this person."""
        return self.demande.etat == Etat.ATTENTE_USAGER

    @property
    def echeance(self) -> datetime | None:
        return self.suivie.echeance_service if self.suivie.est_ouverte and not self.attend else None

    @property
    def est_en_retard(self) -> bool:
        return self.echeance is not None and self.echeance < timezone.now()


@dataclass(frozen=True)
class Page:
    """One page of a resident's demandes; a cursor is "" when there is nothing on that side."""

    demandes: list[Demande]
    avant: str
    apres: str


RANG = Case(
    When(etat=Etat.ATTENTE_USAGER, then=Value(0)),
    When(etat__in=NON_FINAUX, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def demandes_de(usager: Usager) -> QuerySet[Demande]:
    """A resident's own, those that await them first, then the open ones, the latest first."""
    demandes = Demande.objects.de_l_usager(usager).annotate(rang_usager=RANG)
    return demandes.select_related("type", "principale__principale").order_by(
        "rang_usager", "-recue_le", "-pk"
    )


def une_demande_de(usager: Usager, numero: str) -> Demande | None:
    """One of theirs, or None: somebody else's does not exist."""
    return Demande.objects.de_l_usager(usager).filter(numero=numero).premiere_pour_fil()


def retrouver(pk: int) -> Demande | None:
    """A demande already proved in this session, as it stands now."""
    return Demande.objects.filter(pk=pk).premiere_pour_fil()


def types_en_cours(usager: Usager) -> frozenset[str]:
    """The kinds of request this person waits for, those of a confidential kind left out."""
    ouvertes = Demande.objects.de_l_usager(usager).filter(etat__in=NON_FINAUX, type__est_confidentiel=False)
    return frozenset(ouvertes.order_by().values_list("type__code", flat=True).distinct()[:50])


def qui_attendent(usager: Usager, *, limite: int = 3) -> list[Demande]:
    """Those where the city waits for this person, the most urgent first."""
    demandes = Demande.objects.de_l_usager(usager).filter(etat=Etat.ATTENTE_USAGER).select_related("type")
    return list(demandes.order_by("complement_attendu_le", "pk")[:limite])


def page_de(usager: Usager, *, avant: str = "", apres: str = "", taille: int = PAR_PAGE) -> Page:
    """One page by cursor: its cost does not grow with the number of pages. A forged cursor is ignored."""
    demandes = demandes_de(usager)
    curseur = lire_curseur(avant or apres)
    vers_l_arriere = bool(avant) and curseur is not None
    if curseur is not None:
        demandes = demandes.filter(au_dela(*curseur, vers_l_arriere=vers_l_arriere))
    if vers_l_arriere:
        demandes = demandes.order_by("-rang_usager", "recue_le", "pk")  # type: ignore[misc]
    lignes = list(demandes[: taille + 1])
    a_une_suite = len(lignes) > taille
    lignes = lignes[:taille]
    if vers_l_arriere:
        lignes.reverse()
    if not lignes:
        return Page([], "", "")
    a_avant = a_une_suite if vers_l_arriere else curseur is not None
    a_apres = True if vers_l_arriere else a_une_suite
    return Page(
        lignes, ecrire_curseur(lignes[0]) if a_avant else "", ecrire_curseur(lignes[-1]) if a_apres else ""
    )


def au_dela(rang: int, recue_le: datetime, pk: int, *, vers_l_arriere: bool) -> Q:
    """Rows strictly after (rank up, date down, id down) a position, or strictly before it."""
    r, d = ("lt", "gt") if vers_l_arriere else ("gt", "lt")
    return (
        Q(**{f"rang_usager__{r}": rang})
        | Q(rang_usager=rang, **{f"recue_le__{d}": recue_le})
        | Q(rang_usager=rang, recue_le=recue_le, **{f"pk__{d}": pk})
    )


def ecrire_curseur(demande: Demande) -> str:
    microsecondes = (demande.recue_le - EPOQUE) // timedelta(microseconds=1)
    rang = demande.rang_usager  # type: ignore[attr-defined]  # annotated by demandes_de
    return f"{rang}.{microsecondes}.{demande.pk}"


def lire_curseur(curseur: str) -> tuple[int, datetime, int] | None:
    try:
        rang, microsecondes, pk = (int(partie) for partie in curseur[:60].split("."))
        moment = EPOQUE + timedelta(microseconds=microsecondes)
    except (ValueError, OverflowError):
        return None
    return (rang, moment, pk) if 0 <= rang <= 2 and 0 <= pk < 2**63 else None


EPOQUE = datetime.fromtimestamp(0, tz=timezone.get_default_timezone())
