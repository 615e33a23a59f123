"""The desk's one search box: persons, demandes, fiches and démarches, over what this agent may see.

What is typed is read every way it can be (a phone, an address, a number, a name, everyday words), then each
kind of thing is asked once. Exact and prefix come first, look-alikes last, and every list is bounded: the
page says when there is more.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from rapidfuzz import fuzz, process

from demandes.etats import NON_FINAUX
from demandes.index_demarches import Index, Texte
from demandes.models import Demande, Fiche, TypeDemande
from demandes.models.demande import ALPHABET_CODE
from demandes.models.requetes import JAMAIS, contenu_lisible
from demandes.vitrine import FRAICHEUR_INDEX, chercher_demarches
from guichet.organisation.perimetre import Perimetre
from guichet.socle.coordonnees import cle_courriel, normaliser_courriel, normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import MOTS_VIDES, cle_phonetique, mots_utiles, nettoyer, plier
from usagers.models import Coordonnee, Usager

LONGUEUR_SAISIE = 200
PERSONNES = 8
DEMANDES = 10
FICHES = 6
DEMARCHES = 6
CANDIDATS = 200
VOISINS = 2000  # names that start alike, among which typing errors are looked for
RESSEMBLANCE = 72
LONGUEUR_FAUTIVE = 4  # shorter words have too many neighbours
ANNEES = 10  # a short number is looked for in this many years
CIVILITES = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"})

_TELEPHONE = re.compile(r"(?:\+|0)[\d\s.\-/()]{3,}")
_NUMERO = re.compile(r"(?:n[°o]?|#)?\s*(20\d\d)\s*[-–/ ]\s*(\d{1,7})", re.IGNORECASE)
_NUMERO_COURT = re.compile(r"(?:n[°o]?|#)?\s*(\d{1,7})", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What was typed, read every way it can be; an empty field means « not that »."""

    saisie: str
    mots: tuple[str, ...] = ()
    telephone: str = ""
    courriel: str = ""
    numeros: tuple[str, ...] = ()
    debut_de_numero: str = ""
    code: str = ""

    @property
    def est_vide(self) -> bool:
        return not self.saisie


def lire(saisie: str) -> Question:
    """Read one line of the search box. Nothing typed there can be wrong: what is not understood is words."""
    texte = " ".join(nettoyer(saisie or "")[:LONGUEUR_SAISIE].split())
    numeros, debut = lire_numero(texte)
    compact = re.sub(r"[\s-]", "", texte).upper()
    return Question(
        texte,
        tuple(re.findall(r"[a-z0-9]+", plier(texte))),
        lire_telephone(texte),
        lire_courriel(texte),
        numeros,
        debut,
        compact if len(compact) == 8 and set(compact) <= set(ALPHABET_CODE) else "",
    )


def lire_telephone(texte: str) -> str:
    """A phone in any writing as E.164, or the beginning of one: « 06 39 98 » gives « +33639 98 » joined."""
    try:
        return normaliser_telephone(texte)
    except DonneeInvalide:
        chiffres = re.sub(r"[^\d+]", "", texte)
        if not _TELEPHONE.fullmatch(texte) or len(chiffres) < 4:
            return ""
        if chiffres.startswith("00"):
            return "+" + chiffres[2:]
        return chiffres if chiffres.startswith("+") else "+33" + chiffres[1:]


def lire_courriel(texte: str) -> str:
    if "@" not in texte or " " in texte:
        return ""
    try:
        return cle_courriel(normaliser_courriel(texte))
    except DonneeInvalide:
        return texte.lower()


def lire_numero(texte: str) -> tuple[tuple[str, ...], str]:
    """Whole numbers this may be, and the beginning of one: « 2026-1234 », « n° 1234 », « 2026-00012 »."""
    if entier := _NUMERO.fullmatch(texte):
        annee, rang = entier.groups()
        return (f"{annee}-{int(rang):07d}",), f"{annee}-{rang}"
    if court := _NUMERO_COURT.fullmatch(texte):
        annee = timezone.localdate().year
        return tuple(f"{a}-{int(court[1]):07d}" for a in range(annee - ANNEES + 1, annee + 1)), ""
    return (), ""


# -- persons -----------------------------------------------------------------------------------------


def usagers_visibles(perimetre: Perimetre) -> QuerySet[Usager]:
    """The desk finds everybody; a direction, only people with a demande it may read."""
    if perimetre.est_accueil:
        return Usager.objects.all()
    siennes = Demande.objects.visibles_par(perimetre).filter(usager=OuterRef("pk"))
    return Usager.objects.filter(Exists(siennes))


def chercher_personnes(
    question: Question, perimetre: Perimetre, *, limite: int = PERSONNES
) -> tuple[list[Usager], bool]:
    """Return the best persons and « there are more »; each has `ouvertes`, the open demandes one may read."""
    base = usagers_visibles(perimetre)
    candidats = candidats_par_coordonnee(base, question)
    mots = [mot for mot in question.mots if mot not in CIVILITES]
    if mots and not question.numeros and not candidats:
        candidats = candidats_par_nom(base, mots) or candidats_approchants(base, mots)
    classes = classer(candidats, mots)
    return avec_leurs_demandes(classes[:limite], perimetre), len(classes) > limite


def candidats_par_coordonnee(base: QuerySet[Usager], question: Question) -> dict[int, str]:
    """Folded names by id of those who have this phone, or this e-mail, or one that starts so."""
    debuts = [debut for debut in (question.telephone, question.courriel) if debut]
    if question.courriel:
        debuts.append(question.courriel.lower())
    if not debuts:
        return {}
    filtre = JAMAIS
    for debut in debuts:
        # A range, not LIKE: it uses the plain index whatever the collation of the database.
        filtre |= Q(normalisee__gte=debut, normalisee__lt=debut + "\U0010ffff")
    proprietaires = Coordonnee.objects.filter(filtre).order_by().values("usager")[:CANDIDATS]
    return dict(base.filter(pk__in=proprietaires).order_by().values_list("pk", "nom_plie"))


def candidats_par_nom(base: QuerySet[Usager], mots: Sequence[str]) -> dict[int, str]:
    """Those whose name has words starting so, and those whose name sounds so, in one query."""
    parties = [base.filter(recherche=prefixes(mots))]
    parties += [base.filter(phonetique=cle_phonetique("".join(mots)))]
    if 1 < len(mots) <= 4:
        for rang, mot in enumerate(mots):
            autres = [m for i, m in enumerate(mots) if i != rang]
            parties.append(base.filter(phonetique=cle_phonetique(mot), recherche=prefixes(autres)))
    return reunir(parties)


def candidats_approchants(base: QuerySet[Usager], mots: Sequence[str]) -> dict[int, str]:
    """Last resort, for typing errors: names starting with about the same letters, ranked by resemblance."""
    if not any(len(mot) >= LONGUEUR_FAUTIVE for mot in mots):
        return {}
    noms = reunir([base.filter(recherche=debuts_approchants(mots))], limite=VOISINS)
    proches = process.extract(
        " ".join(mots), noms, scorer=ressemblance_des_noms, score_cutoff=RESSEMBLANCE, limit=CANDIDATS
    )
    return {pk: nom for nom, _, pk in proches}


def debuts_approchants(mots: Iterable[str]) -> SearchQuery:
    """Every word by its first letters, in order, two of them swapped, or one left out."""
    groupes = []
    for mot in mots:
        debuts = {mot}
        if len(mot) >= LONGUEUR_FAUTIVE:
            debuts = {mot[:3], mot[0] + mot[2] + mot[1], mot[0] + mot[2:4], mot[1] + mot[0] + mot[2]}
        groupes.append("(" + " | ".join(f"{debut}:*" for debut in sorted(debuts)) + ")")
    return SearchQuery(" & ".join(groupes), search_type="raw", config="simple")


def prefixes(mots: Iterable[str]) -> SearchQuery:
    """Every word starts a word of the name; one of a letter or two (« Le », « Xu ») is taken whole."""
    return SearchQuery(
        " & ".join(f"{mot}:*" if len(mot) > 2 else mot for mot in mots), search_type="raw", config="simple"
    )


def reunir(parties: list[QuerySet[Usager]], *, limite: int = CANDIDATS) -> dict[int, str]:
    """One UNION of bounded lookups, so that each uses its own index."""
    bornees = [p.order_by().values_list("pk", "nom_plie")[:limite] for p in parties]
    return dict(bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0])


def ressemblance_des_noms(saisie: str, nom: str, **_options: object) -> float:
    """0 to 100: each word typed against the closest word of the name, a beginning being nearly the word."""
    siens = nom.split()
    notes = [max((note_du_mot(mot, sien) for sien in siens), default=0) for mot in saisie.split()]
    return sum(notes) / len(notes) if notes else 0


def note_du_mot(mot: str, sien: str) -> float:
    if mot == sien:
        return 100
    if sien.startswith(mot):
        return 95
    return fuzz.ratio(mot, sien)


def classer(candidats: dict[int, str], mots: Sequence[str]) -> list[int]:
    """Ids, closest name first; shorter names win ties (« Martin » before « Martineau-Legrand »)."""
    saisie = " ".join(mots)
    return sorted(
        candidats,
        key=lambda pk: (-ressemblance_des_noms(saisie, candidats[pk]), len(candidats[pk]), candidats[pk], pk),
    )


def avec_leurs_demandes(pks: Sequence[int], perimetre: Perimetre) -> list[Usager]:
    """Read these persons in this order, with their coordinates and how many open demandes one may read."""
    ouvertes = (
        Demande.objects.visibles_par(perimetre)
        .filter(usager=OuterRef("pk"), etat__in=NON_FINAUX)
        .order_by()
        .values("usager")
        .annotate(nombre=Count("pk"))
        .values("nombre")
    )
    usagers = {
        usager.pk: usager
        for usager in Usager.objects.filter(pk__in=pks)
        .annotate(ouvertes=Coalesce(Subquery(ouvertes), 0))
        .prefetch_related(Prefetch("coordonnees", Coordonnee.objects.order_by("-est_principale", "pk")))
    }
    return [usagers[pk] for pk in pks if pk in usagers]


# -- demandes ----------------------------------------------------------------------------------------


def chercher_demandes(
    question: Question, perimetre: Perimetre, *, limite: int = DEMANDES
) -> tuple[list[Demande], bool]:
    """Return readable demandes, open and recent first, each with `lisible`, and « there are more ».

    A whole number or code also finds what one's own desk registered in a walled secteur: number and clocks,
    no content (`lisible` is False).
    """
    lisible = contenu_lisible(perimetre)
    precis = Q(numero__in=question.numeros)
    if question.code:
        precis |= Q(code_suivi=question.code)
    large = precis
    if question.debut_de_numero:
        large |= Q(numero__startswith=question.debut_de_numero)
    if requete := mots_des_demandes(question):
        large |= Q(recherche=requete)
    accueils = frozenset().union(*(p.accueils for p in perimetre.tous))
    trouvees = (
        Demande.objects.filter((large & lisible) | (precis & Q(point_accueil__in=accueils)))
        .order_by()
        .values("pk")[:CANDIDATS]
    )
    ouverte = Case(When(etat__in=NON_FINAUX, then=Value(0)), default=Value(1))
    demandes = list(
        Demande.objects.filter(pk__in=trouvees)
        .annotate(lisible=Case(When(lisible, then=True), default=False, output_field=BooleanField()))
        .select_related("type", "usager", "territoire")
        .order_by(ouverte, "-recue_le", "-pk")[: limite + 1]
    )
    return demandes[:limite], len(demandes) > limite


def mots_des_demandes(question: Question) -> SearchQuery | None:
    """All the telling words, each as the beginning of a word of the object or of the address."""
    if question.telephone or question.courriel or question.numeros:
        return None
    mots = [mot for mot in question.mots if mot not in MOTS_VIDES and (len(mot) > 1 or mot.isdigit())]
    if not mots:
        return None
    return SearchQuery(
        " & ".join(f"{mot}:*" if not mot.isdigit() else mot for mot in mots),
        search_type="raw",
        config="simple",
    )


# -- fiches -------------------------------------------------------------------------------------------


def chercher_fiches(saisie: str, *, limite: int = FICHES) -> list[Fiche]:
    """Active fiches found by their question and keywords, then by their types' words and their answer."""
    trouvailles = index_des_fiches(int(time.time()) // FRAICHEUR_INDEX).chercher(saisie, limite=limite)
    fiches = Fiche.objects.filter(est_active=True).in_bulk([t.cle for t in trouvailles], field_name="code")
    return [fiches[t.cle] for t in trouvailles if t.cle in fiches]


@lru_cache(maxsize=1)
def index_des_fiches(_tranche: int) -> Index:
    """Read again every minute by each process, like the démarches' (`demandes.vitrine`)."""
    fiches = Fiche.objects.filter(est_active=True).prefetch_related("types")
    return Index({fiche.code: textes_de(fiche) for fiche in fiches})


def textes_de(fiche: Fiche) -> list[Texte]:
    types = fiche.types.all()
    return [
        *(Texte(phrase, 1.0, est_une_phrase=True) for phrase in (fiche.question, *fiche.mots_cles)),
        *(Texte(mots, 0.4) for type in types for mots in (type.libelle, *type.mots_du_quotidien)),
        Texte(fiche.reponse, 0.25),
    ]


# -- the whole box -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Resultats:
    """What the box found, by group; `…_suite` says that a list was cut."""

    question: Question
    personnes: list[Usager] = field(default_factory=list)
    personnes_suite: bool = False
    demandes: list[Demande] = field(default_factory=list)
    demandes_suite: bool = False
    fiches: list[Fiche] = field(default_factory=list)
    types: list[TypeDemande] = field(default_factory=list)

    @property
    def nombre(self) -> int:
        return len(self.personnes) + len(self.demandes) + len(self.fiches) + len(self.types)

    @property
    def est_vide(self) -> bool:
        return self.nombre == 0


def chercher(saisie: str, perimetre: Perimetre) -> Resultats:
    """Ask everything once. A direction gets no démarches: it does not open demandes."""
    question = lire(saisie)
    if question.est_vide:
        return Resultats(question)
    personnes, personnes_suite = chercher_personnes(question, perimetre)
    demandes, demandes_suite = chercher_demandes(question, perimetre)
    fiches: list[Fiche] = []
    types: list[TypeDemande] = []
    if not (question.telephone or question.courriel or question.numeros):
        fiches = chercher_fiches(question.saisie)
        types = chercher_demarches(question.saisie, limite=DEMARCHES) if perimetre.est_accueil else []
    if personnes:
        # A name was typed: « Martin » is not a misspelt « matin ».
        fiches = [f for f in fiches if partage_un_mot(question, f.question, *f.mots_cles)]
        types = [t for t in types if partage_un_mot(question, t.libelle, *t.mots_cles, *t.mots_du_quotidien)]
    return Resultats(question, personnes, personnes_suite, demandes, demandes_suite, fiches, types)


def partage_un_mot(question: Question, *textes: str) -> bool:
    """Say whether a typed word is, or begins, one of these texts' own words."""
    connus = mots_utiles(" ".join(textes))
    return any(connu.startswith(mot) for mot in mots_utiles(question.saisie) for connu in connus)
