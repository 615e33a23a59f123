"""The worker fetches the pictures of posts: after their words, within bounds, and again while it may come."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from demandes.actions.images import garder_l_image, perdre_l_image
from demandes.models import ImagePubliee
from guichet.canaux import medias
from guichet.canaux.reseau import ReseauInjoignable, ReseauRefuse
from guichet.envois import reseaux as reseaux_ouverts

journal = logging.getLogger(__name__)

# Seconds a sweep may start new ones, within the task's limit.
BUDGET = 60
# Longer than a picture takes: a worker that dies gives it to another after that.
BAIL = timedelta(minutes=3)
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
ESSAIS = len(PAUSES) + 1


def balayer() -> int:
    """Fetch what waits, the longest due first; return how many are no longer to fetch."""
    fin, faites = time.monotonic() + BUDGET, 0
    while time.monotonic() < fin and (image := _prendre()) is not None:
        faites += _reprendre(image)
    return faites


def _prendre() -> ImagePubliee | None:
    """The next one, counted and leased before anything is asked: what ends its worker ends too."""
    with transaction.atomic():
        dues = ImagePubliee.objects.select_for_update(skip_locked=True).filter(
            etat=ImagePubliee.Etat.A_PRENDRE, prochain_essai_le__lte=timezone.now()
        )
        image = dues.order_by("prochain_essai_le", "pk").first()
        if image is not None:
            image.essais += 1
            image.prochain_essai_le = timezone.now() + BAIL
            image.save(update_fields=["essais", "prochain_essai_le"])
        return image


def _reprendre(image: ImagePubliee) -> bool:
    if image.essais > ESSAIS:
        perdre_l_image(image.pk, "sa lecture a été interrompue à chaque essai")
        return True
    try:
        contenu = medias.prendre(
            image.adresse,
            taille_max=settings.GUICHET_PIECES_TAILLE_MAX,
            permises=settings.GUICHET_MEDIAS_INTERNES,
            en_tetes=_en_tetes(image),
        )
    except ReseauRefuse as refus:
        perdre_l_image(image.pk, str(refus))
        return True
    except ReseauInjoignable as attente:
        return _remettre(image, str(attente))
    garder_l_image(image.pk, contenu)
    return True


def _remettre(image: ImagePubliee, raison: str) -> bool:
    """Later, while an address of a network still leads somewhere."""
    if image.essais >= ESSAIS:
        perdre_l_image(image.pk, f"{raison}, en {ESSAIS} essais")
        return True
    journal.warning("Picture %s of a post: %s", image.pk, raison)
    ImagePubliee.objects.filter(pk=image.pk).update(
        erreur=raison[:250], prochain_essai_le=timezone.now() + PAUSES[image.essais - 1]
    )
    return False


def _en_tetes(image: ImagePubliee) -> dict[str, str]:
    """Nothing for a network that was closed since: what anybody may see still comes."""
    reseau = reseaux_ouverts.ouvert(image.publication.canal)
    return reseau.en_tetes_du_media(image.adresse) if reseau is not None else {}
