"""What a synthetic city is made of: skewed draws, fictional names, words of a city's life."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from demandes.etats import Etat

T = TypeVar("T")

# 93 % of the demandes are over.
ETATS = {
    Etat.CLOSE: 82.0,
    Etat.TRAITEE: 2.0,
    Etat.REJETEE: 3.0,
    Etat.ANNULEE: 3.0,
    Etat.TRANSMISE_EXTERNE: 2.0,
    Etat.FUSIONNEE: 1.0,
    Etat.NOUVELLE: 0.8,
    Etat.QUALIFIEE: 0.5,
    Etat.ORIENTEE: 1.6,
    Etat.PRISE_EN_CHARGE: 2.3,
    Etat.PLANIFIEE: 0.6,
    Etat.ATTENTE_USAGER: 0.6,
    Etat.ATTENTE_TIERS: 0.4,
    Etat.A_VALIDER: 0.2,
}
CANAUX = {"portail": 44, "telephone": 33, "courriel": 11, "guichet": 8, "courrier": 4}
# Calls come at ten and at three; the portal never sleeps.
HEURES = [2, 1, 1, 1, 1, 2, 6, 18, 60, 100, 110, 80, 40, 55, 95, 105, 85, 60, 35, 25, 20, 15, 10, 5]
JOURS = [120, 105, 100, 95, 90, 22, 15]

PRENOMS = [
    "Jeanne",
    "Marie",
    "Louise",
    "Emma",
    "Jade",
    "Alice",
    "Rose",
    "Inès",
    "Léa",
    "Manon",
    "Sarah",
    "Fatima",
    "Nour",
    "Yasmine",
    "Aïcha",
    "Awa",
    "Linh",
    "Chloé",
    "Camille",
    "Anne",
    "Sylvie",
    "Nathalie",
    "Isabelle",
    "Catherine",
    "Monique",
    "Simone",
    "Paul",
    "Louis",
    "Gabriel",
    "Jules",
    "Hugo",
    "Adam",
    "Karim",
    "Mehdi",
    "Yanis",
    "Mohamed",
    "Ali",
    "Rachid",
    "Ousmane",
    "Nicolas",
    "Julien",
    "Pierre",
    "Jean",
    "Michel",
    "Philippe",
    "Alain",
    "Bernard",
    "André",
    "René",
    "Tuan",
    "Loïc",
    "Yann",
    "François",
    "Hélène",
    "Élodie",
    "Zoé",
    "Théo",
    "Noé",
]
NOMS = [
    "Martin",
    "Bernard",
    "Thomas",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Dubois",
    "Moreau",
    "Laurent",
    "Simon",
    "Michel",
    "Lefebvre",
    "Leroy",
    "Roux",
    "David",
    "Bertrand",
    "Morel",
    "Fournier",
    "Girard",
    "Bonnet",
    "Dupont",
    "Lambert",
    "Fontaine",
    "Rousseau",
    "Vincent",
    "Muller",
    "Lefèvre",
    "Faure",
    "Mercier",
    "Blanc",
    "Guérin",
    "Boyer",
    "Garnier",
    "Chevalier",
    "Legrand",
    "Gauthier",
    "Garcia",
    "Perrin",
    "Robin",
    "Clément",
    "Morin",
    "Nicolas",
    "Benali",
    "Diallo",
    "Traoré",
    "Nguyen",
    "Tran",
    "Belkacem",
    "Haddad",
    "Cissé",
    "Ferreira",
    "Lopes",
    "Rossi",
    "Kowalski",
    "Schneider",
]
DEBUTS = [
    "Ber",
    "Char",
    "Dar",
    "Fal",
    "Gran",
    "Jol",
    "Lam",
    "Mor",
    "Pal",
    "Ray",
    "Sal",
    "Tour",
    "Val",
    "Ver",
    "Bou",
    "Cor",
    "Des",
    "Gau",
    "Mar",
    "Per",
]
MILIEUS = ["a", "e", "i", "o", "ou", "an", "in", "el", "er", "al"]
FINS = [
    "rand",
    "mier",
    "set",
    "teau",
    "gnon",
    "nier",
    "lot",
    "vel",
    "zac",
    "dier",
    "bault",
    "ret",
    "mond",
    "ville",
    "nay",
]
RUES = [
    "rue de la République",
    "rue Victor-Hugo",
    "avenue Jean-Jaurès",
    "cours Gambetta",
    "rue des Tanneurs",
    "quai du Port",
    "rue Pasteur",
    "place du Marché",
    "impasse des Lilas",
    "boulevard des Brotteaux",
    "montée du Gourguillon",
]
OBJETS = [
    "Trou dans la chaussée",
    "Lampadaire éteint",
    "Dépôt sauvage",
    "Poubelle non ramassée",
    "Arbre menaçant",
    "Trottoir cassé",
    "Feu en panne",
    "Tags sur la façade",
    "Stationnement gênant",
    "Fuite d'eau",
    "Bruit la nuit",
    "Acte de naissance",
    "Inscription à la cantine",
    "Place en crèche",
    "Carte de stationnement",
    "Banc abîmé",
    "Rats dans la cour",
]
DETAILS = [
    "devant l'école",
    "près du marché",
    "au carrefour",
    "depuis une semaine",
    "très dangereux",
    "pour la troisième fois",
    "à côté de l'arrêt de bus",
    "devant la pharmacie",
    "sous le pont",
    "en face de la mairie",
]
# Written once in two thousand demandes: what a search by a rare word must find.
MOT_RARE = "gargouille"
RARETE = 2000


class Tirage:
    """Deterministic draws: the same seed makes the same city."""

    def __init__(self, graine: int) -> None:
        self.hasard = random.Random(graine)  # noqa: S311

    def parmi(self, poids: dict[T, float] | dict[T, int], nombre: int) -> list[T]:
        return self.hasard.choices(list(poids), list(poids.values()), k=nombre)

    def inegal(self, choses: Sequence[T], nombre: int) -> list[T]:
        """The first ones much more often than the last (1/rank), as types and districts are."""
        return self.hasard.choices(choses, [1 / (rang + 2) for rang in range(len(choses))], k=nombre)

    def nom(self) -> str:
        """A common name one time in two, else one of three thousand."""
        if self.hasard.random() < 0.5:
            return self.hasard.choice(NOMS)
        return "".join(self.hasard.choice(morceaux) for morceaux in (DEBUTS, MILIEUS, FINS))

    def adresse(self, voies: Sequence[str]) -> str:
        return f"{self.hasard.randint(1, 140)} {self.hasard.choice(voies)}"

    def instant(self, fin: datetime, jours: int) -> datetime:
        """Some working morning more likely than a Sunday night, in the last `jours` days."""
        while True:
            jour = fin - timedelta(days=self.hasard.randint(1, jours))
            if self.hasard.random() * JOURS[0] < JOURS[jour.weekday()]:
                break
        heure = self.hasard.choices(range(24), HEURES)[0]
        return datetime(
            jour.year, jour.month, jour.day, heure, *divmod(self.hasard.randint(0, 3599), 60), tzinfo=UTC
        )
