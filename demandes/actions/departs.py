"""A demande leaves the hands of its holder: to a colleague, or to the queue. The resident is not written to.

Made one by one by who holds it or by a head of the direction; on all an agent holds, at their departure.
"""

from demandes.actions.porte import Passage, franchir
from demandes.chapeaux import A2, R2
from demandes.collegues import collegues_de
from demandes.droits import Auteur, chapeaux_de
from demandes.models import Demande
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import DonneeInvalide, Refus


def confier_a_un_collegue(
    demande: Demande,
    *,
    auteur: Auteur,
    collegue: Compte,
    commentaire: str = "",
    version: int | None = None,
    est_verrouillee: bool = False,
) -> Demande:
    """Change hands: somebody of the same direction, cleared for the secteur, holds it as it stands."""
    with franchir(
        "confier_a_un_collegue", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        d = passage.demande
        exiger_un_titulaire(passage)
        if not est_verrouillee:
            exiger_de_pouvoir_ceder(passage)
        if collegue.pk == d.agent_traitant_id:
            raise DonneeInvalide(f"{collegue} tient déjà cette demande.", "collegue")
        exiger_un_collegue(d, collegue, present=not est_verrouillee)
        passage.details |= {"agent": collegue.pk, "ancien_agent": d.agent_traitant_id}
        passage.commenter(commentaire)
        d.agent_traitant = collegue
        return d


def rendre_a_la_corbeille(
    demande: Demande,
    *,
    auteur: Auteur,
    commentaire: str = "",
    version: int | None = None,
    est_verrouillee: bool = False,
) -> Demande:
    """Back to the queue of its direction, where somebody will take it."""
    with franchir(
        "rendre_a_la_corbeille", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        if not est_verrouillee:
            exiger_de_pouvoir_ceder(passage)
        passage.details |= {"ancien_agent": passage.demande.agent_traitant_id}
        passage.commenter(commentaire)
        passage.vers()
        return passage.demande


def exiger_un_collegue(demande: Demande, collegue: Compte, *, present: bool = True) -> None:
    """Somebody of its direction, cleared for its secteur, who is here to hold it."""
    # A right of one's own: what is lent during an absence ends with it.
    if A2 not in chapeaux_de(Perimetre.de(collegue), demande):
        raise DonneeInvalide(
            f"{collegue} ne peut pas prendre cette demande : choisissez un collègue de la direction "
            "habilité pour son secteur.",
            "collegue",
        )
    if present and not collegues_de([demande]).filter(pk=collegue.pk).exists():
        raise DonneeInvalide(
            f"{collegue} est absent ou s'en va : choisissez un collègue présent.", "collegue"
        )


def exiger_un_titulaire(passage: Passage) -> None:
    if not passage.demande.est_ouverte or passage.demande.agent_traitant_id is None:
        raise Refus("Personne ne tient cette demande : il n'y a rien à confier.")


def cedant(demande: Demande, auteur: Auteur) -> Perimetre | None:
    """The perimeter, one's own first or a lent one, that lets the author part with what is held."""
    for perimetre in auteur.perimetre.tous if auteur.perimetre else ():
        chapeaux = chapeaux_de(perimetre, demande)
        if R2 in chapeaux or (A2 in chapeaux and perimetre.compte.pk == demande.agent_traitant_id):
            return perimetre
    return None


def exiger_de_pouvoir_ceder(passage: Passage) -> None:
    """An administrator does it at a departure only, for all that an agent holds (ADR 15)."""
    if not passage.auteur.est_agent:
        return
    perimetre = cedant(passage.demande, passage.auteur)
    if perimetre is None:
        raise Refus("Seul l'agent qui tient la demande, ou son responsable, peut la confier ou la rendre.")
    passage.titulaire = None if perimetre is passage.auteur.perimetre else perimetre.compte
