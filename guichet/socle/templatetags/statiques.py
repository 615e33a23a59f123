"""`{% load statiques %}`: Django's `{% static %}`, an address worked out once a process. A page names 25."""

from functools import lru_cache

from django import template
from django.templatetags import static as celle_de_django

register = template.Library()


class Statique(celle_de_django.StaticNode):
    @classmethod
    @lru_cache(maxsize=1024)
    def handle_simple(cls, path: str) -> str:
        return super().handle_simple(path)


@register.tag("static")
def static(parser: template.base.Parser, token: template.base.Token) -> Statique:
    return Statique.handle_token(parser, token)
