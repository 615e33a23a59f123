"""The worker's side: propose for what came without a type, learn again from what agents chose.

Nothing heavy is imported here: numpy and scikit-learn come with the version in service and with the
retraining, by their path.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from demandes.etats import Etat
from demandes.models import Demande, Message, Suggestion, TypeDemande, VersionSuggestion
from demandes.suggestion import avis
from demandes.suggestion.savoir import Savoir, amorce, exemples_livres, savoir
from demandes.suggestion.texte import Comptes
from demandes.vitrine import publiee

journal = logging.getLogger(__name__)

# What follows a proposal: what changes a demande stands above this.
Suite = Callable[[Demande], object]

LOT = 100
# A text that fails, or whose reading ends its worker, is read again after a while, and not for ever. The
# pause is longer than any task: what is still being read is left alone.
ESSAIS = 3
PAUSE = timedelta(minutes=5)
MOTS_D_UN_MESSAGE = 8
# Choices below this number teach nothing sure, and fewer new ones than that are not worth a new version.
CHOIX_MINIMUM = 60
NEUFS_MINIMUM = 20
CHOIX_LUS = 4000  # the latest: bounded in time and memory
VERSIONS_GARDEES = 12


def attendues() -> Any:
    """New demandes of which nobody said what they are, and that were not read yet."""
    a_reprendre = Q(
        suggestion__essais__range=(1, ESSAIS - 1), suggestion__faite_le__lt=timezone.now() - PAUSE
    )
    return Demande.objects.filter(
        Q(suggestion__isnull=True) | a_reprendre, etat=Etat.NOUVELLE, type__isnull=True
    )


def balayer(*, limite: int = LOT, si_plusieurs_sujets: Suite | None = None) -> int:
    """Propose for what waits, the latest first: one that cannot be read keeps nobody waiting.

    `si_plusieurs_sujets` is told, once, of each demande that seems to ask two things.
    """
    attendent = attendues().order_by("-pk")[:limite]
    return sum(_suggerer_sans_faillir(demande, si_plusieurs_sujets) for demande in attendent)


def _suggerer_sans_faillir(demande: Demande, si_plusieurs_sujets: Suite | None) -> bool:
    try:
        return suggerer(demande, si_plusieurs_sujets)
    except Exception:
        journal.exception("no suggestion for demande %s", demande.pk)
        return False


def suggerer(demande: Demande, si_plusieurs_sujets: Suite | None = None) -> bool:
    """Keep what a demande seems to be; False when it says nothing that can be read.

    The try is committed before the reading; what was read is kept with what follows of it, or neither.
    """
    message = demande.messages.filter(sens=Message.Sens.ENTRANT).order_by("cree_le", "pk").first()
    if message is None or not (essai := _commencer(demande, message)):
        return False
    connu = savoir()
    version = VersionSuggestion.objects.filter(est_en_service=True).only("pk", "part").first()
    donne = avis.donner(
        connu.index,
        message.objet or demande.objet,
        message.corps,
        ponderer=ponderer_de(connu, version) if version else None,
    )
    with transaction.atomic():
        # Nothing of it when an agent chose meanwhile: they were shown no proposal.
        est_neuve = Suggestion.objects.filter(demande=demande, essais=essai, choix__isnull=True).update(
            essais=0,
            propositions=[
                {"code": p.code, "confiance": p.confiance, "reperes": list(p.reperes)}
                for p in donne.propositions
            ],
            danger=list(donne.danger),
            sujets=[{"code": s.code, "debut": s.debut, "fin": s.fin} for s in donne.sujets],
            version=version,
        )
        if est_neuve and donne.sujets and si_plusieurs_sujets is not None:
            si_plusieurs_sujets(demande)
    return bool(est_neuve)


def _commencer(demande: Demande, message: Message) -> int:
    """Which try to read this text begins, written down before it is read; 0 when it is not ours to read."""
    suggestion, est_neuve = Suggestion.objects.get_or_create(
        demande=demande, defaults={"message": message, "essais": 1}
    )
    if est_neuve:
        return 1
    # Of two workers that come to it together, one goes on.
    prise = Suggestion.objects.filter(
        demande=demande, essais=suggestion.essais, faite_le=suggestion.faite_le, choix__isnull=True
    ).filter(essais__range=(1, ESSAIS - 1), faite_le__lt=timezone.now() - PAUSE)
    return suggestion.essais + 1 if prise.update(essais=suggestion.essais + 1, faite_le=timezone.now()) else 0


def reconnaitre(objet: str, texte: str) -> list[TypeDemande]:
    """The published démarches that a message being typed in seems to ask for, best first.

    A few words are better looked for than read: they give nothing. Without what was learned, which loads
    heavy libraries: the worker has it for what it proposes.
    """
    if len(texte.split()) < MOTS_D_UN_MESSAGE:
        return []
    connu = savoir()
    donne = avis.donner(connu.index, objet, texte)
    return [type for p in donne.propositions if (type := publiee(p.code))]


def ponderer_de(connu: Savoir, version: VersionSuggestion) -> Any:
    appris = _appris(version.pk)

    def ponderer(comptes: Comptes, parts: list[float]) -> list[float]:
        return appris.melanger(comptes, connu.index.rarete, connu.index.codes, parts, version.part)

    return ponderer


@lru_cache(maxsize=2)
def _appris(pk: int) -> Any:
    contenu = VersionSuggestion.objects.values_list("contenu", flat=True).get(pk=pk)
    return import_string("demandes.suggestion.appris.lire")(bytes(contenu or b""))


# -- learning ---------------------------------------------------------------------------------------------


def reapprendre() -> VersionSuggestion | None:
    """Learn again when enough was chosen since last time; None when there is nothing to do.

    The new version is kept, refused or not, with its figures; it takes over only when it is not worse.
    """
    derniere = VersionSuggestion.objects.defer("contenu").first()
    choisies = Suggestion.objects.filter(choix__isnull=False).order_by("-choisi_le", "-pk")
    lus = list(
        choisies.values_list("choisi_le", "choix__code", "message__objet", "message__corps")[:CHOIX_LUS]
    )
    if len(lus) < CHOIX_MINIMUM or _nombre_depuis(lus, derniere) < NEUFS_MINIMUM:
        return None
    Choix = import_string("demandes.suggestion.entrainement.Choix")
    depart = [Choix(code, phrase) for code, phrases in amorce().items() for phrase in phrases]
    depart += [Choix(code, texte) for code, texte in exemples_livres()]
    en_service = VersionSuggestion.objects.filter(est_en_service=True).first()
    resultat = import_string("demandes.suggestion.entrainement.apprendre")(
        savoir().index,
        depart,
        [Choix(code, f"{objet}.\n{corps}") for _, code, objet, corps in lus],
        ancien=(_appris(en_service.pk), en_service.part) if en_service else None,
        # The latest come first: those that the version in service has not seen.
        neufs=range(_nombre_depuis(lus, en_service)) if en_service else (),
    )
    return _garder(resultat, len(lus), lus[0][0], en_service)


def _nombre_depuis(lus: list[Any], version: VersionSuggestion | None) -> int:
    """How many of these choices, the latest first, a version has not learned."""
    return len(lus) if version is None else sum(choisi > version.appris_jusqu_au for choisi, *_ in lus)


def _garder(
    resultat: Any, nombre: int, jusqu_au: Any, en_service: VersionSuggestion | None
) -> VersionSuggestion:
    """Write the version down; put it in service when nothing says that it is worse."""
    motif = refus(resultat)
    version = VersionSuggestion(
        choix_appris=nombre,
        appris_jusqu_au=jusqu_au,
        part=resultat.part,
        mesures=resultat.mesures,
        est_en_service=not motif,
        motif=motif,
        contenu=None if motif else resultat.appris.ecrire(),
    )
    with transaction.atomic():
        if not motif and en_service is not None:
            VersionSuggestion.objects.filter(pk=en_service.pk).update(est_en_service=False)
        version.save()
        # The former one keeps its weights, to go back to it; older ones only their figures.
        utiles = [version.pk, en_service.pk if en_service else None]
        VersionSuggestion.objects.exclude(pk__in=[pk for pk in utiles if pk]).update(contenu=None)
        anciennes = VersionSuggestion.objects.filter(est_en_service=False).values_list("pk", flat=True)
        VersionSuggestion.objects.filter(pk__in=list(anciennes[VERSIONS_GARDEES:])).delete()
    journal.info("suggestion: %s, %s", version, motif or "in service")
    return version


def refus(resultat: Any) -> str:
    """Why a version does not take over, or nothing."""
    m = resultat.mesures
    if not resultat.part:
        return "Elle ne fait pas mieux que le catalogue seul."
    if "ancienne_top1" in m and (
        m["version_neufs_top1"] + m["version_neufs_top3"] < m["ancienne_top1"] + m["ancienne_top3"]
    ):
        return "Elle fait moins bien que la version en service sur les derniers choix."
    return ""


# -- figures ----------------------------------------------------------------------------------------------


def retenues_par_type() -> list[Any]:
    """How often the first suggestion was kept, and one of the three, by the type that agents gave."""
    return list(
        Suggestion.objects.filter(choix__isnull=False)
        .exclude(propositions=[])
        .values("choix__code", "choix__libelle")
        .annotate(
            choisies=Count("pk"),
            premieres=Count("pk", filter=Q(rang=1)),
            proposees=Count("pk", filter=Q(rang__gte=1)),
        )
        .order_by("-choisies", "choix__libelle")
    )
