"""The thread of a demande, drawn in Python: it has dozens of entries on a page opened all day."""

from collections.abc import Iterable

from django.template import Library
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from demandes.fil import Courriel, Entree
from demandes.models import Message
from guichet.canaux.canal import Canal
from guichet.canaux.courriel.citations import decouper
from guichet.socle.echappement import sur
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
        f'<time class="texte-2" datetime="{iso}" title="{complet}">{mots}</time></p>'
        f"{''.join(map(courriel, entree.courriels))}</div></div>\n"
    )


def courriel(c: Courriel) -> str:
    classe = " evenement__courriel--echec" if c.est_en_echec else ""
    signe = icone("triangle-alert" if c.est_en_echec else "mail", taille=14)
    return f'<p class="evenement__courriel{classe}">{signe}<span>{sur(c.mots)}, {sur(c.remise)}</span></p>'


def mots_de(entree: Entree) -> str:
    """The words; of a mail, what it repeats is folded where it stands, and nothing is left out."""
    if entree.canal != Canal.COURRIEL or entree.genre != Message.Sens.ENTRANT:
        return f'<p class="texte-brut">{sur(entree.corps)}</p>'
    return mots_du_courriel(entree.corps)


@register.simple_tag
def mots_du_courriel(corps: str) -> SafeString:
    """The words of a mail, what it repeats folded where it stands."""
    morceaux = []
    for segment in decouper(corps):
        if not (texte := segment.texte.strip("\n")):
            continue
        mots = f'<p class="texte-brut">{sur(texte)}</p>'
        if segment.est_replie:
            titre = "Texte cité ou signature"
            mots = render_to_string("composants/replie.html", {"titre": titre, "contenu": mark_safe(mots)})
        morceaux.append(mots)
    return mark_safe("".join(morceaux))


def parole(entree: Entree) -> str:
    """Somebody's words with their documents."""
    contenu = mots_de(entree)
    if entree.est_en_echec:
        contenu = f"<p>{badge('Non remis', 'danger', 'triangle-alert')}</p>{contenu}"
    if entree.est_non_lu:
        contenu = f"<p>{badge('Non lu', 'info', 'mail')}</p>{contenu}"
    elif entree.est_nouvelle:
        contenu = f"<p>{badge('Nouveau pour vous', 'info', 'mail-open')}</p>{contenu}"
    if entree.pieces:
        contenu += render_to_string("demandes/demande/_pieces.html", {"pieces": entree.pieces})
    if entree.liens:
        liens = " · ".join(f'<a href="{sur(url)}">{sur(mot)}</a>' for url, mot in entree.liens)
        contenu += f'<p class="petit sans-papier">{liens}</p>'
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
