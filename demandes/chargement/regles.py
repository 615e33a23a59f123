"""Tell which rule of a file is which rule of the city: by what it waits for, not by its number.

A rule added in the middle of a file renumbers those after it: each stays itself, as the city made it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from demandes.chargement.fichier import facultatifs
from demandes.chargement.rangement import Rangement
from demandes.models import RegleOrientation
from guichet.organisation.audit import Changement
from guichet.organisation.models import Modification
from guichet.socle.insertion import reecrire

GENRE = "règles d'orientation"
Valeurs = dict[str, Any]


def valeurs_de(brut: Mapping[str, Any], types: Mapping, territoires: Mapping, directions: Mapping) -> Valeurs:
    si = brut["si"]
    return {
        "libelle": brut["libelle"],
        "type": types[si["type"]] if si.get("type") else None,
        "territoire": territoires[si["arrondissement"]] if si.get("arrondissement") else None,
        "reponses": si.get("reponses", []),
        "direction": directions[brut["direction"]],
        "raison": brut["raison"],
    } | facultatifs(brut, "est_active")


def charger(
    voulues: Sequence[tuple[int, Valeurs]], rangement: Rangement, *, garde_les_retouches: bool
) -> None:
    """Each (order, values) over the rule it is. With `garde_les_retouches` (the reference files) the city's
    orders stay, and a rule somebody touched on screen is left alone; otherwise the file is what is wanted."""
    presentes = list(RegleOrientation.objects.order_by("ordre"))
    siennes = apparier(voulues, presentes)
    if garde_les_retouches:
        retouchees = deja_retouchees()
        rangees = placer(voulues, siennes, {regle.ordre for regle in presentes})
        for sienne in siennes:
            if sienne is not None and str(sienne.pk) in retouchees:
                rangement.rapport.noter(GENRE, "inchangés", str(sienne))
        voulues = [
            (ordre, valeurs)
            for ordre, (_, valeurs), sienne in zip(rangees, voulues, siennes, strict=True)
            if sienne is None or str(sienne.pk) not in retouchees
        ]
    else:
        renumeroter(voulues, siennes, presentes, rangement)
    rangement.poser(RegleOrientation, GENRE, [({"ordre": ordre}, valeurs) for ordre, valeurs in voulues])


def apparier(
    voulues: Sequence[tuple[int, Valeurs]], presentes: list[RegleOrientation]
) -> list[RegleOrientation | None]:
    """The rule each one is: same type, place and answers; else the one of its number and type, reworded."""
    libres = list(presentes)
    siennes: list[RegleOrientation | None] = []
    for _, valeurs in voulues:
        sienne = next((r for r in libres if attente(vars_de(r)) == attente(valeurs)), None)
        if sienne is not None:
            libres.remove(sienne)
        siennes.append(sienne)
    for rang, (ordre, valeurs) in enumerate(voulues):
        if siennes[rang] is None:
            type_id = valeurs["type"] and valeurs["type"].pk
            siennes[rang] = next((r for r in libres if (r.ordre, r.type_id) == (ordre, type_id)), None)
            if (prise := siennes[rang]) is not None:
                libres.remove(prise)
    return siennes


def vars_de(regle: RegleOrientation) -> Valeurs:
    return {"type": regle.type_id, "territoire": regle.territoire_id, "reponses": regle.reponses}


def attente(valeurs: Valeurs) -> tuple:
    """What a rule waits for, whatever the order its answers are written in."""
    lieux = (getattr(valeurs[nom], "pk", valeurs[nom]) for nom in ("type", "territoire"))
    return (*lieux, sorted((str(si["champ"]), repr(si["vaut"])) for si in valeurs["reponses"]))


def deja_retouchees() -> set[str]:
    lignes = Modification.objects.filter(objet_genre=RegleOrientation._meta.label_lower, compte__isnull=False)
    return set(lignes.values_list("objet_cle", flat=True))


def placer(
    voulues: Sequence[tuple[int, Valeurs]], siennes: Sequence[RegleOrientation | None], pris: set[int]
) -> list[int]:
    """The order of each in this city: its own, or for a new one its number, or the first free after the rule
    that stands before it in the file."""
    ordres: list[int] = []
    for (ordre, _), sienne in zip(voulues, siennes, strict=True):
        if sienne is not None:
            ordres.append(sienne.ordre)
            continue
        choisi = ordre if ordre not in pris else libre_apres(ordres[-1] if ordres else 0, pris)
        pris.add(choisi)
        ordres.append(choisi)
    return ordres


def libre_apres(ordre: int, pris: set[int]) -> int:
    while ordre in pris:
        ordre += 1
    return ordre


def renumeroter(
    voulues: Sequence[tuple[int, Valeurs]],
    siennes: Sequence[RegleOrientation | None],
    presentes: list[RegleOrientation],
    rangement: Rangement,
) -> None:
    """Give each rule the number the file says; one that the file does not know gives way."""
    buts = {s.pk: ordre for (ordre, _), s in zip(voulues, siennes, strict=True) if s is not None}
    pris = {ordre for ordre, _ in voulues}
    for regle in presentes:
        if regle.pk not in buts:
            buts[regle.pk] = libre_apres(regle.ordre, pris)
            pris.add(buts[regle.pk])
    deplacees = [regle for regle in presentes if buts[regle.pk] != regle.ordre]
    if not deplacees:
        return
    avant = [rangement.lire(regle) for regle in deplacees]
    # Numbers are unique at each row written: all step aside, then each takes its own.
    haut = max(*(regle.ordre for regle in presentes), *pris) + 1
    for rang, regle in enumerate(deplacees):
        regle.ordre = haut + rang
    reecrire(deplacees, ["ordre"])
    for regle in deplacees:
        regle.ordre = buts[regle.pk]
    reecrire(deplacees, ["ordre"])
    for regle in deplacees:
        rangement.rapport.noter(GENRE, "modifiés", str(regle))
    rangement.inscrire(
        Changement(regle, "modification", photo, rangement.lire(regle))
        for regle, photo in zip(deplacees, avant, strict=True)
    )
