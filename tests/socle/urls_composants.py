"""Addresses for the tests of the design system alone: the names that base pages may link to."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from guichet.socle.composants_views import EssaiForm, page_composants

PAGE_DU_PORTAIL = """{% extends "base_portail.html" %}
{% load composants %}
{% block titre %}Essai{% endblock %}
{% block contenu %}
  <div class="portail__colonne">
    <h1>Essai</h1>
    <form class="formulaire" method="post" novalidate data-envoi-unique>
      {% csrf_token %}
      {% resume_erreurs formulaire %}
      {% champ formulaire.description data_brouillon="essai" %}
      {% champ formulaire.danger %}
      {% champ formulaire.precision_danger si_champ="danger" si_texte="À remplir en cas de danger." %}
      {% champ formulaire.photo %}
      {% champ formulaire.accord %}
      <p class="formulaire__actions">{% bouton "Envoyer" %}</p>
    </form>
  </div>
{% endblock %}
"""


@login_not_required
def composants(request):
    """Open here, and here only: the mark is set on the function it is given."""
    return page_composants(request)


@login_not_required
def portail(request):
    formulaire = EssaiForm(request.POST if request.method == "POST" else None)
    return HttpResponse(Template(PAGE_DU_PORTAIL).render(RequestContext(request, {"formulaire": formulaire})))


@login_not_required
def introuvable(request):
    raise Http404


urlpatterns = [
    path("composants/", composants, name="composants"),
    path("portail/", portail, name="deposer"),
    path("introuvable/", introuvable, name="suivi"),
    path("connexion/", introuvable, name="connexion"),
]
