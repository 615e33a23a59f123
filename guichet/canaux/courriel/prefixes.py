"""What a subject says besides the subject: a reply, a forward, the number of a demande."""

import re

# Reply and forward marks of the mail programs met in France and around it.
_REPONSE = r"re|ré|rép|rep|r|aw|antw|antwort|antwoord|sv|rv|vs|odp|res|rif|ynt|回复|答复"
_TRANSFERT = r"fw|fwd|tr|wg|transf|i|enc|doorst|rv|vb|pd|转发"
_PREFIXE = re.compile(
    rf"\s*(?:(?P<reponse>{_REPONSE})|(?P<transfert>{_TRANSFERT}))\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^?\d{{1,3}})?"
    r"\s*[:：]\s*",
    re.IGNORECASE,
)
# What filters and lists write in front: « [EXTERNE] », « [mairie-info] », « *****SPAM***** ».
_ETIQUETTE = re.compile(r"\s*(?:\[[^\]\[]{1,40}\]|\*{2,10}\s?[^*]{1,20}\*{2,10})\s*")
_NUMERO = re.compile(r"(?<![\w-])(20\d{2}-\d{7})(?![\w-])")
_AU_PLUS = 30


def sans_prefixes(objet: str) -> str:
    """The subject itself: « Re: TR : [EXTERNE] Réverbère » is « Réverbère »; marks alone stay as they are."""
    reste = objet
    for _ in range(_AU_PLUS):
        trouve = _PREFIXE.match(reste) or _ETIQUETTE.match(reste)
        if not trouve:
            break
        reste = reste[trouve.end() :]
    return reste.strip() or objet.strip()


def est_une_reponse(objet: str) -> bool:
    return _genre(objet) == "reponse"


def est_un_transfert(objet: str) -> bool:
    return _genre(objet) == "transfert"


def _genre(objet: str) -> str:
    """What the first mark says, behind the tags of filters."""
    reste = objet
    for _ in range(_AU_PLUS):
        if prefixe := _PREFIXE.match(reste):
            return prefixe.lastgroup or ""
        etiquette = _ETIQUETTE.match(reste)
        if not etiquette:
            return ""
        reste = reste[etiquette.end() :]
    return ""


def numeros(objet: str) -> tuple[str, ...]:
    """The numbers of demandes named in a subject, each once."""
    return tuple(dict.fromkeys(_NUMERO.findall(objet)))
