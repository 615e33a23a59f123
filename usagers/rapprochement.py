"""Find a person and propose; a person or two agreeing identifiers decide, never a phone alone."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import transaction
from django.db.models import QuerySet
from rapidfuzz import fuzz

from guichet.organisation.models import Territoire
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.texte import cle_phonetique, plier
from usagers.models import Coordonnee, Usager

PROPOSITIONS = 8
SEUIL_NOM = 80
SANS_NOM = "Sans nom"


@dataclass(frozen=True)
class Identite:
    """Who someone says they are. Every field may be empty; nothing here is proven."""

    nom: str = ""
    prenom: str = ""
    courriel: str = ""
    telephone: str = ""
    adresse: str = ""
    raison_sociale: str = ""
    siret: str = ""
    rna: str = ""

    @cached_property
    def joignable_par(self) -> dict[str, str]:
        """Normalised coordinates by kind; one that cannot be read is left out rather than refused."""
        coordonnees = {}
        saisies = {Coordonnee.Genre.COURRIEL: self.courriel, Coordonnee.Genre.TELEPHONE: self.telephone}
        for genre, valeur in saisies.items():
            with suppress(DonneeInvalide):
                if valeur:
                    coordonnees[genre.value] = Coordonnee.normaliser(genre, valeur)
        return coordonnees

    @property
    def est_vide(self) -> bool:
        return not any((self.nom, self.prenom, self.courriel, self.telephone, self.raison_sociale))


@dataclass(frozen=True)
class Candidat:
    """A person who may be the one, how much (0–100), and the readable reasons."""

    usager: Usager
    score: int
    raisons: tuple[str, ...]
    est_certain: bool = False


def proposer(identite: Identite, *, limite: int = PROPOSITIONS) -> list[Candidat]:
    """Rank known persons who may be this one: coordinates, exact name, prefix, then sound."""
    connues = identite.joignable_par
    # One UNION of bounded lookups, so that each uses its own index: OR would read every person.
    parties: list[QuerySet] = [
        Coordonnee.objects.filter(genre=genre, normalisee=valeur).order_by().values("usager")
        for genre, valeur in connues.items()
    ]
    nom = nom_de(identite)
    if requete := requete_de_prefixes(nom):
        parties.append(Usager.objects.filter(recherche=requete).order_by().values("pk"))
    if identite.nom:
        parties.append(Usager.objects.filter(phonetique=cle_phonetique(identite.nom)).order_by().values("pk"))
    if not parties:
        return []
    bornees = [partie[: limite * 8] for partie in parties]
    trouves = bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0]
    usagers = Usager.objects.filter(pk__in=trouves).prefetch_related("coordonnees")
    candidats = [evaluer(usager, identite, nom, connues) for usager in usagers]
    candidats.sort(key=lambda c: (-c.score, c.usager.nom_plie, c.usager.pk))
    return candidats[:limite]


def requete_de_prefixes(nom_plie: str) -> SearchQuery | None:
    """Every word of the query starts a word of the name: « mari roch » finds La Rochefoucauld."""
    mots = [mot for mot in nom_plie.split() if mot.isalnum()]
    if not mots:
        return None
    return SearchQuery(" & ".join(f"{mot}:*" for mot in mots), search_type="raw", config="simple")


def evaluer(usager: Usager, identite: Identite, nom: str, connues: dict[str, str]) -> Candidat:
    """Score one person. Certain = same name and same coordinate; anything less is only proposed."""
    raisons, score = [], 0
    siennes = {(c.genre, c.normalisee) for c in usager.coordonnees.all()}
    libelles = {"courriel": "même courriel", "telephone": "même téléphone"}
    communes = [genre for genre, valeur in connues.items() if (genre, valeur) in siennes]
    raisons += [libelles[genre] for genre in communes]
    if identite.raison_sociale and usager.raison_sociale:
        # An organisation is its own name, whoever speaks for it.
        ressemblance = fuzz.token_sort_ratio(plier(identite.raison_sociale), plier(usager.raison_sociale))
    else:
        ressemblance = fuzz.token_sort_ratio(nom, usager.nom_plie) if nom else 0
    meme_nom = bool(nom) and ressemblance == 100
    if meme_nom:
        raisons.append("même nom")
    elif ressemblance >= SEUIL_NOM:
        raisons.append("nom proche")
    elif identite.nom and usager.phonetique == cle_phonetique(identite.nom):
        raisons.append("nom qui se prononce pareil")
    if identite.adresse and plier(identite.adresse) == plier(usager.adresse):
        raisons.append("même adresse")
        score += 15
    score = min(100, score + 40 * len(communes) + int(ressemblance * 0.45))
    # A first name is needed: one family shares surname and phone.
    certain = meme_nom and bool(communes) and bool(identite.prenom or identite.raison_sociale)
    return Candidat(usager, score, tuple(raisons), certain)


# Those who have one coordinate: a family, at most a household.
def _porteurs(genre: str) -> Lecture:
    porteurs = Coordonnee.objects.filter(genre=genre, normalisee=str(MARQUE)).order_by()
    return Lecture(lambda: porteurs.values_list("usager")[: PROPOSITIONS * 8])


PORTEURS = {genre: _porteurs(genre) for genre in Coordonnee.Genre.values}


def retrouver(identite: Identite) -> Usager | None:
    """Return the one person whose name and coordinate both agree; several or none is nobody."""
    connues = identite.joignable_par
    if not connues:
        return None
    # Nearly always nobody: the persons are read only when a coordinate is known.
    if not (trouves := {pk for genre, valeur in connues.items() for (pk,) in PORTEURS[genre](valeur)}):
        return None
    nom = nom_de(identite)
    usagers = Usager.objects.filter(pk__in=trouves).prefetch_related("coordonnees")
    certains = [usager for usager in usagers if evaluer(usager, identite, nom, connues).est_certain]
    return certains[0] if len(certains) == 1 else None


@dataclass(frozen=True)
class Trouve:
    """Who writes from an address: one person, or several among whom a person must choose, or nobody known."""

    usager: Usager | None = None
    plusieurs: bool = False


def retrouver_l_expediteur(identite: Identite) -> Trouve:
    """Who writes a mail: as `retrouver`, and by an address of one person when no name says no.

    A mail often has no name, or half of one. A family shares an address: whose mail it is, an agent says.
    """
    if connu := retrouver(identite):
        return Trouve(connu)
    adresse = identite.joignable_par.get(Coordonnee.Genre.COURRIEL.value)
    if not adresse:
        return Trouve()
    porteurs = list(
        Usager.objects.filter(coordonnees__genre=Coordonnee.Genre.COURRIEL, coordonnees__normalisee=adresse)
        .order_by("pk")
        .prefetch_related("coordonnees")[: PROPOSITIONS * 8]
    )
    possibles = [usager for usager in porteurs if peut_etre(usager, identite)]
    # A whole name, its first name not told apart: « Marie Laure Dupont ».
    mots = sorted(nom_de(identite).split())
    exacts = [usager for usager in possibles if len(mots) > 1 and sorted(usager.nom_plie.split()) == mots]
    if len(exacts) == 1:
        return Trouve(exacts[0])
    if len(porteurs) == 1:
        return Trouve(possibles[0] if possibles else None)
    return Trouve(plusieurs=bool(possibles))


def peut_etre(usager: Usager, identite: Identite) -> bool:
    """Whether what a sender says of their name leaves this person possible.

    One word alone is a nickname as often as a name: it says nothing against anybody.
    """
    dits, siens = set(nom_de(identite).split()), set(usager.nom_plie.split())
    if len(dits) <= 1 or len(siens) <= 1 or est_sans_nom(usager):
        return True
    return dits <= siens or (siens <= dits and not usager.prenom)


def est_sans_nom(usager: Usager) -> bool:
    """A card opened by a mail that said no name."""
    return usager.nom == SANS_NOM and not usager.prenom and not usager.raison_sociale


def sont_deux_noms(une: Usager, autre: Usager) -> bool:
    """Both say a name, and neither is part of the other: « Martin » may be Jeanne, Paul Martin is not."""
    ici, la = set(une.nom_plie.split()), set(autre.nom_plie.split())
    return not (est_sans_nom(une) or est_sans_nom(autre) or ici <= la or la <= ici)


def completer_le_nom(usager: Usager, identite: Identite) -> None:
    """Write the name that was missing; one that was given is never replaced by a mail."""
    if usager.identite_verifiee_le is not None or usager.compte_id is not None or not identite.nom:
        return
    manque = est_sans_nom(usager) or (
        not usager.prenom and identite.prenom and plier(usager.nom) in nom_de(identite).split()
    )
    if manque:
        usager.nom, usager.prenom = identite.nom, identite.prenom
        usager.save(update_fields=["nom", "prenom", "nom_plie", "phonetique"])


def nom_de(identite: Identite) -> str:
    """Their whole name, folded as `Usager.nom_plie` is."""
    return plier(f"{identite.nom} {identite.prenom} {identite.raison_sociale}")


def creer_usager(identite: Identite, **champs: Any) -> Usager:
    """Create a person with their coordinates."""
    usager = preparer_usager(identite, **champs)
    with transaction.atomic(savepoint=False):
        usager.save()
        Coordonnee.objects.bulk_create(usager.coordonnees_connues or ())
    return usager


def preparer_usager(identite: Identite, *, territoire: Territoire | None = None, **champs: Any) -> Usager:
    """A person with their coordinates, not written yet; a name that was never given is written so."""
    genre = Usager.Genre.PARTICULIER
    if identite.rna:
        genre = Usager.Genre.ASSOCIATION
    elif identite.siret:
        genre = Usager.Genre.ENTREPRISE
    usager = Usager(
        genre=genre,
        nom=identite.nom or identite.raison_sociale or SANS_NOM,
        prenom=identite.prenom,
        raison_sociale=identite.raison_sociale,
        siret=identite.siret,
        rna=identite.rna,
        adresse=identite.adresse,
        territoire=territoire,
        **champs,
    )
    usager.preparer()
    usager.coordonnees_connues = coordonnees_de(usager, identite)
    return usager


def ajouter_coordonnees(usager: Usager, identite: Identite) -> None:
    """Add what is new; the first of a kind becomes the main one, an old one is never replaced."""
    connues = frozenset(usager.coordonnees.values_list("genre", flat=True))
    ecrire_les_coordonnees(usager, identite, connues=connues)


def ecrire_les_coordonnees(usager: Usager, identite: Identite, *, connues: frozenset[str]) -> None:
    """One statement; a coordinate this person already has stays as it is."""
    Coordonnee.objects.bulk_create(coordonnees_de(usager, identite, connues), ignore_conflicts=True)


def coordonnees_de(
    usager: Usager, identite: Identite, connues: frozenset[str] = frozenset()
) -> list[Coordonnee]:
    """What they give, not written yet; the first of a kind not among `connues` is the main one."""
    saisies = {"courriel": identite.courriel, "telephone": identite.telephone}
    return [
        Coordonnee(
            usager=usager,
            genre=genre,
            normalisee=normalisee,
            valeur=saisies[genre].strip(),
            est_principale=genre not in connues,
        )
        for genre, normalisee in identite.joignable_par.items()
    ]
