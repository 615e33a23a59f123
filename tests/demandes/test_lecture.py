"""A read prepared once says what the ORM says, for the value it is given."""

from django.contrib.sessions.backends.db import SessionStore as DeDjango
from django.contrib.sessions.models import Session
from django.utils import timezone

from demandes import entourage, fil, recit
from demandes.models import Demande
from guichet.envois.models import Envoi
from guichet.organisation.models import Direction
from guichet.socle.lecture import AUTRE_MARQUE, MARQUE, Lecture
from guichet.socle.sessions import SessionStore
from tests import factories


def test_it_is_compiled_once_and_answers_each_value(ville, django_assert_num_queries):
    codes = dict(Direction.objects.values_list("pk", "code"))
    premiere, seconde, *_ = codes
    construites = []
    lire = Lecture(lambda: construites.append(1) or Direction.objects.filter(pk=MARQUE).values_list("code"))

    with django_assert_num_queries(3):
        assert list(lire(premiere)) == [(codes[premiere],)]
        assert list(lire(seconde)) == [(codes[seconde],)]
        assert list(lire(0)) == []

    assert construites == [1]


def test_lists_take_the_place_of_the_marks(ville, django_assert_num_queries):
    codes = dict(Direction.objects.values_list("pk", "code"))
    premiere, seconde, troisieme, *_ = sorted(codes)
    lire = Lecture(
        lambda: (
            Direction.objects.filter(pk__in=[MARQUE])
            .exclude(code__in=[str(AUTRE_MARQUE)])
            .order_by("pk")
            .values_list("code")
        )
    )

    with django_assert_num_queries(3):
        assert list(lire([seconde, premiere], [])) == [(codes[premiere],), (codes[seconde],)]
        assert list(lire([premiere, troisieme], [codes[premiere], "AUTRE"])) == [(codes[troisieme],)]
        assert list(lire([], [codes[premiere]])) == []


def test_a_text_takes_the_place_of_the_mark_too(ville):
    demande = factories.deposer(ville)

    envois = fil.lire_les_courriels(demande)

    assert [envoi.pk for envoi in envois] == list(
        Envoi.objects.filter(reference=f"demande:{demande.numero}").values_list("pk", flat=True)
    )
    assert envois


def test_json_comes_back_as_the_orm_gives_it(ville):
    demande = factories.deposer(ville)

    lignes = recit.lire(demande)

    assert [ligne.details for ligne in lignes] == [
        entree.details for entree in demande.journal.order_by("rang")
    ]
    assert any(ligne.details for ligne in lignes)


def test_its_objects_are_those_of_the_orm_with_their_people(ville, django_assert_num_queries):
    premiere = factories.demande_dans("prise_en_charge", ville)
    seconde = factories.deposer(ville)
    lire = Lecture(lambda: Demande.objects.pour_page().filter(numero=str(MARQUE)))

    for demande in (premiere, seconde):
        (attendue,) = Demande.objects.pour_page().filter(numero=demande.numero)
        with django_assert_num_queries(1):
            (lue,) = lire.objets(demande.numero)
            assert str(lue.usager) == str(attendue.usager)
            assert str(lue.agent_traitant) == str(attendue.agent_traitant)
        with django_assert_num_queries(0):
            assert not hasattr(lue, "intermediaire")
        assert {**vars(lue), "_state": None} == {**vars(attendue), "_state": None}
    assert lire.objets("INCONNU") == []


def test_a_read_that_nothing_can_answer_gives_nothing(ville, django_assert_num_queries):
    aucune = Lecture(lambda: Demande.objects.filter(pk__in=[], numero=str(MARQUE)))
    with django_assert_num_queries(0):
        assert aucune.objets("X") == []
        assert list(aucune("X")) == []


def test_a_session_is_read_until_it_expires(db, django_assert_num_queries):
    gardee = SessionStore()
    gardee["quoi"] = "é"
    gardee.create()

    with django_assert_num_queries(1):
        assert SessionStore(gardee.session_key)["quoi"] == "é"
    assert DeDjango(gardee.session_key)["quoi"] == "é"
    Session.objects.filter(pk=gardee.session_key).update(expire_date=timezone.now())
    perimee = SessionStore(gardee.session_key)
    assert "quoi" not in perimee
    assert perimee.session_key is None


def test_the_surroundings_of_a_demande_are_those_of_the_orm(ville, django_assert_num_queries):
    demande = Demande.objects.pour_fil().get(pk=factories.demande_dans("prise_en_charge", ville).pk)
    lue = Demande.objects.pour_page().get(pk=demande.pk)

    entourage.lire_l_entourage(lue)

    with django_assert_num_queries(0):
        for lien, champs in entourage.DITS.items():
            for champ in champs:
                assert getattr(getattr(lue, lien), champ) == getattr(getattr(demande, lien), champ), champ
        courriel = lue.usager.courriel
    assert courriel == demande.usager.courriel != ""
