"""What reviews would forget: unused templates, inline scripts and styles, words without a definition."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from demandes import actions
from demandes.etats import Decision, Etat

RACINE: Path = settings.RACINE
CODE = ("guichet", "usagers", "demandes", "portal")
# Read by Django, Wagtail or Axes under the name they expect.
APPELES_PAR_NOM = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
# A mail cannot link to a style sheet.
AVEC_STYLE = {"envois/courriel.html"}


def fichiers(motif: str, *, dans: tuple[str, ...] = CODE) -> list[Path]:
    return sorted(fichier for dossier in dans for fichier in (RACINE / dossier).rglob(motif))


def gabarits() -> dict[str, Path]:
    """Path by the name Django knows it by."""
    return {
        str(fichier).rpartition("/templates/")[2]: fichier
        for fichier in fichiers("*")
        if "/templates/" in str(fichier) and fichier.is_file()
    }


def sources_python() -> list[Path]:
    return [f for f in fichiers("*.py") if "migrations" not in f.parts]


# -- templates


def noms_cites() -> Iterator[str]:
    """Every string of the code, and every name a template includes, extends or is given."""
    for fichier in sources_python():
        for noeud in ast.walk(ast.parse(fichier.read_text())):
            if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str):
                yield noeud.value
            elif isinstance(noeud, ast.JoinedStr):
                # f"demandes/courriels/{modele}.txt": any name in its place.
                yield "".join(
                    str(morceau.value) if isinstance(morceau, ast.Constant) else "*"
                    for morceau in noeud.values
                )
    for fichier in gabarits().values():
        yield from re.findall(r"""["']([\w./-]+\.(?:html|txt|xml))["']""", fichier.read_text())
    # Wagtail finds a page's template by its model.
    yield from (f"{m._meta.app_label}/{nom_de_page(m.__name__)}.html" for m in apps.get_models())


def nom_de_page(classe: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", classe).lower()


def test_every_template_is_used():
    cites = set(noms_cites())
    ouverts = [re.escape(nom).replace(r"\*", r"[\w/]+") for nom in cites if "*" in nom and "/" in nom]

    inutiles = [
        nom
        for nom in gabarits()
        if nom not in cites | APPELES_PAR_NOM and not any(re.fullmatch(ouvert, nom) for ouvert in ouverts)
    ]

    assert inutiles == []


def test_a_mail_template_is_named_by_a_gesture():
    """They are rendered by a name made of parts: each part must be said somewhere."""
    mots = {nom for nom in noms_cites()}
    courriels = [nom for nom in gabarits() if "/courriels/" in nom and not Path(nom).name.startswith("_")]

    assert len(courriels) > 15
    assert [
        nom
        for nom in courriels
        if not {Path(nom).stem, f"{Path(nom).parent.name}/{Path(nom).stem}", nom} & mots
    ] == []


def test_templates_are_named_by_their_room():
    """Two rooms never fight over a name: each has its folder, the house's own templates stand apart."""
    egares = [
        nom
        for nom, fichier in gabarits().items()
        if "guichet/templates" not in str(fichier.relative_to(RACINE))
        and not nom.startswith(f"{fichier.relative_to(RACINE).parts[-len(Path(nom).parts) - 2]}/")
    ]

    assert egares == []


def test_a_form_included_alone_is_given_its_token():
    """`only` leaves the token behind, and the form is refused; the tests' own client never asks for one."""
    textes = {nom: f.read_text() for nom, f in gabarits().items() if nom.endswith(".html")}
    parties = {nom: re.findall(r'{% include "([^"]+)"([^%]*)%}', texte) for nom, texte in textes.items()}

    def est_seule(avec: str) -> bool:
        return "only" in avec.split() and "csrf_token=csrf_token" not in avec.split()

    def a_un_formulaire(nom: str) -> bool:
        return "{% csrf_token %}" in textes[nom] or any(
            a_un_formulaire(partie) for partie, avec in parties[nom] if not est_seule(avec)
        )

    assert [
        (nom, partie)
        for nom in textes
        for partie, avec in parties[nom]
        if est_seule(avec) and a_un_formulaire(partie)
    ] == []


INTERDITS = {
    "an inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son\w+\s*=", re.IGNORECASE),
    "a javascript: link": re.compile(r"javascript:", re.IGNORECASE),
    "something from elsewhere": re.compile(r"""(?:src|href)=["'](?:https?:)?//""", re.IGNORECASE),
}


@pytest.mark.parametrize("nom", sorted(gabarits()))
def test_a_template_holds_under_the_strictest_policy(nom):
    """The policy forbids them and nobody would see the error: the page would be quietly broken."""
    texte = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", gabarits()[nom].read_text(), flags=re.DOTALL
    )

    fautes = [quoi for quoi, motif in INTERDITS.items() if motif.search(texte)]

    if nom in AVEC_STYLE:
        assert fautes == ["an inline style"]
    else:
        assert fautes == []


# -- code


@pytest.mark.parametrize("fichier", sources_python(), ids=lambda f: str(f.relative_to(RACINE)))
def test_code_neither_prints_nor_leaves_notes_to_oneself(fichier):
    texte = fichier.read_text()
    appels = {
        noeud.func.id
        for noeud in ast.walk(ast.parse(texte))
        if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name)
    }

    if fichier.name not in PARLENT_AU_TERMINAL:
        assert "print" not in appels
    assert not {"breakpoint", "eval", "exec"} & appels
    assert re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", texte) == []


# Started by hand or by make, before anything else exists.
PARLENT_AU_TERMINAL = {"lanceur.py", "installation.py", "exercice.py"}


def plus_longs_que(maximum: int, sources: list[Path]) -> list[str]:
    return [f"{f.relative_to(RACINE)}" for f in sources if len(f.read_text().splitlines()) > maximum]


def test_no_file_is_a_drawer_or_grows_too_long():
    noms = {"utils.py", "helpers.py", "misc.py", "common.py", "tools.py"}

    assert [f for f in sources_python() if f.name in noms] == []
    assert plus_longs_que(450, sources_python()) == []
    assert plus_longs_que(650, fichiers("*.py", dans=("tests",))) == []


# -- words


def identifiants_du_glossaire() -> set[str]:
    return set(re.findall(r"`([\w.]+)`", (RACINE / "docs" / "glossaire.md").read_text()))


def test_every_model_is_in_the_glossary():
    modeles = {m.__name__ for m in apps.get_models() if m.__module__.startswith(CODE)}

    assert len(modeles) > 30
    assert modeles - identifiants_du_glossaire() == set()


def test_every_state_is_in_the_glossary():
    assert set(Etat.values) - identifiants_du_glossaire() == set()


def test_the_glossary_defines_nothing_that_is_gone():
    """An identifier of the glossary is somewhere in the code."""
    code = "\n".join(fichier.read_text() for fichier in sources_python())

    assert [nom for nom in sorted(identifiants_du_glossaire()) if nom.split(".")[-1] not in code] == []


def test_stored_words_are_readable():
    """Never a letter: what is in the database is read by people too."""
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", valeur) for valeur in (*Etat.values, *Decision.values))
    assert all(callable(getattr(actions, nom)) for nom in actions.__all__ if nom.islower())
