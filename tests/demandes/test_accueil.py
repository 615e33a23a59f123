"""The desk's screens: who sees them, what they show, and a person's card kept right."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from demandes import actions
from demandes.actions import Depot
from demandes.actions.saisie import saisir
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Contact, EntreeJournal
from demandes.recherche.fiches import index_des_fiches
from demandes.vitrine import oublier
from guichet.organisation.models import Delegation
from tests import factories


@pytest.fixture(autouse=True)
def _fresh_catalogue(monkeypatch):
    """Both indexes are read once a test, even over the turn of a minute."""
    for module in ("vitrine", "recherche.fiches"):
        monkeypatch.setattr(f"demandes.{module}.FRAICHEUR_INDEX", 10**12)
    oublier()
    index_des_fiches.cache_clear()
    yield
    oublier()
    index_des_fiches.cache_clear()


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


@pytest.fixture
def bureau(ville) -> Client:
    return client_de(ville.agent_accueil)


def texte(reponse) -> str:
    return reponse.content.decode()


# -- who gets in ---------------------------------------------------------------------------------------


@pytest.fixture
def ecrans(ville) -> list[str]:
    usager, fiche = factories.creer_usager(), factories.creer_fiche(ville.type_voirie)
    demande = factories.deposer(ville)
    return [
        reverse("agent_saisie"),
        reverse("agent_saisie_faite", args=[demande.numero]),
        reverse("agent_recu", args=[demande.numero]),
        reverse("agent_usager_modifier", args=[usager.pk]),
        reverse("agent_usager_identite", args=[usager.pk]),
        reverse("agent_usager_coordonnees", args=[usager.pk]) + "#post",
        reverse("agent_contact") + "#post",
        reverse("agent_contact_terminer") + "#post",
        reverse("agent_saisie") + "#post",
        reverse("agent_fiche", args=[fiche.code]),
    ]


def statuts(client, ecrans):
    return [
        (client.post if ecran.endswith("#post") else client.get)(ecran.removesuffix("#post")).status_code
        for ecran in ecrans
    ]


def test_desk_screens_do_not_exist_for_the_others(ville, ecrans):
    for compte in (ville.agent_voirie, ville.responsable_ccas, ville.administrateur):
        # A fiche is for every agent; everything else is the desk's.
        assert statuts(client_de(compte), ecrans) == [404] * (len(ecrans) - 1) + [200]
    assert 404 not in statuts(client_de(ville.agent_accueil), ecrans)


def test_an_agent_without_a_role_has_no_desk(ville):
    assert client_de(factories.creer_agent("Zoé", "Sans-Poste")).get("/agent/accueil/").status_code == 404


def test_a_direction_goes_to_its_queue_but_may_search(ville):
    client = client_de(ville.agent_voirie)
    demande = factories.demande_dans(Etat.ORIENTEE, ville, objet="Avaloir bouché")

    assert client.get("/agent/accueil/").url == reverse("agent_corbeille")
    assert client.get("/agent/accueil/?q=%20").url == reverse("agent_corbeille")
    page = texte(client.get("/agent/accueil/?q=avaloir"))
    assert reverse("agent_demande", args=[demande.numero]) in page
    assert reverse("agent_saisie") not in page


# -- the desk ------------------------------------------------------------------------------------------


TAPEE = {"HX-Request": "true", "HX-Target": "resultats"}


def test_the_fragment_as_you_type_is_the_same_as_the_page(bureau, ville):
    factories.deposer(ville, objet="Avaloir bouché")

    page = texte(bureau.get("/agent/accueil/?q=avaloir"))
    fragment = texte(bureau.get("/agent/accueil/?q=avaloir", headers=TAPEE))

    assert "<html" not in fragment
    assert fragment.strip() in page
    assert "HX-Request" in bureau.get("/agent/accueil/?q=avaloir").headers["Vary"]


def test_nothing_typed_shows_what_waits_oldest_first(ville, bureau):
    vieille = factories.deposer(ville, objet="La plus vieille", recue_le=timezone.now() - timedelta(days=40))
    factories.deposer(ville, objet="La nouvelle")
    factories.deposer(ville, type=ville.type_social, objet="Secret social")
    ecrite = factories.demande_dans(Etat.TRAITEE, ville, objet="Merci mais")
    habitante = Auteur.habitant(ecrite.usager)
    actions.ecrire_a_la_ville(ecrite, auteur=habitante, texte="Ce n'est pas fini.")

    page = texte(bureau.get("/agent/accueil/"))

    assert page.index("La plus vieille") < page.index("La nouvelle")
    assert "Secret social" not in page
    assert "En retard" in page
    assert "Merci mais" in page
    assert "Arbitrages" not in page
    assert vieille.numero in page


def test_the_one_in_charge_sees_what_came_back(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville, objet="À qui est ce mur ?")
    agent = Auteur.agent(ville.agent_voirie)
    actions.renvoyer_a_l_accueil(
        demande, auteur=agent, motif="hors_de_nos_missions", commentaire="Ce mur n'est pas à nous."
    )

    assert "À qui est ce mur" in texte(client_de(ville.responsable_accueil).get("/agent/accueil/"))
    assert "À qui est ce mur" not in texte(client_de(ville.agent_accueil).get("/agent/accueil/"))


def test_a_fiche_shows_its_notes_to_agents_only_of_the_house(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie, notes_agents="Ne jamais promettre de date.")

    page = texte(bureau.get(reverse("agent_fiche", args=[fiche.code])))

    assert fiche.reponse in page
    assert "Ne jamais promettre de date." in page
    assert f"{reverse('agent_saisie')}?fiche={fiche.code}" in page
    fiche.est_active = False
    fiche.save()
    assert bureau.get(reverse("agent_fiche", args=[fiche.code])).status_code == 404


# -- contacts ------------------------------------------------------------------------------------------


def test_a_call_starts_shows_and_ends_in_one_key(ville, bureau):
    assert bureau.post(reverse("agent_contact"), {"canal": "telephone"}).url == reverse("agent_accueil")
    contact = Contact.objects.get()
    assert (contact.resultat, contact.agent, contact.point_accueil, contact.fin) == (
        Contact.Resultat.EN_COURS,
        ville.agent_accueil,
        ville.accueil,
        None,
    )
    page = texte(bureau.get(reverse("agent_accueil")))
    assert "Appel en cours" in page
    assert 'data-touche="s"' in page

    bureau.post(reverse("agent_contact_terminer"), {"resultat": "sans_suite"})

    fini = Contact.objects.get()
    assert fini.resultat == Contact.Resultat.SANS_SUITE
    assert fini.debut < fini.fin
    page = texte(bureau.get(reverse("agent_accueil")))
    assert "Appel en cours" not in page
    assert "Sans suite" in page


def test_one_speaks_with_one_person_at_a_time(bureau):
    bureau.post(reverse("agent_contact"), {"canal": "guichet"})
    reponse = bureau.post(reverse("agent_contact"), {"canal": "telephone"}, follow=True)

    assert Contact.objects.get().canal == "guichet"
    assert "déjà un contact en cours" in texte(reponse)


@pytest.mark.parametrize(
    ("resultat", "dit"),
    [
        ("renseigne", "renseignement pratique"),
        ("erreur", "erreur de numéro ou de service"),
        ("coupe", "interrompu"),
        ("sans_suite", "sans suite"),
    ],
)
def test_a_call_without_demande_is_counted_in_one_key(bureau, resultat, dit):
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})
    page = texte(bureau.get(reverse("agent_accueil")))
    assert re.search(rf'name="resultat" value="{resultat}"[^>]*data-touche="[123s]"', page) or re.search(
        rf'data-touche="[123s]"[^>]*name="resultat" value="{resultat}"', page
    )

    suite = bureau.post(reverse("agent_contact_terminer"), {"resultat": resultat}, follow=True)

    contact = Contact.objects.get()
    assert (contact.resultat, contact.est_resolu) == (resultat, resultat == "renseigne")
    assert f": {dit}." in texte(suite)
    assert not contact.sujets.exists()


def test_a_question_answered_needs_no_demande(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie)
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    for resultat in ("", "repondu", "demande", "en_cours", "n'importe"):
        page = texte(bureau.post(reverse("agent_contact_terminer"), {"resultat": resultat}, follow=True))
        assert "Dites comment ce contact se termine." in page
        assert Contact.objects.get().resultat == Contact.Resultat.EN_COURS
    bureau.post(reverse("agent_contact_terminer"), {"fiche": fiche.code})

    contact = Contact.objects.get()
    assert (contact.resultat, contact.est_resolu) == (Contact.Resultat.REPONDU, True)
    assert [(s.fiche, s.demande, s.est_resolu) for s in contact.sujets.all()] == [(fiche, None, True)]
    assert EntreeJournal.objects.count() == 0


def test_several_questions_are_dealt_with_in_one_call(ville, bureau):
    """A fiche read out, an old demande spoken of, a new one opened: one person, one call, one result."""
    fiche = factories.creer_fiche(ville.type_voirie)
    ancienne = factories.demande_dans(Etat.ORIENTEE, ville)
    usager = ancienne.usager
    carte = reverse("agent_usager", args=[usager.pk])
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})
    assert "C&#x27;est la personne en ligne" in texte(bureau.get(carte)) or "C'est la personne" in texte(
        bureau.get(carte)
    )
    assert bureau.post(reverse("agent_contact_noter"), {"usager": usager.pk}).url == carte

    for _ in range(2):  # pressed twice, noted once
        assert bureau.post(reverse("agent_contact_noter"), {"fiche": fiche.code}).url == carte
    bureau.post(reverse("agent_contact_noter"), {"demande": ancienne.numero})
    contact = Contact.objects.get()
    nouvelle = saisir(
        Depot(canal="telephone", texte="Un banc cassé.", type=ville.type_voirie, usager=usager),
        auteur=Auteur.agent(ville.agent_accueil),
        contact=contact,
    )

    page = texte(bureau.get("/agent/corbeille/"))
    bandeau = page[page.index('class="contact"') : page.index("contact-terminer")]
    for dit in (str(usager), fiche.question, ancienne.numero, nouvelle.numero):
        assert dit in bandeau
    assert f'value="{usager.pk}"' in texte(bureau.get(reverse("agent_saisie")))
    bureau.post(reverse("agent_contact_terminer"), {"resultat": "erreur"})

    fini = Contact.objects.get()
    assert (fini.usager, fini.resultat, fini.est_resolu) == (usager, Contact.Resultat.DEMANDE, False)
    assert [(s.demande or s.fiche, s.est_resolu) for s in fini.sujets.all()] == [
        (fiche, True),
        (ancienne, True),
        (nouvelle, False),
    ]


def test_during_a_call_a_card_keeps_its_person_and_a_demande_is_noted_from_its_page(ville, bureau):
    demande = factories.deposer(ville, objet="Banc cassé")
    usager = demande.usager
    page = reverse("agent_demande", args=[demande.numero])
    assert "C&#x27;est pour elle" not in texte(bureau.get(page))
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    carte = texte(bureau.get(reverse("agent_usager", args=[usager.pk])))
    assert re.findall(r'href="([^"]*)"[^>]*data-touche="n"', carte) == [f"/agent/saisie/?usager={usager.pk}"]
    [bouton] = re.findall(r'<button[^>]*name="demande"[^>]*>', texte(bureau.get(page)))
    assert f'value="{demande.numero}"' in bouton
    assert 'data-touche="e"' in bouton
    bureau.post(reverse("agent_contact_noter"), {"demande": demande.numero})

    contact = Contact.objects.get()
    assert contact.usager == usager
    assert [(s.demande, s.est_resolu) for s in contact.sujets.all()] == [(demande, True)]


def test_nothing_is_noted_about_what_one_may_not_know(ville, bureau):
    ailleurs = factories.deposer(ville, type=ville.type_social, point_accueil=ville.autre_accueil)
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    for donnees in (
        {"demande": ailleurs.numero},
        {"fiche": "inconnue"},
        {"usager": "0"},
        {"usager": "9" * 30},
    ):
        assert bureau.post(reverse("agent_contact_noter"), donnees).status_code == 404
    assert bureau.post(reverse("agent_contact_terminer"), {"demande": ailleurs.numero}).status_code == 404

    contact = Contact.objects.get()
    assert (contact.resultat, contact.usager, contact.sujets.count()) == ("en_cours", None, 0)


def test_nobody_ends_another_s_contact(ville, bureau):
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    autre = client_de(ville.responsable_accueil)
    page = texte(autre.post(reverse("agent_contact_terminer"), {"resultat": "sans_suite"}, follow=True))

    assert "déjà terminé" in page
    assert Contact.objects.get().resultat == Contact.Resultat.EN_COURS


@pytest.mark.parametrize("canal", ["", "courrier", "portail", "pigeon"])
def test_only_a_voice_is_a_contact(bureau, canal):
    bureau.post(reverse("agent_contact"), {"canal": canal})

    assert not Contact.objects.exists()


# -- the person's card ---------------------------------------------------------------------------------


def test_a_card_shows_open_demandes_first_and_hides_walled_ones(ville, bureau):
    usager = factories.creer_usager()
    factories.demande_dans(Etat.TRAITEE, ville, usager=usager, objet="Déjà répondu")
    factories.demande_dans(Etat.ORIENTEE, ville, usager=usager, objet="Encore ouverte")
    sociale = factories.deposer(ville, usager=usager, type=ville.type_social, objet="Secret social")
    adresse = reverse("agent_usager", args=[usager.pk])

    page = texte(bureau.get(adresse))

    assert page.index("Encore ouverte") < page.index("Déjà répondu")
    assert "Secret social" not in page
    assert sociale.numero not in page
    assert "Secret social" in texte(client_de(ville.agent_accueil_habilite).get(adresse))


def test_a_direction_reads_the_card_of_its_own_people_only(ville):
    usager = factories.creer_usager()
    factories.demande_dans(Etat.ORIENTEE, ville, usager=usager, objet="Trou")
    factories.deposer(ville, usager=usager, objet="À l'accueil")
    adresse = reverse("agent_usager", args=[usager.pk])

    page = texte(client_de(ville.agent_voirie).get(adresse))

    assert "Trou" in page
    assert "À l&#x27;accueil" not in page
    assert "Corriger" not in page
    assert client_de(ville.agent_proprete).get(adresse).status_code == 404
    assert client_de(ville.agent_voirie).get(reverse("agent_usager", args=[usager.pk + 1])).status_code == 404


@pytest.mark.parametrize(("prefere", "dit"), [("sms", "SMS"), ("courrier", "Courrier papier")])
def test_a_card_names_the_preferred_channel_as_people_say_it(bureau, prefere, dit):
    usager = factories.creer_usager(canal_prefere=prefere)

    assert f"Canal préféré : {dit}<" in texte(bureau.get(reverse("agent_usager", args=[usager.pk])))


def test_reading_a_card_is_logged_without_a_word(bureau, ville):
    usager = factories.creer_usager()

    with capture_logs() as journal:
        bureau.get(reverse("agent_usager", args=[usager.pk]))

    assert journal == [
        {
            "event": "usager_consulte",
            "agent": ville.agent_accueil.pk,
            "usager": usager.pk,
            "log_level": "info",
        }
    ]


def test_ended_demandes_come_by_pages_without_losing_any(ville, bureau):
    usager = factories.creer_usager()
    attendues = [factories.demande_dans(Etat.ANNULEE, ville, usager=usager).numero for _ in range(23)]

    vues, adresse = [], reverse("agent_usager", args=[usager.pk])
    while adresse:
        finies = bureau.get(adresse).context["finies"]
        vues += [demande.numero for demande in finies["lignes"]]
        adresse = f"?apres={finies['suite']}" if finies["suite"] else ""
        adresse = adresse and reverse("agent_usager", args=[usager.pk]) + adresse

    assert vues == sorted(attendues, reverse=True)
    assert bureau.get(reverse("agent_usager", args=[usager.pk]) + "?apres=2026-9999999").status_code == 200


def test_look_alikes_are_proposed_with_reasons_never_merged(bureau):
    usager = factories.creer_usager(telephone="06 39 98 12 34")
    double = factories.creer_usager("Jeanne", "Martin", courriel="", telephone="06 39 98 12 34")
    factories.creer_usager("Omar", "Sy")

    reponse = bureau.get(reverse("agent_usager", args=[usager.pk]))

    [candidat] = reponse.context["ressemblances"]
    assert (candidat.usager, candidat.raisons) == (double, ("même téléphone", "même nom"))
    assert "Même téléphone, même nom" in texte(reponse)


def test_identity_is_verified_once_by_somebody_after_confirming(ville, bureau):
    usager = factories.creer_usager()
    adresse = reverse("agent_usager_identite", args=[usager.pk])

    assert "Confirmer l'identité" in texte(bureau.get(adresse))
    usager = type(usager).objects.get(pk=usager.pk)
    assert usager.identite_verifiee_le is None

    bureau.post(adresse)
    verifiee = type(usager).objects.get(pk=usager.pk)
    assert verifiee.identite_verifiee_par == ville.agent_accueil
    premiere = verifiee.identite_verifiee_le

    page = texte(client_de(ville.responsable_accueil).post(adresse, follow=True))
    assert "déjà vérifiée" in page
    encore = type(usager).objects.get(pk=usager.pk)
    assert (encore.identite_verifiee_le, encore.identite_verifiee_par) == (premiere, ville.agent_accueil)


def test_coordinates_are_added_corrected_and_made_main(bureau):
    usager = factories.creer_usager(courriel="ancienne@courriel.example")
    adresse = reverse("agent_usager_coordonnees", args=[usager.pk])

    bureau.post(adresse, {"geste": "ajouter", "valeur": "Nouvelle@Courriel.example"})
    bureau.post(adresse, {"geste": "ajouter", "valeur": "06 39 98 12 34"})
    nouvelle = usager.coordonnees.get(normalisee="nouvelle@courriel.example")
    assert [(c.normalisee, c.est_principale) for c in usager.coordonnees.order_by("pk")] == [
        ("ancienne@courriel.example", True),
        ("nouvelle@courriel.example", False),
        ("+33639981234", True),
    ]

    bureau.post(adresse, {"geste": "principale", "coordonnee": nouvelle.pk})
    bureau.post(adresse, {"geste": "corriger", "coordonnee": nouvelle.pk, "valeur": "juste@courriel.example"})

    frais = type(usager).objects.get(pk=usager.pk)
    assert frais.courriel == "juste@courriel.example"
    assert frais.coordonnees.filter(genre="courriel", est_principale=True).count() == 1


@pytest.mark.parametrize(
    ("donnees", "phrase"),
    [
        ({"geste": "ajouter", "valeur": "12"}, "numéro de téléphone"),
        ({"geste": "ajouter", "valeur": "a@b"}, "adresse électronique"),
        ({"geste": "ajouter", "valeur": ""}, "Écrivez un numéro"),
        ({"geste": "ajouter", "valeur": "meme@courriel.example"}, "déjà enregistrée"),
    ],
)
def test_a_refused_coordinate_keeps_what_was_typed(bureau, donnees, phrase):
    usager = factories.creer_usager(courriel="meme@courriel.example")

    reponse = bureau.post(reverse("agent_usager_coordonnees", args=[usager.pk]), donnees)

    assert reponse.status_code == 422
    assert phrase in texte(reponse)
    assert f'value="{donnees["valeur"]}"' in texte(reponse) or not donnees["valeur"]
    assert usager.coordonnees.count() == 1


def test_a_correction_forgets_what_was_known_of_the_old_value(bureau):
    usager = factories.creer_usager(courriel="ancienne@courriel.example")
    usager.coordonnees.update(verifiee_le=timezone.now(), en_echec_le=timezone.now())
    autre = factories.creer_usager()
    donnees = {
        "geste": "corriger",
        "valeur": "juste@courriel.example",
        "coordonnee": usager.coordonnees.get().pk,
    }

    assert bureau.post(reverse("agent_usager_coordonnees", args=[autre.pk]), donnees).status_code == 404
    bureau.post(reverse("agent_usager_coordonnees", args=[usager.pk]), donnees)

    coordonnee = usager.coordonnees.get()
    assert (coordonnee.verifiee_le, coordonnee.en_echec_le) == (None, None)


def test_a_verified_name_is_not_retyped(bureau, ville):
    usager = factories.creer_usager()
    adresse = reverse("agent_usager_modifier", args=[usager.pk])
    bureau.post(adresse, {"prenom": "Jeannette", "nom": "Martin", "adresse": "4 quai\u202e  de la Farine"})
    usager = type(usager).objects.get(pk=usager.pk)
    assert (usager.prenom, usager.adresse, usager.nom_plie) == (
        "Jeannette",
        "4 quai de la Farine",
        "martin jeannette",
    )

    bureau.post(reverse("agent_usager_identite", args=[usager.pk]))
    bureau.post(adresse, {"prenom": "Autre", "nom": "Nom", "adresse": "5 quai de la Farine"})

    usager = type(usager).objects.get(pk=usager.pk)
    assert (str(usager), usager.adresse) == ("Jeannette Martin", "5 quai de la Farine")
    assert bureau.post(adresse, {"nom": ""}).status_code == 302


def test_only_declared_fields_change(bureau):
    usager = factories.creer_usager()

    bureau.post(
        reverse("agent_usager_modifier", args=[usager.pk]),
        {
            "nom": "Martin",
            "siret": "123",
            "identite_verifiee_le": "2026-01-01",
            "compte": "1",
            "genre": "entreprise",
        },
    )

    frais = type(usager).objects.get(pk=usager.pk)
    assert (frais.siret, frais.identite_verifiee_le, frais.compte_id, frais.genre) == (
        "",
        None,
        None,
        "particulier",
    )


# -- cost ----------------------------------------------------------------------------------------------


def requetes(client, adresse) -> int:
    client.get(adresse)
    with CaptureQueriesContext(connection) as captees:
        assert client.get(adresse).status_code == 200
    return len(captees)


def test_three_rows_cost_what_thirty_do(ville):
    responsable = client_de(ville.responsable_accueil)
    usager = factories.creer_usager(telephone="06 39 98 12 34")

    def peupler(nombre):
        for _ in range(nombre):
            factories.deposer(ville, usager=usager)
            factories.demande_dans(Etat.ANNULEE, ville, usager=usager)
            factories.creer_usager(telephone="06 39 98 12 34")
            Contact.objects.create(
                canal="telephone",
                point_accueil=ville.accueil,
                agent=ville.responsable_accueil,
                usager=usager,
                resultat=Contact.Resultat.SANS_SUITE,
                fin=timezone.now(),
            )

    adresses = [
        reverse("agent_accueil"),
        reverse("agent_accueil") + "?q=martin",
        reverse("agent_usager", args=[usager.pk]),
    ]
    peupler(3)
    trois = [requetes(responsable, adresse) for adresse in adresses]
    peupler(27)

    assert [requetes(responsable, adresse) for adresse in adresses] == trois
    assert max(trois) <= 20


def test_a_deputy_at_the_desk_is_at_the_desk(ville):
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=ville.agent_accueil, suppleant=ville.agent_voirie, du=jour, au=jour)
    client = client_de(ville.agent_voirie)

    assert client.get("/agent/accueil/").status_code == 200
    client.post(reverse("agent_contact"), {"canal": "guichet"})
    assert Contact.objects.get().point_accueil == ville.accueil
