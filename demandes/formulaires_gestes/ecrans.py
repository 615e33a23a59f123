"""Every gesture an agent can make: its form, its words, and whether it makes sense right now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from demandes.actions import complement_ouvert, gestes_permis, libelle_du_geste, projet_en_attente
from demandes.actions.departs import cedant
from demandes.actions.regroupement import DELAI_SEPARATION
from demandes.actions.reponse import peut_signer
from demandes.chapeaux import R1, R2
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.formulaires_gestes.accueil import (
    OrienterForm,
    QualifierForm,
    RepondreImmediatementForm,
    RequalifierForm,
    TransfererForm,
)
from demandes.formulaires_gestes.base import FormulaireCommentaire, FormulaireGeste, FormulaireMotif
from demandes.formulaires_gestes.direction import (
    AttendreUnTiersForm,
    ConfierForm,
    DemanderComplementForm,
    PlanifierForm,
    ReorienterForm,
)
from demandes.formulaires_gestes.echanges import (
    EcrireALaVilleForm,
    EcrireALUsagerForm,
    EnvoyerLAccuseForm,
    NoteForm,
    RecevoirComplementForm,
)
from demandes.formulaires_gestes.fin import RetourExterneForm, TransmettreForm
from demandes.formulaires_gestes.regroupement import (
    AutreDemandeForm,
    DelierForm,
    FusionnerForm,
    LierForm,
    ScinderForm,
)
from demandes.formulaires_gestes.reponse import (
    ProposerUneReponseForm,
    RefuserLeProjetForm,
    RejeterForm,
    RepondreForm,
)
from demandes.models import Complement, Demande, ProjetReponse


@dataclass(frozen=True)
class EcranGeste:
    """`fait` is said after success; `consigne` before, in one sentence; `touche` is the key of its button."""

    formulaire: type[FormulaireGeste]
    fait: str
    consigne: str = ""
    icone: str = ""
    touche: str = ""
    est_grave: bool = False


# In the order agents use them: a demande shows the first that are open to them, the rest is one click away.
ECRANS: dict[str, EcranGeste] = {
    "prendre_en_charge": EcranGeste(
        FormulaireGeste,
        "Vous avez pris la demande en charge.",
        "La demande sera à vous, et l'usager sera prévenu.",
        icone="user-round-check",
        touche="t",
    ),
    "qualifier": EcranGeste(
        QualifierForm,
        "La demande est qualifiée.",
        "Les délais et le régime du silence sont fixés maintenant.",
        icone="tag",
        touche="q",
    ),
    "orienter": EcranGeste(
        OrienterForm,
        "La demande est orientée.",
        "La direction la reçoit dans sa corbeille et l'usager est prévenu.",
        icone="signpost",
        touche="o",
    ),
    "repondre": EcranGeste(
        RepondreForm,
        "La réponse est partie.",
        "La réponse part tout de suite et la demande est traitée.",
        icone="reply",
        touche="r",
    ),
    "proposer_une_reponse": EcranGeste(
        ProposerUneReponseForm,
        "Votre projet attend la validation.",
        "Un responsable relira ce projet avant l'envoi.",
        icone="stamp",
        touche="p",
    ),
    "refuser_le_projet": EcranGeste(
        RefuserLeProjetForm,
        "Le projet est revenu à son rédacteur.",
        "Rien n'est envoyé à l'usager.",
        icone="undo-2",
    ),
    "repondre_immediatement": EcranGeste(
        RepondreImmediatementForm,
        "La réponse est enregistrée.",
        "La demande est traitée au premier contact.",
        icone="zap",
        touche="i",
    ),
    "recevoir_complement": EcranGeste(
        RecevoirComplementForm,
        "Le complément est enregistré.",
        "Les délais reprennent et l'agent est prévenu.",
        icone="file-down",
    ),
    "relancer_l_usager": EcranGeste(
        FormulaireGeste,
        "L'usager est relancé.",
        "Un rappel part à l'usager, une seule fois.",
        icone="bell-ring",
    ),
    "demander_complement": EcranGeste(
        DemanderComplementForm,
        "Le complément est demandé.",
        "Le délai de service s'arrête jusqu'à la réponse de l'usager.",
        icone="file-question-mark",
        touche="c",
    ),
    "planifier": EcranGeste(
        PlanifierForm, "La date est promise à l'usager.", icone="calendar-clock", touche="l"
    ),
    "attendre_un_tiers": EcranGeste(
        AttendreUnTiersForm, "La demande attend un tiers.", icone="clock", touche="u"
    ),
    "reprendre": EcranGeste(FormulaireCommentaire, "Le traitement reprend.", icone="play"),
    "reprendre_sans_complement": EcranGeste(
        FormulaireGeste,
        "L'étude reprend.",
        "Le délai donné à l'usager est passé : les délais reprennent.",
        icone="play",
    ),
    "classer_sans_suite": EcranGeste(
        FormulaireMotif,
        "La demande est classée sans suite.",
        "L'usager est prévenu et peut faire rouvrir sa demande.",
        icone="archive-x",
    ),
    "clore": EcranGeste(
        FormulaireGeste, "La demande est close.", "La durée de conservation commence.", icone="archive"
    ),
    "rouvrir": EcranGeste(
        FormulaireMotif,
        "La demande est rouverte.",
        "Elle retourne à sa direction, ou à l'accueil si elle n'en avait pas.",
        icone="rotate-ccw",
    ),
    "retour_externe": EcranGeste(RetourExterneForm, "Le retour est enregistré.", icone="undo-2"),
    "defusionner": EcranGeste(
        FormulaireGeste,
        "La demande est séparée.",
        "Elle reprend son propre chemin, à l'accueil. La demande principale continue sans elle.",
        icone="split",
    ),
    "retablir": EcranGeste(
        FormulaireMotif, "La demande est rétablie.", "L'usager est prévenu.", icone="rotate-ccw"
    ),
    "reorienter": EcranGeste(
        ReorienterForm,
        "La demande est réorientée.",
        "Le délai légal ne change pas.",
        icone="signpost",
        touche="v",
    ),
    "renvoyer_a_l_accueil": EcranGeste(
        FormulaireMotif,
        "La demande est renvoyée à l'accueil.",
        "Le responsable d'accueil décidera de la suite.",
        icone="corner-up-left",
    ),
    "transmettre": EcranGeste(
        TransmettreForm,
        "La demande est transmise.",
        "La ville n'est pas compétente : l'usager est prévenu (CRPA, art. L114-2).",
        icone="send",
        touche="h",
    ),
    "confier_a_un_collegue": EcranGeste(
        ConfierForm,
        "La demande est confiée à votre collègue.",
        "Votre collègue la tient telle qu'elle est. L'usager n'est pas prévenu.",
        icone="arrow-right-left",
    ),
    "rendre_a_la_corbeille": EcranGeste(
        FormulaireCommentaire,
        "La demande est revenue dans la corbeille.",
        "Un collègue de la direction la prendra. L'usager n'est pas prévenu.",
        icone="undo-2",
    ),
    "requalifier": EcranGeste(
        RequalifierForm,
        "La qualification est corrigée.",
        "Les délais repartent de la date de réception, selon le nouveau type. "
        "Les réponses données au premier formulaire restent lisibles.",
        icone="tag",
    ),
    "ecrire_a_l_usager": EcranGeste(
        EcrireALUsagerForm, "Le message est enregistré.", "La demande reste dans son état.", icone="mail"
    ),
    "ajouter_une_note": EcranGeste(
        NoteForm,
        "La note est ajoutée.",
        "La personne peut demander à lire les notes internes (RGPD, art. 15).",
        icone="sticky-note",
    ),
    "ecrire_a_la_ville": EcranGeste(
        EcrireALaVilleForm,
        "Le message de l'usager est ajouté.",
        "Pour ce qu'il dit au guichet, au téléphone ou par courrier.",
        icone="message-square-plus",
    ),
    "envoyer_l_accuse": EcranGeste(
        EnvoyerLAccuseForm,
        "L'accusé de réception part.",
        "Le numéro, le service chargé, les dates et le lien de suivi partent à cette adresse.",
        icone="mail-check",
    ),
    "fusionner": EcranGeste(
        FusionnerForm,
        "La demande est regroupée.",
        "Elle s'arrête là. La personne suivra la demande principale sans voir l'identité des autres.",
        icone="merge",
    ),
    "scinder": EcranGeste(
        ScinderForm,
        "Les autres sujets ont leur demande.",
        "Le sujet 1 reste ici. Chaque autre devient une demande liée, à la même date de réception, avec une "
        "copie des documents choisis. "
        "Aucun courriel ne part. Avec un compte, la personne voit les nouvelles demandes parmi les siennes ; "
        "sans compte, donnez-lui les numéros et les codes que la page suivante affiche.",
        icone="split",
    ),
    "lier": EcranGeste(
        LierForm,
        "Les deux demandes sont liées.",
        "Chacune suit son chemin et montre l'autre. L'usager n'est pas prévenu.",
        icone="link",
    ),
    "delier": EcranGeste(
        DelierForm,
        "Le lien est retiré.",
        "Les deux demandes ne se montrent plus l'une l'autre. L'usager n'est pas prévenu.",
        icone="unlink",
    ),
    "distinguer": EcranGeste(
        AutreDemandeForm,
        "C'est retenu : elles ne seront plus rapprochées.",
        "Les deux demandes ne seront plus proposées ensemble, à personne.",
        icone="equal-not",
    ),
    "transferer_la_propriete": EcranGeste(
        TransfererForm,
        "La demande est confiée à un autre accueil.",
        "Cet accueil répondra d'elle jusqu'au bout.",
        icone="arrow-right-left",
    ),
    "rejeter": EcranGeste(
        RejeterForm,
        "La demande est rejetée.",
        "L'usager reçoit l'explication et les voies de recours. Hors compétence : transmettez.",
        icone="circle-x",
        est_grave=True,
    ),
    "annuler": EcranGeste(
        FormulaireMotif,
        "La demande est annulée.",
        "L'usager est prévenu, sauf pour un message indésirable.",
        icone="ban",
        est_grave=True,
    ),
}
# Written in the composer of the page, not among its buttons.
REDACTION = ("ecrire_a_l_usager", "ajouter_une_note")
# Made beside the other demande they speak of: no button of their own.
A_DEUX = ("delier", "distinguer")


def libelle(geste: str, demande: Demande) -> str:
    """What the button says; signing somebody's draft is not quite answering."""
    if geste == "repondre" and demande.etat == Etat.A_VALIDER:
        return "Valider et envoyer"
    return libelle_du_geste(geste)


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
    "ecrire_a_l_usager": lambda m: m.demande.usager is not None,
}
