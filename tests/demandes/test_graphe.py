"""The published drawing of the machine is the machine."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django_fsm import RETURN_VALUE

from demandes import actions
from demandes.actions import SANS_CHANGEMENT
from demandes.etats import LIBELLES_USAGER, NON_FINAUX, Etat
from demandes.models import Demande

PAGE = settings.RACINE / "docs" / "cycle_de_vie.md"
TRANSITIONS = list(Demande._meta.get_field("etat").get_all_transitions(Demande))
# Pure functions of these modules share a verb with a gesture.
ALLOWED_CALLERS = {"actions", "horloges", "orientation"}
GESTES = {transition.name for transition in TRANSITIONS}


def declared_edges() -> set[tuple[str, str, str, frozenset[str]]]:
    return {
        (t.name, t.source, str(cible), frozenset(t.permission.acteurs))
        for t in TRANSITIONS
        for cible in (t.target.allowed_states if isinstance(t.target, RETURN_VALUE) else [t.target])
    }


def test_the_page_draws_every_edge_and_no_other():
    drawn = {
        (geste, de, vers, frozenset(qui.split()))
        for geste, de, vers, qui in re.findall(
            r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| ([A-Z0-9 ]+) \|$", PAGE.read_text(), re.MULTILINE
        )
    }

    assert drawn == declared_edges()


def test_the_diagram_shows_the_same_edges():
    diagram = set(re.findall(r"^    (\w+) --> (\w+):", PAGE.read_text(), re.MULTILINE))

    assert diagram == {(de, vers) for _, de, vers, _ in declared_edges()}


def test_the_page_lists_gestures_that_change_no_state():
    listed = dict(re.findall(r"^\| `(\w+)` \| ([A-Z0-9 ]+) \|$", PAGE.read_text(), re.MULTILINE))

    assert {nom: set(qui.split()) for nom, qui in listed.items()} == {
        nom: set(permission.acteurs) for nom, (_, permission) in SANS_CHANGEMENT.items()
    }


def test_no_edge_starts_anywhere():
    assert {t.source for t in TRANSITIONS} == set(Etat)


def test_every_gesture_is_offered_by_the_door_and_every_edge_names_its_hats():
    assert {
        nom for nom in GESTES | set(SANS_CHANGEMENT) if not callable(getattr(actions, nom, None))
    } == set()
    assert all(t.permission.acteurs and t.custom["label"] for t in TRANSITIONS)


def test_every_state_has_words_for_the_resident():
    assert set(LIBELLES_USAGER) == set(Etat)
    assert len(NON_FINAUX) == 8


def python_files() -> list[Path]:
    racine = settings.RACINE
    return [
        fichier
        for dossier in ("demandes", "portal")
        for fichier in sorted((racine / dossier).rglob("*.py"))
        if "migrations" not in fichier.parts and fichier.parent != racine / "demandes" / "actions"
    ]


@pytest.mark.parametrize("fichier", python_files(), ids=lambda f: str(f.relative_to(settings.RACINE)))
def test_nobody_moves_a_demande_around_the_door(fichier):
    """Outside `actions`, a transition is only called as `actions.<gesture>`, and `etat` is never updated."""
    offences = []
    for noeud in ast.walk(ast.parse(fichier.read_text())):
        if not isinstance(noeud, ast.Call) or not isinstance(noeud.func, ast.Attribute):
            continue
        appelant = noeud.func.value
        if noeud.func.attr in GESTES and not (
            isinstance(appelant, ast.Name) and appelant.id in ALLOWED_CALLERS
        ):
            offences.append(f"{noeud.lineno}: .{noeud.func.attr}()")
        if noeud.func.attr == "update" and any(mot.arg == "etat" for mot in noeud.keywords):
            offences.append(f"{noeud.lineno}: .update(etat=…)")
    assert offences == []
