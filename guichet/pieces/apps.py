from django.apps import AppConfig


class PiecesConfig(AppConfig):
    name = "guichet.pieces"
    label = "pieces"
