"""A call or a visit, and each question dealt with while it lasts. It may end without any demande."""

from django.conf import settings
from django.db import models
from django.db.models import Aggregate, DurationField, Exists, F, OuterRef, Q
from django.utils import timezone

from demandes.models.demande import Demande
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.organisation.perimetre import Perimetre
from guichet.socle.coordonnees import afficher_telephone
from usagers.models import Usager


class ContactQuerySet(models.QuerySet["Contact"]):
    def visibles_par(self, perimetre: Perimetre) -> "ContactQuerySet":
        """Those of one's desks, save those about a demande one may not read: that it exists is told too."""
        siens = [pk for p in perimetre.tous for pk in p.accueils]
        lisible = Demande.objects.visibles_par(perimetre).filter(pk=OuterRef("demande"))
        caches = Sujet.objects.filter(~Exists(lisible), contact=OuterRef("pk"), demande__isnull=False)
        return self.filter(~Exists(caches), point_accueil__in=siens)

    def de_la_personne(self, usager: Usager) -> "ContactQuerySet":
        """She spoke, or somebody spoke for her."""
        return self.filter(Q(usager=usager) | Q(beneficiaire=usager))


class Contact(models.Model):
    """One conversation with one person at a desk: its length and what came of it are counted."""

    class Resultat(models.TextChoices):
        EN_COURS = "en_cours", "En cours"
        DEMANDE = "demande", "Demande ouverte"
        REPONDU = "repondu", "Répondu tout de suite"
        RENSEIGNE = "renseigne", "Renseignement pratique"
        ERREUR = "erreur", "Erreur de numéro ou de service"
        COUPE = "coupe", "Interrompu"
        SANS_SUITE = "sans_suite", "Sans suite"

    # What a contact without any question noted may end as; the others follow from the questions.
    SANS_SUJET = (Resultat.RENSEIGNE, Resultat.ERREUR, Resultat.COUPE, Resultat.SANS_SUITE)
    RESOLUS = (Resultat.REPONDU, Resultat.RENSEIGNE)

    canal = models.CharField("canal", max_length=10, choices=CANAUX)
    point_accueil = models.ForeignKey(
        "organisation.PointAccueil", models.PROTECT, db_index=False
    )  # contact_par_accueil begins with it
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contacts")
    usager = models.ForeignKey(
        "usagers.Usager", models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    est_pour_autrui = models.BooleanField("pour quelqu'un d'autre", default=False, db_default=False)
    beneficiaire = models.ForeignKey(
        "usagers.Usager",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts_pour_elle",
        verbose_name="pour qui",
    )
    resultat = models.CharField(
        "résultat", max_length=10, choices=Resultat.choices, default=Resultat.EN_COURS
    )
    sonnerie = models.OneToOneField(
        "demandes.Sonnerie",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contact",
        help_text="L'appel qui l'a commencé, quand le standard l'a annoncé.",
    )
    debut = models.DateTimeField("début", default=timezone.now)
    fin = models.DateTimeField("fin", null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contact"
        ordering = ("-debut",)
        constraints = [
            models.UniqueConstraint(
                name="contact_un_seul_en_cours", fields=["agent"], condition=Q(resultat="en_cours")
            ),
            models.CheckConstraint(
                name="contact_fini_a_une_fin",
                condition=Q(resultat="en_cours", fin__isnull=True)
                | (~Q(resultat="en_cours") & Q(fin__isnull=False)),
            ),
            models.CheckConstraint(
                name="contact_beneficiaire_est_un_autre",
                condition=Q(beneficiaire__isnull=True)
                | (Q(est_pour_autrui=True) & ~Q(beneficiaire=F("usager"))),
            ),
        ]
        indexes = [
            models.Index(
                name="contact_par_accueil", fields=["point_accueil", "debut"], include=["canal", "resultat"]
            )
        ]

    def __str__(self):
        return f"{self.canal} {self.debut:%d/%m/%Y %H:%M}"

    @property
    def numero(self) -> str:
        """The number that called, as people read it; "" when nobody told us."""
        return afficher_telephone(self.sonnerie.appel.numero) if self.sonnerie else ""

    @property
    def est_resolu(self) -> bool:
        """Nothing waits after it: everything asked was answered before the person left."""
        return self.resultat in self.RESOLUS


class Mediane(Aggregate):
    """Half of the lengths are below."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


DUREE_MEDIANE = Mediane(F("fin") - F("debut"))


class Sujet(models.Model):
    """One question of a contact: a demande opened, a demande spoken of, or an answer from a fiche."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="sujets")
    demande = models.ForeignKey(
        "demandes.Demande", models.SET_NULL, null=True, blank=True, related_name="sujets"
    )
    fiche = models.ForeignKey("demandes.Fiche", models.SET_NULL, null=True, blank=True, related_name="sujets")
    est_resolu = models.BooleanField("répondu pendant le contact", default=False)
    note_le = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "sujet de contact"
        ordering = ("note_le", "pk")

    def __str__(self):
        return f"{self.contact_id} {self.demande_id or self.fiche_id}"
