"""Typed in by a desk: a letter, an e-mail, a post, and what one person asks for another."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.actions import Appelant, Depot
from demandes.droits import SYSTEME, Auteur
from demandes.models import Contact, Demande, EntreeJournal, Intermediaire, Message, Provenance
from demandes.recherche import usagers_visibles
from guichet.envois.models import Envoi
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import DonneeInvalide
from tests import factories
from usagers.models import Usager

SAISIE = "/agent/saisie/"
AUJOURD_HUI = timezone.localdate()


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


@pytest.fixture
def bureau(ville) -> Client:
    return client_de(ville.agent_accueil)


def texte(reponse) -> str:
    return reponse.content.decode()


def saisie(ville, **champs) -> dict:
    return {
        "cle": uuid.uuid4().hex,
        "canal": "telephone",
        "issue": "orienter",
        "point_accueil": ville.accueil.pk,
        "prenom": "Jeanne",
        "nom": "Perrin",
        "texte": "Un trou devant la porte.",
        "type": ville.type_voirie.code,
        "f-nature": "trou",
    } | champs


# -- each channel has its fields, and only those --------------------------------------------------------


@pytest.mark.parametrize(
    ("canal", "siens"),
    [
        ("telephone", {"recue_le"}),
        ("guichet", {"recue_le"}),
        ("sms", {"recue_le"}),
        ("courrier", {"recue_le", "envoyee_le", "est_recommande", "numero_recommande"}),
        ("courriel", {"recue_le", "expediteur"}),
        ("facebook", {"recue_le", "lien", "portee", "compte"}),
        ("reseau", {"recue_le", "lien", "portee", "compte"}),
    ],
)
def test_a_channel_asks_what_it_alone_tells(ville, bureau, canal, siens):
    page = texte(bureau.post(SAISIE, saisie(ville, issue="", canal=canal)))

    tous = {"recue_le", "envoyee_le", "est_recommande", "numero_recommande", "expediteur"}
    tous |= {"lien", "portee", "compte"}
    assert {nom for nom in tous if f'name="{nom}"' in page} == siens


def test_a_registered_letter_keeps_its_three_dates_and_its_number(ville, bureau):
    partie, arrivee = AUJOURD_HUI - timedelta(days=4), AUJOURD_HUI - timedelta(days=2)

    bureau.post(
        SAISIE,
        saisie(
            ville,
            canal="courrier",
            envoyee_le=partie.isoformat(),
            recue_le=arrivee.isoformat(),
            est_recommande="on",
            numero_recommande="1A 234 567 8901 2",
        ),
    )

    demande = Demande.objects.pour_fil().get()
    assert timezone.localdate(demande.envoyee_le) == partie
    assert timezone.localdate(demande.recue_le) == arrivee
    assert timezone.localdate(demande.enregistree_le) == AUJOURD_HUI
    assert (demande.provenance.est_recommande, demande.provenance.numero_recommande) == (
        True,
        "1A 234 567 8901 2",
    )
    page = texte(bureau.get(reverse("agent_demande", args=[demande.numero])))
    assert "1A 234 567 8901 2" in page
    assert demande.journal.get(geste="enregistrer").details["recommande"] is True


def test_a_letter_cannot_leave_after_it_arrived(ville, bureau):
    reponse = bureau.post(
        SAISIE,
        saisie(
            ville,
            canal="courrier",
            envoyee_le=AUJOURD_HUI.isoformat(),
            recue_le=(AUJOURD_HUI - timedelta(days=1)).isoformat(),
        ),
    )

    assert reponse.status_code == 422
    assert "partie après son arrivée" in texte(reponse)
    assert not Demande.objects.exists()


def test_a_pasted_e_mail_is_acknowledged_at_the_address_it_came_from(ville, bureau):
    connue = factories.creer_usager("Jeanne", "Perrin", courriel="jeanne@courriel.example")

    bureau.post(
        SAISIE,
        saisie(ville, canal="courriel", usager=connue.pk, expediteur="Jeanne <b>", objet="Trou"),
    )
    assert not Demande.objects.exists()
    bureau.post(
        SAISIE,
        saisie(ville, canal="courriel", usager=connue.pk, expediteur="j.perrin@bureau.example", objet="Trou"),
    )

    demande = Demande.objects.pour_fil().get()
    assert (demande.objet, demande.provenance.expediteur) == ("Trou", "j.perrin@bureau.example")
    assert Envoi.objects.filter(nature=Envoi.Nature.ACCUSE).get().destinataire == "j.perrin@bureau.example"
    assert sorted(c.normalisee for c in connue.coordonnees.all()) == [
        "j.perrin@bureau.example",
        "jeanne@courriel.example",
    ]
    assert connue.courriel == "jeanne@courriel.example"
    assert "j.perrin" not in str(list(EntreeJournal.objects.values_list("details", flat=True)))


def test_an_e_mail_without_an_address_is_refused(ville, bureau):
    reponse = bureau.post(SAISIE, saisie(ville, canal="courriel"))

    assert reponse.status_code == 422
    assert "adresse de l&#x27;expéditeur" in texte(reponse)
    assert not Demande.objects.exists()


def test_a_post_keeps_its_link_and_nothing_of_another_channel(ville, bureau):
    bureau.post(
        SAISIE,
        saisie(
            ville,
            canal="mastodon",
            lien="https://mastodon.example/@jeanne/1",
            compte="@jeanne@mastodon.example",
            est_recommande="on",
            expediteur="x@y.example",
        ),
    )

    provenance = Provenance.objects.get()
    assert (provenance.lien, provenance.est_recommande, provenance.expediteur) == (
        "https://mastodon.example/@jeanne/1",
        False,
        "",
    )


@pytest.mark.parametrize("lien", ["javascript:alert(1)", "pas un lien", "https://x.example/" + "a" * 600])
def test_a_link_that_is_none_is_refused(ville, bureau, lien):
    assert bureau.post(SAISIE, saisie(ville, canal="x", lien=lien, compte="@awa")).status_code == 422
    assert not Demande.objects.exists()


# -- who calls, and for whom ------------------------------------------------------------------------------


@pytest.fixture
def jeanne(ville) -> Usager:
    return factories.creer_usager("Jeanne", "Perrin", courriel="jeanne@courriel.example")


@pytest.fixture
def claire(ville) -> Usager:
    return factories.creer_usager("Claire", "Morel", courriel="claire@courriel.example")


def pour_autrui(ville, claire, jeanne, **champs) -> dict:
    return (
        saisie(
            ville,
            pour_autrui="oui",
            usager=jeanne.pk,
            appelant=claire.pk,
            qualite="famille",
            reponse_a="usager",
            prenom="",
            nom="",
        )
        | champs
    )


def test_the_person_on_the_phone_turns_out_to_ask_for_another(ville, bureau, claire):
    bureau.post(reverse("agent_contact"), {"canal": "telephone", "usager": claire.pk})
    page = texte(bureau.get(SAISIE))
    assert f'name="usager" value="{claire.pk}"' in page

    page = texte(bureau.post(SAISIE, saisie(ville, issue="", usager=claire.pk, pour="autrui")))
    assert f'name="appelant" value="{claire.pk}"' in page
    assert 'name="usager" id="id_usager"' in page
    assert "Qui appelle ?" in page
    assert "Pour qui ?" in page
    page = texte(
        bureau.post(SAISIE, saisie(ville, issue="", appelant=claire.pk, pour_autrui="oui", pour="soi"))
    )
    assert f'name="usager" value="{claire.pk}"' in page
    assert "Pour qui ?" not in page


@pytest.mark.parametrize(("reponse_a", "destinataire"), [("usager", "jeanne"), ("appelant", "claire")])
def test_the_answer_goes_to_whom_they_say(ville, bureau, claire, jeanne, reponse_a, destinataire):
    bureau.post(SAISIE, pour_autrui(ville, claire, jeanne, reponse_a=reponse_a))

    demande = Demande.objects.pour_fil().get()
    lien = demande.intermediaire
    assert (demande.usager, lien.usager, lien.qualite) == (jeanne, claire, "famille")
    assert {e.destinataire for e in Envoi.objects.all()} == {f"{destinataire}@courriel.example"}
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Nous passons jeudi.")
    dernier = Message.objects.filter(sens=Message.Sens.SORTANT).latest("pk")
    assert dernier.destinataire == f"{destinataire}@courriel.example"
    page = texte(bureau.get(reverse("agent_demande", args=[demande.numero])))
    assert "Claire Morel" in page
    assert "famille ou proche" in page
    assert "Claire Morel, pour Jeanne Perrin" in page


def test_the_journal_knows_the_code_and_not_the_name(ville, bureau, claire, jeanne):
    bureau.post(SAISIE, pour_autrui(ville, claire, jeanne))

    details = EntreeJournal.objects.get(geste="enregistrer").details
    assert (details["intermediaire"], details["qualite"]) == (claire.pk, "famille")
    assert "Morel" not in str(details)


def test_somebody_new_may_call_for_somebody_new(ville, bureau):
    bureau.post(
        SAISIE,
        saisie(
            ville,
            pour_autrui="oui",
            appelant_prenom="Claire",
            appelant_nom="Morel",
            appelant_telephone="06 39 98 12 34",
            qualite="voisin",
            reponse_a="appelant",
        ),
    )

    demande = Demande.objects.pour_fil().get()
    assert (str(demande.usager), demande.usager.telephone) == ("Jeanne Perrin", "")
    assert (str(demande.intermediaire.usager), demande.intermediaire.usager.telephone) == (
        "Claire Morel",
        "+33639981234",
    )


@pytest.mark.parametrize(
    ("champs", "dit"),
    [
        ({"qualite": ""}, "à quel titre"),
        ({"appelant": ""}, "Nommez la personne qui demande"),
        ({"usager": ""}, "Nommez la personne concernée"),
    ],
)
def test_both_must_be_known(ville, bureau, claire, jeanne, champs, dit):
    reponse = bureau.post(SAISIE, pour_autrui(ville, claire, jeanne, **champs))

    assert reponse.status_code == 422
    assert dit in texte(reponse)
    assert not Demande.objects.exists()
    assert not Intermediaire.objects.exists()


def test_nobody_speaks_for_themselves(ville, jeanne):
    depot = Depot(
        canal="telephone", texte="Un trou.", usager=jeanne, appelant=Appelant("famille", usager=jeanne)
    )

    with pytest.raises(DonneeInvalide, match="la même personne"):
        actions.enregistrer(depot, auteur=SYSTEME)
    assert not Demande.objects.exists()


def test_the_caller_sees_none_of_the_beneficiary_s_demandes(ville, bureau, claire, jeanne):
    autre = factories.deposer(ville, usager=jeanne, objet="Une autre affaire")
    bureau.post(SAISIE, pour_autrui(ville, claire, jeanne, reponse_a="appelant", objet="Le trou"))
    factories.creer_compte_usager(claire)
    habitante = client_de(claire.compte)

    assert "Une autre affaire" not in texte(habitante.get(reverse("mes_demandes")))
    assert habitante.get(reverse("ma_demande", args=[autre.numero])).status_code == 404
    carte = texte(bureau.get(reverse("agent_usager", args=[claire.pk])))
    assert "Demandes faites pour d&#x27;autres" in carte or "Demandes faites pour d'autres" in carte
    assert "Le trou" in carte
    assert "Une autre affaire" not in carte
    carte = texte(bureau.get(reverse("agent_usager", args=[jeanne.pk])))
    assert "par Claire Morel (famille ou proche)" in carte


def test_the_call_is_the_caller_s(ville, bureau, claire, jeanne):
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    bureau.post(SAISIE, pour_autrui(ville, claire, jeanne))

    assert Contact.objects.get().usager == claire


def test_a_direction_opens_the_card_of_whoever_spoke_for_its_people(ville, bureau, claire, jeanne):
    voirie = Perimetre.de(ville.agent_voirie)
    assert list(usagers_visibles(voirie)) == []

    bureau.post(SAISIE, pour_autrui(ville, claire, jeanne))

    assert set(usagers_visibles(voirie)) == {claire, jeanne}
    assert list(usagers_visibles(Perimetre.de(ville.agent_proprete))) == []


# -- a letter, without a gesture too many ----------------------------------------------------------------


def test_a_letter_arrives_today_unless_one_says_otherwise_and_the_next_on_the_same_day(ville, bureau):
    hier = (AUJOURD_HUI - timedelta(days=1)).isoformat()
    assert f'value="{AUJOURD_HUI.isoformat()}"' in texte(bureau.get(SAISIE, {"canal": "courrier"}))
    assert f'value="{AUJOURD_HUI.isoformat()}"' in texte(
        bureau.post(SAISIE, saisie(ville, issue="", canal="courrier"))
    )

    faite = texte(bureau.post(SAISIE, saisie(ville, canal="courrier", recue_le=hier), follow=True))

    assert f"{SAISIE}?canal=courrier&amp;recue_le={hier}" in faite
    assert f'value="{hier}"' in texte(bureau.get(SAISIE, {"canal": "courrier", "recue_le": hier}))
    assert "Courrier suivant" not in texte(bureau.post(SAISIE, saisie(ville), follow=True))


@pytest.mark.parametrize(
    ("cherche", "trouve"),
    [
        ("Basile Trébuchet", {"prenom": "Basile", "nom": "Trébuchet"}),
        ("Marie de La Rochefoucauld", {"prenom": "Marie", "nom": "de La Rochefoucauld"}),
        ("Trébuchet", {"prenom": "", "nom": "Trébuchet"}),
        ("06 39 98 55 66", {"telephone": "06 39 98 55 66"}),
        ("basile@courriel.example", {"courriel": "basile@courriel.example"}),
        ("12 rue des Loriots", {"usager_q": "12 rue des Loriots", "nom": ""}),
        # Somebody known is never passed over: one chooses, or says that it is somebody else.
        ("Jeanne Perrin", {"usager_q": "Jeanne Perrin", "nom": ""}),
    ],
)
def test_entering_a_name_nobody_bears_fills_it_in(ville, bureau, jeanne, cherche, trouve):
    vide = saisie(ville, issue="", prenom="", nom="", avancer="oui")

    page = bureau.post(SAISIE, vide | {"usager_q": cherche})

    donnees = page.context["saisie"].donnees
    assert {nom: donnees.get(nom, "") for nom in trouve} == trouve
    assert not Demande.objects.exists()


@pytest.mark.parametrize(
    ("champs", "curseur"),
    [
        ({"usager_q": "Perrin", "nom": ""}, "personnes"),
        ({"texte": ""}, "adresse_personne"),
        ({"texte": "", "adresse_personne": "1 rue des Loriots"}, "texte"),
        ({"adresse_personne": "1 rue des Loriots", "type": ""}, "type_q"),
        ({"adresse_personne": "1 rue des Loriots"}, "adresse"),
        ({"adresse_personne": "1 rue des Loriots", "adresse": "2 rue des Loriots"}, ""),
    ],
)
def test_entering_goes_on_to_what_is_missing(ville, bureau, jeanne, champs, curseur):
    lettre = saisie(ville, issue="", canal="courrier", prenom="", avancer="oui")

    assert bureau.post(SAISIE, lettre | champs).context["saisie"].premier_champ == curseur


@pytest.mark.parametrize(
    ("lettre", "champs", "objet"),
    [
        ("Objet : trou rue des Loriots\n\nMadame, Monsieur,\nBonne réception.", {}, "Trou rue des Loriots"),
        ("Madame, Monsieur,\n\nUn trou devant chez moi. Il grandit.", {}, "Un trou devant chez moi."),
        ("Madame, Monsieur,", {}, "Nid-de-poule ou trou dans la chaussée"),
        ("Madame, Monsieur,", {"objet": "Trou"}, "Trou"),
    ],
)
def test_a_letter_is_named_by_what_it_says_and_never_by_its_greeting(ville, bureau, lettre, champs, objet):
    bureau.post(
        SAISIE, saisie(ville, canal="courrier", texte=lettre, recue_le=AUJOURD_HUI.isoformat()) | champs
    )

    assert Demande.objects.get().objet == objet


@pytest.mark.parametrize(
    ("courriel", "prefere", "adresse", "dit", "tait"),
    [
        (
            "",
            "",
            "3 rue Neuve",
            ["et postez-le à <strong>3 rue Neuve"],
            ["Envoyé par courriel", "aussi l'accusé"],
        ),
        ("", "", "", ["et postez-le.", "Nous ne connaissons pas d'adresse postale"], ["Envoyé par courriel"]),
        ("j@boite.example", "", "3 rue Neuve", ["Envoyé par courriel", "aussi l'accusé"], ["rien à poster"]),
        ("j@boite.example", "courrier", "3 rue Neuve", ["aussi l'accusé"], ["rien à poster"]),
        ("j@boite.example", "courriel", "3 rue Neuve", ["le préfère : rien à poster"], ["postez-le"]),
    ],
)
def test_a_letter_is_acknowledged_on_paper_unless_its_author_prefers_mail(
    ville, bureau, courriel, prefere, adresse, dit, tait
):
    jeanne = factories.creer_usager(
        "Jeanne", "Perrin", courriel=courriel, adresse=adresse, canal_prefere=prefere
    )

    page = texte(
        bureau.post(
            SAISIE,
            saisie(ville, canal="courrier", usager=jeanne.pk, recue_le=AUJOURD_HUI.isoformat()),
            follow=True,
        )
    ).replace("&#x27;", "'")

    assert [mots for mots in dit if mots not in page] == []
    assert [mots for mots in tait if mots in page] == []
    assert Envoi.objects.filter(nature=Envoi.Nature.ACCUSE).count() == bool(courriel)
