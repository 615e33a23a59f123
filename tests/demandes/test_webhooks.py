"""The door of what others post: what is signed is kept before it is acknowledged, the rest leaves no row."""

import json
from unittest.mock import Mock

import pytest
from django.test import Client

from demandes import reception, tasks, webhooks
from demandes.models import Demande, Reception
from demandes.webhooks import Source
from guichet.canaux import sms
from guichet.canaux.canal import Canal
from guichet.canaux.signatures import repondre_au_crc
from guichet.canaux.webhook import Webhook
from guichet.socle.debit import Debit
from tests.webhooks import ANCIEN, SECRET, corps_de, en_tetes_de, un_sms

ADRESSE = "/api/webhooks/sms"


@pytest.fixture(autouse=True)
def sonnette(monkeypatch, settings):
    settings.GUICHET_SECRETS = {"sms": (SECRET, ANCIEN)}
    monkeypatch.setattr(webhooks, "ACCEPTES", Debit(1000))
    monkeypatch.setattr(webhooks, "REFUSES", Debit(1000))
    # What another test told is told: it must not ring here.
    reception.sonnette.attendre()
    monkeypatch.setattr(reception.sonnette, "silence_jusqu_a", 0.0)
    sonnette = Mock()
    monkeypatch.setattr(tasks.traiter_reception, "delay", sonnette)
    yield sonnette
    reception.sonnette.attendre()


def poster(corps: bytes, en_tetes: dict[str, str] | None = None, adresse: str = ADRESSE):
    """Without a session nor a form's token, as a machine does."""
    en_tetes = en_tetes_de(corps) if en_tetes is None else en_tetes
    return Client(enforce_csrf_checks=True).post(
        adresse, corps, content_type="application/json", headers=en_tetes
    )


# -- what is kept


def test_a_signed_post_is_kept_as_it_came_then_read(ville, sonnette):
    corps = un_sms()

    reponse = poster(corps)

    gardee = Reception.objects.get()
    assert (reponse.status_code, reponse.json()) == (200, {"recu": True})
    assert (gardee.canal, gardee.source, gardee.cle_externe) == (Canal.SMS, "sms", "sms-1")
    assert bytes(gardee.contenu) == corps
    reception.sonnette.attendre()
    sonnette.assert_called_once_with(gardee.pk)
    demande = reception.traiter(gardee.pk)
    assert demande.canal == Canal.SMS
    assert demande.messages.get(sens="entrant").corps == "Un nid-de-poule rue Édouard-Herriot 🚧"


def test_the_secret_it_replaces_is_still_valid_and_a_third_is_not(db):
    assert poster(un_sms(), en_tetes_de(un_sms(), secret=ANCIEN)).status_code == 200
    assert poster(un_sms("sms-2"), en_tetes_de(un_sms("sms-2"), secret="whsec_YXV0cmU=")).status_code == 403

    assert Reception.objects.count() == 1


def test_what_names_itself_in_no_way_is_known_by_its_header_and_its_bytes(db):
    corps = corps_de({"de": "+33639980011", "texte": "Bonjour"})

    for _ in range(2):
        assert poster(corps, en_tetes_de(corps, identifiant="msg_7")).status_code == 200

    assert Reception.objects.get().cle_externe == "msg_7"


@pytest.mark.parametrize(
    "corps", [b"", b"{", b"\xff\xfe", b'{"id": "a\\u0000b"}', b"[" * 9000, corps_de({"id": "x", "texte": ""})]
)
def test_signed_and_unreadable_is_kept_and_shown(ville, corps):
    assert poster(corps).status_code == 200

    reception.balayer()
    gardee = Reception.objects.get()
    assert (gardee.etat, bytes(gardee.contenu)) == (Reception.Etat.QUARANTAINE, corps)
    assert gardee.motif


def test_the_same_message_with_other_words_is_another(db):
    for texte in ("Bonjour", "Bonsoir"):
        assert poster(un_sms(texte=texte)).status_code == 200

    assert Reception.objects.count() == 2


def test_r10_a_post_made_five_times_is_effective_once(ville):
    corps = un_sms()

    reponses = [poster(corps, en_tetes_de(corps, identifiant=f"msg_{i}")) for i in range(5)]

    assert [r.status_code for r in reponses] == [200] * 5
    reception.balayer()
    assert poster(corps).status_code == 200
    reception.balayer()
    assert Reception.objects.count() == Demande.objects.count() == 1


# -- what is refused


def faux(quoi: str) -> tuple[bytes, dict[str, str]]:
    corps = un_sms(texte="Ça déborde 🚮 à l’école")
    bons = en_tetes_de(corps)
    return {
        "signature absente": (corps, {}),
        "sans l'instant": (corps, bons | {"webhook-timestamp": ""}),
        "signature fausse": (corps, en_tetes_de(corps, secret="un autre")),
        "signature coupée": (corps, bons | {"webhook-signature": bons["webhook-signature"][:-6]}),
        "corps altéré": (corps.replace(b"borde", b"bord\xc3\xa9"), bons),
        "corps coupé": (corps[:-1], bons),
        "corps vide": (b"", bons),
        "emoji échappé": (json.dumps(json.loads(corps)).encode(), bons),
        "réécrit sans espaces": (
            json.dumps(json.loads(corps), ensure_ascii=False, separators=(",", ":")).encode(),
            bons,
        ),
        "rejoué après 5 minutes": (corps, en_tetes_de(corps, age=301)),
        "rejoué avec un instant neuf": (
            corps,
            en_tetes_de(corps, age=301) | {"webhook-timestamp": en_tetes_de(corps)["webhook-timestamp"]},
        ),
        "daté de l'avenir": (corps, en_tetes_de(corps, age=-310)),
    }[quoi]


ABSENTES = {"signature absente", "sans l'instant"}


@pytest.mark.parametrize(
    "quoi",
    [
        *sorted(ABSENTES),
        "signature fausse",
        "signature coupée",
        "corps altéré",
        "corps coupé",
        "corps vide",
        "emoji échappé",
        "réécrit sans espaces",
        "rejoué après 5 minutes",
        "rejoué avec un instant neuf",
        "daté de l'avenir",
    ],
)
def test_r12_unsigned_or_altered_is_refused(db, sonnette, quoi):
    reponse = poster(*faux(quoi))

    assert reponse.status_code == (401 if quoi in ABSENTES else 403)
    assert reponse.json()["recu"] is False
    assert Reception.objects.count() == 0
    reception.sonnette.attendre()
    sonnette.assert_not_called()


def test_r12_the_good_one_passes_as_its_bytes_are(db):
    sms_9 = {"id": "sms-9", "de": "+33639980011", "texte": "é 🚮"}
    corps = json.dumps(sms_9, indent=3).encode()

    assert poster(corps).status_code == 200
    assert bytes(Reception.objects.get().contenu) == corps


def test_a_source_without_a_secret_is_closed(db, settings):
    settings.GUICHET_SECRETS = {"sms": ()}

    assert poster(un_sms()).status_code == 401
    assert Reception.objects.count() == 0


def test_a_body_too_long_is_not_read(db):
    corps = un_sms(texte="é" * 140_000)

    assert poster(corps).status_code == 413
    assert Reception.objects.count() == 0


def test_a_flood_is_told_to_wait_and_keeps_nothing_more(db, monkeypatch):
    monkeypatch.setattr(webhooks, "ACCEPTES", Debit(2))
    monkeypatch.setattr(webhooks, "REFUSES", Debit(2))

    signees = [poster(un_sms(f"sms-{i}")) for i in range(4)]
    refusees = [poster(un_sms(), {}) for _ in range(4)]

    assert [r.status_code for r in signees] == [200, 200, 429, 429]
    assert [r.status_code for r in refusees] == [401, 401, 429, 429]
    assert signees[-1].headers["Retry-After"] == "60"
    assert Reception.objects.count() == 2


def test_who_floods_unsigned_stops_nobody_who_signs(db, monkeypatch):
    """Behind a badly declared proxy both have one address."""
    monkeypatch.setattr(webhooks, "REFUSES", Debit(1))
    assert [poster(un_sms(), {}).status_code for _ in range(3)] == [401, 429, 429]

    assert poster(un_sms()).status_code == 200


# -- another sender


def test_a_source_may_ask_first_whether_we_know_the_secret(db, settings, monkeypatch):
    def crc(parametres, secrets):
        jeton = parametres.get("crc_token", "")
        return repondre_au_crc(jeton, secrets[0]) if jeton else None

    monkeypatch.setitem(webhooks.SOURCES, "reseau", Source(Canal.X, Webhook(sms.cle, defi=crc)))
    settings.GUICHET_SECRETS = {"reseau": ("secret",)}
    client = Client()

    reponse = client.get("/api/webhooks/reseau?crc_token=jeton")

    assert (reponse.status_code, reponse.content.decode()) == (200, repondre_au_crc("jeton", "secret"))
    assert client.get("/api/webhooks/reseau").status_code == 403
    assert client.get("/api/webhooks/sms?crc_token=jeton").status_code == 405
