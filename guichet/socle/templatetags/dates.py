"""Dates as people say them, in the language of the page and the city's time zone: `{% load dates %}`."""

import datetime
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import NamedTuple

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from guichet.socle.langues import est_en_francais

register = template.Library()

JOURS = (
    gettext_noop("lundi"),
    gettext_noop("mardi"),
    gettext_noop("mercredi"),
    gettext_noop("jeudi"),
    gettext_noop("vendredi"),
    gettext_noop("samedi"),
    gettext_noop("dimanche"),
)
MOIS = (
    *(
        gettext_noop("janvier"),
        gettext_noop("février"),
        gettext_noop("mars"),
        gettext_noop("avril"),
        gettext_noop("mai"),
        gettext_noop("juin"),
    ),
    *(
        gettext_noop("juillet"),
        gettext_noop("août"),
        gettext_noop("septembre"),
        gettext_noop("octobre"),
        gettext_noop("novembre"),
        gettext_noop("décembre"),
    ),
)
MOIS_COURTS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)


def retenu(dire: Callable[..., str]) -> Callable[..., str]:
    """Keep what was said of the same values in the same language: a thread says dozens of moments."""

    @lru_cache(maxsize=4096)
    def dit(langue: str, *valeurs) -> str:
        return dire(*valeurs)

    @wraps(dire)
    def redire(*valeurs) -> str:
        return dit(get_language(), *valeurs)

    return redire


def en_local(valeur):
    """Bring an aware datetime to the city's zone; leave a date as it is."""
    if isinstance(valeur, datetime.datetime) and timezone.is_aware(valeur):
        return valeur.astimezone(timezone.get_default_timezone())
    return valeur


def en_jour(valeur) -> datetime.date:
    valeur = en_local(valeur)
    return valeur.date() if isinstance(valeur, datetime.datetime) else valeur


def quantieme(jour: datetime.date) -> str:
    """« 1er », « 2 », …"""
    return _("1er") if jour.day == 1 else str(jour.day)


@register.filter
def date_longue(valeur) -> str:
    """« mardi 24 novembre 2026 »; empty for None."""
    return en_toutes_lettres(en_jour(valeur)) if valeur else ""


@retenu
def en_toutes_lettres(jour: datetime.date) -> str:
    return f"{_(JOURS[jour.weekday()])} {quantieme(jour)} {_(MOIS[jour.month - 1])} {jour.year}"


@register.filter
def date_simple(valeur) -> str:
    """« 24 novembre 2026 »; empty for None."""
    if not valeur:
        return ""
    jour = en_jour(valeur)
    return f"{quantieme(jour)} {_(MOIS[jour.month - 1])} {jour.year}"


@register.filter
def date_courte(valeur) -> str:
    """« 24 nov. », with the year when it is not this one: for agents' lists only."""
    if not valeur:
        return ""
    jour = en_jour(valeur)
    annee = "" if jour.year == timezone.localdate().year else f" {jour.year}"
    return f"{quantieme(jour)} {MOIS_COURTS[jour.month - 1]}{annee}"


@register.filter
def heure(valeur) -> str:
    """« 14 h 05 », « 9 h » on the hour; empty for None."""
    if valeur is None or valeur == "":
        return ""
    valeur = en_local(valeur)
    if not est_en_francais():
        return f"{valeur.hour}:{valeur.minute:02d}"
    return f"{valeur.hour} h {valeur.minute:02d}" if valeur.minute else f"{valeur.hour} h"


@register.filter
def date_heure(valeur) -> str:
    """« mardi 24 novembre 2026 à 14 h 05 »; empty for None."""
    return complet(a_la_minute(en_local(valeur))) if valeur else ""


def a_la_minute(local: datetime.datetime) -> datetime.datetime:
    """What words say of a local moment; without its zone, it is not brought to it again."""
    return local.replace(second=0, microsecond=0, tzinfo=None)


@retenu
def complet(moment: datetime.datetime) -> str:
    return _("{jour} à {heure}").format(jour=date_longue(moment), heure=heure(moment))


@register.filter
def il_y_a(valeur) -> str:
    """« à l'instant », « il y a 12 minutes », « hier à 9 h », « il y a 3 jours », then the date itself.

    Days are calendar days in the city's zone: a message of 23 h is « hier » at 1 h. A date to come is
    written in full.
    """
    return depuis(valeur, en_jour(valeur)) if valeur else ""


def depuis(valeur, jour: datetime.date) -> str:
    """Words for a moment whose day is known."""
    jours = (timezone.localdate(timezone=timezone.get_default_timezone()) - jour).days
    if jours < 0 or jours > 30:
        return le_jour(jour)
    if not isinstance(valeur, datetime.datetime):
        return {0: _("aujourd'hui"), 1: _("hier")}.get(jours) or il_y_a_des_jours(jours)
    if jours == 0:
        return depuis_ce_matin(valeur)
    return _("hier à {heure}").format(heure=heure(valeur)) if jours == 1 else il_y_a_des_jours(jours)


@retenu
def le_jour(jour: datetime.date) -> str:
    return _("le {date}").format(date=date_simple(jour))


@retenu
def il_y_a_des_jours(jours: int) -> str:
    return _("il y a {jours} jours").format(jours=jours)


def depuis_ce_matin(valeur: datetime.datetime) -> str:
    """Words for a moment of today."""
    maintenant = timezone.now() if timezone.is_aware(valeur) else timezone.localtime().replace(tzinfo=None)
    secondes = (maintenant - valeur).total_seconds()
    if secondes < 0:
        return _("aujourd'hui à {heure}").format(heure=heure(valeur))
    if secondes < 60:
        return _("à l'instant")
    minutes = int(secondes // 60)
    if minutes < 60:
        return ngettext("il y a {n} minute", "il y a {n} minutes", minutes).format(n=minutes)
    heures = minutes // 60
    return ngettext("il y a {n} heure", "il y a {n} heures", heures).format(n=heures)


class Quand(NamedTuple):
    """A moment as `<time>` says it: for machines, in full for its title, and in short words."""

    iso: str
    complet: str
    mots: str


@register.filter
def quand(valeur: datetime.datetime) -> Quand:
    """Say a moment in its three forms at once, for lists that show many."""
    local = en_local(valeur)
    return Quand(local.isoformat(), complet(a_la_minute(local)), depuis(local, local.date()))


@register.filter
def reste_ouvre(jours: int | None) -> str:
    """« reste 3 j ouvrés », « aujourd'hui », « en retard de 2 j ouvrés », from a signed number of days."""
    if jours is None:
        return ""
    if jours == 0:
        return "aujourd'hui"
    return f"reste {duree(jours)}" if jours > 0 else f"en retard de {duree(-jours)}"


def duree(nombre: int, unite: str = "jours_ouvres", complet: bool = False) -> str:
    """Write « 3 j ouvrés », or « 3 jours ouvrés » when `complet`.

    `unite`: jours_ouvres, jours_calendaires or heures_ouvrees, as in the catalogue.
    """
    if not est_en_francais():
        return duree_en_anglais(nombre, unite)
    s = "s" if nombre > 1 else ""
    if unite == "heures_ouvrees":
        return f"{nombre} heure{s} ouvrée{s}" if complet else f"{nombre} h ouvrée{s}"
    if unite == "jours_calendaires":
        return f"{nombre} jour{s}" if complet else f"{nombre} j"
    return f"{nombre} jour{s} ouvré{s}" if complet else f"{nombre} j ouvré{s}"


def duree_en_anglais(nombre: int, unite: str) -> str:
    """The same, in full, for residents who read English."""
    mot = {"heures_ouvrees": "working hour", "jours_calendaires": "day"}.get(unite, "working day")
    return f"{nombre} {mot}{'' if nombre == 1 else 's'}"
