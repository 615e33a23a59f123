"""Give a file back to whoever may read what it hangs on, in a way no browser can be made to execute."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from guichet.pieces.models import PageDePiece, Piece

RANG_MAXIMUM = 32_767

journal = logging.getLogger(__name__)


@login_not_required  # a resident without an account follows a demande: the right is asked of its owner
@require_safe
def servir(request: HttpRequest, pk) -> FileResponse:
    """Send a file as an attachment. Unknown, forbidden or in quarantine: the same 404."""
    piece = _lisible(request, pk)
    return _reponse(
        piece.fichier, as_attachment=True, filename=piece.nom_original, content_type=piece.type_mime
    )


@login_not_required
@require_safe
def vignette(request: HttpRequest, pk) -> FileResponse:
    """Send the thumbnail of a picture: our own WebP, safe to show in a page."""
    piece = _lisible(request, pk)
    if not piece.vignette:
        raise Http404
    return _reponse(piece.vignette, content_type="image/webp")


@login_not_required
@require_safe
def page(request: HttpRequest, pk, rang: int) -> FileResponse:
    """Send the picture of a page of a PDF: our own WebP too."""
    piece = _lisible(request, pk)
    dessinee = get_object_or_404(PageDePiece, piece=piece, rang=min(rang, RANG_MAXIMUM))
    return _reponse(dessinee.image, content_type="image/webp")


def _lisible(request: HttpRequest, pk) -> Piece:
    piece = get_object_or_404(Piece, pk=pk, etat=Piece.Etat.SAINE)
    droits = (import_string(chemin) for chemin in settings.GUICHET_DROITS_PIECES)
    if not any(droit(piece, request) for droit in droits):
        raise Http404
    return piece


def _reponse(fichier: FieldFile, **options) -> FileResponse:
    try:
        reponse = FileResponse(fichier.open("rb"), **options)
    except FileNotFoundError as cause:
        journal.error("Le fichier %s manque dans le stockage des pièces.", fichier.name)
        raise Http404 from cause
    reponse["X-Content-Type-Options"] = "nosniff"
    reponse["Content-Security-Policy"] = "default-src 'none'; sandbox"
    reponse["Cache-Control"] = "private, no-store"
    return reponse
