"""The way out of the outbox: claim a row, render it, send it, write down what happened.

A claim is a short transaction that counts the attempt and pushes `prochain_essai_le` past the longest
sending (a lease): the network is never waited for under a row lock, and a worker killed half-way leaves
a row that comes back by itself, with the same Message-ID.
"""

import contextlib
import logging
import os
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.utils import timezone, translation

from guichet.canaux import courriel, registre
from guichet.canaux.canal import Canal
from guichet.canaux.message import MessageSortant, PieceJointe
from guichet.envois import reseaux, texto
from guichet.envois.erreurs import EchecDefinitif, RefusTemporaire, ServeurInjoignable
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

journal = logging.getLogger(__name__)

# Wait after each failure; the ninth one, about two days later, is the last.
DELAIS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720, 1440))
# Longer than the worker's hard limit for a task (CELERY_TASK_TIME_LIMIT, 120 s).
BAIL = timedelta(minutes=5)
# A server that does not answer is nobody's address: every row waits for it without losing an attempt.
DELAI_PANNE = timedelta(minutes=1)
LIMITE = 3
FENETRE = timedelta(hours=1)
# Seconds a sweep may start new sendings; the last one may take as long again within the task's limit.
BUDGET = 20


# The logo within the message, for its HTML part.
LOGO = "logo@guichet"


def balayer() -> None:
    """Send due rows, the longest due first, until none is left or `BUDGET` is spent; a server that is down
    keeps waiting those of its own channel alone.
    """
    fin, en_panne = time.monotonic() + BUDGET, set[str]()
    while time.monotonic() < fin:
        envoi = _reserver(Envoi.objects.dus().exclude(canal__in=en_panne))
        if envoi is None:
            return
        if not _traiter(envoi):
            en_panne.add(envoi.canal)


def livrer(pk: int) -> None:
    """Send one row if it is due, nobody else is sending it, and its server was not down a minute ago."""
    if envoi := _reserver(Envoi.objects.dus().filter(pk=pk).exclude(canal__in=canaux_en_panne())):
        _traiter(envoi)


def canaux_en_panne() -> QuerySet[Envoi, Any]:
    """The channels whose server somebody found down less than `DELAI_PANNE` ago."""
    return en_panne().filter(prochain_essai_le__gt=timezone.now()).order_by().values("canal")


def en_panne() -> QuerySet[Envoi]:
    """Rows whose last attempt did not reach the server; each is tried again within a minute or so."""
    pannes = [Q(erreur__startswith=voie_de(canal).panne) for canal in (*VOIES, *registre.CONNECTEURS)]
    return Envoi.objects.filter(reduce(or_, pannes), etat=Envoi.Etat.A_ENVOYER)


def _reserver(dus) -> Envoi | None:
    """Take the first row of `dus` that nobody is taking, and return it with its attempt counted.

    Rows beyond the hourly limit of their address are put off on the way.
    """
    while True:
        with transaction.atomic():
            envoi = dus.select_for_update(skip_locked=True).first()
            if envoi is None:
                return None
            if _attendre_le_jour(envoi):
                continue
            if envoi.essais or not envoi.est_limite or not _attendre_son_tour(envoi):
                envoi.essais += 1
                envoi.prochain_essai_le = timezone.now() + BAIL
                envoi.save(update_fields=["essais", "prochain_essai_le"])
                return envoi


def _attendre_le_jour(envoi: Envoi) -> bool:
    """Put off a row whose way out is closed at this hour; say so."""
    if (jour := voie_de(envoi.canal).pas_avant(envoi)) is None:
        return False
    envoi.prochain_essai_le = jour
    envoi.save(update_fields=["prochain_essai_le"])
    return True


def _attendre_son_tour(envoi: Envoi) -> bool:
    """Put off a row and those waiting with it, if `LIMITE` others hold their address's places; say so.

    A place is held from the first attempt until an hour after the sending, so a retry never waits here
    and any sixty minutes see at most `LIMITE` automatic messages to one address, not only a clock hour.
    """
    with connection.cursor() as curseur:
        # One claim at a time per address: two workers must not both see a place left.
        curseur.execute(
            "SELECT pg_advisory_xact_lock(hashtext('envois'), hashtext(%s))", [envoi.destinataire.lower()]
        )
    maintenant = timezone.now()
    meme_adresse = (
        Envoi.objects.limites()
        .alias(adresse=Lower("destinataire"))
        .filter(adresse=envoi.destinataire.lower())
    )
    tenues = list(
        meme_adresse.filter(
            Q(etat=Envoi.Etat.A_ENVOYER, essais__gt=0) | Q(envoye_le__gt=maintenant - FENETRE)
        ).values_list("envoye_le", flat=True)[:LIMITE]
    )
    if len(tenues) < LIMITE:
        return False
    # Locked rows are skipped: their owner is about to come here.
    en_attente = meme_adresse.filter(essais=0).dus().select_for_update(skip_locked=True)
    Envoi.objects.filter(pk__in=list(en_attente.values_list("pk", flat=True))).update(
        prochain_essai_le=min(filter(None, tenues), default=maintenant) + FENETRE
    )
    return True


def _traiter(envoi: Envoi) -> bool:
    """Send a claimed row and write down the outcome; False when the server could not be reached."""
    try:
        identifiant = voie_de(envoi.canal).expedier(envoi)
    except ServeurInjoignable as erreur:
        _reporter(envoi, DELAI_PANNE, f"{voie_de(envoi.canal).panne} : {erreur}", essais=envoi.essais - 1)
        return False
    except EchecDefinitif as erreur:
        _abandonner(envoi, str(erreur))
    except Exception as erreur:
        if envoi.essais > len(DELAIS):
            _abandonner(envoi, str(erreur))
        else:
            _reporter(envoi, DELAIS[envoi.essais - 1], str(erreur), essais=envoi.essais)
    else:
        _noter(
            envoi,
            etat=Envoi.Etat.ENVOYE,
            envoye_le=timezone.now(),
            prochain_essai_le=None,
            erreur="",
            identifiant_externe=identifiant,
        )
    return True


def _reporter(envoi: Envoi, delai: timedelta, erreur: str, *, essais: int) -> None:
    _noter(envoi, essais=essais, prochain_essai_le=timezone.now() + delai, erreur=_court(erreur))


def _abandonner(envoi: Envoi, erreur: str) -> None:
    journal.warning("Envoi %s failed for good.", envoi.pk)
    _noter(envoi, etat=Envoi.Etat.ECHEC, prochain_essai_le=None, erreur=_court(erreur))


def _noter(envoi: Envoi, **champs) -> None:
    Envoi.objects.filter(pk=envoi.pk, etat=Envoi.Etat.A_ENVOYER).update(**champs)


def _court(erreur: str) -> str:
    return nettoyer(erreur)[:250] or "Erreur sans explication"


# -- e-mail and its two ways out ----------------------------------------------------------------------


def rediger(envoi: Envoi) -> MessageSortant:
    """Return the row as the e-mail it is: same row, same bytes, while the city keeps its name and colours."""
    logo = ville.lire_logo()
    contexte = {"envoi": envoi, "ville": ville.lire(), "logo": LOGO if logo else ""}
    with translation.override(envoi.langue):
        html = render_to_string("envois/courriel.html", contexte)
    return MessageSortant(
        expediteur=settings.GUICHET_COURRIEL_EXPEDITEUR,
        destinataire=envoi.destinataire,
        objet=envoi.objet,
        texte=envoi.corps,
        html=html,
        images={LOGO: PieceJointe("logo.png", "image/png", logo)} if logo else {},
        message_id=envoi.message_id,
        date=envoi.cree_le,
        en_tetes=envoi.en_tetes,
        est_automatique=envoi.est_automatique,
    )


def _expedier_courriel(envoi: Envoi) -> str:
    try:
        normaliser_courriel(envoi.destinataire)
    except DonneeInvalide as cause:
        raise EchecDefinitif("L'adresse électronique est mal écrite.") from cause
    contenu = courriel.composer(rediger(envoi))
    moyens = {"dossier": _expedier_dossier, "smtp": _expedier_smtp}
    moyens[settings.GUICHET_COURRIEL](envoi, contenu)
    return ""


def _expedier_dossier(envoi: Envoi, contenu: bytes) -> None:
    """Write `<date>_<id>.eml`, whole or not at all; a retry replaces the same file."""
    dossier = Path(settings.GUICHET_COURRIEL_DOSSIER)
    fichier = dossier / f"{timezone.localtime(envoi.cree_le):%Y-%m-%d_%H%M%S}_{envoi.pk:07}.eml"
    brouillon = fichier.with_suffix(".tmp")
    try:
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        brouillon.write_bytes(contenu)
        os.replace(brouillon, fichier)
    except OSError as cause:
        raise ServeurInjoignable(cause.strerror) from cause


def _expedier_smtp(envoi: Envoi, contenu: bytes) -> None:
    """Speak to the server; a 5xx answer is final, anything else is worth another try."""
    backend = EmailBackend()
    try:
        backend.open()
    except OSError as cause:  # smtplib's errors are OSErrors
        raise ServeurInjoignable(type(cause).__name__) from cause
    assert backend.connection is not None
    # What comes back says which demande it was about, even when it quotes nothing of it.
    retour = envoi.en_tetes.get("Reply-To") or settings.GUICHET_COURRIEL_EXPEDITEUR
    expediteur = parseaddr(retour)[1]
    try:
        backend.connection.sendmail(expediteur, [envoi.destinataire], contenu)
    except smtplib.SMTPRecipientsRefused as cause:
        raise _refus(*cause.recipients[envoi.destinataire]) from cause
    except smtplib.SMTPResponseException as cause:
        raise _refus(cause.smtp_code, cause.smtp_error) from cause
    finally:
        # The answer is known, and a worker killed before it is noted sends twice: no goodbye is waited for.
        with contextlib.suppress(OSError):
            backend.connection.putcmd("quit")
        backend.connection.close()


def _refus(code: int, reponse: bytes | str) -> Exception:
    genre = EchecDefinitif if code >= 500 else RefusTemporaire
    mots = reponse.decode(errors="replace") if isinstance(reponse, bytes) else reponse
    return genre(f"Le serveur a répondu {code} : {mots}")


# -- the ways out, by channel -------------------------------------------------------------------------


@dataclass(frozen=True)
class Voie:
    """How a channel sends one row, returning what its server calls it, and when it must wait.

    `panne` is said when its server is down; `expedier` raises EchecDefinitif, RefusTemporaire or
    ServeurInjoignable; the rest (attempts, lease, limits, states) is the outbox's.
    """

    panne: str
    expedier: Callable[[Envoi], str]
    pas_avant: Callable[[Envoi], datetime | None] = lambda envoi: None


VOIES: dict[str, Voie] = {
    Canal.COURRIEL: Voie("Service de courriel injoignable", _expedier_courriel),
    Canal.SMS: Voie("Service de SMS injoignable", texto.expedier, texto.pas_avant),
}


def voie_de(canal: str) -> Voie:
    """The way out of a channel; networks have one."""
    return VOIES.get(canal) or Voie(f"{Canal(canal).libelle} injoignable", reseaux.expedier)
