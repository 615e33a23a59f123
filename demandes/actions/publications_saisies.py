"""A post that an agent copies by hand: its link is what says that it is the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Q

from demandes.models import Demande, Message, ProfilReseau, Publication
from guichet.canaux import liens, registre
from guichet.canaux.canal import Canal
from guichet.canaux.reseau import Portee
from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide
from usagers.models import Usager


@dataclass(frozen=True)
class PublicationSaisie:
    """What is read off the screen: a public post has its link, a private message has none."""

    auteur: str
    portee: Portee
    lien: liens.Lien | None = None


def profil_connu(canal: str, auteur: str) -> ProfilReseau | None:
    """The account of this name, whoever told us of it first; a name that is no account's own is anybody's."""
    if not auteur.startswith("@") or canal == Canal.RESEAU:
        return None
    connus = ProfilReseau.objects.filter(canal=canal, adresse__iexact=auteur).select_related("usager")[:2]
    return connus[0] if len(connus) == 1 else None


def deja_connue(lien: liens.Lien) -> Publication | None:
    """The post of this link, copied before or told by its network.

    Where every comment has the link of the post it is under, it names none of them.
    """
    connues = Publication.objects.filter(etat=Publication.Etat.RECUE).select_related("demande").order_by("pk")
    nommee = Q(identifiant=lien.identifiant)
    if lien.canal and lien.numero and notre_serveur(lien.canal) in (None, lien.hote):
        separateur = registre.du_canal(lien.canal).liens.separateur
        champ = "identifiant__endswith" if separateur else "identifiant"
        nommee |= Q(canal=lien.canal, **{champ: separateur + lien.numero}) & ~Q(identifiant="")
    sans_lien = [c.canal for c in registre.CONNECTEURS.values() if c.liens.est_celui_du_fil]
    return (
        connues.filter(nommee).first()
        or connues.filter(lien=lien.adresse).exclude(canal__in=sans_lien).first()
    )


def notre_serveur(canal: Canal) -> str | None:
    """The city's own server, where each numbers everybody's posts itself; None where one site does."""
    serveur = registre.du_canal(canal).liens.notre_serveur
    return serveur(settings) if serveur else None


def inscrire_la_publication(
    demande: Demande,
    *,
    saisie: PublicationSaisie | None,
    message: Message,
    publiee_le: datetime,
    compte: Compte | None,
    auteur: Usager | None,
) -> Publication | None:
    """Keep a copied post beside its message; nothing when there is none, or nobody's. Needs a
    transaction.

    Raises DonneeInvalide when somebody has just copied the same one.
    """
    if saisie is None or auteur is None:
        return None
    if saisie.lien is not None:
        with connection.cursor() as curseur:
            # Two agents with the same link wait for each other: the second is told.
            curseur.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"lien:{saisie.lien.cle}"]
            )
        if deja := deja_connue(saisie.lien):
            raise DonneeInvalide(
                f"Cette publication est déjà enregistrée : demande {deja.demande.numero}.", "lien"
            )
    return Publication.objects.create(
        canal=demande.canal,
        identifiant=saisie.lien.identifiant if saisie.lien else f"message:{message.pk}",
        demande=demande,
        message=message,
        profil=profil_de(demande.canal, saisie.auteur, auteur),
        portee=saisie.portee,
        lien=saisie.lien.adresse if saisie.lien else "",
        publiee_le=publiee_le,
        saisie_par=compte,
    )


def profil_de(canal: str, auteur: str, usager: Usager) -> ProfilReseau:
    """The account of this person under this name: who bears the same name is somebody else."""
    connu = ProfilReseau.objects.filter(canal=canal, adresse__iexact=auteur, usager=usager).first()
    if connu is not None:
        return connu
    identifiant = f"saisi:{usager.pk}:{auteur.casefold()}"[:120]
    return ProfilReseau.objects.get_or_create(
        canal=canal, identifiant=identifiant, defaults={"adresse": auteur, "usager": usager}
    )[0]
