"""What an agent does by hand with what the city wrote: print it, post it, say it. Done twice, done once."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from demandes.actions.porte import franchir, verifier_droit, verrouiller
from demandes.actions.rappels import ecrire, titulaire_de
from demandes.droits import Auteur
from demandes.models import Demande, Message, Publication, Remise, correspondant
from guichet.canaux.canal import Canal
from guichet.socle.erreurs import DonneeInvalide, Refus
from usagers.models import Usager


def imprimer_la_lettre(
    demande: Demande, *, auteur: Auteur, message: Message, version: int | None = None
) -> Demande:
    """Note that the letter went to the printer, the first time."""
    nom = "imprimer_la_lettre"
    with transaction.atomic():
        d, remise = verrouiller_la_remise(nom, demande, auteur, message)
        if remise.imprimee_le is None:
            with franchir(nom, d, auteur=auteur, version=version, est_verrouillee=True) as passage:
                remise.imprimee_le = timezone.now()
                remise.save(update_fields=["imprimee_le"])
                passage.details |= {"messages": [message.pk]}
        return d


def marquer_remise(
    demande: Demande, *, auteur: Auteur, message: Message, remise_le: date, version: int | None = None
) -> Demande:
    """Note that it was posted, said or handed over, on which day, by the agent who says so."""
    nom = "marquer_remise"
    with transaction.atomic():
        d, remise = verrouiller_la_remise(nom, demande, auteur, message)
        if remise.remise_le is None:
            with franchir(nom, d, auteur=auteur, version=version, est_verrouillee=True) as passage:
                verifier_le_jour(remise_le, message)
                remise.remise_le, remise.remise_par = remise_le, auteur.compte
                remise.save(update_fields=["remise_le", "remise_par"])
                Publication.objects.filter(message=message).update(
                    etat=Publication.Etat.PUBLIEE, publiee_le=timezone.now(), texte="", erreur=""
                )
                passage.details |= {
                    "messages": [message.pk],
                    "canal": message.canal,
                    "remise_le": remise_le.isoformat(),
                }
        return d


def noter_la_suite(
    demande: Demande,
    *,
    auteur: Auteur,
    message: Message,
    issue: str,
    issue_le: date,
    version: int | None = None,
) -> Demande:
    """Note that a posted letter was delivered, or came back and why: whoever holds the demande is told then.

    « N'habite pas à l'adresse indiquée » marks the address: nothing is posted there again.
    """
    nom = "noter_la_suite"
    with transaction.atomic():
        d, remise = verrouiller_la_remise(nom, demande, auteur, message)
        if remise.suite == "":
            with franchir(nom, d, auteur=auteur, version=version, est_verrouillee=True) as passage:
                verifier_la_suite(remise, issue, issue_le)
                remise.suite, remise.suite_le = issue, issue_le
                remise.save(update_fields=["suite", "suite_le"])
                passage.details |= {
                    "messages": [message.pk],
                    "courrier": remise.numero,
                    "suite_de_la_lettre": issue,
                    "le": issue_le.isoformat(),
                }
                if issue == Remise.Suite.NPAI and (joint := correspondant(d)):
                    siens = Usager.objects.filter(pk=joint.pk, adresse=message.destinataire)
                    siens.update(adresse_revenue=message.destinataire)
                if remise.est_revenue:
                    ecrire(passage, titulaire_de(d), "retour_courrier")
        return d


def verifier_la_suite(remise: Remise, issue: str, issue_le: date) -> None:
    if remise.numero is None or remise.remise_le is None:
        raise Refus("Cette lettre n'est pas partie : marquez-la d'abord comme postée.")
    if issue not in Remise.Suite.values:
        raise DonneeInvalide("Dites ce que la lettre est devenue.", "issue")
    if issue_le > timezone.localdate():
        raise DonneeInvalide("Ce jour n'est pas encore venu.", "issue_le")
    if issue_le < remise.remise_le:
        raise DonneeInvalide("La lettre est partie après ce jour.", "issue_le")


def verrouiller_la_remise(
    nom: str, demande: Demande, auteur: Auteur, message: Message
) -> tuple[Demande, Remise]:
    """The demande locked, the right checked, and what stands for this message of it."""
    d = verrouiller(demande.pk)[demande.pk]
    verifier_droit(d, nom, auteur)
    remise = Remise.objects.filter(message=message, message__demande=d).first()
    if remise is None:
        raise Refus("Ce message n'est pas à remettre à la main.")
    return d, remise


def verifier_le_jour(jour: date, message: Message) -> None:
    if jour > timezone.localdate():
        raise DonneeInvalide("Ce jour n'est pas encore venu.", "remise_le")
    if jour < timezone.localdate(message.cree_le):
        raise DonneeInvalide("Le message a été écrit après ce jour.", "remise_le")


def imprimer_l_accuse(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Note that the acknowledgement went to the printer, the first time.

    That of a letter leaves on paper (CRPA, art. L112-3): it waits to be posted from now on. Any other is
    handed over there and then.
    """
    nom = "imprimer_l_accuse"
    with transaction.atomic():
        d = verrouiller(demande.pk)[demande.pk]
        verifier_droit(d, nom, auteur)
        if not d.journal.filter(geste=nom).exists():
            with franchir(nom, d, auteur=auteur, version=version, est_verrouillee=True) as passage:
                if d.canal == Canal.COURRIER and (joint := correspondant(d)):
                    message = passage.message(
                        "Accusé de réception sur papier.",
                        sens=Message.Sens.SORTANT,
                        nature=Message.Nature.ACCUSE,
                        canal=Canal.COURRIER if joint.adresse else Canal.GUICHET,
                        destinataire=joint.adresse,
                        objet="Accusé de réception de votre demande",
                    )
                    remise = Remise.ouvrir(message)
                    remise.imprimee_le = timezone.now()
                    remise.save(update_fields=["imprimee_le"])
        return d
