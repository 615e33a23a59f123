"""The agents of a file, each known by their address; a person with several roles stands on several lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from guichet.organisation import effectifs, effectifs_en_nombre
from guichet.organisation.administration.agents_forms import AffectationForm, AgentForm
from guichet.organisation.administration.imports.lecture import Colonne, Rangee
from guichet.organisation.administration.imports.plan import (
    Etat,
    Ligne,
    LigneRefusee,
    Plan,
    ecarts,
    fautes,
    remplir,
)
from guichet.organisation.effectifs_en_nombre import (
    Attribution,
    Correction,
    Fin,
    Geste,
    GesteRefuse,
    Ouverture,
)
from guichet.organisation.models import (
    Affectation,
    Agent,
    Compte,
    Direction,
    Espace,
    PointAccueil,
    Role,
    Secteur,
)
from guichet.organisation.models.comptes import ROLES_ACCUEIL
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import plier

COLONNES = (
    Colonne("courriel", "Adresse électronique", "colette.exemple@ville.example", est_requise=True),
    Colonne("prenom", "Prénom", "Colette", est_requise=True),
    Colonne("nom", "Nom", "Exemple", est_requise=True),
    Colonne("qualite", "Qualité", "Agente d'accueil", est_requise=True),
    Colonne("telephone", "Téléphone", "04 65 71 00 00", commence_par_plus=True),
    Colonne("adresse_administrative", "Adresse administrative", "1 place de l'Exemple"),
    Colonne("role", "Rôle", "Agent d'accueil"),
    Colonne("lieu", "Lieu", "MA1"),
    Colonne("secteurs", "Secteurs", "Général"),
    Colonne("du", "Du", ""),
    Colonne("au", "Au", ""),
)
IDENTITE = ("courriel", "prenom", "nom", "qualite", "telephone", "adresse_administrative")
ROLES = {plier(mot): r for r in Role for mot in (r.value, str(r.label))}
SECTEURS = {plier(mot): s.value for s in Secteur for mot in (s.value, str(s.label))}


class AffectationLue(AffectationForm):
    """The same rules; the place comes found, so that a line asks nothing of the database."""

    point_accueil = forms.Field(label="Point d'accueil", required=False)  # type: ignore[assignment]
    direction = forms.Field(label="Direction", required=False)  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["du"].label, self.fields["au"].label = "Du", "Au"


def cle_de(rangee: Rangee) -> str:
    """The address as the account keeps it; one that is none finds nobody, the form says why."""
    texte = rangee.cases.get("courriel", "")
    try:
        return normaliser_courriel(texte).lower() if texte else ""
    except DonneeInvalide:
        return ""


@dataclass
class Personne:
    """Somebody of the file: as the house knows them, then as the lines already read leave them."""

    agent: Agent
    valeurs: dict[str, Any]
    droits: list[Affectation] = field(default_factory=list)
    ligne: int = 0


@dataclass
class Maison:
    """All that the lines are compared with, read once."""

    personnes: dict[str, Personne]
    sans_fiche: set[str]
    accueils: dict[str, PointAccueil]
    directions: dict[str, Direction]
    avec_invitation: bool

    @classmethod
    def lire(cls, rangees: list[Rangee], *, avec_invitation: bool, pour_ecrire: bool) -> Maison:
        courriels = {cle_de(rangee) for rangee in rangees}
        comptes = Compte.objects.filter(espace=Espace.AGENT, courriel__in=courriels).select_related("agent")
        droits = Affectation.objects.select_related("point_accueil", "direction")
        if pour_ecrire:
            # An agent is always changed under the lock of their account (effectifs.verrouiller).
            comptes = comptes.select_for_update(of=("self",))
            droits = droits.select_for_update(of=("self",))
        par_compte: dict[int, Personne] = {}
        personnes, sans_fiche = {}, set()
        for compte in comptes.order_by("pk"):
            agent = getattr(compte, "agent", None)
            if agent is None:
                sans_fiche.add(compte.courriel)
                continue
            agent.compte = compte
            personnes[compte.courriel] = par_compte[compte.pk] = Personne(agent, AgentForm.valeurs_de(agent))
        for droit in droits.filter(compte__in=par_compte).order_by("pk"):
            personne = par_compte[droit.compte_id]
            droit.compte = personne.agent.compte
            personne.droits.append(droit)
        return cls(
            personnes,
            sans_fiche,
            {p.code: p for p in PointAccueil.objects.filter(est_actif=True)},
            {d.code: d for d in Direction.objects.filter(est_active=True)},
            avec_invitation,
        )


def preparer(rangees: list[Rangee], *, avec_invitation: bool = False, pour_ecrire: bool = False) -> Plan:
    """What the file would do to the agents and their rights, compared with what they are now.

    With `pour_ecrire`, in a transaction: what is compared stays so until the end of it.
    """
    maison = Maison.lire(rangees, avec_invitation=avec_invitation, pour_ecrire=pour_ecrire)
    return Plan([preparer_une(rangee, maison) for rangee in rangees])


def ecrire(lignes: list[Ligne], par: Compte) -> None:
    """All the gestures of all the lines at once."""
    try:
        effectifs_en_nombre.faire([geste for ligne in lignes for geste in ligne.gestes], par=par)
    except GesteRefuse as refus:
        fautive = next(ligne for ligne in lignes if refus.geste in ligne.gestes)
        raise LigneRefusee(fautive, str(refus)) from refus


def preparer_une(rangee: Rangee, maison: Maison) -> Ligne:
    cases = rangee.cases
    sujet = f"{cases.get('prenom', '')} {cases.get('nom', '')}".strip() or cases.get("courriel", "")
    if rangee.erreur:
        return Ligne(rangee.numero, sujet[:120], Etat.ERREUR, rangee.erreur)
    try:
        return preparer_la_personne(rangee, maison)
    except DonneeInvalide as erreur:
        return Ligne(rangee.numero, sujet[:120], Etat.ERREUR, str(erreur))


def preparer_la_personne(rangee: Rangee, maison: Maison) -> Ligne:
    courriel = cle_de(rangee)
    if courriel in maison.sans_fiche:
        raise DonneeInvalide("Cette adresse est celle d'un compte sans fiche d'agent : prenez-en une autre.")
    connue = maison.personnes.get(courriel)
    avant = connue.valeurs if connue else {}
    formulaire = AgentForm({**avant, **remplir(avant, rangee.cases, IDENTITE)})
    if not formulaire.is_valid():
        raise DonneeInvalide(fautes(formulaire))
    apres = formulaire.cleaned_data
    changes = ecarts(formulaire, avant, apres) if connue else []
    if connue and connue.ligne and changes:
        raise DonneeInvalide(f"La ligne {connue.ligne} dit autre chose de la même personne. {changes[0]}")
    personne = connue or Personne(effectifs_en_nombre.nouvel_agent(apres), apres)
    gestes: list[Geste] = []
    phrases, etat = [*changes], Etat.INCHANGE
    # The right is read before anything is remembered: a line in error leaves no trace on the next ones.
    droit = preparer_le_droit(rangee.cases, personne, maison)
    if connue is None:
        etat = Etat.CREE
        phrases.append("Nouveau compte, avec invitation." if maison.avec_invitation else "Nouveau compte.")
        gestes.append(Ouverture(personne.agent, maison.avec_invitation))
        maison.personnes[apres["courriel"]] = personne
    elif changes:
        etat = Etat.MODIFIE
        gestes.append(Correction(personne.agent, apres))
    personne.valeurs, personne.ligne = apres, personne.ligne or rangee.numero
    if droit:
        phrase, geste = droit
        phrases.append(phrase)
        gestes.append(geste)
        etat = etat if etat is Etat.CREE else Etat.MODIFIE
    sujet = f"{apres['prenom']} {apres['nom']}"
    return Ligne(rangee.numero, sujet, etat, "\n".join(phrases), gestes)


# -- rights ------------------------------------------------------------------------------------------------


def preparer_le_droit(cases: dict[str, str], personne: Personne, maison: Maison) -> tuple[str, Geste] | None:
    """The right that a line adds or ends, in words and as a gesture; None when it is held already."""
    role = lire_le_role(cases)
    if role is None:
        return None
    accueil, direction = trouver_le_lieu(cases.get("lieu", ""), role, maison)
    secteurs = lire_les_secteurs(cases.get("secteurs", ""))
    memes = [
        d for d in personne.droits if (d.role, d.point_accueil, d.direction) == (role, accueil, direction)
    ]
    if tenu := retrouver(memes, lire_le_jour("du", cases)):
        return continuer(tenu, secteurs, lire_le_jour("au", cases))
    formulaire = AffectationLue(
        {
            "role": role,
            "point_accueil": accueil,
            "direction": direction,
            "secteurs": secteurs or [Secteur.GENERAL.value],
            "du": cases.get("du") or timezone.localdate(),
            "au": cases.get("au", ""),
        }
    )
    if not formulaire.is_valid():
        raise DonneeInvalide(fautes(formulaire))
    droit = Affectation(compte=personne.agent.compte, **formulaire.cleaned_data)
    for autre in memes:
        if (autre.au is None or autre.au >= droit.du) and (droit.au is None or autre.du <= droit.au):
            raise DonneeInvalide(f"Du : cet agent tient déjà ce rôle ici depuis le {autre.du:%d/%m/%Y}.")
    personne.droits.append(droit)
    return f"Rôle ajouté : {decrire(droit)}.", Attribution(droit)


def retrouver(memes: list[Affectation], du: date | None) -> Affectation | None:
    """The right a line speaks of: the one that begins that day, or the one that is not over."""
    hier = effectifs.veille()
    return next((d for d in memes if d.du == du or (du is None and (d.au is None or d.au > hier))), None)


def continuer(tenu: Affectation, secteurs: list[str], au: date | None) -> tuple[str, Geste] | None:
    """A right is never rewritten: a line may only give it an end."""
    if secteurs and set(secteurs) != set(tenu.secteurs):
        raise DonneeInvalide(
            "Secteurs : ils ne se réécrivent pas. "
            "Mettez d'abord fin à cette affectation, sur la fiche de l'agent."
        )
    if au is None or au == tenu.au:
        return None
    if tenu.pk is None:
        raise DonneeInvalide("Au : une autre ligne donne déjà ce rôle à cette personne, avec une autre fin.")
    if tenu.au is not None and tenu.au < au:
        raise DonneeInvalide(f"Au : ce rôle finit déjà le {tenu.au:%d/%m/%Y}, et une fin ne se repousse pas.")
    if au < effectifs.veille():
        raise DonneeInvalide("Au : la fin ne peut pas être plus ancienne qu'hier.")
    return f"Fin le {au:%d/%m/%Y} : {tenu}.", Fin(tenu, au)


def lire_le_role(cases: dict[str, str]) -> Role | None:
    texte = cases.get("role", "")
    if not texte:
        if any(cases.get(nom) for nom in ("lieu", "secteurs", "du", "au")):
            raise DonneeInvalide(
                "Rôle : la ligne donne un lieu, des secteurs ou des dates, mais pas de rôle."
            )
        return None
    role = ROLES.get(plier(texte))
    if role is None:
        possibles = ", ".join(str(r.label) for r in Role)
        raise DonneeInvalide(f"Rôle : « {texte[:40]} » est inconnu. Écrivez : {possibles}.")
    return role


def trouver_le_lieu(texte: str, role: Role, maison: Maison) -> tuple[PointAccueil | None, Direction | None]:
    """A code may be a desk's and a direction's: the role tells which one is meant."""
    if not texte:
        return None, None
    accueil, direction = maison.accueils.get(texte.upper()), maison.directions.get(texte.upper())
    if accueil and direction:
        return (accueil, None) if role in ROLES_ACCUEIL else (None, direction)
    if accueil or direction:
        return accueil, direction
    raise DonneeInvalide(f"Lieu : aucun lieu en service n'a le code « {texte[:20]} ».")


def lire_les_secteurs(texte: str) -> list[str]:
    lus = []
    for mot in filter(None, (m.strip() for m in re.split(r"[,;/|+]", texte))):
        secteur = SECTEURS.get(plier(mot))
        if secteur is None:
            possibles = ", ".join(str(s.label) for s in Secteur)
            raise DonneeInvalide(
                f"Secteurs : « {mot[:40]} » est inconnu. Écrivez, entre virgules : {possibles}."
            )
        lus.append(secteur)
    return list(dict.fromkeys(lus))


def lire_le_jour(nom: str, cases: dict[str, str]) -> date | None:
    champ = AffectationForm.base_fields[nom]
    if not cases.get(nom):
        return None
    try:
        jour: date = champ.clean(cases[nom])
    except ValidationError as erreur:
        raise DonneeInvalide(f"{nom.capitalize()} : {' '.join(erreur.messages)}") from erreur
    return jour


def decrire(droit: Affectation) -> str:
    fin = f" au {droit.au:%d/%m/%Y}" if droit.au else ""
    return f"{droit}, {droit.libelle_secteurs}, du {droit.du:%d/%m/%Y}{fin}"
