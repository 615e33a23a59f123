"""What a sender does: write a body, sign it, post it."""

import base64
import json
import time
from typing import Any

from guichet.canaux.signatures import signer

# That of the test settings, and of the demo cities of the tests.
SECRET = "whsec_dW4tc2VjcmV0LWRlLWZpY3Rpb24tcG91ci1sZXMtdGVzdHM="
ANCIEN = "whsec_" + base64.b64encode(b"celui-qu-il-remplace-ce-mois-ci").decode()

SMS = "Un nid-de-poule rue Édouard-Herriot 🚧"


def corps_de(donnees: Any) -> bytes:
    """JSON as senders write it: emoji and accents as they are."""
    return json.dumps(donnees, ensure_ascii=False).encode()


def un_sms(
    identifiant: str = "sms-1", texte: str = "Un nid-de-poule rue Édouard-Herriot 🚧", **autres
) -> bytes:
    return corps_de({"id": identifiant, "de": "+33639980011", "texte": texte, **autres})


def en_tetes_de(
    corps: bytes, *, secret: str = SECRET, identifiant: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """The three headers of a post signed `age` seconds ago."""
    instant = int(time.time() - age)
    return {
        "Content-Type": "application/json",
        "webhook-id": identifiant,
        "webhook-timestamp": str(instant),
        "webhook-signature": signer(identifiant, instant, corps, secret),
    }
