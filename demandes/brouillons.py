"""A deposit from its first page to its sending: kept step by step, sent once.

`Brouillon.saisie` holds what each finished step gave:
`demande` {"texte": str, "reponses": {name: JSON}}, `lieu` {"adresse": str, "territoire": id or None},
`pieces` {code of the awaited document: [ids of its files]}, `coordonnees` (keys of `Identite`, plus
"anonyme" and "canal_prefere"). A step that is absent was never finished.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from demandes import referentiel
from demandes.actions import BrouillonChange, Depot, Enveloppe, ajouter_une_note, enregistrer_seul, lier
from demandes.droits import SYSTEME, Auteur
from demandes.models import Brouillon, Demande, EntreeJournal, Lien, TypeDemande, VersionFormulaire
from demandes.models.depot import DUREE_BROUILLON
from guichet.canaux.canal import Canal
from guichet.organisation.models import Compte, Territoire
from guichet.pieces.depot import effacer
from guichet.pieces.models import Piece
from guichet.socle.coordonnees import afficher_telephone
from guichet.socle.erreurs import Conflit
from guichet.socle.langues import FRANCAIS
from guichet.socle.lecture import MARQUE, Lecture
from guichet.socle.texte import plier
from usagers.models import Usager
from usagers.rapprochement import Identite

GENRE_PIECE = "brouillon"
SUITE = "Nouvelle demande faite depuis la page de suivi de la première."
CHAMPS_IDENTITE = ("nom", "prenom", "courriel", "telephone", "adresse", "raison_sociale", "siret", "rna")


# Read at every page of a deposit.
COLONNES = [champ.attname for champ in Brouillon._meta.concrete_fields]
PAR_JETON = Lecture(lambda: Brouillon.objects.filter(jeton=str(MARQUE)).values_list(*COLONNES))


def ouvrir(type: TypeDemande, *, compte: Compte | None = None, suite_de: Demande | None = None) -> Brouillon:
    """Start a deposit with the form in force today."""
    return Brouillon.objects.create(version=type.formulaire, compte=compte, suite_de=suite_de)


def trouver(code: str, jeton: str) -> Brouillon | None:
    """The living draft this link opens, its démarche still published; a wrong link is None."""
    (rangee,) = tuple(PAR_JETON(jeton)) or (None,)
    brouillon = Brouillon.from_db(Brouillon.objects.db, COLONNES, rangee) if rangee else None
    if brouillon is None or brouillon.modifie_le <= timezone.now() - DUREE_BROUILLON:
        return None
    brouillon.version = version_de(brouillon)
    type = brouillon.version.type
    return brouillon if type.code == code and type.publie_le is not None else None


def version_de(brouillon: Brouillon) -> VersionFormulaire:
    """The form this draft was begun with, with its type and direction."""
    versions = VersionFormulaire.objects.select_related("type__direction")
    return referentiel.courant().garder(
        ("version", brouillon.version_id), lambda: versions.get(pk=brouillon.version_id)
    )


def en_cours_de(compte: Compte) -> list[Brouillon]:
    """What this account began and has not sent, the latest first."""
    brouillons = Brouillon.objects.select_related("version__type").filter(
        compte=compte,
        demande__isnull=True,
        version__type__publie_le__isnull=False,
        modifie_le__gt=timezone.now() - DUREE_BROUILLON,
    )
    return list(brouillons.order_by("-modifie_le")[:10])


def noter(
    brouillon: Brouillon, etape: str, saisie: dict[str, Any], *, compte: Compte | None = None
) -> Brouillon:
    """Keep what one step gave, without undoing what another tab wrote; adopt the draft for `compte`.

    Raises Conflit when the draft was sent meanwhile.
    """
    with transaction.atomic():
        frais = _verrouiller(brouillon)
        if frais.demande_id is not None:
            raise Conflit(_("Cette demande est déjà envoyée."))
        frais.saisie[etape] = saisie
        frais.compte = frais.compte or compte
        frais.save(update_fields=["saisie", "compte", "modifie_le"])
    return frais


def abandonner(brouillon: Brouillon) -> None:
    """Forget a draft that was not sent, its files too."""
    with transaction.atomic():
        frais = _verrouiller(brouillon)
        if frais.demande_id is None:
            effacer(pieces_de(frais))
            frais.delete()


def effacer_les_perimes() -> int:
    """Erase deposits left unfinished for 30 days, and files that were never attached to anything."""
    perimes = Brouillon.objects.filter(demande__isnull=True, modifie_le__lte=timezone.now() - DUREE_BROUILLON)
    nombre = 0
    for brouillon in perimes.iterator():
        abandonner(brouillon)
        nombre += 1
    # Emptied when they were sent, kept a while to lead a late click to the receipt.
    Brouillon.objects.filter(demande__isnull=False, modifie_le__lte=timezone.now() - DUREE_BROUILLON).delete()
    hier = timezone.now() - timedelta(days=1)
    with transaction.atomic():
        effacer(Piece.objects.filter(proprietaire_genre="", cree_le__lt=hier))
    return nombre


def pieces_de(brouillon: Brouillon) -> list[Piece]:
    """Files attached so far, oldest first."""
    return list(Piece.objects.filter(proprietaire_genre=GENRE_PIECE, proprietaire_id=brouillon.pk))


def envoyer(brouillon: Brouillon, *, usager: Usager | None, langue: str = FRANCAIS) -> Demande:
    """File the demande this draft prepared, or return the one it already made.

    The row lock puts simultaneous sendings one behind the other: the first files, the others find its
    demande. Raises DonneeInvalide (`champ` names the field) when something is missing.
    """
    try:
        with transaction.atomic():
            return _deposer(brouillon, usager, langue)
    except BrouillonChange:
        with transaction.atomic():
            frais = _verrouiller(brouillon)
            return frais.demande or _deposer(frais, usager, langue)


def _deposer(brouillon: Brouillon, usager: Usager | None, langue: str) -> Demande:
    depot = depot_de(brouillon, usager, langue)
    coordonnees = brouillon.saisie.get("coordonnees", {})
    auteur = Auteur.habitant(depot.usager) if depot.usager else Auteur(EntreeJournal.Auteur.USAGER)
    demande = enregistrer_seul(depot, auteur=auteur)
    if brouillon.suite_de is not None:
        lier(demande, auteur=SYSTEME, autre=brouillon.suite_de, nature=Lien.Nature.SUITE, raison=SUITE)
    _noter_le_canal_prefere(demande, coordonnees)
    _dire_les_nouvelles_coordonnees(demande, depot.identite)
    return demande


def depot_de(brouillon: Brouillon, usager: Usager | None, langue: str) -> Depot:
    """What the finished steps ask for, in the terms of the one door."""
    saisie = brouillon.saisie
    demande, lieu = saisie.get("demande", {}), saisie.get("lieu", {})
    coordonnees = saisie.get("coordonnees", {})
    type = brouillon.version.type
    reponses = dict(demande.get("reponses", {}))
    if lieu.get("adresse"):
        reponses["adresse"] = lieu["adresse"]
    est_anonyme = bool(coordonnees.get("anonyme"))
    # No page of this draft gave a file: there is none to look for.
    pieces = pieces_de(brouillon) if "pieces" in saisie else []
    return Depot(
        canal=Canal.PORTAIL,
        langue=langue,
        texte=texte_de(brouillon, pieces),
        objet="" if demande.get("texte") else type.libelle,
        type=type,
        formulaire=brouillon.version,
        reponses=reponses,
        est_formulaire=True,
        usager=None if est_anonyme else usager,
        identite=None if est_anonyme else identite_de(coordonnees, reponses),
        est_anonyme=est_anonyme,
        adresse=lieu.get("adresse", ""),
        territoire=territoire_de(lieu.get("territoire")),
        envoyee_le=timezone.now(),
        cle=f"brouillon:{brouillon.jeton}",
        brouillon=brouillon,
        pieces=tuple(pieces),
        enveloppe=None if est_anonyme else Enveloppe(reponse_souhaitee=coordonnees.get("canal_prefere", "")),
    )


def territoire_de(pk: int | None) -> Territoire | None:
    if not pk:
        return None
    return referentiel.courant().garder(("territoire", pk), lambda: Territoire.objects.filter(pk=pk).first())


def identite_de(coordonnees: dict[str, Any], reponses: dict[str, Any]) -> Identite | None:
    """Who the person says they are; a SIRET or RNA already answered in the form is not asked twice."""
    valeurs = {nom: coordonnees.get(nom) or "" for nom in CHAMPS_IDENTITE}
    for nom in ("siret", "rna"):
        valeurs[nom] = valeurs[nom] or str(reponses.get(nom) or "")
    identite = Identite(**valeurs)
    return None if identite.est_vide else identite


def texte_de(brouillon: Brouillon, pieces: list[Piece]) -> str:
    """The resident's own words; a form without any says so. Documents are listed by what they answer."""
    texte = brouillon.saisie.get("demande", {}).get("texte", "")
    lignes = [texte or f"{brouillon.version.type.libelle} : formulaire rempli en ligne, sans message."]
    noms = {str(piece.pk): piece.nom_original for piece in pieces}
    joints = [
        f"– {piece['libelle']} : {', '.join(fichiers)}"
        for piece in brouillon.version.type.pieces
        if (
            fichiers := [
                noms[pk] for pk in brouillon.saisie.get("pieces", {}).get(piece["code"], []) if pk in noms
            ]
        )
    ]
    if joints:
        lignes += ["", "Documents joints :", *joints]
    return "\n".join(lignes)


def _verrouiller(brouillon: Brouillon) -> Brouillon:
    brouillons = Brouillon.objects.select_related("version__type__direction", "compte")
    return brouillons.select_for_update(of=("self",)).get(pk=brouillon.pk)


def _noter_le_canal_prefere(demande: Demande, coordonnees: dict[str, Any]) -> None:
    """Only for somebody new: a stranger who knows a name and an address changes nobody's preference."""
    if demande.rapprochement == "nouveau" and demande.usager and coordonnees.get("canal_prefere"):
        demande.usager.canal_prefere = coordonnees["canal_prefere"]
        demande.usager.save(update_fields=["canal_prefere"])


def _dire_les_nouvelles_coordonnees(demande: Demande, identite: Identite | None) -> None:
    """What somebody known typed that their card does not have: said to agents, who may write it there."""
    if demande.rapprochement != "retrouve" or demande.usager is None or identite is None:
        return
    connues = {c.normalisee for c in demande.usager.coordonnees.all()}
    dites = [
        afficher_telephone(valeur) if genre == "telephone" else valeur
        for genre, valeur in identite.joignable_par.items()
        if valeur not in connues
    ]
    if identite.adresse and plier(identite.adresse) != plier(demande.usager.adresse):
        dites.append(identite.adresse)
    if dites:
        texte = (
            f"La personne a aussi donné : {', '.join(dites)}. Sa fiche ne l'a pas : vérifiez "
            "avec elle, puis ajoutez-le."
        )
        ajouter_une_note(demande, auteur=SYSTEME, texte=texte)
