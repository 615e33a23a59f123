"""One message as its sender laid it out: never the default, and nothing on the page comes from elsewhere."""

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from demandes.models import MiseEnForme
from demandes.views.acces import demande_connue_ou_404, est_reservee
from guichet.canaux.courriel.mise_en_forme import Image, rendre
from guichet.pieces.models import Piece

consultations = structlog.get_logger("consultations")


@require_safe
def mise_en_forme(request: HttpRequest, numero: str, pk: int) -> HttpResponse:
    """For whoever may read the demande; reading a walled one here is reading it."""
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    lue = MiseEnForme.objects.select_related("message").filter(message=pk, message__demande=demande).first()
    if lue is None or not contenu_visible:
        raise Http404
    if est_reservee(demande):
        consultations.info(
            "demande_reservee_lue", agent=request.user.pk, demande=demande.pk, secteur=demande.secteur
        )
    contexte = {
        "demande": demande,
        "message": lue.message,
        "retour": f"{reverse('agent_demande', args=[numero])}#message-{pk}",
        # Written by `rendre`, element by element, every word escaped.
        "contenu": mark_safe(rendre(lue.html, images_de(lue))),
    }
    return render(request, "demandes/demande/mise_en_forme.html", contexte)


def images_de(lue: MiseEnForme) -> dict[str, Image]:
    """Our own thumbnail of each image of the mail; one in quarantine, or that is no picture, has none."""
    siennes = Piece.objects.filter(
        proprietaire_genre="message", proprietaire_id=lue.message_id, etat=Piece.Etat.SAINE
    ).exclude(vignette="")
    adresses = {
        str(piece.pk): Image(reverse("piece_vignette", args=[piece.pk]), piece.get_absolute_url())
        for piece in siennes
    }
    return {nom: adresses[pk] for nom, pk in lue.images.items() if pk in adresses}
