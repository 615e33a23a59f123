"""The English catalogue says everything the residents' pages say, and nothing is said outside of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.socle import traductions
from guichet.socle.traductions import RACINE

PARTAGES = ("base_portail", "base_erreur", "400", "403", "403_csrf", "404", "500", "erreur_metier")
COMPOSANTS = (
    *("_champ_aide", "_champ_erreur", "_champ_precision", "champ", "etat_erreur", "etat_vide", "frise"),
    *("message", "pagination", "progression", "resume_erreurs", "secours", "signature_ville"),
)
# Agents and editors work in French.
EN_FRANCAIS = {RACINE / "portal" / "templates" / "portal" / dossier for dossier in ("agents", "gestion")}
GABARITS = [
    *sorted(g for g in (RACINE / "portal" / "templates").rglob("*.html") if g.parent not in EN_FRANCAIS),
    *sorted((RACINE / "portal" / "templates" / "portal" / "courriels").glob("*.txt")),
    *sorted((RACINE / "demandes" / "templates" / "demandes" / "courriels").glob("*.txt")),
    *(RACINE / "guichet" / "templates" / f"{nom}.html" for nom in PARTAGES),
    *(RACINE / "guichet" / "templates" / "composants" / f"{nom}.html" for nom in COMPOSANTS),
]
# Comments, sentences that are translated, and classes given by a block.
SANS_TEXTE = re.compile(
    r"{#.*?#}|{% blocktranslate.*?{% endblocktranslate %}|{% block classe_article %}.*?{% endblock %}",
    re.DOTALL,
)
ATTRIBUTS_LUS = re.compile(r"""\s(?:aria-label|placeholder|title|alt)="([^"{]+)""")
BALISES = re.compile(r"{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", re.DOTALL)
TRADUITS = re.compile(r'_\("[^"]*"\)')
ARGUMENTS = re.compile(r'"([^"]*)"')


def est_une_phrase(mots: str) -> bool:
    """« Envoyer », « en cours »: neither a name of the code nor the code of a démarche."""
    return bool(re.search(r"[a-zà-ÿ]{2}", mots)) and (" " in mots or mots[0].isupper())


def phrases_nues(source: str) -> Iterator[str]:
    """What a template says that no catalogue could translate."""
    source = SANS_TEXTE.sub("", source)
    yield from filter(est_une_phrase, ATTRIBUTS_LUS.findall(source))
    for balise in re.findall(r"{%.*?%}|{{.*?}}", source, re.DOTALL):
        if not balise.startswith(("{% translate", "{% extends", "{% load")):
            yield from filter(est_une_phrase, ARGUMENTS.findall(TRADUITS.sub("", balise)))
    yield from (
        mots.strip() for mots in BALISES.sub("\n", source).split("\n") if re.search(r"[^\W\d_]", mots)
    )


@pytest.mark.parametrize("gabarit", GABARITS, ids=lambda gabarit: str(gabarit.relative_to(RACINE)))
def test_a_page_of_the_portal_says_nothing_outside_the_catalogue(gabarit: Path) -> None:
    assert list(phrases_nues(gabarit.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "phrases"),
    [
        ("<p>Bonjour</p>", ["Bonjour"]),
        ('<nav aria-label="Vous êtes ici">', ["Vous êtes ici"]),
        ('{% bouton "Envoyer" icone="send" %}', ["Envoyer"]),
        ('{{ lieu|default:"Non précisé" }}', ["Non précisé"]),
        ('{% bouton _("Envoyer") icone="send" %} {{ lieu|default:_("Non précisé") }}', []),
        (
            '<p title="{% translate "Aide" %}">{% blocktranslate %}Le {{ j }}{% endblocktranslate %} 12</p>',
            [],
        ),
    ],
    ids=["text", "attribute", "argument", "filter", "translated arguments", "translated"],
)
def test_a_bare_sentence_is_seen_wherever_it_stands(source: str, phrases: list[str]) -> None:
    assert list(phrases_nues(source)) == phrases


# -- what `make quality` refuses


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of one template, and its catalogue up to date."""
    gabarit = tmp_path / "portal" / "templates" / "page.html"
    gabarit.parent.mkdir(parents=True)
    gabarit.write_text(
        '{% load i18n %}{% translate "Bonjour" %}{% blocktranslate %}Le {{ jour }}{% endblocktranslate %}'
    )
    monkeypatch.setattr(traductions, "RACINE", tmp_path)
    monkeypatch.setattr(traductions, "SOURCES", ("portal",))
    monkeypatch.setattr(traductions, "PO", tmp_path / "en" / "django.po")
    traductions.actualiser()
    traduire(traductions.PO, "Bonjour", "Hello")
    traduire(traductions.PO, "Le %(jour)s", "On %(jour)s")
    traductions.actualiser()
    assert traductions.fautes() == []
    return traductions.PO


def traduire(po: Path, francais: str, anglais: str) -> None:
    texte = po.read_text()
    po.write_text(re.sub(rf'(msgid "{re.escape(francais)}"\nmsgstr) ".*"', rf'\1 "{anglais}"', texte))


def test_a_new_sentence_is_asked_for(catalogue: Path) -> None:
    gabarit = traductions.RACINE / "portal" / "templates" / "page.html"
    gabarit.write_text(gabarit.read_text() + '{% bouton _("Envoyer") %}')

    assert traductions.fautes() == [
        "Le catalogue ne suit plus les sources : lancez `make traductions`, puis traduisez."
    ]
    traductions.actualiser()
    assert traductions.fautes() == ["Sans traduction : « Envoyer »"]


def test_a_missing_value_is_seen(catalogue: Path) -> None:
    traduire(catalogue, "Le %(jour)s", "On %(day)s")
    traductions.actualiser()

    assert traductions.fautes() == [
        "Les valeurs à remplir ne sont pas les mêmes : « Le %(jour)s » et « On %(day)s »"
    ]


def test_a_guess_is_not_a_translation(catalogue: Path) -> None:
    catalogue.write_text(catalogue.read_text().replace('msgid "Bonjour"', '#, fuzzy\nmsgid "Bonjour"'))

    assert "À relire (fuzzy) : « Bonjour »" in traductions.fautes()


def test_a_catalogue_that_was_not_compiled_is_seen(catalogue: Path) -> None:
    traduire(catalogue, "Bonjour", "Good morning")

    assert traductions.fautes() == ["Un fichier .mo ne correspond pas à son .po : lancez `make traductions`."]
