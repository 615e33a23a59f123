"""What is asked. Only the demandes app imports these: others read through `suivi` and `actions`."""

from demandes.models.appels import Appel, EvenementAppel, Sonnerie
from demandes.models.boites import BoiteCourriel
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
from demandes.models.courrier import (
    FichierNumerise,
    LettreRecue,
    LotDeCourrier,
    NumeroDeCourrier,
    PageNumerisee,
    TravailDuCourrier,
)
from demandes.models.demande import Demande
from demandes.models.departs import Suite
from demandes.models.depot import Brouillon
from demandes.models.echanges import Message, MiseEnForme
from demandes.models.ecrits import EcritEnCours
from demandes.models.enquetes import Enquete
from demandes.models.journal import EntreeJournal
from demandes.models.liens import Distinction, Lien
from demandes.models.passages import DernierPassage
from demandes.models.preparation import FormulairePrepare
from demandes.models.provenance import Intermediaire, Provenance, correspondant
from demandes.models.publications import ImagePubliee, ProfilReseau, Publication, ReleveReseau
from demandes.models.rappels import RappelTelephonique
from demandes.models.rapprochements import ARapprocher
from demandes.models.reception import Reception
from demandes.models.remises import Remise
from demandes.models.requetes import DemandeQuerySet
from demandes.models.suggestions import Suggestion, VersionSuggestion
from demandes.models.suites import Complement, CoSignalant, ProjetReponse
from demandes.models.vues import VueGardee

__all__ = [
    "ARapprocher",
    "Appel",
    "BoiteCourriel",
    "Brouillon",
    "CoSignalant",
    "Complement",
    "Contact",
    "Demande",
    "DemandeQuerySet",
    "DernierPassage",
    "Distinction",
    "EcritEnCours",
    "Enquete",
    "EntreeJournal",
    "EvenementAppel",
    "Fiche",
    "FichierNumerise",
    "FormulairePrepare",
    "ImagePubliee",
    "Intermediaire",
    "LettreRecue",
    "Lien",
    "LotDeCourrier",
    "Message",
    "MiseEnForme",
    "ModeleReponse",
    "Motif",
    "NumeroDeCourrier",
    "Organisme",
    "PageNumerisee",
    "ProfilReseau",
    "ProjetReponse",
    "Provenance",
    "Publication",
    "RappelTelephonique",
    "Reception",
    "RegleOrientation",
    "ReleveReseau",
    "RemarqueFiche",
    "Remise",
    "Sonnerie",
    "Suggestion",
    "Suite",
    "Sujet",
    "Theme",
    "TravailDuCourrier",
    "TypeDemande",
    "VersionFormulaire",
    "VersionSuggestion",
    "VueGardee",
    "correspondant",
]
