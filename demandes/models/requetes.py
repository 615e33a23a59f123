"""Named reads. Every view starts from `visibles_par`: what it leaves out does not exist for that agent."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from demandes.etats import A_L_ACCUEIL, NON_FINAUX, Etat
from guichet.organisation.perimetre import Perimetre
from guichet.socle.lecture import MARQUE, Lecture

JAMAIS = Q(pk__in=[])
# What the page of a demande says of the people it is tied to, and of how it came.
DITS = {
    "usager": "prenom nom raison_sociale adresse canal_prefere compte",
    "agent_traitant": "nom_affiche courriel",
    "intermediaire": "demande usager qualite recoit_la_reponse",
    "provenance": "demande est_recommande numero_recommande expediteur lien reponse_souhaitee",
    "enquete": "demande repondue_le note commentaire rappelee_le",
}

PAR_ID = Lecture(lambda: apps.get_model("demandes.Demande").objects.pour_fil().filter(pk=MARQUE))


def contenu_lisible(perimetre: Perimetre) -> Q:
    """The desk reads every demande of its secteurs; a direction reads its own, secteur by secteur."""
    filtre = JAMAIS
    for p in perimetre.tous:
        if p.accueils:
            filtre |= Q(secteur__in=p.secteurs_accueil)
        for directions in (p.directions, p.directions_lues):
            for direction, secteurs in directions.items():
                filtre |= Q(direction=direction, secteur__in=secteurs)
        if p.est_administrateur:
            filtre |= Q(etat__in=(Etat.REJETEE, Etat.ANNULEE), secteur__in=p.secteurs)
    return filtre


def connues_de(perimetre: Perimetre) -> Q:
    """The readable ones, plus those the agent's own desk registered: number and clocks, no content."""
    accueils = frozenset().union(*(p.accueils for p in perimetre.tous))
    return contenu_lisible(perimetre) | Q(point_accueil__in=accueils)


class DemandeQuerySet(models.QuerySet):
    """Reads of the demandes, in the agents' words."""

    def visibles_par(self, perimetre: Perimetre):
        """Those whose content this agent may read."""
        return self.filter(contenu_lisible(perimetre))

    def connues_de(self, perimetre: Perimetre):
        """Those this agent may know, readable or not."""
        return self.filter(connues_de(perimetre))

    def de_l_usager(self, usager):
        """A resident's own, and the main demandes theirs were grouped into."""
        return self.filter(usager=usager)

    def ouvertes(self):
        return self.filter(etat__in=NON_FINAUX)

    def a_l_accueil(self):
        return self.filter(etat__in=A_L_ACCUEIL)

    def en_retard(self, maintenant=None):
        """Open, clock running, and past the promised date."""
        return self.ouvertes().filter(
            echeance_service__lt=maintenant or timezone.now(), service_suspendu_le__isnull=True
        )

    def pour_fil(self):
        """Everything a demande page reads in one query."""
        return self.select_related(
            "type__direction",
            "formulaire",
            "usager__compte",
            "territoire",
            "point_accueil",
            "direction",
            "direction_precedente",
            "agent_traitant",
            "principale",
            "intermediaire__usager",
            "provenance",
        )

    def premiere_pour_fil(self):
        """The first of these, or None, read whole by the id that the rights gave.

        Together, they and fifteen tables took the planner 30 ms; apart, the plan of the fifteen is kept.
        """
        pk = self.values_list("pk", flat=True).first()
        return next(iter(PAR_ID.objets(pk)), None) if pk else None

    def pour_page(self):
        """A demande for its page, with its people; `entourage` reads the rest in a statement of its own.

        One statement of fifteen tables took the planner 10 ms, two small ones take 1. `est_liee` and
        `est_principale` say whether there are demandes around it to read.
        """
        lies_a = apps.get_model("demandes.Lien").objects
        en_attente = apps.get_model("demandes.ARapprocher").objects.en_attente()
        regroupes = apps.get_model("demandes.CoSignalant").objects
        promis = apps.get_model("demandes.RappelTelephonique").objects.filter(etat="a_faire")
        siens = [champ.name for champ in self.model._meta.concrete_fields if champ.name != "recherche"]
        dits = [f"{lien}__{champ}" for lien, champs in DITS.items() for champ in champs.split()]
        return (
            self.order_by()
            .select_related(*DITS)
            .only(*siens, *dits)
            .annotate(
                est_liee=Exists(lies_a.filter(demande=OuterRef("pk"))),
                est_a_rapprocher=Exists(en_attente.filter(demande=OuterRef("pk"))),
                est_a_appeler=Exists(promis.filter(demande=OuterRef("pk"))),
                est_principale=Exists(regroupes.filter(principale=OuterRef("pk"))),
            )
        )
