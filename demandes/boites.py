"""What an address of the city means: the desk or the direction that is written to, and why.

A mail written to several goes to the first in their order; the others are noted on its demande.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from demandes import actions
from demandes.actions import Depot
from demandes.droits import SYSTEME
from demandes.models import BoiteCourriel, Demande, Reception
from demandes.orientation import Orientation
from guichet.canaux.courriel.adresses import Adresse
from guichet.canaux.courriel.message import CourrielEntrant
from guichet.socle.lecture import Lecture

ACTIVES = Lecture(
    lambda: BoiteCourriel.objects.actives().select_related("point_accueil", "direction", "type")
)


@dataclass(frozen=True)
class Arrivee:
    """The mailboxes a mail was written to, in their order, and what its transport said of it."""

    boites: tuple[BoiteCourriel, ...]
    adresses: tuple[str, ...] = ()
    sans_accuse: bool = False
    # One of our own addresses wrote: somebody of the house, whom nobody acknowledges.
    est_de_la_maison: bool = False

    def completer(self, message: CourrielEntrant) -> CourrielEntrant:
        """The mail with the addresses it came by: a blind copy names them nowhere else."""
        lues = {adresse.cle for adresse in message.destinataires}
        dites = tuple(Adresse(courriel=adresse) for adresse in self.adresses if adresse not in lues)
        return replace(message, destinataires=(*message.destinataires, *dites)) if dites else message

    def adresser(self, depot: Depot) -> Depot:
        """The same deposit, at the desk and for the direction of the first mailbox."""
        depot = replace(depot, sans_accuse=depot.sans_accuse or self.sans_accuse or self.est_de_la_maison)
        if not self.boites:
            return depot
        boite = self.boites[0]
        if boite.point_accueil is not None and boite.point_accueil.est_actif:
            depot = replace(depot, point_accueil=boite.point_accueil)
        if (orientation := orientation_de(boite)) is not None:
            depot = replace(depot, type=boite.type, orientation=orientation)
        return depot

    def noter(self, demande: Demande) -> None:
        """Say on a new demande to whom else it was written, and what kept it from its direction."""
        mots = [en_mots(self.boites[1:])] if len(self.boites) > 1 else []
        if self.boites and self.boites[0].direction is not None and orientation_de(self.boites[0]) is None:
            mots.append(
                f"Il était écrit à « {self.boites[0]} », mais sa direction ou sa démarche n'est plus en "
                "service : choisissez où l'envoyer."
            )
        if mots:
            actions.ajouter_une_note(demande, auteur=SYSTEME, texte="\n".join(mots))


def arrivee(message: CourrielEntrant, reception: Reception) -> Arrivee:
    """By which of our mailboxes a stored mail came: what it says, and what its transport says."""
    lues = {adresse.cle for adresse in message.destinataires} | set(reception.adresses)
    actives = _actives()
    boites = _parmi(actives, lues)
    # A copy that comes later by one of them says nothing new.
    if (
        toutes := sorted({*reception.adresses, *(boite.adresses[0] for boite in boites)})
    ) != reception.adresses:
        reception.adresses = toutes
        reception.save(update_fields=["adresses"])
    return Arrivee(
        boites=boites,
        adresses=tuple(reception.adresses),
        sans_accuse=reception.sans_accuse,
        est_de_la_maison=bool(_parmi(actives, {message.emetteur.cle})),
    )


def noter_la_copie(premiere: Reception, adresses: Iterable[str]) -> None:
    """One more address of ours got a mail already filed: said on its demande when it did not know it."""
    connues = set(premiere.adresses)
    nouvelles = tuple(b for b in _parmi(_actives(), adresses) if not connues & set(b.adresses))
    if not nouvelles:
        return
    if premiere.demande is not None:
        actions.ajouter_une_note(premiere.demande, auteur=SYSTEME, texte=en_mots(nouvelles))
    premiere.adresses = sorted(connues | set(adresses))
    premiere.save(update_fields=["adresses"])


def orientation_de(boite: BoiteCourriel) -> Orientation | None:
    """Where the mails of a mailbox go by themselves; nowhere when its direction or type left service."""
    if boite.direction is None or boite.type is None:
        return None
    if not boite.direction.est_active or boite.type.publie_le is None:
        return None
    return Orientation(boite.direction, f"Courriel écrit à « {boite} » ({boite.adresses[0]})"[:250])


def en_mots(boites: Iterable[BoiteCourriel]) -> str:
    noms = ", ".join(f"« {boite} » ({boite.adresses[0]} → {boite.destination})" for boite in boites)
    return f"Ce courriel a été envoyé aussi à {noms}. Il n'ouvre qu'une demande : prévenez qui doit l'être."


def est_connue(adresse: str) -> bool:
    """Whether a mail may be taken in for this address: any, until the city has said which are hers."""
    return not (boites := _actives()) or bool(_parmi(boites, {adresse}))


def _actives() -> tuple[BoiteCourriel, ...]:
    """Asked for with every mail: put into SQL once a process."""
    return tuple(ACTIVES.objets())


def _parmi(boites: Iterable[BoiteCourriel], adresses: Iterable[str]) -> tuple[BoiteCourriel, ...]:
    cherchees = set(adresses)
    return tuple(boite for boite in boites if cherchees & set(boite.adresses))
