"""Letters that leave on paper, as PDF that screen readers read (PDF/UA-1): made once, kept as they left."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import typst
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from demandes import suivi
from demandes.models import Message, Remise, correspondant
from demandes.recu import ACCENT, polices, recu_pdf
from guichet.organisation import ville
from guichet.pieces.depot import effacer, garder_tel_quel
from guichet.pieces.models import Piece
from guichet.socle.templatetags.dates import date_longue

GABARIT = Path(__file__).parent / "typst" / "lettre.typ"
PAR_PASSAGE = 50


def lettre_pdf(remise: Remise) -> bytes:
    """The letter itself. What people typed is data there, never markup."""
    if remise.message.nature == Message.Nature.ACCUSE:
        return recu_pdf(remise.message.demande, est_remis_par_un_agent=True, depart=remise.numero or "")
    pdf = typst.compile(
        GABARIT,
        font_paths=polices(),
        sys_inputs={"donnees": json.dumps(donnees_de(remise))},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(pdf, bytes)
    return pdf


def donnees_de(remise: Remise) -> dict[str, Any]:
    """Texts of the page, keys of `typst/lettre.typ`."""
    message = remise.message
    demande, la_ville = message.demande, ville.lire()
    service = suivi.service_charge(demande)
    agent = getattr(message.auteur, "agent", None)
    signature = agent.signature.splitlines() if agent else []
    jointes = Piece.objects.filter(
        proprietaire_genre="message", proprietaire_id=message.pk, etat=Piece.Etat.SAINE
    )
    return {
        "titre": f"{message.objet} – {demande.numero}",
        "numero": demande.numero,
        "code": demande.code_suivi,
        "depart": remise.numero or "",
        "date": date_longue(message.cree_le),
        "objet": message.objet,
        "adresse": lignes_d_adresse(message),
        "corps": [p.strip() for p in message.corps.replace("\r\n", "\n").split("\n\n") if p.strip()],
        "pieces": list(jointes.order_by("nom_original").values_list("nom_original", flat=True)),
        "signature": signature or [service.nom],
        "service": {"nom": service.nom, "adresse": service.adresse, "telephone": service.telephone},
        "adresse_suivi": settings.GUICHET_ADRESSE + reverse("suivi"),
        "ville": {
            "nom": la_ville["nom"],
            # « Villeneuve, le 12 novembre »: a town, whatever its city hall calls itself.
            "commune": la_ville["nom"],
            "adresse": la_ville["adresse"],
            "telephone": la_ville["telephone"],
            "courriel": la_ville["courriel"],
            "mention": la_ville["mention"] if settings.GUICHET_DEMO else "",
            "accent": la_ville["accent_papier"] or ACCENT,
        },
    }


def lignes_d_adresse(message: Message) -> list[str]:
    """The name, then the address as lines of an envelope; the name alone when it is handed over."""
    joint = correspondant(message.demande)
    if joint is None:
        return []
    adresse = message.destinataire or joint.adresse
    return [str(joint), *(ligne.strip() for ligne in adresse.split(",") if ligne.strip())]


def contenu(remise: Remise) -> bytes:
    """The letter as it was made, or as it would be now."""
    if remise.piece is None:
        return lettre_pdf(remise)
    with remise.piece.fichier.open("rb") as fichier:
        return fichier.read()


def composer_les_lettres() -> int:
    """Make the letters that wait for it: the worker's, some seconds after the answer. Returns how many."""
    attendues = Remise.objects.filter(numero__isnull=False, piece__isnull=True).order_by("pk")
    cles = list(attendues.values_list("pk", flat=True)[:PAR_PASSAGE])
    return sum(composer(pk) for pk in cles)


def composer(pk: int) -> bool:
    """Make one letter, once."""
    remise = Remise.objects.pour_lettre().filter(pk=pk, piece__isnull=True).first()
    if remise is None:
        return False
    piece = garder_tel_quel(f"{remise.numero}.pdf", lettre_pdf(remise))
    with transaction.atomic():
        fraiche = Remise.objects.select_for_update().get(pk=pk)
        if fraiche.piece_id is not None:
            effacer([piece])
            return False
        piece.proprietaire_genre, piece.proprietaire_id = "remise", pk
        piece.save(update_fields=["proprietaire_genre", "proprietaire_id"])
        fraiche.piece = piece
        fraiche.save(update_fields=["piece"])
    return True


def ensemble(remises: Iterable[Remise]) -> bytes:
    """Several letters in one file for the printer, each beginning on its own sheet."""
    with pdfium.PdfDocument.new() as tout:
        for remise in remises:
            with pdfium.PdfDocument(contenu(remise)) as lettre:
                tout.import_pages(lettre)
                # Printed on both sides, the next letter does not begin on the back of this one.
                if len(lettre) % 2:
                    tout.new_page(*lettre[0].get_size())
        sortie = BytesIO()
        tout.save(sortie)
    return sortie.getvalue()
