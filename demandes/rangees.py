"""One row of a queue: plain values read in one statement, where fifty model instances would cost as much
as the rest of the page."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Rangee(NamedTuple):
    """What a row shows, its clock and its rights. The name of each field is what the ORM calls it.

    But for people, what its ids name is in `Noms`. `lisible`: False shows the number and the clock, not the
    content.
    """

    pk: int
    numero: str
    version: int
    etat: str
    objet: str
    canal: str
    adresse: str
    secteur: str
    est_confidentielle: bool
    est_urgente: bool
    est_anonyme: bool
    a_message_non_lu: bool
    arbitrage_demande_le: datetime | None
    point_accueil_id: int
    direction_id: int | None
    agent_traitant_id: int | None
    usager_id: int | None
    type_id: int | None
    territoire_id: int | None
    delai_valeur: int | None
    delai_unite: str
    echeance_service: datetime | None
    service_suspendu_le: datetime | None
    traitee_le: datetime | None
    close_le: datetime | None
    rejetee_le: datetime | None
    annulee_le: datetime | None
    transmise_le: datetime | None
    fusionnee_le: datetime | None
    usager__prenom: str | None
    usager__nom: str | None
    usager__raison_sociale: str | None
    agent_traitant__nom_affiche: str | None
    agent_traitant__courriel: str | None
    lisible: bool
