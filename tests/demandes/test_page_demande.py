"""The page of a demande: who reads what, what is said of it, and at what cost."""

import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from demandes import actions, recit
from demandes.actions import SANS_CHANGEMENT
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, DernierPassage, EntreeJournal
from demandes.reperes import reperes
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Compte, Delegation
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests import factories
from tests.factories import Ville

STATEMENTS = 15


def page(demande: Demande, compte: Compte, onglet: str = ""):
    client = Client()
    client.force_login(compte)
    return client.get(reverse("agent_demande", args=[demande.numero]), {"onglet": onglet} if onglet else {})


def contenu(demande: Demande, compte: Compte, onglet: str = "") -> str:
    return page(demande, compte, onglet).content.decode()


def gestes(reponse) -> list[str]:
    return [b["geste"] for b in (*reponse.context["boutons"], *reponse.context["autres_gestes"])]


@pytest.fixture
def riche(ville: Ville) -> Demande:
    """Everything that can hang on a demande."""
    usager = factories.creer_usager(
        "Marie-Antoinette", "de La Rochefoucauld-Montbel", telephone="06 39 98 12 34", adresse="8 quai Neuf"
    )
    photo = deposer(factories.televerser("trou.jpg"))
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager, pieces=(photo,))
    agent = Auteur.agent(ville.agent_voirie)
    actions.ajouter_une_note(demande, auteur=agent, texte="Vu avec l'équipe.")
    actions.ajouter_une_note(demande, auteur=agent, texte="Ne pas rappeler.", est_confidentielle=True)
    actions.ecrire_a_l_usager(demande, auteur=agent, texte="Nous venons jeudi.")
    actions.ecrire_a_la_ville(demande, auteur=Auteur.porteur_du_lien(demande), texte="Il grandit !")
    return Demande.objects.pour_fil().get(pk=demande.pk)


# -- what it says ---------------------------------------------------------------------------------------


def test_it_shows_the_person_the_words_the_facts_and_the_documents(ville, riche):
    lu = contenu(riche, ville.agent_voirie)

    for attendu in (
        riche.numero,
        "Marie-Antoinette de La Rochefoucauld-Montbel",
        reverse("agent_usager", args=[riche.usager_id]),
        "06 39 98 12 34",
        "8 quai Neuf",
        "Il y a un trou d&#x27;au moins vingt centimètres",
        "Vu avec l&#x27;équipe.",
        "Ne pas rappeler.",
        "Nous venons jeudi.",
        "Il grandit !",
        "trou.jpg",
        "Que faut-il réparer ?",
        "Un trou",
        "12 rue des Tisserands",
        "3e – La Gare",
        ville.accueil.nom,
        "Direction habituelle pour",
        riche.code_suivi,
        f"À : <strong>{riche.usager}</strong>, par courriel à {riche.usager.courriel}.",
    ):
        assert attendu in lu, attendu


def test_the_thread_is_in_order_and_each_kind_is_told_apart(ville, riche):
    fil = page(riche, ville.agent_voirie).context["fil"]

    assert [entree.le for entree in fil] == sorted(entree.le for entree in fil)
    paroles = [(entree.genre, entree.corps) for entree in fil if entree.genre != "evenement"]
    assert paroles == [
        ("entrant", "Il y a un trou d'au moins vingt centimètres devant l'école."),
        ("interne", "Vu avec l'équipe."),
        ("confidentiel", "Ne pas rappeler."),
        ("sortant", "Nous venons jeudi."),
        ("entrant", "Il grandit !"),
    ]
    evenements = " / ".join(entree.corps for entree in fil if entree.genre == "evenement")
    assert "Qualifiée : Nid-de-poule ou trou dans la chaussée · Orientée vers Voirie" in evenements
    assert "Note ajoutée" not in evenements


def test_mails_show_where_they_stand(ville, riche):
    Envoi.objects.filter(nature="accuse").update(
        etat="echec", erreur="550 boîte inconnue", prochain_essai_le=None
    )
    message = riche.messages.get(corps="Nous venons jeudi.")
    Envoi.objects.filter(pk=message.envoi_id).update(
        etat="envoye", envoye_le=timezone.now(), prochain_essai_le=None
    )

    fil = page(riche, ville.agent_voirie).context["fil"]

    reponse = next(entree for entree in fil if entree.corps == "Nous venons jeudi.")
    assert reponse.precision.startswith("envoyé à ")
    automatiques = [(c.mots.split(" à ")[0], c.remise, c.est_en_echec) for e in fil for c in e.courriels]
    assert automatiques == [
        ("Accusé de réception", "envoi en échec : 550 boîte inconnue", True),
        ("Avis", "en attente d'envoi", False),
    ]


def test_a_mail_caused_by_the_main_demande_is_on_the_grouped_one_s_thread(ville):
    principale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    groupee = factories.deposer(ville)
    actions.fusionner(groupee, auteur=Auteur.agent(ville.agent_accueil), principale=principale)
    actions.repondre(
        principale, auteur=Auteur.agent(ville.agent_voirie), texte="Rebouché.", decision="accord"
    )

    fil = page(groupee, ville.agent_accueil).context["fil"]

    assert fil[-1].corps == "Courriel automatique"
    assert fil[-1].courriels[0].mots == f"Réponse à {groupee.usager.courriel}"


def test_an_answer_that_cannot_leave_by_mail_says_by_what(ville):
    usager = factories.creer_usager(courriel="", telephone="06 39 98 12 34")
    demande = factories.demande_dans(Etat.TRAITEE, ville, usager=usager)

    assert "à remettre : téléphone" in contenu(demande, ville.agent_voirie)


def test_a_quarantined_file_is_named_but_cannot_be_opened(ville, riche):
    piece = deposer(factories.televerser("virus.jpg"), proprietaire_genre="message", proprietaire_id=0)
    piece.proprietaire_id = riche.messages.first().pk
    piece.etat, piece.motif = "quarantaine", "Win.Test.EICAR"
    piece.save()

    lu = contenu(riche, ville.agent_voirie)

    assert "virus.jpg" in lu
    assert "mis en quarantaine : Win.Test.EICAR" in lu
    assert "L'antivirus l'a arrêté, personne ne peut l'ouvrir." in lu
    assert piece.get_absolute_url() not in lu


def test_a_picture_is_enlarged_in_place_and_a_pdf_is_only_downloaded(ville, riche):
    premier = riche.messages.first()
    photo = Piece.objects.get(nom_original="trou.jpg")
    pdf = deposer(
        SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n%%EOF\n"),
        proprietaire_genre="message",
        proprietaire_id=premier.pk,
    )

    lu = contenu(riche, ville.agent_voirie)

    assert f'<img class="piece__grande" src="{photo.get_absolute_url()}" alt="trou.jpg" loading="lazy">' in lu
    assert '<span class="visuellement-cache">Agrandir trou.jpg</span>' in lu
    assert f'<a href="{pdf.get_absolute_url()}">facture.pdf</a>' in lu
    client = Client()
    client.force_login(ville.agent_voirie)
    for piece, type_mime in ((photo, "image/jpeg"), (pdf, "application/pdf")):
        servie = client.get(piece.get_absolute_url())
        assert servie["Content-Type"] == type_mime
        assert servie["Content-Disposition"].startswith("attachment")
        assert servie["X-Content-Type-Options"] == "nosniff"
        assert servie["Content-Security-Policy"] == "default-src 'none'; sandbox"
        b"".join(servie.streaming_content)


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"silence_effet": "rejet"}, "sera <strong>refusée</strong> le"),
        ({"silence_effet": "acceptation"}, "sera <strong>acceptée</strong> le"),
        ({"silence_effet": "aucun"}, "Délai légal jusqu'au"),
        ({"regime_silence": "sans_objet", "echeance_legale": None}, "Le silence n'a pas d'effet"),
        ({"regime_silence": "acceptation", "echeance_legale": None}, "court à la réception des pièces"),
        (
            {"silence_effet": "rejet", "decision_implicite_le": timezone.localdate()},
            "Décision implicite de rejet depuis le",
        ),
    ],
)
def test_the_legal_clock_is_said_in_plain_words(ville, champs, attendu):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    Demande.objects.filter(pk=demande.pk).update(**champs)

    assert attendu in contenu(demande, ville.agent_voirie)


def test_the_service_clock_tells_suspension_and_the_first_promise(ville):
    attente = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    planifiee = factories.demande_dans(Etat.PLANIFIEE, ville)
    finie = factories.demande_dans(Etat.TRAITEE, ville)

    assert "Délai suspendu depuis le" in contenu(attente, ville.agent_voirie)
    assert "Première date promise :" in contenu(planifiee, ville.agent_voirie)
    assert "Délai arrêté." in contenu(finie, ville.agent_voirie)


def test_what_is_awaited_and_the_draft_to_sign_are_in_sight(ville):
    attente = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    projet = factories.demande_dans(Etat.A_VALIDER, ville, type=ville.type_a_valider)

    assert "<li>Photo du trou</li>" in contenu(attente, ville.agent_voirie)
    lu = contenu(projet, ville.responsable_voirie)
    assert "Écrit par Karim Belkacem" in lu
    assert "Le trou est rebouché." in lu


def test_co_reporters_are_counted_and_named_to_nobody(ville):
    autre = factories.creer_usager("Robert", "Discret")
    principale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    groupee = factories.deposer(ville, usager=autre)
    actions.fusionner(groupee, auteur=Auteur.agent(ville.agent_accueil), principale=principale)

    pour_la_direction = contenu(principale, ville.agent_voirie)
    pour_l_accueil = contenu(principale, ville.agent_accueil)

    assert "1 autre personne suit cette demande." in pour_la_direction
    assert "hors de votre périmètre" in pour_la_direction
    assert reverse("agent_demande", args=[groupee.numero]) in pour_l_accueil
    assert "Discret" not in pour_la_direction + pour_l_accueil
    assert principale.numero in contenu(groupee, ville.agent_accueil)


def test_linked_demandes_of_another_secteur_keep_their_subject(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    sociale = factories.deposer(ville, type=ville.type_social)
    demande.liees.add(sociale)

    lu = contenu(demande, ville.agent_voirie)

    assert sociale.numero in lu
    assert "Aide financière" not in lu


def test_an_anonymous_demande_has_nobody_to_write_to(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, est_anonyme=True)

    lu = contenu(demande, ville.agent_voirie)

    assert "Demande anonyme : il n&#x27;y a personne à qui répondre." in lu
    assert 'id="mode-usager"' not in lu
    assert 'id="mode-interne" checked' in lu


@pytest.mark.parametrize("type", [None, "type_voirie"])
def test_a_demande_nobody_qualified_yet_is_readable(ville, type):
    demande = factories.deposer(ville, type=type and getattr(ville, type))

    reponse = page(demande, ville.agent_accueil)

    assert reponse.status_code == 200
    assert gestes(reponse)[0] == "qualifier"


# -- who reads it ---------------------------------------------------------------------------------------


def test_nobody_else_knows_it_exists(ville, riche):
    for qui in ("agent_proprete", "responsable_proprete", "agent_ccas", "administrateur"):
        assert page(riche, getattr(ville, qui)).status_code == 404, qui


def test_the_desk_that_owns_a_reserved_demande_sees_its_clocks_and_may_write(ville):
    usager = factories.creer_usager("Marie-Antoinette", "de La Rochefoucauld-Montbel")
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_social, usager=usager)
    client = Client()
    client.force_login(ville.agent_accueil)

    reponse = page(demande, ville.agent_accueil)
    lu = reponse.content.decode()
    formulaire = client.get(
        reverse("agent_geste", args=[demande.numero, "ecrire_a_l_usager"])
    ).content.decode()
    envoi = client.post(
        reverse("agent_geste", args=[demande.numero, "ecrire_a_l_usager"]),
        {"version": demande.version, "texte": "Votre dossier avance."},
    )

    assert demande.numero in lu
    assert "À répondre avant la fin du" in lu
    assert gestes(reponse) == []
    assert envoi.status_code == 303
    for page_lue in (lu, formulaire):
        for secret in (
            "Rochefoucauld",
            usager.courriel,
            demande.objet,
            "trou d",
            "Nour Benali",
            demande.code_suivi,
        ):
            assert secret not in page_lue, secret
    assert "la personne qui a fait la demande" in formulaire
    courriel = Envoi.objects.get(nature="reponse")
    assert "Votre dossier avance." not in courriel.corps


def test_reading_a_reserved_demande_is_logged_without_a_word_of_it(ville):
    reservee = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_social)
    generale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    with capture_logs() as journaux:
        page(reservee, ville.agent_ccas)
        page(generale, ville.agent_voirie)
        page(reservee, ville.agent_accueil)

    lectures = [ligne for ligne in journaux if ligne["event"] == "demande_reservee_lue"]
    assert lectures == [
        {
            "event": "demande_reservee_lue",
            "log_level": "info",
            "agent": ville.agent_ccas.pk,
            "demande": reservee.pk,
            "secteur": "social",
        }
    ]


# -- read, journal, cost ---------------------------------------------------------------------------------


def test_messages_are_marked_read_by_somebody_in_charge(ville, riche):
    client = Client()
    client.force_login(ville.agent_voirie)
    adresse = reverse("agent_demande_lus", args=[riche.numero])

    avant = client.get(reverse("agent_demande", args=[riche.numero])).content.decode()
    assert client.get(adresse).status_code == 405
    client.post(adresse)

    assert "Marquer comme lus" in avant
    assert not Demande.objects.get(pk=riche.pk).a_message_non_lu
    assert not riche.messages.filter(lu_le__isnull=True, sens="entrant").exists()
    assert (
        "Marquer comme lus" not in client.get(reverse("agent_demande", args=[riche.numero])).content.decode()
    )


def test_what_a_colleague_marked_read_is_still_new_to_whoever_did_not_see_it(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    deux = (ville.agent_voirie, ville.collegue_voirie)
    for compte in deux:
        assert marques_du_fil(demande, compte) == []
    actions.ecrire_a_la_ville(demande, auteur=Auteur.porteur_du_lien(demande), texte="Le trou grandit.")
    assert marques_du_fil(demande, ville.agent_voirie) == ["Non lu"]
    client = Client()
    client.force_login(ville.agent_voirie)
    client.post(reverse("agent_demande_lus", args=[demande.numero]))

    # Who saw it is told no more; the colleague is, once; who never came has nothing to catch up on.
    assert marques_du_fil(demande, ville.agent_voirie) == []
    assert marques_du_fil(demande, ville.collegue_voirie) == ["Nouveau pour vous"]
    assert marques_du_fil(demande, ville.collegue_voirie) == []
    assert marques_du_fil(demande, ville.responsable_voirie) == []


def test_a_passage_is_written_when_something_came_and_not_at_each_opening(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    marques_du_fil(demande, ville.agent_voirie)
    passage = DernierPassage.objects.get(demande=demande, compte=ville.agent_voirie)
    assert passage.jusqu_au == demande.messages.latest("cree_le").cree_le

    with CaptureQueriesContext(connection) as requetes:
        marques_du_fil(demande, ville.agent_voirie)
    assert not [r["sql"] for r in requetes if "INSERT" in r["sql"] and "dernierpassage" in r["sql"]]
    assert DernierPassage.objects.count() == 1


def marques_du_fil(demande: Demande, compte: Compte) -> list[str]:
    contenu = page(demande, compte).content.decode()
    return re.findall(r"Non lu(?=<)|Nouveau pour vous", contenu)


def test_nobody_marks_read_what_they_may_not_read(ville):
    reservee = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_social)
    Demande.objects.filter(pk=reservee.pk).update(a_message_non_lu=True)
    client = Client()
    client.force_login(ville.agent_accueil)

    client.post(reverse("agent_demande_lus", args=[reservee.numero]))

    assert Demande.objects.get(pk=reservee.pk).a_message_non_lu


def test_the_journal_says_every_line_in_words_with_its_author(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=ville.agent_voirie, suppleant=ville.agent_proprete, du=jour, au=jour)
    actions.prendre_en_charge(demande, auteur=Auteur.agent(ville.agent_proprete))
    actions.reorienter(
        demande,
        auteur=Auteur.agent(ville.responsable_voirie),
        motif="mauvaise_direction",
        direction=ville.proprete,
    )

    reponse = page(demande, ville.agent_accueil, "journal")

    assert [(phrase, auteur) for _, phrase, auteur in reponse.context["journal"]] == [
        ("Demande reçue (téléphone)", "traitement automatique"),
        ("Qualifiée : Nid-de-poule ou trou dans la chaussée", "Salimata Ouédraogo"),
        ("Orientée vers Voirie", "Salimata Ouédraogo"),
        ("Prise en charge", "Yanis Roux, par délégation de Karim Belkacem"),
        ("Réorientée de Voirie vers Propreté – mauvaise direction", "Odile Charpentier"),
    ]
    derniere = demande.journal.order_by("rang").last()
    assert f">{derniere.empreinte[:8]}<" in reponse.content.decode()


def test_every_gesture_has_words_in_the_journal(ville):
    """With its own details, and with none: older lines stay readable."""
    graphe = Demande._meta.get_field("etat").get_all_transitions(Demande)
    for geste in {t.name for t in graphe} | set(SANS_CHANGEMENT) | {"enregistrer"}:
        dit = recit.raconter(EntreeJournal(geste=geste, details={}), reperes())
        assert dit[0].isupper(), geste
        assert "{" not in dit, geste


@pytest.mark.parametrize("etat", Etat)
def test_the_journal_leaves_no_ellipsis_on_real_lines(ville, etat):
    demande = factories.demande_dans(etat, ville)

    for _, phrase, _ in page(demande, ville.responsable_accueil, "journal").context["journal"]:
        assert "…" not in phrase


def test_a_long_thread_costs_no_more_statements(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    cache.clear()
    court = mesurer(demande, ville.agent_voirie)
    agent = Auteur.agent(ville.agent_voirie)
    for rang in range(14):
        actions.ecrire_a_l_usager(demande, auteur=agent, texte=f"Message {rang}")
        actions.ecrire_a_la_ville(
            demande,
            auteur=Auteur.porteur_du_lien(demande),
            texte=f"Réponse {rang}",
            pieces=(deposer(factories.televerser("photo.jpg")),),
            canal=Canal.PORTAIL,
        )
    long = mesurer(demande, ville.agent_voirie)

    assert long == court
    assert long <= STATEMENTS


def mesurer(demande: Demande, compte: Compte) -> int:
    client = Client()
    client.force_login(compte)
    adresse = reverse("agent_demande", args=[demande.numero])
    client.get(adresse)
    with CaptureQueriesContext(connection) as requetes:
        client.get(adresse)
    return len(requetes)


def test_the_draft_kept_on_the_device_is_forgotten_after_success(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = Client()
    client.force_login(ville.agent_voirie)
    adresse = reverse("agent_demande", args=[demande.numero])
    cle = f"ecrire_a_l_usager-texte-{demande.numero}"

    avant = client.get(adresse).content.decode()
    apres = client.post(
        reverse("agent_geste", args=[demande.numero, "ecrire_a_l_usager"]),
        {"version": demande.version, "texte": "Bonjour."},
        follow=True,
    ).content.decode()

    assert f'data-brouillon="{cle}"' in avant
    assert f'<meta name="brouillon-envoye" content="{cle}">' in apres
