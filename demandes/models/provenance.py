"""How a demande came: through whom, when it was asked for somebody else, and what its channel alone tells."""

from django.db import models
from django.db.models import Q

from guichet.canaux.canal import CHOIX as CANAUX


class Intermediaire(models.Model):
    """Who spoke for the beneficiary (`demande.usager`), as what, and which of the two the city answers."""

    class Qualite(models.TextChoices):
        FAMILLE = "famille", "Famille ou proche"
        REPRESENTANT = "representant", "Parent d'un mineur, tuteur ou mandataire"
        AIDANT = "aidant", "Aidant ou aide à domicile"
        SOCIAL = "social", "Travailleur social"
        ASSOCIATION = "association", "Association"
        VOISIN = "voisin", "Voisin ou gardien"
        AUTRE = "autre", "Autre"

    demande = models.OneToOneField("demandes.Demande", models.CASCADE, related_name="intermediaire")
    usager = models.ForeignKey(
        "usagers.Usager", models.PROTECT, related_name="demandes_pour_autrui", verbose_name="personne"
    )
    qualite = models.CharField("à quel titre", max_length=12, choices=Qualite.choices)
    recoit_la_reponse = models.BooleanField("reçoit la réponse", default=False)

    class Meta:
        verbose_name = "intermédiaire"

    def __str__(self):
        return f"{self.usager} ({self.get_qualite_display().lower()})"


class Provenance(models.Model):
    """What a letter, an e-mail, a post or a form says of itself beside its words."""

    demande = models.OneToOneField("demandes.Demande", models.CASCADE, related_name="provenance")
    est_recommande = models.BooleanField("recommandé", default=False)
    numero_recommande = models.CharField("numéro de recommandé", max_length=30, blank=True)
    expediteur = models.CharField("adresse d'expédition", max_length=254, blank=True)
    lien = models.URLField("lien de la publication", max_length=500, blank=True)
    reponse_souhaitee = models.CharField(
        "réponse souhaitée",
        max_length=10,
        choices=CANAUX,
        blank=True,
        help_text="Le moyen que la personne a choisi pour cette demande.",
    )

    class Meta:
        verbose_name = "provenance"
        constraints = [
            models.CheckConstraint(
                name="provenance_numero_d_un_recommande",
                condition=Q(numero_recommande="") | Q(est_recommande=True),
            )
        ]

    def __str__(self):
        return f"provenance de {self.demande_id}"


def correspondant(demande):
    """The person the city answers: who spoke for the beneficiary when so agreed, else the beneficiary."""
    lien = getattr(demande, "intermediaire", None)
    return lien.usager if lien is not None and lien.recoit_la_reponse else demande.usager
