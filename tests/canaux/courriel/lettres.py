"""Mails written by hand for the tests: the bytes, as a server would give them."""

from datetime import UTC, datetime

from guichet.canaux.courriel.decodage import lire
from guichet.canaux.courriel.message import CourrielEntrant

RECU = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
GUICHET = "guichet@ville.example"


def courriel(
    corps: str | bytes = "Bonjour,\r\nUn réverbère est éteint.\r\n",
    *,
    sans: tuple[str, ...] = (),
    plus: str = "",
    **en_tetes: str,
) -> bytes:
    """A plain mail from Jeanne Martin; `en_tetes` replace (`_` is `-`), `sans` removes, `plus` adds."""
    champs = {
        "From": "Jeanne Martin <jeanne.martin@courriel.example>",
        "To": f"Guichet <{GUICHET}>",
        "Subject": "Un réverbère éteint",
        "Date": "Thu, 12 Mar 2026 10:12:00 +0100",
        "Message-ID": "<1@courriel.example>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
    }
    champs |= {nom.replace("_", "-"): valeur for nom, valeur in en_tetes.items()}
    lignes = [f"{nom}: {valeur}" for nom, valeur in champs.items() if nom not in sans]
    tete = "\r\n".join([*lignes, *plus.strip().splitlines()]).encode("utf-8", "surrogateescape")
    return tete + b"\r\n\r\n" + (corps.encode() if isinstance(corps, str) else corps)


def parties(*morceaux: str | bytes, genre: str = "mixed", frontiere: str = "=_f", plus: str = "") -> bytes:
    """A mail made of parts, each written with its own headers."""
    corps = b""
    for morceau in morceaux:
        brut = morceau.encode() if isinstance(morceau, str) else morceau
        corps += f"--{frontiere}\r\n".encode() + brut + b"\r\n"
    return courriel(
        corps + f"--{frontiere}--\r\n".encode(),
        Content_Type=f'multipart/{genre}; boundary="{frontiere}"',
        plus=plus,
    )


def decoder(brut: bytes) -> CourrielEntrant:
    return lire(brut, recu_le=RECU, nos_adresses=frozenset({GUICHET}))
