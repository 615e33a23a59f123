"""What every channel speaks: a message coming in, a message going out. Frozen, and free of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guichet.canaux.canal import Canal


class ContenuIllisible(ValueError):
    """Raw content no demande can be made from; `str(erreur)` is the French reason shown in quarantine."""


@dataclass(frozen=True)
class Expediteur:
    """Who writes, as they gave it: nothing is normalised, nothing is guessed.

    A channel that knows only one name field leaves it whole in `nom`.
    """

    nom: str = ""
    prenom: str = ""
    courriel: str = ""
    telephone: str = ""
    adresse: str = ""


@dataclass(frozen=True)
class PieceJointe:
    """A file as received: its claimed name and type prove nothing.

    `identifiant` is what the HTML of the same message shows it by (`cid:`), when it does.
    """

    nom: str
    type_mime: str
    contenu: bytes
    identifiant: str = ""


@dataclass(frozen=True)
class MessageEntrant:
    """One thing a person said to the city, whatever the channel.

    `recu_le` is the legal date of receipt (CRPA, art. L112-1), always with its time zone. `type_suggere`
    is a catalogue code or "". `reponses` holds form answers by question key, `version_formulaire` the
    version they were typed in. `est_automatique` marks what no person wrote: it gets no acknowledgement.
    """

    canal: Canal
    cle_externe: str
    recu_le: datetime
    objet: str = ""
    texte: str = ""
    expediteur: Expediteur = Expediteur()
    pieces: tuple[PieceJointe, ...] = ()
    type_suggere: str = ""
    reponses: Mapping[str, Any] = field(default_factory=dict)
    version_formulaire: int | None = None
    est_urgent: bool = False
    est_anonyme: bool = False
    est_automatique: bool = False

    def __post_init__(self) -> None:
        if self.recu_le.tzinfo is None:
            raise ValueError("recu_le has no time zone")


@dataclass(frozen=True)
class MessageSortant:
    """One e-mail, complete: composing it twice gives the same bytes.

    `expediteur` may carry a name (« Guichet de la ville <adresse> »); `destinataire` is a bare address;
    `message_id` includes its angle brackets; `date` has a time zone. `images` are those the HTML part shows,
    by their identifier (`<img src="cid:…">`): they travel with it, nothing is fetched when it is read.
    """

    expediteur: str
    destinataire: str
    objet: str
    texte: str
    message_id: str
    date: datetime
    html: str = ""
    images: Mapping[str, PieceJointe] = field(default_factory=dict)
    en_tetes: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[PieceJointe, ...] = ()
    est_automatique: bool = True
