"""The three main journeys, lived by keyboard alone, without JavaScript, on a phone at night, at 200 %."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from guichet.socle.demonstration import MOT_DE_PASSE
from tests.ecrans import photo, remplir_la_demande, remplir_les_coordonnees
from tests.fenetre import ACCUEIL, VOIRIE, Visiteur

pytestmark = pytest.mark.navigateur

TABULATIONS = 200  # more than any page has stops


class Souris:
    """Hands that click: for a browser without scripts."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def presser(self, cible: Locator) -> None:
        with self.page.expect_event("load"):
            self.appuyer(cible)
        vue, ecran = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert vue <= ecran, f"{self.page.url} : {vue} px de large sur un écran de {ecran}"

    def appuyer(self, cible: Locator) -> None:
        cible.click()

    def chercher(self) -> None:
        """Results that come while typing rewrite the address: only a new page is loaded."""
        with self.page.expect_event("load"):
            self.page.keyboard.press("Enter")

    def cocher(self, cible: Locator) -> None:
        cible.check()

    def remplir(self, cible: Locator, texte: str) -> None:
        cible.fill(texte)

    def joindre(self, cible: Locator) -> None:
        cible.set_input_files(photo())


class Clavier(Souris):
    """Hands that only know Tab, the arrows, Space, Enter and letters."""

    def atteindre(self, cible: Locator) -> None:
        for _ in range(TABULATIONS):
            if cible.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"The Tab key never reaches {cible}.")

    def appuyer(self, cible: Locator) -> None:
        self.atteindre(cible)
        self.page.keyboard.press("Enter")

    def cocher(self, cible: Locator) -> None:
        """Reach the group of this radio button, then go along it."""
        nom = cible.get_attribute("name")
        for _ in range(TABULATIONS):
            if self.page.evaluate("document.activeElement.name") == nom:
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(20):
            if cible.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrows never reach {cible}.")

    def remplir(self, cible: Locator, texte: str) -> None:
        self.atteindre(cible)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(texte)

    def joindre(self, cible: Locator) -> None:
        """The file chooser itself is the system's."""
        self.atteindre(cible)
        super().joindre(cible)


TELEPHONE = {"viewport": {"width": 360, "height": 740}}
FENETRES: dict[str, dict[str, Any]] = {
    "clavier": {},
    "sans_javascript": {"javascript": False, "ecran": TELEPHONE},
    "telephone_la_nuit": {"ecran": TELEPHONE | {"color_scheme": "dark", "has_touch": True}},
    # What a browser shows of a 1280 × 800 screen at 200 %.
    "deux_fois_plus_grand": {"ecran": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}},
}


@pytest.fixture(params=FENETRES)
def mains(request, visiter) -> Souris:
    """Hands on a fresh window."""
    page = visiter(**FENETRES[request.param]).page
    return Clavier(page) if request.param == "clavier" else Souris(page)


def entrer(mains: Souris, courriel: str) -> None:
    page = mains.page
    page.goto("/agent/connexion/")
    mains.remplir(page.get_by_label("Adresse électronique"), courriel)
    mains.remplir(page.get_by_label("Mot de passe"), MOT_DE_PASSE)
    mains.presser(page.get_by_role("button", name="Se connecter"))


def bouton(page: Page, nom: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=nom, exact=True)


def lien(page: Page, nom: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=nom).first


def test_a_resident_files_a_demande_and_follows_it(mains):
    page = mains.page
    page.goto("/")
    mains.remplir(page.get_by_role("searchbox"), "y a un trou dans ma rue")
    mains.chercher()
    mains.presser(lien(page, "Nid-de-poule ou chaussée dégradée"))
    mains.presser(bouton(page, "Commencer"))
    mains.remplir(page.get_by_label("Que se passe-t-il"), "Un trou devant l'école, large comme une assiette.")
    mains.cocher(page.get_by_label("Piste ou bande cyclable"))
    mains.cocher(page.get_by_label("De 20 à 50 cm"))
    mains.presser(bouton(page, "Continuer"))
    mains.remplir(page.get_by_label("Où se trouve la dégradation"), "12 rue des Tisserands")
    mains.presser(bouton(page, "Continuer"))
    expect(page.get_by_role("heading", name="Photos et documents")).to_be_visible()
    mains.presser(bouton(page, "Continuer"))
    mains.cocher(page.get_by_label("Oui, je laisse mes coordonnées"))
    mains.remplir(page.get_by_label("Prénom"), "Camille")
    mains.remplir(page.locator("[name=vous-nom]"), "Essai")
    mains.remplir(page.get_by_label("Adresse électronique"), "camille.essai@courriel.example")
    mains.presser(bouton(page, "Continuer"))
    expect(page.get_by_text("Un trou devant l'école, large comme une assiette.")).to_be_visible()
    mains.presser(bouton(page, "Envoyer ma demande"))
    expect(page.get_by_role("heading", name="Votre demande est envoyée")).to_be_visible()
    mains.presser(lien(page, "Suivre ma demande"))
    mains.remplir(page.get_by_label("Votre message"), "Il s'est agrandi cette nuit.")
    mains.presser(bouton(page, "Envoyer le message"))

    expect(page.get_by_text("Votre message est bien arrivé.")).to_be_visible()
    expect(page.locator(".fil")).to_contain_text("Il s'est agrandi cette nuit.")
    expect(page.get_by_text("Transmise au service").first).to_be_visible()


def test_an_agent_answers_a_call_with_a_fiche(mains):
    page = mains.page
    entrer(mains, ACCUEIL)
    mains.remplir(page.get_by_role("searchbox"), "trou dans la chaussée")
    mains.chercher()
    mains.presser(lien(page, "Comment signaler un trou dans la chaussée ?"))
    mains.presser(lien(page, "Répondre avec cette fiche"))
    mains.remplir(page.get_by_label("Prénom"), "Dominique")
    mains.remplir(page.locator("[name=nom]"), "Essai")
    mains.remplir(page.locator("[name=telephone]"), "06 39 98 12 34")
    mains.remplir(page.get_by_label("Ce que dit la personne"), "Comment signale-t-on un trou ?")
    mains.cocher(page.get_by_label("Chaussée des voitures"))
    mains.cocher(page.get_by_label("Moins de 20 cm"))
    mains.remplir(page.get_by_label("Où se trouve la dégradation"), "12 rue des Tisserands")
    expect(page.get_by_label("Votre réponse")).to_have_value(re.compile("Indiquez l'adresse"))
    mains.presser(bouton(page, "Répondre tout de suite"))

    expect(page.get_by_role("heading", name="Répondue au premier contact")).to_be_visible()
    mains.presser(lien(page, "Ouvrir la demande"))
    expect(page.get_by_text("Traitée").first).to_be_visible()


@pytest.fixture
def suivie(visiter: Callable[..., Visiteur]) -> tuple[str, Visiteur]:
    """A demande just filed on the portal: its number, and its author's window on the tracking page."""
    auteur = visiter()
    auteur.aller("/deposer/VOI-NID/")
    auteur.bouton("Commencer")
    remplir_la_demande(auteur)
    auteur.bouton("Continuer")
    auteur.page.get_by_label("Où se trouve la dégradation").fill("12 rue des Tisserands")
    auteur.bouton("Continuer")
    auteur.bouton("Continuer")
    auteur.page.get_by_label("Oui, je laisse mes coordonnées").check()
    remplir_les_coordonnees(auteur)
    auteur.bouton("Continuer")
    auteur.bouton("Envoyer ma demande")
    numero = auteur.page.locator(".accuse__numero").first.inner_text()
    auteur.bouton("Suivre ma demande")
    return numero, auteur


def test_a_direction_takes_a_demande_and_answers_it(mains, suivie):
    numero, auteur = suivie
    page = mains.page
    entrer(mains, VOIRIE)
    mains.remplir(page.locator("#recherche-globale"), numero)
    mains.chercher()
    mains.presser(page.locator(f"a[href$='/agent/demandes/{numero}/']"))
    mains.presser(bouton(page, "Prendre en charge"))
    expect(page.get_by_text("Vous avez pris la demande en charge.")).to_be_visible()
    mains.presser(lien(page, "Répondre"))
    mains.remplir(page.get_by_label("Réponse", exact=True), "Bonjour, le trou est rebouché depuis ce matin.")
    mains.cocher(page.get_by_label("Accord", exact=True))
    mains.joindre(page.get_by_label("Photo après l'intervention"))
    mains.presser(bouton(page, "Répondre"))
    expect(page.get_by_text("La réponse est partie.")).to_be_visible()

    auteur.page.reload()
    expect(auteur.page.get_by_text("Réponse apportée").first).to_be_visible()
    expect(auteur.page.locator(".fil")).to_contain_text("le trou est rebouché depuis ce matin")


class Compteur:
    """Hands on a keyboard that count what they do: one key, or one run of typing, is one action."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def touche(self, nom: str, *, vers: str = "") -> None:
        self.actions += 1
        if vers:
            with self.page.expect_navigation(url=vers):
                self.page.keyboard.press(nom)
        else:
            self.page.keyboard.press(nom)

    def ecrire(self, mots: str, *, apparait: Locator) -> None:
        self.actions += 1
        self.page.keyboard.type(mots)
        expect(apparait).to_be_visible()


@pytest.fixture
def guichet(visiter) -> Iterator[Page]:
    """The desk's first page, logged in, nothing pressed yet; no call is left open for the next test."""
    visiteur = visiter()
    visiteur.entrer(ACCUEIL)
    visiteur.page.wait_for_load_state("networkidle")
    yield visiteur.page
    visiteur.aller("/agent/accueil/")
    terminer = visiteur.page.locator("#contact-terminer")
    if terminer.count():
        visiteur.page.keyboard.press("F8")
        expect(terminer).to_have_count(0)  # a window closed at once would take the key with it


def test_a_simple_call_is_answered_and_closed_in_five_or_six_actions(guichet):
    page, mains = guichet, Compteur(guichet)
    fiche = page.get_by_role("link", name="Comment signaler un trou dans la chaussée ?", exact=True)

    mains.touche("F2")
    expect(page.get_by_text("Appel en cours")).to_be_visible()
    mains.ecrire("signaler un trou dans la chaussée", apparait=fiche)
    avec_des_demandes = page.locator("#trouve-demandes, #trouve-personnes").count() > 0
    mains.touche("ArrowDown")
    if avec_des_demandes:
        mains.touche("ArrowRight")  # past the demandes, to the fiches
    expect(fiche).to_be_focused()
    mains.touche("Enter", vers="**/agent/fiches/**")
    mains.touche("q", vers="**/agent/accueil/")

    expect(page.get_by_text("répondu tout de suite").first).to_be_visible()
    expect(page.get_by_text("Appel en cours")).to_have_count(0)
    assert mains.actions == (6 if avec_des_demandes else 5)


LETTRE = "Madame, Monsieur,\n\nUn trou s'est ouvert dans la chaussée devant chez moi. Les vélos y tombent."


def champ_de_la_saisie(page: Page, nom: str) -> Locator:
    return page.locator(f"#saisie [name={nom}]")


def champ_pret(page: Page, nom: str) -> Locator:
    champ = champ_de_la_saisie(page, nom)
    expect(champ).to_be_focused()
    return champ


@pytest.mark.parametrize(
    ("qui", "est_connue", "actions"), [("Élodie Marchand", True, 11), ("Basile Trébuchet", False, 12)]
)
def test_a_letter_is_typed_in_routed_and_acknowledged_in_twelve_actions(guichet, qui, est_connue, actions):
    page, mains = guichet, Compteur(guichet)
    demarche = page.get_by_role("button", name="Choisir : Nid-de-poule ou chaussée dégradée")

    mains.touche("F7", vers="**/agent/saisie/*canal=courrier")
    champ_pret(page, "usager_q")
    expect(page.get_by_label("Arrivée le")).not_to_have_value("")
    if est_connue:
        personne = page.get_by_role("button", name=f"Choisir {qui}")
        mains.ecrire(qui, apparait=personne)
        mains.touche("Enter")
        expect(personne).to_be_focused()
        mains.touche("Enter")
    else:
        mains.ecrire(qui, apparait=page.get_by_text("Personne de ce nom n'est connu"))
        mains.touche("Enter")
        mains.ecrire("3 rue des Loriots", apparait=champ_pret(page, "adresse_personne"))
        mains.touche("Enter")
    mains.ecrire(LETTRE, apparait=champ_pret(page, "texte"))
    mains.touche("Tab")
    expect(demarche).to_be_visible()
    mains.touche("ArrowDown")
    expect(demarche).to_be_focused()
    mains.touche("Enter")
    mains.ecrire("12 rue des Tisserands", apparait=champ_pret(page, "f-adresse"))
    mains.touche("Control+Enter", vers="**/agent/saisie/20**")
    expect(page.get_by_role("heading", name="Orientée vers Rues et trottoirs")).to_be_visible()
    expect(page.get_by_role("link", name=qui)).to_be_visible()
    suivant = page.get_by_role("link", name="Courrier suivant")
    assert suivant.get_attribute("data-touche") == "n"
    with page.expect_request("**/recu.pdf"):  # shown by the browser's own reader
        mains.touche("i")

    assert mains.actions == actions


@pytest.mark.parametrize(
    ("touche", "champ"), [("F2", "#recherche-globale"), ("F7", "#usager_q")], ids=["appel", "courrier"]
)
def test_what_is_typed_before_the_answer_comes_is_in_its_field(guichet, touche, champ):
    page = guichet
    page.keyboard.press("Escape")
    page.route("**/agent/**", lambda route: (time.sleep(0.4), route.continue_()))

    page.keyboard.press(touche)
    page.keyboard.type("marchand")

    expect(page.locator(champ)).to_have_value("marchand", timeout=15_000)
    expect(page.locator(champ)).to_be_focused()
    expect(page.get_by_text("Élodie Marchand").first).to_be_visible()


@pytest.mark.parametrize("adresse", ["/agent/corbeille/", "/agent/a-remettre/", "/agent/absence/"])
def test_the_function_keys_begin_a_call_a_visit_or_a_letter_from_any_page(guichet, adresse):
    page = guichet
    page.goto(adresse)
    page.locator("#recherche-globale").focus()
    page.keyboard.press("F7")
    page.wait_for_url("**/agent/saisie/?canal=courrier")
    expect(page.get_by_label("Arrivée le")).not_to_have_value("")

    for touche, banniere in (("F2", "Appel en cours"), ("F4", "Visite en cours")):
        page.goto(adresse)
        page.keyboard.press(touche)
        page.wait_for_url("**/agent/accueil/")
        expect(page.get_by_text(banniere)).to_be_visible()
        expect(page.locator("#recherche-globale")).to_be_focused()
        page.keyboard.press("F8")
        expect(page.get_by_text(banniere)).to_have_count(0)


def test_a_call_begun_over_an_entry_leaves_what_is_typed(guichet):
    page = guichet
    page.goto("/agent/saisie/?type=VOI-NID")
    page.locator("[name=texte]").fill("Un trou rue des Loriots.")

    page.keyboard.press("F7")
    expect(page.get_by_label("Arrivée le")).to_be_visible()
    page.keyboard.press("F2")

    expect(page.get_by_text("Appel en cours")).to_be_visible()
    expect(page.locator("[name=texte]")).to_have_value("Un trou rue des Loriots.")
    expect(page.locator("#commencer")).to_be_empty()


def test_from_a_card_the_new_demande_has_its_person_and_takes_the_words_at_once(guichet):
    page = guichet
    page.keyboard.press("F2")
    expect(page.get_by_text("Appel en cours")).to_be_visible()
    page.goto("/agent/accueil/?q=marchand")
    page.get_by_role("link", name="Élodie Marchand", exact=True).click()
    expect(page.get_by_role("heading", name="Élodie Marchand")).to_be_visible()

    page.keyboard.press("n")
    page.keyboard.type("Un trou rue des Loriots.", delay=20)

    expect(page.locator("[name=texte]")).to_have_value("Un trou rue des Loriots.")
    expect(page.locator(".choisi__nom")).to_have_text("Élodie Marchand")
    expect(page.get_by_text("Appel en cours")).to_be_visible()


def test_an_answer_written_is_what_ctrl_enter_sends(guichet):
    page = guichet
    page.goto("/agent/saisie/?type=VOI-NID")
    page.locator("[name=nom]").fill("Essai")
    page.locator("[name=texte]").fill("Comment signale-t-on un trou ?")
    page.get_by_label("Votre réponse").fill("Sur le site, ou ici.")
    page.locator("[name=texte]").press("Control+Enter")

    # Refused for want of a fiche, and nothing was routed in its place.
    expect(page.locator("[data-resume-erreurs]").first).to_contain_text("fiche")
    expect(page.get_by_label("Votre réponse")).to_have_value("Sur le site, ou ici.")


def test_letters_typed_while_a_choice_is_drawn_press_no_button(guichet):
    page = guichet
    page.goto("/agent/saisie/?canal=courrier&type=VOI-NID")
    page.locator("#usager_q").fill("Élodie Marchand")
    page.get_by_role("button", name="Choisir Élodie Marchand").focus()

    page.keyboard.press("Enter")
    page.keyboard.type("Un trou rue des Loriots.")

    expect(page.locator("[name=texte]")).to_have_value("Un trou rue des Loriots.")
    expect(page.get_by_role("heading", name="Nouvelle demande")).to_be_visible()


def test_the_keys_listed_are_those_of_the_page_and_the_screen_can_be_hidden(guichet):
    page = guichet
    page.keyboard.press("F4")
    expect(page.get_by_text("Visite en cours")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    aide = page.locator("#aide-clavier")
    expect(aide).to_contain_text("Terminer sans suite")
    expect(aide).to_contain_text("Masquer l'écran")
    expect(aide).not_to_contain_text("Appel")
    page.keyboard.press("Escape")

    page.keyboard.press("F9")
    masque = page.get_by_role("dialog", name="Écran masqué")
    expect(masque).to_be_visible()
    expect(page).to_have_title("Écran masqué")
    page.goto("/agent/corbeille/")
    expect(masque).to_be_visible()
    page.keyboard.press("s")
    expect(masque).to_be_hidden()
    expect(page).not_to_have_title("Écran masqué")
    # The key showed the page and did nothing else.
    expect(page.get_by_text("Visite en cours")).to_be_visible()
    page.keyboard.press("F8")
    expect(page.get_by_text("sans suite").first).to_be_visible()
