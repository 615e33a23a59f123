"""Calls to make: promised to somebody, or owed to who was not answered; done, or tried again."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from demandes.actions.echanges import ajouter_une_note
from demandes.delais import calendrier_de
from demandes.droits import Auteur
from demandes.models import Appel, Demande, RappelTelephonique
from guichet.organisation.models import Compte, PointAccueil
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from usagers.models import Usager

# What an agent promises: « demain matin ».
CRENEAUX = {
    "journee": ("Dans la journée", time(9), time(17)),
    "matin": ("Le matin", time(9), time(12)),
    "apres_midi": ("L'après-midi", time(14), time(17)),
}
Etat, Origine = RappelTelephonique.Etat, RappelTelephonique.Origine


def prochain_jour() -> date:
    """The first day on which somebody can still be called: the next working one when this one is over."""
    maintenant = timezone.localtime()
    fin = max(fin for _, _, fin in CRENEAUX.values())
    jour = maintenant.date() + timedelta(days=maintenant.time() > fin)
    return calendrier_de().ajouter_jours_ouvres(jour, 0)


def prevoir(
    *,
    par: Compte,
    numero: str,
    jour: date,
    creneau: str,
    point_accueil: PointAccueil | None,
    usager: Usager | None = None,
    demande: Demande | None = None,
    note: str = "",
) -> RappelTelephonique:
    """Promise a call between two moments, for a person known or not, about a demande or not."""
    if creneau not in CRENEAUX:
        raise DonneeInvalide("Choisissez un moment.", "creneau")
    _, debut, fin = CRENEAUX[creneau]
    du, au = (timezone.make_aware(datetime.combine(jour, heure)) for heure in (debut, fin))
    if au < timezone.now():
        raise DonneeInvalide("Ce moment est passé.", "jour")
    return RappelTelephonique.objects.create(
        origine=Origine.PREVU,
        numero=normaliser_telephone(numero, "numero"),
        usager=usager,
        demande=demande,
        point_accueil=point_accueil,
        du=du,
        au=au,
        note=note[:300],
        cree_par=par,
    )


def noter_l_appel_manque(appel: Appel) -> None:
    """Owe a call to a number, once however often it rang for nobody. Needs the call's transaction."""
    desk = next((a for a in PointAccueil.objects.filter(est_actif=True) if meme_ligne(a, appel.ligne)), None)
    fin = appel.fini_le or timezone.now()
    rappel, _ = RappelTelephonique.objects.select_for_update().get_or_create(
        numero=appel.numero,
        origine=Origine.MANQUE,
        etat=Etat.A_FAIRE,
        defaults={"du": fin, "au": fin, "point_accueil": desk},
    )
    rappel.appels_manques += 1
    rappel.save(update_fields=["appels_manques"])


def meme_ligne(accueil: PointAccueil, ligne: str) -> bool:
    try:
        return bool(ligne) and normaliser_telephone(accueil.telephone) == ligne
    except DonneeInvalide:
        return False


def oublier_les_manques(appel: Appel) -> None:
    """They were answered at last: nothing is owed any more."""
    RappelTelephonique.objects.filter(numero=appel.numero, origine=Origine.MANQUE, etat=Etat.A_FAIRE).update(
        etat=Etat.FAIT, fait_le=timezone.now()
    )


@transaction.atomic
def noter(rappel: RappelTelephonique, *, auteur: Auteur, est_joint: bool) -> RappelTelephonique:
    """Somebody called: the person was reached, or one try is counted and it stays to do.

    The demande it was about keeps both, for colleagues; whoever may not write there has called all the same.
    """
    frais = RappelTelephonique.objects.select_for_update().get(pk=rappel.pk)
    if frais.etat != Etat.A_FAIRE:
        raise Conflit("Un collègue a déjà rappelé cette personne.")
    if est_joint:
        frais.etat, frais.fait_par, frais.fait_le = Etat.FAIT, auteur.compte, timezone.now()
    else:
        frais.tentatives += 1
        frais.derniere_tentative_le = timezone.now()
    frais.save()
    if frais.demande is not None:
        suite = "la personne a été jointe" if est_joint else "pas de réponse"
        with suppress(Refus):
            ajouter_une_note(
                frais.demande, auteur=auteur, texte=f"Rappel au {frais.numero_affiche} : {suite}."
            )
    return frais
