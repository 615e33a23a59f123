"""How an agent comes in, where they land, how they leave."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from guichet.organisation.forms import ConnexionAgentForm
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
