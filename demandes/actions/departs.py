"""What becomes of a demande when the agent who holds it leaves. The resident is not written to."""

from demandes.actions.porte import Passage, franchir
from demandes.chapeaux import A2
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
    version: int | None = None,
    est_verrouillee: bool = False,
) -> Demande:
    """Change hands: somebody of the same direction, cleared for the secteur, holds it as it stands."""
    with franchir(
        "confier_a_un_collegue", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        d = passage.demande
        exiger_un_titulaire(passage)
        if collegue.pk == d.agent_traitant_id:
            raise DonneeInvalide(f"{collegue} tient déjà cette demande.", "collegue")
        # A right of one's own: what is lent during an absence ends with it.
        if A2 not in chapeaux_de(Perimetre.de(collegue), d):
            raise DonneeInvalide(
                f"{collegue} ne peut pas prendre cette demande : choisissez un collègue de la direction "
                "habilité pour son secteur.",
                "collegue",
            )
        passage.details |= {"agent": collegue.pk, "ancien_agent": d.agent_traitant_id}
        d.agent_traitant = collegue
        return d


def rendre_a_la_corbeille(
    demande: Demande, *, auteur: Auteur, version: int | None = None, est_verrouillee: bool = False
) -> Demande:
    """Back to the queue of its direction, where somebody will take it."""
    with franchir(
        "rendre_a_la_corbeille", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        passage.details |= {"ancien_agent": passage.demande.agent_traitant_id}
        passage.vers()
        return passage.demande


def exiger_un_titulaire(passage: Passage) -> None:
    if not passage.demande.est_ouverte or passage.demande.agent_traitant_id is None:
        raise Refus("Personne ne tient cette demande : il n'y a rien à confier.")
