"""What an e-mail says beyond what every channel says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from guichet.canaux.courriel.adresses import Adresse
from guichet.canaux.message import MessageEntrant


class Nature(StrEnum):
    """Who wrote: a person, or a machine of which kind."""

    PERSONNE = "personne"
    REPONSE_AUTOMATIQUE = "reponse_automatique"
    ROBOT = "robot"
    LISTE = "liste"
    BOUCLE = "boucle"
    ACCUSE_DE_LECTURE = "accuse_de_lecture"
    RETOUR = "retour"


class Raison(StrEnum):
    """Why a mail of ours came back."""

    ADRESSE_INCONNUE = "adresse_inconnue"
    DOMAINE_INCONNU = "domaine_inconnu"
    BOITE_PLEINE = "boite_pleine"
    TROP_GROS = "trop_gros"
    REFUSE = "refuse"
    EN_ATTENTE = "en_attente"
    AUTRE = "autre"


SANS_ADRESSE = Adresse()


@dataclass(frozen=True)
class Retour:
    """A mail of ours that was not delivered. `message_ids`: those it names, ours among them."""

    adresses: tuple[str, ...] = ()
    est_definitif: bool = False
    statut: str = ""
    raison: Raison = Raison.AUTRE
    diagnostic: str = ""
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class CourrielEntrant(MessageEntrant):
    """One e-mail. `texte` is whole, quotes included (see `citations`); `html` is clean, or "".

    `references` are the messages it follows, the nearest first. `sans_accuse` says that its sender asked
    for no automatic answer, or would not read it. `envoye_le` is what its `Date` claims, when it claims one.
    """

    message_id: str = ""
    html: str = ""
    emetteur: Adresse = SANS_ADRESSE
    repondre_a: Adresse = SANS_ADRESSE
    destinataires: tuple[Adresse, ...] = ()
    references: tuple[str, ...] = ()
    envoye_le: datetime | None = None
    nature: Nature = Nature.PERSONNE
    raison_nature: str = ""
    sans_accuse: bool = False
    retour: Retour | None = None
