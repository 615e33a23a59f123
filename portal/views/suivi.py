"""Following a demande: by its link, by number and code, or from one's account. One page, three rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes import actions, dossier, recu, suivi
from demandes.droits import Auteur
from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.pieces.depot import deposer as garder_la_piece
from guichet.pieces.depot import effacer
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Conflit, ErreurMetier
from guichet.socle.langues import en_francais
from portal.acces import SEL_DE_SUITE, compte_requis, habitant, page_privee, page_trop_souvent, trop_souvent
from portal.formulaires.suivi import MessageForm, RechercheSuiviForm, ReouvertureForm

ESSAIS_PAR_ADRESSE = 60
ESSAIS_PAR_NUMERO = 10
INCONNUE = _("Ce numéro et ce code ne vont pas ensemble. Vérifiez-les sur votre accusé de réception.")
TROP_D_ESSAIS = _(
    "Trop d'essais ont été faits. Attendez un quart d'heure, ou utilisez le lien reçu par courriel."
)
CHANGEE = _(
    "Votre demande a avancé pendant que vous lisiez cette page. Votre texte est conservé : regardez où elle "
    "en est, puis recommencez."
)
LIENS_PAR_HEURE = timedelta(hours=1)

FAIT = {
    "recevoir_complement": _("Merci : votre complément est bien arrivé, l'agent est prévenu."),
    "ecrire_a_la_ville": _("Votre message est bien arrivé."),
    "annuler": _("Votre demande est annulée."),
    "clore": _("Merci. Votre demande est clôturée."),
    "rouvrir": _("Votre demande est rouverte, le service est prévenu."),
}


# -- finding it ----------------------------------------------------------------------------------------


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def chercher(request: HttpRequest) -> HttpResponse:
    """Number and code. An unknown number and a wrong code read the same, and tries are counted."""
    if request.method != "POST":
        return render(request, "portal/suivi/chercher.html", {"formulaire": RechercheSuiviForm()})
    formulaire = RechercheSuiviForm(request.POST)
    if formulaire.is_valid():
        numero = "".join(formulaire.cleaned_data["numero"].split())
        limites = {"": ESSAIS_PAR_ADRESSE, numero: ESSAIS_PAR_NUMERO}
        if trop_souvent(request, "suivi", limites):
            return page_trop_souvent(request, TROP_D_ESSAIS)
        demande = suivi.trouver_par_code(numero, formulaire.cleaned_data["code"])
        if demande is not None:
            connues = dict(list(request.session.get("suivi_par_code", {}).items())[-19:])
            request.session["suivi_par_code"] = connues | {demande.numero: demande.pk}
            return redirect("suivi_par_code", demande.numero)
        formulaire.add_error(None, INCONNUE)
    return render(request, "portal/suivi/chercher.html", {"formulaire": formulaire}, status=422)


def demande_par_code(request: HttpRequest, numero: str) -> Any:
    """The demande whose code was typed in this session, or None."""
    pk = request.session.get("suivi_par_code", {}).get(numero)
    return dossier.retrouver(pk) if pk else None


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def par_code(request: HttpRequest, numero: str) -> HttpResponse:
    """State, timeline, and room to add; no personal data (fiabilite.md S13)."""
    demande = demande_par_code(request, numero)
    if demande is None:
        return redirect("suivi")
    return page(request, demande, Auteur.porteur_du_code(demande), reverse("suivi_par_code", args=[numero]))


@login_not_required
@page_privee
@require_POST
def demander_le_lien(request: HttpRequest, numero: str) -> HttpResponse:
    """Send the full link to the address the city knows, once an hour; the answer tells nothing of it."""
    demande = demande_par_code(request, numero)
    if demande is None:
        return redirect("suivi")
    if courriel := suivi.courriel_de_reponse(demande):
        envoyer_le_lien(demande, courriel)
    messages.success(
        request,
        _(
            "Si vous avez laissé une adresse électronique, le lien part tout de suite. Regardez aussi dans "
            "les courriers indésirables."
        ),
    )
    return redirect("suivi_par_code", numero)


def envoyer_le_lien(demande: Any, courriel: str) -> None:
    corps = render_to_string(
        "portal/courriels/lien.txt",
        {
            "numero": demande.numero,
            "lien": settings.GUICHET_ADRESSE + suivi.chemin_de_suivi(demande),
            "ville": ville.lire(),
        },
    )
    heure = int(timezone.now().timestamp() // LIENS_PAR_HEURE.total_seconds())
    with transaction.atomic():
        boite.deposer(
            canal=Canal.COURRIEL,
            destinataire=courriel,
            objet=_("Le lien de votre demande {numero}").format(numero=demande.numero),
            corps=corps.strip(),
            nature=Envoi.Nature.AVIS,
            reference=f"demande:{demande.numero}",
            cle=f"lien:{demande.numero}:{heure}",
            langue=get_language(),
        )


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def par_lien(request: HttpRequest, numero: str, jeton: str) -> HttpResponse:
    """The whole demande for whoever holds its link."""
    demande = suivi.trouver_par_lien(numero, jeton)
    if demande is None:
        raise Http404
    suivies = request.session.get("demandes_suivies", [])
    if demande.pk not in suivies:
        request.session["demandes_suivies"] = [*suivies, demande.pk][-50:]
    return page(request, demande, Auteur.porteur_du_lien(demande), suivi.chemin_de_suivi(demande))


@compte_requis
@require_http_methods(["GET", "HEAD", "POST"])
def ma_demande(request: HttpRequest, numero: str) -> HttpResponse:
    """The same page from one's account; somebody else's demande is a 404."""
    usager = habitant(request)
    assert usager is not None
    demande = dossier.une_demande_de(usager, numero)
    if demande is None:
        raise Http404
    return page(request, demande, Auteur.habitant(usager), reverse("ma_demande", args=[numero]))


@login_not_required
@page_privee
@require_safe
def recu_pdf(request: HttpRequest, numero: str, jeton: str) -> HttpResponse:
    """The acknowledgement as a tagged PDF, for whoever holds the link."""
    demande = suivi.trouver_par_lien(numero, jeton)
    if demande is None:
        raise Http404
    nom = f"accuse-{demande.numero}.pdf"
    return HttpResponse(
        recu.recu_pdf(demande),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{nom}"', "X-Content-Type-Options": "nosniff"},
    )


# -- the page and its gestures -------------------------------------------------------------------------


def page(request: HttpRequest, demande: Any, auteur: Auteur, adresse: str) -> HttpResponse:
    """Show a demande, or make one gesture on it then come back; what was typed survives a refusal."""
    vue = dossier.Dossier(demande, auteur)
    formulaires = formulaires_de(vue)
    if request.method != "POST":
        return afficher(request, vue, formulaires)
    geste = request.POST.get("geste", "")
    if geste not in GESTES or geste not in vue.gestes:
        messages.error(request, _("Cette action n'est plus possible : la demande a avancé."))
        return redirect(adresse)
    formulaire = GESTES[geste](request, vue)
    if not formulaire.is_valid():
        return afficher(request, vue, formulaires | {geste: formulaire}, status=422)
    pieces: list[Piece] = []
    try:
        pieces = garder(formulaire.cleaned_data.get("fichiers") or ())
        with en_francais():
            faire(geste, demande, auteur, formulaire.cleaned_data, tuple(pieces))
    except ErreurMetier as erreur:
        with transaction.atomic():
            effacer(pieces)
        return refuser(request, vue, geste, formulaire, erreur)
    messages.success(request, FAIT[geste])
    return redirect(adresse)


def refuser(
    request: HttpRequest, vue: dossier.Dossier, geste: str, formulaire: forms.Form, erreur: ErreurMetier
) -> HttpResponse:
    """Say why, beside what was typed; after a conflict the form carries the new version."""
    est_un_conflit = isinstance(erreur, Conflit)
    # The door's own sentence names the agent who acted: that is for colleagues.
    formulaire.add_error(None, CHANGEE if est_un_conflit else _(str(erreur)))
    if est_un_conflit:
        vue = dossier.Dossier(dossier.retrouver(vue.demande.pk), vue.auteur)
        formulaire.data = formulaire.data.copy()
        formulaire.data["version"] = vue.demande.version
    formulaires = formulaires_de(vue) | {geste: formulaire}
    return afficher(request, vue, formulaires, status=409 if est_un_conflit else 422)


def garder(fichiers: Any) -> list[Piece]:
    """Keep every file or none. Raises ErreurPiece."""
    pieces: list[Piece] = []
    try:
        for fichier in fichiers:
            pieces.append(garder_la_piece(fichier))
    except ErreurMetier:
        with transaction.atomic():
            effacer(pieces)
        raise
    return pieces


def faire(
    geste: str, demande: Any, auteur: Auteur, donnees: dict[str, Any], pieces: tuple[Piece, ...]
) -> None:
    """Go through the one door."""
    version = donnees.get("version")
    if geste == "recevoir_complement":
        actions.recevoir_complement(
            demande,
            auteur=auteur,
            texte=donnees["texte"],
            pieces=pieces,
            canal=Canal.PORTAIL,
            version=version,
        )
    elif geste == "ecrire_a_la_ville":
        # A message is welcome whatever happened meanwhile: no version to be stale.
        actions.ecrire_a_la_ville(
            demande,
            auteur=auteur,
            texte=donnees["texte"],
            pieces=pieces,
            canal=Canal.PORTAIL,
            cle=donnees["cle"],
        )
    elif geste == "annuler":
        actions.annuler(demande, auteur=auteur, motif="usager", version=version)
    elif geste == "clore":
        actions.clore(demande, auteur=auteur, version=version)
    elif geste == "rouvrir":
        actions.rouvrir(
            demande,
            auteur=auteur,
            motif=donnees["motif"],
            commentaire=donnees["commentaire"],
            version=version,
        )


def afficher(
    request: HttpRequest, vue: dossier.Dossier, formulaires: dict[str, forms.Form], status: int = 200
) -> HttpResponse:
    contexte = {
        "vue": vue,
        "demande": vue.demande,
        "complement": formulaires.get("recevoir_complement"),
        "message_ville": formulaires.get("ecrire_a_la_ville"),
        "annulation": formulaires.get("annuler"),
        "cloture": formulaires.get("clore"),
        "reouverture": formulaires.get("rouvrir"),
        "est_refuse": status >= 400,
        "suite": signing.dumps(vue.demande.pk, salt=SEL_DE_SUITE) if vue.peut_avoir_une_suite else "",
        "adresse_pdf": ""
        if vue.est_par_code
        else reverse("recu_pdf", args=[vue.demande.numero, vue.demande.jeton_suivi]),
    }
    return render(request, "portal/suivi/demande.html", contexte, status=status)


def formulaires_de(vue: dossier.Dossier) -> dict[str, forms.Form]:
    """An empty form for each gesture allowed now."""
    return {geste: GESTES[geste](None, vue) for geste in GESTES if geste in vue.gestes}


class VersionForm(forms.Form):
    """A gesture without words: only what the person had before them."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _options(request: HttpRequest | None, vue: dossier.Dossier, geste: str) -> dict[str, Any]:
    return {
        "data": request.POST if request else None,
        "files": request.FILES if request else None,
        "initial": {"version": vue.demande.version},
        "auto_id": f"{geste}-%s",
    }


def _message(geste: str) -> Callable[[HttpRequest | None, dossier.Dossier], forms.Form]:
    return lambda request, vue: MessageForm(**_options(request, vue, geste))


def _sans_texte(geste: str) -> Callable[[HttpRequest | None, dossier.Dossier], forms.Form]:
    return lambda request, vue: VersionForm(**_options(request, vue, geste))


GESTES: dict[str, Callable[[HttpRequest | None, dossier.Dossier], forms.Form]] = {
    "recevoir_complement": _message("recevoir_complement"),
    "ecrire_a_la_ville": _message("ecrire_a_la_ville"),
    "annuler": _sans_texte("annuler"),
    "clore": _sans_texte("clore"),
    "rouvrir": lambda request, vue: ReouvertureForm(
        motifs=dossier.motifs_de_reouverture(), **_options(request, vue, "rouvrir")
    ),
}
