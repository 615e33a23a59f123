"""What the administrator does to a type of request: write it, complete its policy, publish it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from demandes import reperes, vitrine
from demandes.administration import conditions
from demandes.administration.parties import PARTIES
from demandes.models import ModeleReponse, TypeDemande, VersionFormulaire
from guichet.organisation.administration.concurrence import refuser_si_change
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide, Refus

# What the portal finds a type by: the database cannot ask for it, publication does.
EXIGES_AVEC_ELLE = ("themes", "mots_du_quotidien")


class Manque(NamedTuple):
    """What a type lacks, in the words of the field that fills it, and where that field is."""

    section: str
    libelle: str
    partie: str
    ancre: str = ""

    def __str__(self) -> str:
        return f"« {self.libelle} » ({self.section})"


def _politique_exigee() -> Q:
    """The half of the database's own rule that a published type obeys: written once, in the model."""
    regle = next(c for c in TypeDemande._meta.constraints if c.name == "type_publie_avec_sa_politique")
    assert isinstance(regle, CheckConstraint)
    assert isinstance(regle.condition, Q)
    exigee = regle.condition.children[1]
    assert isinstance(exigee, Q)
    return exigee


def _champs_exiges(regle: Q) -> list[str]:
    noms: list[str] = []
    for enfant in regle.children:
        if isinstance(enfant, Q):
            noms += _champs_exiges(enfant)
        elif isinstance(enfant, tuple):
            noms.append(str(enfant[0]).removesuffix("__isnull"))
    return noms


POLITIQUE_EXIGEE = _politique_exigee()
CHAMPS_EXIGES = tuple(_champs_exiges(POLITIQUE_EXIGEE))


def annoter() -> QuerySet[Any]:
    """Types with their direction and whether they have a form and a theme."""
    versions = VersionFormulaire.objects.filter(type=OuterRef("pk"))
    themes = TypeDemande.themes.through.objects.filter(typedemande=OuterRef("pk"))
    types = TypeDemande.objects.select_related("direction")
    return types.annotate(a_un_formulaire=Exists(versions), a_un_theme=Exists(themes))


def incompletes(types: QuerySet[Any]) -> QuerySet[Any]:
    """Those not published that may not be yet."""
    complet = POLITIQUE_EXIGEE & Q(a_un_formulaire=True, a_un_theme=True) & ~Q(mots_du_quotidien=[])
    return types.filter(publie_le__isnull=True).exclude(complet)


def manques(type: Any) -> list[Manque]:
    """What an annotated type lacks; nothing when it may be published."""
    absents = [] if type.a_un_formulaire else [Manque("Formulaire", "Les questions", "formulaire")]
    absents += [] if type.a_un_theme else [manque_de("themes")]
    absents += [] if type.mots_du_quotidien else [manque_de("mots_du_quotidien")]
    return absents + manques_de_la_politique(type)


def manques_de_la_politique(type: TypeDemande) -> list[Manque]:
    return [manque_de(nom) for nom in CHAMPS_EXIGES if getattr(type, nom) in (None, "", [])]


def manque_de(nom: str) -> Manque:
    partie, classe = next((code, classe) for code, classe in PARTIES.items() if nom in classe.base_fields)
    champ = classe.base_fields[nom]
    # Radios and boxes have no element of their own: the first of them is where one arrives.
    ancre = champ.widget.id_for_label(f"id_{nom}") or f"id_{nom}_0"
    return Manque(classe.titre, str(champ.label), partie, ancre)


def photographier(type: TypeDemande) -> dict[str, Any]:
    """What the register keeps: what depends on an answer in the words of the form."""
    version = type.versions.order_by("numero").last()
    photo = instantane(type) | {lot.colonne: [] for lot in conditions.LOTS}
    for lot, mots in conditions.lire(type, version.champs if version else []):
        photo[lot.colonne].append(mots)
    return photo


def en_phrase(absents: list[Manque]) -> str:
    return ", ".join(map(str, absents))


def verifier_conditions(type: TypeDemande) -> None:
    """What an answer changes must agree with what the type says without it."""
    niveaux = TypeDemande.Acces.values
    for ligne in type.acces_conditionnels:
        if niveaux.index(ligne["acces"]) <= niveaux.index(type.acces):
            raise DonneeInvalide(
                f"Une réponse peut demander plus que « {TypeDemande.Acces(type.acces).label} », jamais moins "
                "ni autant : corrigez l'accès, ou la ligne dans « Selon les réponses ».",
                "acces",
            )
    if type.silence_cas and type.regime_silence in ("", TypeDemande.RegimeSilence.SANS_OBJET):
        raise DonneeInvalide(
            "Aucun délai du silence ne court pour cette démarche : choisissez d'abord un régime dans "
            "« Silence de la ville », ou retirez les délais du silence de « Selon les réponses ».",
        )


@transaction.atomic
def enregistrer(
    type: TypeDemande, valeurs: Mapping[str, Any], *, version: int = 0, par: Compte
) -> TypeDemande:
    """Create a type, or change some of its fields; a published type stays complete.

    `version` is what the page had read of the register: Conflit when one of these fields changed since. What
    would change nothing is not written, whatever the version.
    """
    est_nouveau = type.pk is None
    if not est_nouveau:
        type = TypeDemande.objects.select_for_update().get(pk=type.pk)
    avant = {} if est_nouveau else photographier(type)
    valeurs = dict(valeurs)
    # What a published type never had does not stop its other sections; what it has, it keeps.
    absents = [manque_de(nom) for nom in EXIGES_AVEC_ELLE if valeurs.get(nom) == []]
    if not est_nouveau:
        if not differe(type, valeurs):
            return type
        refuser_si_change(type, version, valeurs)
    themes = valeurs.pop("themes", None)
    for nom, valeur in valeurs.items():
        setattr(type, nom, valeur)
    verifier_conditions(type)
    absents += manques_de_la_politique(type)
    if type.publie_le and absents:
        raise Refus(
            f"Cette démarche est publiée : il manquerait {en_phrase(absents)}. "
            "Complétez, ou retirez-la d'abord du portail."
        )
    try:
        with transaction.atomic():
            type.save()
    except IntegrityError as cause:
        raise DonneeInvalide("Ce code est déjà pris.", "code") from cause
    if themes is not None:
        type.themes.set(themes)
    action = "creation" if est_nouveau else "modification"
    consigner(compte=par, objet=type, action=action, avant=avant, apres=photographier(type))
    transaction.on_commit(vitrine.oublier)
    transaction.on_commit(reperes.oublier)
    return type


@transaction.atomic
def copier(modele: TypeDemande, code: str, libelle: str, *, par: Compte) -> TypeDemande:
    """A type like another, as a draft: its policy, questions, template answers and fiches.

    The rules that route the first name it, and stay its own; nobody has validated the second one's silence.
    """
    propres = {"id", "code", "libelle", "publie_le", "silence_valide_par", "silence_valide_le"}
    colonnes = [c.attname for c in TypeDemande._meta.concrete_fields if c.name not in propres]
    copie = TypeDemande(
        code=code, libelle=libelle, **{nom: deepcopy(getattr(modele, nom)) for nom in colonnes}
    )
    try:
        with transaction.atomic():
            copie.save(force_insert=True)
    except IntegrityError as cause:
        raise DonneeInvalide("Ce code est déjà pris.", "code") from cause
    copie.themes.set(modele.themes.all())
    copie.fiches.set(modele.fiches.all())
    if version := modele.versions.order_by("numero").last():
        VersionFormulaire.objects.create(type=copie, numero=1, champs=version.champs)
    ModeleReponse.objects.bulk_create(
        ModeleReponse(type=copie, geste=m.geste, titre=m.titre, texte=m.texte, est_actif=m.est_actif)
        for m in modele.modeles.all()
    )
    consigner(compte=par, objet=copie, action="creation", apres=photographier(copie))
    transaction.on_commit(vitrine.oublier)
    transaction.on_commit(reperes.oublier)
    return copie


def differe(type: TypeDemande, valeurs: Mapping[str, Any]) -> bool:
    return any(
        set(type.themes.all()) != set(valeur) if nom == "themes" else getattr(type, nom) != valeur
        for nom, valeur in valeurs.items()
    )


@transaction.atomic
def publier(type: TypeDemande, *, est_publie: bool, par: Compte) -> None:
    """Show a type on the portal, or take it off; the policy must be complete. Asked twice, done once."""
    type = TypeDemande.objects.select_for_update().get(pk=type.pk)
    avant = instantane(type)
    if bool(type.publie_le) == est_publie:
        return
    type.publie_le = timezone.now() if est_publie else None
    if est_publie and (absents := manques(annoter().get(pk=type.pk))):
        raise Refus(f"Cette démarche ne peut pas encore être publiée. Il manque : {en_phrase(absents)}.")
    try:
        type.validate_constraints()
    except ValidationError as cause:
        raise Refus(" ".join(cause.messages)) from cause
    type.save(update_fields=["publie_le"])
    consigner(compte=par, objet=type, action="modification", avant=avant, apres=instantane(type))
    transaction.on_commit(vitrine.oublier)
