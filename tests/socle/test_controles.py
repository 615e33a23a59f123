"""The production checks refuse what is only for trying out."""

from pathlib import Path

import dj_database_url
import pytest
from django.conf import LazySettings
from django.core.checks import Tags, run_checks

from guichet.socle.controles import controler_la_production

EMBEDDED = "postgresql://guichet@:5432/guichet?host="


def ids() -> list[str]:
    return [erreur.id for erreur in controler_la_production()]


@pytest.fixture
def production(settings: LazySettings) -> LazySettings:
    settings.GUICHET_DEMO = False
    settings.GUICHET_DONNEES = Path("/srv/guichet")
    return settings


@pytest.mark.parametrize(
    "url",
    ["postgresql://guichet:secret@base.example/guichet", "postgresql:///guichet?host=/run/postgresql"],
)
def test_a_server_without_the_demo_city_is_accepted(
    production: LazySettings, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setitem(production.DATABASES, "default", dj_database_url.parse(url))

    assert ids() == []


@pytest.mark.parametrize("host", ["/srv/guichet/postgresql", "/tmp/guichet-999-0123456789ab"])
def test_the_embedded_database_is_refused(
    production: LazySettings, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setitem(production.DATABASES, "default", dj_database_url.parse(EMBEDDED + host))

    assert ids() == ["guichet.E002"]


def test_the_demo_city_is_refused_by_check_deploy_only(
    production: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.GUICHET_DEMO = True

    deployment = run_checks(tags=[Tags.security], include_deployment_checks=True)
    assert "guichet.E001" in [message.id for message in deployment]
    assert "guichet.E001" not in [message.id for message in run_checks(tags=[Tags.security])]
