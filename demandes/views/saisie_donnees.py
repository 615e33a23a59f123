"""What travels with an entry: begun from an address, taken up again from what was posted."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from demandes.actions.contacts import accueil_pour
from demandes.models import Contact, Fiche
from demandes.recherche import chercher_personnes, lire
from guichet.canaux.canal import Canal
from guichet.organisation.perimetre import Perimetre
from guichet.socle.texte import nettoyer

if TYPE_CHECKING:
    from demandes.views.saisie_en_cours import Saisie

REPRIS_DE_L_ADRESSE = ("usager", "type", "canal", "fiche", "recue_le", "lettre")
CHOIX = ("usager", "appelant", "type")
CODES = ("cle", "fiche", "choisir_fiche", *CHOIX, *(f"choisir_{champ}" for champ in CHOIX))
AFFICHES = ("lettre", "usager_q", "appelant_q", "type_q", "fiche", "canal", "reponse")
# What is known of the person speaking goes with them when they turn out to ask for somebody else.
DE_LA_PERSONNE = ("prenom", "nom", "telephone", "courriel", "raison_sociale")


def commencer(request: HttpRequest, saisie: Saisie) -> QueryDict:
    """A fresh entry, filled in with what the address says: person, type, channel, fiche, words."""
    donnees = QueryDict(mutable=True)
    contact = saisie.contact
    for nom in REPRIS_DE_L_ADRESSE:
        donnees[nom] = nettoyer(request.GET.get(nom, ""))
    donnees["cle"] = uuid.uuid4().hex
    if saisie.lettre:
        donnees["canal"] = Canal.COURRIER
    donnees["canal"] = donnees["canal"] or (contact.canal if contact else Canal.TELEPHONE)
    if contact:
        dire_qui_parle(donnees, contact)
    comprendre(donnees, request.GET.get("q", ""), saisie.perimetre)
    canal = donnees["canal"] if donnees["canal"] in list(Canal) else Canal.TELEPHONE
    if accueil := accueil_pour(saisie.accueils, canal):
        donnees["point_accueil"] = str(accueil.pk)
    if donnees["fiche"]:
        citer(donnees, donnees["fiche"])
    if saisie.lettre:
        donnees.update(saisie.lettre.donnees())
    dater(donnees)
    return completer(donnees)


def dire_qui_parle(donnees: QueryDict, contact: Contact) -> None:
    """Who is on the phone or at the counter, and whom they speak for, as far as the contact knows."""
    en_ligne, pour = (str(pk or "") for pk in (contact.usager_id, contact.beneficiaire_id))
    demandeur = donnees["usager"] or pour
    if contact.est_pour_autrui and (not demandeur or demandeur != en_ligne):
        donnees["pour_autrui"] = "oui"
        donnees["usager"], donnees["appelant"] = demandeur, en_ligne
    else:
        donnees["usager"] = demandeur or en_ligne


def dater(donnees: QueryDict) -> None:
    """Paper is opened on the day it arrives, unless the agent says otherwise."""
    if donnees.get("canal") == Canal.COURRIER and not donnees.get("recue_le"):
        donnees["recue_le"] = timezone.localdate().isoformat()


def comprendre(donnees: QueryDict, mots: str, perimetre: Perimetre) -> None:
    """Words brought from the search box: somebody known, else a way to reach them, else a subject."""
    question = lire(mots)
    if question.est_vide:
        return
    if chercher_personnes(question, perimetre, limite=1)[0]:
        donnees["usager_q"] = question.saisie
    elif question.telephone:
        donnees["telephone"] = question.saisie
    elif question.courriel:
        donnees["courriel"] = question.saisie
    else:
        donnees["type_q"] = question.saisie


def reprendre(request: HttpRequest, saisie: Saisie) -> QueryDict:
    """What was posted, plus what the pressed button changes."""
    donnees = request.POST.copy()
    for nom in CODES:
        if nom in donnees:
            donnees[nom] = nettoyer(donnees[nom])
    if saisie.lettre:
        donnees["cle"] = saisie.lettre.cle
    choisir(donnees)
    if (pour := donnees.get("pour")) is not None:
        parler_pour(donnees, autrui=pour == "autrui")
    if (code := donnees.get("choisir_fiche")) is not None:
        citer(donnees, code)
    if not saisie.issue:
        dater(donnees)
    if "avancer" in donnees:
        nommer(donnees, saisie.perimetre)
    return completer(donnees)


def choisir(donnees: QueryDict) -> None:
    """What was searched and is found; nobody chosen is anonymous."""
    for champ in CHOIX:
        if (choix := donnees.get(f"choisir_{champ}")) is not None:
            donnees[champ] = choix
            donnees[f"{champ}_q"] = ""
    if donnees.get("choisir_usager"):
        donnees["est_anonyme"] = ""


def nommer(donnees: QueryDict, perimetre: Perimetre) -> None:
    """Words searched that nobody known bears are those of somebody new: a name, first name first."""
    question = lire(donnees.get("usager_q", ""))
    deja = any(donnees.get(champ) for champ in ("usager", *DE_LA_PERSONNE))
    if question.est_vide or deja or chercher_personnes(question, perimetre, limite=1)[0]:
        return
    if question.telephone or question.courriel:
        donnees["telephone" if question.telephone else "courriel"] = question.saisie
    elif not any(mot.isdigit() for mot in question.mots):
        *prenom, nom = question.saisie.split(" ", 1)
        donnees["prenom"], donnees["nom"] = "".join(prenom), nom
    else:
        return
    donnees["usager_q"] = ""


def completer(donnees: QueryDict) -> QueryDict:
    for nom in AFFICHES:
        donnees.setdefault(nom, "")
    return donnees


def parler_pour(donnees: QueryDict, *, autrui: bool) -> None:
    """Turn the person speaking into the one who asks for somebody else, or back."""
    if autrui == (donnees.get("pour_autrui") == "oui"):
        return
    donnees["pour_autrui"] = "oui" if autrui else ""
    depart, arrivee = ("", "appelant_") if autrui else ("appelant_", "")
    vide, pris = ("usager", "appelant") if autrui else ("appelant", "usager")
    donnees[pris] = donnees.get(vide, "")
    donnees[vide] = ""
    for champ in DE_LA_PERSONNE:
        donnees[arrivee + champ] = donnees.get(depart + champ, "")
        donnees[depart + champ] = ""


def citer(donnees: QueryDict, code: str) -> None:
    """Quote a fiche: its words become the answer, unless the agent wrote their own; its type is taken."""
    fiches = {f.code: f for f in Fiche.objects.filter(code__in=[code, donnees.get("fiche", "")])}
    ancienne, nouvelle = fiches.get(donnees.get("fiche", "")), fiches.get(code)
    ecrite = donnees.get("reponse", "").replace("\r\n", "\n").strip()
    if not ecrite or (ancienne and ecrite == ancienne.reponse.strip()):
        donnees["reponse"] = nouvelle.reponse if nouvelle else ""
    donnees["fiche"] = nouvelle.code if nouvelle else ""
    if nouvelle and not donnees.get("type") and (type := nouvelle.types.publies().first()):
        donnees["type"] = type.code
