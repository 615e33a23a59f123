"""What may be told to the resident about a demande: words, steps, dates. Read only; the portal uses this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from demandes.etats import LIBELLES_USAGER, Etat, Visibilite
from demandes.models import Demande, Message, correspondant
from guichet.socle.templatetags.dates import date_longue
from guichet.socle.urgences import Secours, secours


def chemin_de_suivi(demande: Demande) -> str:
    """Path of the tracking page, with the 128-bit token that opens it."""
    return reverse("suivi_par_lien", args=[demande.numero, demande.jeton_suivi])


def libelle_usager(demande: Demande) -> str:
    """The state in the resident's words, with its date, body or number when the state has one."""
    date_prevue = date_format(localtime(demande.planifiee_pour), "l j F Y") if demande.planifiee_pour else ""
    return _(LIBELLES_USAGER[Etat(demande.etat)]).format(
        date=date_prevue,
        organisme=demande.organisme,
        numero=demande.principale.numero if demande.principale else "",
    )


@dataclass(frozen=True)
class Service:
    """Who is in charge, with the ways to reach them (CRPA, art. R112-5)."""

    nom: str
    adresse: str
    courriel: str
    telephone: str


def service_charge(demande: Demande) -> Service:
    """The acting direction when there is one, else the desk that owns the demande."""
    if demande.direction:
        d = demande.direction
        return Service(d.nom_public, d.adresse, d.courriel, d.telephone)
    p = demande.point_accueil
    return Service(p.nom, p.adresse, p.courriel, p.telephone)


SILENCE_ACCEPTE = gettext_noop(
    "Si vous n'avez reçu aucune réponse le {date}, votre demande sera acceptée ce jour-là, sous réserve que "
    "la demande soit complète. Vous pourrez alors nous demander une attestation de cette acceptation "
    "(article L232-3 du code des relations entre le public et l'administration)."
)
SILENCE_REJETTE = gettext_noop(
    "Si vous n'avez reçu aucune réponse le {date}, votre demande sera refusée ce jour-là, sous réserve que "
    "la demande soit complète. Vous pourrez alors nous demander les raisons de ce refus et, dans les deux "
    "mois qui suivent cette date, le contester."
)
VOIES_DE_RECOURS = gettext_noop(
    "Pour le contester, écrivez-nous pour demander un nouvel examen (recours gracieux), ou saisissez le "
    "tribunal administratif, par courrier ou sur Télérecours citoyens (www.telerecours.fr)."
)
DELAI_LEGAL = gettext_noop(
    "Nous avons jusqu'au {date} pour vous répondre, sous réserve que la demande soit complète."
)


@dataclass(frozen=True)
class Accuse:
    """What an acknowledgement must say (CRPA, art. L112-3, R112-5 and R112-11-1)."""

    numero: str
    code: str
    recue_le: datetime
    objet: str
    service: Service
    echeance: datetime | None
    effet: str
    silence_en_clair: str
    voies_recours: str
    decision_implicite_le: date | None
    secours: Secours | None
    pieces_attendues: tuple[str, ...]

    @property
    def recue_en_clair(self) -> str:
        return date_longue(self.recue_le)

    @property
    def echeance_en_clair(self) -> str:
        """The day the city hopes to answer by; empty when nobody can say yet."""
        return date_longue(self.echeance) if self.echeance else ""

    @property
    def vaut_acceptation(self) -> bool:
        return self.effet == "acceptation"

    @property
    def vaut_rejet(self) -> bool:
        return self.effet == "rejet"

    @property
    def phrases_du_silence(self) -> list[str]:
        """What happens if nobody answers: when, with what effect, and what one may do (CRPA, L231-1 s.)."""
        if self.decision_implicite_le is None:
            return []
        date = date_longue(self.decision_implicite_le)
        if self.vaut_acceptation:
            return [_(SILENCE_ACCEPTE).format(date=date)]
        if self.vaut_rejet:
            return [_(SILENCE_REJETTE).format(date=date), self.voies_recours or _(VOIES_DE_RECOURS)]
        return [f"{_(DELAI_LEGAL).format(date=date)} {self.silence_en_clair}".strip()]


def secours_de(demande: Demande) -> Secours | None:
    """Whom to call first: for an urgent demande, and for any type that may hide a danger."""
    consigne = demande.type.urgence_consigne if demande.type else ""
    return secours(consigne) if consigne or demande.est_urgente else None


def accuse_de(demande: Demande) -> Accuse:
    """Everything the receipt says, page, mail and PDF alike."""
    type = demande.type
    return Accuse(
        numero=demande.numero,
        code=demande.code_suivi,
        recue_le=demande.recue_le,
        objet=demande.libelle_type,
        service=service_charge(demande),
        echeance=demande.echeance_service,
        effet=demande.silence_effet,
        silence_en_clair=type.silence_texte if type else "",
        voies_recours=type.voies_recours if type else "",
        decision_implicite_le=demande.echeance_legale,
        secours=secours_de(demande),
        pieces_attendues=tuple(p["libelle"] for p in type.pieces if p["obligatoire"]) if type else (),
    )


@dataclass(frozen=True)
class Etape:
    """One step of the resident's timeline; `etat` is faite, en_cours or a_venir."""

    libelle: str
    etat: str
    le: datetime | None = None
    detail: str = ""


FINS = {
    Etat.TRAITEE: (gettext_noop("Réponse apportée"), "traitee_le"),
    Etat.CLOSE: (gettext_noop("Clôturée"), "close_le"),
    Etat.REJETEE: (gettext_noop("Non recevable"), "rejetee_le"),
    Etat.ANNULEE: (gettext_noop("Annulée"), "annulee_le"),
    Etat.TRANSMISE_EXTERNE: (gettext_noop("Transmise"), "transmise_le"),
    Etat.FUSIONNEE: (gettext_noop("Regroupée"), "fusionnee_le"),
}


def frise(demande: Demande) -> list[Etape]:
    """At most five steps: received, with the service, under way, awaited from you, answered."""
    etat = Etat(demande.etat)
    etapes = [Etape(_("Reçue"), "faite", demande.recue_le)]
    if demande.orientee_le and demande.direction:
        etapes.append(
            Etape(_("Transmise au service"), "faite", demande.orientee_le, demande.direction.nom_public)
        )
    if demande.prise_en_charge_le:
        etapes.append(Etape(_("Prise en charge"), "faite", demande.prise_en_charge_le))
    if etat in FINS:
        libelle, champ = FINS[etat]
        detail = (
            _(demande.get_decision_display())
            if demande.decision and etat in (Etat.TRAITEE, Etat.CLOSE)
            else ""
        )
        etapes.append(Etape(_(libelle), "faite", getattr(demande, champ), detail))
        return etapes
    if etat in (Etat.ATTENTE_USAGER, Etat.PLANIFIEE):
        le = demande.planifiee_pour if etat == Etat.PLANIFIEE else None
        etapes.append(Etape(libelle_usager(demande), "en_cours", le))
    else:
        etapes[-1] = Etape(etapes[-1].libelle, "en_cours", etapes[-1].le, etapes[-1].detail)
    etapes.append(Etape(_("Réponse"), "a_venir", demande.echeance_service))
    return etapes


def fil_public(demande: Demande) -> QuerySet[Message]:
    """What the resident and the city wrote to each other, oldest first; no note, ever."""
    return demande.messages.filter(visibilite=Visibilite.PUBLIC).select_related("auteur__agent")


def courriel_de_reponse(demande: Demande) -> str:
    """Where the city writes about this demande: to its person, or to whoever spoke for them if so agreed."""
    joint = correspondant(demande)
    return joint.courriel if joint else ""


def trouver_par_lien(numero: str, jeton: str) -> Demande | None:
    """The demande this link opens, or None: a wrong token and an unknown number look the same."""
    return Demande.objects.filter(numero=numero, jeton_suivi=jeton).premiere_pour_fil()


def trouver_par_code(numero: str, code: str) -> Demande | None:
    """The demande for a typed number and code, forgiving case and spaces; the caller limits the rate."""
    propre = "".join(code.split()).upper().replace("-", "")
    return Demande.objects.filter(numero=numero.strip(), code_suivi=propre).premiere_pour_fil()
