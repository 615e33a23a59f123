"""What the city answers on a network: written by one agent, published by another or by a head.

In private there is one reader: it leaves at once. Where nothing leaves by itself, the words wait for somebody
to copy them (`Remise`), once they are agreed on.
"""

from django.utils import timezone

from demandes.actions.departs_reseaux import adresser, faire_masquer, faire_partir
from demandes.actions.porte import exiger_texte, franchir
from demandes.chapeaux import R1, R2
from demandes.droits import Auteur
from demandes.models import Demande, Message, Publication
from guichet.canaux import registre
from guichet.canaux.reseau import Portee
from guichet.socle.erreurs import DonneeInvalide, Refus

# What may be read by others is never more open than what it answers.
OUVERTURE = [Portee.PRIVEE, Portee.ABONNES, Portee.DISCRETE, Portee.PUBLIQUE]


def derniere_recue(demande: Demande) -> Publication | None:
    """What a reply answers: their last post that is still there."""
    recues = demande.publications.filter(etat=Publication.Etat.RECUE, supprimee_le__isnull=True)
    return recues.select_related("profil").order_by("-publiee_le", "-pk").first()


def a_confirmer(demande: Demande) -> Publication | None:
    return demande.publications.filter(etat=Publication.Etat.A_CONFIRMER).first()


def a_repondre(demande: Demande) -> Publication:
    recue = derniere_recue(demande)
    if recue is None or recue.profil is None:
        raise Refus("Il n'y a plus de publication à laquelle répondre sur ce réseau.")
    return recue


def rediger_une_publication(
    demande: Demande, *, auteur: Auteur, texte: str, portee: str = "", version: int | None = None
) -> Demande:
    """Write a reply on the network. A public one waits for a second look; a private one leaves."""
    return rediger(
        "rediger_une_publication", demande, auteur=auteur, texte=texte, portee=portee, version=version
    )


def rediger(
    nom: str,
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    version: int | None,
    portee: str = "",
    est_une_invitation: bool = False,
) -> Demande:
    with franchir(nom, demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        recue = a_repondre(d)
        if a_confirmer(d) is not None:
            raise Refus("Une réponse attend déjà d'être relue : publiez-la ou retirez-la d'abord.")
        choisie = Portee(portee or recue.portee)
        if est_une_invitation and not choisie.est_publique:
            raise Refus("La personne vous écrit déjà en privé.")
        if OUVERTURE.index(choisie) > OUVERTURE.index(Portee(recue.portee)):
            raise DonneeInvalide("Ce que la personne a écrit ne se répond pas plus publiquement.", "portee")
        propre = exiger_texte(texte, "Écrivez la réponse.")
        adressee = adresser(recue, propre)
        reseau = registre.du_canal(recue.canal)
        if (signes := reseau.mesurer(adressee)) > (maximum := reseau.longueur):
            raise DonneeInvalide(
                f"Cette réponse est trop longue : {signes} signes avec le nom, {maximum} au plus.",
                "texte",
            )
        publication = Publication.objects.create(
            canal=recue.canal,
            demande=d,
            etat=Publication.Etat.A_CONFIRMER,
            portee=choisie,
            en_reponse_a=recue.identifiant,
            texte=adressee,
            redigee_par=auteur.compte,
            est_une_invitation=est_une_invitation,
        )
        passage.details |= {"publication": publication.pk, "portee": choisie.value}
        if not publication.est_publique:
            confirmer(passage, publication, recue.profil.adresse if recue.profil else "")
        return d


def inviter_en_prive(demande: Demande, *, auteur: Auteur, texte: str, version: int | None = None) -> Demande:
    """Ask in public to go on in private. The person chooses: what they then write in private joins this
    demande, and its answers follow them there.
    """
    return rediger(
        "inviter_en_prive", demande, auteur=auteur, texte=texte, version=version, est_une_invitation=True
    )


def masquer_la_publication(
    demande: Demande, *, auteur: Auteur, raison: str, version: int | None = None
) -> Demande:
    """Hide what breaks the charter, and keep why: done where the network lets us, elsewhere noted."""
    with franchir("masquer_la_publication", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        recue = a_masquer(d)
        if recue is None:
            raise Refus("Il n'y a pas de publication publique à masquer.")
        motif = exiger_texte(raison, "Dites pourquoi : la personne peut le demander.", "raison")
        recue.masquee_le = timezone.now()
        recue.save(update_fields=["masquee_le"])
        passage.commenter(f"Publication masquée : {motif}")
        passage.details |= {"publication": recue.pk}
        if (envoi := faire_masquer(recue)) is not None:
            passage.details.setdefault("envois", []).append(envoi.pk)
        return d


def a_masquer(demande: Demande) -> Publication | None:
    """The last public post of the person that everybody still reads."""
    publiques = [portee.value for portee in Portee if portee.est_publique]
    lues = demande.publications.filter(
        etat=Publication.Etat.RECUE,
        supprimee_le__isnull=True,
        masquee_le__isnull=True,
        portee__in=publiques,
    )
    return lues.select_related("profil", "demande").order_by("-publiee_le", "-pk").first()


def publier(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Publish what a colleague wrote; a head may publish their own, having read it again."""
    with franchir("publier", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        publication = a_confirmer(d)
        if publication is None:
            raise Refus("Aucune réponse n'attend d'être publiée.")
        if publication.redigee_par == auteur.compte and not passage.porte_un(R1, R2):
            raise Refus("Une réponse publique est relue par quelqu'un d'autre que son rédacteur.")
        recue = d.publications.filter(canal=publication.canal, identifiant=publication.en_reponse_a).first()
        passage.details |= {"publication": publication.pk, "portee": publication.portee}
        confirmer(passage, publication, recue.profil.adresse if recue and recue.profil else "")
        return d


def retirer_la_publication(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Do not publish it: nobody outside has read it, and its words go."""
    with franchir("retirer_la_publication", demande, auteur=auteur, version=version) as passage:
        publication = a_confirmer(passage.demande)
        if publication is None:
            raise Refus("Aucune réponse n'attend d'être publiée.")
        publication.etat, publication.texte = Publication.Etat.RETIREE, ""
        publication.save(update_fields=["etat", "texte"])
        passage.details |= {"publication": publication.pk}
        return passage.demande


def confirmer(passage, publication: Publication, adresse: str) -> None:
    """Put its words on the thread, and leave it to the worker, or to somebody's hand."""
    publication.message = passage.message(
        publication.texte,
        sens=Message.Sens.SORTANT,
        nature=Message.Nature.MESSAGE,
        canal=publication.canal,
        destinataire=adresse,
        objet=f"Réponse sur le réseau ({Portee(publication.portee).libelle.lower()})",
    )
    publication.etat, publication.texte = Publication.Etat.A_PUBLIER, ""  # the thread has it
    publication.confirmee_par = passage.auteur.compte
    recue = publication.demande.publications.select_related("profil").get(
        canal=publication.canal, identifiant=publication.en_reponse_a
    )
    envoi = faire_partir(publication.message, recue, publication.message.corps, Portee(publication.portee))
    if envoi is not None:
        passage.details.setdefault("envois", []).append(envoi.pk)
    publication.save()
