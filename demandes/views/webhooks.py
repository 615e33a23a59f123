"""What machines post to us. No session, no form: their signature is their right."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from demandes import webhooks
from guichet.canaux.signatures import SignatureRefusee

journal = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, source: str) -> HttpResponse:
    """One post of one source: 200 once it is committed; a GET answers the source's own challenge."""
    qui = webhooks.source_de(source)
    if qui is None:
        raise Http404
    if request.method == "POST":
        return recu(request, source, qui)
    if qui.webhook.defi is None:
        return HttpResponseNotAllowed(["POST"])
    reponse = webhooks.repondre_au_defi(source, qui.webhook, request.GET.dict())
    if reponse is None:
        return refuser(request, source, 403, "Le défi n'est pas celui de cette source.")
    return HttpResponse(reponse, content_type=qui.webhook.type_du_defi)


def recu(request: HttpRequest, source: str, qui: webhooks.Source) -> HttpResponse:
    """The body is read within its limit, and not at all when it says it is longer."""
    if taille_annoncee(request) > webhooks.TAILLE_MAXIMALE:
        return refuser(request, source, 413, "Ce corps est trop long.")
    try:
        webhooks.recevoir(source, qui, request.headers, request.body)
    except SignatureRefusee as refus:
        phrase = "La signature manque." if refus.est_absente else "La signature n'est pas valable."
        return refuser(request, source, 401 if refus.est_absente else 403, phrase, str(refus))
    except webhooks.TropVite:
        return attendre()
    return JsonResponse({"recu": True})


def taille_annoncee(request: HttpRequest) -> int:
    """Without a length there is no body: Django reads what was announced, and no more."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def refuser(request: HttpRequest, source: str, statut: int, phrase: str, raison: str = "") -> HttpResponse:
    """Say why, and write it down, to an address that does not insist."""
    adresse = request.META.get("REMOTE_ADDR", "")
    if not webhooks.REFUSES.passe(adresse):
        return attendre()
    journal.warning("webhook %s refused to %s: %s", source, adresse, raison or phrase)
    return JsonResponse({"recu": False, "raison": phrase}, status=statut)


def attendre() -> HttpResponse:
    phrase = "Trop de messages à la fois : réessayez dans une minute."
    return JsonResponse({"recu": False, "raison": phrase}, status=429, headers={"Retry-After": "60"})
