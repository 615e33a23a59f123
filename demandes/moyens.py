"""How what the city writes about a demande reaches its person: the way they prefer, when it can be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from demandes.models import Demande, Publication, correspondant
from guichet.canaux import registre
from guichet.canaux.canal import RESEAUX_SOCIAUX, Canal
from guichet.canaux.reseau import Portee
from guichet.envois import boite, reseaux, texto
from guichet.socle.coordonnees import afficher_telephone, est_mobile
from usagers.models import Usager

# Tried in this order when the preferred way does not exist: nobody is left without an answer.
A_DEFAUT = (Canal.COURRIEL, Canal.COURRIER, Canal.TELEPHONE, Canal.GUICHET)
# What has legal effect leaves in writing, whatever the person prefers.
ECRITS = frozenset({Canal.COURRIEL, Canal.PORTAIL, Canal.COURRIER})


@dataclass(frozen=True)
class Moyen:
    """A way and its address, as it is written out: « par lettre à 3 rue Neuve ».

    `est_a_recopier`: on a network where nothing leaves by itself, an agent copies the words.
    """

    canal: Canal
    adresse: str
    est_a_recopier: bool = False

    def __str__(self) -> str:
        if self.est_a_recopier:
            return f"à envoyer vous-même en privé sur {nom_du_reseau(self.canal)}, à {self.adresse}"
        return {
            Canal.COURRIEL: f"par courriel à {self.adresse}",
            Canal.PORTAIL: f"sur son compte, annoncé par courriel à {self.adresse}",
            Canal.COURRIER: f"par lettre à {self.adresse}",
            Canal.TELEPHONE: f"par téléphone au {self.adresse}",
            Canal.SMS: f"par SMS au {self.adresse}",
            **{reseau: f"en privé sur {reseau.libelle}, à {self.adresse}" for reseau in RESEAUX_SOCIAUX},
        }.get(self.canal, "au guichet, en main propre")

    @property
    def est_a_la_main(self) -> bool:
        """Nothing leaves by itself: somebody posts it, says it or hands it over."""
        return self.est_a_recopier or self.canal in (Canal.COURRIER, Canal.TELEPHONE, Canal.GUICHET)

    @property
    def est_un_reseau(self) -> bool:
        return self.canal in RESEAUX_SOCIAUX


def nom_du_reseau(canal: str) -> str:
    """As a sentence says it: « sur Facebook », « sur le réseau »."""
    return "le réseau" if canal == Canal.RESEAU else Canal(canal).libelle


def part_par_le_reseau(recue: Publication) -> bool:
    """Whether what answers this post may leave by itself: its network told us of it, and lets us write."""
    return recue.saisie_par_id is None and reseaux.ouvert(recue.canal) is not None


def empechement(recue: Publication, maintenant: datetime, *, en_prive: bool) -> str:
    """Why what answers this post does not leave by itself, "" when it does."""
    if not part_par_le_reseau(recue):
        return "La ville ne peut pas écrire d'ici sur ce réseau."
    if not en_prive or recue.publiee_le is None:
        return ""
    # Some let the city write in private for some time only, or never.
    reseau = registre.du_canal(recue.canal)
    return reseau.refuser_le_prive(Portee(recue.portee), recue.publiee_le, maintenant)


def moyen_de(demande: Demande, *, par_ecrit: bool = False) -> Moyen | None:
    """The way to whoever the city answers; None when the demande is nobody's.

    `par_ecrit` for an acknowledgement, a refusal, what is asked of the person: never by phone, and a page
    kept at the desk only when there is nowhere to send it.
    """
    usager = correspondant(demande)
    if usager is None:
        return None
    for canal in essayer(demande, usager, par_ecrit):
        if canal == demande.canal and (recue := derniere_recue_de(demande, usager)) and recue.profil:
            return Moyen(canal, recue.profil.adresse, est_a_recopier=not part_seule(recue))
        if adresse := adresse_de(usager, canal):
            return Moyen(canal, adresse)
        if canal is Canal.GUICHET:
            break
    return Moyen(Canal.GUICHET, "")


def essayer(demande: Demande, usager: Usager, par_ecrit: bool) -> Iterator[Canal]:
    """Ways to try: what was asked for this answer, then what the person prefers, then as they wrote.

    Who wrote on paper is answered on paper, who wrote on a network is answered there, in private; where
    an agent must copy the words, they leave by themselves some other way rather.
    """
    venue_par = Canal(demande.canal)
    souhaits = [souhait_de(demande), usager.canal_prefere]
    recue = derniere_recue_de(demande, usager)
    souhaits += [venue_par] if venue_par is Canal.COURRIER or (recue and part_seule(recue)) else []
    for souhait in filter(None, souhaits):
        canal = Canal(souhait)
        if canal in ECRITS or not par_ecrit:
            yield canal
            # Who said STOP, or has no mobile, is called.
            if canal is Canal.SMS:
                yield Canal.TELEPHONE
    for canal in A_DEFAUT:
        # Rather than kept at the desk: an account is written to as surely as a mailbox.
        if canal is Canal.GUICHET and venue_par in RESEAUX_SOCIAUX:
            yield venue_par
        if canal in ECRITS or canal is Canal.GUICHET or not par_ecrit:
            yield canal


def souhait_de(demande: Demande) -> str:
    """How the person asked to be answered, this time."""
    provenance = getattr(demande, "provenance", None)
    return provenance.reponse_souhaitee if provenance is not None else ""


def part_seule(recue: Publication) -> bool:
    """Whether a private answer to this post leaves now without anybody's hand."""
    return not empechement(recue, timezone.now(), en_prive=True)


def derniere_recue_de(demande: Demande, usager: Usager) -> Publication | None:
    """Their last post about it that is still on its network."""
    if demande.canal not in RESEAUX_SOCIAUX:
        return None
    recues = demande.publications.filter(
        etat=Publication.Etat.RECUE,
        supprimee_le__isnull=True,
        canal=demande.canal,
        profil__usager=usager,
    )
    return recues.select_related("profil").order_by("-publiee_le", "-pk").first()


def adresse_de(usager: Usager, canal: Canal) -> str:
    """Where this way reaches the person, or nothing: an account says nothing to who reads no mail."""
    if canal is Canal.PORTAIL:
        return usager.courriel if usager.compte_id else ""
    if canal is Canal.COURRIEL:
        return usager.courriel
    if canal is Canal.COURRIER:
        return usager.adresse_postale
    if canal is Canal.SMS:
        return numero_de_sms(usager)
    return afficher_telephone(usager.telephone) if canal is Canal.TELEPHONE and usager.telephone else ""


def numero_de_sms(usager: Usager) -> str:
    """The number an SMS can reach, as people read it: a mobile that never answered STOP."""
    if not texto.est_ouvert() or not (numero := usager.telephone) or not est_mobile(numero):
        return ""
    return "" if boite.est_oppose(numero) else afficher_telephone(numero)
