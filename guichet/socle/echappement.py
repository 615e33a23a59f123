"""Escaping for what is drawn in Python: a page says hundreds of words, nearly all of them plain strings."""

from html import escape
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


def sur(valeur: Any) -> SafeString:
    """As Django's `conditional_escape`, which first asks of each string whether it is to be translated."""
    return SafeString(escape(valeur)) if type(valeur) is str else conditional_escape(valeur)
