"""Compose a form away from residents' eyes, then put it in service as a new version.

Each change says which `revision` its screen showed: one that is stale is a Conflit and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from demandes.administration import conditions
from demandes.administration.conditions import Champ
from demandes.chargement.catalogue import verifier_formulaire
from demandes.formulaires import bornes
from demandes.models import FormulairePrepare, RegleOrientation, TypeDemande, VersionFormulaire
from guichet.organisation.audit import consigner
from guichet.organisation.models import Compte
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus

CHAMPS_AU_PLUS = 60
DEJA_CHANGE = (
    "Ce formulaire a changé depuis que vous avez ouvert cette page, ou votre envoi est déjà passé. "
    "Rien n'a été modifié : relisez les questions, puis envoyez à nouveau."
)
LIBELLES = {
    "texte_court": "Texte court",
    "texte_long": "Texte long",
    "choix": "Un choix dans une liste",
    "choix_multiple": "Plusieurs choix dans une liste",
    "oui_non": "Oui ou non",
    "nombre": "Nombre",
    "date": "Date",
    "heure": "Heure",
    "adresse": "Adresse",
    "photos": "Photos",
    "telephone": "Téléphone",
    "courriel": "Adresse électronique",
    "siret": "Numéro SIRET",
    "rna": "Numéro d'association (RNA)",
    "immatriculation": "Plaque d'immatriculation",
    "iban_masque": "IBAN (masqué)",
}


@dataclass(frozen=True)
class Atelier:
    """The form as it is being composed, and the version that residents fill in today (None: not yet)."""

    champs: list[Champ]
    revision: int
    version: VersionFormulaire | None
    modifie_par: Compte | None

    @property
    def est_modifie(self) -> bool:
        return self.champs != (self.version.champs if self.version else [])


def ouvrir(type: TypeDemande) -> Atelier:
    version = type.versions.order_by("-numero").first()
    prepare = FormulairePrepare.objects.select_related("modifie_par").filter(type=type).first()
    if prepare is None:
        return Atelier(version.champs if version else [], 0, version, None)
    numero = version.numero if version else 0
    if prepare.base != numero and version and not _a_du_travail(type, prepare):
        # The catalogue was loaded again meanwhile, and nobody was composing.
        return Atelier(version.champs, prepare.revision, version, None)
    return Atelier(prepare.champs, prepare.revision, version, prepare.modifie_par)


def _a_du_travail(type: TypeDemande, prepare: FormulairePrepare) -> bool:
    depart = type.versions.filter(numero=prepare.base).values_list("champs", flat=True).first()
    return prepare.champs != (depart or [])


@transaction.atomic
def _changer(
    type: TypeDemande, revision: int, changement: Callable[[list[Champ]], list[Champ]], par: Compte
) -> None:
    """Apply a change to the working copy, checked as the loader would check it."""
    TypeDemande.objects.select_for_update().get(pk=type.pk)
    atelier = ouvrir(type)
    if atelier.revision != revision:
        raise Conflit(DEJA_CHANGE)
    champs = changement([dict(champ) for champ in atelier.champs])
    if len(champs) > CHAMPS_AU_PLUS:
        raise Refus(f"Un formulaire compte {CHAMPS_AU_PLUS} questions au plus.")
    if champs:
        verifier(type, champs)
    _ecrire(type, atelier, champs, par)


def _ecrire(type: TypeDemande, atelier: Atelier, champs: list[Champ], par: Compte) -> None:
    existant = FormulairePrepare.objects.filter(type=type).first()
    base = atelier.version.numero if atelier.version else 0
    if existant and _a_du_travail(type, existant):
        base = existant.base
    prepare, _ = FormulairePrepare.objects.update_or_create(
        type=type,
        defaults={"champs": champs, "revision": atelier.revision + 1, "modifie_par": par, "base": base},
    )
    consigner(
        compte=par,
        objet=prepare,
        action="modification",
        avant={"champs": en_mots(atelier.champs)},
        apres={"champs": en_mots(champs)},
    )


def verifier(type: TypeDemande, champs: list[Champ]) -> None:
    """The loader's own checks; its sentence names the question as the administrator reads it."""
    try:
        verifier_formulaire(champs)
    except DonneeInvalide as erreur:
        fautif = next((c for c in champs if c["nom"] == erreur.champ), None)
        mots = str(erreur).partition(" : ")[2] or str(erreur)
        raise Refus(f"« {fautif['libelle']} » : {mots}" if fautif else str(erreur)) from erreur


def ajouter(type: TypeDemande, champ: Champ, *, revision: int, par: Compte) -> None:
    _changer(type, revision, lambda champs: [*champs, champ], par)


def remplacer(type: TypeDemande, nom: str, champ: Champ, *, revision: int, par: Compte) -> None:
    _changer(type, revision, lambda champs: [champ if c["nom"] == nom else c for c in champs], par)


def retirer(type: TypeDemande, nom: str, *, revision: int, par: Compte) -> None:
    _changer(type, revision, lambda champs: [c for c in champs if c["nom"] != nom], par)


def deplacer(type: TypeDemande, nom: str, pas: int, *, revision: int, par: Compte) -> None:
    """One place up (-1) or down (1); at an end, nothing moves."""

    def echanger(champs: list[Champ]) -> list[Champ]:
        rang = next((i for i, c in enumerate(champs) if c["nom"] == nom), -1)
        autre = rang + pas
        if rang >= 0 and 0 <= autre < len(champs):
            champs[rang], champs[autre] = champs[autre], champs[rang]
        return champs

    _changer(type, revision, echanger, par)


def abandonner(type: TypeDemande, *, revision: int, par: Compte) -> None:
    """Go back to the questions in service."""
    with transaction.atomic():
        TypeDemande.objects.select_for_update().get(pk=type.pk)
        atelier = ouvrir(type)
        if atelier.revision != revision:
            raise Conflit(DEJA_CHANGE)
        champs = atelier.version.champs if atelier.version else []
        _ecrire(type, atelier, champs, par)
        FormulairePrepare.objects.filter(type=type).update(
            base=atelier.version.numero if atelier.version else 0
        )


@transaction.atomic
def mettre_en_service(type: TypeDemande, *, revision: int, par: Compte) -> VersionFormulaire:
    """The working copy becomes a version. What is filed or begun keeps its own."""
    type = TypeDemande.objects.select_for_update().get(pk=type.pk)
    atelier = ouvrir(type)
    if atelier.revision != revision:
        raise Conflit(DEJA_CHANGE)
    if not atelier.champs:
        raise Refus("Ajoutez au moins une question avant de mettre ce formulaire en service.")
    if not atelier.est_modifie:
        raise Refus("Ce formulaire est déjà celui qui est en service.")
    prepare = FormulairePrepare.objects.get(type=type)
    numero = atelier.version.numero if atelier.version else 0
    if prepare.base != numero:
        raise Conflit(
            f"La version {numero} est arrivée par le catalogue pendant votre travail. "
            "Abandonnez ces modifications, puis refaites-les sur elle."
        )
    verifier(type, atelier.champs)
    if perdus := renvois_perdus(type, atelier.champs):
        raise Refus(
            f"Ces réglages s'appuient encore sur une question retirée ou changée : {', '.join(perdus)}."
        )
    nouvelle = VersionFormulaire.objects.create(type=type, numero=numero + 1, champs=atelier.champs)
    prepare.base, prepare.revision, prepare.modifie_par = nouvelle.numero, prepare.revision + 1, par
    prepare.save()
    consigner(
        compte=par,
        objet=type,
        action="modification",
        avant={"formulaire": version_en_mots(atelier.version) if atelier.version else []},
        apres={"formulaire": version_en_mots(nouvelle)},
    )
    return nouvelle


def renvois_perdus(type: TypeDemande, champs: list[Champ]) -> list[str]:
    """What of the type reads an answer that the form can no longer give."""
    attendues = [
        (lot.renvoi, conditions.condition_de(ligne))
        for lot in conditions.LOTS
        for ligne in getattr(type, lot.colonne)
    ]
    for regle in RegleOrientation.objects.filter(type=type, est_active=True):
        attendues += [(f"la règle « {regle} »", si) for si in regle.reponses]
    return list(dict.fromkeys(mots for mots, si in attendues if not conditions.est_possible(si, champs)))


def version_en_mots(version: VersionFormulaire) -> list[str]:
    return [f"version {version.numero}", *en_mots(version.champs)]


def en_mots(champs: list[Champ]) -> list[str]:
    """« Quelle rue ? (texte court, obligatoire) », one line a question: what the register keeps."""
    return [f"{champ['libelle']} ({', '.join(precisions(champ, champs))})" for champ in champs]


def precisions(champ: Champ, champs: list[Champ]) -> list[str]:
    mots = [LIBELLES[champ["type"]].lower(), "obligatoire" if champ["obligatoire"] else "facultative"]
    if choix := champ.get("choix"):
        mots.append("réponses : " + " / ".join(c["libelle"] for c in choix))
    mots += [
        f"{mot} {bornes.en_mots(champ, cote)}"
        for cote, mot in (("minimum", "au moins"), ("maximum", "au plus"))
        if cote in champ
    ]
    if si := champ.get("si"):
        mots.append(f"si {conditions.en_mots(si, champs)}")
    return mots
