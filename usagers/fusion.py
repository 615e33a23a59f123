"""Make two records of one person one: what differs, what forbids it, what is kept. Never in silence."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.text import capfirst

from guichet.organisation.models import Compte
from guichet.socle.erreurs import Conflit, Refus
from guichet.socle.texte import plier
from usagers.models import FicheReunie, Usager

CHAMPS = ("prenom", "nom", "raison_sociale", "siret", "rna", "date_naissance", "adresse", "canal_prefere")
# A document was shown for these: the record it was shown for decides.
IDENTITE = ("prenom", "nom", "date_naissance")
# Two of them are two persons.
NUMEROS = {"siret": "SIRET", "rna": "RNA"}


@dataclass(frozen=True)
class Ecart:
    """What one field says on each side; `est_a_choisir` when both say something and it differs."""

    champ: str
    libelle: str
    gardee: str
    reunie: str
    est_a_choisir: bool
    prend_la_reunie: bool

    @property
    def est_pareil(self) -> bool:
        return bool(self.gardee) and self.gardee == self.reunie


def gardee_de(pk: int) -> int:
    """The record to open when this one is asked: itself, unless it was joined to another."""
    reunion = FicheReunie.objects.filter(reunie=pk).values_list("gardee", flat=True).first()
    return pk if reunion is None else reunion


def ordonner(une: Usager, autre: Usager) -> tuple[Usager, Usager]:
    """(kept, joined): who has an account stays, then who was verified, then the older."""
    gardee, reunie = sorted(
        (une, autre), key=lambda u: (u.compte_id is None, u.identite_verifiee_le is None, u.cree_le, u.pk)
    )
    return gardee, reunie


def empechement(gardee: Usager, reunie: Usager) -> str:
    """Why these two cannot be one, in a sentence; "" when they can."""
    if gardee.pk == reunie.pk:
        return "C'est la même fiche : choisissez-en une autre."
    if gardee.compte_id and reunie.compte_id:
        return "Les deux fiches ont chacune un compte en ligne : la personne doit d'abord en fermer un."
    if gardee.identite_verifiee_le and reunie.identite_verifiee_le:
        return "Deux pièces d'identité ont été montrées, une pour chaque fiche : ce sont deux personnes."
    if gardee.genre != reunie.genre:
        return "Un particulier, une entreprise et une association ne sont pas la même personne."
    if all(sont_deux_a_dire(gardee, reunie, champ) for champ in ("prenom", "date_naissance")):
        return "Ni le prénom ni la date de naissance ne sont les mêmes : ce sont deux personnes."
    for champ, nom in NUMEROS.items():
        if sont_deux_a_dire(gardee, reunie, champ):
            return f"Les deux fiches portent des numéros {nom} différents : ce sont deux organismes."
    return ""


def sont_deux_a_dire(gardee: Usager, reunie: Usager, champ: str) -> bool:
    """Both say something of it, and not the same."""
    ici, la = lire(gardee, champ), lire(reunie, champ)
    return bool(ici and la and plier(ici) != plier(la))


def ecarts(gardee: Usager, reunie: Usager) -> list[Ecart]:
    """Field by field: what is missing is filled in, what differs keeps the survivor's unless one chooses."""
    libelles = {champ.name: capfirst(str(champ.verbose_name)) for champ in Usager._meta.concrete_fields}
    lignes = []
    for champ in CHAMPS:
        ici, la = lire(gardee, champ), lire(reunie, champ)
        if not (ici or la):
            continue
        est_prouvee_la = champ in IDENTITE and reunie.identite_verifiee_le is not None
        est_prouvee_ici = champ in IDENTITE and gardee.identite_verifiee_le is not None
        lignes.append(
            Ecart(
                champ,
                libelles[champ],
                ici,
                la,
                est_a_choisir=bool(ici and la and ici != la) and not (est_prouvee_ici or est_prouvee_la),
                prend_la_reunie=bool(la) and (est_prouvee_la or not ici),
            )
        )
    return lignes


def lire(usager: Usager, champ: str) -> str:
    if champ == "canal_prefere":
        return str(usager.get_canal_prefere_display())
    valeur = getattr(usager, champ)
    return f"{valeur:%d/%m/%Y}" if champ == "date_naissance" and valeur else str(valeur or "")


def photographie(usager: Usager) -> dict[str, Any]:
    """What a record says, to be kept and compared."""
    siennes = usager.coordonnees.order_by("pk").values("genre", "valeur", "est_principale", "verifiee_le")
    faits = {champ: getattr(usager, champ) for champ in (*CHAMPS, "genre", "territoire_id", "compte_id")}
    faits |= {"identite_verifiee_le": usager.identite_verifiee_le, "coordonnees": list(siennes)}
    return json.loads(json.dumps(faits, cls=DjangoJSONEncoder))


def empreinte(*usagers: Usager) -> str:
    """Of what a page showed: it changes when anything of either does."""
    faits = json.dumps([photographie(usager) for usager in usagers], sort_keys=True)
    return hashlib.sha256(faits.encode()).hexdigest()[:32]


@transaction.atomic
def reunir(
    une: Usager, autre: Usager, *, par: Compte, vue: str, de_la_reunie: frozenset[str] = frozenset()
) -> tuple[FicheReunie, bool]:
    """Join them and say whether it was done now: asked twice, or by two agents at once, it is done once.

    `vue` is the `empreinte` of what the agent compared; `de_la_reunie` names the fields taken from the record
    that goes. What points at it is moved by the caller, in this transaction. Raises Refus, Conflit.
    """
    # A row that names a person may be written meanwhile (KEY SHARE): no deadlock with a gesture under way.
    pks = sorted({une.pk, autre.pk})
    lus = list(Usager.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk"))
    if deja := FicheReunie.objects.filter(reunie__in=pks).first():
        if {deja.gardee_id, deja.reunie_id} == set(pks):
            return deja, False
        raise Refus("L'une de ces fiches vient d'être réunie à une autre : cherchez de nouveau la personne.")
    gardee, reunie = ordonner(lus[0], lus[-1])
    if phrase := empechement(gardee, reunie):
        raise Refus(phrase)
    if vue != empreinte(gardee, reunie):
        raise Conflit("L'une des deux fiches a changé depuis : comparez-les de nouveau, puis confirmez.")
    reunion = FicheReunie(
        gardee=gardee,
        reunie=reunie,
        par=par,
        avant={"gardee": photographie(gardee), "reunie": photographie(reunie)},
    )
    prendre(gardee, reunie, de_la_reunie)
    reunir_les_coordonnees(gardee, reunie)
    FicheReunie.objects.filter(gardee=reunie).update(gardee=gardee)
    reunion.save()
    return reunion, True


def prendre(gardee: Usager, reunie: Usager, choisis: frozenset[str]) -> None:
    """Write the survivor, and leave the other its name only, found by no search."""
    for ecart in ecarts(gardee, reunie):
        if ecart.prend_la_reunie or (ecart.est_a_choisir and ecart.champ in choisis):
            setattr(gardee, ecart.champ, getattr(reunie, ecart.champ))
            if ecart.champ == "adresse":
                gardee.territoire_id = reunie.territoire_id
    if gardee.identite_verifiee_le is None:
        gardee.identite_verifiee_le = reunie.identite_verifiee_le
        gardee.identite_verifiee_par_id = reunie.identite_verifiee_par_id
    Usager.objects.filter(pk=reunie.pk).update(
        nom_plie="", phonetique="-", adresse="", identite_verifiee_le=None, identite_verifiee_par=None
    )
    gardee.save()


def reunir_les_coordonnees(gardee: Usager, reunie: Usager) -> None:
    """Those of both, each once; a main one of the survivor stays main, a proof made on either counts."""
    siennes = {(c.genre, c.normalisee): c for c in gardee.coordonnees.all()}
    principales = {c.genre for c in siennes.values() if c.est_principale}
    for coordonnee in reunie.coordonnees.all():
        if double := siennes.get((coordonnee.genre, coordonnee.normalisee)):
            if coordonnee.verifiee_le and not double.verifiee_le:
                double.verifiee_le = coordonnee.verifiee_le
                double.save(update_fields=["verifiee_le"])
            coordonnee.delete()
            continue
        coordonnee.est_principale = coordonnee.est_principale and coordonnee.genre not in principales
        coordonnee.usager = gardee
        coordonnee.save()
