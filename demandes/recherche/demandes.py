"""Demandes found by number, by number plate, by words of their object or address."""

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.db.models.functions import Reverse

from demandes.etats import NON_FINAUX
from demandes.models import Demande
from demandes.models.gardes import Plaque
from demandes.models.requetes import contenu_lisible
from demandes.recherche.question import CANDIDATS, FIN, Question, mots_du_texte
from guichet.organisation.perimetre import Perimetre

DEMANDES = 10


def chercher_demandes(
    question: Question, perimetre: Perimetre, *, limite: int = DEMANDES
) -> tuple[list[Demande], bool]:
    """Return readable demandes, exact number first, then urgent, open and recent, and « there are more ».

    Each has `lisible`: a whole number also finds what one's own desk registered in a walled secteur, number
    and clocks, no content. Tracking codes are the residents' and find nothing here.
    """
    trouvees = cles_des_demandes(question, perimetre)
    if not trouvees:
        return [], False
    exacte = [Case(When(numero__in=question.numeros, then=Value(0)), default=Value(1))]
    ouverte = Case(
        When(etat__in=NON_FINAUX, est_urgente=True, then=Value(0)),
        When(etat__in=NON_FINAUX, then=Value(1)),
        default=Value(2),
    )
    demandes = list(
        Demande.objects.filter(pk__in=trouvees)
        .annotate(
            lisible=Case(
                When(contenu_lisible(perimetre), then=True), default=False, output_field=BooleanField()
            )
        )
        .select_related("type", "usager", "territoire")
        .order_by(*(exacte if question.numeros else []), ouverte, "-recue_le", "-pk")[: limite + 1]
    )
    return demandes[:limite], len(demandes) > limite


def cles_des_demandes(question: Question, perimetre: Perimetre) -> list[int]:
    """Ids by one UNION of bounded lookups, so that each uses its own index."""
    lisibles = Demande.objects.visibles_par(perimetre)
    parties: list[QuerySet[Demande]] = []
    if question.numeros:
        parties.append(Demande.objects.connues_de(perimetre).filter(numero__in=question.numeros))
    if question.debut_de_numero:
        parties.append(lisibles.filter(entre("numero", question.debut_de_numero)))
    if question.fin_de_numero:
        renverse = question.fin_de_numero[::-1]
        parties.append(lisibles.alias(fin=Reverse("numero")).filter(entre("fin", renverse)))
    if question.plaque:
        parties.append(
            lisibles.filter(reponses__has_key="immatriculation")
            .alias(plaque=Plaque())
            .filter(entre("plaque", question.plaque))
        )
    if requete := mots_du_texte(question):
        parties.append(lisibles.filter(recherche=requete))
    if not parties:
        return []
    bornees = [partie.order_by().values_list("pk", flat=True)[:CANDIDATS] for partie in parties]
    return list(bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0])


def entre(champ: str, debut: str) -> Q:
    return Q(**{f"{champ}__gte": debut, f"{champ}__lt": debut + FIN})
