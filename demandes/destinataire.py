"""To whom and how what an agent writes will reach the resident, said before it is sent."""

from dataclasses import dataclass

from demandes.actions.avis import adresses, canal_de_secours
from demandes.models import Demande, correspondant
from guichet.canaux.canal import Canal
from guichet.socle.coordonnees import afficher_telephone


@dataclass(frozen=True)
class Destinataire:
    """`nom` is empty for nobody; `moyen` says how; `est_a_la_main`: no mail leaves, somebody must do it."""

    nom: str
    moyen: str
    est_a_la_main: bool = False

    def __bool__(self) -> bool:
        return bool(self.nom)


def destinataire_de(demande: Demande, *, contenu_visible: bool) -> Destinataire:
    """Who will read it. Without the right to the content, the person stays unnamed."""
    usager = correspondant(demande)
    if usager is None:
        return Destinataire("", "Demande anonyme : il n'y a personne à qui répondre.")
    courriels = adresses(demande)
    if not contenu_visible:
        moyen = "par courriel" if courriels else "à joindre par un agent habilité"
        return Destinataire("la personne qui a fait la demande", moyen, not courriels)
    if courriels:
        return Destinataire(str(usager), f"{courriels[0]}, par courriel")
    moyens: dict[str, str] = {
        Canal.TELEPHONE: f"à rappeler au {afficher_telephone(usager.telephone)}" if usager.telephone else "",
        Canal.COURRIER: f"à écrire par courrier, {usager.adresse}",
    }
    moyen = moyens.get(canal_de_secours(demande), "à prévenir au guichet")
    return Destinataire(str(usager), f"aucune adresse électronique : {moyen}", est_a_la_main=True)


def annonce(destinataire: Destinataire) -> str:
    """Who a gesture warns by itself, in one sentence."""
    if not destinataire:
        return "Personne n'est prévenu : il n'y a personne à joindre."
    if destinataire.est_a_la_main:
        return f"Aucun courriel ne part : prévenez vous-même {destinataire.nom} ({destinataire.moyen})."
    return f"Un courriel prévient {destinataire.nom} ({destinataire.moyen.removesuffix(', par courriel')})."
