"""Through whom a demande came, and what its channel says of it: written once, when it is born."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demandes.actions.porte import Passage
from demandes.models import Intermediaire, Provenance
from guichet.socle.erreurs import DonneeInvalide
from usagers.models import Usager
from usagers.rapprochement import Identite, ajouter_coordonnees, creer_usager, retrouver

if TYPE_CHECKING:
    from demandes.actions.depot import Depot


@dataclass(frozen=True)
class Appelant:
    """Who asks for somebody else: known (`usager`), or as they say they are (`identite`)."""

    qualite: str
    recoit_la_reponse: bool = False
    usager: Usager | None = None
    identite: Identite | None = None


@dataclass(frozen=True)
class Enveloppe:
    """What a letter, an e-mail, a post or a form says of itself."""

    est_recommande: bool = False
    numero_recommande: str = ""
    expediteur: str = ""
    lien: str = ""
    reponse_souhaitee: str = ""


def oublier_les_souhaits(usager: Usager) -> None:
    """The person has said since how they prefer to be answered: what each demande was filed with is past."""
    souhaits = Provenance.objects.filter(demande__usager=usager).exclude(reponse_souhaitee="")
    souhaits.update(reponse_souhaitee="")


def trouver_l_appelant(depot: Depot, beneficiaire: Usager | None) -> Usager | None:
    """The person behind the appelant, found or created; refused when it speaks for nobody or for itself."""
    appelant = depot.appelant
    if appelant is None:
        return None
    if appelant.qualite not in Intermediaire.Qualite.values:
        raise DonneeInvalide("Dites à quel titre cette personne demande pour une autre.", "qualite")
    if beneficiaire is None:
        raise DonneeInvalide("Nommez la personne concernée : c'est sa demande.", "identite")
    usager = appelant.usager
    if usager is None:
        if appelant.identite is None or appelant.identite.est_vide:
            raise DonneeInvalide("Nommez la personne qui demande pour une autre.", "appelant")
        usager = retrouver(appelant.identite) or creer_usager(appelant.identite)
    elif appelant.identite is not None:
        ajouter_coordonnees(usager, appelant.identite)
    if usager == beneficiaire:
        raise DonneeInvalide("C'est la même personne : elle demande pour elle-même.", "appelant")
    return usager


def ecrire_la_provenance(passage: Passage, depot: Depot, intermediaire: Usager | None) -> None:
    """Keep both beside the demande; the journal line has the id and the code, no name and no address."""
    if intermediaire is not None and depot.appelant is not None:
        Intermediaire.objects.create(
            demande=passage.demande,
            usager=intermediaire,
            qualite=depot.appelant.qualite,
            recoit_la_reponse=depot.appelant.recoit_la_reponse,
        )
        passage.details |= {"intermediaire": intermediaire.pk, "qualite": depot.appelant.qualite}
    if depot.enveloppe is not None and depot.enveloppe != Enveloppe():
        provenance = Provenance(demande=passage.demande, **vars(depot.enveloppe))
        if passage.lot is None:
            provenance.save()
        else:
            # Nobody needs its id: written with the rest of the birth.
            passage.lot.objets.append(provenance)
        if depot.enveloppe.est_recommande:
            passage.details["recommande"] = True
