"""Where a text says that somebody may be hurt or cannot wait, pure: words of danger, unless they are denied.

Each family is a fact of the street or of a life, as people say it. What is over, what is a name (« le service
des urgences ») and what is denied (« rien d'urgent ») is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from demandes.suggestion.texte import plier_sur_place

MONTRES = 3

# Folded as `plier` does: no accent, no capital.
_DITS = (
    # Said outright.
    r"urgent\w*|urgences?|dangers?|tres dangereux|dangereusement|au secours|a l aide(?= ?(?:[!.,]|$))"
    r"|en peril|detresse|dans les minutes",
    # Somebody is unwell, hurt, lost or threatened.
    r"blesse[es]{0,2}|saigne\w*|inconscient\w*|evanoui\w*|malaise|ne bouge\w* (?:presque )?(?:pas|plus)"
    r"|repond\w* a peine|respire\w* (?:mal|a peine|plus)|mal (?:a |dans )?la poitrine|desoriente\w*"
    r"|(?:allonge|couche|etendu)[es]{0,2} (?:par terre|au sol|sous|dans|sur le trottoir)|suicid\w+"
    r"|envie d en finir|(?:me|la|le|les|se) frappe\w*|frappee?s?|me bat|tabass\w+|violences?"
    r"|menaces? de mort|(?:me|nous) menace(?:nt)?|(?:l a|m a|nous a|ete|fait) mordu\w*"
    r"|enfants? (?:toute? )?seule?s?|mineur\w* isole\w*|se noi\w+"
    r"|(?:motards?|cyclistes?|pietons?|dames?|enfants?)(?: \w+){0,2} (?:est|sont|a|ont) (?:chute|tombee?s?)",
    # Nowhere to sleep, nothing to eat.
    r"(?:est|suis|sont|sommes|etes|mise?s?|vit|vis|vivent|seule?) a la rue|ce soir dehors"
    r"|(?:dor[st]|dorment|dormir|dormons|passer la nuit) dehors|nulle part ou (?:dormir|aller)|rien a manger"
    r"|il gele",
    # Fire, gas, current.
    r"incendies?|en feu|(?:prend|pris|prendre) feu|flammes?|fumee (?:noire|epaisse|qui)"
    r"|(?:fuite|odeur)s? (?:de|du) gaz|(?:sent|pue) le gaz|monoxyde|va exploser|obus|electrocut\w+"
    r"|etincelles?|court circuit"
    r"|(?:fils?|cables?)(?: \w+){0,2} (?:a nu|denudes?|a l air|sectionnes?|arraches?|par terre)"
    r"|(?:fils?|cables?)(?: \w+){0,2} (?:qui )?(?:pend|pendent|trainent?)",
    # What falls, gives way or floods.
    r"effondr\w+|s (?:est )?(?:affaisse|ecroule)[es]{0,2}|(?:branche|arbre)s?(?: \w+){0,3} en travers"
    r"|(?:va|vont|menace(?:nt)?|risque(?:nt)?|prete?s?|peut|peuvent) (?:de |a |y )?"
    r"(?:tomber|s effondrer|s ecrouler|ceder|lacher)"
    r"|chutes? de (?:tuiles?|pierres?|branches?)|trou(?: \w+){0,2} (?:grandit|s agrandit|beant)"
    r"|(?:plaque|tampon|bouche)s? d egout (?:manqu\w+|ouvert\w*|disparu\w*|vole\w*)|regard ouvert"
    r"|inonde[es]{0,2}|l eau monte|jaillit|geyser"
    r"|(?:conduite|canalisation)(?: a)? (?:eclate|rompue|cassee)e?",
    # The road.
    r"accidents?|(?:a|en) contre ?sens(?! cyclable)|feux?(?: \w+){0,2} (?:eteints?|en panne)"
    r"|(?:failli|manque)(?: \w+){0,4} (?:renverse|ecrase)\w*",
)
_DANGER = re.compile(rf"\b(?:{'|'.join(_DITS)})(?!\w)")
# What wounds whoever does not know: a danger where children are, an object to throw away elsewhere.
_PIEGES = re.compile(
    r"\b(?:amiant\w+|fibrociment|seringues?|aiguilles?|tessons?|verres? (?:brise|casse)s?|lames?)\b"
)
_ENFANTS = re.compile(
    r"\b(?:enfants?|gamins?|petits|bebes?|ecole|maternelle|creche|aire de jeux|bac a sable)\b"
)
_PRES = 200
# What comes right before and takes it back.
_NIE = re.compile(
    r"\b(?:pas|plus|sans|aucune?|rien|ni|jamais|hors de)"
    r"(?: (?:trop|tres|si|vraiment|forcement|tellement|specialement|particulierement|absolument|un|une|en))*"
    r"(?: d | de | du | )$"
)
_NOMME = re.compile(
    r"\b(?:services?|numeros?|coordonnees|contacts?|centre|en cas|au cas|prevention|securite|lutte"
    r"|constat|declaration|alarme|porte|depuis|apres|suite|lors) "
    r"(?:aux? |des? |d |du |en |contre |a )?(?:les? |la |l |une? )?$"
)


def danger(texte: str) -> tuple[tuple[int, int], ...]:
    """Places of the first words of danger of a text."""
    plie = plier_sur_place(texte)
    enfants = [trouve.start() for trouve in _ENFANTS.finditer(plie)]
    pres = [trouve for trouve in _PIEGES.finditer(plie) if _est_pres(trouve.start(), enfants)]
    trouves = sorted(t.span() for t in (*_DANGER.finditer(plie), *pres))
    return tuple(span for span in trouves if not _est_repris(plie[max(0, span[0] - 60) : span[0]]))[:MONTRES]


def _est_pres(place: int, autres: list[int]) -> bool:
    """Whether one of these places, in order, is near this one."""
    premiere = bisect_right(autres, place - _PRES)
    return premiere < len(autres) and autres[premiere] < place + _PRES


def _est_repris(avant: str) -> bool:
    return bool(_NIE.search(avant) or _NOMME.search(avant))
