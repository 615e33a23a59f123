"""The one list of channels. A channel is a way of speaking; what is said does not depend on it."""

from enum import StrEnum
from typing import Self


class Canal(StrEnum):
    """Where a message comes from or goes to: its value, its name, whether it is a network of its own.

    Values are stored: never rename one.
    """

    _value_: str
    libelle: str
    est_un_reseau_nomme: bool

    def __new__(cls, valeur: str, libelle: str = "", est_un_reseau_nomme: bool = False) -> Self:
        canal = str.__new__(cls, valeur)
        canal._value_, canal.libelle, canal.est_un_reseau_nomme = valeur, libelle, est_un_reseau_nomme
        return canal

    COURRIER = "courrier", "Courrier papier"
    TELEPHONE = "telephone", "Téléphone"
    COURRIEL = "courriel", "Courriel"
    GUICHET = "guichet", "Guichet"
    PORTAIL = "portail", "Portail"
    SMS = "sms", "SMS"
    FACEBOOK = "facebook", "Facebook", True
    X = "x", "X", True
    MASTODON = "mastodon", "Mastodon", True
    RESEAU = "reseau", "Autre réseau"

    @property
    def dans_une_phrase(self) -> str:
        """Its name after other words: the names of networks keep their capital, as SMS keeps its three."""
        return self.libelle if self is Canal.SMS or self.est_un_reseau_nomme else self.libelle.lower()

    @property
    def groupe(self) -> str:
        """The family a point d'accueil declares: networks are one, who answers calls reads the SMS."""
        if self in RESEAUX_SOCIAUX:
            return "reseaux_sociaux"
        return "telephone" if self is Canal.SMS else self.value


RESEAUX_NOMMES = frozenset(canal for canal in Canal if canal.est_un_reseau_nomme)
RESEAUX_SOCIAUX = RESEAUX_NOMMES | {Canal.RESEAU}
ORAUX = frozenset({Canal.TELEPHONE, Canal.GUICHET})
CHOIX = [(canal.value, canal.libelle) for canal in Canal]
