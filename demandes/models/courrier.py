"""Paper mail: what was scanned, page by page, and the letters found in it. No page belongs to nobody."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from guichet.canaux.courrier.decoupe import Coupe, Genre
from guichet.organisation.perimetre import Perimetre
from guichet.pieces.models import chemin_aleatoire, stockage_des_pieces


class NumeroDeCourrier(models.Model):
    """The last number given in a year, to what arrives (A) and to what leaves (D): none is given twice."""

    class Sens(models.TextChoices):
        ARRIVEE = "A", "Arrivée"
        DEPART = "D", "Départ"

    sens = models.CharField("sens", max_length=1, choices=Sens.choices)
    annee = models.PositiveSmallIntegerField("année")
    dernier = models.PositiveIntegerField("dernier numéro")

    class Meta:
        verbose_name = "numéro de courrier"
        verbose_name_plural = "numéros de courrier"
        constraints = [models.UniqueConstraint(name="numero_de_courrier_unique", fields=["sens", "annee"])]

    def __str__(self):
        return f"{self.sens}-{self.annee}-{self.dernier:06d}"

    @classmethod
    def tirer(cls, sens: str, nombre: int = 1) -> list[str]:
        """Take the next numbers of the year; whoever asks at the same time waits for the transaction."""
        annee = timezone.localdate().year
        with connection.cursor() as curseur:
            curseur.execute(
                f"INSERT INTO {cls._meta.db_table} (sens, annee, dernier) VALUES (%s, %s, %s) "  # noqa: S608
                "ON CONFLICT (sens, annee) DO UPDATE "
                f"SET dernier = {cls._meta.db_table}.dernier + excluded.dernier RETURNING dernier",
                [sens, annee, nombre],
            )
            (dernier,) = curseur.fetchone()
        return [f"{sens}-{annee}-{rang:06d}" for rang in range(dernier - nombre + 1, dernier + 1)]


class TravailDuCourrier(models.Model):
    """A job of the worker that one process does at a time, and until when it has it."""

    nom = models.CharField("travail", max_length=20, primary_key=True)
    tenu_jusqu_au = models.DateTimeField("tenu jusqu'à")

    class Meta:
        verbose_name = "travail du courrier"
        verbose_name_plural = "travaux du courrier"

    def __str__(self):
        return self.nom


class LotDeCourrier(models.Model):
    """Files scanned together: they came the same day, to the same desk, and are parted the same way.

    `recu_le` is the day the letters arrived, from which the law counts; `depose_le` when they were
    scanned.
    """

    recu_le = models.DateField("arrivé le")
    depose_le = models.DateTimeField("déposé le", default=timezone.now)
    depose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="déposé par",
        help_text="Personne : le dossier surveillé.",
    )
    point_accueil = models.ForeignKey(
        "organisation.PointAccueil", models.PROTECT, related_name="+", verbose_name="point d'accueil"
    )
    coupe = models.CharField(
        "ce qui sépare deux lettres",
        max_length=10,
        choices=[(coupe.value, coupe.libelle) for coupe in Coupe],
        default=Coupe.SEPARATEUR.value,
    )
    est_recto_verso = models.BooleanField("numérisé recto verso", default=False)
    sont_recommandees = models.BooleanField("lettres recommandées", default=False)
    classe_le = models.DateTimeField(
        "classé le", null=True, blank=True, help_text="Quand chaque page a trouvé sa lettre."
    )

    class Meta:
        verbose_name = "lot de courrier"
        verbose_name_plural = "lots de courrier"
        indexes = [
            models.Index(name="lot_de_l_accueil", fields=["point_accueil", "-id"]),
            models.Index(name="lot_a_classer", fields=["id"], condition=Q(classe_le__isnull=True)),
        ]

    def __str__(self):
        return f"lot {self.pk}"


class FichierNumerise(models.Model):
    """One file of a lot, kept byte for byte; the same bytes dropped again are the same file."""

    class Etat(models.TextChoices):
        A_LIRE = "a_lire", "À lire"
        LU = "lu", "Lu"
        ILLISIBLE = "illisible", "Illisible"

    lot = models.ForeignKey(LotDeCourrier, models.PROTECT, related_name="fichiers")
    rang = models.PositiveSmallIntegerField("rang dans le lot")
    nom = models.CharField("nom du fichier", max_length=150)
    empreinte = models.CharField("SHA-256", max_length=64, unique=True)
    piece = models.OneToOneField("pieces.Piece", models.PROTECT, related_name="+", verbose_name="original")
    etat = models.CharField("état", max_length=9, choices=Etat.choices, default=Etat.A_LIRE)
    motif = models.CharField("motif", max_length=200, blank=True)
    nombre_de_pages = models.PositiveIntegerField("pages", null=True, blank=True)

    class Meta:
        verbose_name = "fichier numérisé"
        verbose_name_plural = "fichiers numérisés"
        ordering = ("lot", "rang")
        constraints = [
            models.UniqueConstraint(name="fichier_numerise_rang", fields=["lot", "rang"]),
            models.CheckConstraint(
                name="fichier_illisible_motive",
                condition=Q(etat="illisible") & ~Q(motif="") | ~Q(etat="illisible") & Q(motif=""),
            ),
            models.CheckConstraint(
                name="fichier_lu_compte", condition=~Q(etat="lu") | Q(nombre_de_pages__isnull=False)
            ),
        ]
        indexes = [models.Index(name="fichier_a_lire", fields=["id"], condition=Q(etat="a_lire"))]

    def __str__(self):
        return self.nom


class LettreRecueQuerySet(models.QuerySet["LettreRecue"]):
    def visibles_par(self, perimetre: Perimetre) -> LettreRecueQuerySet:
        """Letters of the desks this agent holds: who opens the envelopes reads what is in them."""
        return self.filter(lot__point_accueil__in=[pk for p in perimetre.tous for pk in p.accueils])

    def a_saisir(self) -> LettreRecueQuerySet:
        return self.filter(etat=LettreRecue.Etat.A_SAISIR)

    def libres_pour(self, compte) -> LettreRecueQuerySet:
        """Those nobody else has before them now."""
        return self.filter(
            Q(prise_jusqu_au__isnull=True) | Q(prise_jusqu_au__lte=timezone.now()) | Q(prise_par=compte)
        )


class LettreRecue(models.Model):
    """One letter: its arrival number, and what becomes of it. Held by one agent at a time, for a while."""

    class Etat(models.TextChoices):
        A_SAISIR = "a_saisir", "À saisir"
        SAISIE = "saisie", "Saisie"
        JOINTE = "jointe", "Jointe à une demande"
        ECARTEE = "ecartee", "Écartée"
        REUNIE = "reunie", "Réunie à une autre"

    numero = models.CharField("numéro d'arrivée", max_length=20, unique=True)
    lot = models.ForeignKey(LotDeCourrier, models.PROTECT, related_name="lettres")
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.A_SAISIR)
    recue_le = models.DateField("arrivée le")
    est_recommandee = models.BooleanField("recommandée", default=False)
    numero_recommande = models.CharField("numéro de recommandé", max_length=30, blank=True)
    texte = models.TextField("texte lu", blank=True, help_text="De ses premières pages.")
    lue_le = models.DateTimeField(
        "lue par la machine le", null=True, blank=True, help_text="Ses premières pages : on peut la saisir."
    )
    lue_en_entier_le = models.DateTimeField("lue en entier le", null=True, blank=True)
    piece = models.ForeignKey(
        "pieces.Piece", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="PDF"
    )
    prise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="prise par",
    )
    prise_jusqu_au = models.DateTimeField("prise jusqu'à", null=True, blank=True)
    demande = models.ForeignKey(
        "demandes.Demande", models.PROTECT, null=True, blank=True, related_name="lettres"
    )
    message = models.ForeignKey(
        "demandes.Message", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="message"
    )
    reunie_a = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réunie à"
    )
    motif = models.CharField("motif", max_length=200, blank=True)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    traitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traitée par",
    )

    objects = LettreRecueQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre reçue"
        verbose_name_plural = "lettres reçues"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                name="lettre_traitee_le",
                condition=Q(etat="a_saisir", traitee_le__isnull=True, traitee_par__isnull=True)
                | (~Q(etat="a_saisir") & Q(traitee_le__isnull=False, traitee_par__isnull=False)),
            ),
            models.CheckConstraint(
                name="lettre_dans_sa_demande",
                condition=Q(etat__in=("saisie", "jointe"), demande__isnull=False)
                | (~Q(etat__in=("saisie", "jointe")) & Q(demande__isnull=True)),
            ),
            models.CheckConstraint(
                name="lettre_ecartee_motivee", condition=~Q(etat="ecartee") | ~Q(motif="")
            ),
            models.CheckConstraint(
                name="lettre_reunie_a_une_autre",
                condition=Q(etat="reunie", reunie_a__isnull=False)
                | (~Q(etat="reunie") & Q(reunie_a__isnull=True)),
            ),
            models.CheckConstraint(
                name="lettre_numero_d_un_recommande",
                condition=Q(numero_recommande="") | Q(est_recommandee=True),
            ),
        ]
        indexes = [
            models.Index(name="lettre_a_saisir", fields=["recue_le", "id"], condition=Q(etat="a_saisir")),
            models.Index(
                name="lettre_a_lire", fields=["id"], condition=Q(etat="a_saisir", lue_le__isnull=True)
            ),
            models.Index(
                name="lettre_a_finir_de_lire",
                fields=["id"],
                condition=Q(etat="a_saisir", lue_en_entier_le__isnull=True),
            ),
            models.Index(
                name="lettre_sans_pdf",
                fields=["id"],
                condition=Q(piece__isnull=True, etat__in=("a_saisir", "saisie", "jointe")),
            ),
        ]

    def __str__(self):
        return self.numero

    def illisibles_autour(self) -> list[FichierNumerise]:
        """Files that cannot be read, scanned in a row with its pages: some of it may be there."""
        tous = FichierNumerise.objects.filter(lot=self.lot_id, etat=FichierNumerise.Etat.ILLISIBLE)
        illisibles = list(tous.order_by("rang"))
        rangs = set(self.pages.values_list("fichier__rang", flat=True)) if illisibles else set()
        for ordre, pas in ((illisibles, 1), (illisibles[::-1], -1)):
            for fichier in ordre:
                if fichier.rang - pas in rangs:
                    rangs.add(fichier.rang)
        return [fichier for fichier in illisibles if fichier.rang in rangs]

    @property
    def est_a_saisir(self) -> bool:
        return self.etat == self.Etat.A_SAISIR

    @property
    def est_prise(self) -> bool:
        """Whether somebody has it before them now."""
        return (
            self.prise_par_id is not None
            and self.prise_jusqu_au is not None
            and self.prise_jusqu_au > timezone.now()
        )


class PageNumerisee(models.Model):
    """One page of a file: in one letter, or a separator, or blank. `image` is empty when none can be made."""

    fichier = models.ForeignKey(FichierNumerise, models.PROTECT, related_name="pages")
    rang = models.PositiveSmallIntegerField("page")
    genre = models.CharField("genre", max_length=10, choices=[(genre.value, genre.value) for genre in Genre])
    lettre = models.ForeignKey(LettreRecue, models.PROTECT, null=True, blank=True, related_name="pages")
    image = models.FileField(
        "image", storage=stockage_des_pieces, upload_to=chemin_aleatoire, max_length=50, blank=True
    )
    rotation = models.PositiveSmallIntegerField("rotation", default=0)
    est_tournee_a_la_main = models.BooleanField("tournée à la main", default=False)
    texte = models.TextField("texte lu", blank=True, default="", db_default="")
    lue_le = models.DateTimeField("lue par la machine le", null=True, blank=True)

    class Meta:
        verbose_name = "page numérisée"
        verbose_name_plural = "pages numérisées"
        ordering = ("fichier", "rang")
        constraints = [
            models.UniqueConstraint(name="page_numerisee_unique", fields=["fichier", "rang"]),
            models.CheckConstraint(
                name="page_separe_ou_dans_sa_lettre",
                condition=Q(genre="lettre") | Q(lettre__isnull=True),
            ),
            models.CheckConstraint(name="page_rotation_droite", condition=Q(rotation__in=(0, 90, 180, 270))),
        ]

    def __str__(self):
        return f"page {self.rang} de {self.fichier_id}"
