"""What a field description may say, checked once when it enters the catalogue.

A field is a dict: `nom`, `libelle`, `type`, `obligatoire`, `aide`, and according to its type `choix`
(list of `valeur`, `libelle`), `minimum` and `maximum` (see `bornes`) or `si` (`champ`, `vaut`: shown only
when an earlier field has this answer).
"""

from collections.abc import Iterator, Mapping

from demandes.formulaires import bornes
from demandes.formulaires.champs import CHAMPS
from guichet.socle.erreurs import DonneeInvalide


def verifier_champs(champs: list[dict]) -> None:
    """Refuse a list of fields that no form could honour. Raises DonneeInvalide, `champ` naming the field."""
    connus: dict[str, dict] = {}
    for champ in champs:
        nom = champ.get("nom", "")
        for defaut in _defauts(champ, connus):
            raise DonneeInvalide(f"Champ « {nom} » : {defaut}.", nom)
        connus[nom] = champ


def _defauts(champ: dict, connus: Mapping[str, dict]) -> Iterator[str]:
    valeurs = [choix["valeur"] for choix in champ.get("choix", ())]
    if not champ.get("nom") or not champ.get("libelle"):
        yield "il lui faut un nom et un libellé"
    if champ.get("nom") in connus:
        yield "ce nom sert deux fois"
    if champ.get("type") not in CHAMPS:
        yield f"le type « {champ.get('type')} » est inconnu"
    if bool(valeurs) != (champ.get("type") in ("choix", "choix_multiple")):
        yield "les choix vont avec les types choix et choix_multiple, et seulement avec eux"
    if len(set(valeurs)) != len(valeurs):
        yield "deux choix ont la même valeur"
    if defaut := bornes.defaut(champ):
        yield defaut
    if (condition := champ.get("si")) and not _condition_possible(condition, connus):
        yield "sa condition porte sur un champ absent, placé après lui, ou sur une réponse impossible"


def _condition_possible(condition: dict, connus: Mapping[str, dict]) -> bool:
    parent = connus.get(condition["champ"])
    if parent is None:
        return False
    if parent["type"] == "oui_non":
        return isinstance(condition["vaut"], bool)
    return condition["vaut"] in [choix["valeur"] for choix in parent.get("choix", ())]


def est_affiche(champ: dict, reponses: Mapping[str, object]) -> bool:
    """Tell whether a field is asked, given the answers kept so far.

    Answers of hidden fields must already be gone from `reponses`: chains of conditions follow from that.
    """
    return not (si := champ.get("si")) or convient(si, reponses)


def convient(si: Mapping[str, object], reponses: Mapping[str, object]) -> bool:
    """Whether the answer `si` waits for (`champ`, `vaut`) was given; among several choices one is enough."""
    reponse = reponses.get(str(si["champ"]))
    return si["vaut"] in reponse if isinstance(reponse, list) else reponse == si["vaut"]


def verifier_reponses(champs: list[dict], reponses: Mapping[str, object]) -> None:
    """Check answers once more at the door, whatever screen they come from. Raises DonneeInvalide.

    `reponses` is what `FormulaireDynamique.reponses()` gave: unknown or hidden fields, missing required
    ones and choices outside the list are refused.
    """
    vues: dict[str, object] = {}
    for champ in champs:
        nom = champ["nom"]
        reponse = reponses.get(nom)
        if not est_affiche(champ, vues):
            if nom in reponses:
                raise DonneeInvalide(f"« {champ['libelle']} » n'est pas demandé ici.", nom)
            continue
        if champ["obligatoire"] and reponse in (None, "", []):
            raise DonneeInvalide(f"Répondez à la question « {champ['libelle']} ».", nom)
        if phrase := _hors_de_propos(champ, reponse):
            raise DonneeInvalide(phrase, nom)
        if nom in reponses:
            vues[nom] = reponse
    if inconnus := set(reponses) - {champ["nom"] for champ in champs}:
        raise DonneeInvalide(f"Ces réponses ne sont pas demandées : {', '.join(sorted(inconnus))}.")


def _hors_de_propos(champ: dict, reponse: object) -> str:
    """Why this answer is none of those the field takes: outside its list, or its bounds."""
    if reponse not in (None, "") and "choix" in champ:
        permis = {choix["valeur"] for choix in champ["choix"]}
        if not permis.issuperset(reponse if isinstance(reponse, list) else [reponse]):
            return f"Choisissez une réponse à « {champ['libelle']} »."
    phrase = bornes.verifier(champ, reponse)
    return f"« {champ['libelle']} » : {phrase}" if phrase else ""


def sans_reponse(champs: list[dict], reponses: Mapping[str, object]) -> list[str]:
    """Labels of the required questions, of those the answers show, that nobody answered; pictures apart."""
    return [
        champ["libelle"]
        for champ in champs
        if champ["obligatoire"]
        and champ["type"] != "photos"
        and est_affiche(champ, reponses)
        and reponses.get(champ["nom"]) in (None, "", [])
    ]
