"""The demandes a message may go on with: found by number, by person, by words, among those one can read."""

from demandes.models import Demande
from demandes.recherche.demandes import chercher_demandes
from demandes.recherche.personnes import chercher_personnes
from demandes.recherche.question import lire
from guichet.organisation.perimetre import Perimetre

TROUVEES = 6
PERSONNES = 5


def chercher_a_joindre(saisie: str, perimetre: Perimetre) -> list[int]:
    """Ids, the best first: what the words and numbers find, then what the persons they name asked lately."""
    question = lire(saisie)
    if question.est_vide:
        return []
    trouvees = [d.pk for d in chercher_demandes(question, perimetre)[0]]
    personnes, _ = chercher_personnes(question, perimetre, limite=PERSONNES)
    leurs = Demande.objects.visibles_par(perimetre).ouvertes().filter(usager__in=personnes)
    trouvees += leurs.order_by("-recue_le", "-pk").values_list("pk", flat=True)[:TROUVEES]
    # A whole number also finds what one's desk may know without reading it.
    lisibles = set(
        Demande.objects.visibles_par(perimetre).filter(pk__in=trouvees).values_list("pk", flat=True)
    )
    return [pk for pk in dict.fromkeys(trouvees) if pk in lisibles][:TROUVEES]
