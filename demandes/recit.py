"""The journal in words: one short French phrase for each line, from its codes."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf

from demandes.actions import libelle_du_geste
from demandes.etats import Decision
from demandes.models import ARapprocher, Demande, EntreeJournal, Intermediaire, Remise
from demandes.reperes import Reperes
from guichet.canaux.canal import Canal
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.templatetags.dates import date_simple

PHRASES = {
    "enregistrer": "Demande reçue ({canal})",
    "qualifier": "Qualifiée : {type}",
    "requalifier": "Qualification corrigée : {type}",
    "repondre_immediatement": "Réponse donnée tout de suite",
    "orienter": "Orientée vers {direction}",
    "prendre_en_charge": "Prise en charge",
    "attribuer": "Confiée à {agent}",
    "confier_a_un_collegue": "Confiée à {agent}",
    "rendre_a_la_corbeille": "Rendue à la corbeille de la direction",
    "reorienter": "Réorientée de {de} vers {vers}",
    "renvoyer_a_l_accueil": "Renvoyée à l'accueil par {de}",
    "demander_complement": "Complément demandé, sous {delai_jours} jours",
    "recevoir_complement": "Complément reçu",
    "reprendre_sans_complement": "Reprise sans le complément",
    "classer_sans_suite": "Classée sans suite",
    "planifier": "Intervention prévue le {pour}",
    "attendre_un_tiers": "En attente d'un tiers, à relancer le {relance_le}",
    "reprendre": "Traitement repris",
    "proposer_une_reponse": "Réponse proposée à la validation : {decision}",
    "refuser_le_projet": "Projet de réponse refusé",
    "repondre": "Réponse envoyée : {decision}",
    "clore": "Close",
    "rouvrir": "Rouverte ({reouverture} fois)",
    "rejeter": "Rejetée",
    "transmettre": "Transmise à un autre organisme",
    "retour_externe": "Revenue de l'organisme",
    "annuler": "Annulée",
    "fusionner": "Regroupée avec la demande {principale}",
    "defusionner": "Séparée de la demande {principale}",
    "retablir": "Rétablie",
    "scinder": "Scindée : {nouvelles}",
    "lier": "Liée à la demande {autre}",
    "delier": "Lien retiré avec la demande {autre}",
    "distinguer": "Dite différente de la demande {autre}",
    "transferer_la_propriete": "Confiée par {de_accueil} à {a_accueil}",
    "mettre_a_rapprocher": "À rapprocher : {raisons}",
    "garder_a_part": "Gardée à part",
    "rattacher": "Rattachée à la fiche de la personne",
    "ajouter_une_note": "Note ajoutée",
    "ecrire_a_l_usager": "Message écrit à l'usager",
    "ecrire_a_la_ville": "Message de l'usager ajouté",
    "rediger_une_publication": "Réponse écrite pour le réseau",
    "inviter_en_prive": "Invitation à continuer en privé écrite",
    "masquer_la_publication": "Publication masquée",
    "publier": "Réponse publiée sur le réseau",
    "retirer_la_publication": "Réponse retirée avant publication",
    "envoyer_l_accuse": "Accusé de réception envoyé",
    "imprimer_l_accuse": "Accusé de réception imprimé",
    "imprimer_la_lettre": "Lettre imprimée",
    "marquer_remise": "Message remis le {remise_le} ({canal})",
    "noter_la_suite": "Lettre {courrier} : {suite_de_la_lettre}",
    "demander_un_avis": "Avis demandé",
    "donner_un_avis": "Avis donné : {note} sur 5",
    "noter_l_appel": "Usager rappelé après son avis",
    "relancer_l_usager": "Usager relancé",
    "inscrire_la_decision_implicite": "Décision implicite inscrite au {date}",
    "alerter": "Alerte : {palier} % du délai écoulé",
    "rappeler": "Rappel : {rappel}",
    "appeler_l_astreinte": "Astreinte de {direction} appelée, rang {rang} : {qui}",
}


# What the system reminds agents of.
RAPPELS = {
    "tiers": "le tiers attendu est à relancer",
    "prise_en_charge": "personne ne l'a prise en charge",
    "silence": "le silence va bientôt décider",
    "retour": "un message à l'usager n'est pas arrivé",
}
# Who is called for an urgent demande while the direction is closed.
APPELES = {
    "astreinte": "la personne d'astreinte",
    "responsable": "le responsable, faute d'astreinte",
    "direction": "la boîte de la direction, faute de personne",
}


class Ligne(NamedTuple):
    """A line of the journal as it is read on screen: `compte` and `par_delegation_de` are names, or None."""

    rang: int
    geste: str
    auteur: str
    compte: str | None
    par_delegation_de: str | None
    motif: str
    details: dict[str, Any]
    fait_le: datetime
    empreinte: str


def lire(demande: Demande) -> list[Ligne]:
    """The whole journal of a demande, in order, in one statement."""
    return [Ligne._make(ligne) for ligne in JOURNAL(demande.pk)]


def nom_du_compte(chemin: str) -> Coalesce:
    """The name of the account at the end of `chemin`, in SQL; what `str(compte)` says."""
    nom = NullIf(f"{chemin}__nom_affiche", Value(""))
    return Coalesce(nom, f"{chemin}__courriel", output_field=CharField())


JOURNAL = Lecture(
    lambda: (
        EntreeJournal.objects.filter(demande=MARQUE)
        .order_by("rang")
        .values_list(
            *("rang", "geste", "auteur", nom_du_compte("compte"), nom_du_compte("par_delegation_de")),
            *("motif", "details", "fait_le", "empreinte"),
        )
    )
)


def raconter(entree: EntreeJournal | Ligne, reperes: Reperes) -> str:
    """Say what was done, with its reason; a gesture without a phrase of its own says its button."""
    phrase = PHRASES.get(entree.geste)
    dit = phrase.format_map(mots(entree.details, reperes)) if phrase else libelle_du_geste(entree.geste)
    if qualite := entree.details.get("qualite"):
        dit += f", par un intermédiaire : {Intermediaire.Qualite(qualite).label.lower()}"
    if autre := entree.details.get("venue_de"):
        dit += f", venu de la demande {autre}"
    if not entree.motif:
        return dit
    # A second reorientation goes back to the desk with the reason of the first gesture's list.
    listes = (entree.geste, "reorienter")
    motif = next(
        (reperes.motifs[g, entree.motif] for g in listes if (g, entree.motif) in reperes.motifs), entree.motif
    )
    return f"{dit} – {motif[:1].lower()}{motif[1:]}"


def mots(details: dict[str, Any], reperes: Reperes) -> dict[str, str]:
    """The codes of a line as words; what the line does not say is an ellipsis."""
    dits: dict[str, str] = defaultdict(lambda: "…")
    for cle, valeur in details.items():
        dits[cle] = TRADUCTIONS[cle](valeur, reperes) if cle in TRADUCTIONS and valeur else str(valeur)
    for cle in ("de", "a"):
        dits[f"{cle}_accueil"] = reperes.accueils.get(details.get(cle, ""), "…")
    return dits


TRADUCTIONS: dict[str, Callable[[Any, Reperes], str]] = {
    **dict.fromkeys(("direction", "de", "vers"), lambda code, reperes: reperes.directions.get(code, code)),
    **dict.fromkeys(
        ("pour", "relance_le", "remise_le", "date"), lambda texte, _: date_simple(lire_date(texte))
    ),
    "type": lambda code, reperes: reperes.types.get(code, code),
    "decision": lambda code, _: Decision(code).label.lower(),
    "canal": lambda code, _: Canal(code).dans_une_phrase,
    "reouverture": lambda rang, _: "1re" if rang == 1 else f"{rang}e",
    "nouvelles": lambda numeros, _: ", ".join(numeros),
    "agent": lambda pk, reperes: next((nom for a, nom, _ in reperes.agents if a == pk), "un collègue"),
    "raisons": lambda codes, _: ", ".join(ARapprocher.Raison(code).label.lower() for code in codes),
    "qui": lambda genre, _: APPELES[genre],
    "rappel": lambda code, _: RAPPELS[code],
    "suite_de_la_lettre": lambda code, _: Remise.Suite(code).label.lower(),
}


def lire_date(texte: str) -> date | datetime:
    return datetime.fromisoformat(texte) if "T" in texte else date.fromisoformat(texte)


def auteur(entree: EntreeJournal | Ligne) -> str:
    """Who did it, and for whom when by delegation."""
    if entree.auteur == EntreeJournal.Auteur.SYSTEME:
        return "traitement automatique"
    if entree.auteur == EntreeJournal.Auteur.USAGER:
        return "l'usager"
    if entree.par_delegation_de:
        return f"{entree.compte}, par délégation de {entree.par_delegation_de}"
    return str(entree.compte)
