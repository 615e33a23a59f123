"""What stands around a demande, read for its page: the city's own things, and how to reach its person."""

from typing import Any

from django.db.models import Model

from demandes.models import Demande
from guichet.socle.lecture import MARQUE, Lecture
from usagers.models import Coordonnee

# What the page says of each; anything else is read when asked for.
DITS = {
    "type": (
        *("id", "libelle", "direction_id", "validation_requise", "sans_suite_autorise"),
        *("silence_texte", "organisme_competent", "urgence_consigne", "rayon_doublon_m"),
    ),
    "formulaire": ("id", "champs"),
    "territoire": ("id", "numero", "nom"),
    "point_accueil": ("id", "nom"),
    "direction": ("id", "code", "nom", "nom_public", "signature"),
}
ENTOURAGE = Lecture(
    lambda: (
        Demande.objects.filter(pk=MARQUE)
        .order_by()
        .values_list(*(f"{lien}__{champ}" for lien, champs in DITS.items() for champ in champs))
    )
)

COORDONNEE = [champ.attname for champ in Coordonnee._meta.concrete_fields]
COORDONNEES = Lecture(lambda: Coordonnee.objects.filter(usager=MARQUE).values_list(*COORDONNEE))


def lire_l_entourage(demande: Demande) -> None:
    """Give the demande its type, form, district, desk and direction, and its person their coordinates."""
    (rangee,) = ENTOURAGE(demande.pk)
    debut = 0
    for lien, champs in DITS.items():
        valeurs = rangee[debut : debut + len(champs)]
        debut += len(champs)
        setattr(demande, lien, objet(lien, champs, valeurs) if valeurs[0] is not None else None)
    if demande.usager:
        demande.usager.coordonnees_connues = [
            Coordonnee.from_db(Coordonnee.objects.db, COORDONNEE, valeurs)
            for valeurs in COORDONNEES(demande.usager.pk)
        ]


def objet(lien: str, champs: tuple[str, ...], valeurs: tuple[Any, ...]) -> Model:
    modele: Any = Demande._meta.get_field(lien).related_model
    lus = dict(zip(champs, valeurs, strict=True))
    # `from_db` takes values in the order of the model.
    noms = [champ.attname for champ in modele._meta.concrete_fields if champ.attname in lus]
    return modele.from_db(Demande.objects.db, noms, [lus[nom] for nom in noms])
