"""Calls as the phone system tells them, in any order and as often as it likes: told twice, done once.

A call that ended is never opened again; a time only moves towards what really came first.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from demandes.actions.appels_a_rendre import noter_l_appel_manque, oublier_les_manques
from demandes.models import Appel, Contact, EvenementAppel, Sonnerie
from guichet.canaux import telephonie
from guichet.canaux.telephonie import Evenement, Moment
from guichet.socle.insertion import inserer_sauf_conflit

# The words of the phone system are kept as long as somebody may ask what it said.
GARDES = timedelta(days=30)
PAR_PASSAGE = 5000


@transaction.atomic
def recevoir(contenu: bytes) -> Appel | None:
    """Keep one event and apply it; None when these very bytes came before. Raises ContenuIllisible."""
    recu_le = timezone.now()
    evenement = telephonie.lire(contenu, recu_le=recu_le)
    trace = EvenementAppel(contenu=contenu, empreinte=hashlib.sha256(contenu).hexdigest(), recu_le=recu_le)
    if not inserer_sauf_conflit(trace, "empreinte"):
        return None
    return appliquer(evenement)


@transaction.atomic
def appliquer(e: Evenement) -> Appel:
    """Make the call what it is now that this is known."""
    nouveau = Appel(identifiant=e.appel, numero=e.numero, ligne=e.ligne, sonne_le=e.le)
    inserer_sauf_conflit(nouveau, "identifiant")
    appel = Appel.objects.select_for_update().get(identifiant=e.appel)
    appel.numero, appel.ligne = appel.numero or e.numero, appel.ligne or e.ligne
    appel.sonne_le = min(appel.sonne_le, e.le)
    etait_manque = appel.est_manque
    MOMENTS[e.quoi](appel, e)
    appel.save()
    if appel.numero and appel.est_manque and not etait_manque:
        noter_l_appel_manque(appel)
    elif appel.numero and appel.decroche_le:
        oublier_les_manques(appel)
    accorder_les_contacts(appel)
    return appel


def sonner(appel: Appel, e: Evenement) -> None:
    """It rings there: a new extension, or one it comes back to."""
    sonnerie, est_nouvelle = Sonnerie.objects.get_or_create(
        appel=appel, poste=e.poste, defaults={"sonne_le": e.le}
    )
    if est_nouvelle:
        ailleurs = appel.sonneries.exclude(pk=sonnerie.pk).filter(decroche_le__gte=e.le).first()
        sonnerie.fini_le = appel.fini_le or (ailleurs.decroche_le if ailleurs else None)
    elif appel.fini_le is None and sonnerie.fini_le and e.le > sonnerie.fini_le:
        sonnerie.sonne_le, sonnerie.decroche_le, sonnerie.fini_le = e.le, None, None
    else:
        sonnerie.sonne_le = min(sonnerie.sonne_le, e.le)
    garder(sonnerie)


def decrocher(appel: Appel, e: Evenement) -> None:
    """Somebody speaks there: it rings nowhere else, and who spoke before has passed the call on."""
    le = min(e.le, appel.fini_le or e.le)
    sonnerie, _ = Sonnerie.objects.get_or_create(appel=appel, poste=e.poste, defaults={"sonne_le": le})
    revient = appel.fini_le is None and sonnerie.fini_le is not None and le > sonnerie.fini_le
    sonnerie.decroche_le = le if revient else min(sonnerie.decroche_le or le, le)
    autres = appel.sonneries.exclude(pk=sonnerie.pk)
    suivante = autres.filter(decroche_le__gt=le).order_by("decroche_le").first()
    if suivante:
        sonnerie.fini_le = suivante.decroche_le
    elif appel.fini_le or revient:
        sonnerie.fini_le = appel.fini_le
    garder(sonnerie)
    avant = Q(decroche_le__isnull=True) | Q(decroche_le__lte=le)
    for autre in autres.filter(avant, fini_le__isnull=True, sonne_le__lte=le):
        autre.fini_le = le
        garder(autre)
    appel.decroche_le = min(appel.decroche_le or le, le)
    # Its end was told before its beginning, and nothing is left of it.
    if sonnerie.fini_le and not appel.sonneries.filter(fini_le__isnull=True).exists():
        appel.fini_le = appel.fini_le or max(s.fini_le for s in appel.sonneries.all() if s.fini_le)


def finir(appel: Appel, e: Evenement) -> None:
    """It ends: there, when it still rings or is spoken on somewhere else; everywhere otherwise."""
    ouvertes = list(appel.sonneries.filter(fini_le__isnull=True))
    siennes = [s for s in ouvertes if s.poste == e.poste]
    connue = bool(e.poste) and appel.sonneries.filter(poste=e.poste).exists()
    if connue and len(ouvertes) > len(siennes):
        a_finir = siennes
    else:
        a_finir = ouvertes
        appel.fini_le = appel.fini_le or max(e.le, appel.decroche_le or e.le)
    for sonnerie in a_finir:
        sonnerie.fini_le = appel.fini_le or e.le
        garder(sonnerie)


MOMENTS = {Moment.SONNE: sonner, Moment.DECROCHE: decrocher, Moment.FINI: finir}


def garder(sonnerie: Sonnerie) -> None:
    """Whatever the clocks say, it rings before it is answered, and is answered before it ends."""
    if sonnerie.decroche_le:
        sonnerie.sonne_le = min(sonnerie.sonne_le, sonnerie.decroche_le)
    if sonnerie.fini_le:
        sonnerie.fini_le = max(sonnerie.fini_le, sonnerie.decroche_le or sonnerie.sonne_le)
    sonnerie.save()


# -- what the calls tell of the contacts ---------------------------------------------------------------------


def accorder_les_contacts(appel: Appel) -> None:
    """A conversation lasts what the phone system measured, whenever its agent pressed a key."""
    for contact in Contact.objects.select_for_update().filter(sonnerie__appel=appel):
        debut, fin = bornes(contact.sonnerie, contact.debut, contact.fin)
        if (debut, fin) != (contact.debut, contact.fin):
            contact.debut, contact.fin = debut, fin
            contact.save(update_fields=["debut", "fin"])


def bornes(
    sonnerie: Sonnerie | None, debut: datetime, fin: datetime | None
) -> tuple[datetime, datetime | None]:
    """Start and end of a contact, the phone system's when it said them; one under way has no end."""
    if sonnerie is None:
        return debut, fin
    debut = sonnerie.decroche_le or debut
    if fin is not None:
        fin = max(debut, sonnerie.fini_le or fin)
    return debut, fin


def effacer_les_traces() -> int:
    """Erase old events: what they said is in the calls."""
    perimes = EvenementAppel.objects.filter(recu_le__lt=timezone.now() - GARDES).order_by("recu_le")
    return EvenementAppel.objects.filter(
        pk__in=list(perimes.values_list("pk", flat=True)[:PAR_PASSAGE])
    ).delete()[0]
