"""What agents choose is learned; a version that is not better does not take over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from demandes import tasks
from demandes.models import Message, Suggestion, VersionSuggestion
from demandes.suggestion import travail
from demandes.suggestion.appris import Appris, lire
from demandes.suggestion.entrainement import Choix, Resultat, apprendre
from demandes.suggestion.index import Exemple, Index
from demandes.suggestion.texte import Comptes
from guichet.canaux.canal import Canal
from tests import factories

# A word that the catalogue ignores, and that agents of this city always file under the roads.
LOCAL = ["Le zinzolin est encore tombé", "Un zinzolin cassé place du Marché", "Zinzolin à remplacer svp"]
AUTRES = ["Je cherche une aide pour mes factures", "Aide pour payer le loyer", "Besoin d'une aide urgente"]


@pytest.fixture(scope="module")
def index():
    return Index(
        {
            "VOI": [Exemple("trou dans la chaussée"), Exemple("nid-de-poule")],
            "CCAS": [Exemple("aide pour payer une facture"), Exemple("loyer impayé")],
            "TAG": [Exemple("graffiti sur un mur"), Exemple("objet tombé sur la place")],
        }
    )


def choix(nombre: int) -> list[Choix]:
    paires = [("VOI", texte) for texte in LOCAL] + [("CCAS", texte) for texte in AUTRES]
    return [Choix(code, f"{texte} {rang}") for rang in range(nombre // 6) for code, texte in paires]


def test_a_word_of_the_city_is_learned_from_its_agents(index):
    resultat = apprendre(index, [], choix(480))

    assert resultat.part > 0
    assert resultat.mesures["version_top1"] > resultat.mesures["index_top1"]
    comptes = Comptes("il y a un zinzolin par terre")
    parts = resultat.appris.melanger(comptes, index.rarete, index.codes, [1 / 3] * 3, resultat.part)
    assert index.codes[parts.index(max(parts))] == "VOI"


def test_a_version_survives_its_storage_without_running_code(index):
    appris = apprendre(index, [], choix(60)).appris
    relu = lire(appris.ecrire())
    comptes = Comptes("zinzolin cassé")
    assert relu.parts(comptes, index.rarete) == pytest.approx(appris.parts(comptes, index.rarete), abs=1e-3)
    with pytest.raises(ValueError):
        lire(b"not an archive")


def test_few_choices_weigh_little(index):
    assert apprendre(index, [], choix(30)).part <= 30 / 230


# -- in the city ------------------------------------------------------------------------------------------


@pytest.fixture
def choisies(ville):
    """Sixty choices of the desk."""
    demande = factories.deposer(ville, texte=LOCAL[0], type=None, canal=Canal.COURRIEL)
    message = demande.messages.get()
    for rang in range(travail.CHOIX_MINIMUM):
        autre = factories.deposer(ville, texte=f"{LOCAL[rang % 3]} {rang}", type=None, canal=Canal.COURRIEL)
        Suggestion.objects.create(
            demande=autre,
            message=autre.messages.get(),
            choix=ville.type_voirie if rang % 2 else ville.type_a_valider,
            choisi_le=timezone.now() - timedelta(minutes=rang),
            rang=0,
        )
    return message


class Entrainement:
    """Stands for the training: answers what it is told, and keeps what it was asked."""

    Choix = Choix

    def __init__(self, part: float, **mesures: float) -> None:
        appris = apprendre(Index({"A": [Exemple("a b")], "B": [Exemple("c d")]}), [], _deux_classes()).appris
        self.resultat = Resultat(appris, part, mesures)
        self.appels: list[dict] = []

    def apprendre(self, index, depart, choix, **suite) -> Resultat:
        self.appels.append({"choix": choix, **suite})
        return self.resultat


def _deux_classes() -> list[Choix]:
    return [
        Choix("A" if rang % 2 else "B", "trottoir cassé" if rang % 2 else "tag mural") for rang in range(20)
    ]


def remplacer(monkeypatch, entrainement) -> None:
    vrai = travail.import_string
    monkeypatch.setattr(
        travail,
        "import_string",
        lambda chemin: (
            getattr(entrainement, chemin.rsplit(".", 1)[1]) if "entrainement" in chemin else vrai(chemin)
        ),
    )


def test_nothing_is_learned_from_too_few_choices(ville):
    assert travail.reapprendre() is None
    assert not VersionSuggestion.objects.exists()


def test_a_better_version_takes_over_and_is_named_by_what_it_suggests(ville, choisies, monkeypatch):
    entrainement = Entrainement(0.2, index_top1=0.5, index_top3=0.6, version_top1=0.7, version_top3=0.8)
    remplacer(monkeypatch, entrainement)

    tasks.reapprendre_les_suggestions()

    version = VersionSuggestion.objects.get()
    assert (version.est_en_service, version.choix_appris, version.part) == (True, 60, 0.2)
    assert len(entrainement.appels[0]["choix"]) == 60
    travail.balayer()
    assert Suggestion.objects.get(message=choisies).version == version


def test_the_same_choices_are_not_learned_twice(ville, choisies, monkeypatch):
    remplacer(monkeypatch, Entrainement(0.2))
    assert travail.reapprendre() is not None
    assert travail.reapprendre() is None


@pytest.mark.parametrize(
    ("part", "mesures", "phrase"),
    [
        (0.0, {}, "pas mieux que le catalogue"),
        (
            0.3,
            {
                "ancienne_top1": 0.8,
                "ancienne_top3": 0.9,
                "version_neufs_top1": 0.7,
                "version_neufs_top3": 0.9,
            },
            "moins bien que la version en service",
        ),
    ],
)
def test_a_worse_version_is_refused_and_the_former_stays(ville, choisies, monkeypatch, part, mesures, phrase):
    ancienne = VersionSuggestion.objects.create(
        choix_appris=60,
        appris_jusqu_au=timezone.now() - timedelta(days=30),
        part=0.2,
        est_en_service=True,
        contenu=Entrainement(0.2).resultat.appris.ecrire(),
    )
    entrainement = Entrainement(part, **mesures)
    remplacer(monkeypatch, entrainement)

    refusee = travail.reapprendre()

    assert refusee is not None
    assert phrase in refusee.motif
    assert (refusee.est_en_service, refusee.contenu) == (False, None)
    ancienne.refresh_from_db()
    assert ancienne.est_en_service
    assert isinstance(lire(bytes(ancienne.contenu)), Appris)
    assert len(entrainement.appels[0]["neufs"]) == 60


def test_an_erased_text_is_not_learned_from(ville, choisies, monkeypatch):
    Message.objects.all().update(corps="", objet="")
    entrainement = Entrainement(0.2)
    remplacer(monkeypatch, entrainement)

    travail.reapprendre()

    assert {un.texte.strip(" .\n") for un in entrainement.appels[0]["choix"]} == {""}
