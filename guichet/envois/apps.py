from django.apps import AppConfig


class EnvoisConfig(AppConfig):
    name = "guichet.envois"
    label = "envois"
