"""The words of an acknowledgement: laid out once for each of its shapes, its values put in afterwards.

A deposit waits for it, and going through its template took a quarter of a deposit's processor.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.translation import get_language

from demandes import adresses_de_reponse, suivi
from demandes.models import Demande
from guichet.organisation import ville

# Put in once, a value is never read for marks of its own.
MARQUE = re.compile("\ue000(.*?)\ue001")
DE_LA_VILLE = ("nom", "adresse", "telephone", "courriel")
DU_SERVICE = ("nom", "adresse", "courriel", "telephone")
DU_SECOURS = ("consigne", "en_mots")


def texte_de_l_accuse(demande: Demande, lien: str) -> str:
    """The text of `accuse.txt` for this demande, its subject on the first line, in the language
    of the moment, which is its own. `lien` opens its tracking page.
    """
    accuse = suivi.accuse_de(demande)
    phrases, pieces, secours = accuse.phrases_du_silence, accuse.pieces_attendues, accuse.secours
    valeurs = {
        "numero": accuse.numero,
        "code": accuse.code,
        "objet": accuse.objet,
        "recue": accuse.recue_en_clair,
        "echeance": accuse.echeance_en_clair,
        "lien": lien,
    }
    valeurs |= _de("ville", ville.lire(), DE_LA_VILLE)
    valeurs |= _de("service", vars(accuse.service), DU_SERVICE)
    valeurs |= {f"phrase {rang}": phrase for rang, phrase in enumerate(phrases)}
    valeurs |= {f"piece {rang}": piece for rang, piece in enumerate(pieces)}
    if secours is not None:
        valeurs |= {f"secours {nom}": getattr(secours, nom) for nom in DU_SECOURS}
    gabarit = _gabarit(
        get_language(),
        est_nommee=demande.type is not None and not demande.est_confidentielle,
        a_un_secours=secours is not None,
        a_une_echeance=accuse.echeance is not None,
        phrases=len(phrases),
        pieces=len(pieces),
        peut_repondre=bool(adresses_de_reponse.adresse(demande.numero)),
    )
    return MARQUE.sub(lambda marque: valeurs[marque[1]], gabarit)


@lru_cache(maxsize=256)
def _gabarit(
    langue: str,
    *,
    est_nommee: bool,
    a_un_secours: bool,
    a_une_echeance: bool,
    phrases: int,
    pieces: int,
    peut_repondre: bool,
) -> str:
    """The template with a mark in the place of each value; called in this language."""
    return render_to_string(
        "demandes/courriels/accuse.txt",
        {
            "demande": {"type": est_nommee, "est_confidentielle": False},
            "accuse": {
                "numero": _marque("numero"),
                "code": _marque("code"),
                "objet": _marque("objet"),
                "recue_en_clair": _marque("recue"),
                "echeance": a_une_echeance,
                "echeance_en_clair": _marque("echeance"),
                "service": {nom: _marque(f"service {nom}") for nom in DU_SERVICE},
                "secours": {nom: _marque(f"secours {nom}") for nom in DU_SECOURS} if a_un_secours else None,
                "phrases_du_silence": [_marque(f"phrase {rang}") for rang in range(phrases)],
                "pieces_attendues": [_marque(f"piece {rang}") for rang in range(pieces)],
            },
            "ville": {nom: _marque(f"ville {nom}") for nom in DE_LA_VILLE},
            "lien": _marque("lien"),
            "est_un_courriel": True,
            "peut_repondre": peut_repondre,
        },
    )


def _marque(nom: str) -> str:
    return f"\ue000{nom}\ue001"


def _de(quoi: str, valeurs: dict[str, str], noms: tuple[str, ...]) -> dict[str, str]:
    return {f"{quoi} {nom}": valeurs[nom] for nom in noms}
