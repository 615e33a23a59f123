"""What waits for somebody's hand, where one works: letters, calls, posts, third parties, second times."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone

from demandes.etats import NON_FINAUX, Etat
from demandes.models import Demande, Message, Publication, Remise
from guichet.canaux.canal import RESEAUX_SOCIAUX, Canal
from guichet.envois.models import Envoi
from guichet.organisation.perimetre import Perimetre
from guichet.pieces.models import Piece

# An acknowledgement that nobody posted in this time says nothing to anybody any more.
ACCUSES_DEPUIS = timedelta(days=30)
# Nor does a letter come back after this one.
LETTRES_DEPUIS = timedelta(days=60)


def siennes(perimetre: Perimetre) -> QuerySet[Demande]:
    """Those readable that one's own desk answers for, or that one's direction holds."""
    places = Q(pk__in=[])
    for p in perimetre.tous:
        places |= Q(point_accueil__in=p.accueils) | Q(direction__in=list(p.directions))
    return Demande.objects.visibles_par(perimetre).filter(places)


def remises_attendues(perimetre: Perimetre) -> QuerySet[Remise]:
    """Messages that nobody has posted, said or handed over yet, the oldest first."""
    return (
        Remise.objects.filter(remise_le__isnull=True, message__demande__in=siennes(perimetre))
        .select_related(
            "message__auteur",
            "message__publication",
            "message__demande__usager",
            "message__demande__intermediaire__usager",
        )
        .order_by("pk")
    )


def publications_repondues(remises: Iterable[Remise]) -> dict[int, Publication]:
    """By message, the post that each of these answers on a network; one statement for all."""
    sur_un_reseau = [r.message for r in remises if r.message.canal in RESEAUX_SOCIAUX]
    recues: dict[int, list[Publication]] = {}
    if sur_un_reseau:
        demandes = {message.demande_id for message in sur_un_reseau}
        lues = Publication.objects.filter(demande__in=demandes, etat=Publication.Etat.RECUE)
        for recue in lues.order_by("-publiee_le", "-pk"):
            recues.setdefault(recue.demande_id, []).append(recue)
    repondues = {}
    for message in sur_un_reseau:
        siennes = recues.get(message.demande_id, [])
        notre = getattr(message, "publication", None)
        citee = next((p for p in siennes if notre and p.identifiant == notre.en_reponse_a), None)
        if repondue := citee or next(iter(siennes), None):
            repondues[message.pk] = repondue
    return repondues


def documents_joints(remises: Iterable[Remise]) -> dict[int, int]:
    """By message, how many documents go with words that somebody copies: they wait behind the link."""
    messages = [remise.message_id for remise in remises if remise.message.canal in RESEAUX_SOCIAUX]
    if not messages:
        return {}
    pieces = Piece.objects.filter(proprietaire_genre="message", proprietaire_id__in=messages)
    return dict(pieces.order_by().values_list("proprietaire_id").annotate(Count("pk")))


def courriers_a_expedier(perimetre: Perimetre) -> QuerySet[Remise]:
    """Of these, the letters: printed together, posted together."""
    return remises_attendues(perimetre).filter(numero__isnull=False)


def lettres_parties(perimetre: Perimetre) -> QuerySet[Remise]:
    """Posted lately, neither delivered nor come back that anybody knows."""
    return (
        Remise.objects.filter(
            numero__isnull=False,
            remise_le__gte=timezone.localdate() - LETTRES_DEPUIS,
            suite="",
            message__demande__in=siennes(perimetre),
        )
        .select_related(
            "message__auteur", "message__demande__usager", "message__demande__intermediaire__usager"
        )
        .order_by("pk")
    )


def accuses_a_poster(perimetre: Perimetre) -> QuerySet[Demande]:
    """Letters that came lately, whose acknowledgement left by no way: no mail, no page printed."""
    courriels = Envoi.objects.filter(
        reference=Concat(Value("demande:"), OuterRef("numero"), output_field=CharField()),
        nature=Envoi.Nature.ACCUSE,
    )
    pages = Message.objects.filter(demande=OuterRef("pk"), nature=Message.Nature.ACCUSE)
    return (
        siennes(perimetre)
        .filter(
            ~Exists(courriels),
            ~Exists(pages),
            canal=Canal.COURRIER,
            etat__in=NON_FINAUX,
            usager__isnull=False,
            enregistree_le__gt=timezone.now() - ACCUSES_DEPUIS,
        )
        .select_related("usager", "intermediaire__usager")
        .order_by("pk")
    )


def tiers_a_relancer(perimetre: Perimetre) -> QuerySet[Demande]:
    """Those whose third party should have answered by today."""
    return (
        siennes(perimetre)
        .filter(etat=Etat.ATTENTE_TIERS, tiers_relance_le__lte=timezone.localdate())
        .select_related("usager", "intermediaire__usager")
        .order_by("pk")
    )


def rouvertes(perimetre: Perimetre) -> QuerySet[Demande]:
    """Those that came back after their answer, and wait for another."""
    return (
        siennes(perimetre)
        .filter(etat__in=NON_FINAUX, compteur_reouvertures__gt=0)
        .select_related("usager", "intermediaire__usager")
        .order_by("pk")
    )
