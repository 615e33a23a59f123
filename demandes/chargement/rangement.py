"""Put the rows of a file in the database: each list is read once, compared in memory, written at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction

from demandes.chargement.fichier import FichierInvalide, Rapport
from guichet.organisation.audit import Changement, consigner_plusieurs, instantane, nommer
from guichet.organisation.models import Compte
from guichet.socle.insertion import reecrire

# One row of a file: what it is known by, and the values it gives.
Ligne = tuple[dict[str, Any], dict[str, Any]]
# A sentence about a row, with its place in the file.
Situer = Callable[[Any, str], str]


class Rangement:
    """Create or update rows by key, writing only what differs, and keep the count.

    With `consigne`, each row written leaves its line in the register of changes, in the name of `par`. No
    method asks more of the database for a thousand rows than for one.
    """

    def __init__(self, rapport: Rapport, *, consigne: bool = False, par: Compte | None = None):
        self.rapport, self.consigne, self.par = rapport, consigne, par

    def poser(self, modele: type[models.Model], genre: str, lignes: Sequence[Ligne]) -> list[Any]:
        """The row of each line, in order, holding its values; an identical row is not written again."""
        if not lignes:
            return []
        presents = existants(modele, tuple(lignes[0][0]))
        poses: list[Any] = []
        neufs: list[models.Model] = []
        changes: dict[models.Model, set[str]] = {}
        changements: list[Changement] = []
        for cle, valeurs in lignes:
            objet = presents.get(tuple(cle.values()))
            if objet is None:
                objet = presents[tuple(cle.values())] = modele(**cle, **valeurs)
                neufs.append(objet)
                changements.append(Changement(objet, "creation", apres=self.lire(objet)))
                self.rapport.noter(genre, "créés", str(objet))
            elif differences := {nom for nom, v in valeurs.items() if getattr(objet, nom) != v}:
                avant = self.lire(objet)
                for nom in differences:
                    setattr(objet, nom, valeurs[nom])
                changements.append(Changement(objet, "modification", avant, self.lire(objet)))
                if objet.pk is not None:
                    changes[objet] = changes.get(objet, set()) | differences
                self.rapport.noter(genre, "modifiés", str(objet))
            else:
                self.rapport.noter(genre, "inchangés", str(objet))
            poses.append(objet)
        cles = {id(objet): list(cle.values())[-1] for objet, (cle, _) in zip(poses, lignes, strict=True)}

        def situer(objet: models.Model, message: str) -> str:
            return f"{genre}/{cles[id(objet)]} : {message}"

        if fautes := [situer(o, m) for o, champs in changes.items() for m in fautes_de_saisie(o, champs)]:
            raise FichierInvalide(fautes)
        with sous_garde([*neufs, *changes], situer):
            modele._default_manager.bulk_create(neufs)
            reecrire(list(changes), sorted(set().union(*changes.values())))
        self.inscrire(changements)
        return poses

    def lier(self, lien: str, genre: str, voisinages: Sequence[tuple[Any, set[Any]]]) -> None:
        """Give each row these neighbours and no other; only a change is counted."""
        if not voisinages:
            return
        objets = [objet for objet, _ in voisinages]
        models.prefetch_related_objects(objets, lien)
        champ: Any = objets[0]._meta.get_field(lien)
        passage = champ.remote_field.through
        ici, la = champ.m2m_field_name(), champ.m2m_reverse_field_name()
        changements: list[Changement] = []
        arrivants: list[models.Model] = []
        for objet, voulus in voisinages:
            presents = set(getattr(objet, lien).all())
            if presents == voulus:
                continue
            avant, apres = ({lien: sorted(nommer(v) for v in voisins)} for voisins in (presents, voulus))
            changements.append(Changement(objet, "modification", avant, apres))
            arrivants += [passage(**{ici: objet, la: voisin}) for voisin in sorted(voulus, key=nommer)]
            self.rapport.noter(genre, "modifiés", str(objet))
        passage.objects.filter(**{f"{ici}__in": [c.objet for c in changements]}).delete()
        passage.objects.bulk_create(arrivants)
        reecrire(
            list({c.objet: None for c in changements}), ()
        )  # a row that dates its changes dates this one
        self.inscrire(changements)

    def lire(self, objet: models.Model) -> dict[str, Any]:
        return instantane(objet) if self.consigne else {}

    def inscrire(self, changements: Iterable[Changement]) -> None:
        if self.consigne:
            consigner_plusieurs(changements, compte=self.par)


def existants(modele: type[models.Model], noms: tuple[str, ...]) -> dict[tuple[Any, ...], Any]:
    """Every row by its key, with the rows it points at and its neighbours."""
    liens = [c.name for c in modele._meta.concrete_fields if isinstance(c, models.ForeignKey)]
    voisins = [lien.name for lien in modele._meta.many_to_many]
    lignes = modele._default_manager.prefetch_related(*voisins)
    if liens:
        lignes = lignes.select_related(*liens)
    return {tuple(getattr(objet, nom) for nom in noms): objet for objet in lignes}


@contextmanager
def sous_garde(objets: Iterable[models.Model], situer: Situer) -> Iterator[None]:
    """Write; when the database refuses, say which row it refuses. Only then is each one looked at."""
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, DataError) as cause:
        for objet in objets:
            if phrases := [situer(objet, message) for message in fautes_de(objet)]:
                raise FichierInvalide(phrases) from cause
        raise


def fautes_de(objet: models.Model) -> list[str]:
    """What the database holds against a row, in words."""
    try:
        objet.validate_constraints()
    except ValidationError as faute:
        return faute.messages
    return fautes_de_saisie(objet, {champ.name for champ in objet._meta.fields})


def fautes_de_saisie(objet: models.Model, noms: set[str]) -> list[str]:
    """What is wrong in these values themselves; where they lead was checked before."""
    try:
        objet.clean_fields(
            exclude={c.name for c in objet._meta.fields if c.name not in noms or c.remote_field}
        )
    except ValidationError as faute:
        return faute.messages
    return []
