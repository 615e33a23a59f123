"""« Avez-vous trouvé ? » at the foot of a page: one press, then the words of who wants to say more."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from wagtail.models import Page

from guichet.socle.texte import nettoyer
from portal.acces import page_privee, page_trop_souvent, trop_souvent
from portal.models import AvisDePage

SEL = "portal.avis_de_page"
UNE_HEURE = 3600  # seconds
PAR_CONNEXION = 20


class PrecisionForm(forms.Form):
    texte = forms.CharField(
        label=_("Que cherchiez-vous ?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("N'écrivez ni votre nom ni vos coordonnées : nous ne pouvons pas répondre ici."),
    )


# Nothing is read of who sends it, and reading a page sets no cookie: there is no session to forge.
@csrf_exempt
@login_not_required
@require_POST
@page_privee
def donner(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep yes or no; who says no may add what was missing."""
    page = get_object_or_404(Page.objects.live(), pk=pk)
    if request.POST.get("utile") not in ("oui", "non"):
        raise Http404
    if trop_souvent(request, "avis de page", {"": PAR_CONNEXION}):
        return page_trop_souvent(request, _("Trop d'avis ont été donnés depuis cette connexion."))
    avis = AvisDePage.objects.create(page=page, a_aide=request.POST["utile"] == "oui")
    return montrer(request, avis, PrecisionForm())


@csrf_exempt
@login_not_required
@require_POST
@page_privee
def preciser(request: HttpRequest, jeton: str) -> HttpResponse:
    """Add words to the answer just given; its signed number proves it, for an hour."""
    try:
        pk = signing.loads(jeton, salt=SEL, max_age=UNE_HEURE)
    except signing.BadSignature:
        raise Http404 from None
    avis = get_object_or_404(AvisDePage.objects.select_related("page"), pk=pk)
    formulaire = PrecisionForm(request.POST)
    if not formulaire.is_valid():
        return montrer(request, avis, formulaire, status=422)
    avis.texte = nettoyer(formulaire.cleaned_data["texte"])
    avis.save(update_fields=["texte"])
    return montrer(request, avis, None)


def montrer(
    request: HttpRequest, avis: AvisDePage, formulaire: PrecisionForm | None, *, status: int = 200
) -> HttpResponse:
    contexte = {
        "avis": avis,
        "form": None if avis.a_aide else formulaire,
        "jeton": signing.dumps(avis.pk, salt=SEL),
    }
    return render(request, "portal/avis_de_page.html", contexte, status=status)
