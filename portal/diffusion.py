"""Alerts told by mail: from a published page to the outbox, a batch at a time, once to each subscriber.

What asks for it is a column of the page itself: it is published with the page, by hand, by a moderator or by
the clock, or not at all. The outbox never holds more than a batch of each nature that nobody tried to send
yet: an answer to a resident does not wait behind twenty thousand alerts, nor a danger behind a market.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, Max, OuterRef, When
from django.utils import timezone, translation

from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation import ville
from portal import abonnements, langues
from portal.models import Abonne, Alerte, Diffusion

LOT = 500
# A flood does not wait for twenty thousand people to know of a market.
DANGERS_D_ABORD = Case(When(alerte__niveau=Alerte.Niveau.DANGER, then=0), default=1)


def diffuser() -> None:
    """Write the next mails of the first telling that is not over; run twice, nobody is written to twice."""
    ouvrir()
    with transaction.atomic():
        en_cours = Diffusion.objects.filter(terminee_le__isnull=True).order_by(DANGERS_D_ABORD, "pk")
        libres = en_cours.select_for_update(skip_locked=True, of=("self",))
        if (diffusion := libres.first()) is None:
            return
        alerte = Alerte.objects.en_cours().filter(pk=diffusion.alerte_id).first()
        if (places := LOT - en_attente(nature_de(alerte))) <= 0:
            return
        abonnes: list[Abonne] = []
        if alerte is not None:
            # Who subscribed since reads the alert on the site: the end of the list is known from the start.
            suivants = Abonne.objects.concernes_par(alerte).filter(
                pk__gt=diffusion.dernier, pk__lte=diffusion.plafond
            )
            # Locked: who leaves meanwhile erases the mail being written too.
            abonnes = list(suivants.select_for_update().order_by("pk")[:places])
            ecrire = Lettre(alerte, diffusion).pour
            boite.deposer_plusieurs([ecrire(abonne) for abonne in abonnes])
        if len(abonnes) < places:
            diffusion.terminee_le = timezone.now()
        diffusion.nombre += len(abonnes)
        diffusion.dernier = abonnes[-1].pk if abonnes else diffusion.dernier
        diffusion.save()


def ouvrir() -> None:
    """Take down what published pages ask for and nobody took down yet."""
    deja = Diffusion.objects.filter(cle=OuterRef("a_diffuser"))
    voulues = Alerte.objects.en_cours().filter(a_diffuser__isnull=False).exclude(Exists(deja))
    if not (alertes := list(voulues)):
        return
    plafond = Abonne.objects.aggregate(dernier=Max("pk"))["dernier"] or 0
    Diffusion.objects.bulk_create(
        [Diffusion(cle=alerte.a_diffuser, alerte=alerte, plafond=plafond) for alerte in alertes],
        ignore_conflicts=True,
    )


def nature_de(alerte: Alerte | None) -> Envoi.Nature:
    """A danger waits for no hourly limit: people who were told of three markets are told of the flood."""
    est_un_danger = alerte is not None and alerte.niveau == Alerte.Niveau.DANGER
    return Envoi.Nature.DANGER if est_un_danger else Envoi.Nature.ABONNEMENT


def en_attente(nature: Envoi.Nature) -> int:
    """How many of these mails wait for their first attempt."""
    return Envoi.objects.filter(nature=nature, etat=Envoi.Etat.A_ENVOYER, essais=0).count()


class Lettre:
    """An alert as a mail: read once in each language, then addressed to each subscriber."""

    def __init__(self, alerte: Alerte, diffusion: Diffusion) -> None:
        self.alerte, self.diffusion = alerte, diffusion
        self.lues: dict[str, dict[str, object]] = {}

    def pour(self, abonne: Abonne) -> boite.Message:
        """In the subscriber's language where editors wrote it, with the links to change it or leave."""
        with translation.override(abonne.langue):
            if abonne.langue not in self.lues:
                self.lues[abonne.langue] = self.lire(abonne.langue)
            jeton = abonnements.jeton_de(abonne)
            quitter = abonnements.adresse("abonnement_quitter", jeton)
            liens = {"choisir": abonnements.adresse("abonnement_choisir", jeton), "quitter": quitter}
            objet, corps = abonnements.rediger(
                "portal/courriels/abonnement/alerte.txt", self.lues[abonne.langue] | liens
            )
        return abonnements.message(
            abonne,
            objet,
            corps,
            cle=f"alerte:{self.diffusion.cle}:{abonne.pk}",
            nature=nature_de(self.alerte),
            en_tetes={
                "List-Unsubscribe": f"<{quitter}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Precedence": "bulk",
            },
        )

    def lire(self, langue: str) -> dict[str, object]:
        alerte = self.alerte
        if langues.langue_de(alerte) != langue:
            alerte = langues.traduction(alerte, langue) or alerte
        return {
            "alerte": alerte.specific,
            "dans_sa_langue": langues.langue_de(alerte) == langue,
            "lien": settings.GUICHET_ADRESSE + langues.adresses_de(alerte)[langue],
            "ville": ville.lire(),
        }
