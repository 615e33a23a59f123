"""Asking residents what they thought of the answer, and calling back who was not content."""

from django.db import transaction
from django.utils import timezone

from demandes import enquetes
from demandes.actions import avis, rappels
from demandes.actions.porte import franchir, lire_texte, verifier_droit, verrouiller
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import Demande, Enquete
from demandes.models.enquetes import NOTE_MAXIMALE
from guichet.socle.erreurs import DonneeInvalide, Refus
from guichet.socle.langues import en
from usagers.models import Usager

COMMENTAIRE_MAXIMUM = 2000


def demander_un_avis(demande: Demande) -> Demande:
    """Put the question, or recall it once. Raises Refus when it is not the time."""
    with franchir("demander_un_avis", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        maintenant = timezone.now()
        enquete = Enquete.objects.select_for_update().filter(demande=d).first()
        if enquete is None:
            if d.etat != Etat.TRAITEE or d.usager_id is None or not avis.adresses(d):
                raise Refus("Il n'y a pas d'avis à demander.")
            # One person may have two demandes answered the same day, and two workers may look at them.
            Usager.objects.select_for_update().get(pk=d.usager_id)
            if enquetes.recentes(maintenant).filter(usager=d.usager_id).exists():
                raise Refus("Un avis a été demandé à cette personne il y a moins d'un mois.")
            enquete = Enquete.objects.create(demande=d, usager_id=d.usager_id, envoyee_le=maintenant)
        elif enquete.repondue_le or enquete.relancee_le:
            raise Refus("L'avis a déjà été demandé deux fois, ou il est donné.")
        else:
            enquete.relancee_le = maintenant
            enquete.save(update_fields=["relancee_le"])
            passage.details |= {"relance": True}
        with en(d.langue):
            lien = enquetes.lien(enquete)
        avis.prevenir(passage, "enquete", lien_enquete=lien, est_une_relance=bool(enquete.relancee_le))
        return d


def donner_un_avis(demande: Demande, *, auteur: Auteur, note: int, commentaire: str = "") -> Demande:
    """Keep what the resident thinks, once; a low mark is told to the heads of the desk."""
    with franchir("donner_un_avis", demande, auteur=auteur) as passage:
        d = passage.demande
        enquete = Enquete.objects.select_for_update().filter(demande=d).first()
        if enquete is None:
            raise Refus("Aucun avis n'a été demandé sur cette demande.")
        if enquete.repondue_le:
            raise Refus("Votre avis est déjà donné. Merci.")
        if not 1 <= note <= NOTE_MAXIMALE:
            raise DonneeInvalide(f"Choisissez une note de 1 à {NOTE_MAXIMALE}.", "note")
        enquete.note, enquete.repondue_le = note, timezone.now()
        enquete.commentaire = lire_texte(commentaire, maximum=COMMENTAIRE_MAXIMUM)
        enquete.save(update_fields=["note", "repondue_le", "commentaire"])
        passage.details |= {"note": note}
        if enquete.est_a_rappeler:
            rappels.ecrire(passage, rappels.chefs_de_l_accueil(d), "avis_bas")
        return d


def noter_l_appel(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Note that somebody called back who was not content. Done twice, done once."""
    nom = "noter_l_appel"
    with transaction.atomic():
        d = verrouiller(demande.pk)[demande.pk]
        verifier_droit(d, nom, auteur)
        enquete = Enquete.objects.filter(demande=d).first()
        if enquete is None or not (enquete.est_a_rappeler or enquete.rappelee_le):
            raise Refus("Personne n'est à rappeler pour cette demande.")
        if enquete.rappelee_le is None:
            with franchir(nom, d, auteur=auteur, version=version, est_verrouillee=True):
                enquete.rappelee_le, enquete.rappelee_par = timezone.now(), auteur.compte
                enquete.save(update_fields=["rappelee_le", "rappelee_par"])
        return d
