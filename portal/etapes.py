"""The steps of a deposit: which ones this démarche needs for this person, in order, and which is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from demandes.brouillons import Brouillon, TypeDemande
from demandes.formulaires import est_affiche, verifier_reponses
from guichet.socle.erreurs import DonneeInvalide
from usagers.models import Usager

CHAMP_LIEU = "adresse"
NATURES_RACONTEES = ("signalement", "reclamation", "information")


@dataclass(frozen=True)
class Etape:
    """One page of the deposit; `code` is its address."""

    code: str
    titre: str


DEMANDE = Etape("demande", _("Votre demande"))
LIEU = Etape("lieu", _("Le lieu"))
PIECES = Etape("pieces", _("Photos et documents"))
COORDONNEES = Etape("coordonnees", _("Vos coordonnées"))
RECAPITULATIF = Etape("recapitulatif", _("Vérifier et envoyer"))


class Parcours:
    """One draft seen as pages, for the person who fills it in (`usager` is None without an account)."""

    def __init__(self, brouillon: Brouillon, usager: Usager | None) -> None:
        self.brouillon = brouillon
        self.usager = usager
        self.type: TypeDemande = brouillon.version.type
        self.champs: list[dict[str, Any]] = brouillon.version.champs
        self.saisie: dict[str, Any] = brouillon.saisie
        self.etapes = [etape for etape, est_utile in self._utiles() if est_utile]

    @property
    def reponses(self) -> dict[str, Any]:
        return self.saisie.get(DEMANDE.code, {}).get("reponses", {})

    @property
    def acces(self) -> str:
        """How the person must be known, given their answers."""
        return self.type.acces_pour(self.reponses)

    @property
    def exige_un_compte(self) -> bool:
        return self.acces in ("compte", "identite_verifiee")

    @property
    def attend_une_preuve(self) -> bool:
        """The identity was never proved at a desk, and this démarche asks for it."""
        return self.acces == "identite_verifiee" and not (self.usager and self.usager.identite_verifiee_le)

    @property
    def est_raconte(self) -> bool:
        """Whether the person must say in their own words what happens."""
        a_un_recit = any(champ["type"] == "texte_long" and champ["obligatoire"] for champ in self.champs)
        return self.type.nature in NATURES_RACONTEES and not a_un_recit

    @property
    def champ_lieu(self) -> dict[str, Any] | None:
        """The address the démarche asks for; on its own page. None when the answers do not call for it."""
        champ = next((c for c in self.champs if c["nom"] == CHAMP_LIEU and c["type"] == "adresse"), None)
        return champ if champ and est_affiche(champ, self.reponses) else None

    @property
    def champs_demande(self) -> list[dict[str, Any]]:
        """The démarche's own questions, without the place and the pictures."""
        return [c for c in self.champs if c["nom"] != CHAMP_LIEU and c["type"] != "photos"]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What may be attached: {code, libelle, aide, obligatoire}, pictures first."""
        photos = [
            {
                "code": c["nom"],
                "libelle": c["libelle"],
                "aide": c.get("aide") or "",
                "obligatoire": c["obligatoire"],
            }
            for c in self.champs
            if c["type"] == "photos" and est_affiche(c, self.reponses)
        ]
        pieces = [
            {"code": p["code"], "libelle": p["libelle"], "aide": "", "obligatoire": p["obligatoire"]}
            for p in self.type.pieces
        ]
        return photos + pieces

    def _utiles(self) -> Iterator[tuple[Etape, bool]]:
        yield DEMANDE, True
        yield LIEU, self.champ_lieu is not None
        yield PIECES, bool(self.documents)
        yield COORDONNEES, self._doit_se_nommer()
        yield RECAPITULATIF, True

    def _doit_se_nommer(self) -> bool:
        """Nothing the city already holds is asked again (CRPA, art. L113-12)."""
        if self.usager is None or self.acces in ("anonyme", "entreprise"):
            return True
        return self.attend_une_preuve or not (self.usager.nom and self.usager.courriel)

    def etape(self, code: str) -> Etape | None:
        return next((etape for etape in self.etapes if etape.code == code), None)

    def rang(self, etape: Etape) -> int:
        return self.etapes.index(etape) + 1

    def suivante(self, etape: Etape) -> Etape:
        return self.etapes[min(self.rang(etape), len(self.etapes) - 1)]

    def precedente(self, etape: Etape) -> Etape | None:
        rang = self.rang(etape)
        return self.etapes[rang - 2] if rang > 1 else None

    def a_completer(self) -> Etape | None:
        """The first page not finished, or whose answers do not hold any more; None when all is ready."""
        for etape in self.etapes[:-1]:
            if etape.code not in self.saisie or not self._tient(etape):
                return etape
        return None

    def _tient(self, etape: Etape) -> bool:
        if etape is DEMANDE:
            try:
                verifier_reponses(self.champs_demande, self.reponses)
            except DonneeInvalide:
                return False
            return not self.est_raconte or bool(self.saisie[DEMANDE.code].get("texte"))
        if etape is LIEU:
            return bool(self.saisie[LIEU.code].get("adresse")) or not self.champ_lieu["obligatoire"]
        if etape is COORDONNEES:
            anonyme = self.saisie[COORDONNEES.code].get("anonyme")
            return not self.attend_une_preuve and (not anonyme or self.acces == "anonyme")
        return True
