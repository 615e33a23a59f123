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

# Created by the portal's migration, with the right to change and publish the home page.
GROUPE = "Éditeurs du portail"
ROLES = (Role.EDITEUR, Role.ADMINISTRATEUR)


def reserve_aux_editeurs(vue: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask the agent's affectations at each request: a role that ended yesterday opens nothing today.

    Wagtail itself reads its rights from a group: an editor enters it on their first visit.
    """

    @wraps(vue)
    def reservee(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        compte = request.user
        if compte.is_authenticated and not compte.is_superuser:
            if not Affectation.objects.en_cours().filter(compte=compte, role__in=ROLES).exists():
                raise PermissionDenied
            if not compte.groups.filter(name=GROUPE).exists():
                compte.groups.add(Group.objects.get(name=GROUPE))
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
