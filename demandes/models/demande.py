"""The demande: one ticket, one declared machine. Its transitions only set its own fields.

Nothing here is called from a view: the door is `demandes.actions`, which locks, checks and records.
"""

import secrets
from typing import Any, cast

from django.conf import settings
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from demandes.chapeaux import A1, A2, ADM, R1, R2, SYS, ReserveA, U
from demandes.etats import NON_FINAUX, Decision, Etat
from demandes.models.depot import nouveau_jeton
from demandes.models.gardes import CONTRAINTES, INDEX
from demandes.models.requetes import DemandeQuerySet
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.organisation.models import Secteur
from guichet.socle.langues import FRANCAIS
from guichet.socle.texte import Plier

# No vowel, no 0/O, 1/I/L: a code dictated by phone is typed right and spells no word.
ALPHABET_CODE = "23456789BCDFGHJKMNPQRSTVWXZ"
AVANT_PRISE_EN_CHARGE = (Etat.NOUVELLE, Etat.QUALIFIEE, Etat.ORIENTEE, Etat.ATTENTE_USAGER)
RETOURS = (Etat.NOUVELLE, Etat.QUALIFIEE, Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE)


def nouveau_code() -> str:
    """Eight typed signs (38 bits): short enough to dictate, useless without the rate limit."""
    return "".join(secrets.choice(ALPHABET_CODE) for _ in range(8))


def geste(etat, source, target, *acteurs, libelle):
    """Declare one edge: where from, where to, which hats, what the button says."""
    return transition(
        field=etat,
        source=list(source),
        target=target,
        permission=cast(Any, ReserveA(*acteurs)),
        custom={"label": libelle},
    )


class Demande(ConcurrentTransitionMixin, models.Model):
    """A resident's request, from its reception to its end.

    Two clocks stand side by side: the service one (`echeance_service`, suspended while the resident
    is awaited) and the legal one (`echeance_legale`, a calendar date). `recue_le` never changes.
    """

    # Identity
    numero = models.CharField("numéro", max_length=12, unique=True, editable=False)
    code_suivi = models.CharField("code de suivi", max_length=8, default=nouveau_code, editable=False)
    jeton_suivi = models.CharField("jeton de suivi", max_length=32, default=nouveau_jeton, editable=False)
    cle_depot = models.CharField("clé d'idempotence", max_length=64, null=True, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    # What
    type = models.ForeignKey(
        "demandes.TypeDemande", models.PROTECT, null=True, blank=True, related_name="demandes"
    )
    formulaire = models.ForeignKey(
        "demandes.VersionFormulaire", models.PROTECT, null=True, blank=True, db_index=False
    )
    reponses = models.JSONField("réponses", default=dict, blank=True)
    objet = models.CharField("objet", max_length=200)
    est_urgente = models.BooleanField("urgente", default=False)
    secteur = models.CharField("secteur", max_length=12, choices=Secteur.choices, default=Secteur.GENERAL)
    est_confidentielle = models.BooleanField("confidentielle", default=False)

    # Who and where
    usager = models.ForeignKey(
        "usagers.Usager",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="demandes",
        verbose_name="demandeur",
        db_index=False,  # demande_usager begins with it
    )
    est_anonyme = models.BooleanField("anonyme", default=False)
    rapprochement = models.CharField("rapprochement", max_length=20, blank=True)
    canal = models.CharField("canal", max_length=10, choices=CANAUX)
    langue = models.CharField(
        "langue",
        max_length=2,
        choices=settings.LANGUAGES,
        default=FRANCAIS,
        db_default=FRANCAIS,
        help_text="Celle des pages où elle a été faite : les messages de la ville partent dans cette langue.",
    )
    adresse = models.CharField("adresse", max_length=250, blank=True)
    territoire = models.ForeignKey(
        "organisation.Territoire", models.PROTECT, null=True, blank=True, verbose_name="arrondissement"
    )

    # Whose
    point_accueil = models.ForeignKey(
        "organisation.PointAccueil",
        models.PROTECT,
        related_name="demandes",
        verbose_name="accueil propriétaire",
    )
    direction = models.ForeignKey(
        "organisation.Direction", models.PROTECT, null=True, blank=True, related_name="demandes"
    )
    direction_precedente = models.ForeignKey(
        "organisation.Direction", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    raison_orientation = models.CharField("raison de l'orientation", max_length=250, blank=True)
    est_arbitree = models.BooleanField("direction décidée par le responsable d'accueil", default=False)
    arbitrage_demande_le = models.DateTimeField("renvoyée à l'accueil le", null=True, blank=True)
    agent_traitant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="demandes_traitees"
    )

    # Where it stands
    etat = FSMField("état", max_length=20, choices=Etat.choices, default=Etat.NOUVELLE, protected=True)
    etat_avant_attente = models.CharField("état avant l'attente", max_length=20, blank=True)
    decision = models.CharField("décision", max_length=14, choices=Decision.choices, blank=True)
    motif = models.CharField("motif", max_length=40, blank=True)
    compteur_reorientations = models.PositiveSmallIntegerField("réorientations", default=0)
    compteur_reouvertures = models.PositiveSmallIntegerField("réouvertures", default=0)
    resolue_au_premier_contact = models.BooleanField("résolue au premier contact", default=False)
    a_message_non_lu = models.BooleanField("message d'usager non lu", default=False)

    # When
    envoyee_le = models.DateTimeField("envoyée le", null=True, blank=True)
    recue_le = models.DateTimeField("reçue le")
    enregistree_le = models.DateTimeField("enregistrée le", default=timezone.now)
    qualifiee_le = models.DateTimeField("qualifiée le", null=True, blank=True)
    orientee_le = models.DateTimeField("orientée le", null=True, blank=True)
    prise_en_charge_le = models.DateTimeField("prise en charge le", null=True, blank=True)
    planifiee_pour = models.DateTimeField("intervention prévue le", null=True, blank=True)
    complement_attendu_le = models.DateField("complément attendu avant le", null=True, blank=True)
    tiers_relance_le = models.DateField("tiers à relancer le", null=True, blank=True)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    close_le = models.DateTimeField("close le", null=True, blank=True)
    rejetee_le = models.DateTimeField("rejetée le", null=True, blank=True)
    annulee_le = models.DateTimeField("annulée le", null=True, blank=True)
    transmise_le = models.DateTimeField("transmise le", null=True, blank=True)
    organisme = models.CharField("organisme", max_length=150, blank=True)
    fusionnee_le = models.DateTimeField("regroupée le", null=True, blank=True)
    principale = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="fusionnees")
    liees = models.ManyToManyField("self", through="demandes.Lien", verbose_name="demandes liées")

    # Service clock, frozen at qualification
    delai_valeur = models.PositiveSmallIntegerField("délai de service", null=True, blank=True)
    delai_unite = models.CharField("unité du délai", max_length=20, blank=True)
    echeance_service = models.DateTimeField("échéance de service", null=True, blank=True)
    echeance_promise = models.DateTimeField("première échéance promise", null=True, blank=True)
    service_suspendu_le = models.DateTimeField("délai de service suspendu le", null=True, blank=True)
    palier_escalade = models.PositiveSmallIntegerField("palier d'escalade", default=0)

    # Legal clock, frozen at qualification (CRPA, art. L231-1 s., L114-3, L114-5)
    regime_silence = models.CharField("régime de silence", max_length=12, blank=True)
    silence_delai = models.PositiveSmallIntegerField("délai du silence", null=True, blank=True)
    silence_unite = models.CharField("unité du silence", max_length=5, blank=True)
    silence_effet = models.CharField("effet du silence", max_length=12, blank=True)
    echeance_legale = models.DateField("décision implicite le", null=True, blank=True)
    decision_implicite_le = models.DateField("décision implicite inscrite le", null=True, blank=True)

    recherche = models.GeneratedField(
        expression=SearchVector(Plier("objet"), Plier("adresse"), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DemandeQuerySet.as_manager()

    class Meta:
        verbose_name = "demande"
        ordering = ("-recue_le", "-pk")
        constraints = CONTRAINTES
        indexes = INDEX

    def __str__(self):
        return self.numero

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        """Load deferred fields only: the library's own version unprotects `etat` for the whole process."""
        if fields is None or "etat" in fields:
            raise NotImplementedError("Relire une demande par .get() : refresh_from_db ouvre le champ etat.")
        models.Model.refresh_from_db(self, using=using, fields=fields, from_queryset=from_queryset)

    @property
    def state_fields(self) -> tuple[Any]:
        """The one there is: the library looks for them among sixty fields, at each demande read."""
        return (self._meta.get_field("etat"),)

    def noter_l_ecriture(self) -> None:
        """Written by another way than `save()`: the state its next saving must find is this one."""
        self._update_initial_state()

    @property
    def est_ouverte(self) -> bool:
        return self.etat in NON_FINAUX

    @property
    def reponses_du_type(self) -> dict[str, Any]:
        """The answers the type's own conditions may read: none when another type's form was filled in."""
        if self.formulaire is not None and self.formulaire.type_id != self.type_id:
            return {}
        return self.reponses

    @property
    def libelle_type(self) -> str:
        return self.type.libelle if self.type else "Type à préciser"

    # -- the graph ------------------------------------------------------------------------------------

    @geste(etat, [Etat.NOUVELLE], Etat.QUALIFIEE, A1, SYS, libelle="Qualifier")
    def qualifier(self):
        self.qualifiee_le = timezone.now()

    @geste(etat, [Etat.QUALIFIEE], Etat.QUALIFIEE, A1, libelle="Corriger la qualification")
    def requalifier(self):
        """The date of the first qualification stays."""

    @geste(etat, [Etat.NOUVELLE, Etat.QUALIFIEE], Etat.TRAITEE, A1, libelle="Répondre tout de suite")
    def repondre_immediatement(self, *, decision):
        self.resolue_au_premier_contact = True
        self._arreter(decision)

    @geste(etat, [Etat.QUALIFIEE], Etat.ORIENTEE, A1, R1, SYS, libelle="Orienter")
    def orienter(self, *, direction, raison, arbitree):
        self.direction = direction
        self.raison_orientation = raison
        self.est_arbitree = arbitree
        self.arbitrage_demande_le = None
        self.orientee_le = timezone.now()

    @geste(etat, [Etat.ORIENTEE], Etat.PRISE_EN_CHARGE, A2, libelle="Prendre en charge")
    def prendre_en_charge(self, *, agent):
        self.agent_traitant = agent
        self.prise_en_charge_le = timezone.now()

    @geste(etat, [Etat.ORIENTEE], Etat.PRISE_EN_CHARGE, R2, libelle="Confier à un agent")
    def attribuer(self, *, agent):
        self.agent_traitant = agent
        self.prise_en_charge_le = timezone.now()

    @geste(etat, [Etat.PRISE_EN_CHARGE], Etat.ORIENTEE, A2, ADM, SYS, libelle="Rendre à la corbeille")
    def rendre_a_la_corbeille(self):
        self.agent_traitant = None
        self.prise_en_charge_le = None

    @geste(etat, [Etat.ORIENTEE, Etat.PRISE_EN_CHARGE], Etat.ORIENTEE, A2, R1, libelle="Réorienter")
    def reorienter(self, *, direction, raison, arbitree):
        self.direction_precedente = self.direction
        self.direction = direction
        self.raison_orientation = raison
        self.est_arbitree = arbitree
        self.agent_traitant = None
        self.prise_en_charge_le = None
        self.orientee_le = timezone.now()
        self.compteur_reorientations += 1

    @geste(
        etat, [Etat.ORIENTEE, Etat.PRISE_EN_CHARGE], Etat.QUALIFIEE, A2, SYS, libelle="Renvoyer à l'accueil"
    )
    def renvoyer_a_l_accueil(self):
        self.direction_precedente = self.direction
        self.direction = None
        self.agent_traitant = None
        self.prise_en_charge_le = None
        self.arbitrage_demande_le = timezone.now()

    @geste(
        etat,
        [Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE],
        Etat.ATTENTE_USAGER,
        A2,
        libelle="Demander un complément",
    )
    @geste(etat, [Etat.NOUVELLE, Etat.QUALIFIEE], Etat.ATTENTE_USAGER, A1, libelle="Demander un complément")
    def demander_complement(self, *, avant_le):
        self.etat_avant_attente = self.etat
        self.complement_attendu_le = avant_le

    @geste(
        etat, [Etat.ATTENTE_USAGER], RETURN_VALUE(*RETOURS), U, A1, SYS, libelle="Enregistrer le complément"
    )
    def recevoir_complement(self):
        return self._revenir()

    @geste(
        etat, [Etat.ATTENTE_USAGER], RETURN_VALUE(*RETOURS), A2, SYS, libelle="Reprendre sans le complément"
    )
    def reprendre_sans_complement(self):
        return self._revenir()

    @geste(etat, [Etat.ATTENTE_USAGER], Etat.CLOSE, A2, libelle="Classer sans suite")
    def classer_sans_suite(self):
        self.etat_avant_attente = ""
        self.complement_attendu_le = None
        self.decision = Decision.SANS_SUITE
        self.close_le = timezone.now()

    @geste(etat, [Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE], Etat.PLANIFIEE, A2, libelle="Planifier")
    def planifier(self, *, pour):
        self.planifiee_pour = pour

    @geste(
        etat, [Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE], Etat.ATTENTE_TIERS, A2, SYS, libelle="Attendre un tiers"
    )
    def attendre_un_tiers(self, *, relance_le):
        self.etat_avant_attente = self.etat
        self.tiers_relance_le = relance_le

    @geste(
        etat,
        [Etat.ATTENTE_TIERS],
        RETURN_VALUE(Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE),
        A2,
        SYS,
        libelle="Reprendre le traitement",
    )
    def reprendre(self):
        self.tiers_relance_le = None
        return self._revenir()

    @geste(etat, [Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE], Etat.A_VALIDER, A2, libelle="Proposer une réponse")
    def proposer_une_reponse(self):
        """The draft and its decision live in ProjetReponse until somebody else signs."""

    @geste(etat, [Etat.A_VALIDER], Etat.PRISE_EN_CHARGE, R2, libelle="Refuser le projet")
    def refuser_le_projet(self):
        """Back to its author; the planned date, if any, is not promised any more."""
        self.planifiee_pour = None

    @geste(etat, [Etat.A_VALIDER], Etat.TRAITEE, R2, libelle="Valider et envoyer la réponse")
    @geste(etat, [Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE], Etat.TRAITEE, A2, libelle="Répondre")
    def repondre(self, *, decision):
        self._arreter(decision)

    @geste(etat, [Etat.TRAITEE], Etat.CLOSE, U, R1, SYS, libelle="Clore")
    def clore(self):
        self.close_le = timezone.now()

    @geste(
        etat,
        [Etat.TRAITEE, Etat.CLOSE],
        RETURN_VALUE(Etat.ORIENTEE, Etat.QUALIFIEE),
        U,
        A1,
        R2,
        libelle="Rouvrir",
    )
    def rouvrir(self):
        self.compteur_reouvertures += 1
        self._effacer_la_fin()
        self.agent_traitant = None
        self.prise_en_charge_le = None
        self.planifiee_pour = None
        return Etat.ORIENTEE if self.direction_id else Etat.QUALIFIEE

    @geste(etat, [Etat.PRISE_EN_CHARGE], Etat.REJETEE, R2, libelle="Rejeter")
    @geste(etat, [Etat.NOUVELLE, Etat.QUALIFIEE], Etat.REJETEE, A1, libelle="Rejeter")
    def rejeter(self):
        self.decision = Decision.REFUS
        self.rejetee_le = timezone.now()

    @geste(
        etat,
        [Etat.NOUVELLE, Etat.QUALIFIEE, Etat.ORIENTEE, Etat.PRISE_EN_CHARGE],
        Etat.TRANSMISE_EXTERNE,
        A1,
        A2,
        libelle="Transmettre à un autre organisme",
    )
    def transmettre(self, *, organisme):
        self.organisme = organisme
        self.decision = Decision.TRANSMISE
        self.transmise_le = timezone.now()

    @geste(
        etat, [Etat.TRANSMISE_EXTERNE], Etat.QUALIFIEE, A1, R1, libelle="Enregistrer le retour de l'organisme"
    )
    def retour_externe(self):
        self._vers_l_accueil()

    @geste(
        etat,
        [e for e in NON_FINAUX if e not in AVANT_PRISE_EN_CHARGE],
        Etat.ANNULEE,
        A1,
        R1,
        libelle="Annuler",
    )
    @geste(etat, AVANT_PRISE_EN_CHARGE, Etat.ANNULEE, U, A1, R1, libelle="Annuler")
    def annuler(self):
        self._quitter_l_attente()
        self.annulee_le = timezone.now()

    @geste(etat, NON_FINAUX, Etat.FUSIONNEE, A1, A2, R1, libelle="Regrouper")
    def fusionner(self, *, principale):
        self._quitter_l_attente()
        self.principale = principale
        self.fusionnee_le = timezone.now()

    @geste(etat, [Etat.FUSIONNEE], Etat.QUALIFIEE, R1, libelle="Séparer")
    def defusionner(self):
        self._vers_l_accueil()

    @geste(etat, [Etat.REJETEE, Etat.ANNULEE], Etat.QUALIFIEE, R1, ADM, libelle="Rétablir")
    def retablir(self):
        self._vers_l_accueil()

    # -- what several edges share ----------------------------------------------------------------------

    def _arreter(self, decision):
        self.decision = decision
        self.traitee_le = timezone.now()

    def _quitter_l_attente(self):
        self.etat_avant_attente = ""
        self.complement_attendu_le = None
        self.tiers_relance_le = None

    def _revenir(self):
        avant = self.etat_avant_attente
        self._quitter_l_attente()
        return avant

    def _effacer_la_fin(self):
        self.decision = ""
        self.motif = ""
        self.organisme = ""
        self.principale = None
        for champ in ("traitee_le", "close_le", "rejetee_le", "annulee_le", "transmise_le", "fusionnee_le"):
            setattr(self, champ, None)

    def _vers_l_accueil(self):
        """Back to the desk with nobody holding it."""
        self._effacer_la_fin()
        self.direction = None
        self.agent_traitant = None
        self.prise_en_charge_le = None
        self.planifiee_pour = None
