"""Whose demande it is, and what follows a person whose two records became one."""

from django.db import transaction
from django.db.models import Q

from demandes.actions.porte import Passage, franchir, verrouiller
from demandes.droits import SYSTEME, Auteur
from demandes.models import (
    ARapprocher,
    Contact,
    CoSignalant,
    Demande,
    Enquete,
    Intermediaire,
    Message,
    ProfilReseau,
    RappelTelephonique,
)
from guichet.organisation.models import Territoire
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import DonneeInvalide, Refus
from guichet.socle.templatetags.dates import date_courte
from usagers.fusion import reunir
from usagers.models import FicheReunie, Usager
from usagers.rapprochement import Identite, creer_usager, retrouver

# Named by none of the rows an agent may not read: the sentence says nothing of what there is.
HORS_DE_PORTEE = (
    "Vous ne pouvez pas réunir ces deux fiches. Adressez-vous à un responsable d'accueil d'un autre service, "
    "ou à l'administrateur."
)


def rattacher(
    demande: Demande,
    *,
    auteur: Auteur,
    usager: Usager | None = None,
    identite: Identite | None = None,
    version: int | None = None,
    est_verrouillee: bool = False,
) -> Demande:
    """Say whose demande it is: an agent, while nobody is known; the system, when two records became one."""
    with franchir(
        "rattacher", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        d = passage.demande
        if auteur.est_agent and not (d.usager_id is None and d.est_ouverte):
            raise Refus("La personne qui demande est déjà connue, ou la demande est terminée.")
        nommer_le_demandeur(passage, usager, identite)
        return d


def nommer_le_demandeur(
    passage: Passage, usager: Usager | None, identite: Identite | None, territoire: Territoire | None = None
) -> None:
    """Tie the demande to this person, or to somebody found again by name and coordinate, or written down."""
    if identite is not None:
        usager = retrouver(identite) or creer_usager(identite, territoire=territoire)
    if usager is None:
        raise DonneeInvalide("Choisissez la personne.", "personne")
    d = passage.demande
    passage.details |= {"de": d.usager_id, "a": usager.pk}
    d.usager = usager
    ARapprocher.objects.lever(
        d, [ARapprocher.Raison.PERSONNES], par=passage.auteur.compte, suite=ARapprocher.Suite.PERSONNE
    )
    d.est_anonyme = False
    if passage.auteur.est_agent:
        d.rapprochement = "choisi"


@transaction.atomic
def reunir_les_fiches(
    une: Usager, autre: Usager, *, auteur: Auteur, vue: str, de_la_reunie: frozenset[str] = frozenset()
) -> tuple[FicheReunie, bool]:
    """Join two records and move what hangs on the second. Raises Refus, Conflit; nothing is written then."""
    assert auteur.compte is not None
    assert auteur.perimetre is not None
    if refus := empechement_de_l_agent(une, autre, auteur.perimetre):
        raise Refus(refus)
    reunion, est_nouvelle = reunir(une, autre, par=auteur.compte, vue=vue, de_la_reunie=de_la_reunie)
    if est_nouvelle:
        suivre_la_fiche(reunion)
    return reunion, est_nouvelle


def suivre_la_fiche(reunion: FicheReunie) -> None:
    """Demandes go through the door, one line of journal each; the rest is moved."""
    gardee, reunie = reunion.gardee, reunion.reunie
    siennes = Demande.objects.filter(usager=reunie).order_by("pk").values_list("pk", flat=True)
    for demande in verrouiller(*siennes).values():
        rattacher(demande, auteur=SYSTEME, usager=gardee, est_verrouillee=True)
    paire = (gardee, reunie)
    Contact.objects.filter(usager__in=paire, beneficiaire__in=paire).update(beneficiaire=None)
    Contact.objects.filter(beneficiaire=reunie).update(beneficiaire=gardee)
    Contact.objects.filter(usager=reunie).update(usager=gardee)
    for modele in (Intermediaire, CoSignalant, Enquete, ProfilReseau, RappelTelephonique):
        modele.objects.filter(usager=reunie).update(usager=gardee)
    Message.objects.filter(auteur_usager=reunie).update(auteur_usager=gardee)


def ramener_les_egarees() -> None:
    """What was being written for the second record while it was joined follows too. Safe to run twice."""
    reunies = FicheReunie.objects.values("reunie")
    egarees = Demande.objects.filter(usager__in=reunies).values("usager")
    for reunion in FicheReunie.objects.filter(reunie__in=egarees).select_related("gardee", "reunie"):
        with transaction.atomic():
            suivre_la_fiche(reunion)


def peut_reunir(perimetre: Perimetre) -> bool:
    """A head of a desk: who decides it for good, as for a demande that passes from one desk to another."""
    return any(p.accueils_responsable for p in perimetre.tous)


def empechement_de_l_agent(une: Usager, autre: Usager, perimetre: Perimetre) -> str:
    """Why this agent may not join these two, or ""; what is walled off from them is not told.

    Who holds the account, or the link, of the kept record reads all that is joined: an agent who may not read
    it all cannot answer for it.
    """
    if not peut_reunir(perimetre):
        return "Seul un responsable d'accueil peut réunir deux fiches."
    secteurs = frozenset().union(*(p.secteurs_accueil for p in perimetre.tous if p.accueils_responsable))
    paire = (une, autre)
    leurs = Q(usager__in=paire) | Q(intermediaire__usager__in=paire) | Q(co_signalants__usager__in=paire)
    if Demande.objects.filter(leurs).exclude(secteur__in=secteurs).exists():
        return HORS_DE_PORTEE
    if une.pk == autre.pk:
        return ""
    liens = Intermediaire.objects.filter(usager__in=paire, demande__usager__in=paire)
    if numero := liens.values_list("demande__numero", flat=True).first():
        return f"L'une a parlé pour l'autre dans la demande {numero} : ce sont deux personnes."
    contacts = Contact.objects.filter(usager__in=paire, beneficiaire__in=paire)
    if debut := contacts.values_list("debut", flat=True).first():
        return f"L'une a parlé pour l'autre le {date_courte(debut)} : ce sont deux personnes."
    return ""
