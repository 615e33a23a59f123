"""Keep what an agent is writing in the composer of a demande."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from demandes import ecrits
from demandes.formulaires_gestes import Moment
from demandes.models import Demande, EcritEnCours
from demandes.views.acces import auteur_de, demande_connue_ou_404
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.templatetags.dates import heure

GESTES = {
    EcritEnCours.Mode.USAGER: "ecrire_a_l_usager",
    EcritEnCours.Mode.INTERNE: "ajouter_une_note",
    EcritEnCours.Mode.CONFIDENTIEL: "ajouter_une_note",
}

# The page takes this out of the answer and nothing else: a login page, when the session ended, shows nowhere.
DIT = "<span data-garde>{}</span>"


@require_POST
def garder(request: HttpRequest, numero: str) -> HttpResponse:
    """Keep a draft as it is typed; without htmx, come back to the page with it."""
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    mode = request.POST.get("mode", "")
    if not contenu_visible or mode not in EcritEnCours.Mode.values:
        raise Http404("Cet écrit n'existe pas.")
    if GESTES[EcritEnCours.Mode(mode)] not in Moment.de(demande, auteur_de(request)).gestes():
        raise Http404("Cet écrit n'existe pas.")
    try:
        ecrit = ecrits.garder(demande, request.user, mode, request.POST.get("texte", ""))
    except DonneeInvalide as erreur:
        return refuser(request, demande, str(erreur))
    if request.htmx:
        dit = f"Texte gardé à {heure(timezone.now())}." if ecrit else ""
        return HttpResponse(format_html(DIT, dit))
    messages.success(request, "Votre texte est gardé." if ecrit else "Le texte gardé est effacé.")
    return redirect("agent_demande", numero=numero)


def refuser(request: HttpRequest, demande: Demande, phrase: str) -> HttpResponse:
    """Not kept: say why, and give the text back."""
    if request.htmx:
        # htmx shows successes only: the sentence stands where « gardé » would.
        return HttpResponse(format_html(DIT, phrase))
    contexte = {"phrase": phrase, "textes": [request.POST.get("texte", "")]}
    return render(request, "demandes/demande/hors_de_vue.html", contexte, status=422)
