"""What `manage.py check --deploy` refuses on a city's server, besides Django's own checks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def controler_la_production(**kwargs: Any) -> list[CheckMessage]:
    """Refuse what is only for trying out: the demo city and its public password, the embedded database."""
    erreurs: list[CheckMessage] = []
    if settings.GUICHET_DEMO:
        erreurs.append(
            Error(
                "La ville de démonstration est permise : ses mots de passe sont publics.",
                hint="Retirez GUICHET_DEMO, et repartez d'une base où elle n'a jamais été chargée.",
                id="guichet.E001",
            )
        )
    if _est_embarquee(settings.DATABASES["default"]):
        erreurs.append(
            Error(
                "La base est celle qui accompagne Guichet : elle sert à essayer, développer et tester.",
                hint="Indiquez par DATABASE_URL un serveur PostgreSQL 15 ou plus récent, sauvegardé.",
                id="guichet.E002",
            )
        )
    return erreurs


def _est_embarquee(base: Mapping[str, Any]) -> bool:
    prises = base.get("OPTIONS", {}).get("host", "")
    return bool(prises) and (
        Path(prises) == settings.GUICHET_DONNEES / "postgresql" or Path(prises).name.startswith("guichet-")
    )
