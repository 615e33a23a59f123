"""Words of the residents' pages: `{% load portail %}`."""

from django import template
from django.urls import reverse

from demandes import vitrine
from guichet.socle.templatetags.dates import duree

register = template.Library()

QUI_PEUT = {
    "anonyme": "Sans compte. Vous pouvez rester anonyme, ou laisser vos coordonnées pour avoir une réponse.",
    "contact": "Sans compte. Il faut un nom et un moyen de vous répondre.",
    "compte": "Avec votre compte. Pas encore de compte ? Vous pourrez l'ouvrir en deux minutes.",
    "identite_verifiee": "Avec votre compte, et une identité vérifiée une fois dans un point d'accueil.",
    "entreprise": "Pour une entreprise ou une association. Il faut son numéro SIRET ou RNA.",
}


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
        return "Nous répondons tout de suite."
    return f"Nous voulons vous répondre en {duree(type.delai_valeur, type.delai_unite, complet=True)}."


@register.filter
def taille_en_clair(octets: int) -> str:
    """« 340 ko », « 2,4 Mo »."""
    if octets < 1_000_000:
        return f"{max(octets // 1000, 1)} ko"
    return f"{octets / 1_000_000:.1f} Mo".replace(".", ",")


BASES_LEGALES = {
    "mission_interet_public": "de sa mission d'intérêt public",
    "obligation_legale": "d'une obligation prévue par la loi",
    "contrat": "du contrat passé avec vous",
    "interets_vitaux": "de la sauvegarde de la vie des personnes",
    "consentement": "de votre accord",
}
SORTS = {
    "elimination": "puis effacées",
    "anonymisation": "puis rendues anonymes",
    "versement": "puis remises aux archives municipales",
}


@register.filter
def base_legale_en_clair(code: str) -> str:
    """The legal ground of the processing (RGPD, art. 6), after « sur la base »."""
    return BASES_LEGALES.get(code, code)


@register.filter
def conservation_en_clair(type) -> str:
    """How long and what then: « 2 ans après la fin de la demande, puis rendues anonymes »."""
    mois = (type.base_active_mois or 0) + (type.intermediaire_mois or 0)
    annees = f"{mois // 12} an{'s' if mois >= 24 else ''}" if mois and mois % 12 == 0 else f"{mois} mois"
    return f"{annees} après la fin de la demande, {SORTS.get(type.sort_final, 'puis effacées')}"
