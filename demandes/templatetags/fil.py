"""The thread of a demande, drawn in Python: it has dozens of entries on a page opened all day."""

from collections.abc import Iterable

from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import conditional_escape as sur
from django.utils.safestring import SafeString, mark_safe

from demandes.fil import Courriel, Entree
from guichet.socle.templatetags.composants import badge, entree_fil, icone
from guichet.socle.templatetags.dates import quand

register = Library()


@register.simple_tag
def entrees(fil: Iterable[Entree]) -> SafeString:
    """Draw every entry of the thread, in order."""
    return mark_safe("".join(evenement(e) if e.genre == "evenement" else parole(e) for e in fil))


def evenement(entree: Entree) -> str:
    """Gestures on one line, and under it the mails they made leave."""
    par = f' <span class="texte-2">par {sur(entree.auteur)}</span>' if entree.auteur else ""
    iso, complet, mots = quand(entree.le)
    return (
        f'<div class="evenement">{icone("circle-dot", taille=16)}<div><p>{sur(entree.corps)}{par} '
        f'<time class="texte-2" datetime="{iso}" title="{sur(complet)}">{sur(mots)}</time></p>'
        f"{''.join(map(courriel, entree.courriels))}</div></div>\n"
    )


def courriel(c: Courriel) -> str:
    classe = " evenement__courriel--echec" if c.est_en_echec else ""
    signe = icone("triangle-alert" if c.est_en_echec else "mail", taille=14)
    return f'<p class="evenement__courriel{classe}">{signe}<span>{sur(c.mots)}, {sur(c.remise)}</span></p>'


def parole(entree: Entree) -> str:
    """Somebody's words with their documents."""
    contenu = f'<p class="texte-brut">{sur(entree.corps)}</p>'
    if entree.est_en_echec:
        contenu = f"<p>{badge('Non remis', 'danger', 'triangle-alert')}</p>{contenu}"
    if entree.est_non_lu:
        contenu = f"<p>{badge('Non lu', 'info', 'mail')}</p>{contenu}"
    if entree.pieces:
        contenu += render_to_string("demandes/demande/_pieces.html", {"pieces": entree.pieces})
    return entree_fil(
        mark_safe(contenu),
        entree.genre,
        auteur=entree.auteur,
        date=entree.le,
        canal=entree.canal,
        destinataire=entree.destinataire,
        precision=entree.precision,
        mot=entree.mot,
        id=entree.ancre,
    )
