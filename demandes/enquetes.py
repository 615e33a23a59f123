"""The question put to residents after an answer: whom to ask, the link that answers, whom to call back."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from demandes.etats import Etat
from demandes.models import Demande, Enquete
from demandes.models.enquetes import NOTE_BASSE
from guichet.organisation.perimetre import Perimetre
from usagers.models import Coordonnee

ENVOYER_APRES = timedelta(days=2)
# After a stop nobody is asked about what they have forgotten.
ENVOYER_AVANT = timedelta(days=14)
RELANCER_APRES = timedelta(days=7)
REPOS = timedelta(days=30)
REPONDRE_SOUS = timedelta(days=60)
SEL = "demandes.enquete"


def a_envoyer(maintenant: datetime) -> QuerySet[Demande]:
    """Answered two days ago, to somebody with an e-mail who was asked nothing for a month.

    Who closed it themselves has said that it is settled; who has somebody speak for them is left in peace.
    """
    courriels = Coordonnee.objects.filter(
        usager=OuterRef("usager"), genre=Coordonnee.Genre.COURRIEL, en_echec_le__isnull=True
    )
    return (
        Demande.objects.filter(
            Exists(courriels),
            ~Exists(recentes(maintenant).filter(usager=OuterRef("usager"))),
            etat=Etat.TRAITEE,
            traitee_le__lte=maintenant - ENVOYER_APRES,
            traitee_le__gt=maintenant - ENVOYER_AVANT,
            enquete__isnull=True,
            intermediaire__isnull=True,
        )
        .order_by("traitee_le", "pk")
        .select_related("usager")
    )


def recentes(maintenant: datetime) -> QuerySet[Enquete]:
    """Those put lately: at most one a month to anybody."""
    return Enquete.objects.filter(envoyee_le__gt=maintenant - REPOS)


def a_relancer(maintenant: datetime) -> QuerySet[Demande]:
    """Asked a week ago, not answered, still an answered demande: recalled once."""
    return Demande.objects.filter(
        etat__in=(Etat.TRAITEE, Etat.CLOSE),
        enquete__repondue_le__isnull=True,
        enquete__relancee_le__isnull=True,
        enquete__envoyee_le__lte=maintenant - RELANCER_APRES,
        enquete__envoyee_le__gt=maintenant - REPOS,
    ).order_by("enquete__envoyee_le", "pk")


def a_rappeler(perimetre: Perimetre) -> QuerySet[Enquete]:
    """The low marks nobody has called about yet, for the heads of the desk that owns the demande."""
    places = Q(pk__in=[])
    for p in perimetre.tous:
        places |= Q(point_accueil__in=p.accueils_responsable)
    siennes = Demande.objects.visibles_par(perimetre).filter(places)
    return (
        Enquete.objects.filter(note__lte=NOTE_BASSE, rappelee_le__isnull=True, demande__in=siennes)
        .select_related("demande__usager", "demande__intermediaire__usager")
        .prefetch_related("demande__usager__coordonnees")
        .order_by("pk")
    )


def lien(enquete: Enquete) -> str:
    """The address that answers it, for two months: it shows nothing of the demande."""
    return settings.GUICHET_ADRESSE + reverse("donner_un_avis", args=[signing.dumps(enquete.pk, salt=SEL)])


def retrouver(jeton: str) -> Enquete | None:
    """The survey of a link, or None: forged, or too old."""
    try:
        pk = signing.loads(jeton, salt=SEL, max_age=REPONDRE_SOUS)
    except signing.BadSignature:
        return None
    return Enquete.objects.select_related("demande").filter(pk=pk).first()
