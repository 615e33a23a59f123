"""What an agent decides of a message that came without proof: joined, grouped, or a demande of its own.

Until then it is a demande like any other, with its clocks; nobody is told anything of the one it cites.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from demandes.actions.complement import recevoir_complement
from demandes.actions.echanges import ecrire_a_la_ville, garder_la_mise_en_forme
from demandes.actions.images import porter_les_images
from demandes.actions.personnes import nommer_le_demandeur, rattacher, suivre_la_fiche
from demandes.actions.porte import franchir, verifier_version, verrouiller
from demandes.actions.publications_reconnues import reconnaitre_les_copies
from demandes.actions.regroupement import exiger_regroupables, fusionner
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import ARapprocher, Contact, CoSignalant, Demande, Intermediaire, Message, MiseEnForme
from guichet.canaux.canal import RESEAUX_SOCIAUX, Canal
from guichet.pieces.depot import copier, oublier
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from usagers.fusion import empechement, empreinte, ordonner, reunir
from usagers.models import Usager
from usagers.rapprochement import Identite, ajouter_coordonnees, sont_deux_noms

Raison, Suite = ARapprocher.Raison, ARapprocher.Suite
# What choosing a person leaves to decide.
SUR_LES_DEMANDES = (Raison.EXPEDITEUR, Raison.DEMANDES, Raison.SUJETS, Raison.PUBLICATION)

# What comes in by these is read by a machine first.
SANS_AGENT = frozenset({Canal.COURRIEL, Canal.SMS, Canal.PORTAIL}) | RESEAUX_SOCIAUX


def mettre_a_rapprocher(
    demande: Demande,
    *,
    auteur: Auteur,
    raisons: Sequence[str],
    citees: Sequence[Demande] = (),
    version: int | None = None,
) -> Demande:
    """Put a demande in the tray, or add reasons to why it is there. Nobody outside hears of it."""
    if not raisons or not set(raisons) <= set(Raison.values):
        raise DonneeInvalide("Dites pourquoi la demande est à rapprocher.", "raisons")
    with franchir("mettre_a_rapprocher", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        attente = ARapprocher.objects.en_attente().filter(demande=d).first() or ARapprocher(demande=d)
        attente.raisons = [r for r in Raison.values if r in {*(attente.raisons or ()), *raisons}]
        attente.save()
        attente.citees.add(*citees)
        passage.details |= {"raisons": [str(r) for r in raisons], "citees": [c.numero for c in citees]}
        return d


@transaction.atomic
def signaler_plusieurs_sujets(demande: Demande) -> None:
    """A message seems to ask two things: the tray says so. What an agent wrote down, they have read."""
    d = verrouiller(demande.pk)[demande.pk]
    if d.canal in SANS_AGENT and d.etat == Etat.NOUVELLE and d.type_id is None:
        mettre_a_rapprocher(d, auteur=SYSTEME, raisons=[Raison.SUJETS])


@transaction.atomic
def joindre_a_la_demande(
    demande: Demande,
    *,
    auteur: Auteur,
    principale: Demande,
    ajouter_l_adresse: bool = False,
    version: int | None = None,
) -> Demande:
    """It is the same person: their words and files go on there, as theirs, and this demande ends in that one.

    Their address joins their card, not verified, when the agent says so. Raises Conflit when a colleague
    decided first, Refus; nothing is written then.
    """
    with a_decider(demande, principale, auteur, version) as (d, cible):
        personne = cible.usager
        if personne is None:
            raise Refus(f"Personne n'est rattaché à la demande {cible.numero} : rattachez-la d'abord.")
        pieces: list[Piece] = []
        try:
            if d.usager_id != personne.pk:
                reconnaitre(d, personne, auteur, ajouter_l_adresse=ajouter_l_adresse)
            exiger_regroupables(d, cible, auteur)
            porter_les_mots(d, cible, auteur, pieces, reconnaitre_les_copies(d, cible))
            fusionnee = fusionner(d, auteur=auteur, principale=cible)
        except BaseException:
            oublier(pieces)
            raise
        ARapprocher.objects.lever(d, Raison.values, par=auteur.compte, suite=Suite.JOINTE)
        return fusionnee


@transaction.atomic
def regrouper_sans_meler(
    demande: Demande, *, auteur: Auteur, principale: Demande, version: int | None = None
) -> Demande:
    """It is about the same thing, from somebody else: they follow it and learn nothing of the others."""
    with a_decider(demande, principale, auteur, version) as (d, cible):
        fusionnee = fusionner(d, auteur=auteur, principale=cible)
        ARapprocher.objects.lever(d, Raison.values, par=auteur.compte, suite=Suite.REGROUPEE)
        return fusionnee


def garder_a_part(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """It stands alone: what it cites is not proposed any more. Whose it is may still be to choose."""
    with franchir("garder_a_part", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        attente = exiger_en_attente(d)
        if not set(attente.raisons) & set(SUR_LES_DEMANDES):
            raise Refus("Choisissez la personne : rien d'autre n'est à décider.")
        passage.details |= {"citees": list(attente.citees.values_list("numero", flat=True))}
        ARapprocher.objects.lever(d, SUR_LES_DEMANDES, par=auteur.compte, suite=Suite.A_PART)
        return d


@transaction.atomic
def choisir_la_personne(
    demande: Demande,
    *,
    auteur: Auteur,
    usager: Usager | None = None,
    identite: Identite | None = None,
    version: int | None = None,
) -> Demande:
    """Say which of those who share the address wrote, or that it was somebody else."""
    d = verrouiller(demande.pk)[demande.pk]
    if Raison.PERSONNES not in exiger_en_attente(d).raisons:
        raise Refus("La personne de cette demande est déjà choisie.")
    return rattacher(d, auteur=auteur, usager=usager, identite=identite, version=version)


@contextmanager
def a_decider(
    demande: Demande, principale: Demande, auteur: Auteur, version: int | None
) -> Iterator[tuple[Demande, Demande]]:
    """Both locked, in the order of all gestures, while this pair is still to be decided."""
    lues = verrouiller(demande.pk, principale.pk)
    d, cible = lues[demande.pk], lues[principale.pk]
    exiger_en_attente(d)
    verifier_version(d, version, auteur)
    # Cited or found by the agent: either way, one of those they can read.
    if auteur.perimetre is None or not auteur.chapeaux(cible):
        raise Refus(f"Vous n'avez pas accès à la demande {cible.numero}.")
    if not Demande.objects.visibles_par(auteur.perimetre).filter(pk=cible.pk).exists():
        raise Refus(f"Vous n'avez pas accès à la demande {cible.numero}.")
    yield d, cible


def exiger_en_attente(demande: Demande) -> ARapprocher:
    """What waits on a locked demande; says who decided, and what, when somebody did."""
    attente = demande.rapprochements.select_related("traite_par").order_by("-pk").first()
    if attente is None:
        raise Refus("Cette demande n'est pas à rapprocher.")
    if attente.traite_le is not None:
        qui = attente.traite_par or "Un traitement automatique"
        raise Conflit(f"{qui} a déjà décidé : {attente.get_suite_display().lower()}.")
    return attente


def reconnaitre(demande: Demande, personne: Usager, auteur: Auteur, *, ajouter_l_adresse: bool) -> None:
    """The demande is this person's, an agent says; so may be the address it was sent from."""
    fiche, est_nouvelle = demande.usager, demande.rapprochement == "nouveau"
    with franchir("rattacher", demande, auteur=auteur, est_verrouillee=True) as passage:
        nommer_le_demandeur(passage, personne, None)
        if ajouter_l_adresse:
            passage.details["adresse"] = "ajoutee"
    if not ajouter_l_adresse:
        return
    if fiche is not None and est_nouvelle and ne_tient_rien(fiche, personne):
        # The card this very mail opened: it was theirs from the first.
        assert auteur.compte is not None
        reunion, _ = reunir(fiche, personne, par=auteur.compte, vue=empreinte(*ordonner(fiche, personne)))
        suivre_la_fiche(reunion)
    enveloppe = getattr(demande, "provenance", None)
    if enveloppe is not None and enveloppe.expediteur:
        ajouter_coordonnees(personne, Identite(courriel=enveloppe.expediteur))


def ne_tient_rien(fiche: Usager, personne: Usager) -> bool:
    """Nothing but this message was ever on that card, and it says nobody else's name."""
    if fiche.compte_id or fiche.identite_verifiee_le or sont_deux_noms(personne, fiche):
        return False
    if ordonner(fiche, personne)[0] != personne or empechement(personne, fiche):
        return False
    if Contact.objects.de_la_personne(fiche).exists():
        return False
    return not any(
        modele.objects.filter(usager=fiche).exists() for modele in (Demande, CoSignalant, Intermediaire)
    )


def porter_les_mots(
    demande: Demande, cible: Demande, auteur: Auteur, pieces: list[Piece], deja_dits: Collection[int]
) -> None:
    """What the person said here is said there, with its files; `pieces` receives the copies, to undo."""
    entrants = demande.messages.filter(sens=Message.Sens.ENTRANT).exclude(pk__in=deja_dits)
    dits = list(entrants.order_by("cree_le", "pk"))
    est_attendu = cible.etat == Etat.ATTENTE_USAGER
    for message in dits:
        siennes = Piece.objects.filter(proprietaire_genre="message", proprietaire_id=message.pk)
        copies: dict[str, Piece] = {}
        for piece in siennes.order_by("cree_le", "pk"):
            copies[str(piece.pk)] = copier(piece)
            pieces.append(copies[str(piece.pk)])
        texte, canal, documents = message.corps, message.canal, tuple(copies.values())
        if est_attendu:
            recevoir_complement(
                cible, auteur=auteur, texte=texte, pieces=documents, canal=canal, venue_de=demande
            )
            est_attendu = False
        else:
            cle = f"jointe:{message.pk}"
            ecrire_a_la_ville(
                cible, auteur=auteur, texte=texte, pieces=documents, canal=canal, cle=cle, venue_de=demande
            )
        porter_les_images(message, cible.messages.filter(sens=Message.Sens.ENTRANT).latest("pk"))
        if (mise_en_forme := MiseEnForme.objects.filter(message=message).first()) is not None:
            images = {nom: str(copies[pk].pk) for nom, pk in mise_en_forme.images.items() if pk in copies}
            garder_la_mise_en_forme(cible, mise_en_forme.html, images)
