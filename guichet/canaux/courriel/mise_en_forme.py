"""A mail as its sender laid it out, for an agent's screen: written again from what `html.nettoyer` kept.

Nothing goes through as it stands: each element is one of ours, each link says where it goes, and nothing is
fetched from elsewhere.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

# What is kept of a mail, and how deep its boxes go: beyond, its words are still there.
LONGUEUR = 300_000
PROFONDEUR = 60
# An image that small shows nothing: it counts who reads.
INVISIBLE = 3
IMAGE_DISTANTE = "image distante non chargée"
IMAGE_ABSENTE = "image absente du courriel"

_TELLES_QUELLES = {
    *("abbr", "b", "blockquote", "code", "del", "dl", "em", "i", "ins", "ol", "p", "pre", "q", "s", "small"),
    *("strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ENFANTS = {"li": frozenset({"ul", "ol"}), "dt": frozenset({"dl"}), "dd": frozenset({"dl"})}
_TITRES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SEULES = frozenset({"br", "hr"})
_FORMES = re.compile(r"<(?!/|(?:p|div|br|span|font)\b)[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class Image:
    """An image that travelled with the mail: where its thumbnail and its file are."""

    vignette: str
    fichier: str


def est_mis_en_forme(propre: str) -> bool:
    """Whether a clean HTML says more than the lines of its text do."""
    return bool(_FORMES.search(propre))


def rendre(propre: str, images: Mapping[str, Image]) -> str:
    """The HTML to put in a page of ours; `images` by their identifier in the mail."""
    rendu = _Rendu(images)
    rendu.feed(propre[:LONGUEUR])
    rendu.close()
    return rendu.finir()


def destination(adresse: str) -> str:
    """Where a link goes, its server first: « https://banque.fr@autre.example/ » goes to autre.example."""
    try:
        lue = urlsplit(adresse.strip())
        serveur = (lue.hostname or "").encode("idna").decode() if lue.scheme in ("http", "https") else ""
    except (ValueError, UnicodeError):
        return ""
    if lue.scheme in ("mailto", "tel"):
        return unquote(lue.path)[:120]
    chemin = lue.path.rstrip("/") + (f"?{lue.query}" if lue.query else "")
    return serveur and serveur + (chemin if len(chemin) <= 60 else f"{chemin[:60]}…")


class _Rendu(HTMLParser):
    def __init__(self, images: Mapping[str, Image]) -> None:
        super().__init__(convert_charrefs=True)
        self.images = images
        self.sortie: list[str] = []
        # What the mail opened, and what it became: "" for what is left out.
        self.ouverts: list[tuple[str, str]] = []
        # How many of each name: whether one is open is known without looking through them all.
        self.noms: Counter[str] = Counter()
        self.lien: _Lien | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        valeurs = {nom: valeur or "" for nom, valeur in attrs}
        if tag in _SEULES:
            self.sortie.append(f"<{tag}>")
        elif tag == "img":
            self._montrer(valeurs)
        elif tag == "a":
            self._fermer_le_lien()
            self._empiler(tag, self._ouvrir_le_lien(valeurs.get("href", "")))
        else:
            self._ouvrir(tag, valeurs)

    def _ouvrir(self, tag: str, valeurs: Mapping[str, str]) -> None:
        nom, attributs = self._traduire(tag), ""
        if len(self.ouverts) >= PROFONDEUR:
            nom = ""
        elif tag in _TITRES:
            attributs = ' class="mise-en-forme__titre"'
        elif tag in ("td", "th"):
            attributs = _etendue(valeurs)
        if nom:
            self.sortie.append(f"<{nom}{attributs}>")
        self._empiler(tag, nom)

    def _empiler(self, tag: str, nom: str) -> None:
        self.ouverts.append((tag, nom))
        self.noms[tag] += 1

    def _traduire(self, tag: str) -> str:
        """Our element for theirs: a title of the mail is no title of the page, a stray item is a block."""
        if tag in _TELLES_QUELLES:
            return "td" if tag == "th" else tag
        if tag in _ENFANTS:
            parent = self.ouverts[-1][1] if self.ouverts else ""
            return tag if parent in _ENFANTS[tag] else "div"
        if tag in _TITRES or tag == "div":
            return "div"
        return "s" if tag == "strike" else ""

    def handle_endtag(self, tag: str) -> None:
        if not self.noms[tag]:
            return
        while self.ouverts:
            ouvert, nom = self.ouverts.pop()
            self.noms[ouvert] -= 1
            self._fermer(ouvert, nom)
            if ouvert == tag:
                return

    def _fermer(self, ouvert: str, nom: str) -> None:
        if ouvert == "a":
            self._fermer_le_lien()
        elif nom:
            self.sortie.append(f"</{nom}>")

    def handle_data(self, data: str) -> None:
        self.sortie.append(escape(data))
        if self.lien is not None:
            self.lien.mots.append(data)

    def _ouvrir_le_lien(self, adresse: str) -> str:
        ou = destination(adresse)
        if not ou:
            return ""
        self.lien = _Lien(ou)
        self.sortie.append(
            f'<a href="{escape(adresse.strip())}" rel="noopener noreferrer nofollow" target="_blank">'
        )
        return "a"

    def _fermer_le_lien(self) -> None:
        """A link whose words are not where it goes says it; one without words says only that."""
        if self.lien is None:
            return
        mots, ou, self.lien = "".join(self.lien.mots).strip(), self.lien.ou, None
        if not mots:
            self.sortie.append(f"{escape(ou)}</a>")
        elif re.sub(r"^https?://", "", mots).rstrip("/") == ou:
            self.sortie.append("</a>")
        else:
            self.sortie.append(f'</a> <span class="mise-en-forme__ou">({escape(ou)})</span>')

    def _montrer(self, valeurs: Mapping[str, str]) -> None:
        source, alt = valeurs.get("src", "").strip(), valeurs.get("alt", "").strip()[:200]
        cotes = [_nombre(valeurs.get(cote, ""), 2_000) for cote in ("width", "height")]
        if not source:
            if not any(cote is not None and cote <= INVISIBLE for cote in cotes):
                self._remplacer(IMAGE_DISTANTE, alt)
            return
        image = self.images.get(unquote(source[4:]).strip("<>"))
        if image is None:
            self._remplacer(IMAGE_ABSENTE, alt)
            return
        dit = escape(alt or "Image du courriel")
        dessin = f'<img src="{escape(image.vignette)}" alt="{dit}" loading="lazy">'
        if self.lien is None:
            dessin = f'<a href="{escape(image.fichier)}">{dessin}</a>'
        self.sortie.append(dessin)

    def _remplacer(self, mots: str, alt: str) -> None:
        suite = f" : {alt}" if alt else ""
        self.sortie.append(f'<span class="mise-en-forme__image">[{escape(mots + suite)}]</span>')

    def finir(self) -> str:
        while self.ouverts:
            self._fermer(*self.ouverts.pop())
        return "".join(self.sortie).strip()


@dataclass
class _Lien:
    """A link being read: where it goes, and its words so far."""

    ou: str
    mots: list[str] = field(default_factory=list)


def _nombre(valeur: str, maximum: int) -> int | None:
    return min(int(valeur), maximum) if valeur.isascii() and valeur.isdigit() and len(valeur) < 6 else None


def _etendue(valeurs: Mapping[str, str]) -> str:
    """How many columns and rows a cell takes."""
    lues = {nom: _nombre(valeurs.get(nom, ""), 100) for nom in ("colspan", "rowspan")}
    return "".join(f' {nom}="{nombre}"' for nom, nombre in lues.items() if nombre)
