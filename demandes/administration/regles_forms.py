"""What the administrator types about a rule, and the answers that a rule may wait for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from demandes.administration import conditions
from demandes.administration.conditions import Champ
from demandes.models import RegleOrientation, TypeDemande, VersionFormulaire
from guichet.organisation.administration.saisie import Texte
from guichet.organisation.models import Direction, Territoire

OUI_NON = {"oui": True, "non": False}
PREFIXE = "q-"
GARDER = "garder"


def champs_des_types(types: Iterable[int]) -> dict[int, list[Champ]]:
    """The questions in service of these types, in one query."""
    versions = VersionFormulaire.objects.filter(type__in=set(types)).order_by("type_id", "numero")
    return {version.type_id: version.champs for version in versions}


def questions_de(type: TypeDemande | None) -> list[Champ]:
    return champs_des_types([type.pk]).get(type.pk, []) if type else []


class Conditions(forms.Form):
    """One row a question whose answers are known beforehand: `rien` says what an empty row means."""

    use_required_attribute = False
    poses: list[Champ] = []

    def poser(self, champs: list[Champ], *, rien: str, est: str = "", comprend: str = "") -> None:
        self.poses = [champ for champ in champs if champ["type"] in ("choix", "choix_multiple", "oui_non")]
        for champ in self.poses:
            nom, question = PREFIXE + champ["nom"], f"« {champ['libelle']} »"
            choix = [(c["valeur"], c["libelle"]) for c in champ.get("choix", ())]
            if champ["type"] == "choix_multiple":
                self.fields[nom] = forms.MultipleChoiceField(
                    label=f"{question} {comprend}".strip(),
                    choices=choix,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
                continue
            self.fields[nom] = forms.ChoiceField(
                label=f"{question} {est}".strip(),
                choices=[("", rien), *(choix or [("oui", "Oui"), ("non", "Non")])],
                required=False,
            )

    def lues(self) -> dict[str, Any]:
        """The answers given, by question, as a demande keeps them."""
        reponses = {}
        for champ in self.poses:
            if valeur := self.cleaned_data.get(PREFIXE + champ["nom"]):
                reponses[champ["nom"]] = OUI_NON[valeur] if champ["type"] == "oui_non" else valeur
        return reponses


def en_liste(reponses: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers as a rule writes them: of several choices, each is asked for."""
    return [
        {"champ": nom, "vaut": vaut}
        for nom, valeur in reponses.items()
        for vaut in (valeur if isinstance(valeur, list) else [valeur])
    ]


class RegleForm(Conditions):
    """A rule. Its answers are those of the type that was chosen when the page was drawn."""

    libelle = Texte("Nom de la règle", 150, error_messages={"required": "Donnez un nom à la règle."})
    direction = forms.ChoiceField(
        label="Direction qui agit", error_messages={"required": "Choisissez une direction."}
    )
    raison = Texte(
        "Raison",
        250,
        error_messages={"required": "Écrivez la raison : les agents la liront."},
        help_text="Une phrase, montrée aux agents avec la direction proposée.",
    )
    est_active = forms.BooleanField(
        label="Règle en service",
        required=False,
        initial=True,
        help_text="Décochée, elle n'oriente plus rien ; les demandes déjà orientées ne changent pas.",
    )
    territoire = forms.ChoiceField(label="Arrondissement", required=False)
    type = forms.ChoiceField(label="Démarche", required=False)

    def __init__(self, *args: Any, regle: RegleOrientation | None = None, **options: Any) -> None:
        self.regle = regle
        if regle:
            options["initial"] = {
                "libelle": regle.libelle,
                "direction": str(regle.direction_id),
                "raison": regle.raison,
                "est_active": regle.est_active,
                "territoire": str(regle.territoire_id or ""),
                "type": str(regle.type_id or ""),
            } | options.get("initial", {})
        super().__init__(*args, **options)
        self.directions = {str(d.pk): d for d in Direction.objects.order_by("nom")}
        self.territoires = {str(t.pk): t for t in Territoire.objects.all()}
        self.types = {str(t.pk): t for t in TypeDemande.objects.order_by("libelle", "code")}
        sienne = str(regle.direction_id) if regle else ""
        self._choisir(
            "direction",
            "Choisissez dans la liste",
            {cle: d.nom for cle, d in self.directions.items() if d.est_active or cle == sienne},
        )
        self._choisir("territoire", "Toute la ville", self.territoires)
        self._choisir("type", "Toutes les démarches", {c: f"{t} ({t.code})" for c, t in self.types.items()})
        self.type_choisi = self.types.get(self._tape("type"))
        self.poser(questions_de(self.type_choisi), rien="Peu importe", est="est", comprend="comprend")
        self._reprendre()

    def _choisir(self, nom: str, rien: str, choix: dict[str, Any]) -> None:
        self.fields[nom].choices = [("", rien), *choix.items()]  # type: ignore[attr-defined]

    def _tape(self, nom: str) -> str:
        valeur = self.data.get(nom) if self.is_bound else self.initial.get(nom)
        return str(valeur or "")

    def _reprendre(self) -> None:
        """Fill the rows of the rule's own conditions in; one that no row can say is kept or dropped whole."""
        self.autres: dict[str, dict[str, Any]] = {}
        if not self.regle or self.regle.type_id != (self.type_choisi.pk if self.type_choisi else None):
            return
        for rang, si in enumerate(self.regle.reponses):
            champ = next((c for c in self.poses if c["nom"] == si["champ"]), None)
            nom = PREFIXE + si["champ"]
            possibles = [c["valeur"] for c in champ.get("choix", ())] if champ else []
            if champ and champ["type"] == "oui_non" and isinstance(si["vaut"], bool):
                self.initial.setdefault(nom, "oui" if si["vaut"] else "non")
            elif champ and champ["type"] == "choix_multiple" and si["vaut"] in possibles:
                self.initial.setdefault(nom, []).append(si["vaut"])
            elif champ and si["vaut"] in possibles and nom not in self.initial:
                self.initial[nom] = si["vaut"]
            else:
                self.autres[f"{GARDER}-{rang}"] = si
                mots = conditions.en_mots(si, self.poses)
                self.fields[f"{GARDER}-{rang}"] = forms.BooleanField(
                    label=f"Garder la condition : {mots}", required=False, initial=True
                )

    def reprendre_les_reponses(self, tape: QueryDict) -> None:
        """Keep the rows as they were typed, on a page that is only drawn again."""
        if tape.get("questions_de", "") != self._tape("type"):
            return
        for nom in self.noms_des_conditions():
            est_liste = isinstance(self.fields[nom], forms.MultipleChoiceField)
            self.initial[nom] = tape.getlist(nom) if est_liste else tape.get(nom, "")

    def noms_des_conditions(self) -> list[str]:
        return [nom for nom in self.fields if nom.startswith((PREFIXE, GARDER))]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        if self._tape("questions_de") != self._tape("type") and self.poses:
            self.add_error(
                None,
                "Vous avez changé de démarche : voici ses questions. "
                "Choisissez les réponses attendues, puis enregistrez.",
            )
        return valeurs

    def valeurs(self) -> dict[str, Any]:
        v = self.cleaned_data
        gardees = [si for nom, si in self.autres.items() if v.get(nom)]
        return {
            **{nom: v[nom] for nom in ("libelle", "raison", "est_active")},
            "direction": self.directions[v["direction"]],
            "territoire": self.territoires.get(v["territoire"]),
            "type": self.types.get(v["type"]),
            "reponses": [*en_liste(self.lues()), *gardees],
        }


class EssaiForm(Conditions):
    """A made-up demande: a type, a district, answers."""

    type = forms.ChoiceField(label="Démarche", error_messages={"required": "Choisissez une démarche."})
    territoire = forms.ChoiceField(label="Arrondissement", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        types = TypeDemande.objects.select_related("direction").order_by("libelle", "code")
        self.types = {str(t.pk): t for t in types}
        self.territoires = {str(t.pk): t for t in Territoire.objects.all()}
        self.fields["type"].choices = [  # type: ignore[attr-defined]
            ("", "Choisissez dans la liste"),
            *((cle, f"{type} ({type.code})") for cle, type in self.types.items()),
        ]
        self.fields["territoire"].choices = [  # type: ignore[attr-defined]
            ("", "Inconnu"),
            *self.territoires.items(),
        ]
        self.type_choisi = self.types.get(str(self.data.get("type", "")))
        self.champs = questions_de(self.type_choisi)
        self.poser(self.champs, rien="Pas de réponse")
