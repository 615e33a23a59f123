"""What becomes of a post once read: words on its person's demande, or a new demande.

A person sends ten photos in ten posts at once: they wait for each other here, and make one demande.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from demandes import actions
from demandes.actions import Depot
from demandes.actions.depot import resumer
from demandes.actions.images import annoncer_les_images, oublier_les_images
from demandes.actions.porte import LONGUEUR_TEXTE
from demandes.actions.provenance import Enveloppe
from demandes.actions.publications_reconnues import deja_copiee, nommer, ressemblantes
from demandes.courriels import Suite
from demandes.droits import SYSTEME, Auteur
from demandes.etats import NON_FINAUX, Etat
from demandes.models import ARapprocher, Demande, Message, ProfilReseau, Publication, Reception, ReleveReseau
from demandes.rattachement import la_vivante
from guichet.canaux import registre
from guichet.canaux.reseau import Portee, Publie, Retrait, sans_les_medias
from guichet.organisation.territoires import deduire
from guichet.socle.texte import plier
from usagers.models import Usager
from usagers.rapprochement import Identite, ajouter_coordonnees, creer_usager

# Posts of one person closer than this, that answer nothing, are one story in several pieces.
RAFALE = timedelta(minutes=10)


def vient_d_un_reseau(reception: Reception) -> bool:
    return reception.source in registre.CONNECTEURS


def traiter(reception: Reception) -> Suite:
    """Read what a network told, and do what each post asks. Needs a transaction."""
    dits = registre.CONNECTEURS[reception.source].lire(bytes(reception.contenu))
    # In one order: two workers with the same people never wait for each other.
    for publie in sorted((dit for dit in dits if isinstance(dit, Publie)), key=lambda dit: dit.auteur):
        _attendre_son_tour(publie)
    suites = [_recevoir(dit, reception) if isinstance(dit, Publie) else _retirer(dit) for dit in dits]
    faites = [suite for suite in suites if suite.demande is not None]
    return (faites or suites or [Suite(None, "Écho de la ville, ou accusé du réseau : rien à lire.")])[0]


def reconnaitre(reception: Reception) -> Publie | None:
    """The post that could not become a demande, when what came says which one and whose; one of ours is none.

    Of one that its reader reads, everything is told; else the words are the agent's.
    """
    if not vient_d_un_reseau(reception):
        return None
    connecteur, contenu = registre.CONNECTEURS[reception.source], bytes(reception.contenu)
    try:
        dits = connecteur.lire(contenu)
    except Exception:
        # Whatever stopped its reader, an agent has it under their eyes.
        publie = connecteur.reconnaitre(contenu, recu_le=reception.recue_le)
    else:
        publie = dits[0] if len(dits) == 1 and isinstance(dits[0], Publie) else None
    return None if publie is None or _est_de_la_ville(publie) else publie


def saisir(publie: Publie, depot: Depot, reception: Reception, *, auteur: Auteur) -> Demande:
    """What an agent typed in of this post: where its reader would have put it, once. Needs a transaction."""
    publie = replace(publie, texte=depot.texte)
    _attendre_son_tour(publie)
    if (deja := deja_recue(publie)) is not None:
        if deja.message is None or plier(sans_les_medias(deja.message.corps)) != plier(publie.texte):
            _ajouter(la_vivante(deja.demande), publie, cle=f"reception:{reception.pk}")
        return la_vivante(deja.demande)
    profil = ProfilReseau.objects.filter(canal=publie.canal, identifiant=publie.auteur).first()
    demande = _demande_en_cours(publie, profil) if profil else None
    identite = depot.identite or Identite()
    if demande is None or profil is None:
        connu = profil.usager if profil else None
        # A post says at least under which name it was written.
        dite = Identite(nom=publie.nom or publie.adresse) if identite.est_vide else identite
        depose = replace(
            _depot(publie, connu, reception), identite=dite, cle=depot.cle, sans_accuse=depot.sans_accuse
        )
        demande = actions.enregistrer_seul(depose, auteur=auteur)
        citees = ressemblantes(publie)
    else:
        ajouter_coordonnees(profil.usager, identite)
        demande, citees = _ajouter(demande, publie), []
    _inscrire(publie, demande, profil or _profil_de(publie, demande.usager), citees)
    return demande


def deja_recue(publie: Publie) -> Publication | None:
    """The same post, told by its network or copied by an agent."""
    connues = Publication.objects.filter(canal=publie.canal, identifiant=publie.identifiant)
    return connues.select_related("demande", "message").first() or deja_copiee(publie)


def _est_de_la_ville(publie: Publie) -> bool:
    return ReleveReseau.objects.filter(canal=publie.canal, compte=publie.auteur).exists()


def _retirer(retrait: Retrait) -> Suite:
    connue = Publication.objects.filter(canal=retrait.canal, identifiant=retrait.identifiant).first()
    if connue is None:
        return Suite(None, "Retrait d'une publication inconnue.")
    if connue.supprimee_le is None:
        oublier(connue)
    return Suite(connue.demande, "Publication retirée du réseau.")


def _recevoir(publie: Publie, reception: Reception) -> Suite:
    connue = Publication.objects.filter(canal=publie.canal, identifiant=publie.identifiant).first()
    if connue is not None:
        suivre(connue, publie)
        return Suite(connue.demande, "Publication déjà reçue.")
    if _est_de_la_ville(publie):
        return Suite(None, "Écho d'une publication de la ville.")
    if (copiee := deja_copiee(publie)) is not None:
        if copiee.message is not None:
            annoncer_les_images(copiee, copiee.message, publie.medias)
        # Whoever the agent said they were.
        usager = copiee.profil.usager if copiee.profil else None
        nommer(copiee, publie.identifiant, _profil_de(publie, usager))
        return Suite(copiee.demande, "Publication déjà saisie par un agent.")
    profil = _profil_de(publie)
    demande = _demande_en_cours(publie, profil)
    citees: list[Demande] = []
    if demande is None:
        demande = actions.enregistrer(_depot(publie, profil.usager, reception), auteur=SYSTEME)
        citees = ressemblantes(publie)
    else:
        demande = _ajouter(demande, publie)
    _inscrire(publie, demande, profil, citees)
    return Suite(demande)


def _inscrire(publie: Publie, demande: Demande, profil: ProfilReseau, citees: list[Demande]) -> None:
    """Keep the post beside its words: what answers it goes there, what becomes of it is followed."""
    if citees:
        raisons = [ARapprocher.Raison.PUBLICATION]
        actions.mettre_a_rapprocher(demande, auteur=SYSTEME, raisons=raisons, citees=citees)
    message = _dernier_recu(demande)
    publication = Publication.objects.create(
        canal=publie.canal,
        identifiant=publie.identifiant,
        demande=demande,
        message=message,
        profil=profil,
        portee=publie.portee,
        lien=publie.lien,
        en_reponse_a=publie.en_reponse_a,
        publiee_le=publie.publie_le,
        modifiee_le=publie.modifie_le,
    )
    annoncer_les_images(publication, message, publie.medias)


def _dernier_recu(demande: Demande) -> Message:
    return demande.messages.filter(sens=Message.Sens.ENTRANT).latest("pk")


def _ajouter(demande: Demande, publie: Publie, *, cle: str = "") -> Demande:
    """A word of the resident, and what they were asked for when the city waits for it."""
    auteur, texte = Auteur.porteur_du_code(demande), texte_de(publie)
    if demande.etat == Etat.ATTENTE_USAGER:
        return actions.recevoir_complement(demande, auteur=auteur, texte=texte, canal=publie.canal)
    cle = cle or f"{publie.canal}:{publie.identifiant}"
    return actions.ecrire_a_la_ville(demande, auteur=auteur, texte=texte, canal=publie.canal, cle=cle)


def _attendre_son_tour(publie: Publie) -> None:
    """One post at a time for each account: what arrives at once is read in turn."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"reseau:{publie.canal}:{publie.auteur}"],
        )


def _profil_de(publie: Publie, usager: Usager | None = None) -> ProfilReseau:
    """The account, as one person: a name on a network says nothing of who else they may be."""
    connu = ProfilReseau.objects.filter(canal=publie.canal, identifiant=publie.auteur).first()
    if connu is None:
        return ProfilReseau.objects.create(
            canal=publie.canal,
            identifiant=publie.auteur,
            adresse=publie.adresse,
            usager=usager or creer_usager(Identite(nom=publie.nom or publie.adresse)),
        )
    if connu.adresse != publie.adresse:
        connu.adresse = publie.adresse
        connu.save(update_fields=["adresse"])
    return connu


def _demande_en_cours(publie: Publie, profil: ProfilReseau) -> Demande | None:
    """The demande this goes on with: that of the post it answers, if theirs, or their last of a moment ago.

    Private messages name none: they answer what the city wrote last. Somebody else who answers in public
    speaks for themselves. What was said in private stays apart.
    """
    if publie.en_reponse_a:
        # Ours may have left without that being noted yet.
        citee = Publication.objects.filter(
            Q(identifiant=publie.en_reponse_a)
            | Q(message__envoi__identifiant_externe=publie.en_reponse_a, identifiant=""),
            canal=publie.canal,
        ).first()
        est_a_lui = citee is not None and citee.demande.publications.filter(profil=profil).exists()
        return la_vivante(citee.demande) if citee is not None and est_a_lui else None
    if not publie.portee.est_publique and (attendue := _demande_ou_la_ville_ecrit(publie, profil)):
        return attendue
    avant = publie.publie_le - RAFALE
    dernieres = profil.publications.filter(publiee_le__gte=avant, publiee_le__lte=publie.publie_le + RAFALE)
    for derniere in dernieres.select_related("demande").order_by("-publiee_le", "-pk"):
        suivie = la_vivante(derniere.demande)
        if suivie.est_ouverte and _se_lisent_ensemble(derniere.portee, publie.portee):
            return suivie
    return None


def _demande_ou_la_ville_ecrit(publie: Publie, profil: ProfilReseau) -> Demande | None:
    """Their open demande that the city wrote to last, in private on this network, or by asking in public to
    go on in private: writing there is their consent. One that waits for them was written to by any way.
    """
    dits = Message.objects.filter(
        Q(publication__isnull=True)
        | Q(publication__portee=Portee.PRIVEE)
        | Q(
            publication__est_une_invitation=True,
            publication__etat__in=(Publication.Etat.A_PUBLIER, Publication.Etat.PUBLIEE),
        ),
        Q(canal=publie.canal) | Q(demande__etat=Etat.ATTENTE_USAGER),
        sens=Message.Sens.SORTANT,
        demande__etat__in=NON_FINAUX,
        demande__publications__profil=profil,
    )
    dernier = dits.select_related("demande").order_by("-cree_le", "-pk").first()
    return dernier.demande if dernier else None


def _se_lisent_ensemble(une: str, autre: Portee) -> bool:
    return Portee(une).est_publique == autre.est_publique


def _depot(publie: Publie, usager: Usager | None, reception: Reception) -> Depot:
    texte = texte_de(publie)
    return Depot(
        canal=publie.canal,
        texte=texte,
        objet=resumer(publie.texte) or next((f"{media.nature} sans texte" for media in publie.medias), ""),
        usager=usager,
        territoire=deduire(texte),
        envoyee_le=None,
        recue_le=min(publie.publie_le, timezone.now()),
        cle=f"reception:{reception.pk}:{hashlib.sha256(publie.identifiant.encode()).hexdigest()[:20]}",
        enveloppe=Enveloppe(lien=publie.lien),
        sans_accuse=True,
    )


def texte_de(publie: Publie) -> str:
    """The words, then where each picture is, until it is a file here; a video is seen where it is."""
    dits = "\n".join([publie.texte, *map(str, publie.medias)])
    return dits.strip()[:LONGUEUR_TEXTE] or "Publication sans texte."


def suivre(publication: Publication, publie: Publie) -> bool:
    """Follow what its author changed since: the thread keeps both, with when. False when nothing did."""
    deja = publication.modifiee_le
    # Told in any order: what was said since stays the last word.
    if publie.modifie_le is None or (deja is not None and publie.modifie_le <= deja):
        return False
    publication.modifiee_le = publie.modifie_le
    publication.save(update_fields=["modifiee_le"])
    demande = la_vivante(publication.demande)
    actions.ecrire_a_la_ville(
        demande,
        auteur=Auteur.porteur_du_code(demande),
        texte=f"[Publication modifiée par son auteur]\n{texte_de(publie)}"[:LONGUEUR_TEXTE],
        canal=publication.canal,
        cle=f"{publication.canal}:{publication.identifiant}:{publie.modifie_le.isoformat()}",
    )
    annoncer_les_images(publication, _dernier_recu(demande), publie.medias)
    return True


def oublier(publication: Publication) -> None:
    """Its author took it away: the page says so, and what was asked is still asked."""
    publication.supprimee_le = timezone.now()
    publication.save(update_fields=["supprimee_le"])
    oublier_les_images(publication)
    actions.ajouter_une_note(
        la_vivante(publication.demande),
        auteur=SYSTEME,
        texte="La personne a supprimé sa publication sur le réseau.",
    )
