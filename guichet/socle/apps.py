from django.apps import AppConfig
from django.core.checks import Tags, register

from guichet.socle.controles import controler_la_production


class SocleConfig(AppConfig):
    name = "guichet.socle"
    label = "socle"

    def ready(self) -> None:
        register(controler_la_production, Tags.security, deploy=True)
