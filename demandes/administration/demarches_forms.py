"""What the administrator types about a type of request, one short form for each section."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms

from demandes.administration.champs_de_saisie import FiltresDuCatalogue, Lignes, Long, OuiNon, entier
from demandes.models import Theme, TypeDemande
from guichet.organisation.administration.saisie import Texte, jour
from guichet.organisation.models import Direction, Secteur
from guichet.socle.erreurs import DonneeInvalide

EFFETS = [("aucun", "Rien"), ("acceptation", "Un accord"), ("rejet", "Un refus")]
BASES_LEGALES = [
    ("", "À décider"),
    ("mission_interet_public", "Mission d'intérêt public"),
    ("obligation_legale", "Obligation légale"),
    ("consentement", "Consentement"),
    ("contrat", "Contrat"),
    ("interets_vitaux", "Sauvegarde de la vie des personnes"),
]
SORTS = [
    ("", "À décider"),
    ("elimination", "Effacées, avec le visa des archives"),
    ("versement", "Remises aux archives municipales"),
    ("anonymisation", "Rendues anonymes"),
]
A_DECIDER = [("", "À décider")]
UNITES_DU_SILENCE = [("mois", "mois"), ("jours", "jours")]


def lire_code(saisie: str) -> str:
    code = saisie.upper()
    if not re.fullmatch(r"[A-Z]{2,4}-[A-Z0-9]{2,5}", code):
        raise DonneeInvalide("Écrivez un code comme VOI-TROU : des lettres, un tiret, une fin courte.")
    return code


def lire_adresse_web(saisie: str) -> str:
    if not re.fullmatch(r"https://([a-z0-9-]+\.)+[a-z]{2,}(/[^\s\"'<>]*)?", saisie):
        raise DonneeInvalide("Écrivez une adresse complète, qui commence par https://.")
    return saisie


def en_clair(champ: Any) -> str:
    """What a bound field holds, in words."""
    valeur = champ.initial
    if isinstance(valeur, bool):
        return "Oui" if valeur else "Non"
    if choix := getattr(champ.field, "choices", None):
        libelles = {str(cle): str(mots) for cle, mots in choix}
        valeurs = valeur if isinstance(valeur, list) else ["" if valeur is None else valeur]
        return ", ".join(libelles.get(str(v), str(v)) for v in valeurs)
    if isinstance(valeur, list):
        return ", ".join(valeur)
    return "" if valeur is None else f"{valeur:%d/%m/%Y}" if hasattr(valeur, "strftime") else str(valeur)


class PartieForm(forms.Form):
    """One section of a type. Its fields bear the names of the model's."""

    use_required_attribute = False
    titre: ClassVar[str]
    aide: ClassVar[str] = ""
    gabarit: ClassVar[str] = "organisation/administration/formulaire_garde.html"

    def __init__(self, *args: Any, type: TypeDemande | None = None, **options: Any) -> None:
        self.type = type
        if type is not None:
            options["initial"] = self.valeurs_de(type)
        super().__init__(*args, **options)

    def valeurs_de(self, type: TypeDemande) -> dict[str, Any]:
        return {nom: getattr(type, nom) for nom in self.base_fields if hasattr(type, nom)}

    def valeurs(self) -> dict[str, Any]:
        """The columns to write."""
        return self.cleaned_data

    def colonnes(self) -> list[str]:
        return list(self.fields)

    def faits(self) -> list[tuple[str, str]]:
        """(label, answer) of what is kept, in the words of the form."""
        return [(str(champ.label), en_clair(champ)) for champ in self]

    def exiger(self, nom: str, phrase: str) -> None:
        if nom not in self.errors and self.cleaned_data.get(nom) in (None, "", []):
            self.add_error(nom, phrase)


class PresentationForm(PartieForm):
    """What the resident reads, and the words that lead there."""

    titre = "Présentation"

    libelle = Texte("Nom de la démarche", 150, error_messages={"required": "Donnez un nom à la démarche."})
    description = Long(
        "Description",
        600,
        rows=3,
        help_text="Une ou deux phrases simples, que l'habitant lit avant de commencer.",
        error_messages={"required": "Décrivez la démarche en une phrase."},
    )
    themes = forms.MultipleChoiceField(
        label="Thèmes",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Un à trois : les rayons du portail où on la trouve. Il en faut un pour publier.",
    )
    mots_cles = Lignes("Mots-clés", 80, help_text="Un par ligne.")
    mots_du_quotidien = Lignes(
        "Mots du quotidien",
        120,
        help_text="Une phrase par ligne, comme on la dirait : « il y a un trou dans ma rue ». "
        "Il en faut une pour publier.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["themes"].choices = [(t.code, t.libelle) for t in Theme.objects.all()]  # type: ignore[attr-defined]

    def valeurs_de(self, type: TypeDemande) -> dict[str, Any]:
        return super().valeurs_de(type) | {"themes": [theme.code for theme in type.themes.all()]}

    def clean_themes(self) -> list[Theme]:
        codes = self.cleaned_data["themes"]
        if len(codes) > 3:
            raise forms.ValidationError("Choisissez trois thèmes au plus.")
        return list(Theme.objects.filter(code__in=codes))


class TraitementForm(PartieForm):
    """Who acts, and how fast."""

    titre = "Traitement"
    aide = "Un délai changé ne touche pas les demandes déjà qualifiées."

    direction = forms.ChoiceField(
        label="Direction qui instruit", error_messages={"required": "Choisissez une direction."}
    )
    nature = forms.ChoiceField(label="Nature", choices=TypeDemande.Nature.choices)
    niveau = forms.TypedChoiceField(
        label="Qui répond",
        choices=[("1", "L'accueil, le plus souvent"), ("2", "La direction")],
        coerce=int,
        initial="2",
    )
    delai_valeur = entier("Délai de service", 0, 366, error_messages={"required": "Indiquez un délai."})
    delai_unite = forms.ChoiceField(
        label="Compté en", choices=TypeDemande.Unite.choices, initial="jours_ouvres"
    )
    secteur = forms.ChoiceField(
        label="Secteur",
        choices=Secteur.choices,
        help_text="Un secteur réservé n'est lu que par les agents habilités.",
    )
    est_confidentiel = forms.BooleanField(label="Confidentielle", required=False)
    est_urgent = forms.BooleanField(label="Toujours urgente", required=False)
    urgence_consigne = Long(
        "Consigne en cas de danger",
        600,
        rows=2,
        help_text="Ce que l'habitant doit faire tout de suite. Un numéro écrit ici s'appelle d'un geste.",
    )
    orientation_automatique = forms.BooleanField(label="Envoyée d'elle-même à la direction", required=False)
    suspend_en_attente_tiers = forms.BooleanField(
        label="Le délai s'arrête pendant l'attente d'un tiers", required=False
    )
    rayon_doublon_m = entier(
        "Doublons cherchés autour du lieu, jusqu'à (mètres)",
        5,
        1000,
        required=False,
        help_text="Vide : le lieu ne compte pas, seules les demandes de la même personne sont rapprochées.",
    )
    photo_apres_requise = forms.BooleanField(label="Photo exigée après l'intervention", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.directions = {str(d.pk): d for d in Direction.objects.order_by("nom")}
        sienne = self.type.direction_id if self.type else None
        self.fields["direction"].choices = [  # type: ignore[attr-defined]
            ("", "Choisissez dans la liste"),
            *((cle, d.nom) for cle, d in self.directions.items() if d.est_active or d.pk == sienne),
        ]

    def valeurs_de(self, type: TypeDemande) -> dict[str, Any]:
        return super().valeurs_de(type) | {"direction": str(type.direction_id)}

    def clean_direction(self) -> Direction:
        return self.directions[self.cleaned_data["direction"]]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        delai, unite = valeurs.get("delai_valeur"), valeurs.get("delai_unite")
        if delai is not None and unite and (delai == 0) != (unite == TypeDemande.Unite.IMMEDIAT):
            self.add_error("delai_valeur", "Zéro va avec « immédiat », et seulement avec lui.")
        return valeurs


class DepotForm(PartieForm):
    """How it comes in."""

    titre = "Dépôt"

    acces = forms.ChoiceField(label="Qui peut déposer", choices=TypeDemande.Acces.choices)
    sve_autorisee = OuiNon("Peut être faite en ligne")
    sve_motif = Long("Pourquoi pas en ligne", 600, rows=2, help_text="À remplir si vous répondez non.")
    teleservice_dedie_url = Texte(
        "Adresse d'un téléservice dédié", 200, required=False, normaliser=lire_adresse_web
    )
    ar_requis = OuiNon("Accusé de réception obligatoire (CRPA, art. L112-3)")
    ar_motif = Long("Pourquoi sans accusé", 600, rows=2, help_text="À remplir si vous répondez non.")
    alternatives = Lignes(
        "Autres moyens que le numérique",
        400,
        help_text="Un par ligne : « Par téléphone au 04 65 71 00 00. »",
    )

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        for reponse, motif in (("sve_autorisee", "sve_motif"), ("ar_requis", "ar_motif")):
            if valeurs.get(reponse) is False:
                self.exiger(motif, "Dites pourquoi, en une phrase.")
            elif valeurs.get(reponse):
                valeurs[motif] = ""
        return valeurs


class SilenceForm(PartieForm):
    """What the law says when the city does not answer (CRPA, art. L231-1 to L231-6)."""

    titre = "Silence de la ville"
    aide = "Ce que vaut l'absence de réponse (CRPA, art. L231-1 à L231-6), relu par le service juridique."

    regime_silence = forms.ChoiceField(
        label="Régime", choices=[*A_DECIDER, *TypeDemande.RegimeSilence.choices], required=False
    )
    silence_delai = entier("Au bout de", 1, 366, required=False)
    silence_unite = forms.ChoiceField(label="Unité", choices=UNITES_DU_SILENCE)
    silence_effet = forms.ChoiceField(label="Le silence vaut", choices=EFFETS)
    silence_texte = Long("En clair, pour l'accusé de réception", 1000, rows=3)
    silence_base_legale = Long("Texte qui le fonde", 600, rows=2)
    silence_valide_par = Texte("Validé par", 150, required=False)
    silence_valide_le = jour("Validé le", required=False)

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        regime = valeurs.get("regime_silence")
        if regime in ("acceptation", "rejet") and valeurs.get("silence_effet") != regime:
            self.add_error("silence_effet", "Cet effet ne va pas avec le régime choisi.")
        if regime == "sans_objet":
            if valeurs.get("silence_effet") != "aucun":
                self.add_error("silence_effet", "Sans objet, le silence ne vaut rien : choisissez « Rien ».")
            valeurs |= {"silence_delai": None, "silence_base_legale": "", "silence_cas": []}
        elif regime:
            self.exiger("silence_delai", "Indiquez au bout de combien de temps le silence décide.")
            self.exiger("silence_base_legale", "Citez le texte qui fonde ce régime.")
        if regime:
            self.exiger("silence_texte", "Dites l'effet du silence en une phrase simple.")
        if bool(valeurs.get("silence_valide_par")) != bool(valeurs.get("silence_valide_le")):
            self.exiger("silence_valide_par", "Dites aussi qui l'a validé.")
            self.exiger("silence_valide_le", "Dites aussi quel jour.")
        return valeurs


class DonneesForm(PartieForm):
    """What becomes of what people confide (RGPD, art. 6 and 13)."""

    titre = "Données personnelles"
    aide = "L'habitant lit ces mentions avant de déposer (RGPD, art. 13)."

    base_legale = forms.ChoiceField(label="Base légale", choices=BASES_LEGALES, required=False)
    finalite = Long("À quoi servent les données", 600, rows=2)
    destinataires = Long("Qui les lit", 600, rows=2, help_text="Séparés par des virgules.")
    base_active_mois = entier("Usage courant après la fin (mois)", 1, 120, required=False)
    intermediaire_mois = entier("Puis accès restreint (mois)", 0, 600, required=False)
    sort_final = forms.ChoiceField(label="Ensuite", choices=SORTS, required=False)


class ReponseForm(PartieForm):
    """How it ends."""

    titre = "Réponse"

    validation_requise = OuiNon("La réponse doit être signée par un responsable")
    sans_suite_autorise = OuiNon("Peut être classée sans suite faute de complément")
    complement_delai_jours = entier(
        "Délai proposé pour compléter (jours)", 15, 60, error_messages={"required": "De 15 à 60 jours."}
    )
    voies_recours = Long("Voies et délais de recours", 2000, rows=4)


LONGUEUR_CODE = 10


def champ_code() -> Texte:
    return Texte(
        "Code",
        LONGUEUR_CODE,
        normaliser=lire_code,
        help_text=f"Comme VOI-TROU, {LONGUEUR_CODE} signes au plus. Il ne changera plus.",
        error_messages={"required": "Donnez un code, comme VOI-TROU."},
    )


class CopieForm(forms.Form):
    """What a copy does not share with its model."""

    use_required_attribute = False

    code = champ_code()
    libelle = Texte("Nom de la démarche", 150, error_messages={"required": "Donnez un nom à la démarche."})


class CreationForm(TraitementForm, PresentationForm):
    """The least a type needs to exist; the rest comes section by section."""

    gabarit = "organisation/administration/formulaire.html"

    code = champ_code()
    acces = forms.ChoiceField(label="Qui peut déposer", choices=TypeDemande.Acces.choices)

    field_order = [
        "code",
        "libelle",
        "description",
        "themes",
        "direction",
        "nature",
        "niveau",
        "delai_valeur",
        "delai_unite",
        "acces",
        "secteur",
    ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for nom in [nom for nom in self.fields if nom not in self.field_order]:
            del self.fields[nom]


class FiltresForm(FiltresDuCatalogue):
    """And by whether residents see them."""

    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[
            ("", "Toutes"),
            ("publiees", "Publiées"),
            ("retirees", "Non publiées"),
            ("incompletes", "À compléter"),
        ],
    )
