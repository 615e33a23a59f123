"""Every gesture an agent can make: its form, its words, and whether it makes sense right now."""

from __future__ import annotations

from dataclasses import dataclass

from demandes.actions import libelle_du_geste
from demandes.etats import Etat
from demandes.formulaires_gestes.accueil import (
    OrienterForm,
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
from demandes.formulaires_gestes.personne import QualifierEtRattacherForm, RattacherForm
from demandes.formulaires_gestes.publications import (
    InviterEnPriveForm,
    MasquerForm,
    PublierForm,
    RedigerUnePublicationForm,
)
from demandes.formulaires_gestes.regroupement import (
    AutreDemandeForm,
    DelierForm,
    FusionnerForm,
    LierForm,
    ScinderForm,
)
from demandes.formulaires_gestes.remises import (
    ImprimerLAccuseForm,
    ImprimerLaLettreForm,
    MarquerRemiseForm,
    NoterLaSuiteForm,
)
from demandes.formulaires_gestes.reponse import (
    ProposerUneReponseForm,
    RefuserLeProjetForm,
    RejeterForm,
    RepondreForm,
)
from demandes.models import Demande


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
        QualifierEtRattacherForm,
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
    "attribuer": EcranGeste(
        ConfierForm,
        "La demande est confiée à votre agent.",
        "Votre agent la prend en charge, et l'usager est prévenu.",
        icone="arrow-right-left",
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
    "rediger_une_publication": EcranGeste(
        RedigerUnePublicationForm,
        "Votre réponse est écrite.",
        "Publique, elle attend qu'un collègue ou un responsable la relise. Privée, elle part tout de suite.",
        icone="megaphone",
    ),
    "inviter_en_prive": EcranGeste(
        InviterEnPriveForm,
        "Votre invitation est écrite.",
        "Publique, elle attend d'être relue. Si la personne écrit en privé, son message rejoint cette "
        "demande et vos réponses y partent en privé.",
        icone="lock-keyhole",
    ),
    "masquer_la_publication": EcranGeste(
        MasquerForm,
        "C'est noté : la publication est masquée.",
        "Là où le réseau le permet, comme sur Facebook, Guichet masque le commentaire. Ailleurs, masquez-le "
        "d'abord sur le réseau : ce geste en garde la trace. La demande continue.",
        icone="eye-off",
    ),
    "publier": EcranGeste(
        PublierForm,
        "La réponse part sur le réseau.",
        "Relisez : tout le monde pourra la lire, et le nom de la ville la signe.",
        icone="send",
    ),
    "retirer_la_publication": EcranGeste(
        FormulaireGeste,
        "La réponse ne sera pas publiée.",
        "Son texte est effacé. Personne ne l'a lue sur le réseau.",
        icone="undo-2",
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
    "imprimer_l_accuse": EcranGeste(
        ImprimerLAccuseForm,
        "C'est noté : l'accusé de réception est imprimé.",
        "Celui d'un courrier attend ensuite parmi les réponses à remettre, jusqu'à ce qu'il soit posté.",
        icone="printer",
    ),
    "imprimer_la_lettre": EcranGeste(
        ImprimerLaLettreForm,
        "La lettre est prête. Il reste à la poster.",
        "La page suivante est la lettre, à imprimer et à glisser dans une enveloppe à fenêtre.",
        icone="printer",
    ),
    "marquer_remise": EcranGeste(
        MarquerRemiseForm,
        "C'est noté : le message est remis.",
        "Votre nom et ce jour restent au journal.",
        icone="mail-check",
    ),
    "noter_la_suite": EcranGeste(
        NoterLaSuiteForm,
        "C'est noté : la suite de la lettre est connue.",
        "Une lettre revenue prévient qui traite la demande. Si la personne n'habite pas à l'adresse, rien "
        "n'y sera plus posté.",
        icone="mail-question-mark",
    ),
    "noter_l_appel": EcranGeste(
        FormulaireGeste,
        "C'est noté : la personne est rappelée.",
        "Votre nom et l'heure restent au journal.",
        icone="phone-call",
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
    "rattacher": EcranGeste(
        RattacherForm,
        "La demande est rattachée à cette personne.",
        "Elle y verra sa demande si elle a un compte en ligne. L'usager n'est pas prévenu.",
        icone="user-check",
    ),
    "garder_a_part": EcranGeste(
        FormulaireGeste,
        "La demande est gardée à part.",
        "Les demandes que son message cite n'en sauront rien.",
        icone="split",
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
A_DEUX = ("delier", "distinguer", "garder_a_part")
# Made from what they speak of: a message or an opinion, on its demande or in the list of what waits.
SUR_UN_MESSAGE = (
    "imprimer_l_accuse",
    "imprimer_la_lettre",
    "marquer_remise",
    "noter_la_suite",
    "noter_l_appel",
)


def libelle(geste: str, demande: Demande) -> str:
    """What the button says; signing somebody's draft is not quite answering."""
    if geste == "repondre" and demande.etat == Etat.A_VALIDER:
        return "Valider et envoyer"
    return libelle_du_geste(geste)
