"""States, decisions and the named groups of states. One word here is one word on every screen."""

from django.db.models import TextChoices
from django.utils.translation import gettext_noop as _


class Etat(TextChoices):
    """The states of cycle_de_vie.md, with the agents' words."""

    NOUVELLE = "nouvelle", "Nouvelle, à qualifier"
    QUALIFIEE = "qualifiee", "Qualifiée"
    ORIENTEE = "orientee", "Orientée, à prendre en charge"
    PRISE_EN_CHARGE = "prise_en_charge", "Prise en charge"
    PLANIFIEE = "planifiee", "Intervention planifiée"
    ATTENTE_USAGER = "attente_usager", "En attente de l'usager"
    ATTENTE_TIERS = "attente_tiers", "En attente d'un tiers"
    A_VALIDER = "a_valider", "Réponse à valider"
    TRAITEE = "traitee", "Traitée"
    CLOSE = "close", "Close"
    REJETEE = "rejetee", "Rejetée"
    TRANSMISE_EXTERNE = "transmise_externe", "Transmise à l'organisme compétent"
    ANNULEE = "annulee", "Annulée"
    FUSIONNEE = "fusionnee", "Regroupée"


NON_FINAUX = (
    Etat.NOUVELLE,
    Etat.QUALIFIEE,
    Etat.ORIENTEE,
    Etat.PRISE_EN_CHARGE,
    Etat.PLANIFIEE,
    Etat.ATTENTE_USAGER,
    Etat.ATTENTE_TIERS,
    Etat.A_VALIDER,
)
FINAUX = tuple(etat for etat in Etat if etat not in NON_FINAUX)
A_L_ACCUEIL = (Etat.NOUVELLE, Etat.QUALIFIEE)
EN_DIRECTION = (Etat.ORIENTEE, Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE, Etat.ATTENTE_TIERS, Etat.A_VALIDER)

# What a resident reads. « {…} » is filled by demandes.suivi.
LIBELLES_USAGER = {
    Etat.NOUVELLE: _("Reçue"),
    Etat.QUALIFIEE: _("Reçue"),
    Etat.ORIENTEE: _("Transmise au service"),
    Etat.PRISE_EN_CHARGE: _("En cours de traitement"),
    Etat.PLANIFIEE: _("Intervention prévue le {date}"),
    Etat.ATTENTE_USAGER: _("Action attendue de votre part"),
    Etat.ATTENTE_TIERS: _("En cours de traitement"),
    Etat.A_VALIDER: _("En cours de traitement"),
    Etat.TRAITEE: _("Réponse apportée"),
    Etat.CLOSE: _("Clôturée"),
    Etat.REJETEE: _("Non recevable"),
    Etat.TRANSMISE_EXTERNE: _("Transmise à {organisme}"),
    Etat.ANNULEE: _("Annulée"),
    Etat.FUSIONNEE: _("Regroupée avec la demande {numero}"),
}


class Decision(TextChoices):
    """What was decided, apart from where the demande stands."""

    ACCORD = "accord", _("Accord")
    ACCORD_PARTIEL = "accord_partiel", _("Accord partiel")
    REFUS = "refus", _("Refus")
    SANS_SUITE = "sans_suite", _("Sans suite")
    SANS_OBJET = "sans_objet", _("Sans objet")
    TRANSMISE = "transmise", _("Transmise")


class Visibilite(TextChoices):
    """Who reads a message: the resident too, agents only, or agents cleared for the secteur."""

    PUBLIC = "public", "Visible par l'usager"
    INTERNE = "interne", "Note interne"
    CONFIDENTIEL = "confidentiel", "Note confidentielle"
