"""What time does on its own, as the system: alerts, reminders, expiries, closing, implicit decisions.

Each function is safe to run twice and catches up after any stop: it looks at dates, not at ticks.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from demandes import delais, enquetes, horloges
from demandes.actions import avis, rappels
from demandes.actions.complement import relancer_l_usager, reprendre_sans_complement
from demandes.actions.enquetes import demander_un_avis
from demandes.actions.fin import clore
from demandes.actions.porte import franchir
from demandes.droits import SYSTEME
from demandes.etats import NON_FINAUX, Etat
from demandes.horloges import PALIERS
from demandes.models import Demande
from guichet.organisation.models import Affectation, Role
from guichet.socle.calendrier import Calendrier
from guichet.socle.erreurs import ErreurMetier, Refus

journal = logging.getLogger(__name__)

CLORE_APRES = timedelta(days=15)
RELANCER_AVANT = timedelta(days=7)
# Where the type lets an agent close what was never completed, they have this long to choose.
CHOISIR_PENDANT = timedelta(days=7)
PAR_PASSAGE = 500
EFFETS = {"acceptation": "vaut acceptation", "rejet": "vaut rejet", "aucun": "dépasse le délai légal"}


def inscrire_la_decision_implicite(demande: Demande) -> Demande:
    """Record that silence has decided (CRPA, art. L231-1 and L231-4). The demande stays open."""
    with franchir("inscrire_la_decision_implicite", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.decision_implicite_le is not None or d.echeance_legale is None:
            raise Refus("La décision implicite est déjà inscrite, ou le silence ne décide de rien.")
        d.decision_implicite_le = d.echeance_legale
        passage.details |= {"regime": d.regime_silence, "date": d.echeance_legale.isoformat()}
        passage.message(
            f"Le silence de la ville {EFFETS[d.silence_effet]} depuis le {d.echeance_legale:%d/%m/%Y}. "
            "La demande reste à traiter.",
            sens="interne",
        )
        lieu = d.direction or d.point_accueil
        adresses = rappels.titulaire_de(d) | {lieu.courriel, d.point_accueil.courriel}
        rappels.ecrire(passage, adresses, "decision_implicite")
        return d


def alerter(demande: Demande, palier: int) -> Demande:
    """Raise the escalation step of a late demande and tell those who answer for it, without a word of it."""
    with franchir("alerter", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.palier_escalade >= palier:
            raise Refus("Cette alerte est déjà donnée.")
        # After a stop, those of the steps jumped over are told as well.
        franchis = [p for p in PALIERS if d.palier_escalade < p <= palier]
        d.palier_escalade = palier
        passage.details |= {"palier": palier}
        for adresse in sorted({adresse for p in franchis for adresse in a_prevenir(d, p)}):
            avis.alerter(passage, adresse, palier)
        return d


def a_prevenir(demande: Demande, palier: int) -> set[str]:
    """80 %: who holds it. 100 %: its head and the owning desk. 150 %: the director and the desk's head."""
    if palier < 100:
        return rappels.titulaire_de(demande)
    if palier < 150:
        return rappels.chefs_de(demande) | {demande.point_accueil.courriel}
    directeurs = Affectation.objects.en_cours().filter(
        role=Role.DIRECTEUR, direction=demande.direction, compte__is_active=True
    )
    return set(directeurs.values_list("compte__courriel", flat=True)) | rappels.chefs_de_l_accueil(demande)


def essayer(geste, demande, *args) -> int:
    """Do one, skip what changed meanwhile: the next pass sees it as it is then. A fault stops nobody else."""
    try:
        geste(demande, *args)
    except ErreurMetier:
        return 0
    except Exception:
        journal.exception("time could not act on demande %s", demande.pk)
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
            for demande in attente.filter(complement_attendu_le__lt=jour).exclude(
                type__sans_suite_autorise=True, complement_attendu_le__gte=jour - CHOISIR_PENDANT
            )[:PAR_PASSAGE]
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
    faits["avis_demandes"] = sum(
        essayer(demander_un_avis, demande)
        for attendues in (enquetes.a_envoyer(maintenant), enquetes.a_relancer(maintenant))
        for demande in attendues[:PAR_PASSAGE]
    )
    faits["rappels"] = sum(
        essayer(lambda d, quoi=quoi, donnees=donnees: rappels.rappeler(d, quoi, **donnees), demande)
        for demande, quoi, donnees in rappels.a_rappeler(jour, maintenant)
    )
    faits["alertes"] = sum(essayer(alerter, demande, palier) for demande, palier in a_alerter(maintenant))
    return faits


def a_alerter(maintenant: datetime) -> Iterator[tuple[Demande, int]]:
    """Open demandes that passed a step they were not yet alerted for."""
    candidates = Demande.objects.filter(
        etat__in=NON_FINAUX,
        service_suspendu_le__isnull=True,
        echeance_service__isnull=False,
        palier_escalade__lt=PALIERS[-1],
    ).select_related("type__direction", "direction")
    calendriers: dict[int | None, Calendrier] = {}
    for demande in candidates.iterator(chunk_size=2000):
        horloge, direction = delais.horloge_service(demande), delais.direction_du_delai(demande)
        assert horloge is not None
        cle = direction.pk if direction else None
        if cle not in calendriers:
            calendriers[cle] = delais.calendrier_de(direction)
        palier = horloges.palier(horloges.pourcentage(horloge, maintenant, calendriers[cle]))
        if palier > demande.palier_escalade:
            yield demande, palier
