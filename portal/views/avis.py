"""What a resident thinks of the answer: one question, by the link of its mail, without an account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from demandes import actions, enquetes
from demandes.droits import Auteur
from guichet.socle.erreurs import ErreurMetier
from guichet.socle.langues import en_francais
from portal.acces import page_privee
from portal.formulaires.avis import AvisForm


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def donner(request: HttpRequest, jeton: str) -> HttpResponse:
    """The question, then thanks. The link opens nothing else: it says the number and no more."""
    enquete = enquetes.retrouver(jeton)
    if enquete is None:
        return render(request, "portal/avis/perime.html", status=404)
    formulaire = AvisForm(request.POST if request.method == "POST" else None)
    statut = 200
    if request.method == "POST" and enquete.repondue_le is None:
        if formulaire.is_valid():
            try:
                with en_francais():
                    actions.donner_un_avis(
                        enquete.demande,
                        auteur=Auteur.porteur_du_lien(enquete.demande),
                        note=int(formulaire.cleaned_data["note"]),
                        commentaire=formulaire.cleaned_data["commentaire"],
                    )
                messages.success(request, _("Merci, votre avis est bien arrivé."))
                return redirect("donner_un_avis", jeton)
            except ErreurMetier as erreur:
                formulaire.add_error(None, _(str(erreur)))
        statut = 422
    contexte = {"enquete": enquete, "demande": enquete.demande, "formulaire": formulaire}
    return render(request, "portal/avis/avis.html", contexte, status=statut)
