"""What is done to a direction or a desk: its address, its hours, its end. Each change is in the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from guichet.organisation.audit import Changement, consigner, consigner_plusieurs, instantane
from guichet.organisation.models import Affectation, Compte, Direction, HeuresOuverture, PointAccueil
from guichet.socle.erreurs import DonneeInvalide, Refus

Lieu = Direction | PointAccueil
# weekday (0 = Monday) → ranges in order
Horaires = Mapping[int, Sequence[tuple[time, time]]]
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True)
class Attache:
    """Something that still hangs on a place, in words; `url` leads to it when there is a page for it."""

    texte: str
    url: str = ""


def est_ouvert(lieu: Lieu) -> bool:
    return lieu.est_active if isinstance(lieu, Direction) else lieu.est_actif


def champ_du_lieu(lieu: Lieu) -> str:
    return "direction" if isinstance(lieu, Direction) else "point_accueil"


def attaches(lieu: Lieu) -> list[Attache]:
    """All that forbids closing a place, this room's and those of the rooms above (settings)."""
    liste = []
    roles = (
        Affectation.objects.en_cours().filter(**{champ_du_lieu(lieu): lieu}, compte__is_active=True).count()
    )
    if roles:
        liste.append(Attache(nombrer(roles, "rôle tenu par un agent", "rôles tenus par des agents")))
    if isinstance(lieu, PointAccueil) and (nombre := lieu.territoires.count()):
        liste.append(Attache(nombrer(nombre, "arrondissement rattaché", "arrondissements rattachés")))
    for chemin in settings.GUICHET_ATTACHES_DES_LIEUX:
        liste += import_string(chemin)(lieu)
    return liste


def nombrer(nombre: int, un: str, plusieurs: str) -> str:
    return f"{nombre} {plusieurs if nombre > 1 else un}"


@transaction.atomic
def enregistrer(lieu: Lieu, valeurs: Mapping[str, Any], *, par: Compte) -> Lieu:
    """Create a place, or change one."""
    est_nouveau = lieu.pk is None
    if not est_nouveau:
        lieu = type(lieu).objects.select_for_update().get(pk=lieu.pk)
    avant = {} if est_nouveau else instantane(lieu)
    for nom, valeur in valeurs.items():
        setattr(lieu, nom, valeur)
    try:
        with transaction.atomic():
            lieu.save()
    except IntegrityError as cause:
        if est_nouveau and (pareil := retrouver(lieu)):
            return pareil
        raise DonneeInvalide("Ce code est déjà pris.", "code") from cause
    action = "creation" if est_nouveau else "modification"
    consigner(compte=par, objet=lieu, action=action, avant=avant, apres=instantane(lieu))
    return lieu


def retrouver(lieu: Lieu) -> Lieu | None:
    """The place that a form posted twice has already made: same code, and nothing that differs."""
    existant = type(lieu)._default_manager.filter(code=lieu.code).first()
    return existant if existant and instantane(existant) == instantane(lieu) else None


@transaction.atomic
def ouvrir(lieu: Lieu, *, est_ouvert: bool, par: Compte) -> None:
    """Open a place again, or close it once nothing hangs on it."""
    lieu = type(lieu).objects.select_for_update().get(pk=lieu.pk)
    avant = instantane(lieu)
    if not est_ouvert and attaches(lieu):
        raise Refus("Ce lieu ne peut pas être désactivé : voyez ce qui s'y rattache encore.")
    if isinstance(lieu, Direction):
        lieu.est_active = est_ouvert
    else:
        lieu.est_actif = est_ouvert
    lieu.save()
    consigner(compte=par, objet=lieu, action="modification", avant=avant, apres=instantane(lieu))


def horaires_de(lieu: Lieu) -> dict[int, list[tuple[time, time]]]:
    horaires: dict[int, list[tuple[time, time]]] = {}
    for plage in lieu.heures.all():
        horaires.setdefault(plage.jour, []).append((plage.debut, plage.fin))
    return horaires


@transaction.atomic
def changer_les_horaires(lieu: Lieu, horaires: Horaires, *, par: Compte) -> None:
    """Replace the week: promises already made keep their dates."""
    type(lieu).objects.select_for_update().get(pk=lieu.pk)
    changement = changement_des_horaires(lieu, horaires_de(lieu), horaires)
    lieu.heures.all().delete()
    HeuresOuverture.objects.bulk_create(plages_de(lieu, horaires))
    consigner_plusieurs([changement], compte=par)


def plages_de(lieu: Lieu, horaires: Horaires) -> list[HeuresOuverture]:
    return [
        HeuresOuverture(**{champ_du_lieu(lieu): lieu}, jour=jour, debut=debut, fin=fin)
        for jour, plages in horaires.items()
        for debut, fin in plages
    ]


def changement_des_horaires(lieu: Lieu, avant: Horaires, apres: Horaires) -> Changement:
    """The line of the register, in words."""
    dits = [{"horaires": en_mots(horaires)} for horaires in (avant, apres)]
    return Changement(lieu, "modification", *dits)


def en_mots(horaires: Horaires) -> list[str]:
    """« lundi 8 h 30 – 12 h 00 et 13 h 30 – 17 h 00 », one line a day that is open."""
    return [
        f"{JOURS[jour]} " + " et ".join(f"{a:%H h %M} – {b:%H h %M}" for a, b in horaires[jour])
        for jour in sorted(horaires)
        if horaires[jour]
    ]
