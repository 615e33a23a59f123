"""How an agent comes in, where they land, how they leave."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guichet.organisation import invitations
from guichet.organisation.forms import ConnexionAgentForm, MotDePasseForm
from guichet.organisation.menu import menu_agent
from guichet.socle import demonstration


@method_decorator(login_not_required, name="dispatch")
class ConnexionAgentView(LoginView):
    """The agents' door. A resident's account is unknown here, whatever its password."""

    template_name = "organisation/connexion.html"
    form_class = ConnexionAgentForm
    next_page = "agent_racine"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.est_agent:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        demo = []
        if settings.GUICHET_DEMO:
            demo = [c for c in demonstration.COMPTES if c.porte == demonstration.PORTE_AGENT]
        return super().get_context_data(
            comptes_demo=demo, mot_de_passe_demo=demonstration.MOT_DE_PASSE if demo else "", **kwargs
        )


@login_not_required
@require_POST
def deconnexion(request):
    """End the session; done twice, it still ends on the login page."""
    logout(request)
    return redirect("connexion_agent")


def racine(request):
    """Land on the first line of the agent's own rail; without any role, say what is missing."""
    entrees = menu_agent(request)["menu_agent"]
    if entrees:
        return redirect(entrees[0].url)
    return render(request, "organisation/sans_role.html", status=403)


@sensitive_post_parameters()
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, cle, jeton):
    """Behind the link of an invitation: choose a password, and come in."""
    compte = invitations.compte_invite(cle, jeton)
    if compte is None:
        return render(request, "organisation/invitation.html", {"formulaire": None}, status=410)
    formulaire = MotDePasseForm(request.POST if request.method == "POST" else None, compte=compte)
    if request.method == "POST" and formulaire.is_valid():
        invitations.choisir_le_mot_de_passe(compte, formulaire.cleaned_data["mot_de_passe"])
        login(request, compte, backend="guichet.organisation.portes.PorteBackend")
        return redirect("agent_racine")
    contexte = {"formulaire": formulaire, "courriel": compte.courriel}
    return render(request, "organisation/invitation.html", contexte, status=422 if formulaire.errors else 200)
