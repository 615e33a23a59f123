"""The files a server is installed with: they parse, and they name what the house really has."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from guichet.settings.base import RACINE

DEPLOIEMENT = RACINE / "deploiement"
EXPLOITATION = RACINE / "docs" / "guide" / "exploitation.md"
UNITES = sorted(DEPLOIEMENT.glob("*.service"))
DURCIES = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "User": "guichet"}


def lire(unite: Path) -> dict[str, dict[str, str]]:
    lecteur = configparser.RawConfigParser(strict=True)
    lecteur.optionxform = str
    lecteur.read_string(unite.read_text())
    return {section: dict(lecteur[section]) for section in lecteur.sections()}


def test_compose_runs_every_process_and_publishes_nothing_to_the_street():
    services = yaml.safe_load((DEPLOIEMENT / "compose.yaml").read_text())["services"]

    assert {"base", "courtier", "web", "worker", "beat", "boites"} <= set(services)
    assert [p for s in services.values() for p in s.get("ports", [])] == ["127.0.0.1:8000:8000"]
    for nom in ("web", "worker", "beat", "boites", "tables"):
        assert (services[nom]["build"]["dockerfile"], services[nom]["cap_drop"]) == (
            "deploiement/Dockerfile",
            ["ALL"],
        )
    assert "beat" in services["beat"]["command"]
    assert not {"--beat", "-B"} & set(services["worker"]["command"])


@pytest.mark.parametrize("unite", UNITES, ids=lambda unite: unite.name)
def test_units_are_hardened_and_their_programs_are_ours(unite):
    service = lire(unite)["Service"]

    assert {cle: service[cle] for cle in DURCIES} == DURCIES
    programme = service["ExecStart"].split()[0].removeprefix("/srv/guichet/application/")
    assert (RACINE / programme).exists(), programme


def test_there_is_a_unit_for_each_process():
    assert {u.stem for u in UNITES} == {
        "guichet-web",
        "guichet-worker",
        "guichet-beat",
        "guichet-boites",
        "guichet-sauvegarde",
    }
    assert "Timer" in lire(DEPLOIEMENT / "guichet-sauvegarde.timer")


def test_the_example_of_settings_names_known_variables_only():
    noms = re.findall(r"^([A-Z_]+)=", (DEPLOIEMENT / "guichet.env.exemple").read_text(), re.MULTILINE)

    assert set(noms) <= set(re.findall(r"`([A-Z_]+)`", EXPLOITATION.read_text(encoding="utf-8")))


def test_the_proxy_replaces_what_the_client_wrote():
    assert "X-Forwarded-For $remote_addr;" in (DEPLOIEMENT / "nginx.conf").read_text()


def test_the_backup_script_is_valid_shell():
    subprocess.run(["sh", "-n", DEPLOIEMENT / "sauvegarder.sh"], check=True)
