"""The letters of the hour: what residents write, as the scanner gives it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from PIL import Image

from tests.courrier import papier


class Genre(Enum):
    """What the agent has before them."""

    IMPRIMEE = auto()
    DEUX_PAGES = auto()
    MANUSCRITE = auto()
    PUBLICITE = auto()


# Of ten letters.
GENRES = (
    *(Genre.IMPRIMEE, Genre.IMPRIMEE, Genre.DEUX_PAGES, Genre.IMPRIMEE, Genre.MANUSCRITE),
    *(Genre.IMPRIMEE, Genre.IMPRIMEE, Genre.DEUX_PAGES, Genre.PUBLICITE, Genre.IMPRIMEE),
)
PRENOMS = ("Jeanne", "Ousmane", "Marie-Odile", "Yann", "Fatoumata", "Théodore", "Linh", "Baptiste", "Rosa")
NOMS = (
    *("Barthélemy", "Kerouanton", "Diallo", "Nguyen", "Lefèvre", "Ben Slimane", "Quéméneur"),
    *("Castagnet", "Monteiro", "Dubreuil-Vasseur", "Ollagnier"),
)
PUBLICITE = "Grande foire aux meubles !\n\nTout à moitié prix,\nsamedi et dimanche."
# Its démarche, the words one looks for it with, the object, what is said of it.
SUJETS = (
    (
        "Nid-de-poule ou chaussée dégradée",
        "nid de poule",
        "trou dans la chaussée",
        "Un trou profond s'est formé dans la chaussée, devant chez moi.\nUn cycliste est tombé hier soir.",
    ),
    (
        "Lampadaire éteint ou clignotant",
        "lampadaire",
        "éclairage en panne",
        "Le lampadaire devant mon immeuble est éteint depuis trois semaines.\n"
        "Mes voisines n'osent plus sortir.",
    ),
    (
        "Dépôt sauvage ou encombrants abandonnés",
        "dépôt sauvage",
        "matelas et gravats abandonnés",
        "Des matelas et des gravats sont abandonnés au pied de notre immeuble.\n"
        "Personne n'est venu les enlever.",
    ),
    (
        "Arbre ou branche dangereux",
        "branche",
        "branche qui menace de tomber",
        "Une grosse branche du platane est cassée et pend au-dessus du trottoir.\n"
        "Des enfants passent dessous.",
    ),
    (
        "Collecte non effectuée",
        "collecte",
        "poubelles non ramassées",
        "Les poubelles de la rue n'ont pas été ramassées mardi ni vendredi.\n"
        "Les bacs débordent sur le trottoir.",
    ),
    (
        "Trottoir dégradé ou défaut d'accessibilité",
        "trottoir",
        "trottoir impraticable",
        "Le trottoir est défoncé sur dix mètres : mon mari, en fauteuil roulant,\nne peut plus y passer.",
    ),
    (
        "Avaloir bouché, débordement ou odeur",
        "avaloir",
        "bouche d'égout bouchée",
        "La bouche d'égout est bouchée par les feuilles.\nÀ chaque pluie, l'eau entre dans notre garage.",
    ),
    (
        "Aire de jeux dégradée",
        "aire de jeux",
        "balançoire cassée",
        "La balançoire de l'aire de jeux est cassée et une vis dépasse.\n"
        "Ma petite-fille s'y est écorché la main.",
    ),
)
DEBUT = "Je me permets de vous écrire au sujet d'une difficulté que nous rencontrons dans le quartier."
FIN = "Je vous remercie de me dire quand vos services pourront passer.\n\nAvec mes salutations respectueuses,"
PLUS = (
    "Cette situation dure depuis le début de l'automne. J'ai téléphoné deux fois,\n"
    "et l'on m'a répondu que le service était prévenu. Rien n'a changé depuis.\n\n"
    "Plusieurs habitants de la rue s'en plaignent, et certains ont signé avec moi\n"
    "cette lettre. Nous ne demandons pas l'impossible : une visite, et une date."
)


@dataclass(frozen=True)
class Lettre:
    """One letter, and what a person makes of it."""

    genre: Genre
    qui: str
    adresse: str
    courriel: str
    demarche: str
    mots: str
    objet: str
    corps: str
    lieu: str

    @property
    def feuillets(self) -> tuple[str, ...]:
        """The words of each page."""
        tete = (
            f"{self.qui}\n{self.adresse.replace(', ', chr(10))}\n{self.courriel}\n\nObjet : {self.objet}\n\n"
        )
        dit = f"Madame, Monsieur,\n\n{DEBUT}\n\n{self.corps}"
        fin = f"{FIN}\n\n{self.qui}"
        if self.genre is Genre.DEUX_PAGES:
            return f"{tete}{dit}", f"{PLUS}\n\n{fin}"
        return (f"{tete}{dit}\n\n{fin}",)

    @property
    def nombre_de_mots(self) -> int:
        return len(" ".join(self.feuillets).split())


def lettres(nombre: int) -> list[Lettre]:
    """Always the same for a number; half of the writers give an address of mail."""
    return [lettre(rang) for rang in range(nombre)]


def lettre(rang: int) -> Lettre:
    prenom, nom = PRENOMS[rang % len(PRENOMS)], NOMS[rang % len(NOMS)]
    demarche, mots, objet, corps = SUJETS[rang * 3 % len(SUJETS)]
    rue = f"{rang + 2} rue des Tisserands, 69983"
    return Lettre(
        genre=GENRES[rang % len(GENRES)],
        qui=f"{prenom} {nom}",
        adresse=f"{rue} Villeneuve-sur-Saône",
        courriel=f"habitant.{rang}@courriel.example" if rang % 2 else "",
        demarche=demarche,
        mots=mots,
        objet=objet,
        corps=corps,
        lieu=rue,
    )


def scannees(nombre: int) -> Iterator[list[Image.Image]]:
    """The pages of each, as they come out of the scanner."""
    for graine, une in enumerate(lettres(nombre)):
        if une.genre is Genre.MANUSCRITE:
            yield [papier.griffonnage(graine)]
            continue
        feuillets = (PUBLICITE,) if une.genre is Genre.PUBLICITE else une.feuillets
        yield [papier.feuille(texte, bruit=100, graine=graine) for texte in feuillets]
