"""`make run`: what it refuses, what it announces."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings as django_settings
from django.core.management import get_commands
from django.db import connection
from psycopg.conninfo import make_conninfo

from guichet.socle import courtier_embarque
from guichet.socle.demarrage import RACINE, DemarrageImpossible, verrou
from guichet.socle.demonstration import COMPTES, MOT_DE_PASSE
from guichet.socle.equipe import Equipe, Processus
from guichet.socle.lanceur import Reglages, annoncer, lancer_les_services


def launch(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher, which must refuse, in an environment without any of its variables but these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "guichet.socle.lanceur"],
        cwd=RACINE,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_taken_port_stops_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = launch(PORT=str(port), GUICHET_DONNEES=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr == (
        f"Guichet ne peut pas continuer : le port {port} est déjà pris : arrêtez le programme qui l'occupe, "
        f"ou choisissez-en un autre (PORT={port + 1} make run).\n"
    )
    assert not (tmp_path / "postgresql").exists()


def test_a_file_as_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "donnees").write_text("à garder")

    done = launch(GUICHET_DONNEES=str(tmp_path / "donnees"))

    assert done.returncode == 1
    assert "donnees n'est pas un dossier" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "donnees").read_text() == "à garder"


def test_a_second_launcher_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with verrou(tmp_path / "lanceur.verrou"):
        done = launch(GUICHET_DONNEES=str(tmp_path))

    assert done.returncode == 1
    assert "Guichet tourne déjà sur" in done.stderr


@pytest.mark.parametrize("port", ["huit mille", "0", "65536", "-1"])
def test_a_port_that_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(DemarrageImpossible, match=f"PORT vaut « {port} »"):
        Reglages.lire({"PORT": port})


def test_production_settings_are_refused() -> None:
    with pytest.raises(DemarrageImpossible, match="« make run » sert à essayer"):
        Reglages.lire({"DJANGO_SETTINGS_MODULE": "guichet.settings.prod"})


def test_without_any_variable_it_listens_on_loopback() -> None:
    assert Reglages.lire({}) == Reglages(donnees=RACINE / "var", adresse="127.0.0.1", port=8000)


def test_every_demo_login_is_announced_with_its_door() -> None:
    text = annoncer("http://127.0.0.1:8000", Path("/srv/donnees"), demo=True)

    lines = text.splitlines()
    for compte in COMPTES:
        (line,) = (line for line in lines if line.split()[:1] == [compte.courriel])
        assert line.endswith(f"http://127.0.0.1:8000{compte.porte}")
    assert MOT_DE_PASSE in text
    assert "/srv/donnees" in text


def test_without_the_demo_city_no_login_is_announced() -> None:
    text = annoncer("https://guichet.example", Path("/srv/donnees"), demo=False)

    assert "demo.example" not in text
    assert MOT_DE_PASSE not in text


def test_the_embedded_broker_answers_on_a_private_socket(tmp_path: Path) -> None:
    folder = tmp_path / "courtier"
    assert not courtier_embarque.repond(folder)
    broker = Processus("courtier", courtier_embarque.commande(folder), tmp_path / "courtier.log")
    equipe = Equipe(Event())
    equipe.lancer(broker)
    try:
        assert equipe.attendre(lambda: courtier_embarque.repond(folder), delai=10)
        assert courtier_embarque.prise(folder).parent.stat().st_mode & 0o777 == 0o700
    finally:
        equipe.arreter()

    assert broker.code == 0
    assert not courtier_embarque.repond(folder)
    assert not list(folder.glob("*.rdb"))


def test_a_service_starts_once_the_city_set_it_up(db: None, settings, monkeypatch, tmp_path: Path) -> None:
    # The launcher connects by itself, to what a variable names: not the tests' base on a city's server.
    password = connection.settings_dict["PASSWORD"] or None
    monkeypatch.setenv("DATABASE_URL", make_conninfo(connection.connection.info.dsn, password=password))
    started: list[str] = []

    class Team:
        def lancer(self, process: Processus) -> None:
            started.append(process.nom)

    running: set[str] = set()
    team: Equipe = Team()  # type: ignore[assignment]
    settings.GUICHET_SERVICES = [("boîtes", "relever", "SELECT 1 WHERE false")]
    assert not lancer_les_services(team, running, tmp_path)
    assert started == []
    settings.GUICHET_SERVICES = [("boîtes", "relever", "SELECT 1")]
    for _ in range(2):
        assert not lancer_les_services(team, running, tmp_path)
    assert (started, running) == (["boîtes"], {"relever"})
    # A database that does not answer is told elsewhere: nothing starts, nothing falls.
    monkeypatch.setenv("DATABASE_URL", "postgresql://personne@127.0.0.1:1/rien")
    settings.GUICHET_SERVICES = [("autre", "autre", "SELECT 1")]
    assert not lancer_les_services(team, running, tmp_path)
    assert started == ["boîtes"]


def test_the_services_of_the_settings_ask_what_the_database_knows(db: None) -> None:
    with connection.cursor() as cursor:
        for _, command, statement in django_settings.GUICHET_SERVICES:
            cursor.execute(statement)
            assert cursor.fetchone() is None
            assert command in get_commands()
