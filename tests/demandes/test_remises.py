"""What waits for somebody's hand: listed until it is posted, printed once, done once, seen by whose it is."""

from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.models import Demande, Remise
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests import factories
from tests.demandes.gestes import relire, session, url

A_REMETTRE = reverse("agent_a_remettre")
ADRESSE = "3 rue Neuve, Bâtiment C, 69100 Valmont"


@pytest.fixture
def demande(ville: factories.Ville) -> Demande:
    usager = factories.creer_usager("Ginette", "Blanc", courriel="", adresse=ADRESSE)
    return factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)


def refuser(demande: Demande, ville: factories.Ville) -> Remise:
    actions.repondre(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        texte="Bonjour,\n\nCette rue est privée.",
        decision=Decision.REFUS,
        voies_recours="Vous avez deux mois pour saisir le tribunal administratif.",
    )
    return Remise.objects.get(message__demande=demande)


def lignes(compte, vue: str = "") -> list[str]:
    page = session(compte).get(A_REMETTRE, {"vue": vue} if vue else {})
    assert page.status_code == 200
    return [ligne["demande"].numero for ligne in page.context["lignes"]]


def comptes(compte) -> list[int]:
    return [onglet["compte"] for onglet in session(compte).get(A_REMETTRE).context["onglets"]]


def test_a_refusal_without_e_mail_is_printed_posted_and_then_waits_no_more(ville, demande):
    remise = refuser(demande, ville)
    accueil = session(ville.agent_accueil)
    assert lignes(ville.agent_accueil) == [demande.numero]

    donnees = {"version": relire(demande).version, "message": remise.message_id}
    imprime = accueil.post(url(demande, "imprimer_la_lettre"), donnees)
    pdf = pypdf.PdfReader(BytesIO(accueil.get(imprime["Location"]).content))
    lettre = " ".join(pdf.pages[0].extract_text().split())
    encore = accueil.get(A_REMETTRE).content.decode()
    hier = timezone.localdate()
    donnees = {"version": relire(demande).version, "message": remise.message_id, "suite": A_REMETTRE}
    poste = accueil.post(url(demande, "marquer_remise"), donnees | {"remise_le": hier.isoformat()})

    assert imprime["Location"] == reverse("agent_lettre", args=[demande.numero, remise.message_id])
    assert "Ginette Blanc 3 rue Neuve Bâtiment C 69100 Valmont" in lettre
    for attendu in (
        f"Nos références : {demande.numero}",
        "Objet : Réponse à votre demande",
        "Cette rue est privée.",
        "Vous avez deux mois pour saisir le tribunal administratif.",
        ville.agent_voirie.agent.qualite,
        demande.code_suivi,
    ):
        assert attendu in lettre, attendu
    assert "Voir la lettre" in encore
    assert "Marquer comme postée" in encore
    assert (poste.status_code, poste["Location"]) == (303, A_REMETTRE)
    assert lignes(ville.agent_accueil) == []
    remise.refresh_from_db()
    assert (remise.remise_le, remise.remise_par) == (hier, ville.agent_accueil)
    gestes = list(demande.journal.order_by("rang").values_list("geste", flat=True))[-3:]
    assert gestes == ["repondre", "imprimer_la_lettre", "marquer_remise"]
    page = accueil.get(reverse("agent_demande", args=[demande.numero])).content.decode()
    assert "(courrier papier) par" in page
    assert "Voir la lettre" in page


def test_what_is_done_twice_is_done_once(ville, demande):
    remise = refuser(demande, ville)
    message, accueil = remise.message, Auteur.agent(ville.agent_accueil)
    jour = timezone.localdate()

    for _ in range(2):
        actions.imprimer_la_lettre(demande, auteur=accueil, message=message, version=relire(demande).version)
    ancienne = relire(demande).version
    for qui in (ville.agent_accueil, ville.responsable_accueil):
        # The second comes from a page that the first made stale: there is nothing left to do, nor to refuse.
        actions.marquer_remise(
            demande, auteur=Auteur.agent(qui), message=message, remise_le=jour, version=ancienne
        )

    assert demande.journal.filter(geste="imprimer_la_lettre").count() == 1
    assert demande.journal.filter(geste="marquer_remise").count() == 1
    remise.refresh_from_db()
    assert remise.remise_par == ville.agent_accueil


def test_a_day_to_come_or_before_the_message_is_refused(ville, demande):
    message = refuser(demande, ville).message
    for jours, phrase in ((1, "Ce jour n'est pas encore venu."), (-1, "Le message a été écrit après")):
        jour = timezone.localdate() + timedelta(days=jours)
        with pytest.raises(DonneeInvalide, match=phrase):
            actions.marquer_remise(
                demande, auteur=Auteur.agent(ville.agent_accueil), message=message, remise_le=jour
            )

    assert lignes(ville.agent_accueil) == [demande.numero]
    assert not demande.journal.filter(geste="marquer_remise").exists()


def test_what_left_by_mail_is_not_to_hand_over(ville, demande):
    autre = factories.demande_dans(Etat.TRAITEE, ville)
    refuser(demande, ville)
    message = autre.messages.get(nature="reponse")

    with pytest.raises(Refus, match="n'est pas à remettre"):
        actions.imprimer_la_lettre(autre, auteur=Auteur.agent(ville.agent_accueil), message=message)
    lettre = session(ville.agent_accueil).get(reverse("agent_lettre", args=[autre.numero, message.pk]))

    assert lettre.status_code == 404
    assert lignes(ville.agent_accueil) == [demande.numero]


def test_a_letter_of_another_demande_cannot_be_named(ville, demande):
    remise, autre = refuser(demande, ville), factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    reponse = session(ville.agent_accueil).post(
        url(autre, "marquer_remise"),
        {"version": autre.version, "message": remise.message_id, "remise_le": timezone.localdate()},
    )

    assert reponse.status_code == 422
    remise.refresh_from_db()
    assert remise.remise_le is None


def test_who_prefers_a_call_is_listed_with_the_number_and_what_to_say(ville):
    usager = factories.creer_usager("Paul", "Noir", canal_prefere="telephone", telephone="06 39 98 12 34")
    demande = factories.demande_dans(Etat.TRAITEE, ville, usager=usager)

    page = session(ville.agent_accueil).get(A_REMETTRE).content.decode()

    assert lignes(ville.agent_accueil) == [demande.numero]
    assert "par téléphone au 06 39 98 12 34" in page
    assert "Le trou est rebouché." in page
    assert "Marquer comme dite" in page
    assert "Imprimer la lettre" not in page


def test_the_list_is_the_desk_s_own_and_the_direction_s(ville, demande):
    refuser(demande, ville)
    voisin = factories.creer_agent("Nina", "Voisine", "agent_accueil", ville.autre_accueil)

    assert lignes(ville.agent_voirie) == [demande.numero]
    assert lignes(voisin) == []
    assert lignes(ville.agent_proprete) == []


def test_a_walled_letter_is_neither_listed_nor_shown_to_who_may_not_read_it(ville):
    usager = factories.creer_usager("Ginette", "Blanc", courriel="", adresse=ADRESSE)
    demande = factories.demande_dans(Etat.TRAITEE, ville, type=ville.type_social, usager=usager)
    message = Remise.objects.get(message__demande=demande).message_id

    lettre = session(ville.agent_accueil).get(reverse("agent_lettre", args=[demande.numero, message]))

    assert lignes(ville.agent_accueil) == []
    assert lettre.status_code == 404
    assert lignes(ville.agent_accueil_habilite) == [demande.numero]


def test_the_acknowledgement_of_a_letter_is_printed_posted_and_counted_apart(ville):
    usager = factories.creer_usager("Ginette", "Blanc", courriel="", adresse=ADRESSE)
    demande = factories.deposer(ville, usager=usager, canal="courrier")
    factories.deposer(ville, usager=usager, canal="telephone")
    factories.deposer(ville, canal="courrier")  # acknowledged by mail
    accueil = session(ville.agent_accueil)
    assert lignes(ville.agent_accueil, "accuses") == [demande.numero]

    imprime = accueil.post(url(demande, "imprimer_l_accuse"), {"version": demande.version})
    accueil.post(url(demande, "imprimer_l_accuse"), {"version": demande.version})

    assert imprime["Location"] == reverse("agent_recu", args=[demande.numero])
    assert lignes(ville.agent_accueil, "accuses") == []
    assert lignes(ville.agent_accueil) == [demande.numero]
    assert "Voir l'accusé" in accueil.get(A_REMETTRE).content.decode()
    assert demande.journal.filter(geste="imprimer_l_accuse").count() == 1
    depart = Remise.objects.get(message__demande=demande).numero
    assert depart.startswith("D-")
    pdf = accueil.get(reverse("agent_recu", args=[demande.numero])).content
    assert depart in pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert lignes(ville.agent_accueil, "courriers") == [demande.numero]
    assert not Envoi.objects.filter(reference=f"demande:{demande.numero}").exists()


def test_third_parties_due_and_demandes_that_came_back_have_their_lists(ville):
    tiers = factories.demande_dans(Etat.ATTENTE_TIERS, ville)
    revenue = factories.demande_dans(Etat.TRAITEE, ville)
    actions.rouvrir(revenue, auteur=Auteur.agent(ville.agent_accueil), motif="non_resolu")
    avant = comptes(ville.agent_accueil)
    Demande.objects.filter(pk=tiers.pk).update(tiers_relance_le=timezone.localdate())

    assert avant == [0, 0, 0, 0, 0, 1]
    assert comptes(ville.agent_accueil) == [0, 0, 0, 0, 1, 1]
    assert lignes(ville.agent_accueil, "tiers") == [tiers.numero]
    assert lignes(ville.agent_accueil, "rouvertes") == [revenue.numero]
    assert session(ville.agent_accueil).get(A_REMETTRE, {"vue": "magie"}).status_code == 404


def test_what_is_handed_to_another_body_has_its_slip_and_a_letter_to_the_person(ville):
    usager = factories.creer_usager("Ginette", "Blanc", courriel="", adresse=ADRESSE)
    demande = factories.demande_dans(Etat.TRANSMISE_EXTERNE, ville, usager=usager)
    accueil = session(ville.agent_accueil)

    page = accueil.get(reverse("agent_demande", args=[demande.numero])).content.decode()
    lu = " ".join(accueil.get(reverse("agent_bordereau", args=[demande.numero])).content.decode().split())

    assert reverse("agent_bordereau", args=[demande.numero]) in page
    for attendu in (
        "Métropole de la Saône<br>04 65 71 60 00</address>",
        "article L114-2",
        "Ginette Blanc, 3 rue Neuve",
        "Documents transmis (0)",
    ):
        assert attendu in lu, attendu
    avis = demande.messages.get(nature="avis", sens="sortant")
    assert (avis.canal, avis.destinataire) == ("courrier", ADRESSE)
    assert "Métropole de la Saône\n04 65 71 60 00" in avis.corps
    assert lignes(ville.agent_accueil) == [demande.numero]


def test_what_the_other_body_sends_back_stays_on_the_thread(ville):
    demande = factories.demande_dans(Etat.TRANSMISE_EXTERNE, ville)

    reponse = session(ville.agent_accueil).post(
        url(demande, "retour_externe"),
        {
            "version": demande.version,
            "motif": "reponse_recue",
            "texte": "Ce n'est pas à eux.",
            "pieces": [factories.televerser("reponse.jpg")],
        },
    )

    assert reponse.status_code == 303
    note = demande.messages.get(corps__endswith="Ce n'est pas à eux.")
    piece = Piece.objects.get(proprietaire_genre="message", proprietaire_id=note.pk)
    assert (piece.nom_original, note.visibilite) == ("reponse.jpg", "interne")
