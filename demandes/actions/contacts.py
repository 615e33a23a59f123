"""A call or a visit: it starts with one key, notes each question dealt with, and ends with one key."""

from django.db import transaction
from django.utils import timezone

from demandes import referentiel
from demandes.actions.appels import bornes
from demandes.droits import Auteur
from demandes.models import Contact, Demande, Fiche, Sonnerie, Sujet
from guichet.canaux.canal import ORAUX, Canal
from guichet.organisation.models import Compte, PointAccueil
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from guichet.socle.lecture import MARQUE, Lecture
from usagers.models import Usager

EN_COURS = Lecture(
    lambda: Contact.objects.filter(agent=MARQUE, resultat=Contact.Resultat.EN_COURS).values_list("pk")
)

QUI_PARLE = ["usager", "est_pour_autrui", "beneficiaire"]


def accueils_de(auteur: Auteur) -> list[PointAccueil]:
    """The desks this agent holds today, lent ones included."""
    assert auteur.perimetre is not None
    places = frozenset().union(*(p.accueils for p in auteur.perimetre.tous))
    actifs = referentiel.courant().garder(
        "accueils", lambda: list(PointAccueil.objects.filter(est_actif=True))
    )
    return [accueil for accueil in actifs if accueil.pk in places]


def accueil_pour(accueils: list[PointAccueil], canal: str) -> PointAccueil | None:
    """Of these desks, the one that receives this channel; a desk for everything comes last."""
    recoivent = [a for a in accueils if Canal(canal).groupe in a.canaux]
    return min(recoivent or accueils, key=lambda a: (len(a.canaux), a.code), default=None)


def contact_en_cours(compte: Compte) -> Contact | None:
    """The agent's own conversation, with what has been done so far."""
    # Most pages are opened between two of them.
    for (pk,) in EN_COURS(compte.pk):
        sujets = Contact.objects.prefetch_related("sujets__demande", "sujets__fiche")
        return sujets.select_related("usager", "beneficiaire", "sonnerie__appel").filter(pk=pk).first()
    return None


@transaction.atomic
def commencer_contact(
    *, auteur: Auteur, canal: str, usager: Usager | None = None, sonnerie: Sonnerie | None = None
) -> Contact:
    """Start the clock of a call or a visit; an agent speaks with one person at a time.

    A call that the phone system announced started when it was answered, and its sheet is opened once.
    """
    assert auteur.compte is not None
    point_accueil = accueil_pour(accueils_de(auteur), canal) if canal in ORAUX else None
    if point_accueil is None:
        raise DonneeInvalide("Choisissez un appel ou une visite.", "canal")
    Compte.objects.select_for_update().get(pk=auteur.compte.pk)
    if contact_en_cours(auteur.compte):
        raise Refus("Vous avez déjà un contact en cours : terminez-le d'abord.")
    if sonnerie is not None:
        sonnerie = Sonnerie.objects.select_for_update().get(pk=sonnerie.pk)
        if Contact.objects.filter(sonnerie=sonnerie).exists():
            raise Conflit("Un collègue a déjà ouvert cet appel.")
    return Contact.objects.create(
        canal=canal,
        point_accueil=point_accueil,
        agent=auteur.compte,
        usager=usager,
        sonnerie=sonnerie,
        debut=bornes(sonnerie, timezone.now(), None)[0],
    )


def verrouiller(contact: Contact) -> Contact:
    """The row, locked and still open; whoever comes second is told."""
    frais = (
        Contact.objects.select_for_update().filter(pk=contact.pk, resultat=Contact.Resultat.EN_COURS).first()
    )
    if frais is None:
        raise Conflit("Ce contact est déjà terminé.")
    return frais


@transaction.atomic
def noter(
    contact: Contact | None,
    *,
    demande: Demande | None = None,
    fiche: Fiche | None = None,
    est_resolu: bool = False,
) -> None:
    """Keep one question of a contact, once; who speaks, and whom for, become known with the first demande.

    A contact that ended meanwhile in another window keeps nothing: what was registered stands.
    """
    if contact is None:
        return
    try:
        frais = verrouiller(contact)
    except Conflit:
        return
    Sujet.objects.get_or_create(
        contact=frais, demande=demande, fiche=fiche, defaults={"est_resolu": est_resolu}
    )
    if demande is not None:
        apprendre_qui_parle(frais, demande)


def apprendre_qui_parle(contact: Contact, demande: Demande) -> None:
    """What this demande tells of who is speaking, and of whom for; what an agent said before stands."""
    lien = getattr(demande, "intermediaire", None)
    if contact.usager_id is None:
        if lien is not None:
            contact.usager_id = lien.usager_id
        elif not contact.est_pour_autrui:
            contact.usager_id = demande.usager_id
    if demande.usager_id not in (None, contact.usager_id):
        contact.est_pour_autrui = True
        if contact.beneficiaire_id in (None, contact.usager_id):
            contact.beneficiaire_id = demande.usager_id
    contact.save(update_fields=QUI_PARLE)


@transaction.atomic
def nommer(contact: Contact, usager: Usager) -> None:
    """Say who is speaking. Said of whom the call was for, it was theirs all along."""
    frais = verrouiller(contact)
    frais.usager = usager
    if frais.beneficiaire_id == usager.pk:
        frais.est_pour_autrui, frais.beneficiaire = False, None
    frais.save(update_fields=QUI_PARLE)


@transaction.atomic
def parler_pour(contact: Contact, *, autrui: bool, beneficiaire: Usager | None = None) -> None:
    """Say that the person speaks for somebody else, whom one may name, or for themselves."""
    frais = verrouiller(contact)
    if beneficiaire is not None and beneficiaire.pk == frais.usager_id:
        raise Refus("C'est la personne en ligne : ouvrez la fiche de celle pour qui elle parle.")
    frais.est_pour_autrui, frais.beneficiaire = autrui, beneficiaire
    frais.save(update_fields=QUI_PARLE)


@transaction.atomic
def terminer_contact(contact: Contact, *, auteur: Auteur, resultat: str = "") -> Contact:
    """End one's own contact. What was noted says the result; without anything noted, the agent says it."""
    frais = verrouiller(contact)
    if auteur.compte is None or frais.agent_id != auteur.compte.pk:
        raise Conflit("Ce contact est déjà terminé.")
    sujets = list(frais.sujets.values_list("est_resolu", flat=True))
    if sujets:
        resultat = Contact.Resultat.REPONDU if all(sujets) else Contact.Resultat.DEMANDE
    elif resultat not in Contact.SANS_SUJET:
        raise DonneeInvalide("Dites comment ce contact se termine.", "resultat")
    frais.resultat = resultat
    frais.debut, frais.fin = bornes(frais.sonnerie, frais.debut, timezone.now())
    frais.save()
    return frais
