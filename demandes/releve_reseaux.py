"""The worker's talk with the networks: ask what is new, look again at what was said, follow what left.

Raw posts are committed in the inbox with the cursor, then read like anything else. Nothing is held under a
lock while the network is waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from demandes import actions, reception, reseaux
from demandes.droits import SYSTEME
from demandes.etats import NON_FINAUX
from demandes.models import Message, Publication, ReleveReseau, Remise
from guichet.canaux import registre
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import (
    Publie,
    Releve,
    ReseauInjoignable,
    ReseauQuiDitSaFin,
    ReseauRefuse,
    ReseauReleve,
)
from guichet.envois import reseaux as reseaux_ouverts
from guichet.envois.models import Envoi
from guichet.socle.texte import nettoyer

journal = logging.getLogger(__name__)

# How long what people wrote is looked at again, and how many at once.
RELIRE_PENDANT = timedelta(days=7)
RELIRE_AU_PLUS = 60
SUIVRE_AU_PLUS = 100


def connectes() -> list[ReseauReleve]:
    """The networks this city gave a key for, that must be asked what is new."""
    return [reseau for reseau in reseaux_ouverts.ouverts() if isinstance(reseau, ReseauReleve)]


def relever() -> int:
    """Keep what every network has that is new; one that is down keeps no other waiting."""
    gardees = 0
    for reseau in connectes():
        try:
            gardees += _relever_un(reseau)
        except (ReseauInjoignable, ReseauRefuse) as erreur:
            _dire(reseau.canal, str(erreur))
    return gardees


def _relever_un(reseau: ReseauReleve) -> int:
    etat, _ = ReleveReseau.objects.get_or_create(canal=reseau.canal)
    if not etat.compte:
        etat.compte = reseau.moi()
    lu = reseau.relever(etat.curseur)
    pks = _garder(reseau.canal, etat, lu)
    for pk in pks:
        reception.sonner(pk)
    return len(pks)


def _garder(canal: Canal, etat: ReleveReseau, lu: Releve) -> list[int]:
    """Commit the posts and the cursor together: a worker killed between two pages reads the second again."""
    with transaction.atomic():
        pks = [
            gardee.pk
            for identifiant, brut in lu.publications
            if (gardee := reception.recevoir(canal, canal.value, identifiant, brut)).etat
            == gardee.Etat.A_TRAITER
        ]
        etat.curseur, etat.releve_le = lu.curseur, timezone.now()
        etat.en_panne_depuis, etat.erreur = None, ""
        etat.save()
    return pks


def _dire(canal: str, erreur: str) -> None:
    """Write down that a network cannot be read, and since when."""
    journal.warning("Network %s: %s", canal, erreur)
    ReleveReseau.objects.filter(canal=canal, en_panne_depuis__isnull=True).update(
        en_panne_depuis=timezone.now()
    )
    ReleveReseau.objects.filter(canal=canal).update(erreur=nettoyer(erreur)[:250])


# -- what changed since ---------------------------------------------------------------------------------


def relire() -> int:
    """Follow what people changed or took away of the posts of open demandes; return how many did."""
    return sum(_relire_un(reseau) for reseau in connectes())


def _relire_un(reseau: ReseauReleve) -> int:
    depuis = timezone.now() - RELIRE_PENDANT
    siennes = Publication.objects.filter(
        canal=reseau.canal,
        etat=Publication.Etat.RECUE,
        supprimee_le__isnull=True,
        saisie_par__isnull=True,
        publiee_le__gte=depuis,
        demande__etat__in=NON_FINAUX,
    ).order_by("-publiee_le")[:RELIRE_AU_PLUS]
    connues = {publication.identifiant: publication for publication in siennes}
    try:
        vues = reseau.relire(list(connues))
    except (ReseauInjoignable, ReseauRefuse) as erreur:
        _dire(reseau.canal, str(erreur))
        return 0
    return sum(_suivre(connues[identifiant], brut) for identifiant, brut in vues.items())


def _suivre(publication: Publication, brut: bytes | None) -> bool:
    with transaction.atomic():
        tenue = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
        if brut is not None:
            try:
                dits = registre.du_canal(tenue.canal).lire(brut)
            except ContenuIllisible:
                # One that an agent had to type in: the others are followed all the same.
                return False
            return any(reseaux.suivre(tenue, dit) for dit in dits if isinstance(dit, Publie))
        if tenue.supprimee_le is not None:
            return False
        reseaux.oublier(tenue)
        return True


# -- what leaves ----------------------------------------------------------------------------------------


def suivre_les_envois() -> int:
    """Note what the outbox posted; what it gave up waits for somebody's hand, with why. Return how many."""
    E, P = Envoi.Etat, Publication.Etat
    notres = Publication.objects.filter(message__isnull=False)
    # A row that failed may be sent again by an administrator.
    parties = notres.filter(etat__in=(P.A_PUBLIER, P.ECHEC), message__envoi__etat=E.ENVOYE)
    perdues = notres.filter(
        # Confirmed before the outbox carried them: nobody would send them any more.
        Q(message__envoi__etat=E.ECHEC) | Q(message__envoi__isnull=True, message__remise__isnull=True),
        etat=P.A_PUBLIER,
    )
    rester_visibles()
    return sum(_noter(parties, _partie)) + sum(_noter(perdues, _perdue))


def rester_visibles() -> None:
    """What a network would not hide is still read by all: its demande says so, and it may be asked again."""
    # One whose failure was told is not hidden any more: it is not told twice.
    cachees = Publication.objects.filter(masquee_le__isnull=False)
    refus = Envoi.objects.filter(
        reference=Concat(Value("masquer:"), Cast(OuterRef("pk"), CharField())),
        etat=Envoi.Etat.ECHEC,
        cree_le__gte=OuterRef("masquee_le"),
    )
    for publication in cachees.annotate(erreur_du_reseau=Subquery(refus.values("erreur")[:1])).filter(
        erreur_du_reseau__isnull=False
    )[:SUIVRE_AU_PLUS]:
        with transaction.atomic():
            Publication.objects.filter(pk=publication.pk).update(masquee_le=None)
            actions.ajouter_une_note(
                publication.demande,
                auteur=SYSTEME,
                texte=f"Le réseau n'a pas masqué la publication : {publication.erreur_du_reseau}",
            )


def _noter(
    lesquelles: QuerySet[Publication], suite: Callable[[Publication, Message], None]
) -> Iterator[bool]:
    """One short transaction each: what one of them hides does not stop the others."""
    for pk in list(lesquelles.order_by("pk").values_list("pk", flat=True)[:SUIVRE_AU_PLUS]):
        with transaction.atomic():
            tenue = lesquelles.select_for_update(of=("self",)).filter(pk=pk).first()
            if tenue is not None and tenue.message is not None:
                suite(tenue, tenue.message)
        yield tenue is not None


def _partie(publication: Publication, message: Message) -> None:
    envoi = message.envoi
    assert envoi is not None
    reseau = reseaux_ouverts.ouvert(publication.canal)
    publication.etat, publication.publiee_le = Publication.Etat.PUBLIEE, envoi.envoye_le
    publication.identifiant, publication.erreur = envoi.identifiant_externe, ""
    publication.lien = reseau.lien(envoi.identifiant_externe) if reseau else ""
    publication.save(update_fields=["etat", "publiee_le", "identifiant", "erreur", "lien"])
    Remise.objects.filter(message=message, remise_le__isnull=True).delete()


def _perdue(publication: Publication, message: Message) -> None:
    publication.etat = Publication.Etat.ECHEC
    publication.erreur = message.envoi.erreur if message.envoi else "Cette réponse n'est pas partie."
    publication.save(update_fields=["etat", "erreur"])
    if not Remise.objects.filter(message=message).exists():
        Remise.ouvrir(message, raison=publication.erreur)


# -- our keys -------------------------------------------------------------------------------------------


def verifier_les_cles() -> None:
    """Ask until when our keys are good: the health page says it two weeks before."""
    for reseau in reseaux_ouverts.ouverts():
        if isinstance(reseau, ReseauQuiDitSaFin) and reseau.sait_sa_fin:
            _verifier_la_cle(reseau)


def _verifier_la_cle(reseau: ReseauQuiDitSaFin) -> None:
    etat, _ = ReleveReseau.objects.get_or_create(canal=reseau.canal, defaults={"compte": reseau.moi()})
    try:
        etat.cle_finit_le = reseau.fin_de_la_cle()
    except (ReseauInjoignable, ReseauRefuse) as erreur:
        _dire(reseau.canal, str(erreur))
        return
    etat.releve_le, etat.en_panne_depuis, etat.erreur = timezone.now(), None, ""
    etat.save()
