"""The link that lets an agent choose a password: sent to their address, good once, for three days.

Django's token dies with the password it replaces; asking again for somebody who never came in kills the links
sent before. The outbox is above this room: settings.GUICHET_DEPOSER_ENVOI(S) name its ways in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.module_loading import import_string

from guichet.canaux.canal import Canal
from guichet.organisation import ville
from guichet.organisation.models import Compte, Espace


def inviter(compte: Compte) -> None:
    """Queue the link, in the caller's transaction."""
    est_premiere = not compte.has_usable_password()
    if est_premiere:
        compte.set_unusable_password()
        compte.save(update_fields=["password"])
    deposer = import_string(settings.GUICHET_DEPOSER_ENVOI)
    deposer(**rediger(compte, est_premiere=est_premiere))


def inviter_plusieurs(comptes: Sequence[Compte]) -> None:
    """Queue the links of accounts that have just been opened: one statement, and the worker sends them."""
    deposer_plusieurs = import_string(settings.GUICHET_DEPOSER_ENVOIS)
    deposer_plusieurs([rediger(compte, est_premiere=True) for compte in comptes])


def rediger(compte: Compte, *, est_premiere: bool) -> dict[str, Any]:
    """The message, as the outbox takes it."""
    cle = urlsafe_base64_encode(force_bytes(compte.pk))
    chemin = reverse("invitation_agent", args=[cle, default_token_generator.make_token(compte)])
    contexte = {
        "lien": settings.GUICHET_ADRESSE + chemin,
        "ville": ville.lire(),
        "est_premiere": est_premiere,
        "jours": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    texte = render_to_string("organisation/courriels/invitation.txt", contexte).strip()
    objet, _, corps = texte.partition("\n")
    return {
        "canal": Canal.COURRIEL,
        "destinataire": compte.courriel,
        "objet": objet.strip(),
        "corps": corps.strip(),
        "nature": "compte",
        "reference": "compte:invitation",
        "cle": f"invitation:{compte.pk}:{timezone.now().timestamp():.6f}",
    }


def compte_invite(cle: str, jeton: str) -> Compte | None:
    """The agent's account this link opens, or None: forged, used, too old, or the account is closed."""
    try:
        pk = int(force_str(urlsafe_base64_decode(cle)))
        compte = Compte.objects.filter(pk=pk, espace=Espace.AGENT, is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return compte if compte and default_token_generator.check_token(compte, jeton) else None


def choisir_le_mot_de_passe(compte: Compte, mot_de_passe: str) -> None:
    compte.set_password(mot_de_passe)
    compte.courriel_verifie_le = compte.courriel_verifie_le or timezone.now()
    compte.save(update_fields=["password", "courriel_verifie_le"])
