"""« À rappeler »: the calls promised and the calls missed, the most overdue first."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from demandes.actions import appels_a_rendre
from demandes.actions.contacts import accueil_pour, accueils_de
from demandes.models import Demande, RappelTelephonique
from demandes.views.acces import auteur_de, demande_connue_ou_404, perimetre_de
from demandes.views.accueil import reserve_a_l_accueil
from guichet.canaux.canal import Canal
from guichet.socle.erreurs import ErreurMetier
from usagers.fusion import gardee_de
from usagers.models import Usager

PAR_PAGE = 50
VUES = {"": RappelTelephonique.Origine.PREVU, "manques": RappelTelephonique.Origine.MANQUE}
TITRES = {"": "Rappels prévus", "manques": "Appels manqués"}
VIDES = {
    "": "Les rappels promis à quelqu'un s'affichent ici, les plus en retard d'abord.",
    "manques": "Les appels que personne n'a pris s'affichent ici, une fois par numéro.",
}


class RappelForm(forms.Form):
    """Whom to call, and when they were told it would be."""

    use_required_attribute = False

    numero = forms.CharField(
        label="Numéro", max_length=40, error_messages={"required": "Indiquez le numéro à rappeler."}
    )
    jour = forms.DateField(
        label="Jour",
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"required": "Choisissez le jour.", "invalid": "Choisissez le jour."},
    )
    creneau = forms.ChoiceField(
        label="Moment",
        choices=[(code, libelle) for code, (libelle, _, _) in appels_a_rendre.CRENEAUX.items()],
    )
    note = forms.CharField(label="Pourquoi", max_length=300, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@reserve_a_l_accueil
def a_rappeler(request: HttpRequest) -> HttpResponse:
    """The two lists; a POST promises one more call."""
    demande = demande_dite(request)
    usager = interlocuteur_de(demande) if demande else usager_dit(request)
    if request.method != "POST":
        numero = usager.toutes_les_coordonnees if usager else ()
        premier = next((c for c in numero if c.genre == "telephone"), "")
        jour = appels_a_rendre.prochain_jour().isoformat()
        return montrer(request, RappelForm(initial={"numero": premier, "jour": jour}), usager, demande)
    form = RappelForm(request.POST)
    if form.is_valid():
        accueil = accueil_pour(accueils_de(auteur_de(request)), Canal.TELEPHONE)
        try:
            appels_a_rendre.prevoir(
                par=request.user,
                usager=usager,
                demande=demande,
                point_accueil=accueil,
                **form.cleaned_data,
            )
        except ErreurMetier as erreur:
            champ = getattr(erreur, "champ", None)
            form.add_error(champ if champ in form.fields else None, str(erreur))
        else:
            messages.success(request, "Le rappel est prévu.")
            return redirect("agent_demande", demande.numero) if demande else redirect("agent_a_rappeler")
    return montrer(request, form, usager, demande, status=422)


def montrer(
    request: HttpRequest,
    form: RappelForm,
    usager: Usager | None,
    demande: Demande | None,
    *,
    status: int = 200,
) -> HttpResponse:
    vue = request.GET.get("vue", "")
    if vue not in VUES:
        raise Http404
    visibles = RappelTelephonique.objects.visibles_par(perimetre_de(request))
    a_faire = apres(visibles.a_faire(VUES[vue]), request.GET.get("apres", ""))
    lignes = list(a_faire.select_related("usager", "demande")[: PAR_PAGE + 1])
    suivante = f"?vue={vue}&apres={lignes[PAR_PAGE - 1].pk}" if len(lignes) > PAR_PAGE else ""
    contexte: dict[str, Any] = {
        "vue": vue,
        "titre": TITRES[vue],
        "vide": VIDES[vue],
        "lignes": lignes[:PAR_PAGE],
        "url_suivante": suivante,
        "form": form,
        "usager": usager,
        "demande": demande,
        "onglets": [
            {
                "libelle": titre,
                "url": f"?vue={code}" if code else "?",
                "actif": code == vue,
                "compte": visibles.a_faire(VUES[code]).count(),
            }
            for code, titre in TITRES.items()
        ],
    }
    return render(request, "demandes/accueil/a_rappeler.html", contexte, status=status)


def apres(rappels: QuerySet[RappelTelephonique], pk: str) -> QuerySet[RappelTelephonique]:
    """Those that come after this one in their order, made or not since."""
    if not (pk.isdecimal() and len(pk) < 19):
        return rappels
    au = RappelTelephonique.objects.filter(pk=int(pk)).values_list("au", flat=True).first()
    return rappels.filter(Q(au__gt=au) | Q(au=au, pk__gt=int(pk))) if au else rappels


def demande_dite(request: HttpRequest) -> Demande | None:
    """The demande the call is about, when its words may be read: what they tell is said on the phone."""
    numero = request.POST.get("demande") or request.GET.get("demande") or ""
    if not numero:
        return None
    demande, est_lisible = demande_connue_ou_404(request, numero[:40])
    if not est_lisible:
        raise Http404
    return demande


def interlocuteur_de(demande: Demande) -> Usager | None:
    """Whom the city speaks with: the go-between who asked for the answer, else the person themselves."""
    lien = getattr(demande, "intermediaire", None)
    return lien.usager if lien and lien.recoit_la_reponse else demande.usager


def usager_dit(request: HttpRequest) -> Usager | None:
    pk = request.POST.get("usager") or request.GET.get("usager") or ""
    if not pk:
        return None
    return get_object_or_404(Usager, pk=gardee_de(int(pk) if pk.isdigit() and len(pk) < 18 else 0))


@require_POST
@reserve_a_l_accueil
def noter(request: HttpRequest, pk: int) -> HttpResponse:
    """Reached, or not: the call stays to make."""
    visibles = RappelTelephonique.objects.visibles_par(perimetre_de(request))
    rappel = get_object_or_404(visibles, pk=pk)
    est_joint = request.POST.get("resultat") == "joint"
    try:
        appels_a_rendre.noter(rappel, auteur=auteur_de(request), est_joint=est_joint)
        messages.success(
            request, "C'est noté." if est_joint else "L'essai est noté : ce rappel reste à faire."
        )
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    suite = redirect("agent_a_rappeler")
    if rappel.origine == RappelTelephonique.Origine.MANQUE:
        suite["Location"] += "?vue=manques"
    return suite
