"""What several stories do: file on the web, read the link of an e-mail, find a demande in a queue."""

import re
from contextlib import AbstractContextManager
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from urllib.parse import urlsplit

import time_machine
from django.utils import timezone
from PIL import Image

from demandes.models import Demande
from tests.parcours.visiteur import Envoi, Page, Visiteur

RECIT = "Un trou profond devant l'école, un enfant est tombé."
PAUL = {"prenom": "Paul", "nom": "Durand", "courriel": "paul.durand@courriel.example"}


def photo(couleur: str = "grey") -> bytes:
    """A small real picture."""
    sortie = BytesIO()
    Image.new("RGB", (64, 48), couleur).save(sortie, "JPEG")
    return sortie.getvalue()


def preparer_un_depot(visiteur: Visiteur, *, personne: dict[str, str] | None = PAUL) -> Envoi:
    """Walk a signalement to its last page; None files it without a name, {} with one's account."""
    page = visiteur.ouvrir("/deposer/VOI-TROU/").envoyer("Commencer")
    page = page.envoyer("Continuer", **{"recit-texte": RECIT, "q-nature": "trou"})
    page = page.envoyer("Continuer", **{"lieu-adresse": "12 rue des Tisserands"})
    if page.titre == "Le lieu":  # not a known street: the district is asked
        page = page.envoyer("Continuer", **{"lieu-territoire": "inconnu"})
    page = page.envoyer("Continuer", **{"pieces-photo": ("trou.jpg", photo())})
    coordonnees = {"vous-anonyme": "oui" if personne is None else "non"}
    coordonnees |= {f"vous-{champ}": valeur for champ, valeur in (personne or {}).items()}
    page = page.envoyer("Continuer", **coordonnees)
    assert page.titre == "Vérifiez, puis envoyez", page.texte
    return page.remplir("Envoyer ma demande")


def deposer(visiteur: Visiteur, *, personne: dict[str, str] | None = PAUL) -> tuple[Page, Demande]:
    """File it; return the receipt and what it made."""
    recu = preparer_un_depot(visiteur, personne=personne).partir()
    assert recu.titre == "Votre demande est envoyée", recu.texte
    numero = re.search(r"\d{4}-\d{7}", recu.texte)
    assert numero is not None
    return recu, Demande.objects.get(numero=numero[0])


def liens(courriel: EmailMessage) -> list[str]:
    """Paths of the city's links in an e-mail."""
    corps = courriel.get_body(("plain",))
    assert corps is not None
    return [urlsplit(lien).path for lien in re.findall(r"https?://[^\s>]+", corps.get_content())]


def texte_de(courriel: EmailMessage) -> str:
    corps = courriel.get_body(("plain",))
    assert corps is not None
    return " ".join(corps.get_content().split())


def relire(numero: str) -> Demande:
    return Demande.objects.pour_fil().get(numero=numero)


def journal(numero: str) -> list[str]:
    """The gestures made on a demande, in order."""
    lignes = relire(numero).journal.order_by("rang")
    return list(lignes.values_list("geste", flat=True))


def il_y_a(**duree: float) -> AbstractContextManager[object]:
    """Make what follows happen in the past, in this process: the web server and the worker live today."""
    return time_machine.travel(timezone.now() - timedelta(**duree), tick=True)
