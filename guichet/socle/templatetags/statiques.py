"""`{% load statiques %}`: Django's `{% static %}`, an address worked out once a process. A page names 25."""

from functools import lru_cache

from django.template import Library
from django.template.base import Parser, Token
from django.templatetags import static as celle_de_django

register = Library()


class Statique(celle_de_django.StaticNode):
    @classmethod
    @lru_cache(maxsize=1024)
    def handle_simple(cls, path: str) -> str:
        return super().handle_simple(path)


@register.tag("static")
def static(parser: Parser, token: Token) -> Statique:
    return Statique.handle_token(parser, token)
