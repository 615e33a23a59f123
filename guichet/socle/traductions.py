"""The English of the residents' pages: gather what is to be translated, compile it, say what is missing.

`make traductions` writes the catalogue again from the sources; `make quality` checks it. Nothing of the
system is needed: Babel reads the Python sources, Django itself turns templates into something it can read.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

RACINE = Path(__file__).resolve().parents[2]
SOURCES = ("demandes", "guichet", "portal", "usagers")
LANGUE = "en"
PO = RACINE / "guichet" / "locale" / LANGUE / "LC_MESSAGES" / "django.po"
# What a library says in French, and the house otherwise: written by hand, compiled with the other.
PO_FRANCAIS = PO.parents[2] / "fr" / "LC_MESSAGES" / "django.po"
GABARITS = (".html", ".txt")
FONCTIONS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# « {date} » of a sentence filled by Python, « %(date)s » of one filled by a template.
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def a_traduire() -> Catalog:
    """Every sentence of the sources, with the files that say it."""
    catalogue = Catalog(locale=LANGUE)
    for fichier in _fichiers():
        ou = str(fichier.relative_to(RACINE))
        for message, contexte in _messages(fichier):
            catalogue.add(message, locations=[(ou, 0)], context=contexte)
    return catalogue


def _fichiers() -> Iterator[Path]:
    for piece in SOURCES:
        trouves = (f for f in (RACINE / piece).rglob("*") if "migrations" not in f.parts)
        yield from sorted(
            f
            for f in trouves
            if f.suffix == ".py" or (f.suffix in (".html", ".txt") and "templates" in f.parts)
        )


def _messages(fichier: Path) -> Iterator[tuple[Any, str | None]]:
    """Babel's own reading of a Python source; of a template, through what Django gives to gettext."""
    source = fichier.read_text(encoding="utf-8")
    if fichier.suffix != ".py":
        # One line: what stands between the sentences is no Python, and must not be read as indented.
        source = " ".join(templatize(source, origin=str(fichier)).split("\n"))
    lues = extract_python(io.BytesIO(source.encode()), FONCTIONS, (), {})
    for _ligne, lue, texte, _notes in lues:
        fonction = str(lue)
        dits = (texte,) if isinstance(texte, str) else tuple(texte or ())
        if not dits or None in dits[:1]:
            continue  # a sentence held by a variable: its own text is marked where it is written
        if fonction.startswith("pgettext"):
            yield dits[1], dits[0]
        else:
            yield (dits[:2] if fonction.startswith("ngettext") else dits[0]), None


def lire_le_francais() -> Catalog:
    with PO_FRANCAIS.open("rb") as fichier:
        return read_po(fichier, locale="fr")


def lire() -> Catalog:
    if not PO.exists():
        return Catalog(locale=LANGUE, fuzzy=False)
    with PO.open("rb") as fichier:
        return read_po(fichier, locale=LANGUE)


def a_jour() -> Catalog:
    """The catalogue as the sources want it: known sentences keep their translation, the others go."""
    catalogue = lire()
    catalogue.update(a_traduire(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def ecrit(catalogue: Catalog) -> bytes:
    tampon = io.BytesIO()
    write_po(tampon, catalogue, width=110, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    return tampon.getvalue()


def compile_(catalogue: Catalog) -> bytes:
    tampon = io.BytesIO()
    write_mo(tampon, catalogue)
    return tampon.getvalue()


def actualiser() -> None:
    """Write both files again; what is new is left to translate."""
    catalogue = a_jour()
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(ecrit(catalogue))
    PO.with_suffix(".mo").write_bytes(compile_(lire()))
    PO_FRANCAIS.with_suffix(".mo").write_bytes(compile_(lire_le_francais()))


def fautes() -> list[str]:
    """What would show French, or a hole, to somebody who reads English."""
    catalogue = lire()
    if not PO.exists() or ecrit(a_jour()) != PO.read_bytes():
        return ["Le catalogue ne suit plus les sources : lancez `make traductions`, puis traduisez."]
    trouvees = [faute for message in catalogue if message.id for faute in _fautes_de(message)]
    for po, lu in ((PO, catalogue), (PO_FRANCAIS, lire_le_francais())):
        if po.with_suffix(".mo").read_bytes() != compile_(lu):
            trouvees.append("Un fichier .mo ne correspond pas à son .po : lancez `make traductions`.")
    return trouvees


def _fautes_de(message: Message) -> Iterator[str]:
    originaux = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    traduits = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if message.fuzzy:
        yield f"À relire (fuzzy) : « {originaux[0]} »"
    if not all(traduits) or len(traduits) != len(originaux):
        yield f"Sans traduction : « {originaux[0]} »"
        return
    for original, traduit in zip(originaux, traduits, strict=True):
        if set(PLACES.findall(original)) != set(PLACES.findall(traduit)):
            yield f"Les valeurs à remplir ne sont pas les mêmes : « {original} » et « {traduit} »"


def principal(arguments: list[str]) -> int:
    """Write the catalogue again, or with « verifier » say what is wrong with it."""
    if arguments != ["verifier"]:
        actualiser()
    if trouvees := fautes():
        sys.stdout.write("\n".join(trouvees) + "\n")
    return 1 if trouvees else 0


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
