"""What a direction does with its queue, short of answering."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from demandes import delais
from demandes.actions import avis, rappels
from demandes.actions.departs import exiger_un_collegue
from demandes.actions.porte import Passage, exiger_motif, exiger_texte, franchir
from demandes.chapeaux import R1, R2
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from guichet.organisation.models import Compte, Direction
from guichet.socle.erreurs import DonneeInvalide, Refus

# What brings a demande into the queue of a direction.
ENTREES_EN_CORBEILLE = ("orienter", "reorienter", "rouvrir", "rendre_a_la_corbeille")
PLANIFIER_AU_PLUS = timedelta(days=2 * 365 + 1)
ATTENDRE_AU_PLUS = timedelta(days=366)


def prendre_en_charge(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Take it: one agent holds it from now on, and the resident is told, once for each direction."""
    with franchir("prendre_en_charge", demande, auteur=auteur, version=version) as passage:
        assert auteur.compte is not None
        mettre_entre_les_mains(passage, auteur.compte)
        return passage.demande


def attribuer(
    demande: Demande, *, auteur: Auteur, collegue: Compte, commentaire: str = "", version: int | None = None
) -> Demande:
    """A head of the direction gives what nobody took to one of its agents: to the resident, it is taken."""
    with franchir("attribuer", demande, auteur=auteur, version=version) as passage:
        exiger_un_collegue(passage.demande, collegue)
        passage.details |= {"agent": collegue.pk}
        passage.commenter(commentaire)
        mettre_entre_les_mains(passage, collegue)
        return passage.demande


def mettre_entre_les_mains(passage: Passage, compte: Compte) -> None:
    est_nouveau = not revient_d_un_agent(passage.demande)
    passage.vers(agent=compte)
    if est_nouveau:
        avis.prevenir(passage, "prise_en_charge", direction=passage.demande.direction)
        avis.prevenir_les_co_signalants(passage, "co_signalement")


def revient_d_un_agent(demande: Demande) -> bool:
    """Say whether an agent gave it back: the resident was told of the first taking."""
    entrees = demande.journal.filter(geste__in=ENTREES_EN_CORBEILLE, apres=Etat.ORIENTEE).order_by("-rang")
    return entrees.values_list("geste", flat=True).first() == "rendre_a_la_corbeille"


def reorienter(
    demande: Demande,
    *,
    auteur: Auteur,
    motif: str,
    direction: Direction | None,
    commentaire: str = "",
    version: int | None = None,
) -> Demande:
    """Pass it to another direction, once. A second time it goes back to the desk, whose head decides.

    An internal change of direction has no effect on the legal clock (domaine.md, S8).
    """
    est_deuxieme = demande.compteur_reorientations >= 1
    if est_deuxieme and R1 not in auteur.chapeaux(demande):
        return renvoyer_a_l_accueil(
            demande, auteur=auteur, motif=motif, commentaire=commentaire, version=version, liste="reorienter"
        )
    with franchir("reorienter", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("reorienter", motif, commentaire).code
        if direction is None or not direction.est_active:
            raise DonneeInvalide("Choisissez la direction qui peut agir.", "direction")
        if direction == d.direction:
            raise DonneeInvalide("La demande est déjà dans cette direction.", "direction")
        est_responsable = passage.porte_un(R1)
        if direction == d.direction_precedente and not est_responsable:
            raise DonneeInvalide(
                "La demande vient de cette direction : seul le responsable d'accueil peut l'y renvoyer.",
                "direction",
            )
        exiger_de_pouvoir_refuser(passage)
        assert d.direction is not None
        passage.details |= {"de": d.direction.code, "vers": direction.code}
        passage.commenter(commentaire)
        passage.vers(
            direction=direction,
            raison="Décision du responsable d'accueil" if est_responsable else "Réorientée par une direction",
            arbitree=est_responsable,
        )
        avis.prevenir(passage, "orientee", direction=direction)
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return d


def renvoyer_a_l_accueil(
    demande: Demande,
    *,
    auteur: Auteur,
    motif: str,
    commentaire: str = "",
    version: int | None = None,
    liste: str = "renvoyer_a_l_accueil",
) -> Demande:
    """Give it back to the owning desk, whose head will decide. `liste` is the gesture whose motifs apply."""
    with franchir("renvoyer_a_l_accueil", demande, auteur=auteur, version=version) as passage:
        passage.motif = exiger_motif(liste, motif, commentaire).code
        exiger_de_pouvoir_refuser(passage)
        assert passage.demande.direction is not None
        passage.details |= {"de": passage.demande.direction.code}
        passage.commenter(commentaire)
        passage.vers()
        rappels.ecrire(passage, rappels.chefs_de_l_accueil(passage.demande), "renvoyee")
        return passage.demande


def exiger_de_pouvoir_refuser(passage: Passage) -> None:
    """A direction named by the head of the desk can only be refused by its own head."""
    if passage.demande.est_arbitree and passage.auteur.est_agent and not passage.porte_un(R1, R2):
        raise Refus(
            "Le responsable d'accueil a décidé de cette direction : seul votre responsable peut la refuser."
        )


def planifier(
    demande: Demande,
    *,
    auteur: Auteur,
    pour: datetime,
    motif: str = "",
    commentaire: str = "",
    version: int | None = None,
) -> Demande:
    """Promise a date to the resident; changing it needs a reason."""
    with franchir("planifier", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        if pour <= timezone.now():
            raise DonneeInvalide("La date prévue doit être dans l'avenir.", "pour")
        if pour > timezone.now() + PLANIFIER_AU_PLUS:
            raise DonneeInvalide("La date prévue est à plus de deux ans : vérifiez l'année.", "pour")
        if d.etat == Etat.PLANIFIEE:
            passage.motif = exiger_motif("planifier", motif, commentaire).code
        passage.commenter(commentaire)
        passage.vers(pour=pour)
        delais.repousser_a(d, pour)
        passage.details |= {"pour": pour.isoformat()}
        avis.prevenir(passage, "planifiee", pour=pour)
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return d


def attendre_un_tiers(
    demande: Demande,
    *,
    auteur: Auteur,
    motif: str,
    tiers: str,
    relance_le: date,
    commentaire: str = "",
    version: int | None = None,
) -> Demande:
    """Wait for somebody outside; the service clock stops only when the type says so."""
    with franchir("attendre_un_tiers", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("attendre_un_tiers", motif, commentaire).code
        qui = exiger_texte(tiers, "Dites qui vous attendez.", "tiers")
        if relance_le <= timezone.localdate():
            raise DonneeInvalide("La date de relance doit être dans l'avenir.", "relance_le")
        if relance_le > timezone.localdate() + ATTENDRE_AU_PLUS:
            raise DonneeInvalide("La date de relance est à plus d'un an : vérifiez l'année.", "relance_le")
        passage.details |= {"relance_le": relance_le.isoformat()}
        passage.commenter(f"En attente de : {qui}\n{commentaire}".strip())
        passage.vers(relance_le=relance_le)
        if d.type and d.type.suspend_en_attente_tiers:
            delais.suspendre_service(d)
        return d


def reprendre(
    demande: Demande, *, auteur: Auteur, commentaire: str = "", version: int | None = None
) -> Demande:
    """Take up again what waited for somebody outside."""
    with franchir("reprendre", demande, auteur=auteur, version=version) as passage:
        passage.commenter(commentaire)
        passage.vers()
        delais.reprendre_service(passage.demande)
        return passage.demande
