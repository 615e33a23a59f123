"""What the words of a letter say of who wrote it: hints for a form that a person checks, never facts.

Words come from a machine that misreads: what does not look exactly like a name, an address or a date is
left out.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import phonenumbers

from guichet.canaux.courrier.objet import ligne_objet, sans_entete

MOIS = {
    mois: rang
    for rang, noms in enumerate(
        (
            ("janvier",),
            ("février", "fevrier"),
            ("mars",),
            ("avril",),
            ("mai",),
            ("juin",),
            ("juillet",),
            ("août", "aout"),
            ("septembre",),
            ("octobre",),
            ("novembre",),
            ("décembre", "decembre"),
        ),
        start=1,
    )
    for mois in noms
}
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:er)?[ ./-]+({'|'.join(MOIS)}|\d{{1,2}})[ ./-]+(20\d\d)\b", re.IGNORECASE
)
_COURRIEL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMERO = re.compile(r"\b20\d\d-\d{7}\b")
_RECOMMANDE = re.compile(r"\b[12][A-Z] ?\d{3} ?\d{3} ?\d{4} ?\d\b")
_CODE_POSTAL = re.compile(r"^(?:F[- ]?)?\d{5} +[A-ZÀ-Ý][\w' -]{1,40}$")
_VOIE = re.compile(
    r"^(?:\d{1,4} ?(?:bis|ter|quater)?[ ,]+|(?:rue|avenue|av\.?|boulevard|bd|chemin|impasse|allée|place|quai"
    r"|cours|route|montée|square|passage|lieu-dit)\b).{3,}",
    re.IGNORECASE,
)
_COMPLEMENT = re.compile(
    r"^(?:b[aâ]t(?:iment)?|app(?:t|artement)?|r[ée]sidence|esc(?:alier)?|[ée]tage|porte|chez|bp|cs)\b",
    re.IGNORECASE,
)
_CIVILITE = re.compile(r"^(?:(?:madame|monsieur|mademoiselle|mme|mlle|mr|m)\b\.?(?: et )?)+", re.IGNORECASE)
_ORGANISME = re.compile(
    r"\b(?:SARL|SAS|SASU|EURL|SCI|SA|association|société|cabinet|syndic(?:at)?|copropriété|amicale|comité|club"
    r"|entreprise|ets|établissements)\b",
    re.IGNORECASE,
)
_NOM = re.compile(r"^[A-ZÀ-Ý][A-Za-zÀ-ÿ'’-]+(?: [A-Za-zÀ-ÿ'’-]+){1,3}$")
# Whom the letter goes to: its address is ours.
_A_NOUS = re.compile(r"\b(?:mairie|maire|h[oô]tel de ville|services? municipa\w+|ville de)\b", re.IGNORECASE)
# Above a line with a postcode: name, company, building, street.
LIGNES_AU_DESSUS = 4


@dataclass(frozen=True)
class Indices:
    """What was found; empty where nothing was. what the writer quotes proves nothing."""

    prenom: str = ""
    nom: str = ""
    raison_sociale: str = ""
    adresse: str = ""
    courriel: str = ""
    telephone: str = ""
    envoyee_le: date | None = None
    numero_demande: str = ""
    numero_recommande: str = ""
    est_recommande: bool = False
    objet: str = ""
    texte: str = ""


def chercher(texte: str, *, arrivee_le: date, nous: Collection[str] = ()) -> Indices:
    """Hints in the words of a letter that came that day; `nous`: the city's own phone and mail, left out."""
    lignes = [" ".join(ligne.split()) for ligne in texte.splitlines()]
    nom, adresse = _expediteur(lignes)
    recommande = _RECOMMANDE.search(texte)
    return Indices(
        **_nommer(nom or _signature(lignes)),
        adresse=adresse,
        courriel=_premier(_COURRIEL.findall(texte), nous),
        telephone=_telephone(texte, nous),
        envoyee_le=_date(texte, arrivee_le),
        numero_demande=next(iter(_NUMERO.findall(texte)), ""),
        numero_recommande=recommande[0] if recommande else "",
        est_recommande=recommande is not None or bool(re.search(r"\brecommandée?\b.{0,40}\bAR\b", texte)),
        objet=ligne_objet(texte),
        texte=_corps(texte),
    )


def _expediteur(lignes: list[str]) -> tuple[str, str]:
    """(name, address) of the first block of address that is not ours."""
    for rang, ligne in enumerate(lignes):
        if not _CODE_POSTAL.match(ligne):
            continue
        bloc = _bloc_au_dessus(lignes, rang)
        voie = next((i for i, au_dessus in enumerate(bloc) if _VOIE.match(au_dessus)), None)
        if voie is None or any(_A_NOUS.search(au_dessus) for au_dessus in bloc):
            continue
        parties = [p for p in reversed(bloc[: voie + 1])]
        noms = [n for n in bloc[voie + 1 :] if not _COMPLEMENT.match(n)]
        return next(iter(noms), ""), ", ".join([*parties, ligne])
    return "", ""


def _bloc_au_dessus(lignes: list[str], rang: int) -> list[str]:
    """The lines right above, the nearest first: a scan spaces the lines of one block."""
    bloc: list[str] = []
    for precedente in reversed(lignes[max(0, rang - 2 * LIGNES_AU_DESSUS) : rang]):
        if precedente and len(bloc) < LIGNES_AU_DESSUS:
            bloc.append(precedente)
    return bloc


def _signature(lignes: list[str]) -> str:
    """The last line, when it is nothing but a name."""
    for ligne in reversed([ligne for ligne in lignes if ligne][-4:]):
        if _NOM.match(_CIVILITE.sub("", ligne).strip()):
            return ligne
    return ""


def _nommer(ligne: str) -> dict[str, str]:
    """« Mme Léa MARTIN », « MARTIN Léa », « SARL Martin »: a first name and a name, or an organisation."""
    if _ORGANISME.search(ligne):
        return {"raison_sociale": ligne[:150]}
    propre = _CIVILITE.sub("", ligne).strip()
    if not _NOM.match(propre):
        return {}
    mots = propre.split()
    capitales = [mot for mot in mots if mot.isupper() and len(mot) > 1]
    if capitales and len(capitales) < len(mots):
        prenom = " ".join(mot for mot in mots if mot not in capitales)
        return {"prenom": prenom, "nom": " ".join(capitales)}
    return {"prenom": mots[0], "nom": " ".join(mots[1:])}


def _premier(trouves: list[str], nous: Collection[str]) -> str:
    siens = {n.lower() for n in nous}
    return next((t.rstrip(".") for t in trouves if t.rstrip(".").lower() not in siens), "")


def _telephone(texte: str, nous: Collection[str]) -> str:
    siens = {re.sub(r"\D", "", n) for n in nous}
    for trouve in phonenumbers.PhoneNumberMatcher(texte, "FR", leniency=phonenumbers.Leniency.POSSIBLE):
        national = phonenumbers.format_number(trouve.number, phonenumbers.PhoneNumberFormat.NATIONAL)
        chiffres = re.sub(r"\D", "", national)
        if len(chiffres) == 10 and chiffres.startswith("0") and chiffres not in siens:
            return national
    return ""


def _date(texte: str, arrivee_le: date) -> date | None:
    """The first date that a letter come that day can bear."""
    for jour, mois, annee in _DATE.findall(texte):
        try:
            trouvee = date(int(annee), MOIS.get(mois.lower()) or int(mois), int(jour))
        except ValueError:
            continue
        if trouvee <= arrivee_le and (arrivee_le - trouvee).days < 400:
            return trouvee
    return None


def _corps(texte: str) -> str:
    """The letter from its greeting on, its lines joined; all of it when it greets nobody."""
    paragraphes = re.split(r"\n\s*\n", sans_entete(texte))
    return "\n\n".join(" ".join(p.split()) for p in paragraphes if p.strip())
