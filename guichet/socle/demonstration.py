"""The demo logins: the one list that the loader creates and that `make run` prints."""

from dataclasses import dataclass

MOT_DE_PASSE = "guichet-demo"  # printed by `make run`; production refuses the demo

PORTE_AGENT = "/agent/connexion/"
PORTE_USAGER = "/connexion/"


@dataclass(frozen=True)
class CompteDeDemonstration:
    """One person to try the product as: what they do there, and by which door they come in."""

    courriel: str
    role: str
    porte: str


COMPTES = (
    CompteDeDemonstration("accueil@demo.example", "agent d'accueil, au guichet et au téléphone", PORTE_AGENT),
    CompteDeDemonstration("responsable.accueil@demo.example", "responsable de l'accueil", PORTE_AGENT),
    CompteDeDemonstration("agent.voirie@demo.example", "agent de la direction de la voirie", PORTE_AGENT),
    CompteDeDemonstration("responsable.voirie@demo.example", "responsable de la voirie", PORTE_AGENT),
    CompteDeDemonstration("agent.etatcivil@demo.example", "agent de l'état civil", PORTE_AGENT),
    CompteDeDemonstration("admin@demo.example", "administratrice de la plateforme", PORTE_AGENT),
    CompteDeDemonstration("redacteur@demo.example", "rédacteur du portail, qui propose", PORTE_AGENT),
    CompteDeDemonstration("moderateur@demo.example", "éditrice du portail, qui relit et publie", PORTE_AGENT),
    CompteDeDemonstration("usager@demo.example", "habitante de la ville", PORTE_USAGER),
)
