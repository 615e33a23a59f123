"""Persons found by name, by phone or e-mail, by address; exact and prefix first, look-alikes last."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Reverse
from rapidfuzz import fuzz, process

from demandes.etats import NON_FINAUX
from demandes.models import Demande
from demandes.recherche.question import CANDIDATS, FIN, Question, mots_du_texte, prefixes
from guichet.organisation.perimetre import Perimetre
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.texte import cle_phonetique
from usagers.models import Coordonnee, Usager

PERSONNES = 8
VOISINS = 2000  # names that start alike, among which typing errors are looked for
RESSEMBLANCE = 72
LONGUEUR_FAUTIVE = 4  # shorter words have too many neighbours
CIVILITES = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"})


def usagers_visibles(perimetre: Perimetre) -> QuerySet[Usager]:
    """The desk finds everybody; a direction, only people who asked, or spoke for, what it may read."""
    if perimetre.est_accueil:
        return Usager.objects.all()
    lisibles = Demande.objects.visibles_par(perimetre)
    siennes = lisibles.filter(usager=OuterRef("pk"))
    pour_autrui = lisibles.filter(intermediaire__usager=OuterRef("pk"))
    return Usager.objects.filter(Exists(siennes) | Exists(pour_autrui))


def chercher_personnes(
    question: Question, perimetre: Perimetre, *, limite: int = PERSONNES
) -> tuple[list[Usager], bool]:
    """Return the best persons and « there are more »; each has `ouvertes`, the open demandes one may read."""
    base = usagers_visibles(perimetre)
    candidats = candidats_par_coordonnee(perimetre, question)
    mots = [mot for mot in question.mots if mot not in CIVILITES]
    if mots and not question.numeros and not candidats:
        candidats = candidats_par_adresse(base, question) or candidats_par_nom(base, mots)
        if not candidats and not question.est_une_adresse:
            candidats = candidats_approchants(perimetre, mots)
    classes = classer(candidats, mots)
    return avec_leurs_demandes(classes[:limite], perimetre), len(classes) > limite


@lru_cache(maxsize=256)
def lecture_des_visibles(perimetre: Perimetre) -> Lecture:
    """Of these ids, those this agent may know, with their folded name."""
    visibles = usagers_visibles(perimetre).order_by()
    return Lecture(lambda: visibles.filter(pk__in=[MARQUE]).values_list("pk", "nom_plie"))


def candidats_par_coordonnee(perimetre: Perimetre, question: Question) -> dict[int, str]:
    """Folded names by id of those who have this phone or this e-mail, one that starts so, or ends so."""
    debuts = [debut for debut in (question.telephone, question.courriel) if debut]
    if question.courriel:
        debuts.append(question.courriel.lower())
    parties = [
        Coordonnee.objects.filter(normalisee__gte=debut, normalisee__lt=debut + FIN)
        for debut in dict.fromkeys(debuts)
    ]
    if question.fin_de_telephone:
        fin = question.fin_de_telephone[::-1]
        telephones = Coordonnee.objects.filter(genre=Coordonnee.Genre.TELEPHONE)
        parties.append(telephones.alias(fin=Reverse("normalisee")).filter(fin__gte=fin, fin__lt=fin + FIN))
    if not parties:
        return {}
    bornees = [partie.order_by().values_list("usager", flat=True)[:CANDIDATS] for partie in parties]
    proprietaires = list(bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0])
    if not proprietaires:
        return {}
    return dict(lecture_des_visibles(perimetre)(proprietaires))


def candidats_par_adresse(base: QuerySet[Usager], question: Question) -> dict[int, str]:
    """Those who live there: house number and words of the street, in any order."""
    requete = mots_du_texte(question) if question.est_une_adresse else None
    return reunir([base.filter(recherche_adresse=requete)]) if requete else {}


def candidats_par_nom(base: QuerySet[Usager], mots: Sequence[str]) -> dict[int, str]:
    """Those whose name has words starting so, and those whose name sounds so, in one query."""
    parties = [base.filter(recherche=prefixes(mots))]
    parties += [base.filter(phonetique=cle_phonetique("".join(mots)))]
    if 1 < len(mots) <= 4:
        for rang, mot in enumerate(mots):
            autres = [m for i, m in enumerate(mots) if i != rang]
            parties.append(base.filter(phonetique=cle_phonetique(mot), recherche=prefixes(autres)))
    return reunir(parties)


def candidats_approchants(perimetre: Perimetre, mots: Sequence[str]) -> dict[int, str]:
    """Last resort, for typing errors: names starting with about the same letters, ranked by resemblance."""
    if not any(len(mot) >= LONGUEUR_FAUTIVE for mot in mots):
        return {}
    # Among everybody first: whom one may know is a question to ask of a few, not of a whole direction.
    noms = les_plus_proches(dict(VOISINS_DE(debuts_approchants(mots))), mots)
    if not noms or perimetre.est_accueil:
        return noms
    return dict(lecture_des_visibles(perimetre)(list(noms)))


def les_plus_proches(noms: dict[int, str], mots: Sequence[str]) -> dict[int, str]:
    """Those of these names that resemble what was typed: RESSEMBLANCE or more, the CANDIDATS best.

    It is what `ressemblance_des_noms` says of each, a word that several names have being compared once.
    """
    vocabulaire = list({sien for nom in noms.values() for sien in nom.split()})
    # A word further away than this cannot be made up for by the others.
    minimum = max(0, RESSEMBLANCE * len(mots) - 100 * (len(mots) - 1))
    notes: list[dict[str, float]] = []
    for mot in mots:
        proches = process.extract(mot, vocabulaire, scorer=fuzz.ratio, score_cutoff=minimum, limit=None)
        notes.append({sien: note for sien, note, _ in proches})
        notes[-1] |= {sien: note_du_mot(mot, sien) for sien in vocabulaire if sien.startswith(mot)}
    assez, meilleurs = RESSEMBLANCE * len(mots), []
    premiere, *autres = notes
    for pk, nom in noms.items():
        siens = nom.split()
        # Most names go at the first word: nothing more is asked of them.
        if premiere.keys().isdisjoint(siens) or any(note.keys().isdisjoint(siens) for note in autres):
            continue
        total = sum(max(note.get(sien, 0) for sien in siens) for note in notes)
        if total >= assez:
            meilleurs.append((-total, pk))
    return {pk: noms[pk] for _, pk in sorted(meilleurs)[:CANDIDATS]}


VOISINS_DE = Lecture(
    lambda: (
        Usager.objects.filter(recherche=SearchQuery(str(MARQUE), search_type="raw", config="simple"))
        .order_by()
        .values_list("pk", "nom_plie")[:VOISINS]
    )
)


def debuts_approchants(mots: Iterable[str]) -> str:
    """For PostgreSQL: every word by its first letters, in order, two of them swapped, or one left out."""
    groupes = []
    for mot in mots:
        debuts = {mot}
        if len(mot) >= LONGUEUR_FAUTIVE:
            debuts = {mot[:3], mot[0] + mot[2] + mot[1], mot[0] + mot[2:4], mot[1] + mot[0] + mot[2]}
        groupes.append("(" + " | ".join(f"{debut}:*" for debut in sorted(debuts)) + ")")
    return " & ".join(groupes)


def reunir(parties: list[QuerySet[Usager]]) -> dict[int, str]:
    """One UNION of bounded lookups, so that each uses its own index."""
    bornees = [p.order_by().values_list("pk", "nom_plie")[:CANDIDATS] for p in parties]
    return dict(bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0])


def ressemblance_des_noms(saisie: str, nom: str) -> float:
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
    usagers = {usager.pk: usager for usager in lecture_des_personnes(perimetre).objets(list(pks))}
    siennes: dict[int, list[Coordonnee]] = {pk: [] for pk in usagers}
    for coordonnee in COORDONNEES.objets(list(usagers)):
        siennes[coordonnee.usager_id].append(coordonnee)
    for pk, usager in usagers.items():
        usager.coordonnees_connues = siennes[pk]
    return [usagers[pk] for pk in pks if pk in usagers]


@lru_cache(maxsize=256)
def lecture_des_personnes(perimetre: Perimetre) -> Lecture:
    ouvertes = (
        Demande.objects.visibles_par(perimetre)
        .filter(usager=OuterRef("pk"), etat__in=NON_FINAUX)
        .order_by()
        .values("usager")
        .annotate(nombre=Count("pk"))
        .values("nombre")
    )
    return Lecture(
        lambda: Usager.objects.filter(pk__in=[MARQUE]).annotate(ouvertes=Coalesce(Subquery(ouvertes), 0))
    )


COORDONNEES = Lecture(
    lambda: Coordonnee.objects.filter(usager__in=[MARQUE]).order_by("-est_principale", "pk")
)
