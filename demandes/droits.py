"""Who acts, and which hats they wear for one demande. Rights are read here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from demandes.chapeaux import A1, A2, ADM, R1, R2, SYS, Chapeau, U
from demandes.etats import Visibilite
from demandes.models import (
    Brouillon,
    Demande,
    EntreeJournal,
    FichierNumerise,
    LettreRecue,
    Message,
    Remise,
    correspondant,
)
from demandes.rangees import Rangee
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre

if TYPE_CHECKING:
    from django.http import HttpRequest

    from guichet.pieces.models import Piece
    from usagers.models import Usager

# With the typed code alone, a person may add to a demande, not end it (fiabilite.md S13).
GESTES_AVEC_LE_CODE = frozenset({"recevoir_complement", "ecrire_a_la_ville"})


@dataclass(frozen=True)
class Auteur:
    """Whoever acts. Build one with `agent`, `habitant`, `porteur_du_lien`, `porteur_du_code` or SYSTEME."""

    genre: str
    compte: Compte | None = None
    usager: Usager | None = None
    perimetre: Perimetre | None = None
    demande_prouvee: int | None = None
    est_par_code: bool = False

    @classmethod
    def agent(cls, compte: Compte, perimetre: Perimetre | None = None) -> Auteur:
        return cls(EntreeJournal.Auteur.AGENT, compte, perimetre=perimetre or Perimetre.de(compte))

    @classmethod
    def habitant(cls, usager: Usager) -> Auteur:
        return cls(EntreeJournal.Auteur.USAGER, usager.compte, usager)

    @classmethod
    def porteur_du_lien(cls, demande: Demande) -> Auteur:
        """Someone who showed the 128-bit link of this one demande: it was sent to whoever is answered."""
        return cls(EntreeJournal.Auteur.USAGER, usager=correspondant(demande), demande_prouvee=demande.pk)

    @classmethod
    def porteur_du_code(cls, demande: Demande) -> Auteur:
        """Someone who typed number and short code: they may add, nothing more."""
        return cls(
            EntreeJournal.Auteur.USAGER, usager=demande.usager, demande_prouvee=demande.pk, est_par_code=True
        )

    @property
    def est_agent(self) -> bool:
        return self.genre == EntreeJournal.Auteur.AGENT

    @property
    def est_usager(self) -> bool:
        return self.genre == EntreeJournal.Auteur.USAGER

    def chapeaux(self, demande: Demande | Rangee) -> frozenset[Chapeau]:
        """Every hat worn for this demande, lent ones included."""
        if self.genre == EntreeJournal.Auteur.SYSTEME:
            return frozenset({SYS})
        if self.est_usager:
            est_sienne = self.demande_prouvee == demande.pk or (
                self.usager is not None and demande.usager_id == self.usager.pk
            )
            return frozenset({U}) if est_sienne else frozenset()
        assert self.perimetre is not None
        return frozenset().union(*(chapeaux_de(p, demande) for p in self.perimetre.tous))

    def sans_l_aide_de(self, compte: Compte) -> Auteur:
        """The same agent without the hats this colleague lent them."""
        assert self.perimetre is not None
        delegues = tuple(p for p in self.perimetre.delegues if p.compte != compte)
        return replace(self, perimetre=replace(self.perimetre, delegues=delegues))

    def titulaire(self, demande: Demande, acteurs: frozenset[Chapeau]) -> Compte | None:
        """The absent colleague whose hat makes the gesture possible, or None when one's own is enough."""
        if self.perimetre is None or chapeaux_de(self.perimetre, demande) & acteurs:
            return None
        return next((p.compte for p in self.perimetre.delegues if chapeaux_de(p, demande) & acteurs), None)


SYSTEME = Auteur(EntreeJournal.Auteur.SYSTEME)


def chapeaux_de(perimetre: Perimetre, demande: Demande | Rangee) -> frozenset[Chapeau]:
    """A1 at any desk cleared for the secteur, R1 at the owning desk, A2 and R2 in the acting direction."""
    chapeaux = set()
    if perimetre.accueils and demande.secteur in perimetre.secteurs_accueil:
        chapeaux.add(A1)
        if demande.point_accueil_id in perimetre.accueils_responsable:
            chapeaux.add(R1)
    direction = demande.direction_id or 0
    if demande.secteur in perimetre.directions.get(direction, ()):
        chapeaux.add(A2)
    if demande.secteur in perimetre.directions_responsable.get(direction, ()):
        chapeaux.add(R2)
    if perimetre.est_administrateur and demande.secteur in perimetre.secteurs:
        chapeaux.add(ADM)
    return frozenset(chapeaux)


def peut_lire_la_piece(piece: Piece, request: HttpRequest) -> bool:
    """Attachment right (settings.GUICHET_DROITS_PIECES): whoever may read the thing it hangs on."""
    if piece.proprietaire_genre == "brouillon":
        return est_dans_son_brouillon(piece, request)
    if piece.proprietaire_genre in ("lettre_recue", "fichier_numerise"):
        return peut_lire_le_papier(piece, request)
    demande, visibilite = demande_de_la_piece(piece)
    if demande is None:
        return False
    if request.user.is_authenticated and request.user.est_agent:
        return Demande.objects.visibles_par(Perimetre.de(request.user)).filter(pk=demande.pk).exists()
    if visibilite != Visibilite.PUBLIC:
        return False
    usager = getattr(request.user, "usager", None)
    return demande.pk in request.session.get("demandes_suivies", []) or (
        usager is not None and demande.usager_id == usager.pk
    )


def peut_lire_le_papier(piece: Piece, request: HttpRequest) -> bool:
    """Scanned paper, before it is a demande: who opens envelopes at its desk.

    A file holds several letters: once one of them is a demande, that may be walled, its desk's heads alone.
    """
    if not (request.user.is_authenticated and request.user.est_agent):
        return False
    perimetre, pk = Perimetre.de(request.user), piece.proprietaire_id or 0
    accueils = [a for p in perimetre.tous for a in p.accueils]
    if piece.proprietaire_genre == "lettre_recue":
        lettres = LettreRecue.objects.visibles_par(perimetre).filter(demande__isnull=True)
        return lettres.filter(pk=pk).exists()
    fichiers = FichierNumerise.objects.filter(pk=pk, lot__point_accueil__in=accueils)
    deja = LettreRecue.objects.filter(pages__fichier=OuterRef("pk"), demande__isnull=False)
    diriges = [a for p in perimetre.tous for a in p.accueils_responsable]
    return fichiers.filter(~Exists(deja) | Q(lot__point_accueil__in=diriges)).exists()


def est_dans_son_brouillon(piece: Piece, request: HttpRequest) -> bool:
    """A draft of an account is that account's; an anonymous one belongs to the browser that opened it."""
    brouillon = Brouillon.objects.filter(pk=piece.proprietaire_id or 0).first()
    if brouillon is None:
        return False
    if brouillon.compte_id is not None:
        return brouillon.compte_id == request.user.pk
    return brouillon.pk in request.session.get("brouillons", [])


def demande_de_la_piece(piece: Piece) -> tuple[Demande | None, str]:
    """The demande an attachment belongs to, and how widely it may be read."""
    if piece.proprietaire_genre == "message":
        message = Message.objects.select_related("demande").filter(pk=piece.proprietaire_id or 0).first()
        return (message.demande, message.visibilite) if message else (None, "")
    if piece.proprietaire_genre == "remise":
        # The letter as it left: its agents' own copy.
        remise = Remise.objects.select_related("message__demande").filter(pk=piece.proprietaire_id or 0)
        return next(((r.message.demande, Visibilite.INTERNE) for r in remise), (None, ""))
    if piece.proprietaire_genre == "demande":
        return Demande.objects.filter(pk=piece.proprietaire_id or 0).first(), Visibilite.PUBLIC
    return None, ""
