"""One ticket, its events, and the department and person it names."""

from django.db import models
from django.utils import timezone


class Service(models.Model):
    nom = models.CharField(max_length=80)

    def __str__(self):
        return self.nom


class Personne(models.Model):
    nom = models.CharField(max_length=80)

    def __str__(self):
        return self.nom


class Ticket(models.Model):
    numero = models.CharField(max_length=20)
    objet = models.CharField(max_length=200)
    etat = models.CharField(max_length=20, default="ouvert")
    canal = models.CharField(max_length=20, default="portail")
    service = models.ForeignKey(Service, models.PROTECT)
    personne = models.ForeignKey(Personne, models.PROTECT)
    echeance = models.DateTimeField()
    cree_le = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index("service", "etat", "echeance", name="ticket_file", condition=models.Q(etat="ouvert"))
        ]

    def __str__(self):
        return self.numero


class Evenement(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT)
    genre = models.CharField(max_length=20)
    fait_le = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.genre
