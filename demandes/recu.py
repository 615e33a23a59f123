"""The acknowledgement of receipt as a PDF that screen readers can read (PDF/UA-1)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.urls import reverse

from demandes import suivi
from demandes.models import Demande, correspondant
from guichet.organisation import ville
from guichet.socle.langues import en_francais
from guichet.socle.templatetags.dates import date_longue

GABARIT = Path(__file__).parent / "typst" / "accuse.typ"
PERSONNE: dict[str, Any] = {"pour": "", "par": "", "reponse_a": "", "destinataire": [], "datee_du": ""}
# The city's accent on paper: the palettes are a matter of screen (static/guichet/css/accents.css).
ACCENT = "#0c5c63"


@lru_cache(maxsize=1)
def polices() -> typst.Fonts:
    """Looking the fonts up takes longer than the page itself: once a process."""
    return typst.Fonts()


def recu_pdf(demande: Demande, *, est_remis_par_un_agent: bool = False, depart: str = "") -> bytes:
    """Return the acknowledgement of this demande, as sent by mail (CRPA, art. R112-5 and R112-11-1).

    Handed over or posted by an agent, it names the person and whoever spoke for them, and bears the address
    of whom it goes to, and `depart` its number among the letters that leave; fetched online, it names nobody.
    What people typed is data there, never markup.
    """
    with en_francais():
        donnees = donnees_de(demande) | (personnes_de(demande) if est_remis_par_un_agent else PERSONNE)
    donnees["depart"] = depart
    pdf = typst.compile(
        GABARIT,
        font_paths=polices(),
        sys_inputs={"donnees": json.dumps(donnees)},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(pdf, bytes)
    return pdf


def personnes_de(demande: Demande) -> dict[str, Any]:
    """Whose demande it is, through whom, and to whom the page goes, in its window for a letter."""
    lien = getattr(demande, "intermediaire", None)
    joint = correspondant(demande)
    return {
        "pour": str(demande.usager or ""),
        "par": f"{lien.usager}, {lien.get_qualite_display().lower()}" if lien else "",
        "reponse_a": str(joint) if lien and joint else "",
        "destinataire": [str(joint), *joint.adresse.split(", ")] if joint and joint.adresse else [],
        "datee_du": date_longue(demande.envoyee_le) if demande.envoyee_le else "",
    }


def donnees_de(demande: Demande) -> dict[str, Any]:
    """Texts of the page, keys of `typst/accuse.typ`; a confidential subject is not named on paper."""
    accuse = suivi.accuse_de(demande)
    la_ville = ville.lire()
    return {
        "titre": "Accusé de réception de votre demande",
        "numero": accuse.numero,
        "code": accuse.code,
        "objet": "" if demande.est_confidentielle else accuse.objet,
        "recue_le": date_longue(accuse.recue_le),
        "echeance": date_longue(accuse.echeance),
        "silence": accuse.phrases_du_silence,
        "danger": accuse.secours.consigne if accuse.secours else "",
        "appels": [
            {"numero": appel.numero, "qui": appel.qui, "lien": appel.lien}
            for appel in (accuse.secours.tous if accuse.secours else ())
        ],
        "pieces": list(accuse.pieces_attendues),
        "service": {
            "nom": accuse.service.nom,
            "adresse": accuse.service.adresse,
            "telephone": accuse.service.telephone,
            "courriel": accuse.service.courriel,
        },
        "adresse_suivi": settings.GUICHET_ADRESSE + reverse("suivi"),
        "ville": {
            "nom": la_ville["nom"],
            "adresse": la_ville["adresse"],
            "telephone": la_ville["telephone"],
            "mention": la_ville["mention"] if settings.GUICHET_DEMO else "",
            "accent": la_ville["accent_papier"] or ACCENT,
        },
    }
