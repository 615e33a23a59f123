"""Who the city is: what its administrator wrote, or settings.GUICHET_VILLE until then."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, IdentiteVille
from guichet.socle import couleurs
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide

# Every page asks: a process remembers, and another process sees a change within this time.
MEMOIRE = 10.0  # seconds
RESEAUX = ("promesse_reseaux", "charte_reseaux")
CHAMPS = ("nom", "adresse", "telephone", "courriel", "accent_clair", "accent_sombre", *RESEAUX)


class Memoire:
    """What this process read last, and until when it is believed."""

    ville: dict[str, Any] | None = None
    jusqu_a = 0.0


def lire() -> dict[str, Any]:
    """The keys of GUICHET_VILLE, `couleurs` and `logo` (their versions, empty: none), `accent_papier`,
    and what the city says of its networks (empty: nothing)."""
    if Memoire.ville is None or time.monotonic() > Memoire.jusqu_a:
        try:
            Memoire.ville = decrire(IdentiteVille.objects.defer("logo").first())
        except DatabaseError:
            # An error page still says whose it is when the database does not answer.
            return decrire(None)
        Memoire.jusqu_a = time.monotonic() + MEMOIRE
    return Memoire.ville


def oublier() -> None:
    Memoire.ville = None


def decrire(identite: IdentiteVille | None) -> dict[str, Any]:
    ville = {**settings.GUICHET_VILLE, "couleurs": "", "accent_papier": "", "logo": ""}
    ville |= dict.fromkeys(RESEAUX, "")
    if identite is None:
        return ville
    ville |= {nom: getattr(identite, nom) for nom in ("nom", "adresse", "telephone", "courriel", *RESEAUX)}
    ville["telephone_lien"] = f"tel:{normaliser_telephone(identite.telephone)}"
    ville["logo"] = identite.logo_empreinte
    if feuille := feuille_de(identite):
        ville["couleurs"] = hashlib.sha256(feuille.encode()).hexdigest()[:12]
        ville["accent_papier"] = identite.accent_clair
    return ville


def lire_logo() -> bytes:
    """The city's own logo, a small PNG; empty while it has none."""
    if not lire()["logo"]:
        return b""
    return bytes(IdentiteVille.objects.values_list("logo", flat=True).first() or b"")


def feuille_de(identite: IdentiteVille | None) -> str:
    """The sheet of the city's colours; empty while it keeps the palette of the settings."""
    if identite is None or not identite.accent_clair:
        return ""
    return couleurs.feuille_d_accent(identite.accent_clair, identite.accent_sombre)


def completer(clair: str, sombre: str) -> tuple[str, str]:
    """The two accents once checked: an empty dark one is found from the light one."""
    if sombre and not clair:
        raise DonneeInvalide("Donnez d'abord la couleur en thème clair.", "accent_clair")
    if not clair:
        return "", ""
    couleurs.verifier(clair, est_sombre=False, champ="accent_clair")
    sombre = sombre or couleurs.plus_proche(clair, est_sombre=True)
    couleurs.verifier(sombre, est_sombre=True, champ="accent_sombre")
    return clair, sombre


@transaction.atomic
def enregistrer(valeurs: Mapping[str, Any], *, par: Compte) -> None:
    """Say who the city is; colours that cannot be read are refused. A `logo` of None keeps the one it has."""
    clair, sombre = completer(valeurs["accent_clair"], valeurs["accent_sombre"])
    valeurs = {**valeurs, "accent_clair": clair, "accent_sombre": sombre}
    logo = valeurs.pop("logo", None)
    if logo is not None:
        empreinte = hashlib.sha256(logo).hexdigest()[:12] if logo else ""
        valeurs |= {"logo": logo, "logo_empreinte": empreinte}
    identite, est_nouvelle = IdentiteVille.objects.select_for_update().get_or_create(
        pk=IdentiteVille.SEULE, defaults=valeurs
    )
    avant = {} if est_nouvelle else instantane(identite)
    for nom, valeur in valeurs.items():
        setattr(identite, nom, valeur)
    identite.save()
    action = "creation" if est_nouvelle else "modification"
    consigner(compte=par, objet=identite, action=action, avant=avant, apres=instantane(identite))
    # Now for what follows in this transaction, and again once others can read it.
    oublier()
    transaction.on_commit(oublier)
