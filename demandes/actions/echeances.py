"""What time does on its own, as the system: alerts, reminders, expiries, closing, implicit decisions.

Each function is safe to run twice and catches up after any stop: it looks at dates, not at ticks.
"""

from datetime import timedelta

from django.utils import timezone

from demandes import delais
from demandes.actions.complement import relancer_l_usager, reprendre_sans_complement
from demandes.actions.fin import clore
from demandes.actions.porte import franchir
from demandes.droits import SYSTEME
from demandes.etats import NON_FINAUX, Etat
from demandes.models import Demande
from guichet.socle.erreurs import ErreurMetier

CLORE_APRES = timedelta(days=15)
RELANCER_AVANT = timedelta(days=7)
PAR_PASSAGE = 500
PALIERS = (80, 100, 150)
EFFETS = {"acceptation": "vaut acceptation", "rejet": "vaut rejet", "aucun": "dépasse le délai légal"}


def inscrire_la_decision_implicite(demande: Demande) -> Demande:
    """Record that silence has decided (CRPA, art. L231-1 and L231-4). The demande stays open."""
    with franchir("inscrire_la_decision_implicite", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.decision_implicite_le is None and d.echeance_legale is not None:
            d.decision_implicite_le = d.echeance_legale
            passage.details |= {"regime": d.regime_silence, "date": d.echeance_legale.isoformat()}
            passage.message(
                f"Le silence de la ville {EFFETS[d.silence_effet]} depuis le {d.echeance_legale:%d/%m/%Y}. "
                "La demande reste à traiter.",
                sens="interne",
            )
        return d


def alerter(demande: Demande, palier: int) -> Demande:
    """Raise the escalation step of a late demande: agent at 80 %, heads at 100 %, director at 150 %."""
    with franchir("alerter", demande, auteur=SYSTEME) as passage:
        passage.demande.palier_escalade = palier
        passage.details |= {"palier": palier}
        return passage.demande


def essayer(geste, demande, *args) -> int:
    """Do one, skip what changed meanwhile: the next pass sees it as it is then."""
    try:
        geste(demande, *args)
    except ErreurMetier:
        return 0
    return 1


def suivre() -> dict[str, int]:
    """One pass over everything whose date has come; return how many of each were done."""
    jour, maintenant = timezone.localdate(), timezone.now()
    attente = Demande.objects.filter(etat=Etat.ATTENTE_USAGER)
    faits = {
        "relances": sum(
            essayer(lambda d: relancer_l_usager(d, auteur=SYSTEME), demande)
            for demande in attente.filter(
                complement_attendu_le__lte=jour + RELANCER_AVANT,
                complement_attendu_le__gte=jour,
                complements__recu_le__isnull=True,
                complements__clos_sans_le__isnull=True,
                complements__relance_le__isnull=True,
            )[:PAR_PASSAGE]
        ),
        "complements_expires": sum(
            essayer(lambda d: reprendre_sans_complement(d, auteur=SYSTEME), demande)
            for demande in attente.filter(complement_attendu_le__lt=jour)[:PAR_PASSAGE]
        ),
        "closes": sum(
            essayer(lambda d: clore(d, auteur=SYSTEME), demande)
            for demande in Demande.objects.filter(
                etat=Etat.TRAITEE, traitee_le__lt=maintenant - CLORE_APRES, a_message_non_lu=False
            )[:PAR_PASSAGE]
        ),
        "decisions_implicites": sum(
            essayer(inscrire_la_decision_implicite, demande)
            for demande in Demande.objects.filter(
                etat__in=NON_FINAUX, echeance_legale__lte=jour, decision_implicite_le__isnull=True
            ).exclude(etat=Etat.ATTENTE_USAGER)[:PAR_PASSAGE]
        ),
    }
    faits["alertes"] = sum(essayer(alerter, demande, palier) for demande, palier in a_alerter(maintenant))
    return faits


def a_alerter(maintenant):
    """Open demandes that passed a step they were not yet alerted for."""
    candidates = Demande.objects.filter(
        etat__in=NON_FINAUX,
        service_suspendu_le__isnull=True,
        echeance_service__isnull=False,
        palier_escalade__lt=PALIERS[-1],
    ).select_related("point_accueil", "direction")
    for demande in candidates.order_by("echeance_service")[:PAR_PASSAGE]:
        palier = max((p for p in PALIERS if p <= delais.pourcentage(demande, maintenant)), default=0)
        if palier > demande.palier_escalade:
            yield demande, palier
