"""The pictures of a post: told with its words, kept as files of its message once they are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from django.core.files.base import ContentFile
from django.db import transaction

from demandes.actions.complement import joindre
from demandes.actions.echanges import ajouter_une_note
from demandes.droits import SYSTEME
from demandes.models import ImagePubliee, Message, Publication
from guichet.canaux.reseau import Media
from guichet.pieces.depot import deposer, oublier
from guichet.pieces.erreurs import ErreurPiece
from guichet.pieces.models import Piece


def annoncer_les_images(publication: Publication, message: Message, medias: Sequence[Media]) -> None:
    """Write down what is to fetch for a message, in its transaction; an edited post shows most again.

    What moves or is heard is not kept: its link is all there is, and a network's links go out.
    """
    connues = set(publication.images.values_list("adresse", flat=True))
    ImagePubliee.objects.bulk_create(
        ImagePubliee(publication=publication, message=message, rang=rang, adresse=adresse)
        for rang, media in enumerate(medias, start=1)
        if (adresse := media.a_garder) and adresse not in connues
    )
    if restes := dict.fromkeys(media.nature for media in medias if not media.se_garde):
        dits = " et ".join(restes).capitalize()
        texte = f"{dits} : Guichet n'en garde que le lien. Regardez avant que le réseau ne le retire."
        # An edit shows them again, a burst shows several: it is said once.
        if not message.demande.messages.filter(sens=Message.Sens.INTERNE, corps=texte).exists():
            ajouter_une_note(message.demande, auteur=SYSTEME, texte=texte)


def garder_l_image(pk: int, contenu: bytes) -> None:
    """Hang what was fetched on its message, once: through the door of every attachment."""
    pieces: list[Piece] = []
    try:
        with transaction.atomic():
            image = _tenue(pk)
            if image is None:
                return
            image.empreinte = sha256(contenu).hexdigest()
            # The address of one picture changes at each telling.
            if not image.publication.images.filter(empreinte=image.empreinte).exists():
                nom = f"{image.publication.canal}-{image.rang}"
                pieces.append(deposer(ContentFile(contenu, name=nom)))
                joindre(image.message, tuple(pieces))
            image.etat, image.erreur = ImagePubliee.Etat.GARDEE, ""
            image.save()
            _taire_l_adresse(image)
    except ErreurPiece:
        perdre_l_image(pk, "ce n'est pas un fichier que Guichet accepte")
    except BaseException:
        oublier(pieces)
        raise


def perdre_l_image(pk: int, raison: str) -> None:
    """It will not be fetched: its address stays on the thread, with why; once for all those of a message."""
    with transaction.atomic():
        image = _tenue(pk)
        if image is None:
            return
        image.etat, image.erreur = ImagePubliee.Etat.PERDUE, raison[:250]
        image.save()
        memes = ImagePubliee.objects.filter(
            message=image.message, etat=ImagePubliee.Etat.PERDUE, erreur=image.erreur
        )
        if not memes.exclude(pk=pk).exists():
            texte = f"Une image du message n'a pas pu être gardée : {raison}. Son adresse reste dans le fil."
            ajouter_une_note(image.message.demande, auteur=SYSTEME, texte=texte)


def oublier_les_images(publication: Publication) -> None:
    """Its author took the post away: what was not fetched yet is left to them."""
    publication.images.filter(etat=ImagePubliee.Etat.A_PRENDRE).update(
        etat=ImagePubliee.Etat.PERDUE, erreur="la personne a supprimé sa publication"
    )


def porter_les_images(message: Message, vers: Message) -> None:
    """These words are said on another demande: what is still to fetch will be a file there."""
    ImagePubliee.objects.filter(message=message, etat=ImagePubliee.Etat.A_PRENDRE).update(message=vers)


def _tenue(pk: int) -> ImagePubliee | None:
    """One that is still to fetch, locked with its message: those of one message come at once."""
    siennes = ImagePubliee.objects.select_for_update(of=("self", "message"))
    siennes = siennes.select_related("message__demande", "publication")
    return siennes.filter(pk=pk, etat=ImagePubliee.Etat.A_PRENDRE).first()


def _taire_l_adresse(image: ImagePubliee) -> None:
    """The file is there: the words keep what it shows, and not where it was."""
    fin = f"] {image.adresse}"
    image.message.corps = "\n".join(
        ligne.removesuffix(fin[1:]) if ligne.endswith(fin) else ligne
        for ligne in image.message.corps.split("\n")
    )
    image.message.save(update_fields=["corps"])
