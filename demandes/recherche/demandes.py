"""Demandes found by number, by number plate, by words of their object or address."""

from collections.abc import Iterator
from functools import lru_cache

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.db.models.functions import Reverse

from demandes.etats import NON_FINAUX
from demandes.models import Demande
from demandes.models.gardes import Plaque
from demandes.models.requetes import contenu_lisible
from demandes.recherche.question import CANDIDATS, FIN, Question, requete_des_mots
from guichet.organisation.perimetre import Perimetre
from guichet.socle.lecture import AUTRE_MARQUE, MARQUE, Lecture

DEMANDES = 10
# What a result shows, no more: each table joined costs the planner as much as the rows.
COLONNES = (
    *("numero", "etat", "objet", "canal", "adresse", "secteur", "est_confidentielle", "est_urgente"),
    *("est_anonyme", "recue_le", "point_accueil_id", "direction_id", "agent_traitant_id", "type_id"),
    *("delai_valeur", "delai_unite", "echeance_service", "service_suspendu_le"),
    *("traitee_le", "close_le", "rejetee_le", "annulee_le", "transmise_le", "fusionnee_le"),
    *("usager__prenom", "usager__nom", "usager__raison_sociale"),
)


def chercher_demandes(question: Question, perimetre: Perimetre) -> tuple[list[Demande], bool]:
    """Return readable demandes, exact number first, then urgent, open and recent, and « there are more ».

    Each has `lisible`: a whole number also finds what one's own desk registered in a walled secteur, number
    and clocks, no content. Tracking codes are the residents' and find nothing here.
    """
    trouvees = cles_des_demandes(question, perimetre)
    if not trouvees:
        return [], False
    demandes = lecture_des_resultats(perimetre).objets(trouvees, list(question.numeros))
    return demandes[:DEMANDES], len(demandes) > DEMANDES


@lru_cache(maxsize=256)
def lecture_des_resultats(perimetre: Perimetre) -> Lecture:
    """Of these ids, those shown: one more than the list holds. The second list is of whole numbers."""
    exacte = Case(When(numero__in=[str(AUTRE_MARQUE)], then=Value(0)), default=Value(1))
    ouverte = Case(
        When(etat__in=NON_FINAUX, est_urgente=True, then=Value(0)),
        When(etat__in=NON_FINAUX, then=Value(1)),
        default=Value(2),
    )
    lisible = Case(When(contenu_lisible(perimetre), then=True), default=False, output_field=BooleanField())
    return Lecture(
        lambda: (
            Demande.objects.filter(pk__in=[MARQUE])
            .annotate(lisible=lisible)
            .select_related("usager")
            .only(*COLONNES)
            .order_by(exacte, ouverte, "-recue_le", "-pk")[: DEMANDES + 1]
        )
    )


def cles_des_demandes(question: Question, perimetre: Perimetre) -> list[int]:
    """Ids by bounded lookups, so that each uses its own index."""
    trouvees = set()
    if mots := requete_des_mots(question):
        trouvees = {pk for (pk,) in lecture_par_mots(perimetre)(mots)}
    parties = list(parties_par_numero(question, perimetre))
    if parties:
        bornees = [partie.order_by().values_list("pk", flat=True)[:CANDIDATS] for partie in parties]
        trouvees.update(bornees[0].union(*bornees[1:]) if len(bornees) > 1 else bornees[0])
    return list(trouvees)


@lru_cache(maxsize=256)
def lecture_par_mots(perimetre: Perimetre) -> Lecture:
    requete = SearchQuery(str(MARQUE), search_type="raw", config="simple")
    lisibles = Demande.objects.visibles_par(perimetre).order_by()
    return Lecture(lambda: lisibles.filter(recherche=requete).values_list("pk")[:CANDIDATS])


def parties_par_numero(question: Question, perimetre: Perimetre) -> Iterator[QuerySet[Demande]]:
    lisibles = Demande.objects.visibles_par(perimetre)
    if question.numeros:
        yield Demande.objects.connues_de(perimetre).filter(numero__in=question.numeros)
    if question.debut_de_numero:
        yield lisibles.filter(entre("numero", question.debut_de_numero))
    if question.fin_de_numero:
        yield lisibles.alias(fin=Reverse("numero")).filter(entre("fin", question.fin_de_numero[::-1]))
    if question.plaque:
        plaques = lisibles.filter(reponses__has_key="immatriculation").alias(plaque=Plaque())
        yield plaques.filter(entre("plaque", question.plaque))


def entre(champ: str, debut: str) -> Q:
    return Q(**{f"{champ}__gte": debut, f"{champ}__lt": debut + FIN})
