"""Where a line may break, and how a size is told: `{% load typographie %}`."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guichet.socle.langues import est_en_francais

register = template.Library()


@register.filter
def cesure(adresse: object) -> SafeString:
    """Let a long e-mail address break before its domain, rather than anywhere."""
    return mark_safe(conditional_escape(adresse).replace("@", "@<wbr>"))


@register.filter
def taille_en_clair(octets: int) -> str:
    """« 340 Ko », « 2,4 Mo »."""
    if octets < 1_000_000:
        return _("{n} Ko").format(n=max(octets // 1000, 1))
    mega = f"{octets / 1_000_000:.1f}"
    return _("{n} Mo").format(n=mega.replace(".", ",") if est_en_francais() else mega)
