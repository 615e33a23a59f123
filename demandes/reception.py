"""From raw bytes to a demande: stored first, then parsed, then the person, the place and the demande.

Idempotent on (canal, external key, content hash): the same bytes twice make one demande. What cannot be
read lands in quarantine with its reason and stops nobody.
"""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from demandes import courriels, reseaux, sms
from demandes.actions import Depot, appels, enregistrer, enregistrer_seul
from demandes.droits import SYSTEME, Auteur
from demandes.models import Demande, Reception, TypeDemande
from guichet.canaux import portail, saisie
from guichet.canaux.courriel.bornes import LecteurIndisponible
from guichet.canaux.message import ContenuIllisible, MessageEntrant
from guichet.envois.sonnette import Sonnette
from guichet.organisation.territoires import deduire
from guichet.pieces.depot import oublier
from guichet.pieces.models import Piece
from guichet.socle.erreurs import ErreurMetier
from usagers.rapprochement import Identite

journal = logging.getLogger(__name__)

# Which channel module reads which stored format.
LECTEURS = {"saisie": saisie.lire, "portail": portail.lire}
ESSAIS = 5
TROP_D_ESSAIS = "Sa lecture a été interrompue à chaque essai."
# A row being processed by another worker is locked; one that keeps failing is not tried at every sweep.
PAUSE = timedelta(seconds=30)
# Seconds a sweep may start new ones, within the task's limit, and how many it may look at.
BUDGET = 20
AU_PLUS = 5_000
# For who answers somebody: it rings beside the request. A command that is about to end calls `sonner`.
sonnette = Sonnette("demandes.tasks.traiter_reception", "demandes.tasks.balayer_receptions")


def recevoir(
    canal: str, source: str, cle_externe: str, contenu: bytes, *, recue_le: datetime | None = None
) -> Reception:
    """Store raw content; the caller acknowledges only after its transaction is committed."""
    reception, _ = Reception.ranger(
        canal, source, cle_externe, contenu, **({"recue_le": recue_le} if recue_le else {})
    )
    return reception


def traiter(pk: int) -> Demande | None:
    """Turn one stored reception into its demande; None when somebody else has it or it is in quarantine."""
    if not _compter_l_essai(pk):
        return None
    with transaction.atomic():
        reception = _prendre(pk).first()
        if reception is None:
            return None
        compte = reception.essais
        # Whatever ends well, or is not our fault, gives the try back.
        reception.essais = max(compte - 1, 0)
        try:
            with transaction.atomic():
                suite = donner_suite(reception)
        except LecteurIndisponible:
            journal.exception("reception %s waits: mails cannot be read", reception.pk)
            reception.save(update_fields=["essais"])
            return None
        except (ContenuIllisible, ErreurMetier) as erreur:
            mettre_en_quarantaine(reception, str(erreur))
            return None
        except Exception as erreur:
            # A fault of ours, not of the sender: tried again, then shown to an operator.
            journal.exception("reception %s failed", reception.pk)
            reception.essais = compte
            if compte >= ESSAIS:
                mettre_en_quarantaine(reception, f"Erreur interne répétée : {type(erreur).__name__}.")
            return None
        reception.etat = Reception.Etat.TRAITEE
        reception.traitee_le = timezone.now()
        reception.demande = suite.demande
        reception.motif = suite.motif
        reception.save(update_fields=["etat", "traitee_le", "demande", "motif", "essais"])
        return suite.demande


def _prendre(pk: int) -> QuerySet[Reception]:
    """What waits, and that nobody else is reading."""
    return Reception.objects.select_for_update(skip_locked=True).filter(pk=pk, etat=Reception.Etat.A_TRAITER)


def _compter_l_essai(pk: int) -> bool:
    """Count a try before it is made, and commit it: what ends its worker comes to quarantine all the same."""
    with transaction.atomic():
        reception = _prendre(pk).defer("contenu").first()
        if reception is None:
            return False
        if reception.essais >= ESSAIS:
            mettre_en_quarantaine(reception, TROP_D_ESSAIS)
            return False
        reception.essais += 1
        reception.save(update_fields=["essais"])
        return True


def mettre_en_quarantaine(reception: Reception, motif: str) -> None:
    reception.etat = Reception.Etat.QUARANTAINE
    reception.traitee_le = timezone.now()
    reception.motif = motif[:250]
    reception.save(update_fields=["etat", "traitee_le", "motif", "essais"])


def donner_suite(reception: Reception) -> courriels.Suite:
    """A mail may go on with a demande; anything else opens one."""
    if reception.source == courriels.SOURCE:
        return courriels.traiter(reception)
    if reception.source == sms.SOURCE:
        return sms.traiter(reception)
    if reseaux.vient_d_un_reseau(reception):
        return reseaux.traiter(reception)
    if reception.source == "telephonie":
        appels.recevoir(bytes(reception.contenu))
        return courriels.Suite(None, "Événement d'appel relu.")
    return courriels.Suite(ouvrir(reception))


def sonner(pk: int) -> None:
    """Tell the worker that a reception waits, once it is committed; without it, the sweep comes."""
    try:
        import_string("demandes.tasks.traiter_reception").delay(pk)
    except Exception as erreur:
        journal.warning("Broker unreachable (%s): the next sweep will read.", type(erreur).__name__)


def relire(pk: int) -> Reception | None:
    """Give a reception in quarantine all its attempts again; None when it is not there any more."""
    with transaction.atomic():
        gardees = Reception.objects.select_for_update().filter(etat=Reception.Etat.QUARANTAINE)
        reception = gardees.filter(pk=pk).first()
        if reception is None:
            return None
        reception.etat, reception.motif = Reception.Etat.A_TRAITER, ""
        reception.traitee_le, reception.essais = None, 0
        reception.save(update_fields=["etat", "motif", "traitee_le", "essais"])
    traiter(pk)
    return Reception.objects.filter(pk=pk).first()


def saisir(pk: int, depot: Depot, *, auteur: Auteur) -> Demande | None:
    """File by hand what the reader could not, or made no demande of: received when it came, and once.

    None when it has left. A mail keeps what it had: its files, as far as they are told apart, and itself.
    """
    pieces: list[Piece] = []
    try:
        return _saisir(pk, depot, auteur, pieces)
    except BaseException:
        oublier(pieces)
        raise


def _saisir(pk: int, depot: Depot, auteur: Auteur, pieces: list[Piece]) -> Demande | None:
    with transaction.atomic():
        reception = Reception.objects.select_for_update().filter(pk=pk).first()
        if reception is None or not reception.se_saisit:
            return None
        if reception.source == courriels.SOURCE:
            courriels.sauver_les_pieces(bytes(reception.contenu), reception.recue_le, pieces)
        depot = replace(
            depot,
            canal=reception.canal,
            recue_le=reception.recue_le,
            cle=f"reception:{pk}",
            sans_accuse=depot.sans_accuse or reception.sans_accuse,
            pieces=tuple(pieces),
        )
        if publie := reseaux.reconnaitre(reception):
            demande = reseaux.saisir(publie, depot, reception, auteur=auteur)
        else:
            demande = enregistrer_seul(depot, auteur=auteur)
        _finir(reception, auteur, demande, "Saisie à la main.")
        return demande


def ecarter(pk: int, *, auteur: Auteur, motif: str) -> bool:
    """Take out of quarantine what asks for nothing, with the reason; its bytes stay."""
    with transaction.atomic():
        reception = Reception.objects.select_for_update().filter(pk=pk).first()
        if reception is None or reception.etat != Reception.Etat.QUARANTAINE:
            return False
        _finir(reception, auteur, None, f"Écarté : {motif}")
        return True


def _finir(reception: Reception, auteur: Auteur, demande: Demande | None, motif: str) -> None:
    reception.etat = Reception.Etat.TRAITEE
    reception.traitee_le = timezone.now()
    reception.traitee_par = auteur.compte
    reception.demande = demande
    reception.motif = motif[:250]
    reception.save(update_fields=["etat", "traitee_le", "traitee_par", "demande", "motif"])


def ouvrir(reception: Reception) -> Demande:
    """Parse, then open a demande: person, place and type as far as the message says them."""
    message = LECTEURS[reception.source](bytes(reception.contenu), recu_le=reception.recue_le)
    type = None
    if message.type_suggere:
        type = TypeDemande.objects.publies().filter(code=message.type_suggere).first()
    return enregistrer(depot_de(message, type, f"reception:{reception.pk}"), auteur=SYSTEME)


def depot_de(message: MessageEntrant, type: TypeDemande | None, cle: str) -> Depot:
    """What a message asks, in the words of the door."""
    e = message.expediteur
    identite = Identite(
        nom=e.nom, prenom=e.prenom, courriel=e.courriel, telephone=e.telephone, adresse=e.adresse
    )
    return Depot(
        canal=message.canal,
        texte=message.texte or message.objet,
        objet=message.objet,
        type=type,
        reponses=dict(message.reponses),
        identite=identite,
        est_anonyme=message.est_anonyme or identite.est_vide,
        adresse=e.adresse,
        territoire=deduire(f"{e.adresse} {message.texte}"),
        recue_le=min(message.recu_le, timezone.now()),
        cle=cle,
        est_urgente=message.est_urgent,
    )


def balayer() -> int:
    """Process what still waits, oldest first, for `BUDGET` seconds: the guarantee behind the doorbell."""
    fin = time.monotonic() + BUDGET
    en_attente = (
        Reception.objects.filter(etat=Reception.Etat.A_TRAITER)
        .exclude(essais__gt=0, gardee_le__gt=timezone.now() - PAUSE)
        # Those that failed come after the others: one that ends its worker makes nobody wait.
        .order_by("essais", "gardee_le", "pk")
        .values_list("pk", flat=True)
    )
    faites = 0
    for pk in list(en_attente[:AU_PLUS]):
        if time.monotonic() > fin:
            break
        faites += traiter(pk) is not None
    return faites
