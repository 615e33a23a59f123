"""From raw bytes to a demande: stored first, then parsed, then the person, the place and the demande.

Idempotent on (canal, external key, content hash): the same bytes twice make one demande. What cannot be
read lands in quarantine with its reason and stops nobody.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from demandes.actions import Depot, enregistrer
from demandes.droits import SYSTEME
from demandes.models import Demande, Reception, TypeDemande
from guichet.canaux import portail, saisie
from guichet.canaux.message import ContenuIllisible, MessageEntrant
from guichet.organisation.territoires import deduire
from guichet.socle.erreurs import ErreurMetier
from usagers.rapprochement import Identite

journal = logging.getLogger(__name__)

# Which channel module reads which stored format.
LECTEURS = {"saisie": saisie.lire, "portail": portail.lire}
ESSAIS = 5
# A row being processed by another worker is locked; one that keeps failing is not tried at every sweep.
PAUSE = timedelta(seconds=30)


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
    with transaction.atomic():
        reception = (
            Reception.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, etat=Reception.Etat.A_TRAITER)
            .first()
        )
        if reception is None:
            return None
        try:
            with transaction.atomic():
                demande = ouvrir(reception)
        except (ContenuIllisible, ErreurMetier) as erreur:
            mettre_en_quarantaine(reception, str(erreur))
            return None
        except Exception as erreur:
            # A fault of ours, not of the sender: tried again, then shown to an operator.
            journal.exception("reception %s failed", reception.pk)
            reception.essais += 1
            if reception.essais >= ESSAIS:
                mettre_en_quarantaine(reception, f"Erreur interne répétée : {type(erreur).__name__}.")
            else:
                reception.save(update_fields=["essais"])
            return None
        reception.etat = Reception.Etat.TRAITEE
        reception.traitee_le = timezone.now()
        reception.demande = demande
        reception.save(update_fields=["etat", "traitee_le", "demande"])
        return demande


def mettre_en_quarantaine(reception: Reception, motif: str) -> None:
    reception.etat = Reception.Etat.QUARANTAINE
    reception.traitee_le = timezone.now()
    reception.motif = motif[:250]
    reception.save(update_fields=["etat", "traitee_le", "motif", "essais"])


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


def balayer(*, limite: int = 200) -> int:
    """Process what still waits, oldest first: the guarantee behind the doorbell."""
    a_traiter = (
        Reception.objects.filter(etat=Reception.Etat.A_TRAITER)
        .exclude(essais__gt=0, recue_le__gt=timezone.now() - PAUSE)
        .order_by("recue_le", "pk")
        .values_list("pk", flat=True)
    )
    return sum(traiter(pk) is not None for pk in list(a_traiter[:limite]))
