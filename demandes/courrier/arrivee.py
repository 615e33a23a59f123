"""Files come in: each kept byte for byte, once, before anybody is told that it arrived."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from demandes.courrier import sonnette
from demandes.models import FichierNumerise, LotDeCourrier
from guichet.canaux.courrier.decoupe import Coupe
from guichet.organisation.models import Compte, PointAccueil
from guichet.pieces.depot import garder_tel_quel, nom_propre, oublier
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide


@dataclass
class Bilan:
    """What became of each file dropped; `lot` is None when none was new."""

    lot: LotDeCourrier | None = None
    pris: list[FichierNumerise] = field(default_factory=list)
    deja: list[FichierNumerise] = field(default_factory=list)
    vides: list[str] = field(default_factory=list)


def deposer(
    fichiers: Iterable[tuple[str, bytes]],
    *,
    point_accueil: PointAccueil,
    recu_le: date,
    coupe: str = Coupe.SEPARATEUR,
    est_recto_verso: bool = False,
    sont_recommandees: bool = False,
    depose_par: Compte | None = None,
) -> Bilan:
    """Keep these files as one lot, in their order. Bytes that came before are not kept twice.

    They are taken one at a time, and nothing is opened or drawn: whoever drops two hundred pictures waits
    for their bytes, not for their pages.
    """
    if recu_le > timezone.localdate():
        raise DonneeInvalide("La date d'arrivée ne peut pas être dans l'avenir.", "recu_le")
    bilan, pieces = Bilan(), list[Piece]()
    try:
        with transaction.atomic():
            for nom, contenu in fichiers:
                if not contenu:
                    bilan.vides.append(nom_propre(nom))
                    continue
                if (connu := _deja_la(contenu)) is not None:
                    bilan.deja.append(connu)
                    continue
                if bilan.lot is None:
                    bilan.lot = LotDeCourrier.objects.create(
                        recu_le=recu_le,
                        depose_par=depose_par,
                        point_accueil=point_accueil,
                        coupe=coupe,
                        est_recto_verso=est_recto_verso,
                        sont_recommandees=sont_recommandees,
                    )
                bilan.pris.append(_garder(bilan.lot, len(bilan.pris) + 1, nom, contenu, pieces))
            transaction.on_commit(sonnette.sonner)
    except BaseException:
        oublier(pieces)
        raise
    return bilan


def _garder(lot: LotDeCourrier, rang: int, nom: str, contenu: bytes, pieces: list[Piece]) -> FichierNumerise:
    piece = garder_tel_quel(nom, contenu)
    pieces.append(piece)
    fichier = FichierNumerise(lot=lot, rang=rang, nom=piece.nom_original, empreinte=piece.sha256, piece=piece)
    if not piece.est_saine:
        fichier.etat, fichier.motif = FichierNumerise.Etat.ILLISIBLE, piece.motif
    fichier.save()
    # Its pages are drawn here, all of them: nobody else needs to.
    piece.pages = 0
    piece.proprietaire_genre, piece.proprietaire_id = "fichier_numerise", fichier.pk
    piece.save(update_fields=["pages", "proprietaire_genre", "proprietaire_id"])
    return fichier


def _deja_la(contenu: bytes) -> FichierNumerise | None:
    """The same bytes, whatever their name and whoever dropped them; two drops at once wait for each other."""
    empreinte = hashlib.sha256(contenu).hexdigest()
    sonnette.attendre_son_tour(empreinte)
    return FichierNumerise.objects.select_related("lot__depose_par").filter(empreinte=empreinte).first()


def cle_de_tri(nom: str) -> list[tuple[int, int, str]]:
    """« page-2 » before « page-10 »: scanners number without zeros."""
    mots, mot = [], ""
    for signe in f"{nom.casefold()}\0":
        if mot and signe.isdecimal() != mot[-1].isdecimal():
            mots.append((0, int(mot), "") if mot.isdecimal() else (1, 0, mot))
            mot = ""
        mot += signe
    return mots
