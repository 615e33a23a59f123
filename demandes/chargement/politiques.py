"""Load what the catalogue lacks: validated law, privacy, work rules, motifs, templates, routing rules."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from demandes.chargement import regles
from demandes.chargement.fichier import FichierInvalide, Rapport, facultatifs
from demandes.chargement.rangement import Rangement
from demandes.models import ModeleReponse, Motif, Organisme, Theme, TypeDemande
from guichet.organisation.models import Direction, Territoire


def charger(contenu: Mapping[str, Any], rangement: Rangement, *, garde_les_retouches: bool = False) -> None:
    """Load policies over a catalogue already there; an unknown code refuses the whole file.

    `garde_les_retouches` is for the files that come with the product: see `regles.charger`.
    """
    types = {type.code: type for type in TypeDemande.objects.all()}
    directions = {direction.code: direction for direction in Direction.objects.all()}
    territoires = {territoire.code: territoire for territoire in Territoire.objects.all()}
    if erreurs := list(renvois_perdus(contenu, types, directions, territoires)):
        raise FichierInvalide(erreurs)
    themes = rangement.poser(
        Theme,
        "thèmes",
        [
            (
                {"code": brut["code"]},
                {nom: brut[nom] for nom in ("libelle", "description", "icone")}
                | {"ordre": brut.get("ordre", rang)},
            )
            for rang, brut in enumerate(contenu["themes"])
        ],
    )
    rangement.poser(
        Organisme,
        "organismes",
        [
            (
                {"code": brut["code"]},
                {nom: brut[nom] for nom in ("nom", "telephone", "courriel", "adresse", "competences")},
            )
            for brut in contenu["organismes"]
        ],
    )
    rangement.poser(
        Motif,
        "motifs",
        [
            (
                {"geste": brut["geste"], "code": brut["code"]},
                {"libelle": brut["libelle"], "exige_commentaire": brut["exige_commentaire"]}
                | {"ordre": brut.get("ordre", rang)}
                | facultatifs(brut, "est_actif"),
            )
            for rang, brut in enumerate(contenu["motifs"])
        ],
    )
    rangement.poser(
        ModeleReponse,
        "modèles de réponse",
        [
            (
                {
                    "type": types[brut["type"]] if brut.get("type") else None,
                    "geste": brut["geste"],
                    "titre": brut["titre"],
                },
                {"texte": brut["texte"]} | facultatifs(brut, "est_actif"),
            )
            for brut in contenu["modeles"]
        ],
    )
    regles.charger(
        [
            (brut["ordre"], regles.valeurs_de(brut, types, territoires, directions))
            for brut in contenu["regles"]
        ],
        rangement,
        garde_les_retouches=garde_les_retouches,
    )
    poses = rangement.poser(
        TypeDemande,
        "politiques",
        [
            ({"code": code}, politique(brut, contenu["voies_recours"]))
            for code, brut in contenu["types"].items()
        ],
    )
    par_code = {theme.code: theme for theme in themes}
    rangement.lier(
        "themes",
        "thèmes des types",
        [
            (type, {par_code[theme] for theme in brut["themes"]})
            for type, brut in zip(poses, contenu["types"].values(), strict=True)
        ],
    )


def renvois_perdus(contenu, types, directions, territoires) -> Iterator[str]:
    """Sentences for every code of the file that leads nowhere."""
    themes = {brut["code"] for brut in contenu["themes"]}
    for code, brut in contenu["types"].items():
        if code not in types:
            yield f"types/{code} : ce type n'est pas dans le catalogue."
        for theme in set(brut["themes"]) - themes:
            yield f"types/{code} : le thème {theme} n'existe pas."
    yield from modeles_perdus(contenu["modeles"], types)
    for brut in contenu["regles"]:
        ou = f"regles/{brut['ordre']}"
        if brut["direction"] not in directions:
            yield f"{ou} : la direction {brut['direction']} n'existe pas."
        if (code := brut["si"].get("type")) and code not in types:
            yield f"{ou} : le type {code} n'est pas dans le catalogue."
        if (code := brut["si"].get("arrondissement")) and code not in territoires:
            yield f"{ou} : l'arrondissement {code} n'existe pas."


def modeles_perdus(modeles, types) -> Iterator[str]:
    for rang, brut in enumerate(modeles):
        if (code := brut.get("type")) and code not in types:
            yield f"modeles/{rang} : le type {code} n'est pas dans le catalogue."


def politique(brut: Mapping[str, Any], voies_recours: str) -> dict[str, Any]:
    """The columns of one type's policy."""
    silence, conservation = brut["silence"], brut["conservation"]
    delai = silence["delai"]
    return {
        "regime_silence": silence["regime"],
        "silence_delai": delai["valeur"] if delai else None,
        "silence_unite": delai["unite"] if delai else "mois",
        "silence_cas": silence["cas"],
        "silence_effet": silence["effet"],
        "silence_texte": silence["texte"],
        "silence_base_legale": silence["base_legale"] or "",
        "silence_valide_par": silence["valide_par"],
        "silence_valide_le": date.fromisoformat(silence["valide_le"]) if silence["valide_le"] else None,
        "sve_motif": brut["sve_motif"] or "",
        "ar_motif": brut["ar_motif"] or "",
        "destinataires": ", ".join(brut["destinataires"]),
        "base_active_mois": conservation["base_active_mois"],
        "intermediaire_mois": conservation["intermediaire_mois"],
        "sort_final": conservation["sort_final"],
        "urgence_consigne": brut["urgence_consigne"] or "",
        "urgence_si": brut.get("urgence_si", []),
        "voies_recours": brut["voies_recours"] or voies_recours,
    } | {
        nom: brut[nom]
        for nom in (
            "sve_autorisee",
            "ar_requis",
            "base_legale",
            "finalite",
            "validation_requise",
            "sans_suite_autorise",
            "suspend_en_attente_tiers",
            "photo_apres_requise",
            "orientation_automatique",
            "complement_delai_jours",
            "organisme_competent",
            "alternatives",
            "mots_du_quotidien",
        )
    }


def publier(rapport: Rapport) -> None:
    """Publish every type whose policy is complete; say which are not."""
    for type in TypeDemande.objects.filter(publie_le__isnull=True):
        type.publie_le = timezone.now()
        try:
            type.validate_constraints()
        except ValidationError:
            rapport.remarques.append(f"{type.code} n'est pas publié : sa politique n'est pas complète.")
        else:
            type.save(update_fields=["publie_le"])
            rapport.noter("publications", "créés")
