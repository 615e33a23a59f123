"""A backup is only one once restored: the whole drill on a small city, and every way it must say no."""

import json
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from demandes.etats import Etat
from demandes.models import EntreeJournal
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from guichet.socle import sauvegarde
from guichet.socle.sauvegarde import SauvegardeImpossible, restaurer, sauvegarder, tableau
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def donnees(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's folder: its attachments are written where the backup looks for them."""
    stockage = FileSystemStorage(location=tmp_path / "ville" / "pieces")
    for nom in ("fichier", "vignette"):
        monkeypatch.setattr(Piece._meta.get_field(nom), "storage", stockage)
    settings.GUICHET_DONNEES = tmp_path / "ville"
    return tmp_path / "ville"


@pytest.fixture
def base() -> dict[str, Any]:
    return connection.get_connection_params()


@pytest.fixture
def neuve(base: dict[str, Any]) -> Generator[dict[str, Any]]:
    """An empty database beside the tests' own."""
    nom = f"restauration_{uuid.uuid4().hex[:8]}"
    with sauvegarde.connecter(base, autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(nom)))
        yield base | {"dbname": nom}
        connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))


@pytest.fixture
def piece(donnees: Path) -> Piece:
    """A small city with a demande, its journal, and one attachment."""
    factories.demande_dans(Etat.PRISE_EN_CHARGE, factories.creer_ville())
    (donnees / "medias").mkdir(parents=True)
    (donnees / "medias" / "été.png").write_bytes(b"une image")
    return deposer(ContentFile(factories.photo(), name="trou.jpg"))


def restaurer_ici(neuve: dict[str, Any], faite: Path, tmp_path: Path) -> list[sauvegarde.Constat]:
    return restaurer(neuve, tmp_path / "restauree", faite)


def test_the_whole_drill(base, neuve, donnees, piece, tmp_path):
    faite = sauvegarder(base, donnees, tmp_path / "sauvegardes")
    constats = restaurer_ici(neuve, faite, tmp_path)

    assert [c for c in constats if not c.est_juste] == []
    compares = {c.quoi: c.trouve for c in constats}
    assert compares["table demandes_entreejournal"] == str(EntreeJournal.objects.count()) != "0"
    assert compares["séquence demandes_numero"] != "0"
    assert compares[f"fichier pieces/{piece.fichier.name}"] == piece.sha256
    assert (tmp_path / "restauree/medias/été.png").read_bytes() == b"une image"
    assert "ÉCART" not in tableau(constats)
    # The guards came back with the rows.
    with pytest.raises(psycopg.Error), sauvegarde.connecter(neuve) as connexion:
        connexion.execute("DELETE FROM demandes_entreejournal")


def test_a_corrupted_file_of_the_backup_is_named_and_nothing_is_restored(
    base, neuve, donnees, piece, tmp_path
):
    faite = sauvegarder(base, donnees, tmp_path / "sauvegardes")
    (faite / "pieces" / piece.fichier.name).write_bytes(b"x")

    with pytest.raises(SauvegardeImpossible, match=f"pieces/{piece.fichier.name} .* est abîmé"):
        restaurer_ici(neuve, faite, tmp_path)
    with sauvegarde.connecter(neuve) as connexion:
        assert sauvegarde.compter_les_lignes(connexion) == {}
    assert not (tmp_path / "restauree").exists()


def test_an_attachment_already_corrupted_in_the_city_is_named(base, neuve, donnees, piece, tmp_path):
    (donnees / "pieces" / piece.fichier.name).write_bytes(b"x")
    faite = sauvegarder(base, donnees, tmp_path / "sauvegardes")

    ecarts = [c for c in restaurer_ici(neuve, faite, tmp_path) if not c.est_juste]

    assert [c.quoi for c in ecarts] == [f"fichier pieces/{piece.fichier.name}"]
    assert f"ÉCART fichier pieces/{piece.fichier.name}" in tableau(ecarts)


def test_a_row_a_sequence_or_a_file_that_is_lost_is_seen(base, neuve, donnees, piece, tmp_path):
    faite = sauvegarder(base, donnees, tmp_path / "sauvegardes")
    restaurer_ici(neuve, faite, tmp_path)
    (tmp_path / "restauree/medias/été.png").unlink()
    with sauvegarde.connecter(neuve) as connexion:
        connexion.execute("DELETE FROM pieces_piece")
        connexion.execute("SELECT setval('demandes_numero', 999)")
    manifeste = json.loads((faite / "manifeste.json").read_text())

    constats = sauvegarde.comparer(neuve, tmp_path / "restauree", manifeste)

    assert {c.quoi for c in constats if not c.est_juste} == {
        "table pieces_piece",
        "séquence demandes_numero",
        "fichier medias/été.png",
    }


def test_what_is_not_empty_is_refused_and_left_alone(base, neuve, donnees, piece, tmp_path):
    faite = sauvegarder(base, donnees, tmp_path / "sauvegardes")

    with pytest.raises(SauvegardeImpossible, match="La base n'est pas vide"):
        restaurer(base, tmp_path / "restauree", faite)
    with pytest.raises(SauvegardeImpossible, match="contient déjà des fichiers"):
        restaurer(neuve, donnees, faite)
    assert Piece.objects.count() == 1


def test_the_oldest_go_and_a_half_written_one_counts_for_nothing(base, donnees, piece, tmp_path, monkeypatch):
    dossier = tmp_path / "sauvegardes"
    premiere = sauvegarder(base, donnees, dossier, garder=2)
    seconde = sauvegarder(base, donnees, dossier, garder=2)
    troisieme = sauvegarder(base, donnees, dossier, garder=2)
    assert not premiere.exists()
    monkeypatch.setattr(sauvegarde, "empreinte", lambda fichier: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        sauvegarder(base, donnees, dossier, garder=1)

    assert sorted(dossier.iterdir()) == [seconde, troisieme]


def test_the_commands_say_it_in_one_sentence(donnees, piece, tmp_path, monkeypatch, capsys):
    call_command("sauvegarder", str(tmp_path / "sauvegardes"), "--garder", "3")
    faite = Path(capsys.readouterr().out.strip())
    assert (faite / "manifeste.json").is_file()

    with pytest.raises(CommandError, match="contient déjà des fichiers"):
        call_command("restaurer", str(faite))
    with pytest.raises(CommandError, match="n'est pas une sauvegarde entière"):
        call_command("restaurer", str(tmp_path))
    monkeypatch.setattr(sauvegarde, "version_de", lambda programme: 9)
    with pytest.raises(CommandError, match="Il manque le programme pg_dump"):
        call_command("sauvegarder", str(tmp_path / "sauvegardes"))
