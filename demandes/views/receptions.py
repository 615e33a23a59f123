"""What came and made no demande: why, its bytes, and the three ways out (read again, type in, set aside)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import BinaryField, F, Func, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes import reception, reseaux
from demandes.actions import Depot
from demandes.decomptes import rafraichir_les_arrivees
from demandes.models import Demande, Reception
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.saisie_forms import champ_telephone
from guichet.canaux import emetteur
from guichet.canaux.courriel import adresses
from guichet.canaux.courriel.enveloppe import apercu
from guichet.canaux.courriel.octets import decoder_octets
from guichet.socle.erreurs import ErreurMetier
from guichet.socle.texte import nettoyer
from usagers.rapprochement import Identite

PAR_PAGE = 50
# What a page shows of a message, and of one line of it: the whole is downloaded.
MONTRES = 20_000
LIGNE = 400
VUES = {
    "": ("En quarantaine", "Ce qui n'a pas pu être lu s'affiche ici, avec la raison."),
    "sans-demande": (
        "Sans demande",
        "Les réponses automatiques, les courriels revenus et ce qu'un agent a écarté s'affichent ici.",
    ),
}
# The beginning of the bytes: a list does not read fifty mails of twenty megabytes.
DEBUT = Func(F("contenu"), Value(1), Value(16_384), function="substring", output_field=BinaryField())
DEJA = "Un collègue s'en est déjà occupé."


class SaisieForm(forms.Form):
    """What an agent reads in the raw message. The type is chosen afterwards, like for any demande."""

    texte = forms.CharField(
        label="Ce que dit le message",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Recopiez ce que dit le message."},
    )
    prenom = forms.CharField(label="Prénom", required=False, max_length=80)
    nom = forms.CharField(label="Nom", required=False, max_length=120)
    courriel = forms.EmailField(
        label="Adresse électronique",
        required=False,
        help_text="L'accusé de réception y part tout de suite.",
        error_messages={"invalid": "Écrivez l'adresse comme prenom.nom@domaine.fr."},
    )
    telephone = champ_telephone()


class EcarterForm(forms.Form):
    """Why a message asks for nothing."""

    motif = forms.CharField(
        label="Pourquoi",
        max_length=200,
        error_messages={"required": "Dites pourquoi ce message est écarté."},
    )


def visibles(request: HttpRequest) -> QuerySet[Reception]:
    """What this agent may see; an agent of no desk has nothing here."""
    perimetre = perimetre_de(request)
    if not perimetre.est_accueil:
        raise Http404
    return Reception.objects.visibles_par(perimetre)


@require_safe
def arrivees(request: HttpRequest) -> HttpResponse:
    """The two lists, newest first."""
    vue = request.GET.get("vue", "")
    avant = request.GET.get("avant", "")
    if vue not in VUES or (avant and not (avant.isdecimal() and len(avant) < 19)):
        raise Http404
    vues = {"": visibles(request).en_quarantaine(), "sans-demande": visibles(request).sans_demande()}
    lues = vues[vue].filter(pk__lt=int(avant)) if avant else vues[vue]
    lues = lues.defer("contenu").annotate(debut=DEBUT)
    page = list(lues.order_by("-pk")[: PAR_PAGE + 1])
    suivante = page[PAR_PAGE - 1].pk if len(page) > PAR_PAGE else 0
    contexte = {
        "vue": vue,
        "vide": VUES[vue][1],
        "onglets": onglets(request, vue),
        "lignes": [ligne_de(r, bytes(r.debut)) for r in page[:PAR_PAGE]],
        "url_suivante": f"?vue={vue}&avant={suivante}" if suivante else "",
    }
    return render(request, "demandes/receptions/arrivees.html", contexte)


def onglets(request: HttpRequest, actif: str) -> list[dict[str, Any]]:
    """What came and waits for a person, each list with its count; then what waits for nobody."""
    comptes = rafraichir_les_arrivees(perimetre_de(request))
    arrivees, tri = reverse("agent_arrivees"), reverse("agent_a_rapprocher")
    ordre = [(tri, "a-rapprocher", "À rapprocher")]
    ordre += [(f"{arrivees}?vue={c}" if c else arrivees, c, titre) for c, (titre, _) in VUES.items()]
    return [
        {"libelle": titre, "url": url, "actif": code == actif, "compte": comptes.get(code)}
        for url, code, titre in ordre
    ]


def ligne_de(recue: Reception, debut: bytes) -> dict[str, Any]:
    de, objet = apercu(debut) if recue.source == "courriel" else ("", "")
    return {"reception": recue, "de": de, "objet": objet or "Sans objet"}


@require_http_methods(["GET", "HEAD", "POST"])
def arrivee(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, its reason and its bytes; a POST types it in by hand."""
    recue = get_object_or_404(visibles(request), pk=pk)
    if request.method != "POST":
        return montrer(request, recue)
    formulaire = SaisieForm(request.POST)
    if not formulaire.is_valid():
        return montrer(request, recue, formulaire=formulaire, status=422)
    try:
        demande = reception.saisir(pk, depot_de(formulaire.cleaned_data), auteur=auteur_de(request))
    except ErreurMetier as erreur:
        formulaire.add_error(None, str(erreur))
        return montrer(request, recue, formulaire=formulaire, status=422)
    if demande is None:
        messages.error(request, DEJA)
        return redirect("agent_arrivee", pk)
    if not Demande.objects.connues_de(perimetre_de(request)).filter(pk=demande.pk).exists():
        messages.success(request, "Ces mots sont dans une demande de cette personne, d'un secteur réservé.")
        return redirect("agent_arrivees")
    if demande.cle_depot == f"reception:{pk}":
        messages.success(request, f"La demande {demande.numero} est enregistrée : qualifiez-la.")
    else:
        messages.success(request, f"Ces mots sont dans la demande {demande.numero} de cette personne.")
    return redirect("agent_demande", demande.numero)


def montrer(request: HttpRequest, recue: Reception, *, status: int = 200, **formulaires: Any) -> HttpResponse:
    """The page of one, with the forms as they were filled in."""
    contenu = bytes(recue.contenu)
    montre, est_coupe = a_montrer(contenu)
    est_en_quarantaine = recue.etat == Reception.Etat.QUARANTAINE
    contexte = {
        **ligne_de(recue, contenu),
        "est_en_quarantaine": est_en_quarantaine,
        "titre_de_la_saisie": "Le saisir à la main" if est_en_quarantaine else "En faire une demande",
        "est_une_publication": reseaux.vient_d_un_reseau(recue),
        "publication": reseaux.reconnaitre(recue) if recue.se_saisit else None,
        "texte": montre,
        "est_coupe": est_coupe,
        "taille": len(contenu),
        "est_un_courriel": recue.source == "courriel",
        "formulaire": SaisieForm(initial=expediteur_de(recue, contenu)),
        "ecarter": EcarterForm(),
        **formulaires,
    }
    return render(request, "demandes/receptions/arrivee.html", contexte, status=status)


def expediteur_de(recue: Reception, contenu: bytes) -> dict[str, str]:
    """Who it says it is from: the agent checks, and has only the words left to type."""
    if recue.source != "courriel":
        auteur = emetteur.chercher(contenu)
        return {"nom": auteur.nom, "telephone": auteur.telephone}
    de, _ = apercu(contenu)
    expediteur = adresses.premiere(de)
    nom = "" if "@" in expediteur.nom else expediteur.nom
    return {"nom": nom[:120], "courriel": expediteur.courriel}


def a_montrer(contenu: bytes) -> tuple[str, bool]:
    """A message as it came, its endless lines cut: the words after them are seen. And whether it was cut."""
    lignes = nettoyer(decoder_octets(contenu[:1_000_000])).split("\n")
    texte = "\n".join(ligne if len(ligne) <= LIGNE else f"{ligne[:LIGNE]}…" for ligne in lignes)
    est_coupe = len(contenu) > 1_000_000 or len(texte) > MONTRES or any(len(x) > LIGNE for x in lignes)
    return texte[:MONTRES], est_coupe


def depot_de(saisie: dict[str, str]) -> Depot:
    identite = Identite(**{champ: saisie[champ] for champ in ("nom", "prenom", "courriel", "telephone")})
    return Depot(canal="", texte=saisie["texte"], identite=identite, est_anonyme=identite.est_vide)


@require_safe
def brut(request: HttpRequest, pk: int) -> HttpResponse:
    """Its bytes as they came, to keep or to open elsewhere: no browser may run them."""
    recue = get_object_or_404(visibles(request), pk=pk)
    nom = f"arrivee-{recue.pk}.{'eml' if recue.source == 'courriel' else 'txt'}"
    return HttpResponse(
        bytes(recue.contenu),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{nom}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
def relire(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again, once what stopped it is repaired."""
    get_object_or_404(visibles(request), pk=pk)
    relue = reception.relire(pk)
    if relue is None:
        messages.error(request, DEJA)
    elif relue.demande is not None:
        messages.success(request, f"Le message est lu : demande {relue.demande.numero}.")
        return redirect("agent_demande", relue.demande.numero)
    elif relue.etat == Reception.Etat.QUARANTAINE:
        messages.error(request, f"Toujours illisible. {relue.motif}")
    else:
        messages.success(request, "Le message est lu, ou va l'être dans la minute.")
    return redirect("agent_arrivee", pk)


@require_POST
def ecarter(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing to do with it, for a reason that stays written."""
    recue = get_object_or_404(visibles(request), pk=pk)
    formulaire = EcarterForm(request.POST)
    if not formulaire.is_valid():
        return montrer(request, recue, ecarter=formulaire, status=422)
    if reception.ecarter(pk, auteur=auteur_de(request), motif=formulaire.cleaned_data["motif"]):
        messages.success(request, "Le message est écarté. Il reste lisible dans « Sans demande ».")
    else:
        messages.error(request, DEJA)
    return redirect("agent_arrivees")
