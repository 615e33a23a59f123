"""Letters shared out and mended: one agent each, and every page somewhere."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.actions import Depot, enregistrer
from demandes.courrier import corrections, lecture
from demandes.courrier import saisie as lettres
from demandes.courrier.arrivee import deposer
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import Demande, LettreRecue, LotDeCourrier, NumeroDeCourrier, PageNumerisee
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from tests import factories
from tests.courrier import papier
from tests.courrier.conftest import client_de


def contenu(lettre: LettreRecue) -> list[int]:
    return list(lettre.pages.values_list("rang", flat=True))


def nulle_part() -> int:
    return PageNumerisee.objects.filter(genre="lettre", lettre__isnull=True).count()


# -- numbers


def test_an_arrival_number_is_never_given_twice(ville, pile, time_machine):
    time_machine.move_to("2026-12-31T22:30:00+00:00", tick=False)
    (premiere,) = pile("L")
    time_machine.move_to("2026-12-31T23:30:00+00:00", tick=False)
    (seconde, troisieme) = pile("L S L")

    # Midnight is that of the city.
    assert [x.numero for x in (premiere, seconde, troisieme)] == [
        "A-2026-000001",
        "A-2027-000001",
        "A-2027-000002",
    ]


@pytest.mark.django_db(transaction=True)
def test_numbers_asked_for_at_once_are_all_different():
    numeros, verrou = [], threading.Lock()

    def tirer():
        siens = NumeroDeCourrier.tirer("A", 3)
        connections.close_all()
        with verrou:
            numeros.extend(siens)

    fils = [threading.Thread(target=tirer) for _ in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()

    annee = timezone.localdate().year
    assert sorted(numeros) == [f"A-{annee}-{rang:06d}" for rang in range(1, 25)]


# -- mending


def test_a_letter_cut_at_a_page_makes_another_with_its_own_number(ville, pile):
    (lettre,) = pile("LLL")
    page = lettre.pages.get(rang=2)

    nouvelle = corrections.couper_ici(page.pk, par=ville.agent_accueil)

    lettre.refresh_from_db()
    assert (contenu(lettre), contenu(nouvelle), nulle_part()) == ([1], [2, 3], 0)
    assert nouvelle.numero > lettre.numero
    assert (lettre.lue_le, nouvelle.lue_le) == (None, None)
    with pytest.raises(Refus, match="commence déjà"):
        corrections.couper_ici(page.pk, par=ville.agent_accueil)


def test_a_letter_joined_to_the_one_before_keeps_its_number_and_says_where_it_went(ville, pile):
    premiere, seconde, troisieme = pile("L S LL S L")

    corrections.reunir_a_la_precedente(seconde.numero, par=ville.agent_accueil)

    seconde.refresh_from_db()
    assert (seconde.etat, seconde.reunie_a) == ("reunie", premiere)
    assert (contenu(premiere), contenu(seconde), contenu(troisieme)) == ([1, 3, 4], [], [6])
    with pytest.raises(Refus, match="Aucune lettre"):
        corrections.reunir_a_la_precedente(premiere.numero, par=ville.agent_accueil)
    corrections.reunir_a_la_precedente(troisieme.numero, par=ville.agent_accueil)
    assert contenu(premiere) == [1, 3, 4, 6]


def test_a_page_taken_for_blank_is_kept_and_one_of_no_use_is_set_apart(ville, pile):
    (lettre,) = pile("L B")
    blanche = PageNumerisee.objects.get(genre="blanche")

    corrections.garder(blanche.pk, par=ville.agent_accueil)
    assert contenu(lettre) == [1, 2]

    corrections.mettre_a_part(blanche.pk, par=ville.agent_accueil)
    assert contenu(lettre) == [1]
    with pytest.raises(Refus, match="seule page"):
        corrections.mettre_a_part(lettre.pages.get().pk, par=ville.agent_accueil)
    assert nulle_part() == 0


def test_a_lot_of_blank_pages_alone_gives_a_letter_when_one_is_kept(ville, pile):
    assert pile("B S") == []

    lettre = corrections.garder(PageNumerisee.objects.get(genre="blanche").pk, par=ville.agent_accueil)

    assert contenu(lettre) == [1]


def test_turning_a_page_makes_its_pdf_again_and_the_machine_leaves_it_so(ville, bureau, travailler):
    page = papier.feuille(papier.LETTRE)
    deposer([("a.pdf", papier.pdf([page]))], point_accueil=ville.accueil, recu_le=timezone.localdate())
    travailler()
    ancien = LettreRecue.objects.get().piece_id

    bureau.post(reverse("agent_courrier_page", args=[PageNumerisee.objects.get().pk]), {"geste": "tourner"})
    travailler()

    tournee = PageNumerisee.objects.get()
    assert (tournee.rotation, tournee.est_tournee_a_la_main) == (90, True)
    assert LettreRecue.objects.get().piece_id not in (None, ancien)
    assert not Piece.objects.filter(pk=ancien).exists()


def test_nobody_mends_what_a_colleague_types(ville, pile):
    (lettre,) = pile("LL")
    lettres.prendre(lettre.numero, auteur=Auteur.agent(ville.agent_accueil))

    with pytest.raises(Refus, match="Salimata Ouédraogo saisit cette lettre"):
        corrections.couper_ici(lettre.pages.get(rang=2).pk, par=ville.responsable_accueil)

    assert contenu(lettre) == [1, 2]


# -- one agent, one letter


def test_registered_mail_then_the_oldest_comes_first(ville, pile):
    jour = timezone.localdate()
    (recente,) = pile("L", recu_le=jour)
    (ancienne,) = pile("L", recu_le=jour - timedelta(days=4))
    (recommandee,) = pile("L", recu_le=jour)
    LettreRecue.objects.filter(pk=recommandee.pk).update(est_recommandee=True)
    agents = [ville.agent_accueil, ville.agent_accueil_habilite, ville.responsable_accueil]

    prises = [lettres.prendre_la_suivante(Auteur.agent(agent)) for agent in agents]

    assert prises == [recommandee, ancienne, recente]
    assert lettres.prendre_la_suivante(Auteur.agent(ville.agent_accueil)) == recommandee
    assert lettres.prendre_la_suivante(Auteur.agent(ville.agent_autre_accueil)) is None


def test_registered_mail_is_known_by_its_words_and_listed_first(ville, pile, bureau, monkeypatch):
    ordinaire, lue = pile("L S L")
    LettreRecue.objects.filter(pk=lue.pk).update(lue_le=None)
    monkeypatch.setattr(lecture.machine, "est_possible", lambda: True)
    monkeypatch.setattr(lecture.images, "lire", lambda page: b"une page")
    monkeypatch.setattr(lecture, "_redresser", lambda page, contenu: contenu)
    monkeypatch.setattr(lecture.machine, "lire", lambda contenu: "Recommandé avec AR\n1A 123 456 7890 1")

    lecture.lire_les_lettres()

    lue.refresh_from_db()
    assert (lue.est_recommandee, lue.numero_recommande) == (True, "1A 123 456 7890 1")
    page = bureau.get(reverse("agent_courrier"))
    assert [lettre.numero for lettre in page.context["lignes"]] == [lue.numero, ordinaire.numero]
    suite = bureau.get(reverse("agent_courrier"), {"apres": lue.pk})
    assert [lettre.numero for lettre in suite.context["lignes"]] == [ordinaire.numero]


def test_a_batch_of_registered_mail_comes_before_the_others(ville, pile, bureau, travailler):
    (ordinaire,) = pile("L")
    depot = {"recu_le": timezone.localdate().isoformat(), "coupe": "separateur"}
    depot |= {"point_accueil": ville.accueil.pk, "sont_recommandees": "on"}
    fichier = SimpleUploadedFile("recommandes.pdf", papier.pdf([papier.feuille("Une mise en demeure")]))
    assert bureau.post(reverse("agent_courrier"), depot | {"fichiers": [fichier]}).status_code == 302

    travailler()

    recommandee = LettreRecue.objects.get(est_recommandee=True)
    assert recommandee != ordinaire
    assert lettres.prendre_la_suivante(Auteur.agent(ville.agent_accueil)) == recommandee
    assert "Recommandés" in bureau.get(reverse("agent_courrier"), {"vue": "lots"}).content.decode()


def test_a_letter_left_open_goes_back_to_the_pile(ville, pile, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    (lettre,) = pile("L")
    lettres.prendre(lettre.numero, auteur=Auteur.agent(ville.agent_accueil))
    autre = Auteur.agent(ville.responsable_accueil)
    with pytest.raises(Conflit, match="Salimata Ouédraogo saisit la lettre"):
        lettres.prendre(lettre.numero, auteur=autre)

    time_machine.shift(timedelta(minutes=16))

    assert lettres.prendre_la_suivante(autre) == lettre


def test_who_typed_too_long_learns_that_a_colleague_has_the_letter(ville, bureau, pile, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    (lettre,) = pile("L")
    bureau.post(reverse("agent_courrier_suivante"))
    time_machine.shift(timedelta(minutes=16))
    lettres.prendre(lettre.numero, auteur=Auteur.agent(ville.responsable_accueil))

    reponse = bureau.post(
        "/agent/saisie/",
        {
            "lettre": lettre.numero,
            "canal": "courrier",
            "point_accueil": ville.accueil.pk,
            "recue_le": timezone.localdate().isoformat(),
            "texte": "Un trou.",
            "issue": "enregistrer",
        },
    )

    assert reponse.status_code == 422
    assert "Hélène Vasseur saisit la lettre" in reponse.content.decode()
    lettre.refresh_from_db()
    assert (lettre.etat, lettre.demande) == ("a_saisir", None)


@pytest.mark.django_db(transaction=True)
def test_agents_who_ask_at_once_get_different_letters(travailler):
    ville = factories.creer_ville()
    agents = [factories.creer_agent("Agent", str(rang), "agent_accueil", ville.accueil) for rang in range(6)]
    lot = LotDeCourrier.objects.create(recu_le=timezone.localdate(), point_accueil=ville.accueil)
    lecture.ouvrir_des_lettres(lot, 4)
    obtenues, verrou, depart = [], threading.Lock(), threading.Barrier(len(agents))

    def prendre(agent):
        auteur = Auteur.agent(agent)
        depart.wait()
        lettre = lettres.prendre_la_suivante(auteur)
        connections.close_all()
        with verrou:
            obtenues.append(lettre.numero if lettre else None)

    fils = [threading.Thread(target=prendre, args=[agent]) for agent in agents]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()

    numeros = list(LettreRecue.objects.values_list("numero", flat=True))
    # A row being taken is skipped: an agent may see nothing for an instant, never the letter of another.
    prises = [numero for numero in obtenues if numero]
    assert len(prises) == len(set(prises))
    assert set(prises) <= set(numeros)
    assert LettreRecue.objects.filter(prise_par__isnull=False).count() == len(prises)


# -- what a letter becomes


def test_a_letter_that_quotes_a_demande_goes_on_with_it(ville, bureau, pile):
    demande = factories.deposer(ville)
    (lettre,) = pile("L")
    LettreRecue.objects.update(texte=f"Madame,\n\nMa demande {demande.numero} attend.\n\nLéa Martin")
    page = bureau.post(reverse("agent_courrier_suivante"), follow=True).content.decode()
    assert f"elle cite {demande.numero}" in page

    bureau.post(
        reverse("agent_lettre_geste", args=[lettre.numero, "joindre"]),
        {"demande": demande.numero, "texte": "Ma demande attend."},
    )

    lettre.refresh_from_db()
    assert (lettre.etat, lettre.demande) == ("jointe", demande)
    message = demande.messages.order_by("pk").last()
    assert (message.canal, message.sens) == ("courrier", "entrant")
    assert message.corps.startswith(f"Lettre {lettre.numero}, arrivée le ")
    assert message.corps.endswith("Ma demande attend.")
    assert Demande.objects.get(pk=demande.pk).a_message_non_lu


def test_a_letter_joins_no_demande_that_the_agent_may_not_read(ville, pile):
    sociale = enregistrer(
        Depot(
            canal="guichet",
            texte="Aide",
            type=ville.type_social,
            usager=factories.creer_usager(),
            point_accueil=ville.accueil,
        ),
        auteur=SYSTEME,
    )
    (lettre,) = pile("L")

    with pytest.raises(DonneeInvalide, match="dans votre périmètre"):
        lettres.joindre(lettre.numero, sociale.numero, auteur=Auteur.agent(ville.agent_accueil))

    lettre.refresh_from_db()
    assert (lettre.etat, sociale.messages.count()) == ("a_saisir", 1)


def test_advertising_is_set_aside_with_its_reason_and_comes_back(ville, bureau, pile):
    (lettre,) = pile("L")
    adresse = reverse("agent_lettre_geste", args=[lettre.numero, "ecarter"])

    bureau.post(adresse, {"motif": ""})
    lettre.refresh_from_db()
    assert lettre.etat == "a_saisir"

    bureau.post(adresse, {"motif": "Publicité"})
    lettre.refresh_from_db()
    assert (lettre.etat, lettre.motif, lettre.traitee_par) == ("ecartee", "Publicité", ville.agent_accueil)
    assert "Publicité" in bureau.get("/agent/courrier/?vue=ecartees").content.decode()

    bureau.post(reverse("agent_lettre_geste", args=[lettre.numero, "reprendre"]))
    lettre.refresh_from_db()
    assert (lettre.etat, lettre.motif) == ("a_saisir", "")


def test_a_letter_given_back_is_for_whoever_comes(ville, bureau, pile):
    (lettre,) = pile("L")
    bureau.post(reverse("agent_courrier_suivante"))

    bureau.post(reverse("agent_lettre_geste", args=[lettre.numero, "rendre"]))

    assert lettres.prendre_la_suivante(Auteur.agent(ville.responsable_accueil)) == lettre


# -- who reads what


def statut(client: Client, adresse: str) -> int:
    """What an address answers; a file that is sent is read."""
    reponse = client.get(adresse)
    if reponse.streaming:
        b"".join(reponse.streaming_content)
    return reponse.status_code


def test_paper_is_read_at_its_desk_and_once_it_is_a_demande_there_only(ville, bureau, travailler):
    contenu_du_fichier = papier.pdf([papier.feuille(papier.LETTRE)])
    deposer([("a.pdf", contenu_du_fichier)], point_accueil=ville.accueil, recu_le=timezone.localdate())
    travailler()
    lettre = LettreRecue.objects.get()
    page, fichier = lettre.pages.get(), lettre.lot.fichiers.get()
    adresses = [
        reverse("agent_courrier_image", args=[page.pk]),
        fichier.piece.get_absolute_url(),
        lettre.piece.get_absolute_url(),
    ]
    ailleurs, direction = client_de(ville.agent_autre_accueil), client_de(ville.agent_voirie)
    assert [statut(bureau, adresse) for adresse in adresses] == [200, 200, 200]
    assert [statut(ailleurs, adresse) for adresse in adresses] == [404, 404, 404]
    assert [statut(direction, adresse) for adresse in adresses] == [404, 404, 404]
    assert statut(ailleurs, reverse("agent_lettre_recue", args=[lettre.numero])) == 404

    # The letter asks for social help: the desk that opened it reads it no more.
    auteur = Auteur.agent(ville.agent_accueil)
    depot = Depot(
        canal="courrier",
        texte="Aide",
        type=ville.type_social,
        usager=factories.creer_usager(),
        point_accueil=ville.accueil,
        pieces=(lettre.piece,),
    )
    lettres.enregistrer(lettre.numero, auteur=auteur, faire=lambda _: enregistrer(depot, auteur=auteur))

    assert [statut(bureau, adresse) for adresse in adresses] == [404, 404, 404]
    habilite = client_de(ville.agent_accueil_habilite)
    assert statut(habilite, lettre.piece.get_absolute_url()) == 200
    responsable = client_de(ville.responsable_accueil)
    assert statut(responsable, fichier.piece.get_absolute_url()) == 200
    lot = bureau.get(reverse("agent_courrier_lot", args=[lettre.lot_id])).content.decode()
    assert fichier.piece.get_absolute_url() not in lot
    assert "Sa page est dans sa demande." in lot


@pytest.mark.parametrize("dite", [False, True], ids=["as noted on the letter", "as the agent says"])
def test_what_was_asked_for_and_comes_by_letter_counts_from_the_day_the_letter_came(
    ville, pile, dite, time_machine
):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        elements=["Une photo"],
        texte="Il nous manque une photo.",
        delai_jours=30,
        est_indispensable=True,
    )
    time_machine.move_to(timezone.now() + timedelta(days=10))
    (lettre,) = pile("L")
    note, dit = timezone.localdate() - timedelta(days=4), timezone.localdate() - timedelta(days=6)
    LettreRecue.objects.filter(pk=lettre.pk).update(recue_le=note)
    donnees = {"demande": demande.numero} | ({"recue_le": dit.isoformat()} if dite else {})

    adresse = reverse("agent_lettre_geste", args=[lettre.numero, "joindre"])
    reponse = client_de(ville.agent_accueil).post(adresse, donnees)

    assert reponse.status_code == 302
    attendu = dit if dite else note
    lettre.refresh_from_db()
    complement = demande.complements.get()
    assert (timezone.localdate(complement.recu_le), lettre.recue_le) == (attendu, attendu)
    relue = Demande.objects.get(pk=demande.pk)
    assert relue.etat == Etat.PRISE_EN_CHARGE
    assert demande.journal.latest("rang").details["recu_le"] == attendu.isoformat()


def test_a_letter_cannot_have_come_tomorrow(ville, bureau, pile):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    (lettre,) = pile("L")
    demain = timezone.localdate() + timedelta(days=1)

    bureau.post(
        reverse("agent_lettre_geste", args=[lettre.numero, "joindre"]),
        {"demande": demande.numero, "recue_le": demain.isoformat()},
    )

    lettre.refresh_from_db()
    assert (lettre.etat, demande.messages.filter(canal="courrier").count()) == ("a_saisir", 0)
