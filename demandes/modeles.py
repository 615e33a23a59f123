"""Template texts, filled in by replacing a short list of variables: nothing in them is ever executed.

What is not known yet stays visible as « [à compléter] »: the agent sees it, and no text leaves with one.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django.db.models import Q

from demandes.models import Demande, ModeleReponse
from guichet.organisation.models import Compte
from guichet.organisation.signatures import signer
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.templatetags.dates import date_longue

A_COMPLETER = "[à compléter]"
# Known only when the agent sends: replaced then by `fermer`.
LISTE = "[liste des éléments demandés]"
DATE_LIMITE = "[date limite]"

VARIABLE = re.compile(r"\{\{ *([a-z_]+\.[a-z_]+) *\}\}")
# Whatever stands between braces, whoever wrote it; then a brace left alone.
ACCOLADES = re.compile(r"\{\{(.*?)\}\}|(\{\{|\}\})", re.DOTALL)
VARIABLES = {
    "usager.nom": "Le nom de l'usager, rien s'il est anonyme",
    "demande.numero": "Le numéro de la demande",
    "demande.adresse": "Le lieu de la demande",
    "direction.nom_public": "Le service qui instruit, ou l'accueil",
    "agent.signature": "La signature de l'agent qui envoie",
    "complement.liste": "Les éléments demandés, au moment d'envoyer",
    "complement.echeance": "La date limite donnée à l'usager, au moment d'envoyer",
    "intervention.date": "La date promise de l'intervention",
    "rendez_vous.date": "La date d'un rendez-vous : l'agent la complète",
    "rendez_vous.lieu": "Le lieu d'un rendez-vous : l'agent le complète",
    "organisme.nom": "L'organisme compétent",
    "organisme.contact": "Le téléphone de l'organisme compétent",
    "decision.motif": "La raison de la décision : l'agent la complète",
    "decision.voies_recours": "Rien : les voies de recours s'ajoutent après le texte",
}


def valeurs(demande: Demande, agent: Compte) -> dict[str, str]:
    """The value of each variable of the catalogue for this demande, signed by this agent.

    `decision.voies_recours` is empty: remedies have their own field, and are printed after the text.
    """
    service = demande.direction or (demande.type.direction if demande.type else None)
    nom_du_service = service.nom_public if service else demande.point_accueil.nom
    organisme = (demande.type.organisme_competent if demande.type else None) or {}
    fiche_agent = getattr(agent, "agent", None)
    return {
        "usager.nom": str(demande.usager) if demande.usager else "",
        "demande.numero": demande.numero,
        "demande.adresse": demande.adresse or A_COMPLETER,
        "direction.nom_public": nom_du_service,
        "agent.signature": signer(fiche_agent, demande.direction, nom_du_service),
        "complement.liste": LISTE,
        "complement.echeance": DATE_LIMITE,
        "intervention.date": date_longue(demande.planifiee_pour) or A_COMPLETER,
        "rendez_vous.date": A_COMPLETER,
        "rendez_vous.lieu": A_COMPLETER,
        "organisme.nom": demande.organisme or organisme.get("nom", A_COMPLETER),
        "organisme.contact": organisme.get("telephone") or A_COMPLETER,
        "decision.motif": A_COMPLETER,
        "decision.voies_recours": "",
    }


def remplir(texte: str, valeurs: Mapping[str, str]) -> str:
    """Replace the variables of a text; an unknown one shows as « [à compléter] », an empty one vanishes."""
    rempli = VARIABLE.sub(lambda trouvee: valeurs.get(trouvee[1], A_COMPLETER), texte)
    # An empty value leaves a space before a comma (« Bonjour , ») or at the end of a line, or a hole.
    rempli = re.sub(r" +(?=[,\n]|$)", "", rempli)
    return re.sub(r"\n{3,}", "\n\n", rempli).strip()


def inconnues(texte: str) -> list[str]:
    """What stands between braces and that nothing would replace, in the writer's own words, each once."""
    fautes = []
    for trouvee in ACCOLADES.finditer(texte):
        variable = VARIABLE.fullmatch(trouvee[0])
        if variable is None or variable[1] not in VARIABLES:
            fautes.append(" ".join((trouvee[1] or trouvee[0]).split())[:60])
    return list(dict.fromkeys(fautes))


def proposes(demande: Demande, agent: Compte, geste: str) -> list[tuple[ModeleReponse, str]]:
    """The templates for a gesture with their text filled in, those of the demande's own type first."""
    # No type has the number 0: only the templates for every type are left.
    modeles = lecture_pour(geste).objets(demande.type_id or 0)
    siennes = valeurs(demande, agent)
    ranges = sorted(modeles, key=lambda modele: (modele.type_id is None, modele.titre))
    return [(modele, remplir(modele.texte, siennes)) for modele in ranges]


@lru_cache(maxsize=64)
def lecture_pour(geste: str) -> Lecture:
    """The active templates for a gesture: those of one type, and those for all."""
    de_tous_ou_du_sien = Q(type__isnull=True) | Q(type=MARQUE)
    return Lecture(lambda: ModeleReponse.objects.filter(de_tous_ou_du_sien, geste=geste, est_actif=True))


def fermer(texte: str, elements: list[str], echeance: date) -> str:
    """Put the list and the deadline in their places; a list alone on its line gets bullets."""
    en_liste = "\n".join(f"- {element}" for element in elements)
    texte = re.sub(rf"^{re.escape(LISTE)}$", lambda _: en_liste, texte, flags=re.MULTILINE)
    return texte.replace(LISTE, ", ".join(elements)).replace(DATE_LIMITE, date_longue(echeance))


def est_incomplet(texte: str) -> bool:
    return any(marque in texte for marque in (A_COMPLETER, LISTE, DATE_LIMITE)) or bool(
        VARIABLE.search(texte)
    )
