"""Every channel in one list, one gesture to answer; each answer takes the way its person chose."""

import io
from collections.abc import Iterator

import pypdf
import pytest
import requests
from django.core.management import call_command

from demandes.etats import Etat
from demandes.models import Demande, Message
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.courriels import facteur
from tests.courriels.facteur import Facteur
from tests.mastodon import JETON, FauxMastodon, faux_mastodon
from tests.parcours.gestes import relire
from tests.parcours.maison import Maison, ouvrir
from tests.parcours.visiteur import Visiteur
from tests.webhooks import corps_de, en_tetes_de

REPONSE = "Bonjour,\n\nLe trou est rebouché depuis ce matin. Demande lue, équipe passée."
SIGNES = {
    "portail": "Portail",
    "courriel": "Courriel",
    "sms": "SMS",
    "telephone": "Téléphone",
    "guichet": "Guichet",
    "courrier": "Courrier papier",
    "mastodon": "Mastodon",
}


@pytest.fixture(scope="module")
def reseau() -> Iterator[FauxMastodon]:
    with faux_mastodon() as serveur:
        yield serveur


@pytest.fixture(scope="module")
def poste() -> Iterator[Facteur]:
    """A real SMTP server, which keeps what everybody gets."""
    with facteur.ouvrir(None, {}) as ouvert:
        yield ouvert


@pytest.fixture(scope="module")
def maison_ouverte(
    django_db_setup: None, django_db_blocker, poste: Facteur, reseau: FauxMastodon
) -> Iterator[Maison]:
    """A house tied to those two, and to the operator it comes with."""
    reglages = {
        "GUICHET_COURRIEL": "smtp",
        "SMTP_HOTE": "127.0.0.1",
        "SMTP_PORT": str(poste.port),
        "GUICHET_MASTODON_ADRESSE": reseau.adresse,
        "GUICHET_MASTODON_JETON": JETON,
    }
    with django_db_blocker.unblock(), ouvrir("tous-les-canaux", **reglages) as maison:
        yield maison


def la_demande(objet: str) -> Demande:
    return Demande.objects.get(objet__contains=objet)


# -- how each comes in -------------------------------------------------------------------------------------


def sur_le_web(visiteur: Visiteur, objet: str, **personne: str) -> Demande:
    """File it, in the words of the form: « Comment préférez-vous recevoir la réponse ? »"""
    page = visiteur.ouvrir("/deposer/VOI-TROU/").envoyer("Commencer")
    page = page.envoyer("Continuer", **{"recit-texte": f"Trou, {objet}.", "q-nature": "trou"})
    page = page.envoyer("Continuer", **{"lieu-adresse": "12 rue des Tisserands"})
    page = page.envoyer("Continuer", **{"lieu-territoire": "inconnu"})
    page = page.envoyer("Continuer")
    page = page.envoyer("Continuer", **{f"vous-{champ}": valeur for champ, valeur in personne.items()})
    assert page.titre == "Vérifiez, puis envoyez", page.texte
    page = page.envoyer("Envoyer ma demande")
    assert page.titre == "Votre demande est envoyée", page.texte
    return la_demande(objet)


def a_l_accueil(salimata: Visiteur, canal: str, objet: str, **personne: str) -> Demande:
    page = salimata.ouvrir(f"/agent/saisie/?canal={canal}")
    page = page.envoyer("Enregistrer sans orienter", texte=f"Trou, {objet}.", **personne)
    assert page.statut == 200, page.texte
    return la_demande(objet)


def par_courriel(maison: Maison, dossier, objet: str) -> Demande:
    """Handed over by the mail server's pipe, read by the worker."""
    fichier = dossier / "recu.eml"
    fichier.write_bytes(courriel(f"Bonjour, un trou, {objet}.", Subject=f"Un trou, {objet}"))
    call_command("recevoir_courriel", fichier)
    maison.sonner("demandes.tasks.balayer_receptions")
    return attendre(maison, objet)


def par_sms(maison: Maison, numero: str, objet: str) -> Demande:
    corps = corps_de({"id": objet, "de": numero, "texte": f"Un trou, {objet}"})
    en_tetes = en_tetes_de(corps, identifiant="tous-1")
    poste = requests.post(f"{maison.adresse}/api/webhooks/sms", data=corps, headers=en_tetes, timeout=10)
    assert poste.status_code == 200
    return attendre(maison, objet)


def sur_mastodon(maison: Maison, reseau: FauxMastodon, objet: str) -> Demande:
    maison.sonner("demandes.tasks.relever_les_reseaux")  # the first reading only says from where
    maison.se_calmer()
    reseau.mentionner(f"Un trou, {objet}")
    maison.sonner("demandes.tasks.relever_les_reseaux")
    return attendre(maison, objet)


def attendre(maison: Maison, objet: str) -> Demande:
    return maison.attendre(lambda: Demande.objects.filter(objet__contains=objet).first(), objet)


# -- the story ---------------------------------------------------------------------------------------------


@pytest.fixture
def demandes(maison, poste, reseau, ville, visiteurs, connecter, tmp_path) -> dict[str, Demande]:
    """One by each channel, and those of the web who asked to be answered another way."""
    poste.remis.clear()
    maison.operateur.recus.clear()
    maison.operateur.en_tetes.clear()
    ville.type_voirie.acces = "libre"
    ville.type_voirie.save()
    factories.creer_usager("Lucie", "Perrin", courriel="lucie@courriel.example", telephone="06 39 98 00 15")
    salimata = connecter(ville.agent_accueil)

    def web(objet: str, prenom: str, nom: str, **coordonnees: str) -> Demande:
        return sur_le_web(visiteurs(), objet, prenom=prenom, nom=nom, **coordonnees)

    faites = {
        "web": web("place Haute", "Paul", "Durand", courriel="paul@courriel.example"),
        "web, par SMS": web(
            "place Basse",
            "Nadia",
            "Benali",
            courriel="nadia@courriel.example",
            telephone="06 39 98 00 12",
            canal_prefere="sms",
        ),
        "web, par lettre": web(
            "place Neuve",
            "Hélène",
            "Roy",
            courriel="helene@courriel.example",
            adresse="3 rue Neuve, 69100 Valmont",
            canal_prefere="courrier",
        ),
        "web, change d'avis": web(
            "place Vieille",
            "Marc",
            "Petit",
            courriel="marc@courriel.example",
            telephone="06 39 98 00 14",
            canal_prefere="courriel",
        ),
        "web, déjà connue": web(
            "place Ronde",
            "Lucie",
            "Perrin",
            courriel="lucie@courriel.example",
            telephone="06 39 98 00 15",
            canal_prefere="sms",
        ),
        "courriel": par_courriel(maison, tmp_path, "quai Nord"),
        "SMS": par_sms(maison, "+33639980016", "quai Sud"),
        "téléphone": a_l_accueil(
            salimata, "telephone", "quai Est", prenom="Awa", nom="Diallo", telephone="06 39 98 00 17"
        ),
        "guichet": a_l_accueil(salimata, "guichet", "quai Ouest", prenom="Yves", nom="Morel"),
        "lettre": a_l_accueil(
            salimata,
            "courrier",
            "pont Neuf",
            prenom="Odette",
            nom="Renard",
            courriel="odette@courriel.example",
            adresse_personne="8 rue du Port, 69100 Valmont",
        ),
        "Mastodon": sur_mastodon(maison, reseau, "pont Vieux"),
    }
    # He calls since: an SMS will do.
    marc = faites["web, change d'avis"].usager
    page = salimata.ouvrir(f"/agent/usagers/{marc.pk}/modifier/")
    assert page.envoyer("Enregistrer", canal_prefere="sms").statut == 200
    maison.vider_la_boite()
    return faites


def test_every_channel_in_one_list_answered_by_one_gesture_by_the_way_each_chose(
    maison, poste, reseau, ville, demandes, connecter, agit
):
    # One list at the desk, one list at the direction; each row says its channel to who cannot see the sign.
    lire_la_liste(connecter(ville.agent_accueil), "/agent/corbeille/", demandes)
    for demande in demandes.values():
        champs = {} if demande.type_id else {"type": ville.type_voirie.pk}
        agit(ville.agent_accueil, demande.numero, "qualifier", territoire=ville.territoire.pk, **champs)
        agit(ville.agent_accueil, demande.numero, "orienter", direction=ville.voirie.pk)
    lire_la_liste(connecter(ville.agent_voirie), "/agent/corbeille/", demandes)

    # The same form for all: nobody chooses, nor needs to know, how it leaves.
    formulaires, dits = set(), {}
    for nom, demande in demandes.items():
        agit(ville.agent_voirie, demande.numero, "prendre_en_charge")
        chemin = f"/agent/demandes/{demande.numero}/gestes/repondre/"
        page = connecter(ville.agent_voirie).ouvrir(chemin)
        formulaire = page.html.select_one("form#geste")
        formulaires.add(tuple(sorted({c["name"] for c in formulaire.select("[name]")})))
        dits[nom] = " ".join(page.html.select_one(".redaction__pour").get_text(" ").split())
        agit(ville.agent_voirie, demande.numero, "repondre", texte=REPONSE, decision="accord")
        assert relire(demande.numero).etat == Etat.TRAITEE
    assert len(formulaires) == 1
    maison.vider_la_boite()

    # By mail: who asked for nothing else, and who wrote one.
    reponses = {"web": "paul@courriel.example", "courriel": "jeanne.martin@courriel.example"}
    for nom, adresse in reponses.items():
        assert f"par courriel à {adresse}" in dits[nom]
        maison.attendre(lambda a=adresse: reponse_par_courriel(poste, a), f"la réponse à {adresse}")
    for adresse in ("nadia", "helene", "marc", "lucie", "odette"):
        assert not reponse_par_courriel(poste, f"{adresse}@courriel.example"), adresse

    # By SMS: who chose it, who changed their mind, who is known by a card that says nothing, who wrote one.
    numeros = {
        "web, par SMS": "+33639980012",
        "web, change d'avis": "+33639980014",
        "web, déjà connue": "+33639980015",
        "SMS": "+33639980016",
    }
    maison.attendre(lambda: len(sms_de_reponse(maison)) == len(numeros), "les SMS")
    for nom, numero in numeros.items():
        assert "par SMS au 06 39 98" in dits[nom]
        (texte,) = [sms["text"] for sms in sms_de_reponse(maison) if sms["to"] == numero]
        assert demandes[nom].numero in texte

    # By letter: who chose it, and who wrote one, though they have an address.
    for nom, nom_ecrit, rue in (
        ("web, par lettre", "Hélène Roy", "3 rue Neuve"),
        ("lettre", "Odette Renard", "8 rue du Port"),
    ):
        assert f"par lettre à {rue}" in dits[nom]
        texte = lettre_de(connecter(ville.agent_voirie), demandes[nom])
        for mot in (nom_ecrit, rue, "rebouché depuis ce matin"):
            assert mot in texte

    # On the network: a private reply to the post, and nothing anybody else may read.
    assert "en privé sur Mastodon, à @awa42@social.example" in dits["Mastodon"]
    maison.sonner("demandes.tasks.relever_les_reseaux")
    (pose,) = maison.attendre(lambda: list(reseau.poses.values()), "la réponse sur le réseau")
    assert (pose["visibility"], pose["in_reply_to_id"]) == ("direct", next(iter(reseau.statuts)))
    assert pose["status"].startswith("@awa42@social.example Bonjour,")
    assert "rebouché depuis ce matin" in pose["status"]

    # By voice and by hand: what is left to do waits in one list, and is said done there.
    karim = connecter(ville.agent_voirie)
    attendues = karim.ouvrir("/agent/a-remettre/")
    assert "par téléphone au 06 39 98 00 17" in dits["téléphone"]
    assert "au guichet, en main propre" in dits["guichet"]
    for nom in ("téléphone", "guichet", "lettre", "web, par lettre"):
        assert demandes[nom].numero in attendues, nom
    agit_sur(karim, demandes["téléphone"], "Marquer comme dite")
    agit_sur(karim, demandes["guichet"], "Marquer comme remise")
    attendues = karim.ouvrir("/agent/a-remettre/")
    assert [demandes[n].numero in attendues for n in ("téléphone", "guichet", "lettre")] == [
        False,
        False,
        True,
    ]


def lire_la_liste(visiteur: Visiteur, chemin: str, demandes: dict[str, Demande]) -> None:
    rangees = visiteur.ouvrir(chemin).html.select("tr[data-numero]")
    lus = {
        rangee["data-numero"]: rangee.select_one(".canal .visuellement-cache").get_text()
        for rangee in rangees
    }
    assert lus == {demande.numero: SIGNES[demande.canal] for demande in demandes.values()}
    assert set(lus.values()) == set(SIGNES.values())


def reponse_par_courriel(poste: Facteur, adresse: str) -> list[str]:
    corps = [recu.get_body(("plain",)).get_content() for recu in poste.pour(adresse)]
    return [c for c in corps if "rebouché depuis ce matin" in c]


def sms_de_reponse(maison: Maison) -> list[dict]:
    return [sms for sms in maison.operateur.sms if "rebouché depuis ce matin" in sms["text"]]


def lettre_de(visiteur: Visiteur, demande: Demande) -> str:
    message = demande.messages.get(sens=Message.Sens.SORTANT, nature=Message.Nature.REPONSE)
    assert message.remise.numero.startswith("D-")
    chemin = f"/agent/demandes/{demande.numero}/lettres/{message.pk}/"
    pdf = visiteur.session.get(f"{visiteur.adresse}{chemin}", timeout=60)
    assert pdf.headers["Content-Type"] == "application/pdf"
    return " ".join(
        " ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf.content)).pages).split()
    )


def agit_sur(visiteur: Visiteur, demande: Demande, bouton: str) -> None:
    """Press the button of this demande's own row."""
    page = visiteur.ouvrir("/agent/a-remettre/")
    rangee = next(li for li in page.html.select("li.remise") if demande.numero in li.get_text())
    for autre in page.html.select("li.remise"):
        if autre is not rangee:
            autre.decompose()
    assert page.envoyer(bouton).statut == 200
