"""Several demandes about one thing, and one demande about several things."""

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from demandes import delais
from demandes.actions import avis
from demandes.actions.depot import Depot, creer
from demandes.actions.fin import clore_le_complement
from demandes.actions.porte import exiger_texte, franchir
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import ARapprocher, CoSignalant, Demande, EntreeJournal, Message, TypeDemande
from guichet.pieces.depot import copier
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, Refus

DELAI_SEPARATION = timedelta(days=30)
SUJETS_AU_PLUS = 5  # besides the one that stays


def fusionner(
    demande: Demande, *, auteur: Auteur, principale: Demande, version: int | None = None
) -> Demande:
    """Group a demande under a main one: its author follows the main one and never sees who the others are."""
    if principale.pk == demande.pk:
        raise DonneeInvalide("Une demande ne peut pas être regroupée avec elle-même.", "principale")
    with franchir("fusionner", demande, auteur=auteur, version=version, avec=(principale,)) as passage:
        d = passage.demande
        # Locked by franchir: read again, it may have ended while we waited.
        cible = Demande.objects.select_related("type").get(pk=principale.pk)
        exiger_regroupables(d, cible, auteur)
        clore_le_complement(passage)
        # Those who were grouped under this one follow the survivor.
        d.co_signalants.update(principale=cible)
        d.fusionnees.update(principale=cible)
        CoSignalant.objects.create(principale=cible, origine=d, usager=d.usager, depuis=timezone.now())
        if d.est_urgente and not cible.est_urgente:
            # The danger is the same: its place in the queue and the call of whoever is on duty follow.
            Demande.objects.filter(pk=cible.pk).update(est_urgente=True)
        passage.details |= {"principale": cible.numero}
        passage.vers(principale=cible)
        delais.arreter(d)
        est_la_meme_personne = d.usager_id is not None and d.usager_id == cible.usager_id
        avis.prevenir(passage, "fusionnee", principale=cible, est_la_meme_personne=est_la_meme_personne)
        return d


def exiger_regroupables(demande: Demande, cible: Demande, auteur: Auteur) -> None:
    """Refuse with a sentence a pair that cannot become one."""
    if not auteur.chapeaux(cible):
        raise Refus("Vous n'avez pas accès à la demande principale.")
    if cible.secteur != demande.secteur:
        raise Refus("Les deux demandes ne sont pas du même secteur.")
    if not cible.est_ouverte:
        raise Refus(f"La demande {cible.numero} est terminée : choisissez une demande en cours.")
    # Two people who gave no name are not one person.
    est_la_meme_personne = demande.usager_id is not None and demande.usager_id == cible.usager_id
    if not est_la_meme_personne and not (est_un_signalement(demande) and est_un_signalement(cible)):
        raise Refus("Les demandeurs sont différents : seuls des signalements peuvent être regroupés.")


def est_un_signalement(demande: Demande) -> bool:
    return demande.type is not None and demande.type.nature == TypeDemande.Nature.SIGNALEMENT


def defusionner(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Undo a grouping within 30 days; those it had brought with it follow it again."""
    with franchir("defusionner", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        assert d.fusionnee_le is not None
        assert d.principale is not None
        if d.fusionnee_le + DELAI_SEPARATION < timezone.now():
            raise Refus("Plus de 30 jours ont passé : la demande ne peut plus être séparée.")
        passage.details |= {"principale": d.principale.numero}
        venues = venues_avec(d, d.principale)
        CoSignalant.objects.filter(origine=d).delete()
        CoSignalant.objects.filter(origine__in=venues).update(principale=d)
        Demande.objects.filter(pk__in=venues, etat=Etat.FUSIONNEE).update(principale=d)
        passage.vers()
        delais.rearmer(d)
        avis.prevenir(passage, "defusionnee")
        return d


def venues_avec(demande: Demande, principale: Demande) -> list[int]:
    """Ids of those grouped under this one, near or far, before it was itself grouped: their journal says
    under which number each was put."""
    autres = principale.fusionnees.exclude(pk=demande.pk).values("pk", "numero")
    numeros = {autre["pk"]: autre["numero"] for autre in autres}
    lignes = EntreeJournal.objects.filter(demande__in=numeros, geste="fusionner").order_by("rang")
    sous = dict(lignes.values_list("demande_id", "details__principale"))
    groupe, venues = {demande.numero}, []
    while proches := [pk for pk in numeros if pk not in venues and sous.get(pk) in groupe]:
        venues += proches
        groupe |= {numeros[pk] for pk in proches}
    return venues


class Sujet(NamedTuple):
    """What leaves for a demande of its own, with the attachments that are about it."""

    type: TypeDemande | None
    texte: str
    pieces: tuple[Piece, ...] = ()


def scinder(
    demande: Demande,
    *,
    auteur: Auteur,
    sujets: list[Sujet],
    version: int | None = None,
) -> list[Demande]:
    """Open one linked demande for each extra subject; the reception date is that of the first.

    Attachments stay here, and each new demande gets a copy of those that are about it.
    """
    if not sujets:
        raise DonneeInvalide("Décrivez au moins un autre sujet.", "sujets")
    if len(sujets) > SUJETS_AU_PLUS:
        raise DonneeInvalide(f"Ouvrez {SUJETS_AU_PLUS} autres sujets au plus.", "sujets")
    with franchir("scinder", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        if not {piece for sujet in sujets for piece in sujet.pieces} <= set(pieces_recues(d)):
            raise Refus("Un document choisi n'est pas de cette demande.")
        nouvelles = []
        for rang, sujet in enumerate(sujets):
            propre = exiger_texte(sujet.texte, "Décrivez chaque sujet.", "sujets")
            nouvelles.append(
                creer(
                    Depot(
                        canal=d.canal,
                        point_accueil=d.point_accueil,
                        type=sujet.type,
                        texte=propre,
                        usager=d.usager,
                        est_anonyme=d.est_anonyme,
                        adresse=d.adresse,
                        territoire=d.territoire,
                        recue_le=d.recue_le,
                        cle=f"scission:{d.pk}:{d.version}:{rang}",
                        pieces=tuple(map(copier, sujet.pieces)),
                        origine=d,
                    ),
                    auteur=auteur,
                )
            )
        d.liees.add(*nouvelles)
        ARapprocher.objects.lever(
            d, [ARapprocher.Raison.SUJETS], par=auteur.compte, suite=ARapprocher.Suite.SCINDEE
        )
        passage.details |= {"nouvelles": [nouvelle.numero for nouvelle in nouvelles]}
        return nouvelles


def pieces_recues(demande: Demande) -> list[Piece]:
    """What the resident attached, quarantine included: a copy stays as held as its original."""
    recus = demande.messages.filter(sens=Message.Sens.ENTRANT).values("pk")
    return list(Piece.objects.filter(proprietaire_genre="message", proprietaire_id__in=recus))
