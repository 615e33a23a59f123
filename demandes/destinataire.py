"""To whom and how what an agent writes will reach the resident, said before it is sent."""

from dataclasses import dataclass

from django.utils import timezone

from demandes import suivi
from demandes.actions import avis
from demandes.models import Demande, correspondant
from demandes.moyens import Moyen, moyen_de, nom_du_reseau
from guichet.canaux.canal import ORAUX, Canal
from guichet.envois import texto
from guichet.organisation import ville

# What a gesture sends has legal effect: it leaves in writing; an answer, only when it refuses.
ACTES = ("demander_complement", "rejeter")
REPONSES = ("repondre", "proposer_une_reponse", "repondre_immediatement")
# Those that documents may be joined to.
AVEC_DOCUMENTS = ("repondre", "ecrire_a_l_usager")


@dataclass(frozen=True)
class Destinataire:
    """`nom` is empty for nobody; `moyen` and `refus` say how; `suite`: what is left to do by hand."""

    nom: str
    moyen: str
    suite: str = ""
    refus: str = ""
    # What the city adds to an SMS: counted with the words.
    signature: str = ""
    est_sur_un_reseau: bool = False
    # Where a joined document is read, when it does not travel with the words.
    documents: str = ""
    # When the city says that it answers there.
    promesse: str = ""

    def __bool__(self) -> bool:
        return bool(self.nom)

    @property
    def est_sms(self) -> bool:
        return bool(self.signature)

    @property
    def est_a_la_main(self) -> bool:
        return bool(self.suite)


A_FAIRE = {
    Canal.COURRIER: "Aucun courriel ne partira : la lettre sera à imprimer et à poster.",
    Canal.TELEPHONE: "Aucun courriel ne partira : votre texte garde la trace de ce qui sera dit.",
    Canal.GUICHET: "Aucun courriel ne partira : la page imprimée attendra la personne à l'accueil.",
}
A_RECOPIER = (
    "Rien ne partira seul : votre texte attendra dans « À remettre », avec le lien de la publication."
)


def destinataire_de(demande: Demande, *, contenu_visible: bool, geste: str = "") -> Destinataire:
    """Who will read it. Without the right to the content, the person stays unnamed."""
    usager, moyen = correspondant(demande), moyen_de(demande, par_ecrit=geste in ACTES)
    if usager is None or moyen is None:
        return Destinataire("", "Demande anonyme : il n'y a personne à qui répondre.")
    suite = A_RECOPIER if moyen.est_a_recopier else A_FAIRE.get(moyen.canal, "")
    par_sms = moyen.canal is Canal.SMS
    if not contenu_visible:
        comment = (
            "par SMS" if par_sms else "en privé sur le réseau" if moyen.est_un_reseau else "par courriel"
        )
        comment = "à joindre par un agent habilité" if suite else comment
        return Destinataire("la personne qui a fait la demande", comment, suite)
    par_ecrit = moyen_de(demande, par_ecrit=True)
    if geste == "repondre_immediatement" and demande.canal in ORAUX:
        return Destinataire(str(usager), "de vive voix", refus=f"Un refus partira aussi {par_ecrit}.")
    refus = f"Un refus partira {par_ecrit}." if geste in REPONSES and par_ecrit != moyen else ""
    signature = avis.signature_du_sms(demande) if par_sms else ""
    return Destinataire(
        str(usager),
        f"{moyen}{a_quelle_heure(moyen)}",
        suite,
        refus,
        signature,
        moyen.est_un_reseau,
        documents=ou_sont_les_documents(moyen, geste),
        promesse=ville.lire()["promesse_reseaux"] if moyen.est_un_reseau else "",
    )


def ou_sont_les_documents(moyen: Moyen, geste: str) -> str:
    """Said before a document is chosen; a mail, that people expect it in, says it beside the field alone."""
    if geste and geste not in AVEC_DOCUMENTS:
        return ""
    if moyen.canal is Canal.SMS:
        avec = "par SMS"
    elif moyen.est_un_reseau:
        avec = f"sur {nom_du_reseau(moyen.canal)}"
    elif geste and moyen.canal in (Canal.COURRIEL, Canal.PORTAIL):
        avec = "avec le courriel"
    else:
        return ""
    return f"Un document joint ne part pas {avec} : la personne le trouvera derrière son lien de suivi."


def a_quelle_heure(moyen: Moyen) -> str:
    """Nobody is woken by an SMS: what is written at night says when it leaves."""
    matin = texto.prochain_matin(timezone.localtime()) if moyen.canal is Canal.SMS else None
    return f", à partir de {matin.hour} h" if matin else ""


def annonce(demande: Demande, *, contenu_visible: bool) -> str:
    """Who a gesture warns by itself, in one sentence: its mails are automatic, whatever is preferred."""
    usager = correspondant(demande)
    if usager is None:
        return "Personne n'est prévenu : il n'y a personne à joindre."
    courriel = suivi.courriel_de_reponse(demande)
    nom, comment = "la personne qui a fait la demande", ""
    if contenu_visible:
        nom, comment = str(usager), f" ({courriel or moyen_de(demande)})"
    if courriel:
        return f"Un courriel prévient {nom}{comment}."
    return f"Aucun courriel ne part : prévenez vous-même {nom}{comment}."
