"""What becomes of an SMS: the end of a thread the city began, the next words of one just come, or a demande.

A number proves little: a family shares a phone. It joins a demande only when it is one person's, when one
open demande of theirs was written to by SMS lately, or minutes after the SMS it completes.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from demandes import actions
from demandes.actions import Depot, avis
from demandes.actions.depot import resumer
from demandes.actions.provenance import Enveloppe
from demandes.courriels import Suite
from demandes.droits import SYSTEME, Auteur
from demandes.etats import NON_FINAUX, Etat
from demandes.models import Demande, Message, Reception
from guichet.canaux import sms
from guichet.canaux.canal import Canal
from guichet.canaux.message import MessageEntrant
from guichet.canaux.sms import Remise
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation.territoires import deduire
from guichet.socle.coordonnees import afficher_telephone
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Identite

SOURCE = "sms"
# One thought in several SMS; how long an SMS of the city waits for its answer.
D_AFFILEE = timedelta(minutes=10)
ATTENTE = timedelta(days=30)
NOMMES_AU_PLUS = 5


def traiter(reception: Reception) -> Suite:
    """Read what the provider posted, and do what it asks. Needs a transaction."""
    lu = sms.lire(bytes(reception.contenu), recu_le=reception.recue_le)
    if isinstance(lu, Remise):
        return noter_la_remise(lu)
    numero = lu.expediteur.telephone
    # One sender at a time: of ten SMS at once, nine find the demande of the first.
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sms:{numero}"])
    if (copie := deja_traitee(reception, lu)) is not None:
        return Suite(copie.demande, "Copie d'un SMS déjà reçu.")
    if sms.demande_l_arret(lu.texte):
        return arreter(numero)
    if sms.demande_la_reprise(lu.texte):
        boite.lever_l_opposition(numero)
        return Suite(None, "START : les SMS sont de nouveau permis à ce numéro.")
    demande = d_affilee(numero) or en_reponse(numero)
    if demande is not None:
        return Suite(ajouter(demande, lu, f"reception:{reception.pk}"))
    return Suite(ouvrir(lu, numero, f"reception:{reception.pk}"))


def noter_la_remise(remise: Remise) -> Suite:
    """Write what became of a message of ours; whoever holds its demande learns that it did not arrive.

    What says nothing new stays with the demande of its SMS: nobody has to look at it.
    """
    connu = boite.retrouver(reference=remise.reference, identifiant=remise.identifiant)
    sienne = demandes_de([connu]).first() if connu is not None else None
    if remise.est_arrive is None:
        return Suite(sienne, "SMS en chemin.")
    envoi = boite.noter_la_remise(
        reference=remise.reference,
        identifiant=remise.identifiant,
        est_remis=remise.est_arrive,
        motif=remise.motif,
    )
    if envoi is None:
        return Suite(sienne, "Compte rendu d'un SMS inconnu, ou déjà connu.")
    demande = demandes_de([envoi]).first()
    if not remise.est_arrive and demande is not None:
        actions.signaler_un_retour(demande, adresse=envoi.destinataire, est_morte=False)
    return Suite(demande, "SMS remis." if remise.est_arrive else "SMS non remis.")


def deja_traitee(reception: Reception, lu: MessageEntrant) -> Reception | None:
    """The same SMS posted in other bytes: same identifier, same sender, same words."""
    memes = Reception.objects.filter(
        canal=Canal.SMS, cle_externe=reception.cle_externe, etat=Reception.Etat.TRAITEE
    ).exclude(pk=reception.pk)
    for autre in memes:
        vu = sms.lire(bytes(autre.contenu), recu_le=autre.recue_le)
        if isinstance(vu, MessageEntrant) and (vu.expediteur, vu.texte) == (lu.expediteur, lu.texte):
            return autre
    return None


def arreter(numero: str) -> Suite:
    """STOP: nothing leaves for this number any more, and those who write to it by SMS are told."""
    boite.opposer(numero)
    ouvertes = demandes_de(ecrits_recents(numero)).filter(etat__in=NON_FINAUX)
    for demande in ouvertes:
        actions.ajouter_une_note(
            demande,
            auteur=SYSTEME,
            texte=f"La personne a répondu STOP au {afficher_telephone(numero)} : plus aucun SMS ne part à ce "
            "numéro. Joignez-la autrement.",
        )
    return Suite(ouvertes.first(), "STOP : plus aucun SMS à ce numéro.")


# -- the thread ----------------------------------------------------------------------------------------------


def d_affilee(numero: str) -> Demande | None:
    """The demande this sender began minutes ago, still open: a long text comes in several SMS."""
    recentes = (
        Demande.objects.filter(canal=Canal.SMS, etat__in=NON_FINAUX, provenance__expediteur=numero)
        .annotate(dernier=Max("messages__cree_le", filter=Q(messages__sens=Message.Sens.ENTRANT)))
        .filter(dernier__gt=timezone.now() - D_AFFILEE)
        .order_by("-dernier", "-pk")
        .values_list("pk", flat=True)[:1]
    )
    return Demande.objects.filter(pk__in=list(recentes)).first()


def en_reponse(numero: str) -> Demande | None:
    """The one open demande, of the one person who has this number, that the city wrote to by SMS lately."""
    siens = Coordonnee.objects.filter(genre=Coordonnee.Genre.TELEPHONE, normalisee=numero)
    personnes = set(siens.values_list("usager", flat=True)[:2])
    ouvertes = list(demandes_de(ecrits_recents(numero)).filter(etat__in=NON_FINAUX)[:2])
    if len(ouvertes) != 1 or len(personnes) != 1:
        return None
    demande = ouvertes[0]
    parle = {demande.usager_id, getattr(getattr(demande, "intermediaire", None), "usager_id", None)}
    return demande if personnes <= parle else None


def ecrits_recents(numero: str) -> list[Envoi]:
    """What left for this number; a row that never left asked nothing."""
    partis = Envoi.objects.filter(
        canal=Canal.SMS,
        destinataire=numero,
        etat=Envoi.Etat.ENVOYE,
        envoye_le__gt=timezone.now() - ATTENTE,
        reference__startswith="demande:",
    )
    return list(partis.order_by("-envoye_le")[:100])


def demandes_de(envois: list[Envoi]):
    numeros = {envoi.reference.removeprefix("demande:") for envoi in envois}
    return Demande.objects.filter(numero__in=numeros).order_by("pk")


# -- what is done with it --------------------------------------------------------------------------------


def ajouter(demande: Demande, lu: MessageEntrant, cle: str) -> Demande:
    """A word of the resident, and what they were asked for when the city waits for it."""
    auteur = Auteur.porteur_du_code(demande)
    if demande.etat == Etat.ATTENTE_USAGER:
        return actions.recevoir_complement(demande, auteur=auteur, texte=lu.texte, canal=Canal.SMS)
    return actions.ecrire_a_la_ville(demande, auteur=auteur, texte=lu.texte, canal=Canal.SMS, cle=cle)


def ouvrir(lu: MessageEntrant, numero: str, cle: str) -> Demande:
    """A new demande, acknowledged where it comes from; whose number it may be is said, not decided."""
    demande = actions.enregistrer(
        Depot(
            canal=Canal.SMS,
            texte=lu.texte,
            objet=resumer(lu.texte),
            identite=Identite(telephone=numero),
            territoire=deduire(lu.texte),
            recue_le=min(lu.recu_le, timezone.now()),
            cle=cle,
            enveloppe=Enveloppe(expediteur=numero),
        ),
        auteur=SYSTEME,
    )
    if demande.usager_id:
        # Who writes by SMS is answered by SMS, until they say otherwise.
        Usager.objects.filter(pk=demande.usager_id, canal_prefere="").update(canal_prefere=Canal.SMS)
    autres = Usager.objects.filter(
        coordonnees__genre=Coordonnee.Genre.TELEPHONE, coordonnees__normalisee=numero
    ).exclude(pk=demande.usager_id or 0)
    if noms := ", ".join(str(usager) for usager in autres.order_by("nom_plie", "pk")[:NOMMES_AU_PLUS]):
        texte = f"Le {afficher_telephone(numero)} est aussi le numéro de : {noms}. Demandez qui écrit."
        actions.ajouter_une_note(demande, auteur=SYSTEME, texte=texte)
    avis.accuser_par_sms(demande, numero)
    return demande
