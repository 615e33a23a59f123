"""The heads' page: six figures, two charts, one table, and the list behind each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from demandes import pilotage
from demandes.models import Contact, Demande
from demandes.periodes import Periode
from demandes.pilotage import LISTES, SEUIL, Bilan, Choix, Genre, Nombre
from demandes.views.acces import perimetre_de
from demandes.views.graphiques import colonnes, part
from demandes.views.pilotage_forms import FormulairePilotage
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.canaux.canal import Canal
from guichet.organisation.administration.pages import paginer
from guichet.socle.templatetags.dates import date_courte

TROP_PEU = f"moins de {SEUIL}"
LIGNES_AU_PLUS = 100_000
# Where one acts on a list of the moment: the view of the queue that holds it, with one's other places.
VUES = {
    ("a-qualifier", Genre.ACCUEIL): "a_qualifier",
    ("a-prendre", Genre.DIRECTION): "a_prendre",
    ("en-retard", Genre.ACCUEIL): "accueil_en_retard",
    ("en-retard", Genre.DIRECTION): "en_retard",
}
# What a row of a list shows.
LIENS = ("type", "usager", "agent_traitant", "direction")
COLONNES = (
    *("numero", "objet", "etat", "canal", "recue_le", "est_anonyme", "echeance_service"),
    *("type__libelle", "usager__prenom", "usager__nom", "usager__raison_sociale"),
    *("agent_traitant__nom_affiche", "agent_traitant__courriel", "direction__nom_public"),
)


@require_safe
def tableau(request: HttpRequest) -> HttpResponse:
    """The figures of one of one's places over a period, on a page or as a file."""
    formulaire, choix = ce_qui_est_demande(request)
    bilan = pilotage.dresser(choix)
    if request.GET.get("format") == "csv":
        return en_csv(choix, bilan)
    contexte = {
        "formulaire": formulaire,
        "choix": choix,
        "chiffres": list(chiffres(choix, bilan)),
        "courbe": courbe(choix, bilan),
        "canaux": list(lignes_des_canaux(choix, bilan)),
        "contacts": list(lignes_des_contacts(choix, bilan)),
        "avec_contacts": choix.lieu.genre is not Genre.DIRECTION,
        "url_csv": "?" + urlencode({**parametres(choix), "format": "csv"}),
        "url_sans_accuse": "" if choix.lieu.est_agrege else adresse(choix, "sans-accuse"),
        "seuil": SEUIL,
    }
    return render(request, "demandes/pilotage/pilotage.html", contexte)


@require_safe
def liste(request: HttpRequest, code: str) -> HttpResponse:
    """The list behind a figure, page by page; readers of aggregates have none."""
    _, choix = ce_qui_est_demande(request)
    demandee = LISTES.get(code)
    if demandee is None or choix.lieu.genre not in demandee.genres:
        raise Http404
    lignes = demandee.lire(choix)
    nombre, de_contacts = lignes.count(), lignes.model is Contact
    if demandee.est_du_moment:
        # Found by their state first: few are open, and by their date they would be looked for among all.
        lignes = Demande.objects.filter(pk__in=lignes.values("pk")[:LIGNES_AU_PLUS])
    detaillees = (
        lignes.select_related("usager", "beneficiaire")
        if de_contacts
        else lignes.select_related(*LIENS).only(*COLONNES)
    )
    page = paginer(detaillees, request.GET.dict(), ordre=demandee.ordre)
    vue = VUES.get((code, choix.lieu.genre))
    contexte = {
        "liste": demandee,
        "choix": choix,
        "canal": Canal(choix.canal).dans_une_phrase if choix.canal else "",
        "nombre": en_mots(nombre),
        "page": page,
        "de_contacts": de_contacts,
        "lisibles": pilotage.lisibles(choix, page.lignes) if de_contacts else frozenset(),
        "url_corbeille": f"{reverse('agent_corbeille')}?vue={vue}" if vue else "",
        "retour": reverse("agent_pilotage") + "?" + urlencode(parametres(choix)),
    }
    return render(request, "demandes/pilotage/liste.html", contexte)


@require_safe
def nombre_sans_accuse(request: HttpRequest) -> HttpResponse:
    """How many, for the page that is already there: it is the one figure that no index gives."""
    _, choix = ce_qui_est_demande(request)
    if choix.lieu.est_agrege:
        raise Http404
    nombre = pilotage.sans_accuse(choix).count()
    return render(
        request,
        "demandes/pilotage/_sans_accuse.html",
        {"nombre": nombre, "url_sans_accuse": adresse(choix, "sans-accuse")},
    )


def ce_qui_est_demande(request: HttpRequest) -> tuple[FormulairePilotage, Choix]:
    """A place of theirs, or 404."""
    perimetre = perimetre_de(request)
    lieux = pilotage.lieux_de(perimetre)
    if not lieux:
        raise Http404
    formulaire = FormulairePilotage(request.GET, lieux)
    lieu, canal = formulaire.lieu_choisi, request.GET.get("canal", "")
    if lieu is None or (canal and canal not in dict(CANAUX)):
        raise Http404
    return formulaire, Choix(lieu, formulaire.periode_choisie, perimetre, canal)


def parametres(choix: Choix, periode: Periode | None = None, canal: str = "") -> dict[str, str]:
    """The dates are written out: a shared link keeps saying the same."""
    de = periode or choix.periode
    dit = {"periode": "dates", "du": de.du.isoformat(), "au": de.au.isoformat(), "lieu": choix.lieu.code}
    return {**dit, "canal": canal} if canal else dit


def adresse(choix: Choix, code: str, periode: Periode | None = None, canal: str = "") -> str:
    """Of the list behind a figure; empty for who may read none."""
    if choix.lieu.est_agrege or choix.lieu.genre not in LISTES[code].genres:
        return ""
    lien = reverse("agent_pilotage_liste", args=[code])
    return f"{lien}?{urlencode(parametres(choix, periode, canal))}"


# -- figures ---------------------------------------------------------------------------------------------


def chiffres(choix: Choix, bilan: Bilan) -> Iterator[dict[str, Any]]:
    """The six of them, in the words of a desk, of a direction or of the city."""

    def un(libelle: str, valeur: str, code: str, detail: str = "", suite: str = "") -> dict[str, Any]:
        return {
            "libelle": libelle,
            "valeur": valeur,
            "url": adresse(choix, code),
            "detail": detail,
            "url_detail": adresse(choix, suite) if suite else "",
        }

    yield un("Demandes reçues", en_mots(bilan.recues), "recues")
    if choix.lieu.genre is Genre.DIRECTION:
        yield un("À prendre en charge", en_mots(bilan.a_faire), "a-prendre", "en ce moment")
    else:
        yield un("À qualifier", en_mots(bilan.a_faire), "a-qualifier", "en ce moment")
    yield un("En retard", en_mots(bilan.en_retard), "en-retard", "en ce moment")
    yield un("Délai médian de réponse", duree(bilan.delai), "repondues", face_au_promis(bilan))
    if choix.lieu.genre is Genre.DIRECTION:
        yield un(
            "Rouvertes", pourcent(bilan.rouvertes, bilan.recues), "rouvertes", sur(bilan.rouvertes, bilan)
        )
        yield un(
            "Réorientées",
            pourcent(bilan.reorientees, bilan.recues),
            "reorientees",
            sur(bilan.reorientees, bilan),
        )
        return
    yield un(
        "Demandes résolues au premier contact",
        pourcent(bilan.au_premier_contact, bilan.repondues),
        "premier-contact",
        f"{en_mots(bilan.au_premier_contact)} sur {en_mots(bilan.repondues)} réponses",
    )
    sans = f"dont {en_mots(bilan.contacts_sans_demande)} sans demande"
    yield un("Appels et visites", en_mots(bilan.contacts), "contacts", sans, "contacts-sans-demande")


def sur(nombre: Nombre, bilan: Bilan) -> str:
    return f"{en_mots(nombre)} sur {en_mots(bilan.recues)} reçues"


def face_au_promis(bilan: Bilan) -> str:
    """What was promised of the same answers, and how many kept the promise."""
    if bilan.delai is None:
        return "aucune réponse dont le délai était promis" if bilan.promises == 0 else ""
    tenus = pourcent(bilan.a_temps, bilan.promises)
    return f"promis : {duree(bilan.delai_promis)}\u00a0; {tenus} dans les temps"


def en_mots(nombre: Nombre) -> str:
    """« 12 345 », or that it is too few to be told."""
    return TROP_PEU if nombre is None else f"{nombre:,}".replace(",", "\u202f")


def pourcent(nombre: Nombre, total: Nombre) -> str:
    if nombre is None or not total:
        return "—"
    return f"{round(100 * nombre / total)}\u00a0%"


def duree(delai: timedelta | None) -> str:
    """Hours of the first day, then days, with a tenth as long as it matters."""
    if delai is None:
        return "—"
    heures = delai.total_seconds() / 3600
    if heures < 24:
        return f"{round(heures)}\u00a0h" if heures >= 1 else "<\u00a01\u00a0h"
    jours = round(heures / 24, 1 if heures < 240 else None)
    return f"{jours:g}\u00a0jour{'s' if jours >= 2 else ''}".replace(".", ",")


def minutes(delai: timedelta | None) -> str:
    """Of a conversation, with a tenth as long as it matters."""
    if delai is None:
        return "—"
    nombre = delai.total_seconds() / 60
    if nombre < 1:
        return "<\u00a01\u00a0min"
    return f"{round(nombre, 1 if nombre < 10 else None):g}\u00a0min".replace(".", ",")


# -- charts ----------------------------------------------------------------------------------------------


def courbe(choix: Choix, bilan: Bilan) -> dict[str, Any]:
    """What was received and what ended, day by day or week by week: columns, and the table of them."""
    dessin = colonnes([(pas.recues or 0, pas.finies or 0) for pas in bilan.pas])
    lignes = [
        {
            "jour": nom_du_pas(choix, pas.periode),
            "recues": en_mots(pas.recues),
            "finies": en_mots(pas.finies),
            "url_recues": adresse(choix, "recues", pas.periode),
            "url_finies": adresse(choix, "finies", pas.periode),
            "colonne": colonne,
        }
        for pas, colonne in zip(bilan.pas, dessin.colonnes, strict=True)
    ]
    reperes = [lignes[rang]["jour"] for rang in sorted({0, len(lignes) // 2, len(lignes) - 1})]
    return {
        "dessin": dessin,
        "lignes": lignes,
        "reperes": reperes,
        "pas": "jour" if choix.est_par_jour else "semaine",
    }


def nom_du_pas(choix: Choix, periode: Periode) -> str:
    if choix.est_par_jour:
        return date_courte(periode.du)
    return f"{date_courte(periode.du)} – {date_courte(periode.au)}"


def lignes_des_canaux(choix: Choix, bilan: Bilan) -> Iterator[dict[str, Any]]:
    """One row a channel: both numbers, each with its bar on the same scale."""
    plus = max((max(c.demandes or 0, c.contacts or 0) for c in bilan.canaux), default=0)
    for canal, demandes, contacts, *_ in bilan.canaux:
        yield {
            "canal": canal,
            "demandes": en_mots(demandes),
            "contacts": en_mots(contacts),
            "part_demandes": part(demandes or 0, plus),
            "part_contacts": part(contacts or 0, plus),
            "url_demandes": adresse(choix, "recues", canal=canal),
            "url_contacts": adresse(choix, "contacts", canal=canal),
        }


def lignes_des_contacts(choix: Choix, bilan: Bilan) -> Iterator[dict[str, Any]]:
    """Calls then visits: how many, the share resolved, the median length."""
    for canal, _, termines, resolus, delai in bilan.canaux:
        if termines == 0:
            continue
        yield {
            "canal": canal,
            "termines": en_mots(termines),
            "resolus": pourcent(resolus, termines),
            "duree": minutes(delai),
            "url_termines": adresse(choix, "contacts", canal=canal),
            "url_resolus": adresse(choix, "contacts-resolus", canal=canal),
        }


# -- file ------------------------------------------------------------------------------------------------


def en_csv(choix: Choix, bilan: Bilan) -> HttpResponse:
    """One number a line, as a French spreadsheet opens them."""
    sortie = io.StringIO(newline="")
    table = csv.writer(sortie, delimiter=";")
    table.writerow(["Lieu", "Du", "Au", "Rubrique", "Précision", "Valeur"])
    du, au = choix.periode.du.isoformat(), choix.periode.au.isoformat()
    for rubrique, precision, valeur in lignes_du_fichier(bilan):
        table.writerow([sans_formule(choix.lieu.nom), du, au, rubrique, precision, valeur])
    nom = f"pilotage-{choix.lieu.code}-{du}-{au}.csv"
    return HttpResponse(
        sortie.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{nom}"'},
    )


def lignes_du_fichier(bilan: Bilan) -> Iterator[tuple[str, str, str]]:
    for rubrique, nombre in (
        ("Demandes reçues", bilan.recues),
        ("À faire en ce moment", bilan.a_faire),
        ("En retard en ce moment", bilan.en_retard),
        ("Réponses apportées", bilan.repondues),
        ("Demandes résolues au premier contact", bilan.au_premier_contact),
        ("Réponses dont le délai était promis", bilan.promises),
        ("Réponses dans le délai promis", bilan.a_temps),
        ("Demandes rouvertes", bilan.rouvertes),
        ("Demandes réorientées", bilan.reorientees),
        ("Appels et visites", bilan.contacts),
        ("Appels et visites sans demande", bilan.contacts_sans_demande),
    ):
        yield rubrique, "", brut(nombre)
    yield "Délai médian de réponse", "heures", heures(bilan.delai)
    yield "Délai médian promis", "heures", heures(bilan.delai_promis)
    for pas in bilan.pas:
        yield "Reçues", pas.periode.du.isoformat(), brut(pas.recues)
        yield "Terminées", pas.periode.du.isoformat(), brut(pas.finies)
    for canal, demandes, contacts, resolus, delai in bilan.canaux:
        yield "Demandes par canal", canal.libelle, brut(demandes)
        yield "Appels et visites par canal", canal.libelle, brut(contacts)
        if contacts != 0:
            yield "Appels et visites résolus au premier contact", canal.libelle, brut(resolus)
            yield "Durée médiane des appels et visites, en minutes", canal.libelle, en_minutes(delai)


def brut(nombre: Nombre) -> str:
    return TROP_PEU if nombre is None else str(nombre)


def heures(delai: timedelta | None) -> str:
    return "" if delai is None else f"{delai.total_seconds() / 3600:.1f}".replace(".", ",")


def en_minutes(delai: timedelta | None) -> str:
    return "" if delai is None else f"{delai.total_seconds() / 60:.1f}".replace(".", ",")


def sans_formule(texte: str) -> str:
    """A name that a spreadsheet would compute is written as text."""
    return f"'{texte}" if texte[:1] in tuple("=+-@\t\r") else texte
