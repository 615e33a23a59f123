"""A walk through every screen of the demo city, by role: the pictures are taken and axe is run along it.

Each function is a tour: it drives one visitor's window and yields `(name of the screen, page)` whenever a
screen stands ready. Tours use what people see (labels, words on buttons), so that a screen nobody can use
stops the walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

from guichet.socle.demonstration import MOT_DE_PASSE
from tests.fenetre import (
    ACCUEIL,
    ADMIN,
    ELUE,
    ETAT_CIVIL,
    FIL_RICHE,
    HABITANTE,
    RESPONSABLE_ACCUEIL,
    RESPONSABLE_VOIRIE,
    TELEPHONE,
    VOIRIE,
    Ecrans,
    Visiteur,
)


def photo() -> dict[str, object]:
    """A drawn picture, as a file to attach."""
    image = Image.new("RGB", (640, 420), "#8a8f96")
    dessin = ImageDraw.Draw(image)
    dessin.rectangle((0, 0, 640, 110), fill="#c9c5bb")
    dessin.ellipse((210, 190, 430, 320), fill="#3c3f45", outline="#5d6168", width=6)
    sortie = BytesIO()
    image.save(sortie, "JPEG")
    return {"name": "trou-rue-des-tisserands.jpg", "mimeType": "image/jpeg", "buffer": sortie.getvalue()}


# -- residents ---------------------------------------------------------------------------------------------


def portail(v: Visiteur) -> Ecrans:
    """What everybody may see without an account."""
    yield "accueil", v.aller("/")
    yield "recherche", v.aller("/?q=y a un trou devant chez moi")
    yield "recherche-vide", v.aller("/?q=licorne")
    yield "demarches", v.aller("/deposer/")
    yield "theme", v.aller("/deposer/theme/voirie/")
    yield "demarche", v.aller("/deposer/EC-NAIS/")
    yield "suivi-code", v.aller("/suivi/")
    v.page.get_by_label("Numéro de la demande").fill("2026-0001234")
    v.page.get_by_label("Code de suivi").fill("BCDF2345")
    v.bouton("Voir ma demande")
    yield "suivi-code-refuse", v.page
    yield "connexion", v.aller("/connexion/")
    yield "inscription", v.aller("/inscription/")
    yield "mot-de-passe", v.aller("/mot-de-passe/")
    yield "introuvable", v.aller("/deposer/VOI-RIEN/")
    yield "mentions", v.aller("/mentions/")
    yield "accessibilite", v.aller("/accessibilite/")


def depot(v: Visiteur) -> Ecrans:
    """A deposit without an account, step by step, then its two ways of being followed."""
    yield "depot-commencer", v.aller("/deposer/VOI-NID/")
    v.bouton("Commencer")
    yield "depot-demande", v.page
    v.bouton("Continuer")
    yield "depot-erreurs", v.page
    remplir_la_demande(v)
    v.bouton("Continuer")
    v.page.get_by_label("Où se trouve la dégradation").fill("12 rue des Tisserands")
    yield "depot-lieu", v.page
    v.bouton("Continuer")
    v.page.locator("input[type=file]").first.set_input_files(photo())
    v.bouton("Ajouter ces fichiers")
    yield "depot-pieces", v.page
    v.bouton("Continuer")
    v.page.get_by_label("Oui, je laisse mes coordonnées").check()
    yield "depot-coordonnees", v.page
    remplir_les_coordonnees(v)
    v.bouton("Continuer")
    yield "depot-recapitulatif", v.page
    v.bouton("Envoyer ma demande")
    yield "recu", v.page
    numero, code = v.page.locator(".accuse__numero").all_inner_texts()
    v.bouton("Suivre ma demande")
    yield "suivi-lien", v.page
    v.aller("/suivi/")
    v.page.get_by_label("Numéro de la demande").fill(numero)
    v.page.get_by_label("Code de suivi").fill(code)
    v.bouton("Voir ma demande")
    yield "suivi-par-code", v.page


def remplir_la_demande(v: Visiteur) -> None:
    v.page.get_by_label("Que se passe-t-il").fill(
        "Un trou s'est ouvert devant l'école. Il est large comme une assiette et les vélos tombent dedans."
    )
    v.page.get_by_label("Chaussée des voitures").check()
    v.page.get_by_label("De 20 à 50 cm").check()


def remplir_les_coordonnees(v: Visiteur) -> None:
    v.page.get_by_label("Prénom").fill("Marie-Antoinette")
    v.page.locator("[name=vous-nom]").fill("de La Rochefoucauld-Montbel")
    v.page.get_by_label("Adresse électronique").fill("marie-antoinette@courriel.example")


def habitante(v: Visiteur) -> Ecrans:
    """A resident with an account: her demandes, one of each kind."""
    v.entrer(HABITANTE)
    yield "mes-demandes", v.page
    for ecran, objet in (
        ("ma-demande", FIL_RICHE),
        ("ma-demande-complement", "Nouvel abonnement résident"),
        ("ma-demande-repondue", "Couvercle du bac jaune"),
    ):
        v.aller("/mes-demandes/")
        v.page.get_by_role("link", name=objet).first.click()
        v.page.wait_for_load_state()
        yield ecran, v.page
    yield "mes-coordonnees", v.aller("/mes-coordonnees/")
    yield "accueil-habitante", v.aller("/")


# -- agents ------------------------------------------------------------------------------------------------


def guichet(v: Visiteur) -> Ecrans:
    """The front desk: search, a person, a fiche, an entry from a call."""
    yield "agent-connexion", v.aller("/agent/connexion/")
    v.entrer(ACCUEIL)
    yield "agent-accueil", v.page
    yield "agent-recherche", v.aller("/agent/accueil/?q=marchand")
    yield "agent-recherche-sujet", v.aller("/agent/accueil/?q=trou")
    yield "agent-recherche-vide", v.aller("/agent/accueil/?q=zzyzx")
    v.aller("/agent/accueil/?q=Élodie Marchand")
    v.page.get_by_role("link", name="Élodie Marchand").first.click()
    v.page.wait_for_url("**/agent/usagers/**")
    yield "agent-usager", v.page
    personne = v.page.url
    v.bouton("Corriger le nom ou l'adresse")
    yield "agent-usager-modifier", v.page
    v.aller(personne)
    v.bouton("Identité vérifiée au guichet")
    yield "agent-usager-identite", v.page
    v.aller(personne)
    v.page.get_by_role("button", name="Appel").click()
    v.page.wait_for_load_state()
    yield "agent-contact", v.page
    v.bouton("Nouvelle demande pour cette personne")
    v.page.wait_for_url("**/agent/saisie/**")
    yield "agent-saisie", v.page
    v.aller(v.page.url + "&type=VOI-NID" if "?" in v.page.url else v.page.url + "?type=VOI-NID")
    v.page.get_by_label("Ce que dit la personne").fill("Un trou devant la boulangerie, côté pair.")
    v.page.get_by_label("Chaussée des voitures").check()
    v.page.get_by_label("De 20 à 50 cm").check()
    # Where somebody already reported one.
    v.page.get_by_label("Où se trouve la dégradation").fill("6 rue du Théâtre")
    v.page.keyboard.press("Tab")
    v.page.wait_for_load_state("networkidle")
    yield "agent-saisie-type", v.page
    v.bouton("Orienter")
    v.page.wait_for_url("**/agent/saisie/20**")
    yield "agent-saisie-faite", v.page
    numero = re.findall(r"\d{4}-\d{7}", v.page.url)[0]
    yield "agent-demande-doublons", v.aller(f"/agent/demandes/{numero}/")
    v.page.get_by_role("link", name="Comparer").first.click()
    v.page.wait_for_url("**/comparer/**")
    yield "agent-comparer", v.page
    yield "agent-geste-lier", v.aller(f"/agent/demandes/{numero}/gestes/lier/")
    v.aller("/agent/saisie/?canal=courrier")
    v.bouton("Pour quelqu'un d'autre")
    v.page.get_by_role("heading", name="Pour qui ?").wait_for()
    yield "agent-saisie-courrier", v.page
    v.page.get_by_role("button", name="Terminer l'appel").click()
    v.page.wait_for_load_state()
    v.aller("/agent/accueil/?q=trou")
    v.page.locator("a[href*='/agent/fiches/']").first.click()
    v.page.wait_for_load_state()
    yield "agent-fiche", v.page
    v.page.get_by_text("Cette réponse est fausse").click()
    v.page.get_by_label("Ce qui est faux").fill("Le numéro de l'entreprise a changé.")
    v.bouton("Prévenir les administrateurs")
    yield "agent-fiche-signalee", v.page
    yield "agent-corbeille-accueil", v.aller("/agent/corbeille/")
    v.ouvrir_la_demande("Marché de Noël")
    yield "agent-demande-nouvelle", v.page
    demande = v.page.url
    for geste in ("qualifier", "repondre_immediatement", "transmettre"):
        yield f"agent-geste-{geste}", v.aller(f"{demande}gestes/{geste}/")
    yield "agent-introuvable", v.aller("/agent/demandes/1999-0000001/")


def remises(v: Visiteur) -> Ecrans:
    """What the desk posts and says by phone."""
    v.entrer(ACCUEIL)
    yield "agent-a-remettre", v.aller("/agent/a-remettre/")
    yield "agent-courriers", v.aller("/agent/a-remettre/?vue=courriers")
    v.bouton("Marquer les lettres cochées comme postées")
    yield "agent-lettres-parties", v.aller("/agent/a-remettre/?vue=parties")


def arrivees(v: Visiteur) -> Ecrans:
    """A mail that could not be read, and what the desk can do with it."""
    v.entrer(ACCUEIL)
    yield "agent-arrivees-vide", v.aller("/agent/arrivees/?vue=sans-demande")
    yield "agent-arrivees", v.aller("/agent/arrivees/")
    v.page.locator("[data-ligne]").first.click()
    yield "agent-arrivee", v.page
    yield "agent-a-rapprocher", v.aller("/agent/a-rapprocher/")
    v.page.locator("[data-ligne]").first.click()
    yield "agent-a-rapprocher-une", v.page
    v.page.locator("h1 + p a").click()
    v.page.get_by_role("link", name="Voir la mise en forme").click()
    yield "agent-mise-en-forme", v.page


def suggestion(v: Visiteur) -> Ecrans:
    """A mail that came without its type: three are proposed, and a second subject."""
    v.entrer(ACCUEIL)
    v.ouvrir_la_demande("Lampadaire tombe")
    yield "agent-demande-suggestion", v.page
    demande = v.page.url
    yield "agent-geste-qualifier-suggestion", v.aller(f"{demande}gestes/qualifier/")
    yield "agent-geste-scinder-suggestion", v.aller(f"{demande}gestes/scinder/")
    v.aller(demande)
    v.page.keyboard.press("1")
    v.page.wait_for_url("**/gestes/orienter/")
    yield "agent-geste-orienter-suggestion", v.page


def sans_personne(v: Visiteur) -> Ecrans:
    """A demande that came with nobody known, then one sorted wrong, and one that says two things."""
    v.entrer(ACCUEIL)
    v.aller("/agent/saisie/?canal=sms&type=VOI-NID")
    v.page.get_by_label("Texte du message").fill("Le trou devant la gare est toujours là. Et ce trottoir !")
    v.bouton("Enregistrer sans orienter")
    v.page.wait_for_url("**/agent/saisie/20**")
    v.bouton("Ouvrir la demande")
    demande = v.page.url
    v.aller(f"{demande}gestes/qualifier/")
    v.page.get_by_label("Une autre personne, sans fiche").check()
    yield "agent-geste-qualifier-anonyme", v.page
    v.page.get_by_label("Chercher la personne").fill("zzyzx")
    v.bouton("Chercher")
    v.page.get_by_text("Personne n'est connu sous").wait_for()
    yield "agent-geste-qualifier-inconnu", v.page
    v.aller(f"{demande}gestes/rattacher/")
    v.page.get_by_label("Chercher la personne").fill("marchand")
    v.bouton("Chercher")
    v.page.get_by_label("Élodie Marchand").wait_for()
    yield "agent-geste-rattacher", v.page
    v.bouton("Rattacher à une personne")
    yield "agent-geste-rattacher-refuse", v.page
    v.aller(f"{demande}gestes/scinder/")
    v.bouton("Ajouter un sujet")
    v.page.get_by_role("textbox", name="Sujet 3").wait_for()
    yield "agent-geste-scinder", v.page
    v.bouton("Scinder")
    yield "agent-geste-scinder-refuse", v.page
    v.ouvrir_la_demande("Raccrochée trois fois")
    v.aller(f"{v.page.url}gestes/requalifier/")
    yield "agent-geste-requalifier", v.page
    v.bouton("Corriger la qualification")
    yield "agent-geste-requalifier-refuse", v.page


def transmise(v: Visiteur) -> Ecrans:
    """What was handed over to another body, and its slip on paper."""
    v.entrer(TELEPHONE)
    v.ouvrir_la_demande("Homme sans abri")
    yield "agent-demande-transmise", v.page
    v.page.get_by_role("link", name="Bordereau à imprimer").click()
    v.page.wait_for_load_state()
    yield "agent-bordereau", v.page


def interrompue(v: Visiteur) -> Ecrans:
    """A session that ends while somebody writes, given back after the login."""
    v.entrer(VOIRIE)
    v.ouvrir_la_demande(FIL_RICHE)
    v.aller(f"{v.page.url}gestes/ecrire_a_l_usager/")
    v.page.get_by_label("Message", exact=True).fill(
        "Bonjour,\n\nL'équipe passe jeudi matin entre 8 h et midi.\nLaissez la place libre devant le théâtre."
    )
    v.contexte.clear_cookies(name="sessionid")
    v.bouton("Écrire à l'usager")
    v.page.get_by_label("Adresse électronique").fill(VOIRIE)
    v.page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    v.bouton("Se connecter")
    yield "agent-reprise", v.page
    v.bouton("Abandonner")
    yield "agent-reprise-perdue", v.aller("/agent/reprise/")


def direction(v: Visiteur) -> Ecrans:
    """The roads department: its queue, a demande with a long thread, gestures, a conflict."""
    v.entrer(VOIRIE)
    yield "agent-corbeille-direction", v.page
    v.page.keyboard.press("j")
    v.page.locator("#apercu article").wait_for()
    v.page.keyboard.press("x")
    yield "agent-corbeille-apercu", v.page
    v.bouton("Réorienter…")
    yield "agent-lot", v.page
    yield "agent-corbeille-filtree", v.aller("/agent/corbeille/?canal=portail&etat=orientee")
    v.bouton("Garder cette vue")
    v.page.get_by_label("Nom de la vue").fill("À prendre, venues du portail")
    yield "agent-vue-garder", v.page
    v.bouton("Garder cette vue")
    yield "agent-corbeille-gardee", v.page
    v.bouton("Renommer ou supprimer la vue")
    yield "agent-vue", v.page
    yield "agent-corbeille-terminees", v.aller("/agent/corbeille/?vue=terminees")
    yield "agent-corbeille-vide", v.aller("/agent/corbeille/?texte=licorne")
    v.ouvrir_la_demande(FIL_RICHE)
    yield "agent-demande", v.page
    demande = v.page.url
    yield "agent-demande-journal", v.aller(f"{demande}?onglet=journal")
    for geste in ("repondre", "demander_complement", "reorienter", "planifier"):
        yield f"agent-geste-{geste}", v.aller(f"{demande}gestes/{geste}/")
    v.bouton("Planifier")
    yield "agent-geste-refuse", v.page
    yield from conflit(v, demande)


def conflit(v: Visiteur, demande: str) -> Ecrans:
    """Somebody else acts on the demande while its page lies open."""
    v.aller(f"{demande}gestes/repondre/")
    v.page.get_by_label("Réponse", exact=True).fill("Bonjour,\n\nLe trou sera rebouché cette semaine.")
    v.page.get_by_label("Accord", exact=True).check()
    collegue = Visiteur(v.navigateur, v.adresse)
    try:
        collegue.entrer(RESPONSABLE_VOIRIE)
        collegue.aller(f"{demande}gestes/ajouter_une_note/")
        collegue.page.get_by_role("textbox").last.fill("Vu avec l'entreprise : passage jeudi matin.")
        collegue.bouton("Ajouter une note")
    finally:
        collegue.fermer()
    v.bouton("Répondre")
    yield "agent-conflit", v.page


def responsables(v: Visiteur) -> Ecrans:
    """Those who decide: a draft to sign, an arbitration."""
    v.entrer(RESPONSABLE_VOIRIE)
    yield "agent-corbeille-responsable", v.page
    yield "agent-absence", v.aller("/agent/absence/")
    v.aller("/agent/astreinte/")
    yield "agent-astreinte", v.page
    yield "agent-pilotage-direction", v.aller("/agent/pilotage/?periode=7")
    v.ouvrir_la_demande("Demande de ralentisseur")
    yield "agent-demande-a-valider", v.page
    yield "agent-geste-valider", v.aller(f"{v.page.url}gestes/repondre/")
    v.ouvrir_la_demande("La chaussée s'affaisse")
    demande = v.page.url
    yield "agent-geste-confier", v.aller(f"{demande}gestes/confier_a_un_collegue/")
    v.bouton("Confier à un collègue")
    yield "agent-geste-confier-refuse", v.page
    yield "agent-geste-rendre", v.aller(f"{demande}gestes/rendre_a_la_corbeille/")


def responsable_d_accueil(v: Visiteur) -> Ecrans:
    """Who joins two records of one person."""
    v.entrer(RESPONSABLE_ACCUEIL)
    v.aller("/agent/accueil/?q=Élodie Marchand")
    v.page.get_by_role("link", name="Élodie Marchand").first.click()
    v.page.wait_for_url("**/agent/usagers/**")
    v.bouton("Rapprocher d'une autre fiche")
    yield "agent-usager-rapprocher", v.page
    v.page.get_by_label("Chercher une personne", exact=True).fill("martin")
    v.bouton("Chercher")
    v.page.locator("main [data-ligne]").first.click()
    v.page.wait_for_load_state()
    yield "agent-usager-reunir-refuse", v.page
    seconde_fiche(v)
    v.aller("/agent/accueil/?q=René Vignon")
    v.page.get_by_role("link", name="René Vignon", exact=True).first.click()
    v.page.wait_for_url("**/agent/usagers/**")
    v.bouton("Rapprocher d'une autre fiche")
    v.page.get_by_label("Chercher une personne", exact=True).fill("René Vignon")
    v.bouton("Chercher")
    v.page.locator("main [data-ligne]").first.click()
    v.page.wait_for_load_state()
    yield "agent-usager-reunir", v.page
    v.ouvrir_la_demande("Raccrochée trois fois")
    yield "agent-geste-transferer", v.aller(f"{v.page.url}gestes/transferer_la_propriete/")


def seconde_fiche(v: Visiteur) -> None:
    """A person the city knows, typed in again under another telephone."""
    v.aller("/agent/saisie/")
    v.page.get_by_label("Prénom").fill("René")
    v.page.locator("[name=nom]").fill("Vignon")
    v.page.locator("[name=telephone]").fill("06 39 98 44 51")
    v.page.get_by_label("Ce que dit la personne").fill("Le trou devant chez lui n'est pas rebouché.")
    v.bouton("Enregistrer sans orienter")
    v.page.wait_for_url("**/agent/saisie/20**")


def pilotage(v: Visiteur) -> Ecrans:
    """The figures of a desk, the list behind one of them, then what an elected person reads."""
    v.entrer(RESPONSABLE_ACCUEIL)
    v.aller("/agent/pilotage/")
    v.page.get_by_text("accusé de réception").wait_for()
    yield "agent-pilotage", v.page
    v.page.get_by_text("Les nombres").click()
    v.page.get_by_label("Période").select_option(label="Des dates")
    v.bouton("Afficher")
    yield "agent-pilotage-dates", v.page
    v.aller("/agent/pilotage/?periode=mois")
    v.page.get_by_role("link", name="Appels et visites").first.click()
    v.page.wait_for_load_state()
    yield "agent-pilotage-contacts", v.page
    v.bouton("Retour au pilotage")
    v.page.get_by_role("link", name="En retard").click()
    v.page.wait_for_load_state()
    yield "agent-pilotage-liste", v.page
    v.page.context.clear_cookies()
    v.entrer(ELUE)
    yield "agent-pilotage-elue", v.page


def etat_civil(v: Visiteur) -> Ecrans:
    """A walled secteur."""
    v.entrer(ETAT_CIVIL)
    yield "agent-corbeille-etat-civil", v.page
    v.ouvrir_la_demande("Duplicata du livret de famille")
    yield "agent-demande-etat-civil", v.page


def imports(v: Visiteur) -> Ecrans:
    """A file of directions, as it would be taken, then with a line in error."""
    yield "administration-import-agents", v.aller("/agent/administration/agents/import/")
    titres = "Code;Nom;Nom public;Adresse électronique;Téléphone;Adresse postale"
    bonne = (
        "EXE;Direction de l'exemple;Service de l'exemple;ex@ville.example;04 65 71 00 00;1 place du Modèle"
    )
    for nom, lignes in (("essai", [bonne]), ("erreur", [bonne, "ÉTÉ;Sans adresse;;;;"])):
        v.aller("/agent/administration/directions/import/")
        contenu = "\n".join([titres, *lignes]).encode()
        v.page.get_by_label("Fichier CSV").set_input_files(
            {"name": "directions.csv", "mimeType": "text/csv", "buffer": contenu}
        )
        v.bouton("Voir ce qui changerait")
        yield f"administration-import-{nom}", v.page


def administration(v: Visiteur) -> Ecrans:
    """The functional administrator: what left the house, and the components."""
    v.entrer(ADMIN)
    yield "agent-courriels", v.aller("/agent/courriels/")
    v.page.locator("a[href*='/agent/courriels/']").filter(has_text="enregistrée").first.click()
    v.page.wait_for_load_state()
    yield "agent-courriel", v.page
    yield "agent-composants", v.aller("/agent/composants/")
    yield "administration", v.aller("/agent/administration/")
    yield "administration-ville", v.aller("/agent/administration/ville/")
    v.page.locator("[name=accent_clair]").fill("#7a2f5d")
    v.bouton("Voir les couleurs")
    yield "administration-ville-couleurs", v.page
    v.page.locator("[name=accent_clair]").fill("")
    v.page.get_by_label("Réponse annoncée sur les réseaux").fill("Nous répondons du lundi au vendredi.")
    v.page.get_by_label("Charte des réseaux").fill("Nous masquons :\n\nles injures et les menaces ;")
    v.bouton("Enregistrer")
    v.page.wait_for_load_state()
    yield "administration-agents", v.aller("/agent/administration/agents/")
    v.page.locator(".tableau__titre a").first.click()
    v.page.wait_for_load_state()
    yield "administration-agent", v.page
    v.bouton("Donner un rôle")
    yield "administration-affectation", v.page
    v.bouton("Ajouter l'affectation")
    yield "administration-affectation-refusee", v.page
    v.aller(f"/agent/administration/agents/?q={VOIRIE}")
    v.page.locator(".tableau__titre a").first.click()
    v.bouton("Préparer le départ")
    yield "administration-depart", v.page
    v.bouton("Enregistrer le départ")
    yield "administration-depart-refuse", v.page
    yield "administration-agent-nouveau", v.aller("/agent/administration/agents/nouveau/")
    yield from imports(v)
    for genre in ("directions", "accueils"):
        yield f"administration-{genre}", v.aller(f"/agent/administration/{genre}/")
        v.page.locator(".tableau__titre a").first.click()
        v.page.wait_for_load_state()
        yield f"administration-{genre}-un", v.page
    v.bouton("Changer les horaires")
    yield "administration-horaires", v.page
    yield "administration-jours-fermes", v.aller("/agent/administration/jours-fermes/")
    v.bouton("Ajouter une fermeture")
    yield "administration-fermeture", v.page
    yield "administration-suggestion", v.aller("/agent/administration/suggestion/")
    yield "administration-demonstration", v.aller("/agent/administration/demonstration/")
    yield "administration-modifications", v.aller("/agent/administration/modifications/")
    # Every process has read it by now.
    yield "charte-des-reseaux", v.aller("/charte-des-reseaux/")


def demarches(v: Visiteur) -> Ecrans:
    """A request type as its administrator writes it: its sections, its form, its rules."""
    v.entrer(ADMIN)
    yield "administration-demarches", v.aller("/agent/administration/demarches/")
    v.page.locator(".tableau__titre a").first.click()
    v.page.wait_for_load_state()
    yield "administration-demarche", v.page
    demarche = v.page.url
    v.bouton("Composer le formulaire")
    yield "administration-formulaire", v.page
    v.bouton("Ajouter une question")
    yield "administration-question", v.page
    v.bouton("Enregistrer")
    yield "administration-question-refusee", v.page
    yield "administration-formulaire-apercu", v.aller(f"{demarche}formulaire/apercu/")
    yield "administration-demarche-copier", v.aller(f"{demarche}copier/")
    yield "administration-demarche-silence", v.aller(f"{demarche}silence/")
    yield "administration-demarche-pieces", v.aller(f"{demarche}pieces/")
    yield "administration-demarche-organisme", v.aller(f"{demarche}organisme/")
    yield "administration-demarche-conditions", v.aller(f"{demarche}conditions/")
    v.page.get_by_label("Réponse attendue").first.select_option(index=1)
    v.bouton("Enregistrer")
    yield "administration-demarche-conditions-refusees", v.page
    for jours, version in (("20", ""), ("45", "0")):
        v.aller(f"{demarche}reponse/")
        v.page.get_by_label("Délai proposé pour compléter (jours)").fill(jours)
        v.page.locator("[name=version]").evaluate("(champ, version) => { champ.value = version }", version)
        v.bouton("Enregistrer")
    yield "administration-demarche-conflit", v.page
    yield "administration-demarche-nouvelle", v.aller("/agent/administration/demarches/nouvelle/")
    yield "administration-regles", v.aller("/agent/administration/regles/")
    v.bouton("Plaque d'égout manquante")
    yield "administration-regle", v.page
    v.aller("/agent/administration/regles/nouvelle/")
    v.bouton("Enregistrer")
    yield "administration-regle-refusee", v.page
    v.aller("/agent/administration/regles/essai/")
    v.page.get_by_label("Démarche").select_option(label="Danger immédiat sur la chaussée (VOI-DANG)")
    v.bouton("Continuer")
    yield "administration-regles-essai", v.page


def configuration(v: Visiteur) -> Ecrans:
    """What is written once for the whole city: the file of everything, the fiches, the templates."""
    v.entrer(ADMIN)
    yield "administration-configuration", v.aller("/agent/administration/configuration/")
    octets = v.page.request.get("/agent/administration/configuration/export/").body()
    nouveau = octets.replace(b'"libelle": "Nid-de-poule', b'"libelle": "Trou, nid-de-poule')
    fichier = {"name": "configuration.json", "mimeType": "application/json", "buffer": nouveau}
    v.page.locator("input[type=file]").set_input_files(fichier)
    v.bouton("Essayer ce fichier")
    yield "administration-configuration-essai", v.page
    yield "administration-fiches", v.aller("/agent/administration/fiches/")
    v.page.get_by_label("Chercher").last.fill("papiers passeport")
    v.bouton("Filtrer")
    v.page.get_by_role("link", name="Quels papiers apporter pour un passeport").click()
    v.page.wait_for_load_state()
    yield "administration-fiche", v.page
    v.bouton("Voir comme à l'accueil")
    yield "administration-fiche-apercu", v.page
    v.page.get_by_label("Réponse", exact=True).fill("")
    v.bouton("Enregistrer")
    yield "administration-fiche-refusee", v.page
    yield "administration-modeles", v.aller("/agent/administration/modeles/")
    v.aller("/agent/administration/modeles/?q=incomplet")
    v.bouton("Dossier incomplet, silence valant refus")
    yield "administration-modele", v.page
    v.page.get_by_label("Texte", exact=True).fill("Bonjour {{ usager.age }}")
    v.bouton("Enregistrer")
    yield "administration-modele-refuse", v.page


def boites(v: Visiteur) -> Ecrans:
    """The city's mailboxes: one refused, one kept."""
    v.entrer(ADMIN)
    v.aller("/agent/administration/boites/nouvelle/")
    v.page.get_by_label("Nom", exact=True).fill("Contact")
    v.page.get_by_label("Adresses").fill("contact@villeneuve-sur-saone.example")
    v.page.get_by_label("Serveur IMAP").fill("imap.villeneuve-sur-saone.example")
    v.bouton("Enregistrer")
    yield "administration-boite-refusee", v.page
    v.page.get_by_label("Identifiant").fill("contact")
    v.page.get_by_label("Variable du mot de passe").fill("GUICHET_BOITE_CONTACT")
    v.bouton("Enregistrer")
    yield "administration-boites", v.page
    v.bouton("Contact")
    yield "administration-boite", v.page


def sans_role(v: Visiteur) -> Ecrans:
    """An agent whose role opens no screen yet."""
    v.entrer("archives@demo.example")
    yield "agent-sans-role", v.page


TOURS: tuple[Callable[[Visiteur], Ecrans], ...] = (
    portail,
    depot,
    habitante,
    guichet,
    remises,
    arrivees,
    suggestion,
    sans_personne,
    transmise,
    interrompue,
    direction,
    responsables,
    responsable_d_accueil,
    pilotage,
    etat_civil,
    administration,
    demarches,
    configuration,
    boites,
    sans_role,
)
