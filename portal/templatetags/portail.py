"""Words of the residents' pages: `{% load portail %}`."""

import json

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from wagtail.models import Page

from demandes import referentiel, vitrine
from guichet.socle.langues import est_en_francais
from guichet.socle.templatetags.dates import JOURS, duree, heure
from portal import en_ce_moment, menus
from portal.ciblage import visite_de
from portal.donnees_structurees import decrire
from portal.langues import adresse, langue_de, premiere
from portal.models import Actualites, Agenda, DeclarationAccessibilite, Equipement, Equipements
from portal.models.accessibilite import en_vigueur as declaration_en_vigueur

register = template.Library()

QUI_PEUT = {
    "anonyme": gettext_lazy(
        "Sans compte. Vous pouvez rester anonyme, ou laisser vos coordonnées pour avoir une réponse."
    ),
    "contact": gettext_lazy("Sans compte. Il faut un nom et un moyen de vous répondre."),
    "compte": gettext_lazy(
        "Avec votre compte. Pas encore de compte ? Vous pourrez l'ouvrir en deux minutes."
    ),
    "identite_verifiee": gettext_lazy(
        "Avec votre compte, et une identité vérifiée une fois dans un point d'accueil."
    ),
    "entreprise": gettext_lazy("Pour une entreprise ou une association. Il faut son numéro SIRET ou RNA."),
}


register.filter("adresse", adresse)


@register.filter
def lang_de(page: Page) -> SafeString:
    """The attribute that tells the language of this page's words; nothing when it is that of the visit."""
    if est_en_francais() or (langue := langue_de(page)) == get_language():
        return mark_safe("")
    return format_html(' lang="{}"', langue)


@register.simple_tag
def adresse_de_demarche(code: str) -> str:
    """Address of a démarche the pages mention, or "" in a city that does not propose it."""
    return reverse("deposer_type", args=[code]) if vitrine.est_proposee(code) else ""


@register.filter
def qui_peut(acces: str) -> str:
    """Who may file, in one or two sentences."""
    return QUI_PEUT.get(acces, "")


@register.filter
def delai_en_clair(type) -> str:
    """When the city means to answer, in words."""
    if type.delai_unite == "immediat":
        return _("Nous répondons tout de suite.")
    return _("Nous voulons vous répondre en {duree}.").format(
        duree=duree(type.delai_valeur, type.delai_unite, complet=True)
    )


BASES_LEGALES = {
    "mission_interet_public": gettext_lazy("de sa mission d'intérêt public"),
    "obligation_legale": gettext_lazy("d'une obligation prévue par la loi"),
    "contrat": gettext_lazy("du contrat passé avec vous"),
    "interets_vitaux": gettext_lazy("de la sauvegarde de la vie des personnes"),
    "consentement": gettext_lazy("de votre accord"),
}
SORTS = {
    "elimination": gettext_lazy("puis effacées"),
    "anonymisation": gettext_lazy("puis rendues anonymes"),
    "versement": gettext_lazy("puis remises aux archives municipales"),
}


@register.filter
def base_legale_en_clair(code: str) -> str:
    """The legal ground of the processing (RGPD, art. 6), after « sur la base »."""
    return BASES_LEGALES.get(code, code)


@register.filter
def conservation_en_clair(type) -> str:
    """How long and what then: « 2 ans après la fin de la demande, puis rendues anonymes »."""
    mois = (type.base_active_mois or 0) + (type.intermediaire_mois or 0)
    if mois and mois % 12 == 0:
        temps = ngettext("{n} an", "{n} ans", mois // 12).format(n=mois // 12)
    else:
        temps = _("{n} mois").format(n=mois)
    sort = SORTS.get(type.sort_final, SORTS["elimination"])
    return _("{temps} après la fin de la demande, {sort}").format(temps=temps, sort=sort)


MENTIONS = {
    DeclarationAccessibilite.Etat.NON: gettext_lazy("Accessibilité : non conforme"),
    DeclarationAccessibilite.Etat.PARTIELLE: gettext_lazy("Accessibilité : partiellement conforme"),
    DeclarationAccessibilite.Etat.TOTALE: gettext_lazy("Accessibilité : totalement conforme"),
}


@register.simple_tag
def mention_d_accessibilite() -> str:
    """What the law wants on every page (law of 11 February 2005, art. 47): the state that was declared."""
    return MENTIONS[DeclarationAccessibilite.Etat(declaration_en_vigueur().etat)]


@register.inclusion_tag("portal/_bandeaux.html", takes_context=True)
def bandeaux_d_alerte(context: template.Context) -> dict[str, object]:
    """The alerts in force for this visit, above every page."""
    return {"alertes": en_ce_moment.alertes(visite_de(context["request"]))}


@register.inclusion_tag("portal/_menu.html", takes_context=True)
def menu_des_rubriques(context: template.Context) -> dict[str, object]:
    """The shelves, as this visit has them."""
    return {"entrees": menus.menu(visite_de(context["request"]))}


@register.inclusion_tag("portal/_nouvelles.html", takes_context=True)
def nouvelles(context: template.Context) -> dict[str, object]:
    """The latest news and what is on, for the home page."""
    visite = visite_de(context["request"])
    return {
        "actualites": en_ce_moment.actualites(visite, limite=3),
        "evenements": en_ce_moment.evenements(visite, limite=3),
        "liste_actualites": premiere(Actualites),
        "agenda": premiere(Agenda),
        "lieux": premiere(Equipements),
    }


@register.inclusion_tag("portal/_fil_ariane.html")
def fil_ariane(page: Page) -> dict[str, object]:
    """The shelves above a page, from the home page down."""
    # A page the house shows without one having been written stands nowhere.
    if not page.path:
        return {"page": page, "ancetres": []}
    etagere = page.path[: -page.steplen]
    return {
        "page": page,
        "ancetres": referentiel.courant().garder(
            ("portail.ancetres", etagere), lambda: list(page.get_ancestors().filter(depth__gte=2))
        ),
    }


TIRETS = ("– ", "- ", "• ")


@register.filter
def paragraphes(texte: str) -> SafeString:
    """Plain text as paragraphs; lines in a row that start with a dash make a list."""
    morceaux: list[SafeString] = []
    liste: list[str] = []

    def fermer_la_liste() -> None:
        if liste:
            lignes = format_html_join("", "<li>{}</li>", ((ligne,) for ligne in liste))
            morceaux.append(format_html("<ul>{}</ul>", lignes))
            liste.clear()

    for ligne in (ligne.strip() for ligne in texte.splitlines()):
        if ligne.startswith(TIRETS):
            liste.append(ligne[2:].strip())
            continue
        fermer_la_liste()
        if ligne:
            morceaux.append(format_html("<p>{}</p>", ligne))
    fermer_la_liste()
    return mark_safe("".join(morceaux))


@register.filter
def ouverture(lieu: Equipement) -> str:
    """« Ouvert jusqu'à 18 h », « Fermé. Ouvre lundi à 9 h », or that nobody said."""
    if (ouvert := lieu.est_ouvert) is None:
        return _("Heures d'ouverture non connues")
    if ouvert:
        return _("Ouvert jusqu'à {heure}").format(heure=heure(lieu.ferme_a))
    prochaine = lieu.prochaine_ouverture
    return _("Fermé. Ouvre {jour} à {heure}").format(
        jour=_(JOURS[prochaine.weekday()]), heure=heure(prochaine)
    )


# What would end the script or begin another, in a way JSON reads back the same.
ECHAPPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_tag
def donnees_structurees(page: Page) -> SafeString:
    """The page for engines, as JSON-LD; nothing for a page that has no such words."""
    decrite = decrire(page)
    if decrite is None:
        return mark_safe("")
    json_ld = json.dumps(decrite, ensure_ascii=False).translate(ECHAPPES)
    return mark_safe(f'<script type="application/ld+json">{json_ld}</script>')
