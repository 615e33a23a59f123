"""Administration › Modèles de réponse: the texts agents start from. One is retired, never deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from demandes import modeles
from demandes.administration.champs_de_saisie import Long
from demandes.models import Demande, ModeleReponse, TypeDemande
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import chercher, lire_filtres, paginer
from guichet.organisation.administration.saisie import Texte
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Direction, PointAccueil
from guichet.socle.erreurs import DonneeInvalide
from usagers.models import Usager

CODE = "modeles"
LONGUEUR_DU_TEXTE = 20_000
# The gestures whose screen offers templates, in the order of a demande's life.
OFFERTS = {
    "repondre_immediatement": "Répondre tout de suite",
    "demander_complement": "Demander un complément",
    "ecrire_a_l_usager": "Écrire à l'usager",
    "repondre": "Répondre",
    "rejeter": "Rejeter",
}
# Those for which the reference files bring texts that no screen offers yet.
AUTRES = {
    "orienter": "Orienter",
    "recevoir_complement": "Recevoir un complément",
    "reprendre_sans_complement": "Reprendre sans le complément",
    "planifier": "Planifier",
    "attendre_un_tiers": "Attendre un tiers",
    "transmettre": "Transmettre à un organisme",
    "retour_externe": "Enregistrer le retour de l'organisme",
    "fusionner": "Regrouper",
    "defusionner": "Séparer",
    "classer_sans_suite": "Classer sans suite",
    "annuler": "Annuler",
    "clore": "Clore",
    "rouvrir": "Rouvrir",
    "retablir": "Rétablir",
}
GESTES = OFFERTS | AUTRES
# Among the codes of types, which are in capitals.
POUR_TOUTES = "toutes"


class ModeleForm(forms.Form):
    """A template. Its gesture is chosen once; the variables of its text are checked by name."""

    use_required_attribute = False

    geste = forms.ChoiceField(label="Geste", choices=list(OFFERTS.items()))
    type = forms.ChoiceField(
        label="Démarche",
        required=False,
        help_text="Pour une seule démarche, il est proposé avant les autres.",
    )
    titre = Texte("Titre", 150, error_messages={"required": "Donnez un titre : l'agent choisit par lui."})
    texte = Long(
        "Texte",
        LONGUEUR_DU_TEXTE,
        rows=14,
        error_messages={"required": "Écrivez le texte."},
        help_text="Entre accolades, ce qui se remplit seul : {{ usager.nom }}.",
    )
    est_actif = forms.BooleanField(
        label="Proposé aux agents",
        required=False,
        initial=True,
        help_text="Décoché, il n'est plus proposé ; les messages déjà envoyés ne changent pas.",
    )

    def __init__(self, *args: Any, modele: ModeleReponse | None = None, **options: Any) -> None:
        if modele:
            options["initial"] = {nom: getattr(modele, nom) for nom in ("titre", "texte", "est_actif")} | {
                "type": str(modele.type_id or "")
            }
        super().__init__(*args, **options)
        types = TypeDemande.objects.select_related("direction").order_by("libelle", "code")
        self.types = {str(type.pk): type for type in types}
        self.fields["type"].choices = [  # type: ignore[attr-defined]
            ("", "Toutes les démarches"),
            *((cle, f"{type} ({type.code})") for cle, type in self.types.items()),
        ]
        if modele:
            del self.fields["geste"]

    def clean_type(self) -> TypeDemande | None:
        return self.types.get(self.cleaned_data["type"])

    def clean_texte(self) -> str:
        texte = self.cleaned_data["texte"]
        if fautes := modeles.inconnues(texte):
            noms = ", ".join(f"« {nom} »" for nom in fautes)
            raise forms.ValidationError(
                f"Rien ne sait remplir {noms}. Prenez un nom de la liste « Ce qui se remplit seul ».",
                code="invalid",
            )
        return str(texte)


class FiltresForm(forms.Form):
    """Every filter may be left empty."""

    use_required_attribute = False

    q = forms.CharField(label="Chercher", required=False, max_length=100)
    geste = forms.ChoiceField(label="Geste", required=False, choices=[("", "Tous"), *GESTES.items()])
    type = forms.ChoiceField(label="Démarche", required=False)
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[("", "Tous"), ("proposes", "Proposés"), ("retires", "Retirés")],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        types = TypeDemande.objects.filter(modeles__isnull=False).distinct().values_list("code", "libelle")
        debut = [("", "Toutes"), (POUR_TOUTES, "Communs à toutes")]
        self.fields["type"].choices = [*debut, *types]  # type: ignore[attr-defined]


@transaction.atomic
def enregistrer(modele: ModeleReponse, valeurs: dict[str, Any], *, par: Compte) -> ModeleReponse:
    """Create a template, or change one. A title names one text for a gesture and a type."""
    est_nouveau = modele.pk is None
    if not est_nouveau:
        modele = ModeleReponse.objects.select_for_update().get(pk=modele.pk)
    avant = {} if est_nouveau else instantane(modele)
    for nom, valeur in valeurs.items():
        setattr(modele, nom, valeur)
    voisins = ModeleReponse.objects.filter(geste=modele.geste, type=modele.type).exclude(pk=modele.pk)
    if voisins.filter(titre__iexact=modele.titre).exists():
        raise DonneeInvalide("Un modèle porte déjà ce titre pour ce geste et cette démarche.", "titre")
    modele.save()
    action = "creation" if est_nouveau else "modification"
    consigner(compte=par, objet=modele, action=action, avant=avant, apres=instantane(modele))
    return modele


def apercu(texte: str, type: TypeDemande | None, agent: Compte) -> str:
    """The text as an agent would find it on a demande that nobody filed."""
    exemple = Demande(
        numero="2026-0001234",
        usager=Usager(prenom="Camille", nom="Exemple"),
        adresse="12 rue des Tisserands",
        type=type,
        direction=type.direction if type else Direction.objects.filter(est_active=True).first(),
        point_accueil=PointAccueil(nom="Mairie"),
        planifiee_pour=timezone.now() + timedelta(days=7),
    )
    return modeles.remplir(texte, modeles.valeurs(exemple, agent))


LISTE = Liste(
    gabarit="demandes/administration/modeles.html",
    section=CODE,
    titre="Modèles de réponse, par titre",
    colonnes=("Titre", "Geste", "Démarche", "État"),
    icone="file-text",
    nouveau="Nouveau modèle",
    url_nouveau="administration_modele_creer",
    vide="Aucun modèle",
    conseil="Écrivez le premier texte dont un agent partira.",
    aucun="Aucun modèle ne correspond",
    tout_voir="Voir tous les modèles",
)


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    """By title: found by word, gesture, type or state."""
    formulaire, filtres = lire_filtres(FiltresForm, request)
    tous = filtrer(ModeleReponse.objects.select_related("type"), filtres)
    page = paginer(tous, request.GET.dict(), ordre=("titre", "pk"))
    lignes = [(m, GESTES.get(m.geste, m.geste), m.geste in OFFERTS) for m in page.lignes]
    return LISTE.rendre(request, page, formulaire=formulaire, lignes=lignes)


def filtrer(modeles: QuerySet[ModeleReponse], filtres: dict[str, Any]) -> QuerySet[ModeleReponse]:
    texte = Concat("titre", Value(" "), "texte", output_field=TextField())
    modeles = chercher(modeles, filtres.get("q", ""), texte)
    if geste := filtres.get("geste"):
        modeles = modeles.filter(geste=geste)
    if type := filtres.get("type"):
        modeles = (
            modeles.filter(type__isnull=True) if type == POUR_TOUTES else modeles.filter(type__code=type)
        )
    etat = filtres.get("etat")
    return modeles.filter(est_actif=etat == "proposes") if etat else modeles


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    return saisir(request, get_object_or_404(ModeleReponse.objects.select_related("type__direction"), pk=pk))


def saisir(request: HttpRequest, modele: ModeleReponse | None) -> HttpResponse:
    """Save the template; « voir » only shows its text filled in."""
    formulaire = ModeleForm(soumis(request), modele=modele)
    rempli = apercu(modele.texte, modele.type, auteur(request)) if modele else ""
    if request.method == "POST":
        rempli = ""
        if request.POST.get("geste_de_page") == "voir":
            if formulaire.is_valid():
                v = formulaire.cleaned_data
                rempli = apercu(v["texte"], v["type"], auteur(request))
        elif fait := tenter(
            formulaire, lambda v: enregistrer(modele or ModeleReponse(), v, par=auteur(request))
        ):
            messages.success(request, f"« {fait} » est enregistré.")
            return redirect("administration_modeles")
    contexte = {
        "formulaire": formulaire,
        "rempli": rempli,
        "variables": modeles.VARIABLES.items(),
        "titre": f"Modifier « {modele} »" if modele else "Nouveau modèle",
        "aide": GESTES.get(modele.geste, modele.geste) if modele else "",
        "retour": reverse("administration_modeles"),
    }
    gabarit = "demandes/administration/modele.html"
    return rendre(request, gabarit, CODE, contexte, status=422 if formulaire.errors else 200)


def compter() -> str:
    nombre = ModeleReponse.objects.filter(est_actif=True).count()
    return f"{nombre} proposé{'s' if nombre > 1 else ''}"


SECTION = Section(
    CODE,
    "Modèles de réponse",
    "file-text",
    "administration_modeles",
    "Les textes dont un agent part pour écrire à l'usager.",
    compter,
)
