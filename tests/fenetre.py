"""One visitor's window on the demo city, and who may stand before it: for the tours and the browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

from guichet.socle.demonstration import MOT_DE_PASSE

Ecrans = Iterator[tuple[str, Page]]

ACCUEIL = "accueil@demo.example"
RESPONSABLE_ACCUEIL = "responsable.accueil@demo.example"
VOIRIE = "agent.voirie@demo.example"
RESPONSABLE_VOIRIE = "responsable.voirie@demo.example"
TELEPHONE = "accueil.telephone@demo.example"
ETAT_CIVIL = "agent.etatcivil@demo.example"
ELUE = "elue@demo.example"
ADMIN = "admin@demo.example"
MODERATEUR = "moderateur@demo.example"
HABITANTE = "usager@demo.example"

# A demande of the demo with a long thread, held by the roads department.
FIL_RICHE = "Trou profond devant le théâtre"


@dataclass
class Visiteur:
    """One browser window on the city: cookies of its own, and what its console complained of."""

    navigateur: Browser
    adresse: str
    javascript: bool = True
    ecran: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contexte = self.navigateur.new_context(
            base_url=self.adresse,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            java_script_enabled=self.javascript,
            **{"viewport": {"width": 1280, "height": 800}, **self.ecran},
        )
        self.contexte.set_default_timeout(15_000)
        self.page = self.contexte.new_page()
        self.plaintes: list[str] = []
        self.page.on("console", self._noter)
        self.page.on("pageerror", lambda erreur: self.plaintes.append(str(erreur)))

    def _noter(self, message) -> None:
        # A page that answers 404 or 409 on purpose is no fault of its own.
        est_la_page = message.text.startswith("Failed to load resource") and "status of 4" in message.text
        if message.type == "error" and not (est_la_page and message.location["url"] == self.page.url):
            self.plaintes.append(f"{self.page.url} : {message.text}")

    def aller(self, chemin: str) -> Page:
        self.page.goto(chemin)
        return self.page

    def bouton(self, nom: str) -> None:
        """Press the button with these exact words, or follow the link that looks like one."""
        boutons = self.page.get_by_role("button", name=nom, exact=True)
        liens = self.page.get_by_role("link", name=nom, exact=True)
        (boutons if boutons.count() else liens).first.click()
        self.page.wait_for_load_state()

    def entrer(self, courriel: str) -> None:
        """Log in by the door of this person."""
        est_habitant = courriel == HABITANTE
        self.aller("/connexion/" if est_habitant else "/agent/connexion/")
        self.page.get_by_label("Adresse électronique").fill(courriel)
        self.page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
        self.bouton("Se connecter")

    def ouvrir_la_demande(self, objet: str) -> Page:
        """Find a demande by its object, as an agent does, and open it."""
        self.aller(f"/agent/accueil/?q={objet}")
        self.page.get_by_role("link", name=objet).first.click()
        self.page.wait_for_url("**/agent/demandes/**")
        return self.page

    def fermer(self) -> None:
        self.contexte.close()
