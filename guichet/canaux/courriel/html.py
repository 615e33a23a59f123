"""HTML of strangers: kept clean, remote images blocked, and said in plain text when there is nothing else."""

import re
from html.parser import HTMLParser

import nh3

BALISES = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span"),
    *("strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
ATTRIBUTS = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_MUETTES = {"script", "style", "title", "head", "noscript", "template", "svg", "math", "iframe", "object"}
_LIEN = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_INCORPOREE = re.compile(r"cid:[^\s\"'<>]{1,200}", re.IGNORECASE)
PROFONDEUR = 10


def nettoyer(html: str) -> str:
    """What can be shown to an agent: no script, no style, no form, and nothing that loads from elsewhere.

    An image stays only when it travels within the mail (`cid:`); a link only when it is one.
    """
    return nh3.clean(
        html,
        tags=BALISES,
        clean_content_tags=_MUETTES,
        attributes=ATTRIBUTS,
        attribute_filter=_filtrer,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _filtrer(balise: str, attribut: str, valeur: str) -> str | None:
    if attribut == "src":
        return valeur if _INCORPOREE.fullmatch(valeur.strip()) else None
    if attribut == "href":
        return valeur if _LIEN.match(valeur.strip()) else None
    return valeur


def en_texte(html: str) -> str:
    """The words of a cleaned HTML, on lines; quotes marked « > », so that they fold like the others."""
    lecteur = _Lecteur()
    lecteur.feed(nettoyer(html))
    lecteur.close()
    return lecteur.rendre()


_PARAGRAPHES = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote"}
)
_LIGNES = frozenset({"div", "tr", "li", "dt", "dd", "hr", *_PARAGRAPHES})


class _Lecteur(HTMLParser):
    """Reads what nh3 wrote, which is always well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lignes: list[str] = []
        self.ligne: list[str] = []
        self.citation = 0
        self.pre = 0
        self.lien = ""
        self.texte_du_lien: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        valeurs = dict(attrs)
        if tag == "br":
            self._finir()
        elif tag in _LIGNES:
            self._ouvrir(tag)
        elif tag in ("td", "th"):
            self.ligne.append(" ")
        elif tag == "img" and (alt := valeurs.get("alt")):
            self.ligne.append(f"[{alt}]")
        elif tag == "a":
            self.lien, self.texte_du_lien = valeurs.get("href") or "", []

    def _ouvrir(self, tag: str) -> None:
        self._terminer(tag)
        if tag == "blockquote":
            self.citation += 1
        elif tag == "pre":
            self.pre += 1
        elif tag == "li":
            self.ligne.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._fermer_le_lien()
        elif tag in _LIGNES:
            self._terminer(tag)
            if tag == "blockquote":
                self._fermer_la_citation()
            elif tag == "pre":
                self.pre = max(0, self.pre - 1)

    def _fermer_la_citation(self) -> None:
        while self.lignes and not self.lignes[-1].strip("> "):
            self.lignes.pop()
        self.citation = max(0, self.citation - 1)
        self.lignes.append("> " * min(self.citation, PROFONDEUR))

    def _fermer_le_lien(self) -> None:
        """A link whose words do not show where it goes says it: people are fooled by less."""
        texte = "".join(self.texte_du_lien).strip()
        adresse = re.sub(r"^(?:mailto:|tel:)", "", self.lien)
        if adresse and adresse.rstrip("/") not in texte and len(adresse) <= 300:
            self.ligne.append(f" ({adresse})" if texte else adresse)
        self.lien = ""

    def handle_data(self, data: str) -> None:
        if self.pre:
            premiere, *autres = data.split("\n")
            self.ligne.append(premiere)
            for autre in autres:
                self._finir()
                self.ligne.append(autre)
            return
        data = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.ligne.append(data)
        if self.lien:
            self.texte_du_lien.append(data)

    def _terminer(self, tag: str) -> None:
        """End the line under way; a paragraph is followed by a blank one."""
        if "".join(self.ligne).strip():
            self._finir()
        else:
            self.ligne.clear()
        if tag in _PARAGRAPHES and self.lignes and self.lignes[-1].strip("> "):
            self.lignes.append("> " * min(self.citation, PROFONDEUR))

    def _finir(self) -> None:
        texte = "".join(self.ligne).replace("\u00a0", " ").rstrip()
        texte = texte if self.pre else texte.strip()
        self.lignes.append("> " * min(self.citation, PROFONDEUR) + texte)
        self.ligne.clear()

    def rendre(self) -> str:
        self._terminer("div")
        texte = "\n".join(ligne.rstrip() for ligne in self.lignes)
        return re.sub(r"\n{3,}", "\n\n", texte).strip()
