"""What left, what waits, what failed: the outbox as its administrator sees it.

In demo mode this is also where mails are read. Elsewhere their words stay hidden: they may hold a login
link, and delivery is the administrator's business, not correspondence.
"""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from guichet.canaux import courriel
from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.livraison import rediger
from guichet.envois.models import Envoi
from guichet.organisation.administration.cadre import administrateur_ou_404

TAILLE_PAGE = 50


@require_GET
@administrateur_ou_404
def courriels(request: HttpRequest) -> HttpResponse:
    """The outbox, newest first, by state."""
    etat = request.GET.get("etat", "")
    if etat and etat not in Envoi.Etat.values:
        raise Http404
    tous = Envoi.objects.filter(etat=etat) if etat else Envoi.objects.all()
    page = _page(tous, request.GET)
    plus_recents = page and tous.filter(pk__gt=page[0].pk).exists()
    plus_anciens = page and tous.filter(pk__lt=page[-1].pk).exists()
    contexte = {
        "envois": page,
        "etat": etat,
        "onglets": [
            {"libelle": libelle, "url": f"?etat={code}", "actif": code == etat}
            for code, libelle in [("", "Tous"), *Envoi.Etat.choices]
        ],
        "url_precedente": f"?etat={etat}&apres={page[0].pk}" if plus_recents else "",
        "url_suivante": f"?etat={etat}&avant={page[-1].pk}" if plus_anciens else "",
    }
    return render(request, "envois/courriels.html", contexte)


def _page(envois: QuerySet[Envoi], parametres: QueryDict) -> list[Envoi]:
    """One page by keyset: the rows just older than `avant`, or just newer than `apres`."""
    try:
        avant, apres = (int(parametres.get(nom) or 0) for nom in ("avant", "apres"))
    except ValueError as cause:
        raise Http404 from cause
    if apres:
        return list(reversed(envois.filter(pk__gt=apres).order_by("pk")[:TAILLE_PAGE]))
    return list((envois.filter(pk__lt=avant) if avant else envois)[:TAILLE_PAGE])


@require_GET
@administrateur_ou_404
def un_courriel(request: HttpRequest, pk: int) -> HttpResponse:
    """One row: where it stands, and in demo mode the mail as its reader gets it."""
    envoi = get_object_or_404(Envoi, pk=pk)
    contexte = {"envoi": envoi, "brut": ""}
    if settings.GUICHET_DEMO and envoi.canal == Canal.COURRIEL:
        with suppress(ValueError):  # an address that cannot be written: the row says so
            contexte["brut"] = courriel.composer(rediger(envoi)).decode()
    return render(request, "envois/un_courriel.html", contexte)


@require_POST
@administrateur_ou_404
def relancer(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed row again, once what stopped it is repaired."""
    envoi = get_object_or_404(Envoi, pk=pk)
    if boite.relancer(envoi):
        messages.success(request, "Le message va repartir dans moins d'une minute.")
    else:
        messages.error(request, "Ce message n'est pas en échec : il n'y a rien à relancer.")
    return redirect("courriel", pk=pk)
