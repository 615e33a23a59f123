"""Opening a resident's account, and giving its password back: always through a link sent to the address.

Nothing is written before the link is used, and what the site answers is the same whether the address has
an account or not. The password is chosen behind the link: nobody can prepare an account for somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import get_language

from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.organisation.models import Compte, Compteur, Espace
from portal.acces import empreinte
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Identite, ajouter_coordonnees, creer_usager, retrouver

SEL_INSCRIPTION = "portal.inscription"
VALIDITE_INSCRIPTION = timedelta(days=1)
COURRIELS_PAR_ADRESSE = 3  # an hour (fiabilite.md S12)


@dataclass(frozen=True)
class Inscription:
    """What a person says of themselves behind the link that proved `courriel`."""

    courriel: str
    prenom: str
    nom: str
    mot_de_passe: str
    telephone: str = ""
    adresse: str = ""


def compte_de(courriel: str) -> Compte | None:
    return Compte.objects.filter(espace=Espace.USAGER, courriel=courriel).first()


def inviter(courriel: str) -> None:
    """Answer a registration: a link to go on, or, to the owner of an account, how to come back in."""
    compte = compte_de(courriel)
    if compte is None:
        jeton = signing.dumps(courriel, salt=SEL_INSCRIPTION)
        envoyer(courriel, "inscription", lien(reverse("inscription_suite", args=[jeton])))
    elif compte.is_active:
        envoyer(courriel, "deja_inscrit", lien(adresse_du_mot_de_passe(compte)))


def courriel_prouve(jeton: str) -> str | None:
    """The address whose owner received this link, or None: forged, or older than a day."""
    try:
        return signing.loads(jeton, salt=SEL_INSCRIPTION, max_age=VALIDITE_INSCRIPTION)
    except signing.BadSignature:
        return None


def inscrire(inscription: Inscription) -> Compte:
    """Open the account; used twice, the same link gives the same account and changes nothing."""
    identite = Identite(
        nom=inscription.nom,
        prenom=inscription.prenom,
        courriel=inscription.courriel,
        telephone=inscription.telephone,
        adresse=inscription.adresse,
    )
    try:
        with transaction.atomic():
            compte = Compte.objects.creer(
                Espace.USAGER,
                inscription.courriel,
                mot_de_passe=inscription.mot_de_passe,
                nom_affiche=f"{inscription.prenom} {inscription.nom}"[:120],
                courriel_verifie_le=timezone.now(),
            )
            rattacher(compte, identite)
    except IntegrityError:
        existant = compte_de(inscription.courriel)
        if existant is None:
            raise
        return existant
    return compte


def rattacher(compte: Compte, identite: Identite) -> Usager:
    """Give the account its person: the known one whose name and proved address agree, else a new one.

    Somebody whose identity was verified at a desk is left alone: there, a mailbox is not proof enough.
    """
    usager = retrouver(identite)
    if usager is None or usager.compte_id is not None or usager.identite_verifiee_le is not None:
        usager = creer_usager(identite, compte=compte)
    else:
        usager.compte = compte
        usager.adresse = usager.adresse or identite.adresse
        usager.save()
        ajouter_coordonnees(usager, identite)
    usager.coordonnees.filter(
        genre=Coordonnee.Genre.COURRIEL, normalisee__iexact=compte.courriel, verifiee_le__isnull=True
    ).update(verifiee_le=timezone.now())
    return usager


# -- forgotten password --------------------------------------------------------------------------------


def rappeler(courriel: str) -> None:
    """Send the link that lets the owner choose another password; nothing to an unknown address."""
    compte = compte_de(courriel)
    if compte is not None and compte.is_active:
        envoyer(courriel, "mot_de_passe", lien(adresse_du_mot_de_passe(compte)))


def adresse_du_mot_de_passe(compte: Compte) -> str:
    cle = urlsafe_base64_encode(force_bytes(compte.pk))
    return reverse("mot_de_passe_nouveau", args=[cle, default_token_generator.make_token(compte)])


def compte_du_lien(cle: str, jeton: str) -> Compte | None:
    """The resident's account this link opens, once and for as long as settings say, or None."""
    try:
        pk = int(force_str(urlsafe_base64_decode(cle)))
        compte = Compte.objects.filter(pk=pk, espace=Espace.USAGER, is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return compte if compte and default_token_generator.check_token(compte, jeton) else None


def changer_le_mot_de_passe(compte: Compte, mot_de_passe: str) -> None:
    compte.set_password(mot_de_passe)
    compte.courriel_verifie_le = compte.courriel_verifie_le or timezone.now()
    compte.save(update_fields=["password", "courriel_verifie_le"])


# -- outgoing ------------------------------------------------------------------------------------------


def lien(chemin: str) -> str:
    return settings.GUICHET_ADRESSE + chemin


def envoyer(courriel: str, modele: str, adresse: str) -> None:
    """Queue one mail of `portal/courriels/`, three an hour at most to one address."""
    cle = f"compte:{empreinte(courriel)}"
    nombre = Compteur.ajouter(cle, fenetre=timedelta(hours=1))
    if nombre > COURRIELS_PAR_ADRESSE:
        return
    contexte = {"lien": adresse, "ville": ville.lire(), "adresse": settings.GUICHET_ADRESSE}
    objet, _, corps = render_to_string(f"portal/courriels/{modele}.txt", contexte).strip().partition("\n")
    with transaction.atomic():
        boite.deposer(
            canal=Canal.COURRIEL,
            destinataire=courriel,
            objet=objet.strip(),
            corps=corps.strip(),
            nature=Envoi.Nature.COMPTE,
            reference=f"compte:{modele}",
            cle=f"{cle}:{timezone.now().timestamp():.6f}",
            langue=get_language(),
        )
