"""An alert for a segment: mailed by what subscribers said, and its editor reads to whom before it leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guichet.envois.models import Envoi
from portal.models import Abonne, Alerte, Alertes, Diffusion, Segment
from tests.portal.test_abonnement import abonner, ecrire, nouvelle, prevenus, remplir

DU_3E, DU_8E, DES_DEUX, DU_SPORT, DE_TOUT = (
    f"{nom}@courriel.example" for nom in ("du-3e", "du-8e", "des-deux", "du-sport", "de-tout")
)


@pytest.fixture
def abonnes(editeur: Client) -> None:
    for nom, choix in {
        "du-3e": {"territoires": ["arr_3"]},
        "du-8e": {"territoires": ["arr_8"]},
        "des-deux": {"territoires": ["arr_3", "arr_8"]},
        "du-sport": {"sujets": ["sport"]},
        "de-tout": {},
    }.items():
        abonner(nom, **choix)


def segment(nom: str, **conditions: Any) -> Segment:
    return Segment.objects.create(nom=nom, **conditions)


def viser(effet: str, *segments: Segment) -> dict[str, Any]:
    return {"effet": effet, "segments": [str(un.pk) for un in segments], "prevenir": "on"}


@pytest.mark.usefixtures("abonnes")
def test_its_editor_reads_who_will_be_written_to_before_anything_leaves(editeur: Client) -> None:
    seniors = segment("Seniors du 8e", situations=["senior"], territoires=["arr_8"])
    champs = viser("montrer", seniors) | {"sujets": ["meteo"]}

    neuve = editeur.get(nouvelle()).content.decode()
    assert "Avant que rien ne parte" in neuve
    refus = editeur.post(nouvelle(), remplir("action-publish", **champs))
    assert refus.status_code == 200
    assert refus.context["form"].errors["prevenir"] == [
        "3 abonnés recevront cette alerte.",
        "Arrondissements : tous.",
        "Sujets : « Neige, canicule, intempéries », et ceux qui n'en ont choisi aucun.",
        "Segment « Seniors du 8e » : 8e – Les Tisserands, et ceux qui n'ont rien choisi. La situation, l'âge "
        "et le compte ne comptent pas : un abonné n'en dit rien.",
        "C'est bien cela ? Publiez de nouveau pour confirmer.",
    ]
    assert (Alerte.objects.count(), prevenus()) == (0, [])

    # Changed again since, it is told again; a draft is saved without a word.
    vue = refus.context["form"]["annonce"].value()
    autre = editeur.post(nouvelle(), remplir("action-publish", **champs | {"sujets": []}, annonce=vue))
    assert autre.context["form"].errors["prevenir"][0] == "4 abonnés recevront cette alerte."
    assert not Diffusion.objects.exists()
    assert editeur.post(nouvelle(), remplir("action-publish", **champs, annonce=vue)).status_code == 302
    assert prevenus() == [DU_8E, DES_DEUX, DE_TOUT]
    alerte = Alerte.objects.get()
    page = editeur.get(f"/gestion/pages/{alerte.pk}/edit/").content.decode()
    assert "Telle qu'enregistrée : 3 abonnés recevront cette alerte." in page
    assert "Segment « Seniors du 8e »" in page


@pytest.mark.parametrize(
    ("cas", "attendus"),
    [
        ("avant", [DU_3E, DU_8E, DES_DEUX, DU_SPORT, DE_TOUT]),
        ("par district", [DU_8E, DES_DEUX, DU_SPORT, DE_TOUT]),
        ("par sujet", [DU_3E, DU_8E, DES_DEUX, DU_SPORT, DE_TOUT]),
        ("par les deux", [DU_8E, DES_DEUX, DE_TOUT]),
        ("cachée au 3e", [DU_8E, DES_DEUX, DU_SPORT, DE_TOUT]),
        ("cachée aux seniors du 3e", [DU_3E, DU_8E, DES_DEUX, DU_SPORT, DE_TOUT]),
        ("d'un segment retiré", []),
        ("hors saison", []),
    ],
)
@pytest.mark.usefixtures("abonnes")
def test_a_segment_counts_by_what_subscribers_said(
    editeur: Client,
    cas: str,
    attendus: list[str],
) -> None:
    autre_mois = timezone.localdate().month % 12 + 1
    cibles: dict[str, Callable[[], dict[str, Any]]] = {
        "avant": lambda: viser("avant", segment("Du 8e", territoires=["arr_8"])),
        "par district": lambda: viser("montrer", segment("Du 8e", territoires=["arr_8"])),
        "par sujet": lambda: viser("montrer", segment("Du sport", sujets=["sport"])),
        "par les deux": lambda: viser("montrer", segment("Deux", territoires=["arr_8"], sujets=["meteo"])),
        "cachée au 3e": lambda: viser("cacher", segment("Du 3e", territoires=["arr_3"])),
        "cachée aux seniors du 3e": lambda: viser(
            "cacher", segment("Seniors du 3e", territoires=["arr_3"], situations=["senior"])
        ),
        "d'un segment retiré": lambda: viser(
            "montrer", segment("Ancien", territoires=["arr_8"], est_actif=False)
        ),
        "hors saison": lambda: viser("montrer", segment("Été", territoires=["arr_8"], mois=[autre_mois])),
    }
    champs = cibles[cas]()
    if cas == "d'un segment retiré":
        # Chosen while it was in use.
        Segment.objects.update(est_actif=True)
    alerte = ecrire(editeur, **champs)
    if cas == "d'un segment retiré":
        Segment.objects.update(est_actif=False)

    assert prevenus() == attendus
    assert Abonne.objects.concernes_par(alerte).count() == len(attendus)


@pytest.mark.usefixtures("abonnes")
def test_an_alert_for_a_situation_alone_is_not_mailed_to_the_whole_city(editeur: Client) -> None:
    seniors = segment("Seniors", situations=["senior"])
    champs = viser("montrer", seniors)

    for geste in ("action-publish", "action-submit"):
        refus = editeur.post(nouvelle(), remplir(geste, **champs))
        assert refus.status_code == 200
        assert "le courriel irait à toute la ville" in str(refus.context["form"].errors["prevenir"])
    assert not Alerte.objects.exists()
    # Bounded by the alert's own districts, the editor knows whom it is for.
    ecrire(editeur, **champs, territoires=["arr_3"])
    assert prevenus() == [DU_3E, DES_DEUX, DU_SPORT, DE_TOUT]
    # Planned for a district's segment that lost its district since: it goes to nobody rather than to all.
    Alerte.objects.update(territoires=[])
    assert Abonne.objects.concernes_par(Alerte.objects.get()).count() == 0
    # One published without a mail, then told: the same rule.
    alerte = Alerte.objects.get()
    donnees = remplir("action-publish", **champs)
    assert editeur.post(f"/gestion/pages/{alerte.pk}/edit/", donnees).status_code == 200
    assert Envoi.objects.count() == 4
    assert Alertes.objects.count() == 1
