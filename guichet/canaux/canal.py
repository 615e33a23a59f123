"""The one list of channels. A channel is a way of speaking; what is said does not depend on it."""

from enum import StrEnum


class Canal(StrEnum):
    """Where a message comes from or goes to. Values are stored: never rename one."""

    COURRIER = "courrier"
    TELEPHONE = "telephone"
    COURRIEL = "courriel"
    GUICHET = "guichet"
    PORTAIL = "portail"
    SMS = "sms"
    FACEBOOK = "facebook"
    X = "x"
    MASTODON = "mastodon"
    RESEAU = "reseau"

    @property
    def libelle(self) -> str:
        return LIBELLES[self]

    @property
    def dans_une_phrase(self) -> str:
        """Its name after other words: the names of networks keep their capital, as SMS keeps its three."""
        nom_propre = self is Canal.SMS or self in RESEAUX_NOMMES
        return self.libelle if nom_propre else self.libelle.lower()

    @property
    def groupe(self) -> str:
        """The family a point d'accueil declares: networks are one, who answers calls reads the SMS."""
        if self in RESEAUX_SOCIAUX:
            return "reseaux_sociaux"
        return "telephone" if self is Canal.SMS else self.value


LIBELLES = {
    Canal.COURRIER: "Courrier papier",
    Canal.TELEPHONE: "Téléphone",
    Canal.COURRIEL: "Courriel",
    Canal.GUICHET: "Guichet",
    Canal.PORTAIL: "Portail",
    Canal.SMS: "SMS",
    Canal.FACEBOOK: "Facebook",
    Canal.X: "X",
    Canal.MASTODON: "Mastodon",
    Canal.RESEAU: "Autre réseau",
}
RESEAUX_NOMMES = frozenset({Canal.FACEBOOK, Canal.X, Canal.MASTODON})
RESEAUX_SOCIAUX = RESEAUX_NOMMES | {Canal.RESEAU}
ORAUX = frozenset({Canal.TELEPHONE, Canal.GUICHET})
CHOIX = [(canal.value, canal.libelle) for canal in Canal]
