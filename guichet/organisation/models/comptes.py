"""Accounts and what they may do: a right is always a role in a place, for secteurs, between dates."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.organisation.models.structures import Direction, PointAccueil, Secteur


class Espace(models.TextChoices):
    """The two doors: a resident's account never opens the agents' space."""

    AGENT = "agent", "Espace agents"
    USAGER = "usager", "Espace habitants"


class CompteManager(BaseUserManager["Compte"]):
    def get_by_natural_key(self, courriel):
        """Command-line tools name an agent by e-mail alone."""
        return self.get(espace=Espace.AGENT, courriel=normaliser_courriel(courriel))

    def creer(self, espace: str, courriel: str, *, mot_de_passe: str | None = None, **champs) -> "Compte":
        """Create an account; without a password it cannot log in until one is set."""
        compte = self.model(espace=espace, courriel=normaliser_courriel(courriel), **champs)
        compte.set_password(mot_de_passe)
        compte.save(using=self._db)
        return compte

    def create_superuser(self, courriel, password=None, **champs):
        """Used by `createsuperuser`: an agent who may open Wagtail's own administration."""
        return self.creer(Espace.AGENT, courriel, mot_de_passe=password, is_superuser=True, **champs)


def normaliser_courriel(courriel: str) -> str:
    """Fold case on the whole address: no real mailbox tells two cases apart, people do not either."""
    return courriel.strip().lower()


class Compte(AbstractBaseUser, PermissionsMixin):
    """One login. The person behind it is an Agent (space agent) or an Usager (space usager)."""

    espace = models.CharField("espace", max_length=6, choices=Espace.choices)
    courriel = models.EmailField("courriel")
    nom_affiche = models.CharField("nom affiché", max_length=120, blank=True)
    is_active = models.BooleanField("actif", default=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    courriel_verifie_le = models.DateTimeField("courriel vérifié le", null=True, blank=True)

    objects = CompteManager()

    USERNAME_FIELD = "courriel"
    EMAIL_FIELD = "courriel"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                name="compte_unique_par_espace",
                fields=["espace", "courriel"],
                violation_error_message="Un compte existe déjà avec cette adresse.",
            ),
            models.CheckConstraint(
                name="compte_courriel_minuscule", condition=Q(courriel=models.functions.Lower("courriel"))
            ),
        ]

    def __str__(self):
        return self.nom_affiche or self.courriel

    @property
    def est_agent(self) -> bool:
        return self.espace == Espace.AGENT

    @property
    def is_staff(self) -> bool:
        """Wagtail asks for it: only agents may ever open its administration."""
        return self.est_agent

    @property
    def email(self) -> str:
        """Wagtail writes there to who reads pages again; only agents ever are."""
        return self.courriel

    def get_full_name(self) -> str:
        return self.nom_affiche or self.courriel

    def get_short_name(self) -> str:
        return self.nom_affiche.split(" ")[0] or self.courriel


class Agent(models.Model):
    """The person at work: what correspondence must show of them (CRPA, art. L111-2)."""

    compte = models.OneToOneField(Compte, models.CASCADE, related_name="agent")
    prenom = models.CharField("prénom", max_length=60)
    nom = models.CharField("nom", max_length=60)
    qualite = models.CharField("qualité", max_length=120, help_text="Par exemple : agent d'accueil.")
    telephone = models.CharField("téléphone professionnel", max_length=20, blank=True)
    poste = models.CharField(
        "poste téléphonique",
        max_length=20,
        blank=True,
        help_text="Celui que le standard annonce quand il sonne. Plusieurs agents peuvent partager un poste.",
    )
    adresse_administrative = models.CharField("adresse administrative", max_length=250, blank=True)
    est_anonyme = models.BooleanField("signe sans son nom", default=False)
    motif_anonymat = models.CharField("motif de l'anonymat", max_length=200, blank=True)
    absent_depuis = models.DateField("absent depuis", null=True, blank=True)
    dernier_jour = models.DateField(
        "dernier jour", null=True, blank=True, help_text="Le compte se ferme à la fin de ce jour."
    )

    lignes_par_page = models.PositiveSmallIntegerField("lignes par page", default=50)

    class Meta:
        verbose_name = "agent"
        ordering = ("nom", "prenom")
        constraints = [
            models.CheckConstraint(
                name="anonymat_motive",
                condition=Q(est_anonyme=False) | ~Q(motif_anonymat=""),
                violation_error_message="L'anonymat d'un agent doit être motivé (CRPA, art. L111-2).",
            )
        ]

    def __str__(self):
        return f"{self.prenom} {self.nom}"

    @property
    def signature(self) -> str:
        """Name, quality and administrative address, or the quality alone for a motivated anonymity."""
        nom = f"Agent n° {self.pk}" if self.est_anonyme else str(self)
        return "\n".join(filter(None, [nom, self.qualite, self.adresse_administrative]))


class Role(models.TextChoices):
    """The hats of cycle_de_vie.md; the last ones touch no demande."""

    AGENT_ACCUEIL = "agent_accueil", "Agent d'accueil"
    RESPONSABLE_ACCUEIL = "responsable_accueil", "Responsable d'accueil"
    AGENT_DIRECTION = "agent_direction", "Agent de direction"
    RESPONSABLE_DIRECTION = "responsable_direction", "Responsable de direction"
    ADMINISTRATEUR = "administrateur", "Administrateur fonctionnel"
    DIRECTEUR = "directeur", "Directeur"
    ELU = "elu", "Élu"
    EDITEUR = "editeur", "Éditeur du portail"
    REDACTEUR = "redacteur", "Rédacteur du portail"
    DPO = "dpo", "Délégué à la protection des données"
    ARCHIVES = "archives", "Archiviste"


ROLES_ACCUEIL = (Role.AGENT_ACCUEIL, Role.RESPONSABLE_ACCUEIL)
ROLES_DIRECTION = (Role.AGENT_DIRECTION, Role.RESPONSABLE_DIRECTION)


class AffectationQuerySet(models.QuerySet["Affectation"]):
    def en_cours(self, jour=None):
        """Those in force on a day (today by default)."""
        jour = jour or timezone.localdate()
        return self.filter(Q(du__lte=jour) & (Q(au__isnull=True) | Q(au__gte=jour)))


def secteur_general() -> list[str]:
    return [Secteur.GENERAL.value]


class Affectation(models.Model):
    """A role held in one place for some secteurs between two dates."""

    compte = models.ForeignKey(Compte, models.CASCADE, related_name="affectations")
    role = models.CharField("rôle", max_length=24, choices=Role.choices)
    point_accueil = models.ForeignKey(
        PointAccueil,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="point d'accueil",
        related_name="affectations",
    )
    direction = models.ForeignKey(
        Direction,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="direction",
        related_name="affectations",
    )
    secteurs = ArrayField(
        models.CharField(max_length=12, choices=Secteur.choices),
        verbose_name="secteurs",
        default=secteur_general,
    )
    du = models.DateField("du", default=timezone.localdate)
    au = models.DateField("au", null=True, blank=True)

    objects = AffectationQuerySet.as_manager()

    class Meta:
        verbose_name = "affectation"
        ordering = ("du", "pk")
        constraints = [
            models.CheckConstraint(
                name="affectation_lieu_du_role",
                condition=(
                    Q(role__in=ROLES_ACCUEIL, point_accueil__isnull=False, direction__isnull=True)
                    | Q(
                        role__in=(*ROLES_DIRECTION, Role.DIRECTEUR),
                        point_accueil__isnull=True,
                        direction__isnull=False,
                    )
                    | Q(
                        role__in=(
                            Role.ADMINISTRATEUR,
                            Role.ELU,
                            Role.EDITEUR,
                            Role.REDACTEUR,
                            Role.DPO,
                            Role.ARCHIVES,
                        ),
                        point_accueil__isnull=True,
                        direction__isnull=True,
                    )
                ),
                violation_error_message=(
                    "Un rôle d'accueil se tient dans un point d'accueil, "
                    "un rôle de direction dans une direction."
                ),
            ),
            models.CheckConstraint(
                name="affectation_dates", condition=Q(au__isnull=True) | Q(au__gte=models.F("du"))
            ),
        ]
        indexes = [models.Index(name="affectation_par_lieu", fields=["direction", "point_accueil", "role"])]

    def __str__(self):
        lieu = self.point_accueil or self.direction
        return f"{self.get_role_display()} – {lieu}" if lieu else self.get_role_display()

    @property
    def libelle_secteurs(self) -> str:
        """The secteurs in words, in the order of the list."""
        return ", ".join(str(s.label) for s in Secteur if s.value in self.secteurs)


class Delegation(models.Model):
    """A dated replacement: the deputy acts with the absentee's hats, never with more."""

    titulaire = models.ForeignKey(Compte, models.CASCADE, related_name="delegations_donnees")
    suppleant = models.ForeignKey(Compte, models.CASCADE, related_name="delegations_recues")
    du = models.DateField("du")
    au = models.DateField("au")

    class Meta:
        verbose_name = "délégation"
        constraints = [
            models.CheckConstraint(name="delegation_dates", condition=Q(au__gte=models.F("du"))),
            models.CheckConstraint(
                name="delegation_a_un_autre", condition=~Q(titulaire=models.F("suppleant"))
            ),
        ]

    def __str__(self):
        return f"{self.titulaire} → {self.suppleant}"
