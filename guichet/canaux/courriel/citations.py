"""The new words of a mail, and what it repeats: quotes and signatures are folded, never deleted."""

import re
from dataclasses import dataclass
from itertools import groupby

LIGNES_D_INTRODUCTION = 4
LIGNES_DE_SIGNATURE = 15
_LONGUEUR = 500

_CITE = re.compile(r"[ \t\u00a0]{0,3}>")
_A_ECRIT = (
    r"a écrit|a ecrit|écrivait|écrit|wrote|writes|schrieb|escribió|ha scritto|escreveu|schreef|skrev|napisał"
    r"|napisał\(a\)|a scris|kirjoitti|написал|כתב|كتب"
)
_INTRODUCTION = re.compile(rf".{{0,400}}?\b(?:{_A_ECRIT})\b.{{0,120}}:[*_]{{0,2}}", re.IGNORECASE)
# What opens the line a mail program writes by itself, before the date.
_DATE_D_ABORD = re.compile(r"[*_]{0,2}(?:le|on|am|el|il(?: giorno)?|em|op|den|dnia|w dniu)\b", re.IGNORECASE)
_HEURE_OU_ADRESSE = re.compile(r"\d{1,2}\s?[:hH]\s?\d{2}|@|<")
_SEPARATEUR = re.compile(
    r"[-_—– ]{2,}\s?(?:message (?:d'origine|original|transféré|initial)|original message|forwarded message"
    r"|courriel original|e-?mail original|ursprüngliche nachricht|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|début du message (?:réexpédié|transféré))\s?[-_—– ]*"
    r"|début du message (?:réexpédié|transféré)\s?:|begin forwarded message:",
    re.IGNORECASE,
)
_DE = re.compile(r"[>\s*_]{0,4}(?:de|from|von|da|van|från|fra|od)\s?:\s?[*_]{0,2}\s?\S", re.IGNORECASE)
_SUITE_DE_L_EN_TETE = re.compile(
    r"[>\s*_]{0,4}(?:envoyé(?: le)?|date|sent|gesendet|datum|enviado|fecha|data|inviato|verzonden"
    r"|à|a|to|an|para"
    r"|aan|cc|copie|objet|subject|betreff|asunto|oggetto|onderwerp|assunto|répondre à|reply-to)\s?:",
    re.IGNORECASE,
)
_TRAIT = re.compile(r"[_-]{20,}")
_SIGNATURE = re.compile(r"--[ \u00a0]?")
# The line a telephone writes by itself: « Envoyé avec accusé de réception » is not one.
_MOBILE = re.compile(
    r"(?:envoyé (?:de|avec|à partir d)|envoyé depuis|sent (?:from|with|via)"
    r"|(?:get|obtenir|télécharger) outlook"
    r"|provenance : courrier|von mein\w+ |gesendet (?:von|mit)|enviado (?:desde|do|de mi)|inviato da"
    r"|verstuurd vanaf|verzonden (?:met|vanaf)).{0,90}",
    re.IGNORECASE,
)
_APPAREIL = re.compile(
    r"iphone|ipad|android|mobile|smartphone|téléphone|galaxy|samsung|huawei|xiaomi|redmi|blackberry|windows|outlook"
    r"|yahoo|proton|orange|sfr|bouygues|appli\b|application|\bmail\b|handy|móvil|telefon",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Segment:
    """A run of lines, all shown or all folded."""

    texte: str
    est_replie: bool


def decouper(texte: str) -> tuple[Segment, ...]:
    """Cut a text in runs, shown or folded; joined, they are the text to the letter.

    A mail that says nothing of its own (a forward, a quote alone) is shown whole.
    """
    lignes = texte.splitlines(keepends=True)
    replies = _replier([ligne.rstrip("\r\n") for ligne in lignes])
    if not any(ligne.strip() and not repliee for ligne, repliee in zip(lignes, replies, strict=True)):
        return (Segment(texte, False),) if texte else ()
    return tuple(
        Segment("".join(ligne for ligne, _ in groupe), repliee)
        for repliee, groupe in groupby(zip(lignes, replies, strict=True), key=lambda paire: paire[1])
    )


def nouveaux_mots(texte: str) -> str:
    """What the person wrote this time, without what it repeats."""
    return "".join(segment.texte for segment in decouper(texte) if not segment.est_replie).strip()


def _replier(lignes: list[str]) -> list[bool]:
    replies = [False] * len(lignes)
    rang = 0
    while rang < len(lignes):
        fin = _fin_du_pli(lignes, rang)
        for i in range(rang, fin):
            replies[i] = True
        rang = max(fin, rang + 1)
    # A blank line between two folded ones goes with them. What follows each line is found from the end, in
    # one pass: looked for line by line, a page of blank lines costs its square.
    suivent_un_pli = [True] * (len(lignes) + 1)
    for rang in reversed(range(len(lignes))):
        suivent_un_pli[rang] = replies[rang] if lignes[rang].strip() else suivent_un_pli[rang + 1]
    for rang in range(1, len(lignes) - 1):
        if not lignes[rang].strip() and replies[rang - 1]:
            replies[rang] = suivent_un_pli[rang]
    return replies


def _fin_du_pli(lignes: list[str], rang: int) -> int:
    """Where the fold that begins on this line ends, or the line itself when nothing begins there."""
    ligne = lignes[rang]
    if _CITE.match(ligne):
        return rang + 1
    if not (propre := ligne.strip()[:_LONGUEUR]):
        return rang
    if _commence_un_message(lignes, rang, propre):
        return len(lignes)
    if fin := _fin_de_l_introduction(lignes, rang):
        suivante = _non_vide(lignes, fin)
        if suivante < len(lignes) and _CITE.match(lignes[suivante]):
            return suivante
        return len(lignes) if _est_ecrite_par_un_logiciel(lignes, rang, fin) else rang
    if _MOBILE.fullmatch(propre) and _APPAREIL.search(propre):
        return rang + 1
    if _SIGNATURE.fullmatch(ligne):
        return _fin_de_la_signature(lignes, rang)
    return rang


def _commence_un_message(lignes: list[str], rang: int, propre: str) -> bool:
    """« -----Message d'origine----- », or the block « De : … Envoyé : … Objet : … » of Outlook."""
    if _SEPARATEUR.fullmatch(propre):
        return True
    if _TRAIT.fullmatch(propre):
        rang = _non_vide(lignes, rang + 1)
        propre = lignes[rang].strip()[:_LONGUEUR] if rang < len(lignes) else ""
    if not _DE.match(propre):
        return False
    suite = [ligne for ligne in lignes[rang + 1 : rang + 9] if ligne.strip()]
    return sum(bool(_SUITE_DE_L_EN_TETE.match(ligne[:_LONGUEUR])) for ligne in suite) >= 2


def _fin_de_l_introduction(lignes: list[str], rang: int) -> int:
    """The line after « Le 12 mars 2026 à 10:12, Jeanne <…> a écrit : », wrapped or not; 0 without one."""
    morceaux: list[str] = []
    for n, ligne in enumerate(lignes[rang : rang + LIGNES_D_INTRODUCTION], start=1):
        if not ligne.strip() or _CITE.match(ligne):
            return 0
        morceaux.append(ligne.strip())
        jointe = " ".join(morceaux)
        if len(jointe) > _LONGUEUR:
            return 0
        if _INTRODUCTION.fullmatch(jointe) and any(signe.isdigit() or signe == "@" for signe in jointe):
            return rang + n
    return 0


def _est_ecrite_par_un_logiciel(lignes: list[str], rang: int, fin: int) -> bool:
    """« M. Durand m'a écrit le 3 mars : » is said by a person, who goes on speaking."""
    jointe = " ".join(ligne.strip() for ligne in lignes[rang:fin])
    return bool(_DATE_D_ABORD.match(jointe) and _HEURE_OU_ADRESSE.search(jointe))


def _fin_de_la_signature(lignes: list[str], rang: int) -> int:
    """Until a quote, an introduction, or the end; something long is no signature."""
    fin = rang + 1
    while fin < len(lignes) and not (_CITE.match(lignes[fin]) or _SIGNATURE.fullmatch(lignes[fin])):
        if fin - rang > LIGNES_DE_SIGNATURE:
            return rang
        if lignes[fin].strip() and (
            _commence_un_message(lignes, fin, lignes[fin].strip()[:_LONGUEUR])
            or _fin_de_l_introduction(lignes, fin)
        ):
            break
        fin += 1
    return fin


def _non_vide(lignes: list[str], rang: int) -> int:
    while rang < len(lignes) and not lignes[rang].strip():
        rang += 1
    return rang
