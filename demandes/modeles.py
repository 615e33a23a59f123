"""Template texts, filled in by replacing a short list of variables: nothing in them is ever executed.

What is not known yet stays visible as « [à compléter] »: the agent sees it, and no text leaves with one.
"""

import re
from collections.abc import Mapping
from datetime import date

from demandes.models import Demande, ModeleReponse
from guichet.organisation.models import Compte
from guichet.socle.templatetags.dates import date_longue

A_COMPLETER = "[à compléter]"
# Known only when the agent sends: replaced then by `fermer`.
LISTE = "[liste des éléments demandés]"
DATE_LIMITE = "[date limite]"

VARIABLE = re.compile(r"\{\{ *([a-z_]+\.[a-z_]+) *\}\}")


def valeurs(demande: Demande, agent: Compte) -> dict[str, str]:
    """The value of each variable of the catalogue for this demande, signed by this agent.

    `decision.voies_recours` is empty: remedies have their own field, and are printed after the text.
    """
    service = demande.direction or (demande.type.direction if demande.type else None)
    organisme = (demande.type.organisme_competent if demande.type else None) or {}
    fiche_agent = getattr(agent, "agent", None)
    return {
        "usager.nom": str(demande.usager) if demande.usager else "",
        "demande.numero": demande.numero,
        "demande.adresse": demande.adresse or A_COMPLETER,
        "direction.nom_public": service.nom_public if service else demande.point_accueil.nom,
        "agent.signature": fiche_agent.signature if fiche_agent else str(agent),
        "complement.liste": LISTE,
        "complement.echeance": DATE_LIMITE,
        "intervention.date": date_longue(demande.planifiee_pour) or A_COMPLETER,
        "rendez_vous.date": A_COMPLETER,
        "rendez_vous.lieu": A_COMPLETER,
        "organisme.nom": demande.organisme or organisme.get("nom", A_COMPLETER),
        "organisme.contact": organisme.get("telephone", A_COMPLETER),
        "decision.motif": A_COMPLETER,
        "decision.voies_recours": "",
    }


def remplir(texte: str, valeurs: Mapping[str, str]) -> str:
    """Replace the variables of a text; an unknown one shows as « [à compléter] », an empty one vanishes."""
    rempli = VARIABLE.sub(lambda trouvee: valeurs.get(trouvee[1], A_COMPLETER), texte)
    # An empty value leaves a space before a comma (« Bonjour , ») or at the end of a line, or a hole.
    rempli = re.sub(r" +(?=[,\n]|$)", "", rempli)
    return re.sub(r"\n{3,}", "\n\n", rempli).strip()


def proposes(demande: Demande, agent: Compte, geste: str) -> list[tuple[ModeleReponse, str]]:
    """The templates for a gesture with their text filled in, those of the demande's own type first."""
    modeles = ModeleReponse.objects.filter(geste=geste).filter(type__isnull=True)
    if demande.type_id:
        modeles |= ModeleReponse.objects.filter(geste=geste, type=demande.type_id)
    siennes = valeurs(demande, agent)
    ranges = sorted(modeles, key=lambda modele: (modele.type_id is None, modele.titre))
    return [(modele, remplir(modele.texte, siennes)) for modele in ranges]


def fermer(texte: str, elements: list[str], echeance: date) -> str:
    """Put the list and the deadline in their places; a list alone on its line gets bullets."""
    en_liste = "\n".join(f"- {element}" for element in elements)
    texte = re.sub(rf"^{re.escape(LISTE)}$", lambda _: en_liste, texte, flags=re.MULTILINE)
    return texte.replace(LISTE, ", ".join(elements)).replace(DATE_LIMITE, date_longue(echeance))


def est_incomplet(texte: str) -> bool:
    return any(marque in texte for marque in (A_COMPLETER, LISTE, DATE_LIMITE)) or bool(
        VARIABLE.search(texte)
    )
