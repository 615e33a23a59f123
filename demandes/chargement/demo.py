"""The demo city: streets, agents, residents, and demandes lived through real gestures at past instants.

Only with GUICHET_DEMO: it sets the clock of the process back while it replays each story.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from PIL import Image, ImageDraw

from demandes import actions
from demandes.actions import contacts
from demandes.chargement.fichier import DONNEES, lire, valider
from demandes.delais import calendrier_de
from demandes.droits import SYSTEME, Auteur
from demandes.models import Contact, Demande, Organisme, TypeDemande
from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.organisation.models import (
    Affectation,
    Agent,
    Compte,
    Direction,
    Espace,
    JourFerme,
    PointAccueil,
    Role,
    Territoire,
    Voie,
)
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from guichet.socle.calendrier import PARIS, Calendrier
from guichet.socle.demonstration import MOT_DE_PASSE
from usagers.models import Coordonnee, Usager

# Roles were held long before the oldest story.
ANCIENNETE = timedelta(days=900)


def est_chargee() -> bool:
    """The demo is loaded whole or not at all: one account tells."""
    return Compte.objects.filter(espace=Espace.AGENT, courriel="accueil@demo.example").exists()


@transaction.atomic
def charger() -> dict[str, int]:
    """Load the demo city over the catalogue and policies; return what was made, by kind."""
    contenu = lire(DONNEES / "demo_ville.json")
    valider(contenu, "demo_ville.schema.json")
    charger_voies(contenu)
    charger_jours_fermes(contenu["jours_fermes"])
    charger_agents(contenu["agents"])
    usagers = {brut["ref"]: charger_usager(brut) for brut in contenu["usagers"]}
    recit = Recit(usagers, calendrier_de())
    for brut in contenu["demandes"]:
        recit.vivre(brut)
    for brut in contenu["contacts"]:
        recit.accueillir(brut)
    recit.poster()
    return {
        "voies": len(contenu["voies"]),
        "agents": len(contenu["agents"]),
        "usagers": len(usagers),
        "demandes": len(contenu["demandes"]),
    }


def charger_voies(contenu: Mapping[str, Any]) -> None:
    """Streets and known places, under every name people give them."""
    territoires = {territoire.code: territoire for territoire in Territoire.objects.all()}
    for brut in [*contenu["voies"], *contenu["lieux"]]:
        for nom in [brut["nom"], *brut["alias"]]:
            Voie(
                nom=nom,
                territoire=territoires[brut["arrondissement"]],
                numero_debut=brut.get("de"),
                numero_fin=brut.get("a"),
                parite=brut.get("parite") or "tous",
            ).save()


def charger_jours_fermes(lignes: list[dict[str, Any]]) -> None:
    for brut in lignes:
        JourFerme.objects.create(
            jour=date.fromisoformat(brut["jour"]),
            libelle=brut["libelle"],
            point_accueil=PointAccueil.objects.get(code=brut["point_accueil"])
            if brut["point_accueil"]
            else None,
            direction=Direction.objects.get(code=brut["direction"]) if brut["direction"] else None,
        )


def charger_agents(lignes: list[dict[str, Any]]) -> None:
    """Accounts of the demo, all with the printed password: hashed once, it is no secret."""
    empreinte = make_password(MOT_DE_PASSE)
    for brut in lignes:
        roles = {affectation["role"] for affectation in brut["affectations"]}
        compte = Compte.objects.create(
            espace=Espace.AGENT,
            courriel=brut["courriel"],
            password=empreinte,
            nom_affiche=f"{brut['prenom']} {brut['nom']}",
            is_superuser=Role.ADMINISTRATEUR in roles,
        )
        lieu = lieu_de(brut["affectations"])
        Agent.objects.create(
            compte=compte,
            prenom=brut["prenom"],
            nom=brut["nom"],
            qualite=brut["qualite"],
            telephone=brut["telephone"] or "",
            adresse_administrative=lieu.adresse if lieu else "",
            est_anonyme=bool(brut["motif_anonymat"]),
            motif_anonymat=brut["motif_anonymat"] or "",
        )
        for affectation in brut["affectations"]:
            Affectation.objects.create(
                compte=compte,
                role=affectation["role"],
                point_accueil=PointAccueil.objects.filter(code=affectation["point_accueil"]).first(),
                direction=Direction.objects.filter(code=affectation["direction"]).first(),
                secteurs=affectation["secteurs"],
                du=timezone.localdate() - ANCIENNETE,
            )


def lieu_de(affectations: list[dict[str, Any]]) -> PointAccueil | Direction | None:
    """Where an agent is written to: their first desk or direction, else the first desk of the city."""
    premiere = affectations[0] if affectations else {}
    return (
        PointAccueil.objects.filter(code=premiere.get("point_accueil")).first()
        or Direction.objects.filter(code=premiere.get("direction")).first()
        or PointAccueil.objects.first()
    )


def charger_usager(brut: Mapping[str, Any]) -> Usager:
    compte = None
    if brut["compte"]:
        compte = Compte.objects.creer(
            Espace.USAGER,
            brut["compte"],
            mot_de_passe=MOT_DE_PASSE,
            nom_affiche=f"{brut['prenom']} {brut['nom']}",
            courriel_verifie_le=timezone.now(),
        )
    verificateur = Compte.objects.get(espace=Espace.AGENT, courriel="accueil@demo.example")
    usager = Usager.objects.create(
        compte=compte,
        territoire=Territoire.objects.filter(code=brut["arrondissement"]).first(),
        date_naissance=date.fromisoformat(brut["date_naissance"]) if brut["date_naissance"] else None,
        identite_verifiee_le=timezone.now() if brut["identite_verifiee"] else None,
        identite_verifiee_par=verificateur if brut["identite_verifiee"] else None,
        **{
            nom: brut[nom] or ""
            for nom in (
                "genre",
                "prenom",
                "nom",
                "raison_sociale",
                "siret",
                "rna",
                "adresse",
                "canal_prefere",
            )
        },
    )
    for ligne in brut["coordonnees"]:
        Coordonnee.objects.create(
            usager=usager,
            genre=ligne["genre"],
            valeur=ligne["valeur"],
            normalisee=Coordonnee.normaliser(ligne["genre"], ligne["valeur"]),
            est_principale=ligne["principale"],
            verifiee_le=timezone.now() if ligne["verifiee"] else None,
        )
    return usager


@contextmanager
def a_l_instant(instant: datetime) -> Iterator[None]:
    """Make `timezone.now()` answer a past instant: the stories of the demo happened before today."""
    vraie = timezone.now
    timezone.now = lambda: instant
    try:
        yield
    finally:
        timezone.now = vraie


class Recit:
    """Replays the stories in the order of the file; later ones may point at earlier demandes."""

    def __init__(self, usagers: dict[str, Usager], calendrier: Calendrier):
        self.usagers = usagers
        self.calendrier = calendrier
        self.demandes: dict[str, Demande] = {}
        self.maintenant = timezone.now()
        # (instant, id) of the mails of the stories, and the last id seen.
        self.envois: list[tuple[datetime, int]] = []
        self.dernier_envoi = Envoi.objects.aggregate(Max("pk"))["pk__max"] or 0
        self.types = {type.code: type for type in TypeDemande.objects.all()}

    def vivre(self, brut: Mapping[str, Any]) -> None:
        """File one demande and make its gestures, each at its instant, none before the one before it."""
        instant = self.il_y_a(brut["recue_il_y_a"])
        with a_l_instant(instant):
            demande = actions.enregistrer(
                self.depot(brut), auteur=self.auteur(brut["saisie_par"], brut), orientation_automatique=False
            )
        self.demandes[brut["ref"]] = demande
        self.dater_les_envois(instant)
        for etape in brut["histoire"]:
            instant = max(instant + timedelta(minutes=1), self.il_y_a(etape["il_y_a"]))
            with a_l_instant(min(instant, self.maintenant)):
                demande = self.faire(demande, etape, brut)
            self.dater_les_envois(instant)
        self.demandes[brut["ref"]] = demande

    def accueillir(self, brut: Mapping[str, Any]) -> None:
        """One call or visit, with the demande it led to if any."""
        auteur, debut = self.auteur(brut["agent"], brut), self.il_y_a(brut["il_y_a"])
        contact = contacts.commencer_contact(auteur=auteur, canal=brut["canal"])
        # It begins when the row is made: the clock set back does not reach a default.
        Contact.objects.filter(pk=contact.pk).update(debut=debut)
        if brut["demande"]:
            contacts.noter(contact, demande=self.demandes[brut["demande"]])
        with a_l_instant(debut + timedelta(minutes=brut["minutes"])):
            contacts.terminer_contact(contact, auteur=auteur, resultat=brut["resultat"] or "")

    def dater_les_envois(self, instant: datetime) -> None:
        """Mails were written when their gesture was made, not when the demo is loaded."""
        nouveaux = list(Envoi.objects.filter(pk__gt=self.dernier_envoi).values_list("pk", flat=True))
        Envoi.objects.filter(pk__in=nouveaux).update(cree_le=instant, prochain_essai_le=instant)
        self.envois += [(instant, pk) for pk in nouveaux]
        self.dernier_envoi = max(nouveaux, default=self.dernier_envoi)

    def poster(self) -> None:
        """Let past mails leave at their time, in order, when the demo writes them to its folder."""
        if settings.GUICHET_COURRIEL != "dossier":
            return
        for instant, pk in sorted(self.envois):
            with a_l_instant(instant):
                livraison.livrer(pk)

    def depot(self, brut: Mapping[str, Any]) -> actions.Depot:
        return actions.Depot(
            canal=brut["canal"],
            texte=brut["texte"],
            objet=brut["objet"],
            type=self.types[brut["type"]],
            reponses={nom: self.reponse(valeur) for nom, valeur in brut["reponses"].items()},
            est_formulaire=brut["canal"] in ("portail", "telephone", "guichet"),
            point_accueil=PointAccueil.objects.get(code=brut["point_accueil"]),
            usager=self.usagers[brut["usager"]] if brut["usager"] else None,
            est_anonyme=brut["usager"] is None,
            adresse=brut["adresse"],
            territoire=Territoire.objects.filter(code=brut["arrondissement"]).first(),
            est_urgente=brut["est_urgente"],
            cle=f"demo:{brut['ref']}",
        )

    def reponse(self, valeur: Any) -> Any:
        """A date « J+12 » counts from today."""
        if isinstance(valeur, str) and valeur[:2] in ("J+", "J-") and valeur[2:].isdigit():
            return (timezone.localdate(self.maintenant) + timedelta(days=int(valeur[1:]))).isoformat()
        return valeur

    def il_y_a(self, age: Mapping[str, Any]) -> datetime:
        if age["unite"] in ("minutes", "heures"):
            return self.maintenant - timedelta(
                **{{"minutes": "minutes", "heures": "hours"}[age["unite"]]: age["valeur"]}
            )
        jour = timezone.localdate(self.maintenant)
        if age["unite"] == "jours_ouvres":
            jour = self.calendrier.ajouter_jours_ouvres(jour, -age["valeur"])
        else:
            jour -= timedelta(days=age["valeur"])
        return datetime.combine(jour, time.fromisoformat(age["heure"]), PARIS)

    def auteur(self, nom: str | None, brut: Mapping[str, Any]) -> Auteur:
        if nom == "systeme" or (nom is None and brut["usager"] is None):
            return SYSTEME
        if nom in (None, "usager"):
            demande = self.demandes.get(brut["ref"])
            if brut["usager"]:
                return Auteur.habitant(self.usagers[brut["usager"]])
            assert demande is not None
            return Auteur.porteur_du_lien(demande)
        return Auteur.agent(Compte.objects.get(espace=Espace.AGENT, courriel=nom))

    def faire(self, demande: Demande, etape: Mapping[str, Any], brut: Mapping[str, Any]) -> Demande:
        """Make one gesture; its data are the action's own arguments, a few of them resolved first."""
        nom = etape["geste"]
        donnees = {cle: v for cle, v in etape.items() if cle not in ("geste", "par", "il_y_a", "photo_apres")}
        for cle, valeur in donnees.items():
            if cle == "direction":
                donnees[cle] = Direction.objects.get(code=valeur)
            elif cle == "point_accueil":
                donnees[cle] = PointAccueil.objects.get(code=valeur)
            elif cle == "principale":
                donnees[cle] = self.demandes[valeur]
        if "pour" in donnees:
            donnees["pour"] = self.dans(donnees["pour"])
        if "relance" in donnees:
            jours = timedelta(days=donnees.pop("relance")["dans_jours"])
            donnees["relance_le"] = timezone.localdate(self.maintenant) + jours
        if "organisme" in donnees:
            organisme = Organisme.objects.get(code=donnees["organisme"])
            donnees |= {"organisme": organisme.nom, "contact": organisme.telephone}
        if etape.get("photo_apres"):
            donnees["pieces"] = (photo_apres(),)
        return getattr(actions, nom)(demande, auteur=self.auteur(etape["par"], brut), **donnees)

    def dans(self, quand: Mapping[str, Any]) -> datetime:
        jour = self.calendrier.ajouter_jours_ouvres(
            timezone.localdate(self.maintenant), quand["dans_jours_ouvres"]
        )
        return datetime.combine(jour, time.fromisoformat(quand["heure"]), PARIS)


def photo_apres() -> Piece:
    """A picture of a clean street, drawn: the demo ships no photograph of any real place."""
    image = Image.new("RGB", (1200, 800), "#b9d7ea")
    dessin = ImageDraw.Draw(image)
    dessin.rectangle((0, 470, 1200, 800), fill="#6b6f76")
    dessin.rectangle((0, 440, 1200, 480), fill="#c9c5bb")
    for x in range(60, 1200, 240):
        dessin.rectangle((x, 620, x + 130, 638), fill="#f3f1ea")
    for x in range(40, 1200, 290):
        dessin.rectangle((x, 120, x + 210, 440), fill="#e3c9a4")
        for y in (160, 260, 350):
            dessin.rectangle((x + 30, y, x + 80, y + 60), fill="#5b7c93")
            dessin.rectangle((x + 125, y, x + 175, y + 60), fill="#5b7c93")
    sortie = BytesIO()
    image.save(sortie, "JPEG", quality=85)
    return deposer(ContentFile(sortie.getvalue(), name="apres-intervention.jpg"))
