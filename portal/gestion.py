"""Wagtail's administration, below /gestion/: for agents who are editors or administrators today."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from guichet.organisation.models import Affectation, Role

# Created by the portal's migrations: the first ones propose, the others read again and publish.
REDACTEURS, MODERATEURS = "Rédacteurs", "Modérateurs"
GROUPES = {Role.REDACTEUR: REDACTEURS, Role.EDITEUR: MODERATEURS, Role.ADMINISTRATEUR: MODERATEURS}


def reserve_aux_editeurs(vue: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask the agent's affectations at each request: a role that ended yesterday opens nothing today.

    Wagtail itself reads its rights from groups: an agent enters theirs, and leaves the others, at each visit.
    """

    @wraps(vue)
    def reservee(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        compte = request.user
        if compte.is_authenticated and not compte.is_superuser:
            tenus = Affectation.objects.en_cours().filter(compte=compte, role__in=list(GROUPES))
            voulus = {GROUPES[role] for role in tenus.values_list("role", flat=True)}
            if not voulus:
                raise PermissionDenied
            siens = set(compte.groups.values_list("name", flat=True)) & set(GROUPES.values())
            if siens != voulus:
                compte.groups.remove(*Group.objects.filter(name__in=siens - voulus))
                compte.groups.add(*Group.objects.filter(name__in=voulus))
        return vue(request, *args, **kwargs)

    return reservee


@login_not_required
def vers_la_porte_des_agents(request: HttpRequest) -> HttpResponse:
    """Wagtail's own login knows neither the two spaces nor the limit on tries."""
    return redirect("connexion_agent")


urlpatterns = [
    path("login/", vers_la_porte_des_agents),
    *decorate_urlpatterns(wagtailadmin_urls.urlpatterns, reserve_aux_editeurs),
]
