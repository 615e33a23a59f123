"""The one door. Every gesture goes: lock → right → data guard → transition → journal → outbox.

A gesture is a function of this package that opens `franchir`, checks its data, calls `passage.vers`
when the state changes, and leaves. On the way out exactly one journal line is written and the row saved;
on an error nothing remains. The outside world (mail, worker) only hears of it after the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from django_fsm import can_proceed

from demandes.chapeaux import A1, A2, ADM, R1, SYS, Chapeau, ReserveA, U
from demandes.droits import GESTES_AVEC_LE_CODE, Auteur
from demandes.etats import Etat, Visibilite
from demandes.models import Demande, EntreeJournal, Message, Motif
from guichet.organisation.models import Compte
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from guichet.socle.insertion import inserer_ensemble
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.texte import nettoyer

LONGUEUR_TEXTE = 20_000

# Gestures that leave the state as it is, and who may make them.
SANS_CHANGEMENT: dict[str, tuple[str, ReserveA]] = {
    "scinder": ("Scinder", ReserveA(A1, A2)),
    "lier": ("Lier à une autre demande", ReserveA(A1, A2, SYS)),
    "delier": ("Retirer le lien", ReserveA(A1, A2)),
    "distinguer": ("Ce n'est pas la même", ReserveA(A1, A2)),
    "transferer_la_propriete": ("Confier à un autre accueil", ReserveA(R1)),
    "confier_a_un_collegue": ("Confier à un collègue", ReserveA(A2, ADM, SYS)),
    "mettre_a_rapprocher": ("Mettre à rapprocher", ReserveA(SYS)),
    "garder_a_part": ("C'est une demande à part", ReserveA(A1)),
    "rattacher": ("Rattacher à une personne", ReserveA(A1, SYS)),
    "ajouter_une_note": ("Ajouter une note", ReserveA(A1, A2, SYS)),
    "ecrire_a_l_usager": ("Écrire à l'usager", ReserveA(A1, A2)),
    "ecrire_a_la_ville": ("Ajouter un message", ReserveA(U, A1, SYS)),
    "rediger_une_publication": ("Répondre sur le réseau", ReserveA(A1, A2)),
    "inviter_en_prive": ("Inviter à continuer en privé", ReserveA(A1, A2)),
    "masquer_la_publication": ("Masquer la publication", ReserveA(A1, A2)),
    "publier": ("Publier la réponse", ReserveA(A1, A2)),
    "retirer_la_publication": ("Ne pas publier", ReserveA(A1, A2)),
    "envoyer_l_accuse": ("Envoyer l'accusé de réception", ReserveA(A1)),
    "imprimer_l_accuse": ("Imprimer l'accusé de réception", ReserveA(A1)),
    "imprimer_la_lettre": ("Imprimer la lettre", ReserveA(A1, A2)),
    "marquer_remise": ("Marquer comme remise", ReserveA(A1, A2)),
    "noter_la_suite": ("Noter la suite d'une lettre", ReserveA(A1, A2)),
    "demander_un_avis": ("Demander un avis", ReserveA(SYS)),
    "donner_un_avis": ("Donner son avis", ReserveA(U)),
    "noter_l_appel": ("Noter l'appel", ReserveA(R1)),
    "relancer_l_usager": ("Relancer l'usager", ReserveA(A1, A2, SYS)),
    "inscrire_la_decision_implicite": ("Inscrire la décision implicite", ReserveA(SYS)),
    "alerter": ("Alerter", ReserveA(SYS)),
    "rappeler": ("Rappeler", ReserveA(SYS)),
    "appeler_l_astreinte": ("Appeler l'astreinte", ReserveA(SYS)),
}

# Made by an administrator at a departure too, on all that one agent holds, whatever its secteur.
GESTES_DU_DEPART = frozenset({"confier_a_un_collegue", "rendre_a_la_corbeille"})


M = TypeVar("M", bound=Model)


@dataclass
class Lot:
    """Rows written together at the end of a birth, with the ids drawn for them: one of each model."""

    ids: dict[type[Model], int]
    objets: list[Model] = field(default_factory=list)
    # A row that exists, and the fields of it to save with them.
    reecrite: tuple[Model, tuple[str, ...]] | None = None

    def ajouter(self, objet: M) -> M:
        """Keep a row for the end; a second one of its model is written at once."""
        pk = self.ids.pop(type(objet), None)
        if pk is None:
            objet.save()
        else:
            objet.pk = pk
            self.objets.append(objet)
        return objet


@dataclass
class Passage:
    """One gesture under way on one locked demande."""

    nom: str
    demande: Demande
    auteur: Auteur
    motif: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    avant: str = ""
    apres: str = ""
    titulaire: Compte | None = None
    lot: Lot | None = None
    avec: dict[int, Demande] = field(default_factory=dict)
    ailleurs: list[Passage] = field(default_factory=list)

    def dire_aussi(self, pk: int, **details: Any) -> None:
        """Tell the gesture on another demande locked with this one: a line of its journal, nothing else."""
        d = self.avec[pk]
        self.ailleurs.append(
            Passage(
                self.nom,
                d,
                self.auteur,
                details=details,
                avant=d.etat,
                apres=d.etat,
                titulaire=self.titulaire,
            )
        )

    def vers(self, **donnees: Any) -> None:
        """Cross the declared edge of the machine that bears the gesture's name."""
        getattr(self.demande, self.nom)(**donnees)

    def porte_un(self, *chapeaux: Chapeau) -> bool:
        """Say whether the author wears one of these hats here."""
        return not self.auteur.chapeaux(self.demande).isdisjoint(chapeaux)

    def message(
        self, corps: str, *, sens: str, nature: str = Message.Nature.MESSAGE, **champs: Any
    ) -> Message:
        """Keep words on the thread, where they can be read and erased."""
        visibilite = champs.pop(
            "visibilite", Visibilite.INTERNE if sens == Message.Sens.INTERNE else Visibilite.PUBLIC
        )
        qui = {
            "auteur": self.auteur.compte if self.auteur.est_agent else None,
            "auteur_usager": self.auteur.usager if self.auteur.est_usager else None,
        }
        message = Message(
            demande=self.demande,
            sens=sens,
            nature=nature,
            visibilite=visibilite,
            corps=corps,
            cree_le=timezone.now(),
            **qui | champs,
        )
        if self.lot is None:
            message.save()
        else:
            self.lot.ajouter(message)
        self.details.setdefault("messages", []).append(message.pk)
        return message

    def dit_par_l_usager(self, venue_de: Demande | None) -> dict[str, Any]:
        """Who said what an agent only brings from another of their demandes: the journal says from where."""
        if venue_de is None:
            return {}
        self.details["venue_de"] = venue_de.numero
        return {"auteur": None, "auteur_usager": self.demande.usager}

    def commenter(self, commentaire: str) -> None:
        """Keep an agent's comment as an internal note; nothing when there is none."""
        if texte := lire_texte(commentaire):
            self.message(texte, sens=Message.Sens.INTERNE)


@dataclass
class Carnet:
    """Several gestures of one transaction on one demande: its row is written once, their lines together.

    The demande is locked, or not written yet: what a resident deposits may be registered, qualified and
    routed in the same instant.
    """

    demande: Demande
    passages: list[Passage] = field(default_factory=list)
    lot: Lot | None = None

    def ecrire(self) -> None:
        if not self.passages:
            return
        if self.lot is None:
            self.demande.save()
            inscrire(*self.passages)
        else:
            lignes = [*self.lot.objets, self.demande, *map(ligne_de, self.passages)]
            inserer_ensemble(lignes, self.lot.reecrite)
            self.demande.noter_l_ecriture()


def lire_texte(texte: str, *, maximum: int = LONGUEUR_TEXTE) -> str:
    """Clean what a person typed (NUL, control signs, bidi overrides) and bound it."""
    return nettoyer(texte or "", maximum=maximum, champ="texte").strip()


def exiger_texte(texte: str, phrase: str, champ: str = "texte") -> str:
    """Return the cleaned text, or refuse with the given sentence when there is nothing in it."""
    if propre := lire_texte(texte):
        return propre
    raise DonneeInvalide(phrase, champ)


def exiger_motif(geste: str, code: str, commentaire: str = "") -> Motif:
    """Return the configured reason, or refuse: a reason is always one of the list."""
    motif = Motif.objects.filter(geste=geste, code=code, est_actif=True).first() if code else None
    if motif is None:
        raise DonneeInvalide("Choisissez un motif dans la liste.", "motif")
    if motif.exige_commentaire and not lire_texte(commentaire):
        raise DonneeInvalide(f"Le motif « {motif.libelle} » demande une explication.", "commentaire")
    return motif


# Its plan, of some fifteen tables, is kept for one row only: that of a list would be made again each time.
SOUS_VERROU = Lecture(lambda: Demande.objects.select_for_update(of=("self",)).pour_fil().filter(pk=MARQUE))


def verrouiller(*pks: int) -> dict[int, Demande]:
    """Lock rows in the order of their ids, so that two gestures on one pair never wait for each other."""
    if len(pks) == 1:
        lignes = SOUS_VERROU.objets(pks[0])
    else:
        lignes = Demande.objects.select_for_update(of=("self",)).pour_fil().filter(pk__in=pks).order_by("pk")
    return {demande.pk: demande for demande in lignes}


def libelle_du_geste(nom: str) -> str:
    if nom in SANS_CHANGEMENT:
        return SANS_CHANGEMENT[nom][0]
    return next(
        t.custom["label"]
        for t in Demande._meta.get_field("etat").get_all_transitions(Demande)
        if t.name == nom
    )


def verifier_version(demande: Demande, version: int | None, auteur: Auteur) -> None:
    """Refuse a gesture made from a page that somebody else made stale; say who and what."""
    if version is None or version == demande.version:
        return
    if auteur.est_usager:
        # A resident is not told which agent did what.
        raise Conflit(
            "Votre demande a changé pendant que vous écriviez. Votre texte est conservé : "
            "relisez la demande, puis recommencez."
        )
    derniere = demande.journal.select_related("compte").order_by("-rang").first()
    qui = "Un traitement automatique"
    if derniere and derniere.auteur == EntreeJournal.Auteur.AGENT:
        qui = str(derniere.compte)
    elif derniere and derniere.auteur == EntreeJournal.Auteur.USAGER:
        qui = "L'usager"
    quoi = (
        libelle_du_geste(derniere.geste).lower()
        if derniere and derniere.geste != "enregistrer"
        else "modifier"
    )
    raise Conflit(
        f"La demande a changé pendant que vous l'aviez sous les yeux : {qui} vient de faire « {quoi} ». "
        f"Elle est maintenant « {Etat(demande.etat).label} ». "
        "Votre texte est conservé : relisez, puis recommencez."
    )


def verifier_droit(demande: Demande, nom: str, auteur: Auteur) -> frozenset[Chapeau]:
    """Check state and hats; return the hats the gesture asks for here."""
    libelle = libelle_du_geste(nom)
    if auteur.est_par_code and nom not in GESTES_AVEC_LE_CODE:
        raise Refus(_("Avec le code de suivi seul, vous pouvez seulement ajouter un message ou un document."))
    if nom in SANS_CHANGEMENT:
        permission = SANS_CHANGEMENT[nom][1]
        permis = permission(demande, auteur) or proprietaire_sans_secteur(demande, nom, auteur)
    else:
        methode = getattr(demande, nom)
        if not can_proceed(methode):
            raise Refus(f"« {libelle} » n'est pas possible : la demande est « {Etat(demande.etat).label} ».")
        permission = methode._django_fsm.get_transition(demande.etat).permission
        permis = permission(demande, auteur)
    if not (permis or administrateur_au_depart(nom, auteur)):
        raise Refus(f"Vous n'avez pas le droit de faire « {libelle} » sur cette demande.")
    return permission.acteurs


def proprietaire_sans_secteur(demande: Demande, nom: str, auteur: Auteur) -> bool:
    """The owning desk may always write to its resident, even when the content is closed to it."""
    return (
        nom == "ecrire_a_l_usager"
        and auteur.perimetre is not None
        and any(demande.point_accueil_id in p.accueils for p in auteur.perimetre.tous)
    )


def administrateur_au_depart(nom: str, auteur: Auteur) -> bool:
    """What a leaving agent held passes on whatever its secteur: handing it over reads none of it."""
    perimetre = auteur.perimetre
    return nom in GESTES_DU_DEPART and perimetre is not None and perimetre.est_administrateur


@contextmanager
def franchir(
    nom: str,
    demande: Demande,
    *,
    auteur: Auteur,
    version: int | None = None,
    avec: tuple[Demande, ...] = (),
    est_verrouillee: bool = False,
    carnet: Carnet | None = None,
) -> Iterator[Passage]:
    """Open the door for one gesture.

    `version` is the one the person had on screen; None when no screen is involved. `avec` names other
    demandes to lock with it. `est_verrouillee` is for a second gesture in the same transaction; with a
    `carnet`, which holds the demande already, nothing is written before `carnet.ecrire()`.
    Raises Conflit (stale page), Refus (state or right); nothing is written then.
    """
    # A second gesture stands or falls with the first: no savepoint of its own.
    est_tenue = est_verrouillee or carnet is not None
    with transaction.atomic(savepoint=not est_tenue):
        lignes = {demande.pk: demande} if est_tenue else verrouiller(demande.pk, *(d.pk for d in avec))
        fraiche = lignes[demande.pk]
        verifier_version(fraiche, version, auteur)
        acteurs = verifier_droit(fraiche, nom, auteur)
        passage = Passage(
            nom,
            fraiche,
            auteur,
            avant=fraiche.etat,
            titulaire=auteur.titulaire(fraiche, acteurs),
            avec=lignes,
        )
        yield passage
        passage.apres = fraiche.etat
        # One line, one version: `verifier_journal` compares them.
        for dite in (passage, *passage.ailleurs):
            dite.demande.version += 1
        if carnet is not None:
            carnet.passages.append(passage)
        else:
            for dite in (passage, *passage.ailleurs):
                dite.demande.save()
            inscrire(passage, *passage.ailleurs)


def inscrire(*passages: Passage) -> None:
    """Write one journal line per gesture, in their order."""
    EntreeJournal.objects.bulk_create(map(ligne_de, passages))


def ligne_de(passage: Passage) -> EntreeJournal:
    """The journal line of a gesture: ids and codes, never a name nor a word."""
    return EntreeJournal(
        demande=passage.demande,
        geste=passage.nom,
        avant=passage.avant,
        apres=passage.apres,
        auteur=passage.auteur.genre,
        compte=passage.auteur.compte,
        par_delegation_de=passage.titulaire,
        motif=passage.motif,
        details=passage.details,
        fait_le=timezone.now(),
    )


def gestes_permis(demande: Demande, auteur: Auteur) -> list[str]:
    """Names of the gestures this author may make now, state-changing ones first, in declared order."""
    permis = [
        t.name
        for t in demande.get_available_user_etat_transitions(auteur)  # type: ignore[attr-defined]
    ]
    permis += [
        nom
        for nom, (_, permission) in SANS_CHANGEMENT.items()
        if permission(demande, auteur) or proprietaire_sans_secteur(demande, nom, auteur)
    ]
    if auteur.est_par_code:
        permis = [nom for nom in permis if nom in GESTES_AVEC_LE_CODE]
    return permis
