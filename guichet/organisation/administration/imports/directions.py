"""The directions of a file, each known by its code."""

from __future__ import annotations

from functools import partial
from typing import Any

from guichet.organisation import lieux
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
from guichet.organisation.administration.lieux_forms import DirectionForm
from guichet.organisation.models import Compte, Direction, Secteur, SignatureDesCourriels
from guichet.socle.erreurs import ErreurMetier
from guichet.socle.texte import plier

COLONNES = (
    Colonne("code", "Code", "EXE", est_requise=True),
    Colonne("nom", "Nom", "Direction de l'exemple", est_requise=True),
    Colonne("nom_public", "Nom public", "Service de l'exemple", est_requise=True),
    Colonne("secteur", "Secteur", "Général"),
    Colonne("courriel", "Adresse électronique", "exemple@ville.example", est_requise=True),
    Colonne("telephone", "Téléphone", "04 65 71 00 00", est_requise=True, commence_par_plus=True),
    Colonne("adresse", "Adresse postale", "1 place de l'Exemple", est_requise=True),
)
# What the file does not say of a direction it opens.
NOUVELLE = {"secteur": Secteur.GENERAL.value, "signature": SignatureDesCourriels.COMPLETE.value}
SECTEURS = {plier(mot): s.value for s in Secteur for mot in (s.value, str(s.label))}


def preparer(rangees: list[Rangee], *, avec_invitation: bool = False, pour_ecrire: bool = False) -> Plan:
    """What the file would do to the directions, compared with what they are now."""
    directions = Direction.objects.order_by("pk")
    if pour_ecrire:
        directions = directions.select_for_update()
    existantes = {direction.code: direction for direction in directions}
    vues: dict[str, int] = {}
    return Plan([preparer_une(rangee, existantes, vues) for rangee in rangees])


def preparer_une(rangee: Rangee, existantes: dict[str, Direction], vues: dict[str, int]) -> Ligne:
    cases = rangee.cases
    code = cases.get("code", "").upper()
    refuser = partial(Ligne, rangee.numero, cases.get("nom", "")[:120] or code[:20], Etat.ERREUR)
    if rangee.erreur:
        return refuser(rangee.erreur)
    if code and code in vues:
        return refuser(f"Le code « {code[:20]} » est déjà à la ligne {vues[code]}.")
    vues[code] = rangee.numero
    direction = existantes.get(code)
    avant: dict[str, Any] = DirectionForm.valeurs_de(direction) if direction else dict(NOUVELLE)
    valeurs = remplir(avant, cases, DirectionForm.base_fields)
    secteur = SECTEURS.get(plier(str(valeurs["secteur"])))
    if secteur is None:
        possibles = ", ".join(str(s.label) for s in Secteur)
        return refuser(f"Secteur : « {str(valeurs['secteur'])[:40]} » est inconnu. Écrivez : {possibles}.")
    formulaire = DirectionForm({**valeurs, "secteur": secteur})
    if not formulaire.is_valid():
        return refuser(fautes(formulaire))
    apres = formulaire.cleaned_data
    sujet = f"{apres['code']} – {apres['nom']}"
    if direction is None:
        texte = f"Nouvelle direction : {apres['nom_public']}, secteur {Secteur(secteur).label}."
        return Ligne(rangee.numero, sujet, Etat.CREE, texte, [geste_pour(None, apres)])
    lisible = [dict(v, secteur=str(Secteur(v["secteur"]).label)) for v in (avant, apres)]
    changes = ecarts(formulaire, *lisible)
    if not changes:
        return Ligne(rangee.numero, sujet, Etat.INCHANGE, "")
    return Ligne(rangee.numero, sujet, Etat.MODIFIE, "\n".join(changes), [geste_pour(direction, apres)])


def geste_pour(direction: Direction | None, valeurs: dict[str, Any]) -> Any:
    return lambda par: lieux.enregistrer(direction or Direction(), valeurs, par=par)


def ecrire(lignes: list[Ligne], par: Compte) -> None:
    """One by one: a city has some tens of directions."""
    for ligne in lignes:
        try:
            for geste in ligne.gestes:
                geste(par)
        except ErreurMetier as erreur:
            raise LigneRefusee(ligne, str(erreur)) from erreur
