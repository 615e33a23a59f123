"""What the administrator does to the rules of orientation: write one, retire it, change their order."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from demandes.administration import conditions
from demandes.models import RegleOrientation, VersionFormulaire
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus

# Read in full each time a demande is routed, and ordered on one screen.
REGLES_AU_PLUS = 300
ORDRE_MAXIMAL = 32_767
DEJA_CHANGE = (
    "L'ordre des règles a changé depuis que vous avez ouvert cette page, ou votre envoi est déjà passé. "
    "Rien n'a été modifié : relisez la liste ci-dessous."
)


def verrouiller() -> list[RegleOrientation]:
    """Every rule in order, until the end of the transaction: their order is one thing."""
    return list(RegleOrientation.objects.select_for_update().order_by("ordre"))


@transaction.atomic
def enregistrer(regle: RegleOrientation, valeurs: dict[str, Any], *, par: Compte) -> RegleOrientation:
    """Create a rule, after the others, or change one. Two active rules never ask the same."""
    toutes = verrouiller()
    est_nouvelle = regle.pk is None
    if not est_nouvelle:
        regle = RegleOrientation.objects.get(pk=regle.pk)
    avant = {} if est_nouvelle else photographier(regle)
    for nom, valeur in valeurs.items():
        setattr(regle, nom, valeur)
    if regle.est_active:
        refuser_la_trop_large(regle)
    if (regle.est_active or est_nouvelle) and (jumelle := jumelle_de(regle, toutes)):
        raise DonneeInvalide(f"La règle « {jumelle} » attend déjà exactement la même chose : modifiez-la.")
    if est_nouvelle:
        dernier = RegleOrientation.objects.aggregate(n=Max("ordre"))["n"] or 0
        if len(toutes) >= REGLES_AU_PLUS or dernier + 10 > ORDRE_MAXIMAL:
            raise Refus(f"La ville a déjà {len(toutes)} règles, on ne peut pas en ajouter : modifiez-en une.")
        regle.ordre = dernier + 10
    regle.save()
    action = "creation" if est_nouvelle else "modification"
    consigner(compte=par, objet=regle, action=action, avant=avant, apres=photographier(regle))
    return regle


def refuser_la_trop_large(regle: RegleOrientation) -> None:
    if regle.type_id is None and regle.territoire_id is None and not regle.reponses:
        raise DonneeInvalide(
            "Cette règle enverrait toutes les demandes à la même direction : "
            "choisissez une démarche, un arrondissement ou une réponse.",
            "type",
        )


def jumelle_de(regle: RegleOrientation, toutes: list[RegleOrientation]) -> RegleOrientation | None:
    """Another rule in the same state that waits for the same demandes: the second is never reached."""
    autres = (r for r in toutes if r.pk != regle.pk and r.est_active == regle.est_active)
    return next((autre for autre in autres if attente(autre) == attente(regle)), None)


def attente(regle: RegleOrientation) -> tuple[int | None, int | None, set[tuple[str, str]]]:
    reponses = {(si["champ"], repr(si["vaut"])) for si in regle.reponses}
    return regle.type_id, regle.territoire_id, reponses


@transaction.atomic
def deplacer(pk: int, pas: int, *, ordre: int, par: Compte) -> RegleOrientation:
    """Change places with the active rule before or after; `ordre` is the one its screen showed."""
    toutes = verrouiller()
    actives = [regle for regle in toutes if regle.est_active]
    prises = {regle.ordre for regle in toutes}
    rang = next((n for n, regle in enumerate(actives) if (regle.pk, regle.ordre) == (pk, ordre)), None)
    if rang is None:
        raise Conflit(DEJA_CHANGE)
    regle = actives[rang]
    if not 0 <= rang + pas < len(actives):
        raise Refus("Cette règle ne peut pas aller plus loin.")
    voisine = actives[rang + pas]
    avant = photographier(regle)
    sa_place, la_sienne = regle.ordre, voisine.ordre
    # No two rules share a place, not even for an instant: hers is left first.
    libre = next(n for n in range(ORDRE_MAXIMAL, -1, -1) if n not in prises)
    for quoi, place in ((voisine, libre), (regle, la_sienne), (voisine, sa_place)):
        quoi.ordre = place
        quoi.save(update_fields=["ordre"])
    consigner(compte=par, objet=regle, action="modification", avant=avant, apres=photographier(regle))
    return regle


def photographier(regle: RegleOrientation) -> dict[str, Any]:
    """What the register keeps: the awaited answers in the words of the form."""
    version = VersionFormulaire.objects.filter(type=regle.type_id).order_by("numero").last()
    champs = version.champs if version else []
    return instantane(regle) | {"reponses": [conditions.en_mots(si, champs) for si in regle.reponses]}
