"""Two demandes side by side: are they the same? From here they are merged, linked or told apart."""

from dataclasses import dataclass

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from demandes import doublons
from demandes.actions.regroupement import exiger_regroupables
from demandes.destinataire import annonce
from demandes.droits import Auteur
from demandes.formulaires import relire
from demandes.formulaires_gestes import Moment
from demandes.models import Demande, Distinction, Lien, Message
from demandes.views.acces import auteur_de, demande_connue_ou_404, est_reservee
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Refus
from guichet.socle.templatetags.dates import date_longue

consultations = structlog.get_logger("consultations")

PHOTOS = 3


@dataclass(frozen=True)
class Regroupement:
    """Keep `gardee`, group `regroupee` under it: `empechement` says why not, `avis` who is told."""

    gardee: Demande
    regroupee: Demande
    est_proposee: bool
    empechement: str
    avis: str
    suite: str


@require_safe
def comparer(request: HttpRequest, numero: str, autre: str) -> HttpResponse:
    """Show both. Reading a walled demande here is reading it."""
    paire = [lisible_ou_404(request, n) for n in (numero, autre)]
    if paire[0].pk == paire[1].pk:
        raise Http404("On ne compare pas une demande avec elle-même.")
    auteur = auteur_de(request)
    moments = [Moment.de(demande, auteur).gestes() for demande in paire]
    premiere, seconde = sorted(demande.pk for demande in paire)
    distinction = (
        Distinction.objects.filter(premiere=premiere, seconde=seconde).select_related("dite_par").first()
    )
    contexte = {
        "demande": paire[0],
        "autre": paire[1],
        "lignes": lignes(*paire),
        "recits": recits(*paire),
        "raisons": doublons.evaluer(*paire, paire[0].type and paire[0].type.rayon_doublon_m).raisons,
        "regroupements": regroupements(paire, moments, auteur),
        "lien": Lien.objects.filter(demande=paire[0], autre=paire[1]).select_related("pose_par").first(),
        "distinction": distinction,
        "peut_lier": "lier" in moments[0],
        "peut_distinguer": "distinguer" in moments[0] and distinction is None,
        "retour": reverse("agent_demande", args=[paire[0].numero]),
    }
    return render(request, "demandes/demande/comparer.html", contexte)


def lisible_ou_404(request: HttpRequest, numero: str) -> Demande:
    if not numero.isprintable():
        raise Http404("Cette demande n'existe pas.")
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    if not contenu_visible:
        raise Http404("Cette demande n'existe pas.")
    if est_reservee(demande):
        consultations.info(
            "demande_reservee_lue", agent=request.user.pk, demande=demande.pk, secteur=demande.secteur
        )
    return demande


def lignes(demande: Demande, autre: Demande) -> list[tuple[str, str, str, bool]]:
    """(what, here, there, alike), of what an agent looks at to tell two demandes apart."""
    faits = [faits_de(d) for d in (demande, autre)]
    questions = list(dict.fromkeys([*faits[0], *faits[1]]))
    return [
        (question, *(cotes := [f.get(question, "") for f in faits]), bool(cotes[0]) and cotes[0] == cotes[1])
        for question in questions
        if any(f.get(question) for f in faits)
    ]


def faits_de(d: Demande) -> dict[str, str]:
    reponses = relire(d.formulaire.champs, d.reponses) if d.formulaire else []
    return {
        "État": d.get_etat_display(),
        "Démarche": d.libelle_type,
        "Lieu": d.adresse,
        "Arrondissement": str(d.territoire or ""),
        "Reçue le": date_longue(d.recue_le),
        "Reçue par": d.get_canal_display(),
        "Demandeur": str(d.usager or ("anonyme" if d.est_anonyme else "pas encore rattaché")),
        "Direction": d.direction.nom if d.direction else "",
        "Agent": str(d.agent_traitant or ""),
    } | {str(question): str(reponse) for question, reponse in reponses}


def recits(*paire: Demande) -> list[dict]:
    """What each person said first, with their pictures: two statements for both."""
    premiers: dict[int, Message] = {}
    dits = Message.objects.filter(demande__in=paire, sens=Message.Sens.ENTRANT).order_by("cree_le", "pk")
    for message in dits:
        premiers.setdefault(message.demande_id, message)
    par_demande = {message.pk: message.demande_id for message in dits}
    photos: dict[int, list[Piece]] = {d.pk: [] for d in paire}
    for piece in Piece.objects.filter(
        proprietaire_genre="message", proprietaire_id__in=list(par_demande), etat=Piece.Etat.SAINE
    ).exclude(vignette=""):
        photos[par_demande[piece.proprietaire_id or 0]].append(piece)
    return [
        {
            "demande": d,
            "dit": premiers[d.pk].corps if d.pk in premiers else "",
            "photos": photos[d.pk][:PHOTOS],
        }
        for d in paire
    ]


def regroupements(paire: list[Demande], moments: list[list[str]], auteur: Auteur) -> list[Regroupement]:
    """Both ways round, the one that keeps the more advanced first."""
    sens = [
        (gardee, regroupee, "fusionner" in gestes)
        for gardee, regroupee, gestes in (
            (paire[1], paire[0], moments[0]),
            (paire[0], paire[1], moments[1]),
        )
    ]
    sens.sort(key=lambda s: avancement(s[0]), reverse=True)
    faits = []
    for gardee, regroupee, est_permis in sens:
        empechement = ""
        try:
            exiger_regroupables(regroupee, gardee, auteur)
        except Refus as refus:
            empechement = str(refus)
        if not est_permis:
            empechement = f"Vous ne pouvez pas regrouper la demande {regroupee.numero} dans son état actuel."
        faits.append(
            Regroupement(
                gardee,
                regroupee,
                est_proposee=not empechement and not any(f.est_proposee for f in faits),
                empechement=empechement,
                avis=annonce(regroupee, contenu_visible=True),
                suite=reverse("agent_demande", args=[gardee.numero]),
            )
        )
    return faits


def avancement(demande: Demande) -> tuple[bool, bool, float]:
    """Somebody works on it, a direction has it, it came first."""
    return (
        demande.prise_en_charge_le is not None,
        demande.direction_id is not None,
        -demande.recue_le.timestamp(),
    )
