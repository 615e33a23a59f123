"""The whole box: persons, demandes, fiches and démarches, each asked once."""

from dataclasses import dataclass, field

from demandes import referentiel
from demandes.models import Demande, Fiche, TypeDemande
from demandes.recherche.demandes import chercher_demandes
from demandes.recherche.fiches import chercher_fiches
from demandes.recherche.personnes import chercher_personnes
from demandes.recherche.question import Question, lire
from demandes.vitrine import chercher_demarches
from guichet.organisation.perimetre import Perimetre
from guichet.socle.texte import mots_utiles
from usagers.models import Usager

DEMARCHES = 6


@dataclass(frozen=True)
class Resultats:
    """What the box found, by group; `…_suite` says that a list was cut."""

    question: Question
    personnes: list[Usager] = field(default_factory=list)
    personnes_suite: bool = False
    demandes: list[Demande] = field(default_factory=list)
    demandes_suite: bool = False
    fiches: list[Fiche] = field(default_factory=list)
    types: list[TypeDemande] = field(default_factory=list)

    @property
    def nombre(self) -> int:
        return len(self.personnes) + len(self.demandes) + len(self.fiches) + len(self.types)

    @property
    def est_vide(self) -> bool:
        return self.nombre == 0


def chercher(saisie: str, perimetre: Perimetre) -> Resultats:
    """Ask everything once. A direction gets no démarches: it does not open demandes."""
    question = lire(saisie)
    if question.est_vide:
        return Resultats(question)
    with referentiel.fixe():
        return repondre(question, perimetre)


def repondre(question: Question, perimetre: Perimetre) -> Resultats:
    personnes, personnes_suite = chercher_personnes(question, perimetre)
    demandes, demandes_suite = chercher_demandes(question, perimetre)
    fiches: list[Fiche] = []
    types: list[TypeDemande] = []
    if not (question.est_une_coordonnee or question.plaque):
        fiches = chercher_fiches(question.saisie)
        types = chercher_demarches(question.saisie, limite=DEMARCHES) if perimetre.est_accueil else []
    if personnes:
        # A name was typed: « Martin » is not a misspelt « matin ».
        fiches = [f for f in fiches if partage_un_mot(question, f.question, *f.mots_cles)]
        types = [t for t in types if partage_un_mot(question, t.libelle, *t.mots_cles, *t.mots_du_quotidien)]
    return Resultats(question, personnes, personnes_suite, demandes, demandes_suite, fiches, types)


def partage_un_mot(question: Question, *textes: str) -> bool:
    """Say whether a typed word is, or begins, one of these texts' own words."""
    connus = mots_utiles(" ".join(textes))
    return any(connu.startswith(mot) for mot in mots_utiles(question.saisie) for connu in connus)
