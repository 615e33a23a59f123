"""Who really posted a webhook: HMAC-SHA256 over the raw bytes, in each sender's own writing; and how X
wants what we ask of it signed (OAuth 1.0a).

A verifier is given the headers, the raw body, the secrets that are valid today (two while one replaces the
other) and the time; it returns nothing, or raises SignatureRefusee. Comparisons take the same time whatever
is wrong.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

# A post that was signed longer ago, or for later, is one that somebody kept.
FENETRE = 5 * 60  # seconds
PREFIXE_SECRET = "whsec_"  # noqa: S105
# A sender that turns its secrets over signs with each; nobody has more.
SIGNATURES_LUES = 5

Verificateur = Callable[[Mapping[str, str], bytes, Sequence[str], float], None]


class SignatureRefusee(ValueError):
    """This post proves nothing of its sender; `est_absente` when it does not even try."""

    def __init__(self, raison: str, *, est_absente: bool = False) -> None:
        super().__init__(raison)
        self.est_absente = est_absente


def octets_du_secret(secret: str) -> bytes:
    """« whsec_… » is base64, as the standard writes it; anything else is taken as it is."""
    if not secret.startswith(PREFIXE_SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIXE_SECRET), validate=True)
    except binascii.Error as cause:
        raise ValueError("Un secret « whsec_… » n'est pas en base64.") from cause


def empreinte(secret: str, contenu: bytes) -> bytes:
    return hmac.new(octets_du_secret(secret), contenu, hashlib.sha256).digest()


def signer(identifiant: str, instant: int, corps: bytes, secret: str) -> str:
    """The `webhook-signature` of the house's own scheme (standard-webhooks): what a sender computes."""
    return "v1," + _base64(empreinte(secret, f"{identifiant}.{instant}.".encode() + corps))


def verifier_standard(
    en_tetes: Mapping[str, str], corps: bytes, secrets: Sequence[str], maintenant: float
) -> None:
    """standard-webhooks: `webhook-id`, `webhook-timestamp`, and `webhook-signature` over « id.time.body »."""
    identifiant = _exiger(en_tetes, "webhook-id")
    instant = _exiger(en_tetes, "webhook-timestamp")
    signatures = _exiger(en_tetes, "webhook-signature").split()[:SIGNATURES_LUES]
    if not (instant.isascii() and instant.isdecimal() and len(instant) <= 12):
        raise SignatureRefusee("webhook-timestamp is no time")
    if abs(maintenant - int(instant)) > FENETRE:
        raise SignatureRefusee("webhook-timestamp is too far from now")
    attendues = [signer(identifiant, int(instant), corps, secret) for secret in secrets]
    _exiger_une_egale(signatures, attendues)


def verifier_meta(
    en_tetes: Mapping[str, str], corps: bytes, secrets: Sequence[str], maintenant: float
) -> None:
    """Facebook and Messenger: `X-Hub-Signature-256: sha256=<hex>` over the body. It has no time."""
    signature = _exiger(en_tetes, "X-Hub-Signature-256")
    _exiger_une_egale([signature], [f"sha256={empreinte(secret, corps).hex()}" for secret in secrets])


def verifier_x(en_tetes: Mapping[str, str], corps: bytes, secrets: Sequence[str], maintenant: float) -> None:
    """X: `x-twitter-webhooks-signature: sha256=<base64>` over the body. It has no time."""
    signature = _exiger(en_tetes, "x-twitter-webhooks-signature")
    _exiger_une_egale([signature], [f"sha256={_base64(empreinte(secret, corps))}" for secret in secrets])


def repondre_au_crc(jeton: str, secret: str) -> str:
    """What X waits for when it asks, every hour, whether we know the secret."""
    return f"sha256={_base64(empreinte(secret, jeton.encode()))}"


@dataclass(frozen=True)
class Cles:
    """An application's key, and the account's that let it write in its name."""

    application: str
    secret: str
    jeton: str
    secret_du_jeton: str


def autoriser(
    cles: Cles, methode: str, adresse: str, parametres: Mapping[str, str], *, nonce: str, instant: int
) -> str:
    """The `Authorization` of a request signed by HMAC-SHA1 (RFC 5849, 3.4); `parametres` are those of its
    address, without which it is given. A body in JSON is not signed.
    """
    oauth = {
        "oauth_consumer_key": cles.application,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(instant),
        "oauth_token": cles.jeton,
        "oauth_version": "1.0",
    }
    paires = sorted((_coder(nom), _coder(valeur)) for nom, valeur in {**parametres, **oauth}.items())
    base = "&".join(map(_coder, (methode, adresse, "&".join(f"{nom}={valeur}" for nom, valeur in paires))))
    secret = f"{_coder(cles.secret)}&{_coder(cles.secret_du_jeton)}"
    oauth["oauth_signature"] = _base64(hmac.new(secret.encode(), base.encode(), hashlib.sha1).digest())
    return "OAuth " + ", ".join(f'{nom}="{_coder(valeur)}"' for nom, valeur in sorted(oauth.items()))


def _coder(texte: str) -> str:
    return quote(texte, safe="~")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _exiger(en_tetes: Mapping[str, str], nom: str) -> str:
    if not (valeur := en_tetes.get(nom, "")):
        raise SignatureRefusee(f"{nom} is missing", est_absente=True)
    return valeur


def _exiger_une_egale(recues: Sequence[str], attendues: Sequence[str]) -> None:
    """Every pair is compared, to its end: time tells neither which secret is near, nor how near."""
    egales = [
        hmac.compare_digest(recue.encode(), attendue.encode()) for recue in recues for attendue in attendues
    ]
    if not any(egales):
        raise SignatureRefusee("no valid signature")
