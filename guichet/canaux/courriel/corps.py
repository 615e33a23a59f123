"""Which parts of a mail are its words, and which are files sent with it."""

import re
from dataclasses import dataclass, field

from guichet.canaux.courriel import html as lecture_html
from guichet.canaux.courriel.octets import decoder_octets
from guichet.canaux.courriel.structure import Partie

_VIDE = re.compile(r"[\s\u00a0\u200b\ufeff]*")
# Types a mail program writes for itself, with no words and no file in them.
_MUETS = frozenset({"text/x-amp-html", "text/watch-html", "application/pgp-encrypted"})


@dataclass
class Corps:
    """The words as plain text and as HTML, and the parts that are files."""

    textes: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    fichiers: list[Partie] = field(default_factory=list)

    @property
    def texte(self) -> str:
        return "\n\n".join(texte.strip("\r\n") for texte in self.textes if not _VIDE.fullmatch(texte))


def trier(message: Partie) -> Corps:
    """Read a mail the way a mail program shows it."""
    corps = Corps()
    _visiter(message, corps)
    if not corps.textes and not corps.htmls:
        _prendre_le_premier_texte(corps)
    return corps


def _visiter(partie: Partie, corps: Corps) -> None:
    # A stack rather than a recursion: the depth belongs to the sender.
    pile = [partie]
    while pile:
        courante = pile.pop()
        if courante.sous_parties:
            if courante.genre == "multipart/alternative":
                pile += _utiles(courante)
            else:
                pile += reversed(courante.sous_parties)
        else:
            _ranger(courante, corps)


def _utiles(alternative: Partie) -> list[Partie]:
    """The versions of the same words: one text, one HTML. Beyond, only what a person could want as a file."""
    plus_riches = list(reversed(alternative.sous_parties))
    gardees: list[Partie] = []
    vus: set[str] = set()
    for partie in plus_riches:
        genre = "text/html" if partie.genre == "multipart/related" else partie.genre
        if genre in _MUETS or (genre.startswith("text/") and genre in vus):
            continue
        vus.add(genre)
        gardees.append(partie)
    return gardees


def _ranger(partie: Partie, corps: Corps) -> None:
    if partie.genre in _MUETS or partie.genre.startswith("multipart/"):
        if octets := partie.octets().strip():
            # A multipart without parts: its boundary is missing, its words are still there.
            corps.textes.append(decoder_octets(octets))
    elif est_un_fichier(partie):
        corps.fichiers.append(partie)
    elif partie.genre == "text/html":
        corps.htmls.append(_decoder(partie))
    else:
        corps.textes.append(lire_texte(partie))


def est_un_fichier(partie: Partie) -> bool:
    disposition = str(partie.get("content-disposition", "")).partition(";")[0].strip().lower()
    if partie.genre not in ("text/plain", "text/html", "text/enriched", "text/markdown"):
        return True
    return disposition == "attachment" or bool(nom_declare(partie))


def nom_declare(partie: Partie) -> str:
    return partie.parametre("filename", "content-disposition") or partie.parametre("name")


def _prendre_le_premier_texte(corps: Corps) -> None:
    """Some programs give a name to the words themselves."""
    for partie in corps.fichiers:
        disposition = str(partie.get("content-disposition", "")).strip().lower()
        if partie.genre in ("text/plain", "text/html") and not disposition.startswith("attachment"):
            corps.fichiers.remove(partie)
            if partie.genre == "text/html":
                corps.htmls.append(_decoder(partie))
            else:
                corps.textes.append(lire_texte(partie))
            return


def _decoder(partie: Partie) -> str:
    texte = decoder_octets(partie.octets(), partie.parametre("charset"))
    return texte.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def lire_texte(partie: Partie) -> str:
    """Decode a plain text part, its flowed lines joined (RFC 3676)."""
    texte = _decoder(partie)
    if partie.parametre("format").lower() == "flowed":
        return defaire_les_lignes(texte, sans_espace=partie.parametre("delsp").lower() == "yes")
    return texte


def defaire_les_lignes(texte: str, *, sans_espace: bool = False) -> str:
    """Join the lines that a mail program broke (« format=flowed »), at each depth of quote."""
    sorties: list[str] = []
    en_cours: list[str] = []
    profondeur = 0
    for ligne in texte.split("\n"):
        contenu = ligne.lstrip(">")
        niveau = len(ligne) - len(contenu)
        contenu = contenu.removeprefix(" ")
        if en_cours and (niveau != profondeur or contenu == "-- "):
            sorties.append(_prefixe(profondeur) + "".join(en_cours).rstrip())
            en_cours = []
        profondeur = niveau
        if contenu.endswith(" ") and contenu != "-- ":
            en_cours.append(contenu[:-1] if sans_espace else contenu)
        else:
            sorties.append(_prefixe(niveau) + "".join([*en_cours, contenu]))
            en_cours = []
    if en_cours:
        sorties.append(_prefixe(profondeur) + "".join(en_cours).rstrip())
    return "\n".join(sorties)


def _prefixe(niveau: int) -> str:
    return ">" * niveau + " " if niveau else ""


def mots(corps: Corps) -> tuple[str, str]:
    """The text and the clean HTML of a mail; the text is read from the HTML when it is not given."""
    propre = "\n".join(filter(None, (lecture_html.nettoyer(h) for h in corps.htmls)))
    texte = corps.texte
    if not texte and propre:
        texte = lecture_html.en_texte(propre)
    return texte, propre
