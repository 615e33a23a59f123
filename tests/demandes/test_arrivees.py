"""What came and made no demande is seen, read as it came, and leaves by one of three ways."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from demandes import courriels, reception
from demandes.actions import Depot
from demandes.droits import Auteur
from demandes.models import Demande, Reception
from guichet.canaux import emetteur
from guichet.canaux.canal import Canal
from guichet.canaux.message import Expediteur
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests import factories
from tests.canaux.courriel.lettres import courriel

MAUVAIS = courriel("Un banc cassé", References="<a@x> " * 50_000, Subject="Le <b>banc</b>")


@pytest.fixture
def arrivee(ville) -> Reception:
    recue = courriels.recevoir(MAUVAIS)
    assert reception.traiter(recue.pk) is None
    return Reception.objects.get()


@pytest.fixture
def accueil(ville) -> Client:
    client = Client()
    client.force_login(ville.agent_accueil, backend="guichet.organisation.portes.PorteBackend")
    return client


def page(client: Client, nom: str, *args, donnees=None) -> tuple[int, str]:
    adresse = reverse(nom, args=args)
    reponse = client.get(adresse) if donnees is None else client.post(adresse, donnees, follow=True)
    return reponse.status_code, reponse.content.decode()


def test_the_list_says_who_what_and_why(accueil, arrivee):
    statut, contenu = page(accueil, "agent_arrivees")
    assert statut == 200
    assert "Le &lt;b&gt;banc&lt;/b&gt;" in contenu
    assert "Jeanne Martin" in contenu
    assert "Les en-têtes de ce courriel dépassent 256 Ko." in contenu
    assert "Rien ici" in accueil.get(reverse("agent_arrivees"), {"vue": "sans-demande"}).content.decode()
    assert accueil.get(reverse("agent_arrivees"), {"vue": "magie"}).status_code == 404


def test_the_list_reads_no_whole_mail(accueil, arrivee, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as seule:
        page(accueil, "agent_arrivees")
    for rang in range(5):
        factories.mettre_en_quarantaine(courriel(f"{rang}"))
    with django_assert_max_num_queries(len(seule)) as plusieurs:
        page(accueil, "agent_arrivees")
    ordre = next(q["sql"] for q in plusieurs if "substring" in q["sql"])
    assert '"demandes_reception"."contenu",' not in ordre.replace(
        'substring("demandes_reception"."contenu",', ""
    )


def test_the_raw_message_is_read_and_downloaded_to_the_byte(accueil, arrivee):
    _, contenu = page(accueil, "agent_arrivee", arrivee.pk)
    assert "From: Jeanne Martin" in contenu
    assert "Subject: Le &lt;b&gt;banc&lt;/b&gt;" in contenu
    assert "Un banc cassé" in contenu, "the words are seen behind a header that never ends"
    assert len(contenu) < 60_000
    assert 'name="courriel" value="jeanne.martin@courriel.example"' in contenu, "only the words are to type"

    reponse = accueil.get(reverse("agent_arrivee_brut", args=[arrivee.pk]))

    assert reponse.content == MAUVAIS
    assert reponse["Content-Disposition"] == f'attachment; filename="arrivee-{arrivee.pk}.eml"'
    assert reponse["Content-Type"] == "application/octet-stream"
    assert reponse["X-Content-Type-Options"] == "nosniff"


def test_it_is_read_again_once_repaired(accueil, ville):
    arrivee = factories.mettre_en_quarantaine(courriel())

    statut, contenu = page(accueil, "agent_arrivee_relire", arrivee.pk, donnees={})

    demande = Demande.objects.get()
    assert (statut, demande.canal) == (200, Canal.COURRIEL)
    assert f"demande {demande.numero}" in contenu
    arrivee.refresh_from_db()
    assert (arrivee.etat, arrivee.demande, arrivee.motif) == (Reception.Etat.TRAITEE, demande, "")


def test_it_stays_when_it_still_cannot_be_read(accueil, arrivee):
    _, contenu = page(accueil, "agent_arrivee_relire", arrivee.pk, donnees={})
    assert "Toujours illisible. Les en-têtes de ce courriel dépassent 256 Ko." in contenu
    arrivee.refresh_from_db()
    assert arrivee.etat == Reception.Etat.QUARANTAINE
    assert not Demande.objects.exists()


def test_it_is_typed_in_by_hand_with_its_own_date(accueil, arrivee, ville):
    donnees = {
        "texte": "Un banc est cassé.",
        "nom": "Martin",
        "prenom": "Jeanne",
        "courriel": "j@courriel.example",
    }

    page(accueil, "agent_arrivee", arrivee.pk, donnees=donnees)

    demande = Demande.objects.get()
    assert (demande.canal, demande.recue_le, demande.type) == (Canal.COURRIEL, arrivee.recue_le, None)
    assert demande.usager.courriel == "j@courriel.example"
    assert Envoi.objects.get().destinataire == "j@courriel.example"
    arrivee.refresh_from_db()
    assert (arrivee.etat, arrivee.demande, arrivee.traitee_par) == ("traitee", demande, ville.agent_accueil)


def test_what_the_sorting_took_for_a_machine_is_made_a_demande_by_an_agent(accueil, ville):
    recue = courriels.recevoir(courriel("Le lampadaire est éteint", Subject="Automatic reply"))
    assert reception.traiter(recue.pk) is None
    recue.refresh_from_db()
    assert (recue.etat, recue.demande) == (Reception.Etat.TRAITEE, None)
    _, contenu = page(accueil, "agent_arrivee", recue.pk)
    assert "En faire une demande" in contenu
    assert "Réessayer de le lire" not in contenu
    assert "L'écarter" not in contenu

    donnees = {
        "texte": "Le lampadaire est éteint.",
        "nom": "Martin",
        "courriel": "jeanne.martin@courriel.example",
    }
    page(accueil, "agent_arrivee", recue.pk, donnees=donnees)
    page(accueil, "agent_arrivee", recue.pk, donnees=donnees)

    demande = Demande.objects.get()
    assert (demande.canal, demande.recue_le) == (Canal.COURRIEL, recue.recue_le)
    recue.refresh_from_db()
    assert (recue.demande, recue.traitee_par) == (demande, ville.agent_accueil)
    assert "En faire une demande" not in page(accueil, "agent_arrivee", recue.pk)[1]


def test_who_wrote_in_the_form_of_a_web_site_is_who_it_says_to_answer(ville):
    recue = courriels.recevoir(
        courriel(
            "Un banc cassé",
            From="Site de la mairie <no-reply@site.example>",
            plus="Reply-To: Awa Ndiaye <awa@courriel.example>",
        )
    )

    demande = reception.traiter(recue.pk)

    assert (demande.usager.nom, demande.usager.courriel) == ("Awa Ndiaye", "awa@courriel.example")
    assert not Envoi.objects.exists()  # nobody knows that it is theirs: no automatic answer


PHOTO = factories.photo()
ENCODEE = base64.encodebytes(PHOTO).decode().replace("\n", "\r\n")


def avec_une_photo(plus: str = "") -> bytes:
    """A mail that cannot be read, with a photo and a list in it."""
    corps = (
        "--=_f\r\nContent-Type: text/plain\r\n\r\nUn banc.\r\n-- \r\nJeanne\r\n"
        '--=_f\r\nContent-Type: image/jpeg; name="banc.jpg"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{ENCODEE}\r\n"
        '--=_f\r\nContent-Disposition: attachment; filename="../liste.txt"\r\n\r\n--a\r\n--=_fa\r\n'
        "--=_f--\r\n"
    )
    return courriel(corps, Content_Type='multipart/mixed; boundary="=_f"', plus=plus)


LOURD = "References: " + "<a@x> " * 50_000
EPAVES = {
    "headers too long": avec_une_photo(LOURD),
    "too many parts": avec_une_photo().replace(b"--=_f--", b"--=_f\r\nA: b\r\n\r\n\r\n" * 2_000 + b"--=_f--"),
    "cut on the way": avec_une_photo(LOURD).removesuffix(b"\r\n--=_f--\r\n"),
}


@pytest.mark.parametrize("brut", EPAVES.values(), ids=EPAVES)
def test_typed_in_by_hand_it_keeps_the_files_that_can_be_told_apart_and_itself(accueil, ville, brut):
    recue = courriels.recevoir(brut)
    assert reception.traiter(recue.pk) is None
    assert "seront joints à la demande" in page(accueil, "agent_arrivee", recue.pk)[1]

    page(accueil, "agent_arrivee", recue.pk, donnees={"texte": "Un banc est cassé."})

    message = Demande.objects.get().messages.get(sens="entrant")
    pieces = {}
    for piece in Piece.objects.filter(proprietaire_genre="message", proprietaire_id=message.pk):
        with piece.fichier.open() as ouvert:
            pieces[piece.nom_original] = ouvert.read()
    assert pieces == {"banc.jpg": PHOTO, "liste.txt": b"--a\r\n--=_fa", "message-recu.eml": brut}
    assert Reception.objects.get().demande == message.demande


def test_a_mail_of_which_nothing_can_be_told_apart_is_there_itself(accueil, arrivee):
    page(accueil, "agent_arrivee", arrivee.pk, donnees={"texte": "Un banc est cassé."})
    assert [piece.nom_original for piece in Piece.objects.all()] == ["message-recu.eml"]


def test_what_is_refused_leaves_no_file(accueil, arrivee):
    _, contenu = page(accueil, "agent_arrivee", arrivee.pk, donnees={"texte": "Un banc", "telephone": "12"})
    assert "Un banc" in contenu
    assert (Demande.objects.count(), Piece.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("source", "brut", "champ", "attendu"),
    [
        ("sms", {"from": "+33639980011", "texte": {}}, "telephone", "06 39 98 00 11"),
        ("mastodon", {"account": {"id": "1", "acct": "awa@social.example"}}, "nom", "@awa@social.example"),
        ("x", {"tweet_create_events": [{"user": {"screen_name": "awa_n"}}]}, "nom", "@awa_n"),
        (
            "facebook",
            {"entry": [{"changes": [{"value": {"from": {"id": "0611223344", "name": "Awa Ndiaye"}}}]}]},
            "nom",
            "Awa Ndiaye",
        ),
    ],
)
def test_who_wrote_is_proposed_whatever_the_channel(accueil, ville, source, brut, champ, attendu):
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux", "sms"]
    ville.accueil.save()
    recue = reception.recevoir(source, source, "1", json.dumps(brut).encode())
    assert reception.traiter(recue.pk) is None

    contenu = page(accueil, "agent_arrivee", recue.pk)[1]

    assert f'name="{champ}" value="{attendu}"' in contenu
    page(accueil, "agent_arrivee", recue.pk, donnees={"texte": "Un trou.", champ: attendu})
    demande = Demande.objects.get()
    assert getattr(demande.usager, champ) in (attendu, "+33639980011")
    assert (demande.canal, Reception.objects.get().demande) == (source, demande)


@pytest.mark.parametrize("brut", [b"", b"\xff", b"[" * 100_000, b"[1, null]", b'{"from": 12}'])
def test_of_what_says_nobody_nobody_is_proposed(brut):
    assert emetteur.chercher(brut) == Expediteur()


def test_what_the_first_import_set_aside_is_typed_in_and_answered_to_nobody(accueil, arrivee):
    Reception.objects.filter(pk=arrivee.pk).update(sans_accuse=True)
    page(
        accueil, "agent_arrivee", arrivee.pk, donnees={"texte": "Un banc.", "courriel": "j@courriel.example"}
    )

    assert Demande.objects.get().usager.courriel == "j@courriel.example"
    assert not Envoi.objects.exists()


def test_nothing_is_typed_in_twice_nor_empty(accueil, arrivee, ville):
    statut, contenu = page(accueil, "agent_arrivee", arrivee.pk, donnees={"texte": " "})
    assert (statut, Demande.objects.count()) == (422, 0)
    assert "Recopiez ce que dit le message." in contenu
    page(accueil, "agent_arrivee", arrivee.pk, donnees={"texte": "Un banc est cassé."})
    _, contenu = page(accueil, "agent_arrivee", arrivee.pk, donnees={"texte": "Un banc est cassé."})
    assert "s&#x27;en est déjà occupé" in contenu
    assert Demande.objects.count() == 1
    assert (
        reception.saisir(arrivee.pk, Depot(canal="", texte="x"), auteur=Auteur.agent(ville.agent_accueil))
        is None
    )
    assert reception.relire(arrivee.pk) is None


def test_it_is_set_aside_with_a_reason_and_stays_readable(accueil, arrivee, ville):
    statut, _ = page(accueil, "agent_arrivee_ecarter", arrivee.pk, donnees={"motif": ""})
    assert statut == 422
    page(accueil, "agent_arrivee_ecarter", arrivee.pk, donnees={"motif": "Publicité"})

    arrivee.refresh_from_db()
    assert (arrivee.etat, arrivee.motif, arrivee.traitee_par) == (
        "traitee",
        "Écarté : Publicité",
        ville.agent_accueil,
    )
    assert bytes(arrivee.contenu) == MAUVAIS
    assert (
        "Écarté : Publicité"
        in accueil.get(reverse("agent_arrivees"), {"vue": "sans-demande"}).content.decode()
    )
    assert not Demande.objects.exists()
    _, contenu = page(accueil, "agent_arrivee_ecarter", arrivee.pk, donnees={"motif": "Encore"})
    assert "s&#x27;en est déjà occupé" in contenu


def test_a_desk_that_receives_no_mail_sees_none(ville, arrivee):
    client = Client()
    client.force_login(ville.agent_autre_accueil, backend="guichet.organisation.portes.PorteBackend")
    assert "Rien ici" in page(client, "agent_arrivees")[1]
    for nom in ("agent_arrivee", "agent_arrivee_brut"):
        assert page(client, nom, arrivee.pk)[0] == 404
    for nom in ("agent_arrivee", "agent_arrivee_relire", "agent_arrivee_ecarter"):
        assert page(client, nom, arrivee.pk, donnees={"texte": "x", "motif": "x"})[0] == 404
    arrivee.refresh_from_db()
    assert arrivee.etat == Reception.Etat.QUARANTAINE
