from django.apps import AppConfig


class SocleConfig(AppConfig):
    name = "guichet.socle"
    label = "socle"
