"""Words on the thread that change no state."""

from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from demandes import suivi
from demandes.actions import avis
from demandes.actions.complement import joindre
from demandes.actions.porte import exiger_texte, franchir, lire_texte, verrouiller
from demandes.droits import Auteur
from demandes.etats import Visibilite
from demandes.models import Demande, Message, MiseEnForme, correspondant
from guichet.pieces.depot import effacer
from guichet.pieces.models import Piece
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide, Refus
from usagers.rapprochement import Identite, ajouter_coordonnees


def ajouter_une_note(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    est_confidentielle: bool = False,
    version: int | None = None,
) -> Demande:
    """Write for colleagues. The person may ask to read internal notes (RGPD, art. 15): the page says so."""
    with franchir("ajouter_une_note", demande, auteur=auteur, version=version) as passage:
        propre = exiger_texte(texte, "Écrivez la note.")
        passage.message(
            propre,
            sens=Message.Sens.INTERNE,
            visibilite=Visibilite.CONFIDENTIEL if est_confidentielle else Visibilite.INTERNE,
        )
        return passage.demande


def ecrire_a_l_usager(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    pieces: tuple[Piece, ...] = (),
    version: int | None = None,
) -> Demande:
    """Write to the resident without ending anything: the owning desk may, whatever the state."""
    with franchir("ecrire_a_l_usager", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        propre = exiger_texte(texte, "Écrivez le message.")
        if d.est_anonyme or d.usager is None:
            raise Refus("Cette personne n'a laissé aucun moyen de la joindre.")
        message = avis.remettre(
            passage,
            propre,
            nature=Message.Nature.MESSAGE,
            objet="Message au sujet de votre demande",
            documents=len(pieces),
        )
        joindre(message, pieces)
        return d


def ecrire_a_la_ville(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    pieces: tuple[Piece, ...] = (),
    canal: str = "",
    cle: str = "",
    venue_de: Demande | None = None,
    version: int | None = None,
) -> Demande:
    """Add what the resident says, in whatever state; it is flagged until an agent has read it.

    The same words and files sent again with the same `cle` write nothing.
    """
    with transaction.atomic():
        d = verrouiller(demande.pk)[demande.pk]
        propre = lire_texte(texte)
        empreinte = empreinte_de(cle, propre, pieces)
        if empreinte is not None and d.messages.filter(empreinte=empreinte).exists():
            effacer(pieces)
            return d
        with franchir(
            "ecrire_a_la_ville", d, auteur=auteur, version=version, est_verrouillee=True
        ) as passage:
            if not propre and not pieces:
                raise DonneeInvalide(_("Écrivez un message ou joignez un document."), "texte")
            message = passage.message(
                propre or "Document transmis.",
                sens=Message.Sens.ENTRANT,
                canal=canal or d.canal,
                empreinte=empreinte,
                **passage.dit_par_l_usager(venue_de),
            )
            joindre(message, pieces)
            d.a_message_non_lu = True
    return d


def empreinte_de(cle: str, texte: str, pieces: tuple[Piece, ...]) -> str | None:
    """What one sending of a form is known by: going « back » to write something else is another one."""
    if not cle:
        return None
    return sha256("\0".join([cle, texte, *sorted(piece.sha256 for piece in pieces)]).encode()).hexdigest()


def garder_la_mise_en_forme(demande: Demande, html: str, images: dict[str, str]) -> None:
    """Keep how the last words received were laid out, with the file of each image. In their transaction."""
    message = demande.messages.filter(sens=Message.Sens.ENTRANT).latest("pk")
    MiseEnForme.objects.get_or_create(message=message, defaults={"html": html, "images": images})


def marquer_lus(demande: Demande) -> None:
    """An agent in charge opened the page: incoming messages are read. Not a gesture, nothing is decided."""
    if demande.a_message_non_lu:
        Demande.objects.filter(pk=demande.pk).update(a_message_non_lu=False)
        demande.messages.filter(sens=Message.Sens.ENTRANT, lu_le__isnull=True).update(lu_le=timezone.now())


def envoyer_l_accuse(
    demande: Demande, *, auteur: Auteur, courriel: str = "", version: int | None = None
) -> Demande:
    """Send the acknowledgement by e-mail, to the address the person has just given or the one we know."""
    with franchir("envoyer_l_accuse", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        adresse = normaliser_courriel(courriel) if lire_texte(courriel) else suivi.courriel_de_reponse(d)
        if not adresse:
            raise DonneeInvalide("Demandez à la personne son adresse électronique.", "courriel")
        if joint := correspondant(d):
            ajouter_coordonnees(joint, Identite(courriel=adresse))
        avis.accuser(passage, adresse)
        return d
