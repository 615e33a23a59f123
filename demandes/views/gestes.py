"""Any gesture: GET shows its form, POST makes it; what was typed is never lost."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from demandes import actions, doublons, ecrits, modeles
from demandes.actions.porte import verifier_droit
from demandes.destinataire import annonce, destinataire_de
from demandes.formulaires_gestes import ECRANS, EcranGeste, Moment, libelle
from demandes.formulaires_gestes.base import AvecTexteAUsager, FormulaireGeste
from demandes.models import Demande, EcritEnCours, Fiche
from demandes.views.acces import auteur_de, demande_connue_ou_404, est_reservee, perimetre_de
from demandes.views.suggestion import comme_si, suggestion_de
from demandes.views.suites import ouvrir, suite_de
from guichet.socle.erreurs import Conflit, ErreurMetier

NUMERO = 12
DOUBLONS = 3
SANS_AIDE: dict = {"suggestion": None, "doublons": []}
# Their mail has no text to read over: the page says who receives it.
ANNONCES = ("fusionner", "defusionner")
# The name the composer gives to each mode's draft on the device.
BROUILLONS = {"usager": "ecrire_a_l_usager", "interne": "ajouter_une_note", "confidentiel": "confidentielle"}
# After these, the next thing to do is known.
SUITES = dict.fromkeys(("qualifier", "requalifier"), "orienter")


@require_http_methods(["GET", "HEAD", "POST"])
def geste(request: HttpRequest, numero: str, geste: str) -> HttpResponse:
    """Make a gesture on a demande, or ask what it needs."""
    ecran = ecran_ou_404(geste)
    if request.method != "POST":
        demande, _ = demande_connue_ou_404(request, numero)
        verifier_droit(demande, geste, auteur_de(request))
        # The other demande, when the gesture is asked from beside it.
        autre = request.GET.get("autre", "")[:NUMERO]
        autre = autre if autre.isprintable() else ""
        return afficher(request, formulaire_vierge(request, ecran, demande, geste, {"numero": autre}))
    try:
        demande, _ = demande_connue_ou_404(request, numero)
    except Http404:
        return rendre_le_texte(
            request, "Cette demande n'existe pas, ou n'est plus dans votre périmètre.", 404
        )
    formulaire = formulaire_recu(request, ecran, demande, geste)
    if "preparer" in request.POST:
        return afficher(request, prepare(request, ecran, formulaire))
    try:
        if formulaire.is_valid():
            resultat = faire(formulaire)
            nouvelles = resultat if isinstance(resultat, list) else []
            return reussite(request, ecran, formulaire, nouvelles)
    except Conflit as conflit:
        return afficher_le_conflit(request, ecran, formulaire, conflit)
    except ErreurMetier as erreur:
        formulaire.signaler(erreur)
    return afficher(request, formulaire, statut=422)


def ecran_ou_404(geste: str) -> EcranGeste:
    if geste not in ECRANS:
        raise Http404("Ce geste n'existe pas.")
    return ECRANS[geste]


def faire(formulaire: FormulaireGeste) -> Demande | list[Demande]:
    """Open the one door with what the form holds."""
    action = getattr(actions, formulaire.geste)
    return action(
        formulaire.demande,
        auteur=formulaire.auteur,
        version=formulaire.cleaned_data["version"],
        **formulaire.arguments(),
    )


# -- forms -----------------------------------------------------------------------------------------------


def formulaire_vierge(
    request: HttpRequest, ecran: EcranGeste, demande: Demande, geste: str, initial: dict | None = None
) -> FormulaireGeste:
    return ecran.formulaire(geste=geste, demande=demande, auteur=auteur_de(request), initial=initial)


def formulaire_recu(request: HttpRequest, ecran: EcranGeste, demande: Demande, geste: str) -> FormulaireGeste:
    return ecran.formulaire(
        request.POST, request.FILES, geste=geste, demande=demande, auteur=auteur_de(request)
    )


def prepare(request: HttpRequest, ecran: EcranGeste, recu: FormulaireGeste) -> FormulaireGeste:
    """The same form, nothing sent: what was typed so far, plus the template or the fiche just chosen."""
    recu.is_valid()  # keeps the files
    saisi = {
        nom: champ.widget.value_from_datadict(recu.data, recu.files, nom)
        for nom, champ in recu.fields.items()
        if nom in recu.data and nom != "pieces"
    }
    saisi["preparer"] = request.POST["preparer"]
    saisi["texte"] = inserer(saisi.get("texte", ""), texte_choisi(request, recu))
    formulaire = formulaire_vierge(request, ecran, recu.demande, recu.geste, saisi)
    formulaire.pieces_gardees = recu.pieces_gardees
    return formulaire


def texte_choisi(request: HttpRequest, recu: FormulaireGeste) -> str:
    """The template or the fiche whose button was pressed, or nothing."""
    choix, _, cle = request.POST["preparer"].partition(":")
    if choix == "modele":
        proposes = modeles.proposes(recu.demande, request.user, modeles_de(recu))
        return next((texte for modele, texte in proposes if str(modele.pk) == cle), "")
    if choix == "fiche":
        return next((fiche.reponse for fiche in fiches_de(recu.demande) if fiche.code == cle), "")
    return ""


def inserer(texte: str, ajout: str) -> str:
    """Add after what is written, never over it."""
    return "\n\n".join(filter(None, [texte.strip(), ajout])) if ajout not in texte else texte


def modeles_de(formulaire: FormulaireGeste) -> str:
    return formulaire.modeles_de if isinstance(formulaire, AvecTexteAUsager) else ""


def fiches_de(demande: Demande) -> list[Fiche]:
    return list(demande.type.fiches.filter(est_active=True)) if demande.type else []


def aides(request: HttpRequest, demande: Demande, source: str) -> dict:
    """Templates and fiches beside the form, each with the value its button sends."""
    proposes = modeles.proposes(demande, request.user, source)
    return {
        "modeles": [(modele.titre, texte, f"modele:{modele.pk}") for modele, texte in proposes],
        "fiches": [(fiche, f"fiche:{fiche.code}") for fiche in fiches_de(demande)],
    }


def aides_a_la_qualification(request: HttpRequest, demande: Demande, contenu_visible: bool) -> dict:
    """What the text seems to ask, and the open demandes that may be the same."""
    if not contenu_visible:
        return SANS_AIDE
    suggestion = suggestion_de(demande, contenu_visible=contenu_visible)
    proches = doublons.chercher(comme_si(demande, suggestion), perimetre_de(request), DOUBLONS)
    return {"suggestion": suggestion, "doublons": proches}


# -- answers ---------------------------------------------------------------------------------------------


def afficher(
    request: HttpRequest, formulaire: FormulaireGeste, *, statut: int = 200, **contexte: object
) -> HttpResponse:
    """The page of a gesture, beside what was said last."""
    demande = formulaire.demande
    contenu_visible = Demande.objects.visibles_par(perimetre_de(request)).filter(pk=demande.pk).exists()
    source = modeles_de(formulaire)
    suite = suite_de(request)
    est_qualification = formulaire.geste == "qualifier"
    contexte = {
        "demande": demande,
        "suite": suite,
        # Who gives up comes back where they were.
        "retour": ouvrir(suite, demande.numero) if suite else reverse("agent_demande", args=[demande.numero]),
        "contenu_visible": contenu_visible,
        "formulaire": formulaire,
        "ecran": ECRANS[formulaire.geste],
        "libelle": libelle(formulaire.geste, demande),
        "est_permis": True,
        "est_reservee": est_reservee(demande),
        "destinataire": destinataire_de(demande, contenu_visible=contenu_visible, geste=formulaire.geste)
        if source
        else None,
        "avis": annonce(demande, contenu_visible=contenu_visible) if formulaire.geste in ANNONCES else "",
        **(aides(request, demande, source) if source and contenu_visible else {}),
        **(aides_a_la_qualification(request, demande, contenu_visible) if est_qualification else SANS_AIDE),
        "derniers": list(demande.messages.order_by("-cree_le", "-pk")[:3]) if contenu_visible else [],
        **contexte,
    }
    return render(request, "demandes/demande/geste.html", contexte, status=statut)


def afficher_le_conflit(
    request: HttpRequest, ecran: EcranGeste, recu: FormulaireGeste, conflit: Conflit
) -> HttpResponse:
    """Somebody was faster: say who did what, keep every word, and offer to confirm on the fresh version."""
    try:
        demande, _ = demande_connue_ou_404(request, recu.demande.numero)
    except Http404:
        return rendre_le_texte(request, str(conflit), 409)
    donnees = request.POST.copy()
    donnees["version"] = str(demande.version)
    donnees.setlist("pieces_gardees", [str(piece.pk) for piece in recu.pieces_gardees])
    formulaire = ecran.formulaire(donnees, geste=recu.geste, demande=demande, auteur=recu.auteur)
    formulaire.is_valid()
    est_permis = recu.geste in Moment.de(demande, recu.auteur).gestes()
    return afficher(request, formulaire, statut=409, conflit=str(conflit), est_permis=est_permis)


def rendre_le_texte(request: HttpRequest, phrase: str, statut: int) -> HttpResponse:
    """The demande is out of reach: say so, and give back what was typed. It tells nothing else."""
    textes = [
        valeur for nom, valeur in request.POST.items() if nom.startswith(("texte", "commentaire")) and valeur
    ]
    return render(
        request, "demandes/demande/hors_de_vue.html", {"phrase": phrase, "textes": textes}, status=statut
    )


def reussite(
    request: HttpRequest, ecran: EcranGeste, formulaire: FormulaireGeste, nouvelles: list[Demande]
) -> HttpResponse:
    """Back to the demande, to what follows, or to the queue when it is out of sight."""
    demande = formulaire.demande
    mode = ecrits.mode_du_geste(
        formulaire.geste, est_confidentielle=formulaire.cleaned_data.get("est_confidentielle", False)
    )
    if mode:
        ecrits.oublier(demande, request.user, mode)
    # The drafts kept on the device are not needed any more: the next page says which.
    cles = dict.fromkeys(filter(None, (BROUILLONS.get(mode), formulaire.geste)))
    if mode == EcritEnCours.Mode.CONFIDENTIEL:
        cles.pop("ajouter_une_note")
    brouillon = " ".join(f"{cle}-texte-{demande.numero}" for cle in cles)
    # In a list, one says which.
    fait = f"{demande.numero} : {ecran.fait}" if suite_de(request) else ecran.fait
    if nouvelles:
        contexte = {"fait": fait, "nouvelles": nouvelles, "est_accueil": perimetre_de(request).est_accueil}
        fait = render_to_string("demandes/demande/_nouvelles.html", contexte)
    messages.success(request, fait, extra_tags=brouillon)
    reponse = redirect(adresse_de_la_suite(request, formulaire))
    reponse.status_code = 303
    return reponse


def adresse_de_la_suite(request: HttpRequest, formulaire: FormulaireGeste) -> str:
    if suite := formulaire.suite or suite_de(request):
        return suite
    connues = Demande.objects.connues_de(perimetre_de(request))
    fraiche = connues.filter(pk=formulaire.demande.pk).premiere_pour_fil()
    if fraiche is None:
        return reverse("agent_corbeille")
    suivant = SUITES.get(formulaire.geste, "")
    if suivant in Moment.de(fraiche, formulaire.auteur).gestes():
        return reverse("agent_geste", args=[fraiche.numero, suivant])
    return reverse("agent_demande", args=[fraiche.numero])
