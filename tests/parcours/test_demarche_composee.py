"""A démarche made from nothing, filed by a resident; its form then changes under nobody's feet."""

from demandes.models import Brouillon, Theme, TypeDemande
from tests.parcours.gestes import PAUL, RECIT, relire
from tests.parcours.visiteur import Visiteur

CODE = "DPJ-BANC"
ADRESSE = "/agent/administration/demarches/"


def composer(admin: Visiteur, direction: int) -> str:
    """Create the type, its two questions and its policy; return the address of its page."""
    page = admin.ouvrir(ADRESSE).suivre("Nouvelle démarche")
    page = page.envoyer(
        "Créer la démarche",
        code=CODE,
        libelle="Réparer un banc",
        description="Signalez un banc cassé.",
        direction=str(direction),
        nature="signalement",
        delai_valeur="10",
        acces="anonyme",
    )
    fiche = page.chemin
    assert "Ce qui manque avant de publier" in page
    page = page.suivre("Composer le formulaire")
    page = (
        admin.ouvrir(f"{page.chemin}question/")
        .envoyer(
            "Enregistrer",
            libelle="Qu'est-ce qui est cassé ?",
            type="choix",
            choix="Le dossier\nL'assise",
            obligatoire="on",
        )
        .suivre("Ajouter une question")
    )
    page = page.envoyer(
        "Enregistrer",
        libelle="Combien de lattes ?",
        type="nombre",
        obligatoire="on",
        si="qu_est_ce_qui_est_casse|l_assise",
    )
    page.envoyer("Mettre en service")
    for partie, valeurs in POLITIQUE.items():
        enregistree = admin.ouvrir(f"{fiche}{partie}/").envoyer("Enregistrer", **valeurs)
        assert enregistree.chemin == fiche, enregistree.texte
    return fiche


POLITIQUE = {
    "presentation": {"themes": "rue", "mots_du_quotidien": "le banc est cassé"},
    "silence": {
        "regime_silence": "sans_objet",
        "silence_texte": "Aucune décision n'est attendue.",
        "silence_valide_par": "Direction des affaires juridiques",
        "silence_valide_le": "2026-11-02",
    },
    "depot": {
        "sve_autorisee": "oui",
        "ar_requis": "oui",
        "alternatives": "Par téléphone au 04 65 71 00 00.",
    },
    "donnees": {
        "base_legale": "mission_interet_public",
        "finalite": "Réparer le banc.",
        "destinataires": "Parcs et jardins",
        "base_active_mois": "24",
        "intermediaire_mois": "0",
        "sort_final": "anonymisation",
    },
    "reponse": {"validation_requise": "non", "sans_suite_autorise": "oui"},
}


def deposer(visiteur: Visiteur, **reponses: str) -> str:
    """File one; return its number."""
    page = visiteur.ouvrir(f"/deposer/{CODE}/").envoyer("Commencer")
    page = page.envoyer("Continuer", **{"recit-texte": RECIT, **reponses})
    coordonnees = {f"vous-{champ}": valeur for champ, valeur in PAUL.items()}
    page = page.envoyer("Continuer", **{"vous-anonyme": "non"}, **coordonnees)
    assert page.titre == "Vérifiez, puis envoyez", page.texte
    recu = page.envoyer("Envoyer ma demande")
    assert recu.titre == "Votre demande est envoyée", recu.texte
    return Brouillon.objects.filter(demande__isnull=False).latest("pk").demande.numero


def test_from_an_empty_page_to_a_second_version(maison, ville, anonyme, visiteurs, connecter):
    Theme.objects.create(code="rue", libelle="Rue", description="La rue.", icone="road")
    admin = connecter(ville.administrateur)
    assert anonyme.demander("GET", f"/deposer/{CODE}/").statut == 404

    fiche = composer(admin, ville.proprete.pk)
    assert anonyme.demander("GET", f"/deposer/{CODE}/").statut == 404
    publiee = admin.ouvrir(fiche).envoyer("Publier")
    assert "Cette démarche est publiée." in publiee

    premiere = deposer(anonyme, **{"q-qu_est_ce_qui_est_casse": "l_assise", "q-combien_de_lattes": "3"})
    assert relire(premiere).formulaire.numero == 1

    # Somebody has begun when the form changes.
    commencee = visiteurs().ouvrir(f"/deposer/{CODE}/").envoyer("Commencer")

    question = f"{fiche}formulaire/question/combien_de_lattes/"
    page = admin.ouvrir(question).envoyer("Enregistrer", libelle="Combien de planches ?")
    page.envoyer("Mettre en service")
    type = TypeDemande.objects.get(code=CODE)
    assert [v.champs[1]["libelle"] for v in type.versions.order_by("numero")] == [
        "Combien de lattes ?",
        "Combien de planches ?",
    ]

    # The one who had begun goes on with the questions they were shown; a new one sees the others.
    assert "Combien de lattes ?" in commencee.visiteur.ouvrir(commencee.chemin)
    seconde = deposer(visiteurs(), **{"q-qu_est_ce_qui_est_casse": "l_assise", "q-combien_de_lattes": "5"})
    assert (relire(premiere).formulaire.numero, relire(seconde).formulaire.numero) == (1, 2)
    agent = connecter(ville.responsable_accueil)
    assert "Combien de lattes ?" in agent.ouvrir(f"/agent/demandes/{premiere}/")
    assert "Combien de planches ?" in agent.ouvrir(f"/agent/demandes/{seconde}/")
    assert "Combien de planches ?" not in agent.ouvrir(f"/agent/demandes/{premiere}/")

    # Taken off the portal, what was filed remains.
    admin.ouvrir(fiche).envoyer("Retirer du portail")
    assert visiteurs().demander("GET", f"/deposer/{CODE}/").statut == 404
    assert RECIT in agent.ouvrir(f"/agent/demandes/{premiere}/")
