"""The way out of SMS: one POST to the provider's address, whatever the provider.

The body is a JSON template of the city's (`GUICHET_SMS_CORPS`) in which « {destinataire} », « {texte} »,
« {expediteur} » and « {reference} » are replaced. The reference is the same at each attempt, and goes as
`Idempotency-Key` too: a retry after a lost answer is not a second SMS.
"""

import json
import os
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone

from guichet.envois.erreurs import EchecDefinitif, RefusTemporaire, ServeurInjoignable
from guichet.envois.models import Envoi, NumeroOppose
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide

DELAIS = (5, 15)  # seconds to connect, then to answer
PASSAGERES = frozenset({408, 409, 425, 429})
# Ours to repair, not the message's fault: it waits without losing an attempt.
REGLAGES = frozenset({401, 403, 404, 405})
IDENTIFIANTS = ("id", "message_id", "messageId", "sid")
STOP = "Cette personne a répondu STOP : plus aucun SMS ne part à ce numéro."


def est_ouvert() -> bool:
    """Whether this city sends SMS."""
    return bool(settings.GUICHET_SMS)


def pas_avant(envoi: Envoi) -> datetime | None:
    """When it may leave, if that is not now; a call on duty wakes up."""
    if envoi.nature == Envoi.Nature.URGENCE:
        return None
    return prochain_matin(timezone.localtime())


def prochain_matin(maintenant: datetime) -> datetime | None:
    """None by day; at night, the next morning: nobody is woken up."""
    matin, soir = settings.GUICHET_SMS_HEURES
    if matin <= maintenant.hour < soir:
        return None
    jour = maintenant.date() + timedelta(days=maintenant.hour >= soir)
    return timezone.make_aware(datetime.combine(jour, time(matin)))


def reference(envoi: Envoi) -> str:
    """What names this SMS for the provider: drawn with the row, the same at each attempt."""
    return envoi.message_id.strip("<>").partition("@")[0]


def expedier(envoi: Envoi) -> str:
    """Send one SMS; return what the provider calls it."""
    try:
        normaliser_telephone(envoi.destinataire)
    except DonneeInvalide as cause:
        raise EchecDefinitif("Le numéro de téléphone est mal écrit.") from cause
    if NumeroOppose.objects.filter(numero=envoi.destinataire).exists():
        raise EchecDefinitif(STOP)
    moyens = {"dossier": _ecrire, "http": _poster}
    if settings.GUICHET_SMS not in moyens:
        raise ServeurInjoignable("aucun opérateur n'est réglé")
    return moyens[settings.GUICHET_SMS](envoi)


def composer(envoi: Envoi) -> Any:
    """The provider's JSON, its marks replaced: never by a second reading of what was put in."""
    valeurs = {
        "destinataire": envoi.destinataire,
        "texte": envoi.corps,
        "expediteur": settings.GUICHET_SMS_EXPEDITEUR,
        "reference": reference(envoi),
    }

    def remplir(modele: Any) -> Any:
        if isinstance(modele, dict):
            return {cle: remplir(valeur) for cle, valeur in modele.items()}
        if isinstance(modele, list):
            return [remplir(valeur) for valeur in modele]
        if isinstance(modele, str) and modele.startswith("{") and modele.endswith("}"):
            return valeurs.get(modele[1:-1], modele)
        return modele

    return remplir(json.loads(settings.GUICHET_SMS_CORPS))


def _ecrire(envoi: Envoi) -> str:
    """Write `<date>_<id>.json`, whole or not at all (demo)."""
    dossier = Path(settings.GUICHET_SMS_DOSSIER)
    fichier = dossier / f"{timezone.localtime(envoi.cree_le):%Y-%m-%d_%H%M%S}_{envoi.pk:07}.json"
    try:
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        fichier.with_suffix(".tmp").write_text(json.dumps(composer(envoi), ensure_ascii=False, indent=1))
        os.replace(fichier.with_suffix(".tmp"), fichier)
    except OSError as cause:
        raise ServeurInjoignable(cause.strerror) from cause
    return reference(envoi)


def _poster(envoi: Envoi) -> str:
    """No redirection is followed: the token is for one address."""
    en_tetes = {"Idempotency-Key": reference(envoi)}
    if settings.GUICHET_SMS_JETON:
        en_tetes["Authorization"] = f"Bearer {settings.GUICHET_SMS_JETON}"
    try:
        reponse = requests.post(
            settings.GUICHET_SMS_URL,
            json=composer(envoi),
            headers=en_tetes,
            timeout=DELAIS,
            allow_redirects=False,
        )
    except (requests.ConnectionError, requests.ConnectTimeout) as cause:
        raise ServeurInjoignable(type(cause).__name__) from cause
    except requests.RequestException as cause:
        raise RefusTemporaire(f"L'opérateur n'a pas répondu ({type(cause).__name__}).") from cause
    if reponse.ok and reponse.status_code < 300:
        return _identifiant(reponse)
    dit = f"L'opérateur a répondu {reponse.status_code} : {reponse.text[:150]}"
    if reponse.status_code in REGLAGES or 300 <= reponse.status_code < 400:
        raise ServeurInjoignable(f"réponse {reponse.status_code}, vérifiez l'adresse et le jeton")
    if reponse.status_code in PASSAGERES or reponse.status_code >= 500:
        raise RefusTemporaire(dit)
    raise EchecDefinitif(dit)


def _identifiant(reponse: requests.Response) -> str:
    try:
        dit = reponse.json()
    except ValueError:
        return ""
    if not isinstance(dit, dict):
        return ""
    return next((str(dit[nom])[:120] for nom in IDENTIFIANTS if isinstance(dit.get(nom), str | int)), "")
