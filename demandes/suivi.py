"""What may be told to the resident about a demande: words, steps, dates. Read only; the portal uses this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from demandes.etats import LIBELLES_USAGER, Etat, Visibilite
from demandes.models import Demande, Message, correspondant
from guichet.socle.urgences import Secours, secours


def chemin_de_suivi(demande: Demande) -> str:
    """Path of the tracking page, with the 128-bit token that opens it."""
    return reverse("suivi_par_lien", args=[demande.numero, demande.jeton_suivi])


def libelle_usager(demande: Demande) -> str:
    """The state in the resident's words, with its date, body or number when the state has one."""
    date_prevue = date_format(localtime(demande.planifiee_pour), "l j F Y") if demande.planifiee_pour else ""
    return LIBELLES_USAGER[Etat(demande.etat)].format(
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
    def vaut_acceptation(self) -> bool:
        return self.effet == "acceptation"

    @property
    def vaut_rejet(self) -> bool:
        return self.effet == "rejet"


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
    Etat.TRAITEE: ("Réponse apportée", "traitee_le"),
    Etat.CLOSE: ("Clôturée", "close_le"),
    Etat.REJETEE: ("Non recevable", "rejetee_le"),
    Etat.ANNULEE: ("Annulée", "annulee_le"),
    Etat.TRANSMISE_EXTERNE: ("Transmise", "transmise_le"),
    Etat.FUSIONNEE: ("Regroupée", "fusionnee_le"),
}


def frise(demande: Demande) -> list[Etape]:
    """At most five steps: received, with the service, under way, awaited from you, answered."""
    etat = Etat(demande.etat)
    etapes = [Etape("Reçue", "faite", demande.recue_le)]
    if demande.orientee_le and demande.direction:
        etapes.append(
            Etape("Transmise au service", "faite", demande.orientee_le, demande.direction.nom_public)
        )
    if demande.prise_en_charge_le:
        etapes.append(Etape("Prise en charge", "faite", demande.prise_en_charge_le))
    if etat in FINS:
        libelle, champ = FINS[etat]
        detail = demande.get_decision_display() if etat in (Etat.TRAITEE, Etat.CLOSE) else ""
        etapes.append(Etape(libelle, "faite", getattr(demande, champ), detail))
        return etapes
    if etat in (Etat.ATTENTE_USAGER, Etat.PLANIFIEE):
        le = demande.planifiee_pour if etat == Etat.PLANIFIEE else None
        etapes.append(Etape(libelle_usager(demande), "en_cours", le))
    else:
        etapes[-1] = Etape(etapes[-1].libelle, "en_cours", etapes[-1].le, etapes[-1].detail)
    etapes.append(Etape("Réponse", "a_venir", demande.echeance_service))
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
    return Demande.objects.pour_fil().filter(numero=numero, jeton_suivi=jeton).first()


def trouver_par_code(numero: str, code: str) -> Demande | None:
    """The demande for a typed number and code, forgiving case and spaces; the caller limits the rate."""
    propre = "".join(code.split()).upper().replace("-", "")
    return Demande.objects.pour_fil().filter(numero=numero.strip(), code_suivi=propre).first()
