"""Run as a process of its own: builds the city, then tells what to ask of it.

`python -m benchmarks.ville construire|completer|cibles …` writes JSON to the file given.
"""

import argparse
import json
import secrets
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from benchmarks import portail  # noqa: E402
from benchmarks.chargement import Chargeur, dire, remplir  # noqa: E402
from benchmarks.copie import Copie  # noqa: E402
from benchmarks.matiere import MOT_RARE  # noqa: E402
from demandes import corbeilles, curseur  # noqa: E402
from demandes.chargement import charger_fichier, demo  # noqa: E402
from demandes.chargement.fichier import DONNEES, lire  # noqa: E402
from demandes.models import Brouillon, Demande, TypeDemande  # noqa: E402
from guichet.organisation.models import Compte, Territoire  # noqa: E402
from guichet.organisation.perimetre import Perimetre  # noqa: E402
from usagers.models import Coordonnee, Usager  # noqa: E402

# Questions, a place, no picture: what most reports on the road are.
TYPE_DEPOSE = "VOI-FEUX"
CENTIEME = 99
SEGMENTS = 30


def construire(demandes: int, usagers: int, pages: int = 0) -> str:
    """Tables, catalogue, streets and agents, then the synthetic people and demandes."""
    call_command("migrate", interactive=False, verbosity=0)
    for nom in ("catalogue.json", "politiques.json", "fiches.json"):
        charger_fichier(DONNEES / nom, publier=True)
    contenu = lire(DONNEES / "demo_ville.json")
    with transaction.atomic():
        demo.charger_voies(contenu)
        demo.charger_agents(contenu["agents"])
    if pages:
        dire(f"  {pages} pages du portail")
        portail.peupler(pages, SEGMENTS)
    long_fil = remplir(demandes, usagers)
    ranger()
    return long_fil


def ranger() -> None:
    """What the database does by itself the night after a load."""
    with connection.cursor() as curseur:
        curseur.execute("VACUUM ANALYZE")


def cibles(long_fil: str) -> dict[str, Any]:
    """Addresses and sessions: what each measure asks, as whom."""
    tenue = Demande.objects.select_related("direction").get(numero=long_fil)
    agent = compte_de("responsable.voirie@demo.example")
    accueil = compte_de("accueil@demo.example")
    perimetre = Perimetre.de(agent)
    agent_du_fil = Compte.objects.get(pk=tenue.agent_traitant_id)
    telephones = Coordonnee.objects.filter(genre="telephone").order_by("usager")
    au_milieu = telephones.select_related("usager")[telephones.count() // 2]
    personne, telephone = au_milieu.usager, au_milieu.normalisee
    recherches = {
        "nom exact": f"{personne.prenom} {personne.nom}",
        "nom mal écrit": f"{personne.prenom} {faute(personne.nom)}",
        "téléphone": "0" + telephone[3:],
        "numéro": long_fil,
        "adresse": personne.adresse,
        "mot rare": MOT_RARE,
    }
    direction = {"q": MOT_RARE}
    return {
        "agent": session(agent),
        "accueil": session(accueil),
        "agent_du_fil": session(agent_du_fil),
        "corbeille": "/agent/corbeille/?vue=direction",
        "centieme": f"/agent/corbeille/?vue=direction&apres={apres_la_page(perimetre, CENTIEME)}",
        "demande": f"/agent/demandes/{long_fil}/",
        "recherches": recherches,
        "direction": direction,
        "portail": portail.cibles(),
        "tailles": {
            "demandes": Demande.objects.count(),
            "usagers": Usager.objects.count(),
            "ouvertes_de_la_direction": corbeilles.demandes_de(
                corbeilles.vues_de(perimetre)[-1], corbeilles.Filtres(), perimetre
            ).count(),
        },
    }


def compte_de(courriel: str) -> Compte:
    return Compte.objects.get(courriel=courriel)


def faute(nom: str) -> str:
    """Two letters swapped, as fingers do."""
    return nom[:2] + nom[3:4] + nom[2:3] + nom[4:] if len(nom) > 4 else nom[:-1] + "x"


def session(compte: Compte) -> str:
    """The cookie of somebody logged in."""
    gardee = SessionStore()
    gardee[SESSION_KEY] = str(compte.pk)
    gardee[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    gardee[HASH_SESSION_KEY] = compte.get_session_auth_hash()
    gardee.create()
    return f"{settings.SESSION_COOKIE_NAME}={gardee.session_key}"


def apres_la_page(perimetre: Perimetre, page: int) -> str:
    """The cursor behind the last row of this page, or of the last full one."""
    vue = next(vue for vue in corbeilles.vues_de(perimetre) if vue.code == "direction")
    rangees = corbeilles.demandes_de(vue, corbeilles.Filtres(), perimetre).order_by(
        "-est_urgente", "echeance_service", "pk"
    )
    derniere = min(page, rangees.count() // curseur.PAR_PAGE - 1) * curseur.PAR_PAGE - 1
    return str(curseur.Curseur.de(rangees[derniere])) if derniere > 0 else ""


def brouillons(nombre: int) -> list[str]:
    """Deposits ready for their last step, each by somebody new."""
    type = TypeDemande.objects.get(code=TYPE_DEPOSE)
    champs = {champ["nom"]: champ for champ in type.formulaire.champs}
    territoire = Territoire.objects.order_by("pk").first()
    copie = Copie(Brouillon)
    lignes = []
    for rang in range(nombre):
        jeton = secrets.token_urlsafe(16)
        saisie = {
            "demande": {
                "texte": "Un trou profond devant l'école, depuis lundi.",
                "reponses": {"carrefour": "Place du Marché"}
                | {nom: champs[nom]["choix"][0]["valeur"] for nom in ("element", "panne")},
            },
            "lieu": {"adresse": f"{rang % 140 + 1} rue des Tanneurs", "territoire": territoire.pk},
            "coordonnees": {
                "prenom": "Nina",
                "nom": f"Nouvelle{rang}",
                "courriel": f"nina.{jeton.lower()}@courriel.example",
                "anonyme": False,
                "canal_prefere": "",
            },
        }
        ligne = {"jeton": jeton, "version_id": type.formulaire.pk, "saisie": saisie}
        lignes.append(copie.numeroter(ligne | {"modifie_le": django.utils.timezone.now()}))
    copie.ecrire(lignes)
    return [f"/deposer/{TYPE_DEPOSE}/{ligne['jeton']}/recapitulatif/" for ligne in lignes]


def main() -> None:
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("quoi", choices=["construire", "completer", "cibles", "brouillons"])
    lecteur.add_argument("sortie", type=Path)
    lecteur.add_argument("--demandes", type=int, default=0)
    lecteur.add_argument("--usagers", type=int, default=0)
    lecteur.add_argument("--pages", type=int, default=0)
    lecteur.add_argument("--long-fil", default="")
    choix = lecteur.parse_args()
    if choix.quoi == "construire":
        resultat: Any = construire(choix.demandes, choix.usagers, choix.pages)
    elif choix.quoi == "completer":
        chargeur = Chargeur(graine=2, dire=dire)
        chargeur.usagers(choix.usagers)
        chargeur.demandes(choix.demandes)
        ranger()
        resultat = choix.long_fil
    elif choix.quoi == "cibles":
        resultat = cibles(choix.long_fil)
    else:
        resultat = brouillons(choix.demandes)
    choix.sortie.write_text(json.dumps(resultat, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
