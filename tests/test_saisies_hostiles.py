"""Every form of every page, sent as nobody fills it in: no error of ours, and what was typed comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.urls import reverse

from tests.parcours.visiteur import commandes_de, valeurs_montrees
from tests.table_des_droits import PARTS, ROLES, lignes, lignes_de
from tests.test_permissions import Monde, demander, les_notres
from tests.test_permissions import monde as monde  # a fixture: pytest finds it by its name here

MOT = "Zorglub-dactylographié"
# What is typed where people type, and what is sent where they choose.
SAISIES = {
    "rien": ("", None),
    "un caractère nul": (f"{MOT} a\x00b", None),
    "de droite à gauche": (f"{MOT} \u202egpj.exe\u202c \u200f", None),
    "un mégaoctet": (MOT + " é" * 350_000, None),
    "du balisage": (f"{MOT} <script>alert(1)</script>{{{{ 7|add:7 }}}}{{% debug %}}", None),
    "des identifiants inventés": (MOT, "99999999999999999999999"),
    "des identifiants tordus": (MOT, "-1' OR \x001=1"),
}
ECRITS = {"text", "search", "email", "tel", "url", "textarea", "number", "date", "datetime-local", "time", ""}


@dataclass(frozen=True)
class Formulaire:
    """One form of one page, as one role sees it."""

    role: str
    adresse: str
    champs: tuple[tuple[str, str], ...]
    ecrits: frozenset[str]

    def saisir(self, texte: str, choix: str | None) -> dict[str, list[str]]:
        donnees: dict[str, list[str]] = {}
        for nom, valeur in self.champs:
            sienne = texte if nom in self.ecrits else valeur if choix is None else choix
            if len(donnees) > 1:
                sienne = sienne[:2000]  # one field is enormous, the whole is not refused before it is read
            donnees.setdefault(nom, []).append(sienne)
        return donnees


def formulaires(monde: Monde, part: int) -> Iterator[Formulaire]:
    """Each form once: the first role whose page shows it sends it."""
    vus = set()
    for methode, cle, codes in lignes_de(part):
        if methode != "GET" or "200" not in codes:
            continue
        nom = cle.split()[0]
        chemin = reverse(nom, args=monde.arguments.get(cle, []))
        for role, code in zip(ROLES, codes, strict=True):
            if code != "200":
                continue
            reponse = demander(monde, role, "GET", chemin)
            if not reponse.get("Content-Type", "").startswith("text/html"):
                break
            page = BeautifulSoup(reponse.content, "html.parser")
            for balise in page.find_all("form", method="post"):
                formulaire = lire(role, chemin, balise, page)
                signature = (nom, formulaire.adresse, formulaire.ecrits, len(formulaire.champs))
                if signature not in vus:
                    vus.add(signature)
                    yield formulaire


def lire(role: str, chemin: str, balise: Tag, page: BeautifulSoup) -> Formulaire:
    ecrits = {
        c["name"]
        for c in commandes_de(balise, page)
        if (c.name == "textarea" or (c.name == "input" and c.get("type", "text") in ECRITS))
    }
    champs = [c for c in valeurs_montrees(balise, page) if c[0] != "csrfmiddlewaretoken"]
    return Formulaire(role, urljoin(chemin, balise.get("action") or ""), tuple(champs), frozenset(ecrits))


def lu(reponse: Any) -> str:
    return unescape(reponse.content.decode())


@pytest.mark.parametrize("part", PARTS)
def test_no_form_answers_an_error_nor_forgets_what_was_typed(monde, part):
    fautes, essais = [], 0
    for formulaire in formulaires(monde, part):
        for quoi, (texte, choix) in SAISIES.items():
            ou = f"{formulaire.role} {formulaire.adresse} {sorted(formulaire.ecrits)} : {quoi}"
            try:
                reponse = demander(
                    monde, formulaire.role, "POST", formulaire.adresse, formulaire.saisir(texte, choix)
                )
            except Exception as erreur:
                fautes.append(f"{ou} : {type(erreur).__name__} {str(erreur)[:200]}")
                continue
            essais += 1
            if reponse.status_code >= 500:
                fautes.append(f"{ou} : {reponse.status_code}")
            elif reponse.status_code == 422 and formulaire.ecrits and texte and MOT not in lu(reponse):
                fautes.append(f"{ou} : le texte saisi est perdu")
    assert fautes == []
    assert essais > 100


# -- addresses


def test_a_nul_in_an_address_leads_nowhere(monde):
    """In place of each argument of each address: PostgreSQL would refuse it, the visitor only gets a 404."""
    chemins = {"/" + re.sub("<[^>]+>", "%00", chemin) for chemin in les_notres().values() if "<" in chemin}
    assert len(chemins) > 60

    codes = {
        (chemin, role): demander(monde, role, methode, chemin).status_code
        for chemin in chemins
        for role, methode in (("A1", "GET"), ("ADM", "POST"), ("usager", "GET"))
    }

    assert {lieu: code for lieu, code in codes.items() if code != 404} == {}


def test_a_nul_in_a_filter_is_read_as_nothing(monde):
    """Every parameter any view reads, on every page, by somebody who sees it."""
    sources = (
        (settings.RACINE / salle).rglob("*.py") for salle in ("demandes", "guichet", "portal", "usagers")
    )
    textes = [source.read_text() for salle in sources for source in salle]
    noms = {nom for texte in textes for nom in re.findall(r'\.get(?:list)?\("(\w+)"', texte)}
    assert {"apres", "avant", "usager"} <= noms
    requete = "&".join(f"{nom}=a%0%000%00" for nom in sorted(noms))

    fautes = {}
    for methode, cle, codes in lignes():
        if methode == "GET" and "200" in codes:
            chemin = reverse(cle.split()[0], args=monde.arguments.get(cle, []))
            reponse = demander(monde, ROLES[codes.index("200")], "GET", f"{chemin}?{requete}")
            fautes |= {chemin: reponse.status_code} if reponse.status_code >= 500 else {}
    assert fautes == {}
