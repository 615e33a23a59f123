"""Create: one ticket and one event. List: 50 rows of 8 columns by due date.

Session and user being two statements, one makes 4 and the other 3.
"""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from benchmarks.temoin.models import Evenement, Ticket


@login_required
def creer(request):
    with transaction.atomic():
        ticket = Ticket.objects.create(
            numero=request.POST["numero"],
            objet=request.POST["objet"],
            service_id=int(request.POST["service"]),
            personne_id=int(request.POST["personne"]),
            echeance=timezone.now() + timedelta(days=5),
        )
        Evenement.objects.create(ticket=ticket, genre="creation")
    return HttpResponse(str(ticket.pk), status=201)


@login_required
def lister(request):
    tickets = (
        Ticket.objects.filter(service_id=request.GET["service"], etat="ouvert")
        .select_related("service", "personne")
        .only(
            *("numero", "objet", "etat", "canal", "echeance", "cree_le"),
            *("service__nom", "personne__nom"),
        )
        .order_by("echeance")[:50]
    )
    return render(request, "liste.html", {"tickets": tickets, "utilisateur": request.user.get_username()})


urlpatterns = [path("creer/", creer), path("liste/", lister)]
