"""How somebody posts to us: what they sign with, what they call one post, what they ask first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guichet.canaux.signatures import Verificateur, verifier_standard

Defi = Callable[[Mapping[str, str], Sequence[str]], str | None]


@dataclass(frozen=True)
class Webhook:
    """`cle` reads in the body what the sender calls it, "" when it does not say.

    `defi` answers a GET by which they check that we know the secret, None when they do not; `mots_du_defi`
    names what it is checked with in `GUICHET_SECRETS` when posts are signed with something else, and
    `type_du_defi` is what the answer is.
    """

    cle: Callable[[bytes], str] = lambda corps: ""
    verifier: Verificateur = verifier_standard
    defi: Defi | None = None
    mots_du_defi: str = ""
    type_du_defi: str = "text/plain; charset=utf-8"
