"""What a resident thought of the answer: one question, asked once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

NOTE_MAXIMALE = 5
# From this mark down, somebody calls.
NOTE_BASSE = 2


class Enquete(models.Model):
    """The question put after an answer, what came back, and the call that a low mark asks for."""

    demande = models.OneToOneField("demandes.Demande", models.CASCADE, related_name="enquete")
    usager = models.ForeignKey("usagers.Usager", models.CASCADE, related_name="enquetes")
    envoyee_le = models.DateTimeField("envoyée le", default=timezone.now)
    relancee_le = models.DateTimeField("relancée le", null=True, blank=True)
    repondue_le = models.DateTimeField("répondue le", null=True, blank=True)
    note = models.PositiveSmallIntegerField("note sur 5", null=True, blank=True)
    commentaire = models.TextField("commentaire", blank=True)
    rappelee_le = models.DateTimeField("rappelée le", null=True, blank=True)
    rappelee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "enquête"
        constraints = [
            models.CheckConstraint(
                name="enquete_note", condition=Q(note__isnull=True) | Q(note__gte=1, note__lte=NOTE_MAXIMALE)
            ),
            models.CheckConstraint(
                name="enquete_repondue",
                condition=Q(repondue_le__isnull=True, note__isnull=True)
                | Q(repondue_le__isnull=False, note__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="enquete_de_l_usager", fields=["usager", "-envoyee_le"]),
            models.Index(
                name="enquete_sans_reponse",
                fields=["envoyee_le"],
                condition=Q(repondue_le__isnull=True, relancee_le__isnull=True),
            ),
            models.Index(
                name="enquete_a_rappeler",
                fields=["id"],
                condition=Q(note__lte=NOTE_BASSE, rappelee_le__isnull=True),
            ),
        ]

    def __str__(self):
        return f"enquête sur {self.demande_id}"

    @property
    def est_a_rappeler(self) -> bool:
        return self.note is not None and self.note <= NOTE_BASSE and self.rappelee_le is None
