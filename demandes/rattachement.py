"""Which demande a mail is about, and what proves it: nobody joins a demande by naming it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from demandes import adresses_de_reponse
from demandes.etats import Etat
from demandes.models import Demande, Message, Provenance, Reception
from guichet.canaux.canal import Canal
from guichet.canaux.courriel import prefixes
from guichet.canaux.courriel.message import CourrielEntrant
from guichet.envois.models import Envoi
from usagers.models import Coordonnee


class Indice(StrEnum):
    """How a mail names a demande, the surest first."""

    ADRESSE = "adresse"
    REFERENCES = "references"
    NUMERO = "numero"


@dataclass(frozen=True)
class Rattachement:
    """The demandes a mail names; `est_prouve` only when there is one and its sender may write to it."""

    demandes: tuple[Demande, ...] = ()
    indice: Indice | None = None
    est_prouve: bool = False

    @property
    def demande(self) -> Demande | None:
        return self.demandes[0] if len(self.demandes) == 1 else None


def trouver(message: CourrielEntrant) -> Rattachement:
    """The signed address proves by itself; anything else needs a sender who takes part already."""
    if signees := _par_numero({adresses_de_reponse.numero(a.courriel) for a in message.destinataires} - {""}):
        return Rattachement(signees, Indice.ADRESSE, est_prouve=len(signees) == 1)
    if citees := _par_references(message.references):
        return _exiger_un_participant(citees, Indice.REFERENCES, message)
    if nommees := _par_numero(set(prefixes.numeros(message.objet))):
        return _exiger_un_participant(nommees, Indice.NUMERO, message)
    return Rattachement()


def des_message_ids(message_ids: tuple[str, ...]) -> tuple[Demande, ...]:
    """The demandes these mails were about, whichever side wrote them."""
    return _par_references(message_ids)


def message_ids_signes(message: CourrielEntrant, adresses: tuple[str, ...]) -> tuple[str, ...]:
    """The last mail to one of these addresses about the demande whose signed address a notice came to."""
    signees = {adresses_de_reponse.numero(a.courriel) for a in message.destinataires} - {""}
    partis = Envoi.objects.filter(
        reference__in=[f"demande:{numero}" for numero in signees],
        canal=Canal.COURRIEL,
        etat=Envoi.Etat.ENVOYE,
        destinataire__in=adresses,
    )
    return tuple(partis.order_by("-pk").values_list("message_id", flat=True)[:1])


def _exiger_un_participant(
    demandes: tuple[Demande, ...], indice: Indice, message: CourrielEntrant
) -> Rattachement:
    prouve = len(demandes) == 1 and est_un_participant(demandes[0], message.emetteur.cle)
    return Rattachement(demandes, indice, est_prouve=prouve)


def est_un_participant(demande: Demande, adresse: str) -> bool:
    """Whether an address is that of somebody the demande already speaks with."""
    if not adresse:
        return False
    de_la_personne = Q(usager=demande.usager_id) | Q(usager__demandes_pour_autrui__demande=demande)
    meme = {"genre": Coordonnee.Genre.COURRIEL, "normalisee": adresse}
    return (
        (demande.usager_id is not None and Coordonnee.objects.filter(de_la_personne, **meme).exists())
        or Provenance.objects.filter(demande=demande, expediteur__iexact=adresse).exists()
        or Message.objects.filter(demande=demande, destinataire__iexact=adresse).exists()
    )


def _par_numero(numeros: set[str]) -> tuple[Demande, ...]:
    return _vivantes(Demande.objects.filter(numero__in=numeros)) if numeros else ()


def _par_references(message_ids: tuple[str, ...]) -> tuple[Demande, ...]:
    if not message_ids:
        return ()
    ecrits = Envoi.objects.filter(message_id__in=message_ids, reference__startswith="demande:")
    numeros = {reference.removeprefix("demande:") for reference in ecrits.values_list("reference", flat=True)}
    recus = Reception.objects.filter(
        canal=Canal.COURRIEL, cle_externe__in=message_ids, demande__isnull=False
    ).values("demande")
    return _vivantes(Demande.objects.filter(Q(numero__in=numeros) | Q(pk__in=recus)))


def _vivantes(demandes) -> tuple[Demande, ...]:
    """Each once; a demande grouped with another of the same person lives on in that one."""
    vivantes: dict[int, Demande] = {}
    for demande in demandes.select_related("principale").order_by("pk"):
        suivie = la_vivante(demande)
        vivantes.setdefault(suivie.pk, suivie)
    return tuple(vivantes.values())


def la_vivante(demande: Demande) -> Demande:
    """Where its person goes on: itself, or the one of theirs that it was grouped with."""
    if demande.etat != Etat.FUSIONNEE:
        return demande
    principale = demande.principale
    return principale if principale and principale.usager_id == demande.usager_id else demande
