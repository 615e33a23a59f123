"""The two doors: who may log in where, and what an anonymous visitor may see."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.urls import reverse

from guichet.organisation import reprise
from guichet.organisation.models import Compte
from guichet.organisation.models.comptes import normaliser_courriel
from guichet.socle.lecture import MARQUE, Lecture

PREFIXES_AGENT = ("/agent/", "/gestion/")
# Read at every request.
COMPTE = Lecture(lambda: Compte.objects.select_related("agent").filter(pk=MARQUE).order_by())


class PorteBackend(ModelBackend):
    """Authenticate an e-mail within one espace; the same address may own one account in each."""

    def authenticate(self, request, username=None, password=None, espace=None, **kwargs):
        if not username or password is None or espace is None:
            return None
        try:
            compte = Compte.objects.get(espace=espace, courriel=normaliser_courriel(username))
        except Compte.DoesNotExist:
            # Same work as for a known address, so that time tells nothing (fiabilite.md S9).
            Compte().set_password(password)
            return None
        if compte.check_password(password) and self.user_can_authenticate(compte):
            return compte
        return None

    def get_user(self, user_id):
        """The account of a session, with the agent behind it: the frame of every agent's page names them."""
        compte = next(iter(COMPTE.objets(user_id)), None)
        return compte if compte and self.user_can_authenticate(compte) else None


class PorteRequiseMiddleware(LoginRequiredMiddleware):
    """Closed by default: a login everywhere, and an agent's one below the agents' prefixes."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        espace_agent = request.path.startswith(PREFIXES_AGENT)
        if not getattr(view_func, "login_required", True):
            return None
        if request.user.is_authenticated:
            # A resident gains nothing by knowing what exists behind the other door.
            if espace_agent and not request.user.est_agent:
                raise Http404
            request.compte_vu = request.user.pk
            return None
        porte, rendue = ("connexion_agent", "reprise_agent") if espace_agent else ("connexion", "reprise")
        suite = reverse(rendue) if reprise.garder(request) else request.get_full_path()
        return redirect_to_login(suite, reverse(porte), REDIRECT_FIELD_NAME)

    def process_response(self, request, response):
        reprise.retenir(request, response)
        return response
