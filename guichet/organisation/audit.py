"""The register of changes: every screen that sets the house up writes here, in the same transaction.

avant = instantane(direction)
direction.save()
consigner(compte=compte, objet=direction, action="modification", avant=avant, apres=instantane(direction))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import connection, models, transaction

from guichet.organisation.models import Compte, Modification

# Never written down, whatever the model: what opens a door, and what moves by itself.
SECRETS = ("password", "mot_de_passe", "jeton", "secret", "token", "cle_privee")
SANS_INTERET = frozenset({"last_login", "modifiee_le"})


def instantane(objet: models.Model) -> dict[str, Any]:
    """Readable values of an object's own fields: choices and foreign keys in words, never a secret."""
    champs = [c for c in objet._meta.concrete_fields if not c.primary_key and est_montrable(c)]
    valeurs = {champ.name: lire_champ(objet, champ) for champ in champs}
    if objet.pk:
        for lien in objet._meta.many_to_many:
            valeurs[lien.name] = sorted(nommer(autre) for autre in getattr(objet, lien.name).all())
    return valeurs


def consigner(
    *,
    compte: Compte | None,
    objet: models.Model,
    action: str,
    avant: dict[str, Any] | None = None,
    apres: dict[str, Any] | None = None,
) -> Modification | None:
    """Write one line, in the caller's transaction; nothing when nothing changed.

    `compte` is None for what the command line does. Raises TransactionManagementError outside a transaction.
    """
    exiger_une_transaction()
    ligne = rediger(Changement(objet, action, avant or {}, apres or {}), compte)
    if ligne is not None:
        ligne.save(force_insert=True)
    return ligne


@dataclass(frozen=True)
class Changement:
    """What one line says; the object may be written after it is described, and before the line is."""

    objet: models.Model
    action: str
    avant: dict[str, Any] = field(default_factory=dict)
    apres: dict[str, Any] = field(default_factory=dict)


def consigner_plusieurs(changements: Iterable[Changement], *, compte: Compte | None) -> None:
    """One line for each, in their order, in one statement; as `consigner` in all else."""
    exiger_une_transaction()
    Modification.objects.bulk_create([li for c in changements if (li := rediger(c, compte))])


def exiger_une_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A change is written with its line or not at all.")


def rediger(changement: Changement, compte: Compte | None) -> Modification | None:
    """The line of a change, holding only what differs; None when nothing does."""
    objet, avant, apres = changement.objet, changement.avant, changement.apres
    if avant and apres:
        noms = [nom for nom in {**avant, **apres} if avant.get(nom) != apres.get(nom)]
        if not noms:
            return None
        avant, apres = ({nom: v.get(nom) for nom in noms} for v in (avant, apres))
    return Modification(
        compte=compte,
        objet_genre=objet._meta.label_lower,
        objet_cle=str(objet.pk),
        objet_libelle=str(objet)[:250],
        action=Modification.Action(changement.action),
        avant=avant,
        apres=apres,
    )


def est_montrable(champ: models.Field) -> bool:
    est_secret = any(mot in champ.name for mot in SECRETS)
    return not (est_secret or champ.name in SANS_INTERET or isinstance(champ, models.BinaryField))


def lire_champ(objet: models.Model, champ: models.Field) -> Any:
    if isinstance(champ, models.ForeignKey):
        cible = getattr(objet, champ.name)
        return "" if cible is None else nommer(cible)
    valeur = getattr(objet, champ.attname)
    if champ.choices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    return lisible(valeur)


def nommer(objet: models.Model) -> str:
    """« VOI – Voirie » when the object has a code, its own words otherwise."""
    code = getattr(objet, "code", "")
    return f"{code} – {objet}" if code and str(code) != str(objet) else str(objet)


def lisible(valeur: Any) -> Any:
    """The value as JSON keeps it."""
    if isinstance(valeur, datetime | date | time):
        return valeur.isoformat()
    if isinstance(valeur, list | tuple):
        return [lisible(v) for v in valeur]
    if isinstance(valeur, dict):
        return {str(cle): lisible(v) for cle, v in valeur.items()}
    if isinstance(valeur, bool | int | float | str) or valeur is None:
        return valeur
    return str(valeur)
