"""Each sender's way to sign: what passes, and that nothing near it does."""

import base64
import hashlib
import hmac

import pytest

from guichet.canaux.signatures import (
    Cles,
    SignatureRefusee,
    autoriser,
    octets_du_secret,
    repondre_au_crc,
    signer,
    verifier_meta,
    verifier_standard,
    verifier_x,
)

MAINTENANT = 1_780_000_000
SECRET = "whsec_" + base64.b64encode(b"clef de la source").decode()
CORPS = '{"texte": "Ça déborde 🚮 à l’école"}'.encode()


def en_tetes(corps: bytes = CORPS, **changes: str) -> dict[str, str]:
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(MAINTENANT),
        "webhook-signature": signer("msg_1", MAINTENANT, corps, SECRET),
    } | changes


def test_the_signature_is_that_of_the_standard():
    """Computed here as the specification says, by nothing of ours."""
    attendue = hmac.new(b"clef de la source", b"msg_1.1780000000." + CORPS, hashlib.sha256).digest()

    assert signer("msg_1", MAINTENANT, CORPS, SECRET) == "v1," + base64.b64encode(attendue).decode()


def test_a_good_signature_passes_with_either_secret_and_among_others():
    verifier_standard(en_tetes(), CORPS, ["nouveau secret", SECRET], MAINTENANT)
    plusieurs = f"v1,{base64.b64encode(b'x' * 32).decode()} {en_tetes()['webhook-signature']}"
    verifier_standard(en_tetes(**{"webhook-signature": plusieurs}), CORPS, [SECRET], MAINTENANT)


@pytest.mark.parametrize("age", [-300, -1, 0, 299, 300])
def test_five_minutes_are_left_to_the_clocks(age):
    verifier_standard(en_tetes(), CORPS, [SECRET], MAINTENANT + age)


@pytest.mark.parametrize("age", [-301, 301, 86_400])
def test_a_post_kept_longer_is_refused(age):
    with pytest.raises(SignatureRefusee, match="too far"):
        verifier_standard(en_tetes(), CORPS, [SECRET], MAINTENANT + age)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1," + base64.b64encode(b"x" * 32).decode()},
        {"webhook-signature": en_tetes()["webhook-signature"][:-4]},
        {"webhook-signature": en_tetes()["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "é,🚧"},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(MAINTENANT + 1)},
        {"webhook-timestamp": "hier"},
        {"webhook-timestamp": "١٧٨٠٠٠٠٠٠٠"},
        {"webhook-timestamp": "9" * 400},
    ],
)
def test_whatever_is_changed_refuses(changes):
    with pytest.raises(SignatureRefusee) as refus:
        verifier_standard(en_tetes(**changes), CORPS, [SECRET], MAINTENANT)
    assert not refus.value.est_absente


@pytest.mark.parametrize("nom", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_said_so(nom):
    with pytest.raises(SignatureRefusee) as refus:
        verifier_standard(en_tetes(**{nom: ""}), CORPS, [SECRET], MAINTENANT)
    assert refus.value.est_absente


def test_no_secret_and_another_secret_prove_nothing():
    for secrets in ([], ["autre"]):
        with pytest.raises(SignatureRefusee):
            verifier_standard(en_tetes(), CORPS, secrets, MAINTENANT)


def test_a_secret_badly_copied_is_told():
    assert octets_du_secret("tel quel") == b"tel quel"
    with pytest.raises(ValueError, match="base64"):
        octets_du_secret("whsec_n'importe quoi")


def test_the_networks_sign_the_body_alone():
    empreinte = hmac.new(b"secret", CORPS, hashlib.sha256)
    meta = {"X-Hub-Signature-256": f"sha256={empreinte.hexdigest()}"}
    x = {"x-twitter-webhooks-signature": f"sha256={base64.b64encode(empreinte.digest()).decode()}"}

    verifier_meta(meta, CORPS, ["ancien", "secret"], MAINTENANT)
    verifier_x(x, CORPS, ["ancien", "secret"], MAINTENANT)
    for verifier, bons in ((verifier_meta, meta), (verifier_x, x)):
        for en_tetes_faux, corps in ((bons, CORPS + b" "), ({nom: v[:-2] for nom, v in bons.items()}, CORPS)):
            with pytest.raises(SignatureRefusee):
                verifier(en_tetes_faux, corps, ["secret"], MAINTENANT)
        with pytest.raises(SignatureRefusee) as refus:
            verifier({}, CORPS, ["secret"], MAINTENANT)
        assert refus.value.est_absente


def test_x_checks_that_we_know_the_secret():
    attendue = base64.b64encode(hmac.new(b"secret", b"jeton", hashlib.sha256).digest()).decode()

    assert repondre_au_crc("jeton", "secret") == f"sha256={attendue}"


def test_what_is_asked_of_x_is_signed_as_its_own_example():
    cles = Cles(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    parametres = {
        "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
        "include_entities": "true",
    }
    autorisation = autoriser(
        cles,
        "POST",
        "https://api.twitter.com/1.1/statuses/update.json",
        parametres,
        nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        instant=1318622958,
    )
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in autorisation
