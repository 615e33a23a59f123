"""The register of changes: complete, readable, and never rewritten."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Modification
from tests import factories

ADRESSE = "/agent/administration/modifications/"


def changer(ville: factories.Ville, **champs: str) -> Modification | None:
    """One change of the roads department by the administrator."""
    with transaction.atomic():
        avant = instantane(ville.voirie)
        for nom, valeur in champs.items():
            setattr(ville.voirie, nom, valeur)
        ville.voirie.save()
        return consigner(
            compte=ville.administrateur,
            objet=ville.voirie,
            action="modification",
            avant=avant,
            apres=instantane(ville.voirie),
        )


def test_a_change_keeps_what_differs_and_nothing_else(ville):
    ligne = changer(ville, telephone="04 65 71 22 33")

    assert ligne is not None
    assert (ligne.avant, ligne.apres) == ({"telephone": "04 65 71 10 03"}, {"telephone": "04 65 71 22 33"})
    assert (ligne.compte, ligne.objet_genre, ligne.objet_cle) == (
        ville.administrateur,
        "organisation.direction",
        str(ville.voirie.pk),
    )


def test_saving_without_a_change_writes_no_line(ville):
    assert changer(ville) is None
    assert Modification.objects.count() == 0


def test_a_snapshot_is_in_words_and_holds_no_secret(ville):
    affectation = ville.agent_voirie.affectations.get()
    affectation.du = date(2026, 3, 1)

    assert instantane(affectation) == {
        "compte": "Karim Belkacem",
        "role": "Agent de direction",
        "point_accueil": "",
        "direction": "VOI – Voirie",
        "secteurs": ["general"],
        "du": "2026-03-01",
        "au": None,
    }
    assert "password" not in instantane(ville.agent_voirie)


@pytest.mark.django_db(transaction=True)
def test_a_line_is_refused_outside_a_transaction():
    compte = Compte.objects.creer("agent", "ada@ville.example")

    with pytest.raises(transaction.TransactionManagementError):
        consigner(compte=compte, objet=compte, action="creation")

    assert Modification.objects.count() == 0


@pytest.mark.parametrize(
    "requete",
    [
        "UPDATE organisation_modification SET objet_libelle = 'autre'",
        "DELETE FROM organisation_modification",
        "TRUNCATE organisation_modification",
    ],
)
def test_the_database_refuses_to_rewrite_the_register(ville, requete):
    changer(ville, telephone="04 65 71 22 33")

    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no pending event
        with pytest.raises(IntegrityError, match="ne se modifie ni ne s'efface"), transaction.atomic():
            curseur.execute(requete)

    assert [m.objet_libelle for m in Modification.objects.all()] == ["Voirie"]


# -- as it is read -----------------------------------------------------------------------------------------


def test_the_page_shows_before_and_after(admin, ville):
    changer(ville, telephone="04 65 71 22 33")

    page = admin.get(ADRESSE).content.decode()

    assert "Direction : Voirie" in page
    assert "04 65 71 10 03</del>" in page
    assert "04 65 71 22 33</ins>" in page
    assert "par Ada Moreau" in page


@pytest.mark.parametrize(
    ("filtre", "est_montree"),
    [
        ("genre=organisation.direction", True),
        ("personne=moreau", True),
        ("personne=belkacem", False),
        ("du=2020-01-01", True),
        ("au=2020-01-01", False),
        ("cle=999999", False),
    ],
)
def test_filters_keep_what_they_say(admin, ville, filtre, est_montree):
    changer(ville, telephone="04 65 71 22 33")

    page = admin.get(f"{ADRESSE}?{filtre}").content.decode()

    assert ("Direction : Voirie" in page) is est_montree


@pytest.mark.parametrize("filtre", ["genre=magie", "du=hier", "au=99999-99-99"])
def test_a_wrong_filter_is_said(admin, filtre):
    reponse = admin.get(f"{ADRESSE}?{filtre}")

    assert reponse.status_code == 422
    assert "champ__erreur" in reponse.content.decode()


@pytest.mark.parametrize("curseur", ["apres=magie", "avant=-3", "apres=99999999999999999999", "avant=²"])
def test_a_tampered_cursor_starts_from_the_beginning(admin, ville, curseur):
    changer(ville, telephone="04 65 71 22 33")

    assert "Direction : Voirie" in admin.get(f"{ADRESSE}?{curseur}").content.decode()


def test_pages_follow_each_other_without_a_gap(admin, ville):
    for rang in range(120):
        changer(ville, nom=f"Voirie {rang}")

    vues, adresse = [], ADRESSE
    while adresse:
        page = admin.get(adresse).context["page"]
        vues += [modification.pk for modification in page.lignes]
        adresse = page.url_suivante and ADRESSE + page.url_suivante

    assert vues == list(Modification.objects.order_by("-pk").values_list("pk", flat=True))
    derniere = admin.get(f"{ADRESSE}?apres={vues[99]}").context["page"]
    retour = admin.get(ADRESSE + derniere.url_precedente).context["page"]
    assert [m.pk for m in retour.lignes] == vues[50:100]
