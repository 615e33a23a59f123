"""What is asked. Only the demandes app imports these: others read through `suivi` and `actions`."""

from demandes.models.catalogue import (
    Fiche,
    ModeleReponse,
    Motif,
    Organisme,
    RegleOrientation,
    RemarqueFiche,
    Theme,
    TypeDemande,
    VersionFormulaire,
)
from demandes.models.contacts import Contact, Sujet
from demandes.models.demande import Demande
from demandes.models.departs import Suite
from demandes.models.depot import Brouillon
from demandes.models.echanges import Message
from demandes.models.ecrits import EcritEnCours
from demandes.models.journal import EntreeJournal
from demandes.models.liens import Distinction, Lien
from demandes.models.preparation import FormulairePrepare
from demandes.models.provenance import Intermediaire, Provenance, correspondant
from demandes.models.reception import Reception
from demandes.models.requetes import DemandeQuerySet
from demandes.models.suites import Complement, CoSignalant, ProjetReponse

__all__ = [
    "Brouillon",
    "CoSignalant",
    "Complement",
    "Contact",
    "Demande",
    "DemandeQuerySet",
    "Distinction",
    "EcritEnCours",
    "EntreeJournal",
    "Fiche",
    "FormulairePrepare",
    "Intermediaire",
    "Lien",
    "Message",
    "ModeleReponse",
    "Motif",
    "Organisme",
    "ProjetReponse",
    "Provenance",
    "Reception",
    "RegleOrientation",
    "RemarqueFiche",
    "Suite",
    "Sujet",
    "Theme",
    "TypeDemande",
    "VersionFormulaire",
    "correspondant",
]
