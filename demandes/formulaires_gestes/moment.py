"""Which gestures make sense for a demande right now, for who looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from demandes.actions import complement_ouvert, gestes_permis, projet_en_attente
from demandes.actions.departs import cedant
from demandes.actions.publications import a_confirmer, a_masquer, derniere_recue
from demandes.actions.regroupement import DELAI_SEPARATION
from demandes.actions.reponse import peut_signer
from demandes.chapeaux import R1, R2
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.formulaires_gestes.ecrans import ECRANS
from demandes.models import Complement, Demande, ProjetReponse
from guichet.canaux.canal import RESEAUX_SOCIAUX


@dataclass(frozen=True)
class Moment:
    """What decides, besides state and right, whether a gesture makes sense: read once for a page."""

    demande: Demande
    auteur: Auteur
    complement: Complement | None
    projet: ProjetReponse | None

    @classmethod
    def de(cls, demande: Demande, auteur: Auteur) -> Moment:
        return cls(
            demande,
            auteur,
            complement_ouvert(demande) if demande.etat == Etat.ATTENTE_USAGER else None,
            projet_en_attente(demande) if demande.etat == Etat.A_VALIDER else None,
        )

    def porte_un(self, *chapeaux) -> bool:
        return not self.auteur.chapeaux(self.demande).isdisjoint(chapeaux)

    @property
    def vient_d_un_reseau(self) -> bool:
        return self.demande.canal in RESEAUX_SOCIAUX

    @property
    def delai_est_passe(self) -> bool:
        return self.complement is not None and self.complement.echeance < timezone.localdate()

    def gestes(self) -> list[str]:
        """The gestures open to the author now, the usual ones first."""
        permis = set(gestes_permis(self.demande, self.auteur))
        ouverts = [
            geste for geste in ECRANS if geste in permis and (geste not in GARDES or GARDES[geste](self))
        ]
        if {"repondre", "proposer_une_reponse"} <= set(ouverts):
            # Who may answer alone rarely asks for a signature.
            ouverts.remove("proposer_une_reponse")
            ouverts.append("proposer_une_reponse")
        return ouverts


def peut_repondre(m: Moment) -> bool:
    """A type with two signatures is answered by somebody else than the author of the draft."""
    if m.demande.etat == Etat.A_VALIDER:
        return m.projet is None or peut_signer(m.projet, m.demande, m.auteur)
    return not m.demande.type.validation_requise


def peut_refuser_la_direction(m: Moment) -> bool:
    return not m.demande.est_arbitree or m.porte_un(R1, R2)


def peut_ceder(m: Moment) -> bool:
    return cedant(m.demande, m.auteur) is not None


def peut_inviter(m: Moment) -> bool:
    """In private already, there is nowhere to go on."""
    recue = derniere_recue(m.demande)
    return recue is not None and recue.est_publique and a_confirmer(m.demande) is None


def sans_suite_autorise(demande: Demande) -> bool:
    return demande.type is not None and bool(demande.type.sans_suite_autorise)


# What the actions would refuse whatever is typed: not offered. They check again under the lock.
GARDES: dict[str, Callable[[Moment], bool]] = {
    "orienter": lambda m: (
        m.demande.type is not None and (not m.demande.arbitrage_demande_le or m.porte_un(R1))
    ),
    "repondre": peut_repondre,
    "repondre_immediatement": lambda m: not (m.demande.type and m.demande.type.validation_requise),
    "reorienter": peut_refuser_la_direction,
    "renvoyer_a_l_accueil": peut_refuser_la_direction,
    "confier_a_un_collegue": lambda m: (
        m.demande.est_ouverte and m.demande.agent_traitant_id is not None and peut_ceder(m)
    ),
    "rendre_a_la_corbeille": peut_ceder,
    "relancer_l_usager": lambda m: m.complement is not None and m.complement.relance_le is None,
    "reprendre_sans_complement": lambda m: m.delai_est_passe,
    "classer_sans_suite": lambda m: (
        m.delai_est_passe and m.complement.relance_le is not None and sans_suite_autorise(m.demande)
    ),
    "clore": lambda m: not m.demande.a_message_non_lu,
    "defusionner": lambda m: m.demande.fusionnee_le + DELAI_SEPARATION >= timezone.now(),
    "rattacher": lambda m: m.demande.usager_id is None and m.demande.est_ouverte,
    # Read with the page; made from the tray.
    "garder_a_part": lambda m: getattr(m.demande, "est_a_rapprocher", False),
    "ecrire_a_l_usager": lambda m: m.demande.usager is not None,
    "rediger_une_publication": lambda m: m.vient_d_un_reseau and derniere_recue(m.demande) is not None,
    "inviter_en_prive": lambda m: m.vient_d_un_reseau and peut_inviter(m),
    "masquer_la_publication": lambda m: m.vient_d_un_reseau and a_masquer(m.demande) is not None,
    "publier": lambda m: m.vient_d_un_reseau and a_confirmer(m.demande) is not None,
    "retirer_la_publication": lambda m: m.vient_d_un_reseau and a_confirmer(m.demande) is not None,
}
