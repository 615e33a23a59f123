"""Paper mail: drop what was scanned, see where each page went, mend it, and share the letters out."""

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes.actions.contacts import accueil_pour, accueils_de
from demandes.courrier import corrections, images, separateur
from demandes.courrier import saisie as lettres
from demandes.courrier.arrivee import Bilan, cle_de_tri, deposer
from demandes.models import FichierNumerise, LettreRecue, LotDeCourrier, PageNumerisee
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.accueil import reserve_a_l_accueil
from demandes.views.courrier_forms import DateForm, DepotForm
from guichet.canaux.canal import Canal
from guichet.canaux.courrier.lecture import est_possible
from guichet.organisation.models import PointAccueil
from guichet.socle.erreurs import DonneeInvalide, ErreurMetier

PAR_PAGE = 50
PAGES_MONTREES = 120
VUES = {
    "": ("À saisir", "Les lettres numérisées s'affichent ici, les recommandés d'abord."),
    "lots": ("Lots", "Ce qui a été numérisé s'affiche ici, fichier par fichier."),
    "ecartees": ("Écartées", "Les lettres qui ne demandent rien s'affichent ici, avec la raison."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@reserve_a_l_accueil
def courrier(request: HttpRequest) -> HttpResponse:
    """What waits, and the form that takes files in."""
    accueils = accueils_du_courrier(request)
    if request.method != "POST":
        return montrer(request, DepotForm(accueils=accueils))
    form = DepotForm(request.POST, request.FILES, accueils=accueils)
    if form.is_valid():
        d = form.cleaned_data
        fichiers = sorted(d["fichiers"], key=lambda fichier: cle_de_tri(fichier.name or ""))
        try:
            bilan = deposer(
                ((fichier.name or "", fichier.read()) for fichier in fichiers),
                point_accueil=d["point_accueil"],
                recu_le=d["recu_le"],
                coupe=d["coupe"],
                est_recto_verso=d["est_recto_verso"],
                sont_recommandees=d["sont_recommandees"],
                depose_par=request.user,
            )
        except DonneeInvalide as erreur:
            form.add_error(erreur.champ if erreur.champ in form.fields else None, str(erreur))
        else:
            return apres_le_depot(request, bilan)
    return montrer(request, form, status=422)


def accueils_du_courrier(request: HttpRequest) -> list[PointAccueil]:
    """The agent's desks, the one that receives letters first."""
    accueils = accueils_de(auteur_de(request))
    if not accueils:
        raise Http404
    premier = accueil_pour(accueils, Canal.COURRIER)
    return sorted(accueils, key=lambda accueil: accueil != premier)


def apres_le_depot(request: HttpRequest, bilan: Bilan) -> HttpResponse:
    """Say what became of each file: taken, known already, empty."""
    for fichier in bilan.deja:
        qui = f" par {fichier.lot.depose_par}" if fichier.lot.depose_par else ""
        le = timezone.localtime(fichier.lot.depose_le)
        messages.warning(
            request,
            f"« {fichier.nom} » a déjà été déposé le {le:%d/%m/%Y à %H:%M}{qui} : rien n'a été ajouté.",
        )
    for nom in bilan.vides:
        messages.error(request, f"« {nom} » est vide : numérisez de nouveau ces feuilles.")
    if bilan.lot is None:
        return redirect(f"{reverse('agent_courrier')}?vue=lots")
    messages.success(
        request,
        "Le fichier est reçu : ses pages se lisent."
        if len(bilan.pris) == 1
        else f"{len(bilan.pris)} fichiers sont reçus : leurs pages se lisent.",
    )
    return redirect("agent_courrier_lot", bilan.lot.pk)


def lots_de(request: HttpRequest) -> QuerySet[LotDeCourrier]:
    return LotDeCourrier.objects.filter(
        point_accueil__in=[pk for p in perimetre_de(request).tous for pk in p.accueils]
    )


def montrer(request: HttpRequest, form: DepotForm, *, status: int = 200) -> HttpResponse:
    vue = request.GET.get("vue", "")
    curseur = request.GET.get("apres", "")
    if vue not in VUES or (curseur and not (curseur.isdecimal() and len(curseur) < 19)):
        raise Http404
    visibles = LettreRecue.objects.visibles_par(perimetre_de(request))
    a_saisir = visibles.a_saisir()
    lues = {"": a_saisir, "ecartees": visibles.filter(etat="ecartee"), "lots": lots_de(request)}[vue]
    lignes, suivante = une_page(lues, vue, int(curseur or 0))
    nombre = a_saisir.count()
    contexte = {
        "form": form,
        "vue": vue,
        "vide": VUES[vue][1],
        "lignes": lignes,
        "url_suivante": f"?vue={vue}&apres={suivante}" if suivante else "",
        "nombre": nombre,
        "onglets": [
            {
                "libelle": titre,
                "url": f"?vue={code}" if code else "?",
                "actif": code == vue,
                "compte": nombre if not code else None,
            }
            for code, (titre, _) in VUES.items()
        ],
        "lecture_possible": est_possible(),
        "compte": request.user,
    }
    return render(request, "demandes/courrier/courrier.html", contexte, status=status)


def une_page(lues: QuerySet, vue: str, curseur: int) -> tuple[list, int]:
    """Letters to type registered ones and oldest first, the rest newest first; where the next page begins."""
    if vue == "lots":
        lues = avec_leurs_nombres(lues.select_related("depose_par"))
    else:
        lues = lues.select_related("prise_par", "traitee_par").annotate(nombre_de_pages=Count("pages"))
    if curseur:
        lues = lues.filter(pk__lt=curseur) if vue else lues.filter(apres_la_lettre(curseur))
    ordre = ("-pk",) if vue else ("-est_recommandee", "pk")
    lignes = list(lues.order_by(*ordre)[: PAR_PAGE + 1])
    return lignes[:PAR_PAGE], lignes[PAR_PAGE - 1].pk if len(lignes) > PAR_PAGE else 0


def apres_la_lettre(pk: int) -> Q:
    """What follows this one in the pile."""
    suivent = Q(pk__gt=pk)
    if LettreRecue.objects.filter(pk=pk, est_recommandee=True).exists():
        return Q(est_recommandee=False) | suivent
    return suivent & Q(est_recommandee=False)


def avec_leurs_nombres(lots: QuerySet[LotDeCourrier]) -> QuerySet[LotDeCourrier]:
    """Files, pages and letters of each lot, in one statement."""

    def compter(queryset: QuerySet, cle: str) -> Subquery:
        groupes = queryset.filter(**{cle: OuterRef("pk")}).order_by().values(cle)
        return Subquery(groupes.annotate(nombre=Count("pk")).values("nombre"))

    lettres_du_lot = LettreRecue.objects.exclude(etat="reunie")
    return lots.annotate(
        nombre_de_fichiers=compter(FichierNumerise.objects.all(), "lot"),
        nombre_d_illisibles=compter(FichierNumerise.objects.filter(etat="illisible"), "lot"),
        nombre_de_pages=compter(PageNumerisee.objects.all(), "fichier__lot"),
        nombre_de_lettres=compter(lettres_du_lot, "lot"),
        nombre_a_saisir=compter(lettres_du_lot.filter(etat="a_saisir"), "lot"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reserve_a_l_accueil
def lot(request: HttpRequest, pk: int) -> HttpResponse:
    """Every page of a lot, in its letter or apart, counted; a POST says on which day it came."""
    le_lot = get_object_or_404(lots_de(request).select_related("depose_par", "point_accueil"), pk=pk)
    form = DateForm(request.POST if request.method == "POST" else None, initial={"recu_le": le_lot.recu_le})
    if request.method == "POST" and form.is_valid():
        try:
            corrections.dater(le_lot, form.cleaned_data["recu_le"])
        except DonneeInvalide as erreur:
            form.add_error("recu_le", str(erreur))
        else:
            messages.success(request, "La date d'arrivée est changée pour les lettres à saisir de ce lot.")
            return redirect("agent_courrier_lot", pk)
    apres = request.GET.get("apres", "")
    apres = apres if apres.isdecimal() and len(apres) < 19 else ""
    contexte = {
        "lot": le_lot,
        "form": form,
        **bilan_du_lot(le_lot),
        **feuilles_du_lot(le_lot, int(apres or 0)),
    }
    status = 422 if form.errors else 200
    return render(request, "demandes/courrier/lot.html", contexte, status=status)


def bilan_du_lot(le_lot: LotDeCourrier) -> dict:
    """How far its reading is, and where its pages are: the sum is the number of pages."""
    deja = LettreRecue.objects.filter(pages__fichier=OuterRef("pk"), demande__isnull=False)
    fichiers = list(
        le_lot.fichiers.select_related("piece")
        .annotate(lues=Count("pages"), est_partage=Exists(deja))
        .order_by("rang")
    )
    pages = PageNumerisee.objects.filter(fichier__lot=le_lot)
    nombres = pages.aggregate(
        total=Count("pk"),
        dans_une_lettre=Count("pk", filter=Q(lettre__isnull=False)),
        separateurs=Count("pk", filter=Q(genre="separateur")),
        blanches=Count("pk", filter=Q(genre="blanche")),
        aux_mots_lus=Count("pk", filter=Q(lettre__isnull=False, lue_le__isnull=False)),
    )
    vives = le_lot.lettres.exclude(etat="reunie")
    # A file that nobody has opened yet has a page at least.
    attendues = sum(f.nombre_de_pages or 1 for f in fichiers if f.etat != "illisible")
    lues = sum(f.lues for f in fichiers if f.etat != "illisible")
    a_lire = any(f.etat == "a_lire" for f in fichiers)
    return {
        "fichiers": fichiers,
        "nombres": nombres,
        "nombre_de_lettres": vives.count(),
        "lettres_a_lire": vives.filter(etat="a_saisir", lue_en_entier_le__isnull=True).count(),
        "pages_attendues": attendues,
        "pages_lues": lues,
        "se_lit": a_lire or le_lot.classe_le is None,
    }


def feuilles_du_lot(le_lot: LotDeCourrier, apres: int) -> dict:
    """Pages in their order, those of one letter together; a letter that is a demande shows no more here."""
    pages = PageNumerisee.objects.filter(fichier__lot=le_lot, pk__gt=apres).order_by("pk")
    lues = list(pages.select_related("fichier", "lettre__demande", "lettre__prise_par")[: PAGES_MONTREES + 1])
    groupes: list[dict] = []
    for page in lues[:PAGES_MONTREES]:
        if not groupes or groupes[-1]["lettre"] != page.lettre or page.lettre is None:
            groupes.append({"lettre": page.lettre, "genre": page.genre, "pages": []})
        groupes[-1]["pages"].append(page)
    suite = lues[PAGES_MONTREES - 1].pk if len(lues) > PAGES_MONTREES else 0
    return {"groupes": groupes, "url_suivante": f"?apres={suite}" if suite else ""}


def page_ou_404(request: HttpRequest, pk: int) -> PageNumerisee:
    """A page this agent may look at: once its letter is a demande, it is read there and no more here."""
    pages = PageNumerisee.objects.filter(fichier__lot__in=lots_de(request)).select_related(
        "lettre", "fichier"
    )
    return get_object_or_404(pages.filter(Q(lettre__isnull=True) | Q(lettre__demande__isnull=True)), pk=pk)


@require_safe
@reserve_a_l_accueil
def image(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of a page, upright; small when a list asks for it."""
    contenu = images.lire(page_ou_404(request, pk))
    if not contenu:
        raise Http404
    if "petite" in request.GET:
        contenu = images.reduire(contenu)
    return HttpResponse(
        contenu,
        content_type="image/jpeg",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
    )


GESTES = {
    "couper": (corrections.couper_ici, "Une nouvelle lettre commence à cette page."),
    "tourner": (corrections.tourner, ""),
    "garder": (corrections.garder, "La page est dans la lettre."),
    "mettre_a_part": (corrections.mettre_a_part, "La page est mise à part."),
}
# The entry was filled in from all the pages, and keeps what was typed since.
A_RELIRE = "Relisez ce qui est rempli : une partie venait peut-être d'elle."


@require_POST
@reserve_a_l_accueil
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend: cut here, turn, keep, set apart."""
    la_page = page_ou_404(request, pk)
    geste = request.POST.get("geste", "")
    if geste not in GESTES:
        raise Http404
    faire, dit = GESTES[geste]
    try:
        faire(la_page.pk, par=request.user)
        if geste == "couper" and request.POST.get("retour") == "saisie":
            dit = f"{dit} {A_RELIRE}"
        if dit:
            messages.success(request, dit)
    except ErreurMetier as erreur:
        messages.error(request, str(erreur))
    return revenir(request, la_page)


def revenir(request: HttpRequest, la_page: PageNumerisee) -> HttpResponse:
    """Where one came from: the letter one types, or the lot, at the same page."""
    if request.POST.get("retour") == "saisie" and la_page.lettre:
        return redirect(f"{reverse('agent_saisie')}?lettre={la_page.lettre.numero}")
    debut = request.POST.get("apres", "")
    suite = f"?apres={debut}" if debut.isdecimal() else ""
    return redirect(
        f"{reverse('agent_courrier_lot', args=[la_page.fichier.lot_id])}{suite}#page-{la_page.pk}"
    )


@require_POST
@reserve_a_l_accueil
def reunir(request: HttpRequest, numero: str) -> HttpResponse:
    """The letter is the end of the one before it."""
    visibles = LettreRecue.objects.visibles_par(perimetre_de(request))
    lettre = get_object_or_404(visibles, numero=numero)
    premiere = lettre.pages.first()
    try:
        precedente = corrections.reunir_a_la_precedente(numero, par=request.user)
        messages.success(request, f"La lettre {numero} est réunie à {precedente.numero}.")
    except ErreurMetier as erreur:
        messages.error(request, str(erreur))
    ancre = f"#page-{premiere.pk}" if premiere else ""
    return redirect(f"{reverse('agent_courrier_lot', args=[lettre.lot_id])}{ancre}")


@require_POST
@reserve_a_l_accueil
def suivante(request: HttpRequest) -> HttpResponse:
    """Give this agent the next letter."""
    return vers_la_suivante(request)


def vers_la_suivante(request: HttpRequest) -> HttpResponse:
    lettre = lettres.prendre_la_suivante(auteur_de(request))
    if lettre is None:
        messages.info(request, "Il n'y a plus de lettre à saisir.")
        return redirect("agent_courrier")
    return redirect(f"{reverse('agent_saisie')}?lettre={lettre.numero}")


@require_safe
@reserve_a_l_accueil
def feuille_separatrice(request: HttpRequest) -> HttpResponse:
    """The sheet to print and to put between two letters."""
    return HttpResponse(
        separateur.feuille_pdf(),
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="separateur-guichet.pdf"'},
    )
