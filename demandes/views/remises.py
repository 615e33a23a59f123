"""What waits to be posted, said, published or handed over: a page of its own, and the letter itself."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from demandes import actions, enquetes, lettres, remises, suivi
from demandes.actions.avis import annonce
from demandes.formulaires import relire
from demandes.formulaires_gestes.direction import ChampJour
from demandes.models import Enquete, Message, Publication, Remise, correspondant
from demandes.moyens import Moyen, nom_du_reseau
from demandes.views.acces import auteur_de, demande_connue_ou_404, perimetre_de
from guichet.canaux.canal import RESEAUX_SOCIAUX, Canal
from guichet.organisation.perimetre import Perimetre
from guichet.pieces.models import Piece
from guichet.socle.coordonnees import afficher_telephone
from guichet.socle.erreurs import ErreurMetier

PAR_PAGE = 50
VUES: dict[str, tuple[str, Callable[[Perimetre], QuerySet]]] = {
    "": ("Réponses à remettre", remises.remises_attendues),
    "courriers": ("Courriers à expédier", remises.courriers_a_expedier),
    "accuses": ("Accusés à poster", remises.accuses_a_poster),
    "parties": ("Lettres parties", remises.lettres_parties),
    "tiers": ("Tiers à relancer", remises.tiers_a_relancer),
    "rouvertes": ("Rouvertes", remises.rouvertes),
    "appels": ("Mécontents à rappeler", enquetes.a_rappeler),
}
VIDES = {
    "": "Les réponses sans courriel s'affichent ici : lettres à poster, appels à passer, réponses à publier.",
    "courriers": "Les lettres à imprimer et à poster s'affichent ici.",
    "parties": "Les lettres postées il y a moins de deux mois s'affichent ici, jusqu'à connaître leur suite.",
    "accuses": "Les courriers reçus dont l'accusé n'est pas parti s'affichent ici.",
    "tiers": "Les demandes dont le tiers devait répondre s'affichent ici, le jour venu.",
    "rouvertes": "Les demandes revenues après leur réponse s'affichent ici.",
    "appels": "Les personnes qui ont donné une note de 1 ou 2 à notre réponse s'affichent ici.",
}
# The button that says it is done.
FAIT = {Canal.COURRIER: "Marquer comme postée", Canal.TELEPHONE: "Marquer comme dite"}


@require_safe
def a_remettre(request: HttpRequest) -> HttpResponse:
    """One of the lists by pages, with the count of each."""
    perimetre = perimetre_de(request)
    if not (perimetre.est_accueil or any(p.directions for p in perimetre.tous)):
        raise Http404
    vues = vues_de(perimetre)
    vue = request.GET.get("vue", "")
    if vue not in vues:
        raise Http404
    lues = vues[vue][1](perimetre)
    cherche = " ".join(request.GET.get("q", "").split())[:20]
    if vue == "parties" and cherche:
        lues = lues.filter(numero__iexact=cherche)
    page, suivante = une_page(lues, request.GET.get("apres", ""))
    contexte = {
        "vue": vue,
        "cherche": cherche,
        "titre": vues[vue][0],
        "onglets": [
            {
                "libelle": titre,
                "url": f"?vue={code}" if code else "?",
                "actif": code == vue,
                "compte": lire(perimetre).count(),
            }
            for code, (titre, lire) in vues.items()
        ],
        "lignes": lignes_de(page),
        "url_suivante": f"?vue={vue}&apres={suivante}" if suivante else "",
        "aujourd_hui": timezone.localdate().isoformat(),
        "vide": VIDES[vue],
        "ici": request.get_full_path(),
        "suites": Remise.Suite.choices,
    }
    return render(request, "demandes/remises/a_remettre.html", contexte)


def vues_de(perimetre: Perimetre) -> dict[str, tuple[str, Callable[[Perimetre], QuerySet]]]:
    """The calls to the discontented are for the heads of a desk."""
    est_chef = any(p.accueils_responsable for p in perimetre.tous)
    return {code: vue for code, vue in VUES.items() if code != "appels" or est_chef}


def une_page(lues: QuerySet, apres: str) -> tuple[list[Any], int]:
    """The rows after one, and the last of them when there are more."""
    if apres.isdecimal() and len(apres) < 19:
        lues = lues.filter(pk__gt=int(apres))
    page = list(lues[: PAR_PAGE + 1])
    return page[:PAR_PAGE], page[PAR_PAGE - 1].pk if len(page) > PAR_PAGE else 0


def lignes_de(page: list[Any]) -> list[dict[str, Any]]:
    a_la_main = [objet for objet in page if isinstance(objet, Remise)]
    repondues, documents = remises.publications_repondues(a_la_main), remises.documents_joints(a_la_main)
    lignes = [ligne_de(objet) for objet in page]
    for ligne in lignes:
        if ligne["message"] and ligne["message"].canal in RESEAUX_SOCIAUX:
            cle = ligne["message"].pk
            ligne |= a_recopier(ligne["message"], repondues.get(cle), documents.get(cle, 0))
    return lignes


def a_recopier(message: Message, repondue: Publication | None, documents: int) -> dict[str, Any]:
    """Words that somebody copies on a network: where, and who will read them."""
    notre = getattr(message, "publication", None)
    reseau = nom_du_reseau(message.canal)
    est_publique = notre is not None and notre.est_publique
    quoi = "à publier vous-même" if est_publique else "à envoyer vous-même en message privé"
    vers = "en réponse à" if est_publique else "à"
    return {
        "moyen": f"{quoi} sur {reseau}, {vers} {message.destinataire}",
        "est_a_recopier": True,
        # Everybody would open the link of a public post.
        "texte": message.corps + ("" if est_publique else annonce(message.demande, documents)),
        "est_publique": est_publique,
        "reseau": reseau,
        "repondue": repondue,
        "fait": "C'est publié" if est_publique else "C'est envoyé",
    }


def ligne_de(objet: Any) -> dict[str, Any]:
    """A message to hand over, an opinion to call about, or a demande to see."""
    message = getattr(objet, "message", None)
    avis = objet if isinstance(objet, Enquete) else None
    demande = message.demande if message else avis.demande if avis else objet
    ligne = {"demande": demande, "personne": correspondant(demande), "message": message, "avis": avis}
    if avis:
        ligne["moyens"] = list(avis.demande.usager.toutes_les_coordonnees)[:2]
    if message:
        canal = Canal(message.canal)
        ligne |= {
            "remise": objet,
            "moyen": Moyen(canal, message.destinataire),
            "est_a_dire": canal is Canal.TELEPHONE,
            "fait": FAIT.get(canal, "Marquer comme remise"),
        }
    return ligne


@require_safe
def lettre(request: HttpRequest, numero: str, pk: int) -> HttpResponse:
    """The letter as a PDF, for a window envelope. Opening it changes nothing: printing is a gesture."""
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    if not contenu_visible:
        raise Http404
    remise = get_object_or_404(Remise.objects.pour_lettre(), message=pk, message__demande=demande)
    return en_pdf(lettres.contenu(remise), remise.numero or f"lettre-{numero}")


def en_pdf(contenu: bytes, nom: str) -> HttpResponse:
    return HttpResponse(
        contenu,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{nom}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
def ensemble(request: HttpRequest) -> HttpResponse:
    """Print the chosen letters in one file, or say that they are posted: a gesture on the demande of each."""
    perimetre = perimetre_de(request)
    if not (perimetre.est_accueil or any(p.directions for p in perimetre.tous)):
        raise Http404
    cles = [
        int(cle) for cle in request.POST.getlist("lettre")[:PAR_PAGE] if cle.isdecimal() and len(cle) < 19
    ]
    choisies = list(remises.courriers_a_expedier(perimetre).filter(pk__in=cles))
    ici = f"{reverse('agent_a_remettre')}?vue=courriers"
    if not choisies:
        messages.error(request, "Cochez au moins une lettre.")
        return redirect(ici)
    if request.POST.get("faire") == "poster":
        poster(request, choisies)
        return redirect(ici)
    return imprimer(request, choisies) or redirect(ici)


def imprimer(request: HttpRequest, choisies: list[Remise]) -> HttpResponse | None:
    imprimees = pour_chacune(request, choisies, actions.imprimer_la_lettre)
    if not imprimees:
        return None
    cles = [remise.pk for remise in imprimees]
    feuilles = Remise.objects.pour_lettre().filter(pk__in=cles).order_by("pk")
    return en_pdf(lettres.ensemble(feuilles), "courriers-a-expedier")


def poster(request: HttpRequest, choisies: list[Remise]) -> None:
    try:
        jour = ChampJour().clean(request.POST.get("remise_le", ""))
    except ValidationError as erreur:
        messages.error(request, erreur.messages[0])
        return
    postees = pour_chacune(request, choisies, actions.marquer_remise, remise_le=jour)
    if postees:
        nombre = len(postees)
        dit = "La lettre est marquée comme postée." if nombre == 1 else f"{nombre} lettres sont postées."
        messages.success(request, dit)


def pour_chacune(
    request: HttpRequest, choisies: list[Remise], geste: Callable[..., Any], **donnees: Any
) -> list[Remise]:
    """Make a gesture for each; one that is refused says why, and does not stop the others."""
    faites = []
    for remise in choisies:
        try:
            geste(remise.message.demande, auteur=auteur_de(request), message=remise.message, **donnees)
            faites.append(remise)
        except ErreurMetier as erreur:
            messages.error(request, f"{remise.numero} : {erreur}")
    return faites


@require_safe
def bordereau(request: HttpRequest, numero: str) -> HttpResponse:
    """What was handed over to another body, to whom and when: what came until then, and nothing of ours."""
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    if not contenu_visible or demande.transmise_le is None:
        raise Http404
    notes = demande.messages.filter(sens=Message.Sens.INTERNE, nature=Message.Nature.AVIS)
    note = notes.order_by("pk").last()
    recus = demande.messages.filter(sens=Message.Sens.ENTRANT, cree_le__lte=demande.transmise_le)
    formulaire = demande.formulaire
    contexte = {
        "demande": demande,
        "organisme": demande.organisme,
        "contact": note.objet if note else "",
        "service": suivi.service_charge(demande),
        "personne": demande.usager,
        "telephone": afficher_telephone(demande.usager.telephone) if demande.usager else "",
        "recus": recus.order_by("pk"),
        "reponses": relire(formulaire.champs, demande.reponses) if formulaire else [],
        "pieces": Piece.objects.filter(
            proprietaire_genre="message", proprietaire_id__in=recus.values("pk"), etat=Piece.Etat.SAINE
        ).order_by("nom_original"),
    }
    return render(request, "demandes/remises/bordereau.html", contexte)
