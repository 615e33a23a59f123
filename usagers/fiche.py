"""Keep a person's card right: their coordinates, and the proof of who they are."""

from django.db import transaction
from django.utils import timezone

from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide, Refus
from usagers.models import Coordonnee, Usager


def lire_coordonnee(valeur: str) -> tuple[str, str]:
    """Return (kind, normalised value): what holds an @ is an e-mail. Raises DonneeInvalide."""
    genre = Coordonnee.Genre.COURRIEL if "@" in valeur else Coordonnee.Genre.TELEPHONE
    return genre.value, Coordonnee.normaliser(genre, valeur, "valeur")


@transaction.atomic
def ajouter_coordonnee(usager: Usager, valeur: str) -> Coordonnee:
    """Add a phone or an e-mail; the first of its kind becomes the main one."""
    genre, normalisee = lire_coordonnee(valeur)
    verrouiller(usager)
    refuser_doublon(usager, genre, normalisee)
    return usager.coordonnees.create(
        genre=genre,
        valeur=valeur.strip(),
        normalisee=normalisee,
        est_principale=not usager.coordonnees.filter(genre=genre).exists(),
    )


@transaction.atomic
def corriger_coordonnee(coordonnee: Coordonnee, valeur: str) -> Coordonnee:
    """Replace a wrong value by the right one: nothing is known yet of the new one."""
    verrouiller(coordonnee.usager)
    genre, normalisee = lire_coordonnee(valeur)
    if genre != coordonnee.genre:
        raise DonneeInvalide("Corrigez un téléphone par un téléphone, un courriel par un courriel.", "valeur")
    if normalisee == coordonnee.normalisee:
        return coordonnee
    refuser_doublon(coordonnee.usager, genre, normalisee)
    coordonnee.valeur = valeur.strip()
    coordonnee.normalisee = normalisee
    coordonnee.verifiee_le = None
    coordonnee.en_echec_le = None
    coordonnee.save()
    return coordonnee


@transaction.atomic
def tenir_a_jour(usager: Usager, *, telephone: str, adresse: str, canal_prefere: str) -> list[str]:
    """Keep what a person says of themselves in their account; return the names of what changed.

    Another phone becomes the one to call, the former stays known; none at all is forgotten. Raises
    DonneeInvalide for what is no phone number.
    """
    frais = verrouiller(usager)
    changes = [
        nom
        for nom, valeur in (("adresse", adresse), ("canal_prefere", canal_prefere))
        if getattr(frais, nom) != valeur
    ]
    frais.adresse, frais.canal_prefere = adresse, canal_prefere
    frais.save(update_fields=changes)
    avant = frais.telephone
    apres = Coordonnee.normaliser(Coordonnee.Genre.TELEPHONE, telephone) if telephone else ""
    if apres == avant:
        return changes
    siens = frais.coordonnees.filter(genre=Coordonnee.Genre.TELEPHONE)
    if apres:
        dit, _ = siens.update_or_create(
            usager=frais,
            genre=Coordonnee.Genre.TELEPHONE,
            normalisee=apres,
            defaults={"valeur": telephone, "en_echec_le": None},
        )
        rendre_principale(dit)
    else:
        siens.filter(normalisee=avant).delete()
    return [*changes, "telephone"]


@transaction.atomic
def rendre_principale(coordonnee: Coordonnee) -> None:
    """Make it the one the city writes to or calls first."""
    verrouiller(coordonnee.usager)
    siennes = Coordonnee.objects.filter(usager=coordonnee.usager_id, genre=coordonnee.genre)
    siennes.exclude(pk=coordonnee.pk).update(est_principale=False)
    siennes.filter(pk=coordonnee.pk).update(est_principale=True)


@transaction.atomic
def verifier_identite(usager: Usager, *, par: Compte) -> Usager:
    """Record that an agent saw this person with a valid document: once, and it is not undone here."""
    fraiche = verrouiller(usager)
    if fraiche.identite_verifiee_le is not None:
        raise Refus("L'identité de cette personne est déjà vérifiée.")
    fraiche.identite_verifiee_le = timezone.now()
    fraiche.identite_verifiee_par = par
    fraiche.save()
    return fraiche


def verrouiller(usager: Usager) -> Usager:
    return Usager.objects.select_for_update(of=("self",)).get(pk=usager.pk)


def refuser_doublon(usager: Usager, genre: str, normalisee: str) -> None:
    if usager.coordonnees.filter(genre=genre, normalisee=normalisee).exists():
        raise DonneeInvalide("Cette coordonnée est déjà enregistrée pour cette personne.", "valeur")
