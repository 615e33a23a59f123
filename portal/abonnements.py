"""Who is told of alerts by mail: asking, confirming by the mail's link, choosing again, leaving.

What the site answers is the same whether an address is known or not; only its owner reads the difference.
A link names a row, never an address, and opens nothing once the row is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Compteur
from guichet.socle.erreurs import Refus
from portal.acces import empreinte
from portal.models import Abonne

CONFIRMATION = signing.TimestampSigner(salt="portal.abonnement.confirmation")
# Every mail carries one: it works as long as the row is there.
LIEN = signing.Signer(salt="portal.abonnement")
VALIDITE = timedelta(days=3)
COURRIELS_PAR_ADRESSE = 3  # an hour (fiabilite.md S12)
NATURES = (Envoi.Nature.ABONNEMENT, Envoi.Nature.DANGER)
# What was sent is kept as long as somebody may ask what became of it.
CONSERVATION = timedelta(days=30)
# What servers answer of an address that no mail will ever reach (RFC 3463), as the outbox writes it down.
REFUS_DEFINITIF = r"répondu 55\d : 5\.1\.(1|2|3|10)\M"


@dataclass(frozen=True)
class Choix:
    """Districts and subjects; none of either means all of them."""

    territoires: list[str]
    sujets: list[str]


def demander(courriel: str, choix: Choix, *, langue: str) -> bool:
    """Write to this address: a link to confirm, or, to who did already, the link that changes choices.

    False when it was written to too often, and nothing was done.
    """
    nombre = Compteur.ajouter(f"abonnement:{empreinte(courriel)}", fenetre=timedelta(hours=1))
    if nombre > COURRIELS_PAR_ADRESSE:
        return False
    champs = {"territoires": choix.territoires, "sujets": choix.sujets, "langue": langue}
    with transaction.atomic():
        abonne, est_nouveau = Abonne.objects.select_for_update().get_or_create(
            courriel=courriel, defaults=champs
        )
        if abonne.confirme_le is None:
            if not est_nouveau:
                Abonne.objects.filter(pk=abonne.pk).update(**champs, demande_le=timezone.now())
                abonne.langue = langue
            modele, jeton = "confirmation", CONFIRMATION.sign(str(abonne.pk))
            nom = "abonnement_confirmer"
        else:
            modele, jeton, nom = "choix", jeton_de(abonne), "abonnement_choisir"
        with translation.override(abonne.langue):
            contexte = {"lien": adresse(nom, jeton), "ville": ville.lire()}
            objet, corps = rediger(f"portal/courriels/abonnement/{modele}.txt", contexte)
        cle = f"abonnement:{abonne.pk}:{timezone.now().timestamp():.6f}"
        boite.deposer(**message(abonne, objet, corps, cle=cle))
    return True


def a_confirmer(jeton: str) -> Abonne | None:
    """Whose confirmation this link is, or None: forged, too old, or left since."""
    try:
        pk = CONFIRMATION.unsign(jeton, max_age=VALIDITE)
    except signing.BadSignature:
        return None
    return Abonne.objects.filter(pk=pk).first()


def confirmer(abonne: Abonne) -> None:
    """The owner of the address wants it; said twice, it changes nothing."""
    Abonne.objects.filter(pk=abonne.pk, confirme_le__isnull=True).update(confirme_le=timezone.now())


def jeton_de(abonne: Abonne) -> str:
    return LIEN.sign(str(abonne.pk))


def abonne_du_lien(jeton: str) -> Abonne | None:
    pk = numero_du_lien(jeton)
    return None if pk is None else Abonne.objects.filter(pk=pk, confirme_le__isnull=False).first()


def numero_du_lien(jeton: str) -> int | None:
    """Which row this link names, there or gone; None for a forged one."""
    try:
        return int(LIEN.unsign(jeton))
    except signing.BadSignature:
        return None


def choisir(abonne: Abonne, choix: Choix) -> None:
    Abonne.objects.filter(pk=abonne.pk).update(territoires=choix.territoires, sujets=choix.sujets)


def oublier(numeros: Iterable[int]) -> None:
    """Erase these addresses, and every mail to them, those that wait included."""
    numeros = list(numeros)
    with transaction.atomic():
        Abonne.objects.filter(pk__in=numeros).delete()
        Envoi.objects.filter(reference__in=[reference_de(pk) for pk in numeros]).delete()


# -- at the desk, for somebody who phones or writes ----------------------------------------------------


def retirer(courriel: str, *, par: Compte) -> None:
    """Erase an address for its owner. The register says who did it and when, never which address."""
    with transaction.atomic():
        abonne = verrouiller(courriel)
        vu = instantane(abonne)
        avant = {nom: vu[nom] for nom in ("demande_le", "confirme_le")}
        consigner(compte=par, objet=abonne, action="suppression", avant=avant)
        oublier([abonne.pk])


def renvoyer(courriel: str, *, par: Compte) -> None:
    """Send its link again to an address: to confirm, or to choose again for who did already."""
    with transaction.atomic():
        abonne = verrouiller(courriel)
        choix = Choix(abonne.territoires, abonne.sujets)
        if not demander(courriel, choix, langue=abonne.langue):
            raise Refus(TROP_SOUVENT)
        lien = "pour changer ses choix" if abonne.confirme_le else "de confirmation"
        consigner(compte=par, objet=abonne, action="modification", apres={"lien renvoyé": lien})


def verrouiller(courriel: str) -> Abonne:
    abonne = Abonne.objects.select_for_update().filter(courriel=courriel).first()
    if abonne is None:
        raise Refus("Cette adresse n'est plus dans la liste.")
    return abonne


TROP_SOUVENT = (
    f"{COURRIELS_PAR_ADRESSE} courriels sont déjà partis à cette adresse depuis une heure : rien n'a été "
    "envoyé. Dites à la personne de regarder ses courriers indésirables, ou recommencez plus tard."
)


def apprendre_un_retour(envoi: Envoi, *, est_morte: bool) -> None:
    """A mail came back: an address that no longer exists is erased."""
    if est_morte and envoi.nature in NATURES:
        oublier([numero_de(envoi.reference)])


def effacer_les_perimes() -> None:
    """Forget who never confirmed, addresses their server refuses for good, and mails of a month ago."""
    maintenant = timezone.now()
    envois = Envoi.objects.filter(nature__in=NATURES)
    refuses = envois.filter(etat=Envoi.Etat.ECHEC, erreur__regex=REFUS_DEFINITIF)
    jamais_confirmes = Abonne.objects.filter(confirme_le__isnull=True, demande_le__lt=maintenant - VALIDITE)
    oublier(
        [
            *(numero_de(reference) for reference in refuses.values_list("reference", flat=True)),
            *jamais_confirmes.values_list("pk", flat=True),
        ]
    )
    envois.filter(cree_le__lt=maintenant - CONSERVATION).delete()


# -- mails ---------------------------------------------------------------------------------------------


def adresse(nom: str, jeton: str) -> str:
    return settings.GUICHET_ADRESSE + reverse(nom, args=[jeton])


def reference_de(pk: int) -> str:
    return f"abonne:{pk}"


def numero_de(reference: str) -> int:
    return int(reference.removeprefix("abonne:"))


def rediger(gabarit: str, contexte: Mapping[str, object]) -> tuple[str, str]:
    """Subject and words of a mail, in the language being spoken."""
    objet, _, corps = render_to_string(gabarit, dict(contexte)).strip().partition("\n")
    return objet.strip(), corps.strip()


def message(
    abonne: Abonne,
    objet: str,
    corps: str,
    *,
    cle: str,
    nature: Envoi.Nature = Envoi.Nature.ABONNEMENT,
    en_tetes: Mapping[str, str] | None = None,
) -> boite.Message:
    return boite.Message(
        canal=Canal.COURRIEL,
        destinataire=abonne.courriel,
        objet=objet,
        corps=corps,
        nature=nature,
        reference=reference_de(abonne.pk),
        cle=cle,
        en_tetes=en_tetes,
        langue=abonne.langue,
    )
