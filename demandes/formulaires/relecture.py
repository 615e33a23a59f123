"""Show a filed demande from the version it was filed with: nothing here may fail on old answers."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from demandes.formulaires.champs import afficher_siret
from guichet.socle.coordonnees import afficher_telephone
from guichet.socle.templatetags.dates import date_simple, heure


def relire(champs: list[dict], reponses: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (label, text) of each answered field, in the order of the form, in the person's words."""
    return [
        (champ["libelle"], _en_clair(champ, reponses[champ["nom"]]))
        for champ in champs
        if champ["type"] != "photos" and reponses.get(champ["nom"]) not in (None, "", [])
    ]


def _en_clair(champ: dict, valeur: Any) -> str:
    try:
        return LECTURES.get(champ["type"], _tel_quel)(champ, valeur)
    except (TypeError, ValueError, AttributeError):
        return str(valeur)  # imported or older data: shown raw rather than hidden


def _tel_quel(champ: dict, valeur: Any) -> str:
    return str(valeur)


def _choix(champ: dict, valeur: Any) -> str:
    libelles = {choix["valeur"]: choix["libelle"] for choix in champ["choix"]}
    valeurs = valeur if isinstance(valeur, list) else [valeur]
    return ", ".join(libelles.get(choisie, str(choisie)) for choisie in valeurs)


def _nombre(champ: dict, valeur: Any) -> str:
    ecrit = f"{valeur:,}" if isinstance(valeur, int) else f"{valeur:,.2f}"
    return ecrit.replace(",", "\u202f").replace(".", ",")


LECTURES: dict[str, Callable[[dict, Any], str]] = {
    "choix": _choix,
    "choix_multiple": _choix,
    "oui_non": lambda champ, valeur: {True: _("Oui"), False: _("Non")}.get(valeur, str(valeur)),
    "nombre": _nombre,
    "date": lambda champ, valeur: date_simple(date.fromisoformat(valeur)),
    "heure": lambda champ, valeur: heure(time.fromisoformat(valeur)),
    "telephone": lambda champ, valeur: afficher_telephone(valeur),
    "siret": lambda champ, valeur: afficher_siret(valeur),
}
