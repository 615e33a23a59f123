"""What the administrator types about a mailbox: its addresses, where they lead, how it is read."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from demandes.administration.champs_de_saisie import Lignes, entier
from demandes.models import BoiteCourriel, TypeDemande
from guichet.organisation.administration.saisie import Texte, jour
from guichet.organisation.models import Direction, PointAccueil
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide

PREFIXE = "GUICHET_BOITE_"
LIEUX = ("point_accueil", "direction", "type")
SANS_ADRESSE = "Indiquez au moins une adresse."
DE_LA_LECTURE = ("serveur", "port", "securite", "identifiant", "variable", "dossier", "dossier_lus")


def lire_variable(saisie: str) -> str:
    """Only variables made for this can be named: another would be sent to whatever server is typed."""
    nom = saisie.upper()
    if not re.fullmatch(PREFIXE + "[A-Z0-9_]{1,60}", nom):
        raise DonneeInvalide(f"Le nom commence par {PREFIXE} : {PREFIXE}CONTACT, par exemple.")
    return nom


def lire_serveur(saisie: str) -> str:
    nom = saisie.lower()
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+", nom):
        raise DonneeInvalide("Écrivez seulement le nom du serveur : imap.ville.fr.")
    return nom


class BoiteForm(forms.Form):
    """A mailbox. Without a server, its mails are handed over by the city's own mail server."""

    use_required_attribute = False

    nom = Texte("Nom", 80, error_messages={"required": "Donnez un nom : les agents le liront."})
    adresses = Lignes(
        "Adresses",
        254,
        help_text="Une par ligne, la principale d'abord.",
        required=True,
        error_messages={"required": SANS_ADRESSE},
    )
    point_accueil = forms.ChoiceField(
        label="Point d'accueil", required=False, help_text="Il reçoit les demandes et en reste propriétaire."
    )
    direction = forms.ChoiceField(
        label="Direction",
        required=False,
        help_text="Si l'adresse est la sienne : ce qui y est écrit lui est orienté aussitôt.",
    )
    type = forms.ChoiceField(
        label="Démarche",
        required=False,
        help_text="Avec une direction : celle sous laquelle ses courriels sont qualifiés.",
    )
    ordre = entier(
        "Ordre",
        1,
        999,
        initial=1,
        help_text="Un courriel écrit à plusieurs boîtes n'ouvre qu'une demande, pour la première dans cet "
        "ordre ; les autres y sont notées.",
        error_messages={"required": "Indiquez un ordre, à partir de 1."},
    )
    est_active = forms.BooleanField(label="En service", required=False, initial=True)
    serveur = Texte("Serveur IMAP", 200, normaliser=lire_serveur, required=False)
    port = entier("Port", 1, 65535, initial=993, error_messages={"required": "Indiquez le port : 993."})
    securite = forms.ChoiceField(label="Chiffrement", choices=BoiteCourriel.Securite.choices)
    identifiant = Texte("Identifiant", 200, required=False)
    variable = Texte(
        "Variable du mot de passe",
        80,
        normaliser=lire_variable,
        required=False,
        help_text="Son nom seulement. Le mot de passe se règle sur le serveur, jamais ici.",
    )
    dossier = Texte("Dossier lu", 200, initial="INBOX", required=False)
    dossier_lus = Texte(
        "Dossier des courriels lus",
        200,
        required=False,
        help_text="Vide : ils restent où ils sont, marqués comme lus.",
    )
    importer_depuis = jour(
        "Importer à partir du",
        help_text="À la première connexion. Personne ne reçoit d'accusé pour un courriel arrivé avant elle.",
    )

    def __init__(self, *args: Any, boite: BoiteCourriel | None = None, **options: Any) -> None:
        if boite:
            initial = {nom: getattr(boite, nom) for nom in self.base_fields if nom not in LIEUX}
            initial |= {nom: str(getattr(boite, f"{nom}_id") or "") for nom in LIEUX}
            options["initial"] = initial | {"adresses": "\n".join(boite.adresses)}
        super().__init__(*args, **options)
        gardes = {nom: getattr(boite, nom) for nom in LIEUX} if boite else dict.fromkeys(LIEUX)
        self.lieux: dict[str, dict[str, Any]] = {
            "point_accueil": _par_cle(PointAccueil.objects.filter(est_actif=True), gardes["point_accueil"]),
            "direction": _par_cle(Direction.objects.filter(est_active=True), gardes["direction"]),
            "type": _par_cle(TypeDemande.objects.publies().order_by("libelle", "code"), gardes["type"]),
        }
        vides = {
            "point_accueil": "L'accueil qui reçoit les courriels",
            "direction": "Aucune",
            "type": "Aucune",
        }
        for nom, choix in self.lieux.items():
            lignes = [(cle, str(objet)) for cle, objet in choix.items()]
            self.fields[nom].choices = [("", vides[nom]), *lignes]  # type: ignore[attr-defined]

    def clean_adresses(self) -> list[str]:
        lues = []
        for ligne in self.cleaned_data["adresses"]:
            try:
                lues.append(normaliser_courriel(ligne).lower())
            except DonneeInvalide as erreur:
                raise forms.ValidationError(f"« {ligne} » : {erreur}", code="invalid") from erreur
        if not lues:
            raise forms.ValidationError(SANS_ADRESSE, code="required")
        return list(dict.fromkeys(lues))

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        for nom in LIEUX:
            if nom in valeurs:
                valeurs[nom] = self.lieux[nom].get(valeurs[nom])
        if valeurs.get("direction") and not valeurs.get("type"):
            self.add_error("type", "Choisissez la démarche sous laquelle la direction reçoit ces courriels.")
        if valeurs.get("type") and not valeurs.get("direction"):
            self.add_error("direction", "Choisissez la direction, ou retirez la démarche.")
        if valeurs.get("serveur"):
            self._exiger_de_quoi_lire(valeurs)
        return valeurs

    def _exiger_de_quoi_lire(self, valeurs: dict[str, Any]) -> None:
        manques = {
            "identifiant": "Indiquez l'identifiant de la boîte.",
            "variable": "Nommez la variable qui porte le mot de passe.",
            "dossier": "Indiquez le dossier à lire : INBOX.",
        }
        for nom, message in manques.items():
            if not valeurs.get(nom) and nom not in self.errors:
                self.add_error(nom, message)


def _par_cle(objets: Any, garde: Any) -> dict[str, Any]:
    """Those that may be chosen, and the one that was, even out of service."""
    choix = {str(objet.pk): objet for objet in objets}
    return choix if garde is None else {str(garde.pk): garde} | choix
