"""A post that an agent copied and that its network tells at last: known by its number, else by an agent."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from django.utils import timezone
from rapidfuzz import fuzz

from demandes.actions.publications_saisies import notre_serveur
from demandes.models import Demande, ProfilReseau, Publication
from guichet.canaux import liens, registre
from guichet.canaux.reseau import Publie, sans_les_medias
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import plier

# How long a copied post is looked for among those a network tells, and how near the words are (of 100).
RESSEMBLANCE = timedelta(days=30)
MEMES_MOTS = 90


def deja_copiee(publie: Publie) -> Publication | None:
    """The post that its network tells now, entered by an agent from any of its links."""
    les_siens = registre.du_canal(publie.canal).liens
    numero = les_siens.numero_de(publie.identifiant)
    noms = [liens.identifiant_de(liens.cle_de(publie.canal, numero, notre_serveur(publie.canal) or ""))]
    if publie.lien and not (les_siens.est_celui_du_fil and publie.en_reponse_a):
        with contextlib.suppress(DonneeInvalide):
            noms.append(liens.lire(publie.lien).identifiant)
    copiees = Publication.objects.filter(identifiant__in=noms, saisie_par__isnull=False)
    return copiees.select_related("profil__usager", "demande").first()


def ressemblantes(publie: Publie) -> list[Demande]:
    """The demandes of lately copied posts that may be this one: the same words, by nobody else, and a link
    that hides its number. Anybody may copy the words and the name of another: an agent decides.
    """
    if not registre.du_canal(publie.canal).liens.cache_le_numero:
        return []
    copiees = Publication.objects.filter(
        canal=publie.canal,
        saisie_par__isnull=False,
        etat=Publication.Etat.RECUE,
        supprimee_le__isnull=True,
        publiee_le__gte=timezone.now() - RESSEMBLANCE,
    ).select_related("profil", "message", "demande")
    return [copiee.demande for copiee in copiees.order_by("pk") if _se_ressemblent(copiee, publie)]


def _se_ressemblent(copiee: Publication, publie: Publie) -> bool:
    if copiee.profil is None or not copiee.lien or not liens.lire(copiee.lien).est_muet:
        return False
    # A network does not always say who.
    est_tu = publie.auteur == publie.identifiant
    est_le_meme_nom = plier(copiee.profil.adresse) == plier(publie.adresse)
    return (est_tu or est_le_meme_nom) and _a_ces_mots(copiee, publie.texte)


def reconnaitre_les_copies(demande: Demande, cible: Demande) -> set[int]:
    """An agent said that it is the same person: a copied post takes the name that its network gave it, and
    is answered there. Returns the messages that the thread of `cible` has already.
    """
    recues = Publication.objects.filter(etat=Publication.Etat.RECUE, message__isnull=False)
    recues = recues.select_related("profil", "message").order_by("pk")
    copiees = list(recues.filter(demande=cible, saisie_par__isnull=False))
    deja_dits = set()
    for dite in recues.filter(demande=demande, saisie_par__isnull=True).exclude(identifiant=""):
        message, profil = dite.message, dite.profil
        assert message is not None
        assert profil is not None
        mots = sans_les_medias(message.corps)
        copiee = next((c for c in copiees if c.canal == dite.canal and _a_ces_mots(c, mots)), None)
        if copiee is None:
            continue
        ProfilReseau.objects.filter(pk=profil.pk).update(usager=cible.usager)
        nom, dite.identifiant = dite.identifiant, ""  # one post has a name, once
        dite.save(update_fields=["identifiant"])
        nommer(copiee, nom, profil)
        copiees.remove(copiee)
        deja_dits.add(message.pk)
    return deja_dits


def nommer(copiee: Publication, identifiant: str, profil: ProfilReseau) -> None:
    """Its network told it at last: from now on it answers there."""
    copiee.identifiant, copiee.saisie_par, copiee.profil = identifiant, None, profil
    copiee.save(update_fields=["identifiant", "saisie_par", "profil"])


def _a_ces_mots(publication: Publication, mots: str) -> bool:
    dit = publication.message.corps if publication.message else ""
    return fuzz.ratio(plier(dit), plier(mots)) >= MEMES_MOTS
