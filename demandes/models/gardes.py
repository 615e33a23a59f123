"""What PostgreSQL holds for a demande even against a mistaken program, and the indexes of its queues."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Reverse

from demandes.etats import EN_DIRECTION, FINAUX, NON_FINAUX, Etat


def exactement_si(condition: Q, *etats: Etat) -> Q:
    """The condition holds in these states and in no other."""
    return (Q(etat__in=etats) & condition) | (~Q(etat__in=etats) & ~condition)


# When it ended: answered, for one that was closed since. One of them at least is there in a final state.
FINS = ("traitee_le", "close_le", "rejetee_le", "annulee_le", "transmise_le", "fusionnee_le")
FIN = Coalesce(*FINS)


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
    # The queues' own order, with what their views and rights look at.
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
    # What a count reads of each view: its own range, and no further than it says.
    models.Index(
        name="demande_etats_direction",
        fields=["direction", "etat"],
        include=["secteur"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    models.Index(
        name="demande_etats_accueil",
        fields=["point_accueil", "etat"],
        include=["secteur", "arbitrage_demande_le"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    # Where duplicates are looked for, the latest first: around, or at the very same address.
    models.Index(
        name="demande_ouvertes_autour",
        fields=["type", "territoire", "-recue_le"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    models.Index(
        name="demande_ouvertes_au_meme_lieu",
        fields=["adresse", "type"],
        condition=Q(etat__in=[e.value for e in NON_FINAUX]),
    ),
    # What the suggestion reads: few, and none of what came with its type.
    models.Index(
        name="demande_a_suggerer", fields=["id"], condition=Q(etat=Etat.NOUVELLE.value, type__isnull=True)
    ),
    # Unread messages are few, whatever the state they came in.
    models.Index(
        name="demande_non_lues",
        fields=["direction", "point_accueil"],
        include=["secteur", "etat"],
        condition=Q(a_message_non_lu=True),
    ),
    models.Index(
        name="demande_a_retablir",
        fields=["-est_urgente", "echeance_service", "id"],
        condition=Q(etat__in=[Etat.REJETEE.value, Etat.ANNULEE.value]),
    ),
    # What was received over a period is counted here alone, by place, channel and day.
    models.Index(
        name="demande_recues",
        fields=["recue_le"],
        include=[
            "point_accueil",
            "direction",
            "secteur",
            "canal",
            "compteur_reorientations",
            "compteur_reouvertures",
        ],
    ),
    # Nine demandes in ten are over: a place reads its latest ones, whatever their number.
    models.Index(
        F("direction"),
        FIN.desc(),
        F("id").desc(),
        name="demande_finies_direction",
        include=["secteur", "etat"],
        condition=Q(etat__in=[e.value for e in FINAUX]),
    ),
    models.Index(
        F("point_accueil"),
        FIN.desc(),
        F("id").desc(),
        name="demande_finies_accueil",
        include=["secteur", "etat"],
        condition=Q(etat__in=[e.value for e in FINAUX]),
    ),
    # What ended over a period, whatever the place: counts and delays are read here without the rows.
    models.Index(
        FIN,
        name="demande_fins",
        include=[
            *("point_accueil", "direction", "secteur", "recue_le", *FINS),
            *("echeance_promise", "echeance_service", "resolue_au_premier_contact"),
        ],
        condition=Q(etat__in=[e.value for e in FINAUX]),
    ),
    models.Index(
        name="demande_file_agent",
        fields=["agent_traitant", "echeance_service", "id"],
        include=["direction", "secteur"],
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
