"""The catalogue as data: types, their forms and policies, motifs, templates, fiches, rules."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from demandes.formulaires import convient
from guichet.organisation.models import Direction, Secteur, Territoire


class Theme(models.Model):
    """A shelf of the catalogue, for people who browse."""

    code = models.CharField("code", max_length=40, unique=True)
    libelle = models.CharField("libellé", max_length=80)
    description = models.CharField("description", max_length=200)
    icone = models.CharField("icône", max_length=40)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "thème"
        ordering = ("ordre", "libelle")

    def __str__(self):
        return self.libelle


class TypeDemandeQuerySet(models.QuerySet["TypeDemande"]):
    def publies(self):
        return self.filter(publie_le__isnull=False)


class TypeDemande(models.Model):
    """A kind of request: what to ask, who acts, how fast, and what the law says of silence.

    `delai_valeur` counts in `delai_unite`; `silence_delai` in `silence_unite` (CRPA, art. L231-1 to L231-6).
    """

    class Nature(models.TextChoices):
        SIGNALEMENT = "signalement", "Signalement"
        DEMANDE = "demande", "Demande"
        INFORMATION = "information", "Information"
        RECLAMATION = "reclamation", "Réclamation"
        RENDEZ_VOUS = "rendez_vous", "Rendez-vous"

    class Acces(models.TextChoices):
        ANONYME = "anonyme", "Sans s'identifier"
        CONTACT = "contact", "Avec un moyen de contact"
        COMPTE = "compte", "Avec un compte"
        IDENTITE_VERIFIEE = "identite_verifiee", "Avec une identité vérifiée"
        ENTREPRISE = "entreprise", "Entreprise ou association"

    class Unite(models.TextChoices):
        HEURES_OUVREES = "heures_ouvrees", "heures ouvrées"
        JOURS_OUVRES = "jours_ouvres", "jours ouvrés"
        JOURS_CALENDAIRES = "jours_calendaires", "jours"
        IMMEDIAT = "immediat", "immédiat"

    class RegimeSilence(models.TextChoices):
        ACCEPTATION = "acceptation", "Le silence vaut acceptation"
        REJET = "rejet", "Le silence vaut rejet"
        SANS_OBJET = "sans_objet", "Sans objet"
        SPECIAL = "special", "Régime particulier"

    code = models.CharField("code", max_length=10, unique=True)
    libelle = models.CharField("libellé", max_length=150)
    description = models.TextField("description")
    mots_cles = ArrayField(models.CharField(max_length=80), verbose_name="mots-clés", default=list)
    mots_du_quotidien = ArrayField(
        models.CharField(max_length=120), verbose_name="mots du quotidien", default=list, blank=True
    )
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="types", blank=True)
    direction = models.ForeignKey(Direction, models.PROTECT, related_name="types")
    nature = models.CharField("nature", max_length=12, choices=Nature.choices)
    niveau = models.PositiveSmallIntegerField("niveau")
    est_urgent = models.BooleanField("urgent", default=False)
    delai_valeur = models.PositiveSmallIntegerField("délai de service")
    delai_unite = models.CharField("unité", max_length=20, choices=Unite.choices)
    delais_conditionnels = models.JSONField("délais conditionnels", default=list, blank=True)
    acces = models.CharField("accès", max_length=20, choices=Acces.choices)
    acces_conditionnels = models.JSONField("accès conditionnels", default=list, blank=True)
    secteur = models.CharField("secteur", max_length=12, choices=Secteur.choices)
    est_confidentiel = models.BooleanField("confidentiel", default=False)
    teleservice_dedie_url = models.URLField("téléservice dédié", blank=True)
    gestionnaire = models.CharField("gestionnaire", max_length=12, default="ville")
    est_sur_carte_publique = models.BooleanField("sur la carte publique", default=False)
    rayon_doublon_m = models.PositiveSmallIntegerField("rayon des doublons (m)", null=True, blank=True)
    pieces = models.JSONField("pièces à fournir", default=list, blank=True)

    # The policy: what the catalogue alone does not say. Empty until validated; no publication without it.
    regime_silence = models.CharField(
        "régime de silence", max_length=12, choices=RegimeSilence.choices, blank=True
    )
    silence_delai = models.PositiveSmallIntegerField("délai du silence", null=True, blank=True)
    silence_unite = models.CharField("unité du silence", max_length=5, default="mois")
    silence_cas = models.JSONField("délais du silence selon les réponses", default=list, blank=True)
    silence_effet = models.CharField("effet du silence", max_length=12, blank=True)
    silence_texte = models.TextField("le silence en clair", blank=True)
    silence_base_legale = models.TextField("base légale du silence", blank=True)
    silence_valide_par = models.CharField("régime validé par", max_length=150, blank=True)
    silence_valide_le = models.DateField("régime validé le", null=True, blank=True)
    sve_autorisee = models.BooleanField("saisine électronique autorisée", null=True, blank=True)
    sve_motif = models.TextField("pourquoi pas en ligne", blank=True)
    ar_requis = models.BooleanField("accusé de réception requis", null=True, blank=True)
    ar_motif = models.TextField("pourquoi sans accusé", blank=True)
    base_legale = models.CharField("base légale du traitement", max_length=40, blank=True)
    finalite = models.TextField("finalité", blank=True)
    destinataires = models.TextField("destinataires", blank=True)
    base_active_mois = models.PositiveSmallIntegerField("base active (mois)", null=True, blank=True)
    intermediaire_mois = models.PositiveSmallIntegerField("archivage (mois)", null=True, blank=True)
    sort_final = models.CharField("sort final", max_length=15, blank=True)
    validation_requise = models.BooleanField("réponse à valider", null=True, blank=True)
    sans_suite_autorise = models.BooleanField("sans suite autorisé", null=True, blank=True)
    suspend_en_attente_tiers = models.BooleanField("suspendu en attente d'un tiers", default=False)
    photo_apres_requise = models.BooleanField("photo « après » requise", default=False)
    orientation_automatique = models.BooleanField("orientation automatique", default=False)
    complement_delai_jours = models.PositiveSmallIntegerField("délai de complément (jours)", default=30)
    organisme_competent = models.JSONField("organisme compétent", null=True, blank=True)
    alternatives = ArrayField(
        models.TextField(), verbose_name="autres moyens que le numérique", default=list, blank=True
    )
    voies_recours = models.TextField("voies et délais de recours", blank=True)
    urgence_consigne = models.TextField("consigne de danger", blank=True)
    urgence_si = models.JSONField("urgent selon les réponses", default=list, blank=True)
    publie_le = models.DateTimeField("publié le", null=True, blank=True)

    objects = TypeDemandeQuerySet.as_manager()

    class Meta:
        verbose_name = "type de demande"
        verbose_name_plural = "types de demande"
        ordering = ("libelle",)
        constraints = [
            models.CheckConstraint(name="type_niveau", condition=Q(niveau__in=(1, 2))),
            models.CheckConstraint(
                name="type_publie_avec_sa_politique",
                condition=Q(publie_le__isnull=True)
                | (
                    ~Q(regime_silence="")
                    & ~Q(silence_valide_par="")
                    & Q(silence_valide_le__isnull=False)
                    & Q(sve_autorisee__isnull=False)
                    & Q(ar_requis__isnull=False)
                    & ~Q(base_legale="")
                    & ~Q(finalite="")
                    & ~Q(destinataires="")
                    & Q(base_active_mois__isnull=False)
                    & Q(intermediaire_mois__isnull=False)
                    & ~Q(sort_final="")
                    & Q(validation_requise__isnull=False)
                    & Q(sans_suite_autorise__isnull=False)
                    & ~Q(alternatives=[])
                ),
                violation_error_message="Un type sans politique complète ne peut pas être publié.",
            ),
        ]

    def __str__(self):
        return self.libelle

    @property
    def formulaire(self) -> "VersionFormulaire":
        """The form in force: the newest version. A type without one raises DoesNotExist."""
        return self.versions.latest("numero")

    def acces_pour(self, reponses: dict) -> str:
        """The access the answers call for: a conditional one only ever asks for more."""
        for condition in self.acces_conditionnels:
            if convient(condition["si"], reponses):
                return condition["acces"]
        return self.acces

    def silence_pour(self, reponses: dict) -> tuple[int | None, str]:
        """(delay, unit) after which silence decides, for these answers."""
        for cas in self.silence_cas:
            if convient(cas["si"], reponses):
                return cas["delai"]["valeur"], cas["delai"]["unite"]
        return self.silence_delai, self.silence_unite

    def est_urgent_pour(self, reponses: dict) -> bool:
        """Whether it must be seen first: always for some types, for others when an answer says so."""
        return self.est_urgent or any(convient(si, reponses) for si in self.urgence_si)

    def delai_pour(self, reponses: dict) -> tuple[int, str]:
        """(value, unit) of the service delay for these answers."""
        for condition in self.delais_conditionnels:
            if convient(condition["si"], reponses):
                return condition["delai"]["valeur"], condition["delai"]["unite"]
        return self.delai_valeur, self.delai_unite


class VersionFormulaire(models.Model):
    """One version of a type's own fields. A filed demande keeps the version it was filed with."""

    type = models.ForeignKey(TypeDemande, models.CASCADE, related_name="versions")
    numero = models.PositiveSmallIntegerField("version")
    champs = models.JSONField("champs")
    creee_le = models.DateTimeField("créée le", auto_now_add=True)

    class Meta:
        verbose_name = "version de formulaire"
        constraints = [models.UniqueConstraint(name="version_unique", fields=["type", "numero"])]

    def __str__(self):
        return f"{self.type.code} v{self.numero}"


class Motif(models.Model):
    """An allowed reason for a gesture."""

    geste = models.CharField("geste", max_length=40)
    code = models.CharField("code", max_length=40)
    libelle = models.CharField("libellé", max_length=120)
    exige_commentaire = models.BooleanField("commentaire exigé", default=False)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    est_actif = models.BooleanField("actif", default=True)

    class Meta:
        verbose_name = "motif"
        ordering = ("geste", "ordre")
        constraints = [models.UniqueConstraint(name="motif_unique", fields=["geste", "code"])]

    def __str__(self):
        return self.libelle


class ModeleReponse(models.Model):
    """A template text for a gesture, for one type or for all."""

    type = models.ForeignKey(TypeDemande, models.CASCADE, null=True, blank=True, related_name="modeles")
    geste = models.CharField("geste", max_length=40)
    titre = models.CharField("titre", max_length=150)
    texte = models.TextField("texte")
    est_actif = models.BooleanField("actif", default=True)

    class Meta:
        verbose_name = "modèle de réponse"
        verbose_name_plural = "modèles de réponse"
        ordering = ("geste", "titre")
        constraints = [
            models.UniqueConstraint(
                name="modele_unique", fields=["type", "geste", "titre"], nulls_distinct=False
            )
        ]

    def __str__(self):
        return self.titre


class Fiche(models.Model):
    """A knowledge entry: the public answer, and what only agents need to know.

    `direction` vouches for the answer, to be read again by `a_revoir_le`. `modifiee_le` dates the last
    change: the index of the desk follows it, and an editor's page says which one it showed.
    """

    code = models.CharField("code", max_length=40, unique=True)
    question = models.CharField("question", max_length=250)
    reponse = models.TextField("réponse")
    notes_agents = models.TextField("notes pour les agents", blank=True)
    mots_cles = ArrayField(
        models.CharField(max_length=80), verbose_name="mots-clés", default=list, blank=True
    )
    types = models.ManyToManyField(TypeDemande, verbose_name="types", related_name="fiches", blank=True)
    direction = models.ForeignKey(
        Direction,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="direction responsable",
        related_name="fiches",
    )
    a_revoir_le = models.DateField("à relire avant le", null=True, blank=True)
    est_active = models.BooleanField("publiée", default=True)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "fiche"
        ordering = ("question",)

    def __str__(self):
        return self.question

    @property
    def est_a_revoir(self) -> bool:
        return self.a_revoir_le is not None and self.a_revoir_le <= timezone.localdate()


class RemarqueFiche(models.Model):
    """What an agent says of a fiche that is wrong or lacks something, until an administrator settles it."""

    fiche = models.ForeignKey(Fiche, models.CASCADE, related_name="remarques")
    texte = models.CharField("remarque", max_length=500)
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+")
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)

    class Meta:
        verbose_name = "remarque sur une fiche"
        ordering = ("pk",)

    def __str__(self):
        return f"Remarque sur « {self.fiche} »"


class Organisme(models.Model):
    """An administration outside the city to which a demande may be handed (CRPA, art. L114-2)."""

    code = models.CharField("code", max_length=40, unique=True)
    nom = models.CharField("nom", max_length=150)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    adresse = models.CharField("adresse", max_length=250, blank=True)
    competences = models.CharField("compétences", max_length=250, blank=True)

    class Meta:
        verbose_name = "organisme"
        ordering = ("nom",)

    def __str__(self):
        return self.nom


class RegleOrientation(models.Model):
    """If the type, district and answers match, this direction acts; the lowest order wins.

    `reponses`: [{"champ": name, "vaut": value}, …], all must hold.
    """

    ordre = models.PositiveSmallIntegerField("ordre", unique=True)
    libelle = models.CharField("libellé", max_length=150)
    type = models.ForeignKey(TypeDemande, models.CASCADE, related_name="regles", null=True, blank=True)
    territoire = models.ForeignKey(Territoire, models.CASCADE, null=True, blank=True)
    reponses = models.JSONField("réponses", default=list, blank=True)
    direction = models.ForeignKey(Direction, models.PROTECT, related_name="regles")
    raison = models.CharField("raison", max_length=250)
    est_active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name = "règle d'orientation"
        verbose_name_plural = "règles d'orientation"
        ordering = ("ordre",)

    def __str__(self):
        return self.libelle
