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
from demandes.models import Demande
from guichet.socle.templatetags.dates import date_longue

GABARIT = Path(__file__).parent / "typst" / "accuse.typ"
# The city's accent on paper: the palettes are a matter of screen (static/guichet/css/accents.css).
ACCENT = "#0c5c63"


@lru_cache(maxsize=1)
def polices() -> typst.Fonts:
    """Looking the fonts up takes longer than the page itself: once a process."""
    return typst.Fonts()


def recu_pdf(demande: Demande) -> bytes:
    """Return the acknowledgement of this demande, as sent by mail (CRPA, art. R112-5 and R112-11-1).

    What people typed reaches the page as data, never as markup.
    """
    pdf = typst.compile(
        GABARIT,
        font_paths=polices(),
        sys_inputs={"donnees": json.dumps(donnees_de(demande))},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(pdf, bytes)
    return pdf


def donnees_de(demande: Demande) -> dict[str, Any]:
    """Texts of the page, keys of `typst/accuse.typ`; a confidential subject is not named on paper."""
    accuse = suivi.accuse_de(demande)
    ville = settings.GUICHET_VILLE
    return {
        "titre": "Accusé de réception de votre demande",
        "numero": accuse.numero,
        "code": accuse.code,
        "objet": "" if demande.est_confidentielle else accuse.objet,
        "recue_le": date_longue(accuse.recue_le),
        "echeance": date_longue(accuse.echeance),
        "silence": phrases_du_silence(accuse),
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
            "nom": ville["nom"],
            "adresse": ville["adresse"],
            "telephone": ville["telephone"],
            "mention": ville["mention"] if settings.GUICHET_DEMO else "",
            "accent": ACCENT,
        },
    }


def phrases_du_silence(accuse: suivi.Accuse) -> list[str]:
    """What happens if nobody answers: the date, its effect, and what one may do then (CRPA, L231-1 s.)."""
    if accuse.decision_implicite_le is None:
        return []
    date = date_longue(accuse.decision_implicite_le)
    if accuse.vaut_acceptation:
        return [
            f"Si vous n'avez reçu aucune réponse le {date}, votre demande sera acceptée ce jour-là, sous "
            "réserve que la demande soit complète. Vous pourrez alors nous demander une attestation de cette "
            "acceptation (article L232-3 du code des relations entre le public et l'administration)."
        ]
    if accuse.vaut_rejet:
        return [
            f"Si vous n'avez reçu aucune réponse le {date}, votre demande sera refusée ce jour-là, sous "
            "réserve que la demande soit complète. Vous pourrez alors nous demander les raisons de ce "
            "refus et, dans les deux mois qui suivent cette date, le contester.",
            accuse.voies_recours
            or "Pour le contester, écrivez-nous pour demander un nouvel examen (recours gracieux), ou "
            "saisissez le tribunal administratif, par courrier ou sur Télérecours citoyens "
            "(www.telerecours.fr).",
        ]
    return [
        f"Nous avons jusqu'au {date} pour vous répondre, sous réserve que la demande soit complète. "
        f"{accuse.silence_en_clair}"
    ]
