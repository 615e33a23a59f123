"""Which open demandes may be about the same thing: proposed to somebody who looks, never acted upon."""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.utils.timezone import localdate
from rapidfuzz import fuzz

from demandes.models import Demande, Distinction, Lien
from guichet.organisation.perimetre import Perimetre
from guichet.socle.texte import plier

PROPOSITIONS = 8
EXAMINEES = 200
ADRESSE_PROCHE = 85
JOURS_PROCHES = 30
MOTS = re.compile(r"\w+")


@dataclass(frozen=True)
class Doublon:
    """A demande that may be the same, with the readable reasons."""

    demande: Demande
    score: float
    raisons: tuple[str, ...]


def chercher(demande: Demande, perimetre: Perimetre, maximum: int = PROPOSITIONS) -> list[Doublon]:
    """Open demandes of the same type and secteur, from the same person or at a close address.

    Those an agent already linked to this one, or said to be something else, are not proposed again.
    """
    if demande.type_id is None:
        return []
    proches = Q(territoire=demande.territoire_id) if demande.territoire_id else Q(pk__in=[])
    if demande.usager_id:
        proches |= Q(usager=demande.usager_id)
    if demande.adresse:
        proches |= Q(adresse=demande.adresse)
    candidates = (
        Demande.objects.visibles_par(perimetre)
        .ouvertes()
        .filter(proches, type=demande.type_id, secteur=demande.secteur)
        .exclude(pk=demande.pk)
        .exclude(pk__in=Lien.objects.filter(demande=demande).values("autre"))
        .exclude(pk__in=Distinction.objects.filter(premiere=demande).values("seconde"))
        .exclude(pk__in=Distinction.objects.filter(seconde=demande).values("premiere"))
        .select_related("usager", "territoire")
        .order_by("-recue_le")[:EXAMINEES]
    )
    doublons = [evaluer(demande, candidate) for candidate in candidates]
    doublons = [doublon for doublon in doublons if doublon.score]
    doublons.sort(key=lambda doublon: -doublon.score)
    return doublons[:maximum]


def evaluer(demande: Demande, candidate: Demande) -> Doublon:
    """Score one: same person, how close the address is, then how close in time."""
    raisons, score = [], 0.0
    if demande.usager_id and demande.usager_id == candidate.usager_id:
        raisons.append("même personne")
        score += 60
    if demande.adresse and candidate.adresse:
        ici, la = (" ".join(MOTS.findall(plier(d.adresse))) for d in (demande, candidate))
        ressemblance = fuzz.token_set_ratio(ici, la)
        if ressemblance >= ADRESSE_PROCHE:
            # One may say the town after the street; a street without its number is only close.
            raisons.append("même adresse" if ici.startswith(la) or la.startswith(ici) else "adresse proche")
            score += ressemblance
    # Time alone brings nothing together: it tells two candidates apart.
    if score:
        jours = abs((localdate(demande.recue_le) - localdate(candidate.recue_le)).days)
        raisons += ["même démarche", ecart(jours)]
        score += max(0, JOURS_PROCHES - jours)
    return Doublon(candidate, score, tuple(raisons))


def ecart(jours: int) -> str:
    if not jours:
        return "reçues le même jour"
    if jours < 60:
        return f"reçues à {jours} jour{'s' if jours > 1 else ''} d'écart"
    return f"reçues à {jours // 30} mois d'écart"
