"""COPY of a model's rows: every column it has today, its own defaults where nothing is said."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models


class Copie:
    """Rows of one model, their ids taken from the table's sequence."""

    def __init__(self, modele: type[models.Model]) -> None:
        self.table = modele._meta.db_table
        champs = [champ for champ in modele._meta.concrete_fields if not champ.generated]
        self.colonnes = [champ.column for champ in champs]
        self.json = {c.column for c in champs if isinstance(c, models.JSONField)}
        # A callable default (a token) is drawn for each row.
        self.tires = {c.column: c.get_default for c in champs if callable(c.default)}
        self.defauts = {c.column: c.get_default() for c in champs if c.column not in self.tires}
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_get_serial_sequence(%s, 'id')", [self.table])
            self.sequence = curseur.fetchone()[0]
            curseur.execute("SELECT nextval(%s)", [self.sequence])
            self.suivant = curseur.fetchone()[0]

    def numeroter(self, ligne: dict[str, Any]) -> dict[str, Any]:
        """Give a row its id."""
        ligne["id"], self.suivant = self.suivant, self.suivant + 1
        return ligne

    def ecrire(self, lignes: Iterable[Mapping[str, Any]]) -> None:
        noms = ", ".join(f'"{colonne}"' for colonne in self.colonnes)
        with connection.cursor() as curseur:
            with curseur.copy(f'COPY "{self.table}" ({noms}) FROM STDIN') as flux:
                for ligne in lignes:
                    flux.write_row([self._valeur(ligne, colonne) for colonne in self.colonnes])
            curseur.execute("SELECT setval(%s, %s)", [self.sequence, self.suivant])

    def _valeur(self, ligne: Mapping[str, Any], colonne: str) -> Any:
        if colonne in ligne:
            valeur = ligne[colonne]
        elif colonne in self.tires:
            valeur = self.tires[colonne]()
        else:
            valeur = self.defauts[colonne]
        return json.dumps(valeur) if colonne in self.json and valeur is not None else valeur
