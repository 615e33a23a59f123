"""A backup one can trust: the database and the files of a city, a manifest that says what they are, and the
way back, which compares everything it restored with that manifest.

Needs psycopg and PostgreSQL's own programs only, no model: a backup must open without the code that made it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from guichet.socle.base_embarquee import programmes_embarques

MANIFESTE = "manifeste.json"
DUMP = "base.dump"
# Below GUICHET_DONNEES: attachments and the portal's pictures.
DOSSIERS = ("pieces", "medias")
PREFIXE = "guichet-"
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}


class SauvegardeImpossible(Exception):
    """Nothing was changed, or nothing that counts; the message is one French sentence."""


@dataclass(frozen=True)
class Constat:
    """One thing compared: what the backup holds and what was restored."""

    quoi: str
    attendu: str
    trouve: str

    @property
    def est_juste(self) -> bool:
        return self.attendu == self.trouve


# -- PostgreSQL's programs ---------------------------------------------------------------------------------


def connecter(base: Mapping[str, Any], **options: Any) -> psycopg.Connection[Any]:
    return psycopg.connect(**{cle: base[cle] for cle in VARIABLES if base.get(cle)}, **options)


def programme(nom: str, version: int) -> str:
    """The `nom` nearest to this major version among those that speak to it, embedded or the system's."""
    systeme = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{nom}"))
    candidats = [*(p / nom for p in programmes_embarques()), *systeme]
    if trouve := shutil.which(nom):
        candidats.append(Path(trouve))
    # A newer pg_restore says things an older server does not know (transaction_timeout): the nearest wins.
    capables = [(version_de(c), str(c)) for c in candidats if c.exists() and version_de(c) >= version]
    if capables:
        return min(capables)[1]
    raise SauvegardeImpossible(
        f"Il manque le programme {nom} de PostgreSQL {version} ou plus récent : "
        f"installez le paquet postgresql-client-{version}."
    )


def version_de(programme: Path) -> int:
    sortie = subprocess.run([programme, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    trouve = re.search(r"(\d+)", sortie)
    return int(trouve[1]) if trouve else 0


def executer(nom: str, base: Mapping[str, Any], version: int, *arguments: str) -> None:
    """Run pg_dump or pg_restore; how to connect goes by the environment, where no other account reads it."""
    acces = {variable: str(base[cle]) for cle, variable in VARIABLES.items() if base.get(cle)}
    resultat = subprocess.run(  # noqa: S603
        [programme(nom, version), *arguments],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **acces},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if resultat.returncode:
        raise SauvegardeImpossible(f"{nom} a échoué : {resultat.stderr.strip()[-500:]}")


def version_du_serveur(connexion: psycopg.Connection[Any]) -> int:
    return connexion.info.server_version // 10000


# -- what a city holds -------------------------------------------------------------------------------------


def compter_les_lignes(connexion: psycopg.Connection[Any]) -> dict[str, int]:
    tables = connexion.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    requete = sql.SQL("SELECT count(*) FROM {}")
    return {
        nom: connexion.execute(requete.format(sql.Identifier(nom))).fetchone()[0]  # type: ignore[index]
        for (nom,) in tables.fetchall()
    }


def lire_les_sequences(connexion: psycopg.Connection[Any]) -> dict[str, int]:
    lignes = connexion.execute(
        "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences "
        "WHERE schemaname = 'public' ORDER BY 1"
    )
    return dict(lignes.fetchall())


def empreinte(fichier: Path) -> str:
    with fichier.open("rb") as ouvert:
        return hashlib.file_digest(ouvert, "sha256").hexdigest()


def fichiers_de(racine: Path) -> Iterator[str]:
    """Relative paths of every file to keep, in order."""
    for dossier in DOSSIERS:
        for fichier in sorted((racine / dossier).rglob("*")):
            if fichier.is_file() and not fichier.is_symlink():
                yield fichier.relative_to(racine).as_posix()


# -- out ---------------------------------------------------------------------------------------------------


def sauvegarder(base: Mapping[str, Any], donnees: Path, dossier: Path, *, garder: int = 0) -> Path:
    """Write one backup below `dossier` and return it; it has its name only when it is whole.

    The rows are counted in the very snapshot that is dumped. Files come after the database: one added in
    between is in excess, which harms nobody. `garder` > 0 then removes all but the newest ones.
    """
    nom = f"{PREFIXE}{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    partielle = dossier / f".{nom}.partielle"
    partielle.mkdir(parents=True, mode=0o700)
    try:
        manifeste = ecrire_la_base(base, partielle / DUMP)
        for chemin in fichiers_de(donnees):
            cible = partielle / chemin
            cible.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(donnees / chemin, cible)
        manifeste["fichiers"] = {c: empreinte(partielle / c) for c in (DUMP, *fichiers_de(partielle))}
        texte = json.dumps(manifeste, ensure_ascii=False, indent=1, sort_keys=True)
        (partielle / MANIFESTE).write_text(texte, encoding="utf-8")
        finale = partielle.rename(dossier / nom)
    except BaseException:
        shutil.rmtree(partielle, ignore_errors=True)
        raise
    if garder:
        for ancienne in sauvegardes_de(dossier)[:-garder]:
            shutil.rmtree(ancienne)
    return finale


def ecrire_la_base(base: Mapping[str, Any], fichier: Path) -> dict[str, Any]:
    with connecter(base) as connexion:
        connexion.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        instantane = connexion.execute("SELECT pg_export_snapshot()").fetchone()[0]  # type: ignore[index]
        tables, avant = compter_les_lignes(connexion), lire_les_sequences(connexion)
        version = version_du_serveur(connexion)
        executer("pg_dump", base, version, "--format=custom", f"--snapshot={instantane}", f"--file={fichier}")
        # A sequence obeys no snapshot: the dump holds a value between these two.
        apres = lire_les_sequences(connexion)
    return {
        "faite_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": version,
        "tables": tables,
        "sequences": {nom: [valeur, apres[nom]] for nom, valeur in avant.items()},
    }


def sauvegardes_de(dossier: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(d for d in dossier.glob(f"{PREFIXE}*") if (d / MANIFESTE).is_file())


# -- and back ----------------------------------------------------------------------------------------------


def lire_le_manifeste(sauvegarde: Path) -> dict[str, Any]:
    """The manifest, once every file it names was read again; the first that differs is named."""
    try:
        manifeste: dict[str, Any] = json.loads((sauvegarde / MANIFESTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SauvegardeImpossible(f"{sauvegarde} n'est pas une sauvegarde entière.") from None
    for chemin, attendue in manifeste["fichiers"].items():
        fichier = sauvegarde / chemin
        if not fichier.is_file():
            raise SauvegardeImpossible(f"Il manque le fichier {chemin} dans {sauvegarde}.")
        if empreinte(fichier) != attendue:
            raise SauvegardeImpossible(f"Le fichier {chemin} de {sauvegarde} est abîmé.")
    return manifeste


def restaurer(base: Mapping[str, Any], donnees: Path, sauvegarde: Path) -> list[Constat]:
    """Put a backup back into an empty database and an empty folder, then compare; nothing is overwritten."""
    manifeste = lire_le_manifeste(sauvegarde)
    if next(fichiers_de(donnees), None) is not None:
        raise SauvegardeImpossible(f"Le dossier {donnees} contient déjà des fichiers : rien n'a été touché.")
    with connecter(base) as connexion:
        version = version_du_serveur(connexion)
        if compter_les_lignes(connexion):
            raise SauvegardeImpossible("La base n'est pas vide : rien n'a été touché.")
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    executer("pg_restore", base, version, *options, f"--dbname={base['dbname']}", str(sauvegarde / DUMP))
    for chemin in manifeste["fichiers"]:
        if chemin != DUMP:
            cible = donnees / chemin
            cible.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(sauvegarde / chemin, cible)
    return comparer(base, donnees, manifeste)


def comparer(base: Mapping[str, Any], donnees: Path, manifeste: Mapping[str, Any]) -> list[Constat]:
    """Rows of every table, every sequence, every file, and each attachment with its row's own hash."""
    with connecter(base) as connexion:
        tables, sequences = compter_les_lignes(connexion), lire_les_sequences(connexion)
        pieces = lire_les_pieces(connexion) if "pieces_piece" in tables else []
    constats = [
        Constat(f"table {nom}", en_mots(manifeste["tables"].get(nom)), en_mots(tables.get(nom)))
        for nom in sorted({*manifeste["tables"], *tables})
    ]
    for nom, (avant, apres) in manifeste["sequences"].items():
        valeur = sequences.get(nom)
        est_entre = valeur is not None and avant <= valeur <= apres
        constats.append(Constat(f"séquence {nom}", en_mots(valeur if est_entre else avant), en_mots(valeur)))
    attendues = {chemin: e for chemin, e in manifeste["fichiers"].items() if chemin != DUMP}
    attendues |= {f"pieces/{fichier}": e for fichier, e in pieces}
    for chemin, attendue in attendues.items():
        fichier = donnees / chemin
        trouvee = empreinte(fichier) if fichier.is_file() else "absent"
        constats.append(Constat(f"fichier {chemin}", attendue, trouvee))
    return constats


def lire_les_pieces(connexion: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    return connexion.execute("SELECT fichier, sha256 FROM pieces_piece ORDER BY 1").fetchall()


def en_mots(valeur: int | None) -> str:
    return "absente" if valeur is None else str(valeur)


def tableau(constats: list[Constat]) -> str:
    """Tables and sequences one by one, files by their number, then everything that differs."""
    fichiers = [c for c in constats if c.quoi.startswith("fichier ")]
    lignes = [c for c in constats if c not in fichiers]
    bons = sum(c.est_juste for c in fichiers)
    lignes.append(Constat("fichiers, par empreinte", str(len(fichiers)), str(bons)))
    lignes += [c for c in fichiers if not c.est_juste]
    large = max(len(c.quoi) for c in lignes)
    return "\n".join(
        f"{'ok   ' if c.est_juste else 'ÉCART'} {c.quoi:<{large}}  {c.attendu[:16]:>16}  {c.trouve[:16]:>16}"
        for c in lignes
    )
