"""What the worker does with scanned files: pages, then letters, then their words and their PDFs.

Each step is committed as it is made and begins again where it stopped: a killed worker loses seconds.
"""

import logging
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from demandes.courrier import images
from demandes.courrier.sonnette import seul
from demandes.models import FichierNumerise, LettreRecue, LotDeCourrier, NumeroDeCourrier, PageNumerisee
from guichet.canaux.courrier import bornes, indices
from guichet.canaux.courrier import lecture as machine
from guichet.canaux.courrier.decoupe import Coupe, Genre, decouper
from guichet.canaux.message import ContenuIllisible
from guichet.pieces.depot import effacer, garder_tel_quel
from guichet.pieces.models import Piece

journal = logging.getLogger(__name__)

TRANCHE = 10  # pages drawn by one process
DUREE = 40  # seconds given to a task before it leaves its place: the next sweep goes on
PAGES_DU_DEBUT = 3  # read first: who writes and what they want stands there, and fills in the entry
PAGES_AU_PLUS = 40  # of one letter: what follows is an annex, and others wait
TEXTE_AU_PLUS = 20_000


def lire_les_feuilles() -> int:
    """Draw the pages that wait, part the lots that are whole, make the PDFs; return how many were drawn."""
    fin = time.monotonic() + DUREE
    dessinees = 0
    with seul("feuilles") as est_a_nous:
        while est_a_nous and time.monotonic() < fin:
            fichier = FichierNumerise.objects.select_related("piece", "lot").filter(etat="a_lire").first()
            if fichier is None:
                break
            dessinees += lire_le_fichier(fichier, fin)
            classer_les_lots()
        if est_a_nous:
            classer_les_lots()
            faire_les_pdf(fin)
    return dessinees


def lire_le_fichier(fichier: FichierNumerise, fin: float) -> int:
    """Draw the pages of one file, from where it stopped. Returns how many."""
    dessinees = 0
    try:
        with _copie(fichier.piece) as copie:
            nombre = fichier.nombre_de_pages or bornes.compter(copie)
            FichierNumerise.objects.filter(pk=fichier.pk).update(nombre_de_pages=nombre)
            faites = fichier.pages.count()
            while faites < nombre and time.monotonic() < fin:
                nouvelles = _lire_la_suite(fichier, copie, faites)
                faites, dessinees = faites + nouvelles, dessinees + nouvelles
    except ContenuIllisible as motif:
        fichier.etat, fichier.motif = FichierNumerise.Etat.ILLISIBLE, str(motif)[:200]
        fichier.save(update_fields=["etat", "motif"])
        return dessinees
    if faites >= nombre:
        fichier.etat, fichier.nombre_de_pages = FichierNumerise.Etat.LU, nombre
        fichier.save(update_fields=["etat", "nombre_de_pages"])
    return dessinees


def _lire_la_suite(fichier: FichierNumerise, copie: BinaryIO, faites: int) -> int:
    """The next pages. One that ends its process, even alone, stays a page without a picture."""
    faites_ici = 0
    try:
        for page in bornes.lire(copie, faites + 1, faites + TRANCHE):
            _ranger(fichier, page)
            faites_ici += 1
    except bornes.ProcessusPerdu:
        if not faites_ici:
            _ranger(fichier, _seule(copie, faites + 1))
            faites_ici = 1
    return faites_ici


def _seule(copie: BinaryIO, rang: int) -> bornes.Page:
    vide = bornes.Page(rang, Genre.LETTRE, b"")
    try:
        return next(bornes.lire(copie, rang, rang), vide)
    except bornes.ProcessusPerdu:
        return vide


def _ranger(fichier: FichierNumerise, lue: bornes.Page) -> None:
    page = PageNumerisee(fichier=fichier, rang=lue.rang, genre=lue.genre.value)
    if lue.image:
        page.image.save("", ContentFile(lue.image), save=False)
    page.save(force_insert=True)


@contextmanager
def _copie(piece: Piece) -> Iterator[BinaryIO]:
    """A file of the machine, whatever keeps the attachments: a process reads it as it likes."""
    try:
        ouvert = piece.fichier.open("rb")
    except FileNotFoundError as cause:
        raise ContenuIllisible("Ce fichier manque dans le stockage des pièces.") from cause
    with ouvert, tempfile.TemporaryFile() as copie:
        shutil.copyfileobj(ouvert, copie, 1024**2)
        copie.flush()
        yield copie


# -- letters -----------------------------------------------------------------------------------------------


def classer_les_lots() -> None:
    """Give each page of a lot that is read to its letter, all at once."""
    attend = FichierNumerise.objects.filter(lot=OuterRef("pk"), etat=FichierNumerise.Etat.A_LIRE)
    for pk in LotDeCourrier.objects.filter(~Exists(attend), classe_le__isnull=True).values_list(
        "pk", flat=True
    ):
        classer(pk)


@transaction.atomic
def classer(pk: int) -> None:
    lot = LotDeCourrier.objects.select_for_update().filter(pk=pk, classe_le__isnull=True).first()
    if lot is None:
        return
    for pile in _piles(lot):
        genres = [Genre(page.genre) for page in pile]
        rangs = decouper(genres, coupe=Coupe(lot.coupe), est_recto_verso=lot.est_recto_verso)
        lettres = ouvrir_des_lettres(lot, max(rangs, default=0))
        for page, rang in zip(pile, rangs, strict=True):
            page.lettre = lettres[rang - 1] if rang else None
        PageNumerisee.objects.bulk_update(pile, ["lettre"])
    lot.classe_le = timezone.now()
    lot.save(update_fields=["classe_le"])


def _piles(lot: LotDeCourrier) -> list[list[PageNumerisee]]:
    """Pages that follow one another on the tray: a document, or pictures one after the other.

    A picture that cannot be read may have been a separator: what surrounds it is not one letter, until
    somebody who has the paper says so (`corrections.reunir_a_la_precedente`).
    """
    piles: list[list[PageNumerisee]] = []
    precedente_seule = False
    for fichier in lot.fichiers.order_by("rang").prefetch_related("pages"):
        pages = list(fichier.pages.all()) if fichier.etat == FichierNumerise.Etat.LU else []
        est_seule = len(pages) == 1 and lot.coupe != Coupe.FICHIER
        if est_seule and precedente_seule:
            piles[-1] += pages
        elif pages:
            piles.append(pages)
        precedente_seule = est_seule
    return piles


def ouvrir_des_lettres(lot: LotDeCourrier, nombre: int) -> list[LettreRecue]:
    """So many letters more in this lot, each with its arrival number."""
    if not nombre:
        return []
    numeros = NumeroDeCourrier.tirer(NumeroDeCourrier.Sens.ARRIVEE, nombre)
    return LettreRecue.objects.bulk_create(
        LettreRecue(numero=numero, lot=lot, recue_le=lot.recu_le, est_recommandee=lot.sont_recommandees)
        for numero in numeros
    )


# -- words -------------------------------------------------------------------------------------------------


def lire_les_lettres() -> int:
    """Read the letters that wait, then what follows their first pages, a page at a time.

    Without tesseract they are ready as they are.
    """
    fin = time.monotonic() + DUREE
    lues = 0
    with seul("lettres") as est_a_nous:
        while est_a_nous and time.monotonic() < fin:
            a_saisir = LettreRecue.objects.a_saisir().order_by("pk")
            if lettre := a_saisir.filter(lue_le__isnull=True).first():
                lire_la_lettre(lettre)
            elif lettre := a_saisir.filter(lue_en_entier_le__isnull=True).first():
                lire_la_suite(lettre)
            else:
                break
            lues += 1
    return lues


def lire_la_lettre(lettre: LettreRecue) -> None:
    """The words of its first pages, turned upright first. What was mended meanwhile is read again.

    Registered mail says so, or its batch did: it is typed in first.
    """
    pages = list(lettre.pages.all())
    textes = [lire_la_page(page) for page in pages[:PAGES_DU_DEBUT]] if machine.est_possible() else []
    texte = "\n\n".join(filter(None, textes))[:TEXTE_AU_PLUS]
    with transaction.atomic():
        fraiche = LettreRecue.objects.select_for_update(of=("self",)).select_related("lot").get(pk=lettre.pk)
        if _telles_quelles(pages) == _telles_quelles(fraiche.pages.all()):
            lus = indices.chercher(texte, arrivee_le=fraiche.recue_le)
            fraiche.texte, fraiche.lue_le = texte, timezone.now()
            fraiche.est_recommandee = fraiche.lot.sont_recommandees or lus.est_recommande
            fraiche.numero_recommande = lus.numero_recommande
            fraiche.save(update_fields=["texte", "lue_le", "est_recommandee", "numero_recommande"])


def lire_la_suite(lettre: LettreRecue) -> None:
    """One page more of a letter one may type already; read in whole when its last one is, or the bound."""
    pages = lettre.pages.all()[:PAGES_AU_PLUS] if machine.est_possible() else []
    if page := next((page for page in pages if page.lue_le is None), None):
        lire_la_page(page)
        return
    # Mended meanwhile, it begins again: it has lost the time of its first reading.
    LettreRecue.objects.filter(pk=lettre.pk, lue_le=lettre.lue_le).update(lue_en_entier_le=timezone.now())


def lire_la_page(page: PageNumerisee) -> str:
    """Its words, read once. Turned by hand meanwhile, it is read again."""
    if page.lue_le is None:
        contenu = images.lire(page)
        page.texte = machine.lire(_redresser(page, contenu)).replace("\0", "") if contenu else ""
        la_meme = PageNumerisee.objects.filter(pk=page.pk, rotation=page.rotation)
        la_meme.update(texte=page.texte, lue_le=timezone.now())
    return page.texte


def _telles_quelles(pages: Iterable[PageNumerisee]) -> list[tuple[int, int]]:
    return [(page.pk, page.rotation) for page in pages]


def _redresser(page: PageNumerisee, contenu: bytes) -> bytes:
    """The picture upright: as somebody turned it, else as the machine finds it should be."""
    if not page.est_tournee_a_la_main and (tour := machine.tour_a_faire(contenu)):
        page.rotation = (page.rotation + tour) % 360
        tournees = PageNumerisee.objects.filter(pk=page.pk, est_tournee_a_la_main=False)
        if tournees.update(rotation=page.rotation) and page.lettre_id:
            oublier_le_pdf(page.lettre_id)
        return images.tourner(contenu, tour)
    return contenu


# -- PDFs --------------------------------------------------------------------------------------------------


def faire_les_pdf(fin: float) -> None:
    """Make the PDF of each letter that has none: it hangs on the demande when there is one already."""
    sans = LettreRecue.objects.filter(piece__isnull=True, etat__in=("a_saisir", "saisie", "jointe"))
    for lettre in sans.order_by("pk")[:50]:
        if time.monotonic() > fin:
            return
        faire_le_pdf(lettre)


def faire_le_pdf(lettre: LettreRecue) -> None:
    pages = list(lettre.pages.select_related("fichier__piece"))
    plan = [(page.pk, page.rotation) for page in pages]
    try:
        contenu = _assembler(pages)
    except bornes.ProcessusPerdu:
        journal.warning("No PDF can be made of letter %s.", lettre.numero)
        return
    piece = garder_tel_quel(f"{lettre.numero}.pdf", contenu)
    with transaction.atomic():
        fraiche = LettreRecue.objects.select_for_update().get(pk=lettre.pk)
        if fraiche.piece_id or plan != [(page.pk, page.rotation) for page in fraiche.pages.all()]:
            effacer([piece])
            return
        genre, pk = ("message", fraiche.message_id) if fraiche.message_id else ("lettre_recue", fraiche.pk)
        piece.proprietaire_genre, piece.proprietaire_id = genre, pk
        piece.save(update_fields=["proprietaire_genre", "proprietaire_id"])
        fraiche.piece = piece
        fraiche.save(update_fields=["piece"])


def _assembler(pages: list[PageNumerisee]) -> bytes:
    """From the originals, without loss; from our pictures of them when an original resists."""
    with tempfile.TemporaryDirectory() as dossier:
        chemins: dict[int, str] = {}
        for page in pages:
            if page.fichier_id not in chemins:
                chemins[page.fichier_id] = str(Path(dossier, str(page.fichier_id)))
                with (
                    page.fichier.piece.fichier.open("rb") as lu,
                    Path(chemins[page.fichier_id]).open("wb") as copie,
                ):
                    shutil.copyfileobj(lu, copie, 1024**2)
        try:
            return bornes.assembler([(chemins[p.fichier_id], p.rang, p.rotation) for p in pages])
        except bornes.ProcessusPerdu:
            plan = []
            for page in pages:
                contenu = images.lire(page, telle_quelle=True)
                chemin = Path(dossier, f"page-{page.pk}")
                chemin.write_bytes(contenu or images.dire_absente(page))
                plan.append((str(chemin), 1, page.rotation if contenu else 0))
            return bornes.assembler(plan)


def oublier_le_pdf(lettre_pk: int) -> None:
    """Its pages changed: another is made. One that a demande shows already stays."""
    lettre = LettreRecue.objects.select_related("piece").a_saisir().filter(pk=lettre_pk).first()
    if lettre is not None and lettre.piece is not None:
        effacer([lettre.piece])
