"""The guides followed to the letter by two people who have never seen Guichet, by the words on the screen."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.ecrans import remplir_les_coordonnees
from tests.fenetre import ACCUEIL, ADMIN, Visiteur

pytestmark = pytest.mark.navigateur

WEB = "accueil.web@demo.example"
ESPACES_VERTS = "agent.espacesverts@demo.example"
DEMARCHE = "Banc cassé"


def presser(page: Page, role: str, nom: str) -> None:
    """Press what bears these exact words, once."""
    page.get_by_role("main").get_by_role(role, name=nom, exact=True).click()


def repondre(page: Page, question: str, reponse: str) -> None:
    """Tick an answer under its question."""
    page.get_by_role("group", name=question).get_by_label(reponse, exact=True).check()


def rubrique_de(page: Page, nom: str) -> None:
    page.get_by_role("navigation", name="Administration").get_by_role("link", name=nom, exact=True).click()


def ajouter_une_question(page: Page, question: str, genre: str, *, choix: str = "", si: str = "") -> None:
    presser(page, "link", "Ajouter une question")
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_label("Genre de réponse").select_option(label=genre)
    if choix:
        page.get_by_label("Réponses possibles").fill(choix)
    else:
        expect(page.get_by_label("Réponses possibles")).to_be_hidden()
    page.get_by_label("Réponse obligatoire").check()
    if si:
        page.get_by_label("Quand la poser").select_option(label=si)
    presser(page, "button", "Enregistrer")


def completer(page: Page, rubrique: str) -> None:
    """Fill in what one section still needs before it may be published."""
    match rubrique:
        case "Présentation":
            repondre(page, "Thèmes", "Rue, éclairage et eau")
            page.get_by_label("Mots du quotidien").fill("le banc est cassé")
        case "Silence de la ville":
            page.get_by_label("Régime").select_option(label="Sans objet")
            page.get_by_label("En clair, pour l'accusé de réception").fill("Aucune décision n'est attendue.")
            page.get_by_label("Validé par").fill("Affaires juridiques")
            page.get_by_label("Validé le").fill("2026-11-02")
        case "Dépôt":
            repondre(page, "Peut être faite en ligne", "Oui")
            repondre(page, "Accusé de réception obligatoire", "Oui")
            page.get_by_label("Autres moyens que le numérique").fill("Par téléphone au 04 65 71 00 00.")
        case "Données personnelles":
            page.get_by_label("Base légale").select_option(label="Mission d'intérêt public")
            page.get_by_label("À quoi servent les données").fill("Réparer le banc.")
            page.get_by_label("Qui les lit").fill("Parcs et jardins")
            page.get_by_label("Usage courant après la fin").fill("24")
            page.get_by_label("Puis accès restreint").fill("0")
            page.get_by_label("Ensuite").select_option(label="Rendues anonymes")
        case "Réponse":
            repondre(page, "La réponse doit être signée par un responsable", "Non")
            repondre(page, "Peut être classée sans suite faute de complément", "Oui")
        case autre:
            raise AssertionError(f"Nothing in the guide about « {autre} ».")


def composer(v: Visiteur, code: str) -> None:
    """A new démarche, from its name to the portal: the page says what is missing and leads there."""
    page = v.page
    page.get_by_role("navigation").get_by_role("link", name="Administration", exact=True).click()
    rubrique_de(page, "Démarches")
    presser(page, "link", "Nouvelle démarche")
    page.get_by_label("Code").fill(code)
    page.get_by_label("Nom de la démarche").fill(DEMARCHE)
    page.get_by_label("Description").fill("Signalez un banc abîmé dans une rue ou un parc.")
    page.get_by_label("Direction qui instruit").select_option(label="Direction de la voirie")
    page.get_by_label("Délai de service").fill("10")
    presser(page, "button", "Créer la démarche")
    presser(page, "link", "Composer le formulaire")
    ajouter_une_question(
        page, "Où est le banc ?", "Un choix dans une liste", choix="Dans la rue\nDans un parc"
    )
    ajouter_une_question(page, "Quel parc ?", "Texte court", si="Si « Où est le banc ? » : Dans un parc")
    presser(page, "button", "Mettre en service")
    page.get_by_role("navigation", name="Fil d'Ariane").get_by_role("link", name=DEMARCHE).click()
    manques = page.locator(".message", has_text="Ce qui manque avant de publier").get_by_role("listitem")
    expect(manques).to_have_count(5)
    for _ in range(5):
        rubrique = manques.first.inner_text().split("\u00a0: ")[0]
        liens = manques.first.get_by_role("link")
        absents = liens.all_inner_texts()
        liens.first.click()
        for absent in absents:
            expect(page.get_by_text(f"{absent} (nécessaire pour publier)").first).to_be_visible()
        completer(page, rubrique)
        presser(page, "button", "Enregistrer")
        expect(page.get_by_role("heading", name=DEMARCHE, level=1)).to_be_visible()
    expect(manques).to_have_count(0)
    presser(page, "button", "Publier")
    expect(page.get_by_text("Cette démarche est publiée.")).to_be_visible()


def regler(v: Visiteur, code: str) -> None:
    """A rule for those in a park, tried before it serves, and the words to answer them with."""
    page = v.page
    rubrique_de(page, "Règles d'orientation")
    presser(page, "link", "Nouvelle règle")
    page.get_by_label("Nom de la règle").fill("Banc dans un parc")
    page.get_by_label("Démarche").select_option(label=f"{DEMARCHE} ({code})")
    presser(page, "button", "Voir les questions de cette démarche")
    page.get_by_label("Où est le banc ?").select_option(label="Dans un parc")
    page.get_by_label("Direction qui agit").select_option(label="Direction des espaces verts")
    page.get_by_label("Raison").fill("Le banc est dans un parc")
    presser(page, "button", "Enregistrer")
    presser(page, "link", "Essayer")
    page.get_by_label("Démarche").select_option(label=f"{DEMARCHE} ({code})")
    presser(page, "button", "Continuer")
    page.get_by_label("Où est le banc ?").select_option(label="Dans un parc")
    presser(page, "button", "Voir où elle irait")
    expect(page.get_by_role("main")).to_contain_text("Le banc est dans un parc")
    rubrique_de(page, "Modèles de réponse")
    presser(page, "link", "Nouveau modèle")
    page.get_by_label("Geste").select_option(label="Répondre")
    page.get_by_label("Démarche").select_option(label=f"{DEMARCHE} ({code})")
    page.get_by_label("Titre").fill("Banc réparé")
    page.get_by_label("Texte", exact=True).fill("Bonjour {{ usager.nom }},\n\nLe banc est réparé.")
    presser(page, "button", "Voir le texte rempli")
    expect(page.get_by_role("main")).to_contain_text("Bonjour Camille Exemple,")
    presser(page, "button", "Enregistrer")


def deposer(v: Visiteur, **autres: str) -> str:
    """A resident finds it by their own words, answers, sends; return the number."""
    page = v.aller("/?q=le banc est cassé")
    page.get_by_role("main").get_by_role("link", name=DEMARCHE).first.click()
    v.bouton("Commencer")
    page.get_by_label("Que se passe-t-il").fill("Deux lattes manquent, on ne peut plus s'asseoir.")
    expect(page.get_by_label("Quel parc ?")).to_be_hidden()
    repondre(page, "Où est le banc ?", "Dans un parc")
    page.get_by_label("Quel parc ?").fill("Parc des Lavandières")
    for question, reponse in autres.items():
        page.get_by_label(question).fill(reponse)
    v.bouton("Continuer")
    page.get_by_label("Oui, je laisse mes coordonnées").check()
    remplir_les_coordonnees(v)
    v.bouton("Continuer")
    v.bouton("Envoyer ma demande")
    return page.locator(".accuse__numero").first.inner_text()


def signaler(v: Visiteur, nom: str) -> str:
    """Type in the same hole, said by somebody; return the number."""
    page = v.aller("/agent/saisie/?type=VOI-NID")
    page.locator("[name=nom]").fill(nom)
    page.get_by_label("Ce que dit la personne").fill("Un trou devant le 4 rue des Loriots.")
    repondre(page, "Quelle voie ?", "Chaussée des voitures")
    repondre(page, "Taille du trou", "De 20 à 50 cm")
    page.get_by_label("Où se trouve la dégradation").fill("4 rue des Loriots")
    v.bouton("Enregistrer sans orienter")
    page.wait_for_url("**/agent/saisie/20**")
    return page.locator(".faite__numeros dd").first.inner_text()


def test_a_duplicate_is_merged_from_the_queue_in_three_actions(visiter):
    v = visiter()
    v.entrer(ACCUEIL)
    premiere, seconde = signaler(v, "Girodet"), signaler(v, "Brunel")
    page = v.aller(f"/agent/corbeille/?vue=a_qualifier&ouverte={seconde}")
    expect(page.locator("#apercu:not([aria-busy]) [data-numero]")).to_have_attribute("data-numero", seconde)
    expect(page.locator(f"tr[data-numero='{seconde}'] [data-ligne]")).to_be_focused()

    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Peut-être la même chose")).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Est-ce la même chose ?")).to_be_visible()
    page.keyboard.press("g")

    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("La demande est regroupée.")
    v.aller(f"/agent/demandes/{seconde}/")
    expect(page.get_by_role("main")).to_contain_text(premiere)
    expect(page.get_by_text("Regroupée").first).to_be_visible()


def test_an_administrator_writes_a_demarche_that_lives_and_changes(visiter):
    admin, accueil, direction = visiter(), visiter(), visiter()
    code = f"ESS-{uuid4().hex[:4]}".upper()
    admin.entrer(ADMIN)
    composer(admin, code)
    fiche = admin.page.url
    regler(admin, code)
    numero = deposer(visiter())

    accueil.entrer(WEB)
    page = accueil.aller(f"/agent/demandes/{numero}/")
    presser(page, "link", "Qualifier")
    presser(page, "button", "Qualifier")
    expect(page.get_by_role("main")).to_contain_text("Le banc est dans un parc")
    presser(page, "button", "Orienter")

    direction.entrer(ESPACES_VERTS)
    page = direction.aller(f"/agent/demandes/{numero}/")
    presser(page, "button", "Prendre en charge")
    presser(page, "link", "Répondre")
    page.get_by_text("Banc réparé", exact=True).click()
    page.get_by_role("button", name="Insérer ce modèle").first.click()
    expect(page.get_by_label("Réponse", exact=True)).to_have_value(
        re.compile("La Rochefoucauld-Montbel,\n\nLe banc")
    )

    admin.aller(fiche)
    presser(admin.page, "link", "Composer le formulaire")
    ajouter_une_question(admin.page, "Combien de lattes manquent ?", "Nombre")
    presser(admin.page, "button", "Mettre en service")
    seconde = deposer(visiter(), **{"Combien de lattes manquent ?": "2"})

    anciennes = direction.aller(f"/agent/demandes/{numero}/").get_by_role("main")
    expect(anciennes).to_contain_text("Parc des Lavandières")
    expect(anciennes).not_to_contain_text("Combien de lattes manquent ?")
    nouvelles = accueil.aller(f"/agent/demandes/{seconde}/").get_by_role("main")
    expect(nouvelles).to_contain_text("Combien de lattes manquent ?")
