"""The composer's drafts, kept by the server: a session that ends or another machine loses no word."""

from django.utils import timezone

from demandes.actions.porte import lire_texte
from demandes.models import Demande, EcritEnCours
from demandes.models.ecrits import DUREE_ECRIT
from guichet.organisation.models import Compte
from guichet.socle.lecture import AUTRE_MARQUE, MARQUE, Lecture

# Gestures that send what the composer holds, and the mode they empty.
GESTES_A_L_USAGER = (
    "ecrire_a_l_usager",
    "repondre",
    "repondre_immediatement",
    "proposer_une_reponse",
)
LES_SIENS = Lecture(
    lambda: EcritEnCours.objects.filter(demande=MARQUE, compte=AUTRE_MARQUE).order_by("-modifie_le")
)


def garder(demande: Demande, compte: Compte, mode: str, texte: str) -> EcritEnCours | None:
    """Keep a draft in place of the one before; an emptied one is forgotten."""
    propre = lire_texte(texte)
    if not propre:
        oublier(demande, compte, mode)
        return None
    ecrit, _ = EcritEnCours.objects.update_or_create(
        demande=demande, compte=compte, mode=mode, defaults={"texte": propre}
    )
    return ecrit


def oublier(demande: Demande, compte: Compte, mode: str) -> None:
    EcritEnCours.objects.filter(demande=demande, compte=compte, mode=mode).delete()


def ecrits_de(demande: Demande, compte: Compte) -> dict[str, EcritEnCours]:
    """The drafts of an agent by mode, the latest first."""
    return {ecrit.mode: ecrit for ecrit in LES_SIENS.objets(demande.pk, compte.pk)}


def mode_du_geste(geste: str, *, est_confidentielle: bool = False) -> str:
    """The mode a gesture empties once made; empty when it has nothing to do with the composer."""
    if geste == "ajouter_une_note":
        return EcritEnCours.Mode.CONFIDENTIEL if est_confidentielle else EcritEnCours.Mode.INTERNE
    return EcritEnCours.Mode.USAGER if geste in GESTES_A_L_USAGER else ""


def effacer_les_perimes() -> int:
    """Erase what was left unsent for 30 days."""
    nombre, _ = EcritEnCours.objects.filter(modifie_le__lte=timezone.now() - DUREE_ECRIT).delete()
    return nombre
