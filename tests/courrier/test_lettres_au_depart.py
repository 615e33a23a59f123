"""A letter that leaves: made by the worker after the answer, printed, posted, then delivered or come back."""

from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from demandes import actions, lettres
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Message, Remise
from demandes.moyens import moyen_de
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests import factories
from tests.courrier.conftest import client_de
from usagers.models import Usager
from usagers.rapprochement import Identite, creer_usager

A_REMETTRE = "/agent/a-remettre/"
TEXTE = "Bonjour,\n\nLe trou est rebouché depuis mardi.\nMerci de votre patience.\n\n#import <danger> *rien*"


@pytest.fixture
def courrier(ville):
    """Answered by letter: whoever asked has no other way."""

    def repondre(nom: str = "Blanc", adresse: str = "3 rue Neuve, 69983 Villeneuve-sur-Saône") -> Remise:
        usager = creer_usager(Identite(prenom="Ginette", nom=nom, adresse=adresse))
        demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager, canal=Canal.COURRIER)
        auteur = Auteur.agent(ville.agent_voirie)
        actions.repondre(demande, auteur=auteur, texte=TEXTE, decision="accord")
        return Remise.objects.pour_lettre().get(
            message__nature=Message.Nature.REPONSE, message__demande=demande
        )

    return repondre


def lire(contenu: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(contenu))


def etat(client, remise: Remise) -> str:
    page = client.get(reverse("agent_demande", args=[remise.message.demande.numero]))
    return " ".join(page.content.decode().split())


def poster(client, *remises: Remise, faire: str = "poster"):
    return client.post(
        reverse("agent_lettres"),
        {
            "lettre": [r.pk for r in remises],
            "faire": faire,
            "remise_le": timezone.localdate().isoformat(),
        },
        follow=True,
    )


def test_the_letter_of_an_answer_is_tagged_titled_and_bears_its_number(courrier, ville):
    remise = courrier()
    assert remise.numero == f"D-{timezone.localdate().year}-000001"

    assert lettres.composer_les_lettres() == 1
    assert lettres.composer_les_lettres() == 0

    remise = Remise.objects.pour_lettre().get(pk=remise.pk)
    lettre = lire(lettres.contenu(remise))
    catalogue = lettre.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/Lang"] == "fr-FR"
    assert "/StructTreeRoot" in catalogue
    demande = remise.message.demande
    assert lettre.metadata.title == f"Réponse à votre demande – {demande.numero}"
    mots = " ".join(lettre.pages[0].extract_text().split())
    for attendu in (
        "Ginette Blanc 3 rue Neuve 69983 Villeneuve-sur-Saône",
        f"Nos références : {demande.numero}, courrier {remise.numero}",
        "Objet : Réponse à votre demande",
        "Le trou est rebouché depuis mardi. Merci de votre patience.",
        "#import <danger> *rien*",
        demande.code_suivi,
        "Page 1 sur 1",
    ):
        assert attendu in mots, attendu


def test_the_address_stands_in_the_window_of_the_envelope(courrier):
    """DL, window on the right: between 100 and 200 mm from the left, 45 and 85 mm from the top."""
    places = {}

    def noter(texte, cm, tm, *_):
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if texte.strip():
            places[texte.strip()] = (x / 72 * 25.4, (842 - y) / 72 * 25.4)

    lire(lettres.lettre_pdf(courrier())).pages[0].extract_text(visitor_text=noter)

    for ligne in ("Ginette Blanc", "3 rue Neuve"):
        ((x, y),) = [place for mots, place in places.items() if mots.startswith(ligne)]
        assert 100 < x < 150, (ligne, x)
        assert 45 < y < 85, (ligne, y)


def test_letters_are_printed_together_then_posted_together(courrier, ville):
    premiere, seconde = courrier(), courrier("Noir")
    lettres.composer_les_lettres()
    client = client_de(ville.agent_accueil)
    liste = client.get(A_REMETTRE, {"vue": "courriers"}).content.decode()
    assert all(remise.numero in liste for remise in (premiere, seconde))

    imprimees = poster(client, premiere, seconde, faire="imprimer")
    # Each begins on a sheet of its own, printed on both sides too.
    pages = [page.extract_text() for page in lire(imprimees.content).pages]
    assert [premiere.numero in pages[0], seconde.numero in pages[2], pages[1], pages[3]] == [
        True,
        True,
        "",
        "",
    ]

    reponse = poster(client, premiere, seconde)
    assert "2 lettres sont postées." in reponse.content.decode()
    assert Remise.objects.filter(remise_le=timezone.localdate(), imprimee_le__isnull=False).count() == 2
    assert premiere.numero not in client.get(A_REMETTRE, {"vue": "courriers"}).content.decode()
    assert (
        premiere.numero in client.get(A_REMETTRE, {"vue": "parties", "q": premiere.numero}).content.decode()
    )
    gestes = premiere.message.demande.journal.order_by("rang").values_list("geste", flat=True)
    assert list(gestes)[-3:] == ["repondre", "imprimer_la_lettre", "marquer_remise"]
    assert f"{premiere.numero}, remis le" in etat(client, premiere)


def test_a_day_that_does_not_exist_posts_nothing(courrier, ville):
    remise = courrier()

    reponse = client_de(ville.agent_accueil).post(
        reverse("agent_lettres"),
        {"lettre": [remise.pk], "faire": "poster", "remise_le": "31/02"},
        follow=True,
    )

    assert "Écrivez une date qui existe" in reponse.content.decode()
    remise.refresh_from_db()
    assert remise.remise_le is None


def test_a_letter_that_comes_back_marks_the_address_and_tells_who_holds_the_demande(courrier, ville):
    remise = courrier()
    client = client_de(ville.agent_accueil)
    poster(client, remise)
    demande = Demande.objects.get(pk=remise.message.demande_id)
    avant = Envoi.objects.count()

    reponse = client.post(
        reverse("agent_geste", args=[demande.numero, "noter_la_suite"]),
        {
            "version": demande.version,
            "message": remise.message_id,
            "issue": "npai",
            "issue_le": timezone.localdate().isoformat(),
            "suite": f"{A_REMETTRE}?vue=parties",
        },
    )

    assert (reponse.status_code, reponse["Location"]) == (303, f"{A_REMETTRE}?vue=parties")
    remise.refresh_from_db()
    assert (remise.suite, remise.suite_le) == ("npai", timezone.localdate())
    usager = Usager.objects.get(pk=demande.usager_id)
    assert (usager.adresse_revenue, usager.adresse_postale) == (usager.adresse, "")
    assert moyen_de(Demande.objects.get(pk=demande.pk)).canal is Canal.GUICHET
    alerte = Envoi.objects.latest("pk")
    assert Envoi.objects.count() == avant + 1
    assert (alerte.destinataire, alerte.nature) == (demande.agent_traitant.courriel, Envoi.Nature.ALERTE)
    assert alerte.objet.endswith("une lettre est revenue")
    assert "revenue : n&#x27;habite pas à l&#x27;adresse indiquée" in etat(client, remise)
    # A new address is one to write to.
    usager.adresse = "8 quai des Bateliers, 69983 Villeneuve-sur-Saône"
    usager.save()
    assert usager.adresse_postale == usager.adresse


def test_a_letter_delivered_is_said_and_nobody_is_told(courrier, ville):
    remise = courrier()
    poster(client_de(ville.agent_accueil), remise)
    avant = Envoi.objects.count()

    actions.noter_la_suite(
        remise.message.demande,
        auteur=Auteur.agent(ville.agent_accueil),
        message=remise.message,
        issue="distribuee",
        issue_le=timezone.localdate(),
    )

    assert Envoi.objects.count() == avant
    assert Usager.objects.get(pk=remise.message.demande.usager_id).adresse_revenue == ""


def test_what_has_not_left_does_not_come_back_nor_before_it_left(courrier, ville):
    remise = courrier()
    noter = {"auteur": Auteur.agent(ville.agent_accueil), "message": remise.message, "issue": "npai"}
    with pytest.raises(Refus, match="n'est pas partie"):
        actions.noter_la_suite(remise.message.demande, issue_le=timezone.localdate(), **noter)
    poster(client_de(ville.agent_accueil), remise)
    for jours, phrase in ((1, "pas encore venu"), (-1, "partie après")):
        jour = timezone.localdate() + timedelta(days=jours)
        with pytest.raises(DonneeInvalide, match=phrase):
            actions.noter_la_suite(remise.message.demande, issue_le=jour, **noter)

    remise.refresh_from_db()
    assert (remise.suite, remise.suite_le) == ("", None)
    assert not remise.message.demande.journal.filter(geste="noter_la_suite").exists()


def test_the_letter_is_read_by_who_reads_its_demande(courrier, ville):
    remise = courrier()
    lettres.composer_les_lettres()
    piece = Piece.objects.get(proprietaire_genre="remise", proprietaire_id=remise.pk)
    adresse = reverse("agent_lettre", args=[remise.message.demande.numero, remise.message_id])

    accueil, ailleurs = client_de(ville.agent_accueil), client_de(ville.agent_proprete)
    lue = accueil.get(piece.get_absolute_url())
    assert b"".join(lue.streaming_content) == accueil.get(adresse).content
    assert ailleurs.get(adresse).status_code == 404
    assert ailleurs.get(piece.get_absolute_url()).status_code == 404
    assert poster(ailleurs, remise).context["lignes"] == []
    remise.refresh_from_db()
    assert remise.remise_le is None
