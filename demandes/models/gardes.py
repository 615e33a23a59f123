"""What PostgreSQL holds for a demande even against a mistaken program, and the indexes of its queues."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Reverse

from demandes.etats import EN_DIRECTION, NON_FINAUX, Etat


def exactement_si(condition: Q, *etats: Etat) -> Q:
    """The condition holds in these states and in no other."""
    return (Q(etat__in=etats) & condition) | (~Q(etat__in=etats) & ~condition)


class Plaque(Func):
    """Letters and digits of the plate among a demande's answers (the question `immatriculation`)."""

    template = "upper(regexp_replace(%(expressions)s, '[^A-Za-z0-9]', '', 'g'))"
    output_field = models.CharField()

    def __init__(self, **extra):
        super().__init__(KeyTextTransform("immatriculation", "reponses"), **extra)


CONTRAINTES: list[models.BaseConstraint] = [
    # Not `unique=True`, which adds an index for LIKE that nobody reads.
    models.UniqueConstraint(name="demande_jeton_unique", fields=["jeton_suivi"]),
    models.UniqueConstraint(name="demande_cle_unique", fields=["cle_depot"]),
    models.CheckConstraint(name="demande_etat_connu", condition=Q(etat__in=Etat.values)),
    models.CheckConstraint(
        name="demande_recue_avant_enregistrement", condition=Q(recue_le__lte=F("enregistree_le"))
    ),
    models.CheckConstraint(
        name="demande_anonyme_ou_usager", condition=~Q(est_anonyme=True) | Q(usager__isnull=True)
    ),
    models.CheckConstraint(
        name="demande_en_direction",
        condition=~Q(etat__in=EN_DIRECTION) | Q(direction__isnull=False, type__isnull=False),
    ),
    models.CheckConstraint(
        name="demande_agent_traitant",
        condition=~Q(etat__in=[e for e in EN_DIRECTION if e != Etat.ORIENTEE])
        | Q(agent_traitant__isnull=False, prise_en_charge_le__isnull=False),
    ),
    models.CheckConstraint(
        name="demande_qualifiee_horloges_figees",
        condition=Q(qualifiee_le__isnull=True) | (~Q(delai_unite="") & ~Q(regime_silence="")),
    ),
    models.CheckConstraint(
        name="demande_planifiee_pour",
        condition=~Q(etat=Etat.PLANIFIEE) | Q(planifiee_pour__isnull=False),
    ),
    models.CheckConstraint(
        name="demande_attente",
        condition=exactement_si(~Q(etat_avant_attente=""), Etat.ATTENTE_USAGER, Etat.ATTENTE_TIERS),
    ),
    models.CheckConstraint(
        name="demande_complement_attendu",
        condition=exactement_si(Q(complement_attendu_le__isnull=False), Etat.ATTENTE_USAGER),
    ),
    models.CheckConstraint(
        name="demande_tiers_relance",
        condition=exactement_si(Q(tiers_relance_le__isnull=False), Etat.ATTENTE_TIERS),
    ),
    models.CheckConstraint(
        name="demande_traitee_le",
        condition=Q(etat=Etat.CLOSE) | exactement_si(Q(traitee_le__isnull=False), Etat.TRAITEE),
    ),
    models.CheckConstraint(
        name="demande_close_le", condition=exactement_si(Q(close_le__isnull=False), Etat.CLOSE)
    ),
    models.CheckConstraint(
        name="demande_rejetee_le", condition=exactement_si(Q(rejetee_le__isnull=False), Etat.REJETEE)
    ),
    models.CheckConstraint(
        name="demande_annulee_le", condition=exactement_si(Q(annulee_le__isnull=False), Etat.ANNULEE)
    ),
    models.CheckConstraint(
        name="demande_transmise",
        condition=exactement_si(Q(transmise_le__isnull=False) & ~Q(organisme=""), Etat.TRANSMISE_EXTERNE),
    ),
    models.CheckConstraint(
        name="demande_fusionnee",
        condition=exactement_si(Q(fusionnee_le__isnull=False, principale__isnull=False), Etat.FUSIONNEE),
    ),
    models.CheckConstraint(
        name="demande_decision",
        condition=exactement_si(
            ~Q(decision=""), Etat.TRAITEE, Etat.CLOSE, Etat.REJETEE, Etat.TRANSMISE_EXTERNE
        ),
    ),
    models.CheckConstraint(
        name="demande_pas_sa_propre_principale",
        condition=Q(principale__isnull=True) | ~Q(principale=F("pk")),
    ),
]

INDEX: list[models.Index] = [
    # The queues' own order, with what their views and rights look at: rows and counts read the index alone.
    models.Index(
        name="demande_file_direction",
        fields=["direction", "-est_urgente", "echeance_service", "id"],
        include=["secteur", "etat", "service_suspendu_le", "agent_traitant"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    models.Index(
        name="demande_file_accueil",
        fields=["point_accueil", "-est_urgente", "echeance_service", "id"],
        include=["secteur", "etat", "service_suspendu_le", "arbitrage_demande_le", "direction"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    # Unread messages are few, whatever the state they came in.
    models.Index(
        name="demande_non_lues", fields=["direction", "point_accueil"], condition=Q(a_message_non_lu=True)
    ),
    models.Index(
        name="demande_a_retablir",
        fields=["-est_urgente", "echeance_service", "id"],
        condition=Q(etat__in=[Etat.REJETEE.value, Etat.ANNULEE.value]),
    ),
    models.Index(
        name="demande_file_agent",
        fields=["agent_traitant", "echeance_service", "id"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    models.Index(
        name="demande_silences",
        fields=["echeance_legale"],
        condition=Q(
            etat__in=[e.value for e in NON_FINAUX],
            echeance_legale__isnull=False,
            decision_implicite_le__isnull=True,
        ),
    ),
    models.Index(name="demande_code_suivi", fields=["code_suivi"]),
    models.Index(name="demande_usager", fields=["usager", "-recue_le"]),
    models.Index(name="demande_a_clore", fields=["traitee_le"], condition=Q(etat=Etat.TRAITEE.value)),
    GinIndex(name="demande_recherche", fields=["recherche"]),
    models.Index(Reverse("numero"), name="demande_fin_de_numero"),
    models.Index(Plaque(), name="demande_plaque", condition=Q(reponses__has_key="immatriculation")),
]
