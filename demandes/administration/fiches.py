"""What the administrator does to the knowledge base: find a fiche, write it, publish it, withdraw it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from demandes import vitrine
from demandes.administration.champs_de_saisie import nom_libre
from demandes.models import Fiche, Message, RemarqueFiche, Sujet, TypeDemande
from guichet.organisation.administration.pages import chercher
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Modification
from guichet.socle.erreurs import Conflit, DonneeInvalide

LONGUEUR_DU_CODE = 40
DEJA_PRISE = "Une fiche pose déjà cette question : modifiez-la, ou précisez celle-ci."
DEJA_CHANGEE = (
    "Quelqu'un d'autre a enregistré cette fiche pendant que vous écriviez. Votre texte est gardé : "
    "comparez-le à ce que la fiche dit maintenant, puis enregistrez de nouveau pour le remplacer."
)


def annoter() -> QuerySet[Any]:
    """Fiches with their direction, their types and whether an agent's remark waits (`est_signalee`)."""
    ouvertes = RemarqueFiche.objects.filter(fiche=OuterRef("pk"), traitee_le=None)
    fiches = Fiche.objects.select_related("direction").prefetch_related("types")
    return fiches.annotate(est_signalee=Exists(ouvertes))


def filtrer(fiches: QuerySet[Any], filtres: dict[str, Any]) -> QuerySet[Any]:
    """By words of the question, the everyday words or the types; by state, theme, direction."""
    types = TypeDemande.objects.filter(fiches=OuterRef("pk"))
    fiches = chercher(
        fiches,
        filtres.get("q", ""),
        Concat("question", Value(" "), Cast("mots_cles", TextField()), output_field=TextField()),
        ou=lambda mot: Q(Exists(chercher(types, mot, "libelle"))),
    )
    if theme := filtres.get("theme"):
        fiches = fiches.filter(Exists(types.filter(themes__code=theme)))
    if direction := filtres.get("direction"):
        fiches = fiches.filter(direction__code=direction)
    match filtres.get("etat"):
        case "publiees":
            return fiches.filter(est_active=True)
        case "retirees":
            return fiches.filter(est_active=False)
        case "a_revoir":
            return a_revoir(fiches)
        case "signalees":
            return fiches.filter(est_signalee=True)
    return fiches


def a_revoir(fiches: QuerySet[Any]) -> QuerySet[Any]:
    return fiches.filter(est_active=True, a_revoir_le__lte=timezone.localdate())


def version_de(fiche: Fiche) -> str:
    """What an editor's page says of the fiche it showed."""
    return fiche.modifiee_le.isoformat()


def citations(fiche: Fiche) -> int:
    """How many contacts and answers lean on it: they keep it when it is withdrawn."""
    return Sujet.objects.filter(fiche=fiche).count() + Message.objects.filter(fiche=fiche).count()


@transaction.atomic
def enregistrer(
    fiche: Fiche, valeurs: dict[str, Any], *, version: str, est_active: bool | None, par: Compte
) -> Fiche:
    """Create a fiche, or change the one that `version` names; `est_active` None leaves its state alone.

    Raises Conflit when it was changed since. What would change nothing is not written, whatever the version.
    """
    est_nouvelle = fiche.pk is None
    if est_nouvelle:
        fiche.est_active = False
    else:
        fiche = Fiche.objects.select_for_update().get(pk=fiche.pk)
    avant = {} if est_nouvelle else instantane(fiche)
    siens = set() if est_nouvelle else set(fiche.types.all())
    valeurs = dict(valeurs)
    types = set(valeurs.pop("types"))
    if est_active is not None:
        valeurs["est_active"] = est_active
    change = {nom for nom, valeur in valeurs.items() if getattr(fiche, nom) != valeur}
    if not change and types == siens:
        return fiche
    if not est_nouvelle and version != version_de(fiche):
        raise Conflit(DEJA_CHANGEE)
    for nom, valeur in valeurs.items():
        setattr(fiche, nom, valeur)
    voisines = Fiche.objects.exclude(pk=fiche.pk)
    if "question" in change and voisines.filter(question__iexact=fiche.question).exists():
        raise DonneeInvalide(DEJA_PRISE, "question")
    if est_nouvelle:
        pris = set(voisines.values_list("code", flat=True))
        fiche.code = nom_libre(fiche.question, pris, defaut="fiche", maximum=LONGUEUR_DU_CODE)
    try:
        with transaction.atomic():
            fiche.save()
    except IntegrityError as cause:
        raise DonneeInvalide(DEJA_PRISE, "question") from cause
    fiche.types.set(types)
    action = "creation" if est_nouvelle else "modification"
    consigner(compte=par, objet=fiche, action=action, avant=avant, apres=instantane(fiche))
    transaction.on_commit(vitrine.oublier)
    return fiche


@transaction.atomic
def reprendre_du_portail(code: str, question: str, reponse: str, *, par: Compte | None) -> Fiche:
    """Give agents the words an editor has published; a code that is not known yet makes a fiche."""
    fiche = Fiche.objects.select_for_update().filter(code=code).first()
    if fiche is not None and (fiche.question, fiche.reponse) == (question, reponse):
        return fiche
    avant = instantane(fiche) if fiche else {}
    action = "modification" if fiche else "creation"
    fiche = fiche or Fiche(code=code)
    fiche.question, fiche.reponse = question, reponse
    fiche.save()
    consigner(compte=par, objet=fiche, action=action, avant=avant, apres=instantane(fiche))
    transaction.on_commit(vitrine.oublier)
    return fiche


@dataclass(frozen=True)
class MotsDuGuichet:
    """What agents answer with now, and who wrote it last; `marque` changes with the words alone."""

    question: str
    reponse: str
    par: str
    le: datetime

    @property
    def marque(self) -> str:
        return hashlib.sha256(f"{self.question}\0{self.reponse}".encode()).hexdigest()[:16]


def mots_du_guichet(code: str) -> MotsDuGuichet | None:
    """The words of a fiche, for who writes its page; None for a code that is none's."""
    fiche = Fiche.objects.filter(code=code).first()
    if fiche is None:
        return None
    lignes = Modification.objects.filter(objet_genre=fiche._meta.label_lower, objet_cle=str(fiche.pk))
    derniere = lignes.select_related("compte").first()
    par = derniere.compte.nom_affiche if derniere and derniere.compte else ""
    le = derniere.faite_le if derniere else fiche.modifiee_le
    return MotsDuGuichet(fiche.question, fiche.reponse, par, le)


def code_pour(question: str, *, pris: set[str]) -> str:
    """A code nobody uses yet, readable from the question."""
    connus = set(Fiche.objects.values_list("code", flat=True))
    return nom_libre(question, pris | connus, defaut="fiche", maximum=LONGUEUR_DU_CODE)
