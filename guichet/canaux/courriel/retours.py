"""Mails of ours that came back: which address, why, for good or not (RFC 3464, and practice)."""

import logging
import re
from email import message_from_bytes

from flufl.bounce import all_failures

from guichet.canaux.courriel import adresses
from guichet.canaux.courriel.enveloppe import identifiants
from guichet.canaux.courriel.message import Raison, Retour
from guichet.canaux.courriel.octets import decoder_en_tete, decoder_octets
from guichet.canaux.courriel.structure import Partie
from guichet.socle.texte import nettoyer

# The library tells every detector it tries.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

AU_PLUS = 20  # recipients read in one notice
LU_AU_PLUS = 256 * 1024  # bytes of a notice read by the heuristics

_STATUT = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE_SMTP = re.compile(r"(?<!\d)([45])\d\d(?=[ \-#:])")
# Enhanced status codes (RFC 3463), then the words of the servers that give none.
_PAR_STATUT = (
    (re.compile(r".\.1\.(?:2|10)"), Raison.DOMAINE_INCONNU),
    (re.compile(r".\.(?:1\.[0136]|2\.1|4\.6)"), Raison.ADRESSE_INCONNUE),
    (re.compile(r".\.2\.2|.\.5\.2"), Raison.BOITE_PLEINE),
    (re.compile(r".\.[23]\.[34]"), Raison.TROP_GROS),
    (re.compile(r".\.7\.\d+"), Raison.REFUSE),
)
_PAR_MOTS = (
    (
        r"quota|mailbox (?:is )?full|over ?quota|boîte .{0,20}pleine|insufficient storage|storage",
        Raison.BOITE_PLEINE,
    ),
    (r"too (?:large|big)|size (?:limit|exceed)|message size|trop volumineux", Raison.TROP_GROS),
    (
        r"spam|blocked|black ?list|policy|reputation|rejected for|dmarc|\bspf\b|dkim|refused by|access denied"
        r"|relay(?:ing)? (?:access )?denied|junk|virus|banned|not allowed",
        Raison.REFUSE,
    ),
    (
        r"host (?:or domain name )?(?:unknown|not found)|domain (?:does not exist|not found)|nxdomain|no mx"
        r"|unrouteable|name service error|bad destination",
        Raison.DOMAINE_INCONNU,
    ),
    (
        r"user (?:unknown|not found|does ?n[o']t exist)|unknown (?:user|recipient|local)"
        r"|no such (?:user|mailbox|recip)"
        r"|does ?n[o']t exist|invalid (?:recipient|mailbox|address)|mailbox (?:unavailable|not found|unknown)"
        r"|recipient ?(?:rejected|not ?found|unknown|address rejected)|address(?:ee)? unknown"
        r"|account .{0,30}(?:disabled|inactive)"
        r"|inconnu|n'existe pas|not (?:a valid|listed)|no mailbox|unknown address|disabled|inactive",
        Raison.ADRESSE_INCONNUE,
    ),
)
_EN_ATTENTE = re.compile(
    r"delay|warning|not yet|still (?:be )?(?:trying|retr)|will (?:keep|continue)|temporar|différ|retard"
    r"|queued",
    re.I,
)
_ORIGINAL = re.compile(
    r"^(?:message-id|in-reply-to|references)\s*:(?:[^\n]|\n[ \t])*", re.IGNORECASE | re.MULTILINE
)
# A server may greet a mail that arrived: « delivered », « relayed », « expanded » are no failure.
_ECHECS = {"failed": True, "delayed": False}


def lire(message: Partie, brut: bytes, texte: str) -> Retour | None:
    """Read a notice of non-delivery; None when it is something else, a notice of delivery included."""
    rapports = [
        p
        for p in message.feuilles()
        if p.genre in ("message/delivery-status", "message/global-delivery-status")
    ]
    blocs = [bloc for rapport in rapports for bloc in _blocs(rapport)]
    concernes = [bloc for bloc in blocs if "action" in bloc or "final-recipient" in bloc]
    if concernes:
        echoues = [bloc for bloc in concernes[:AU_PLUS] if _action(bloc) in _ECHECS]
        return _du_rapport(echoues, message, texte) if echoues else None
    return _par_les_usages(message, brut, texte)


def _blocs(rapport: Partie) -> list[dict[str, str]]:
    """The groups of fields of a report (RFC 3464), the one about the message first."""
    contenu = decoder_octets(rapport.octets()).replace("\r\n", "\n").strip("\n")
    blocs = []
    for groupe in re.split(r"\n[ \t]*\n", contenu)[: AU_PLUS * 2]:
        champs: dict[str, str] = {}
        for ligne in re.sub(r"\n[ \t]+", " ", groupe).split("\n"):
            nom, deux_points, valeur = ligne.partition(":")
            if deux_points:
                champs.setdefault(nom.strip().lower(), decoder_en_tete(valeur.strip()))
        blocs.append(champs)
    return blocs


def _action(bloc: dict[str, str]) -> str:
    mots = bloc.get("action", "failed").lower().split()
    return mots[0].strip("(;") if mots else "failed"


def _du_rapport(echoues: list[dict[str, str]], message: Partie, texte: str) -> Retour:
    premier = echoues[0]
    diagnostic = premier.get("diagnostic-code", "").partition(";")[2].strip() or premier.get(
        "diagnostic-code", ""
    )
    trouve = _STATUT.search(premier.get("status", "")) or _STATUT.search(diagnostic)
    statut = trouve[0] if trouve else ""
    # « 5.0.0 » says nothing; the server's own words may say more.
    if statut.endswith(".0.0") and (precis := _STATUT.search(diagnostic)):
        statut = precis[0]
    echec = _action(premier) == "failed"
    return Retour(
        adresses=_adresses(
            bloc.get("original-recipient") or bloc.get("final-recipient", "") for bloc in echoues
        ),
        est_definitif=echec and not statut.startswith("4"),
        statut=statut,
        raison=_raison(statut, diagnostic or texte[:3000], echec=echec),
        diagnostic=nettoyer(" ".join(diagnostic.split()))[:250],
        message_ids=_messages(message),
    )


def _adresses(valeurs) -> tuple[str, ...]:
    lues = (adresses.premiere(valeur.partition(";")[2].strip() or valeur).courriel for valeur in valeurs)
    return tuple(dict.fromkeys(adresse for adresse in lues if adresse))


def _par_les_usages(message: Partie, brut: bytes, texte: str) -> Retour | None:
    """Servers that write to people rather than to programs."""
    if declarees := _adresses(message.tous("x-failed-recipients")):
        temporaires, definitives = frozenset[bytes](), frozenset(a.encode() for a in declarees)
    else:
        try:
            temporaires, definitives = all_failures(message_from_bytes(brut[:LU_AU_PLUS]))
        except Exception:  # heuristics over forged text: whatever they raise, it is no notice they can read
            return None
    if not temporaires and not definitives:
        return None
    trouve = _STATUT.search(texte)
    code = _CODE_SMTP.search(texte)
    statut = trouve[0] if trouve else ""
    classe = statut[:1] or (code[1] if code else "")
    attente = not definitives or (classe == "4" and bool(_EN_ATTENTE.search(texte)))
    lues = _adresses(octets.decode("utf-8", "replace") for octets in sorted(definitives or temporaires))
    if not lues:
        return None
    return Retour(
        adresses=lues[:AU_PLUS],
        est_definitif=not attente and classe != "4",
        statut=statut,
        raison=_raison(statut, texte[:3000], echec=not attente),
        diagnostic=_ligne_utile(texte),
        message_ids=_messages(message),
    )


def _raison(statut: str, mots: str, *, echec: bool) -> Raison:
    if not echec:
        return Raison.EN_ATTENTE
    par_statut = next((raison for motif, raison in _PAR_STATUT if motif.fullmatch(statut)), None)
    # « 5.1.10 » is a domain without mail (RFC 7505), and what Exchange says of a recipient it does not know.
    if par_statut not in (None, Raison.REFUSE) and not statut.endswith(".1.10"):
        return par_statut
    # « 5.7.1 » is what some servers answer for everything.
    par_mots = next((raison for motif, raison in _PAR_MOTS if re.search(motif, mots, re.IGNORECASE)), None)
    return par_mots or par_statut or Raison.AUTRE


def _ligne_utile(texte: str) -> str:
    """The line of a notice that says what happened."""
    lignes = [" ".join(ligne.split()) for ligne in texte.split("\n")]
    for ligne in lignes:
        if _CODE_SMTP.search(ligne) or _STATUT.search(ligne):
            return nettoyer(ligne)[:250]
    return nettoyer(next((ligne for ligne in lignes if ligne), ""))[:250]


def _messages(message: Partie) -> tuple[str, ...]:
    """The identifiers of the mail that came back, wherever the notice keeps a trace of it."""
    trouves = [i for nom in ("in-reply-to", "references") for v in message.tous(nom) for i in identifiants(v)]
    for partie in message.feuilles():
        contenu = partie.octets()[:LU_AU_PLUS]
        for en_tete in _ORIGINAL.findall(contenu.decode("latin-1").replace("\r\n", "\n"))[:50]:
            trouves += identifiants(en_tete)
    return tuple(dict.fromkeys(trouves))[:50]
