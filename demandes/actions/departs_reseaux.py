"""What leaves by a network: a row of the outbox when it can, somebody's hand when it cannot."""

from __future__ import annotations

from django.utils import timezone

from demandes.models import Message, Publication, Remise
from demandes.moyens import empechement, part_par_le_reseau
from guichet.canaux import registre
from guichet.canaux.reseau import Portee, ReseauQuiMasque
from guichet.envois import boite, reseaux
from guichet.envois.models import Envoi


def adresser(recue: Publication, texte: str) -> str:
    """The words as they leave: where a name in front is what tells the person, it is there."""
    if recue.profil is None or not part_par_le_reseau(recue):
        return texte
    return registre.du_canal(recue.canal).adresser(recue.profil.adresse, texte)


def faire_partir(message: Message, recue: Publication, texte: str, portee: Portee) -> Envoi | None:
    """Queue words that answer a post; None when they wait for somebody's hand, with why."""
    en_prive = not portee.est_publique
    if raison := empechement(recue, timezone.now(), en_prive=en_prive):
        # That it was copied by hand, or that the city has no key there, is no news.
        Remise.ouvrir(message, raison=raison if part_par_le_reseau(recue) else "")
        return None
    message.envoi = boite.deposer(
        canal=recue.canal,
        destinataire=message.destinataire,
        objet=message.objet or "Message",
        corps=texte,
        nature=Envoi.Nature.COMPLEMENT
        if message.nature == Message.Nature.COMPLEMENT
        else Envoi.Nature.REPONSE,
        reference=f"demande:{message.demande.numero}",
        cle=f"message:{message.pk}",
        est_automatique=False,
        en_tetes=reseaux.destination(
            a=recue.identifiant,
            compte=recue.profil.identifiant if recue.profil else "",
            portee=portee,
            origine=recue.portee,
        ),
    )
    message.save(update_fields=["envoi"])
    return message.envoi


def faire_masquer(recue: Publication) -> Envoi | None:
    """Queue the hiding of a comment; None on a network where somebody does it on its own page."""
    reseau = reseaux.ouvert(recue.canal) if part_par_le_reseau(recue) else None
    if not isinstance(reseau, ReseauQuiMasque) or recue.profil is None:
        return None
    return boite.deposer(
        canal=recue.canal,
        destinataire=recue.profil.adresse,
        objet="Masquer un commentaire",
        corps="",
        nature=Envoi.Nature.AVIS,
        # Not a word to the person: the thread of their demande does not tell it as one.
        reference=f"masquer:{recue.pk}",
        cle=f"masquer:{recue.pk}:{recue.masquee_le:%Y%m%d%H%M%S%f}",
        est_automatique=False,
        en_tetes=reseaux.a_masquer(recue.identifiant),
    )
