"""Who the city is: written once, shown everywhere, in colours that can be read."""

import email
import email.policy
import io
import re

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from demandes import recu
from demandes.actions import avis
from guichet.canaux import courriel
from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.organisation import ville as identite
from guichet.organisation import ville as identite_de_la_ville
from guichet.organisation.invitations import inviter
from guichet.organisation.models import IdentiteVille, Modification
from tests import factories

ADRESSE = "/agent/administration/ville/"
PRUNE = {
    "nom": "Saint-Ferréol",
    "adresse": "3 place du Marché, 69982 Saint-Ferréol",
    "telephone": "0465711200",
    "courriel": "Mairie@saint-ferreol.example",
    "accent_clair": "#7A2F5D",
    "accent_sombre": "",
}


def test_the_city_is_said_once_and_read_everywhere(admin, ville):
    assert admin.post(ADRESSE, PRUNE)["Location"] == ADRESSE

    ligne = IdentiteVille.objects.get()
    assert (ligne.nom, ligne.telephone, ligne.courriel) == (
        "Saint-Ferréol",
        "04 65 71 12 00",
        "mairie@saint-ferreol.example",
    )
    mentions = Client().get("/mentions-legales/").content.decode()
    assert "Guichet de Saint-Ferréol" in mentions
    assert 'href="tel:+33465711200"' in mentions
    assert "1 place de l&#x27;Hôtel-de-Ville" not in mentions
    assert "Guichet de Saint-Ferréol" in admin.get("/agent/administration/").content.decode()
    demande = factories.deposer(ville)
    assert recu.donnees_de(demande)["ville"]["nom"] == "Saint-Ferréol"
    assert recu.donnees_de(demande)["ville"]["accent"] == "#7a2f5d"
    _, corps = avis.rediger("annulee", demande, {})
    signature = ("Saint-Ferréol", "3 place du Marché, 69982 Saint-Ferréol", "04 65 71 12 00", ligne.courriel)
    assert corps.endswith("\n".join(signature))
    inviter(ville.agent_voirie)
    assert "guichet de Saint-Ferréol" in Envoi.objects.latest("pk").corps


def test_the_mails_wear_the_logo_and_the_colour_and_fetch_nothing(admin, ville):
    inviter(ville.agent_voirie)
    envoi = Envoi.objects.latest("pk")
    sans_logo = relire_courriel(envoi)
    assert sans_logo.get_content_type() == "multipart/alternative"
    assert "<img" not in sans_logo.get_body(("html",)).get_content()

    image = io.BytesIO()
    Image.new("RGB", (80, 80), "#7a2f5d").save(image, format="PNG")
    fichier = SimpleUploadedFile("logo.png", image.getvalue(), content_type="image/png")
    admin.post(ADRESSE, PRUNE | {"logo": fichier})
    lu = relire_courriel(envoi)

    html = BeautifulSoup(lu.get_body(("html",)).get_content(), "html.parser")
    assert [(img["src"], img["alt"]) for img in html.select("img")] == [
        ("cid:logo@guichet", "Logo de la ville")
    ]
    assert "3px solid #7a2f5d" in html.select_one("p")["style"]
    jointe = next(partie for partie in lu.walk() if partie["Content-ID"] == "<logo@guichet>")
    assert jointe.get_content() == bytes(IdentiteVille.objects.get().logo)
    assert lu.get_body(("plain",)).get_content() == sans_logo.get_body(("plain",)).get_content()
    assert livraison.rediger(envoi) == livraison.rediger(envoi)


def relire_courriel(envoi: Envoi):
    return email.message_from_bytes(courriel.composer(livraison.rediger(envoi)), policy=email.policy.default)


def test_the_same_identity_saved_twice_is_one_change(admin):
    admin.post(ADRESSE, PRUNE)
    admin.post(ADRESSE, PRUNE)
    (creation,) = Modification.objects.all()
    assert (creation.action, creation.apres["nom"]) == ("creation", "Saint-Ferréol")

    admin.post(ADRESSE, PRUNE | {"nom": "Saint-Ferréol-les-Bains"})

    changement = Modification.objects.latest("pk")
    assert changement.avant == {"nom": "Saint-Ferréol"}
    assert changement.apres == {"nom": "Saint-Ferréol-les-Bains"}
    assert IdentiteVille.objects.count() == 1


def test_colours_reach_pages_by_a_sheet_of_their_own(admin):
    assert "couleurs.css" not in Client().get("/").content.decode()
    vide = Client().get("/couleurs.css")
    assert (vide.status_code, vide.content) == (200, b"")
    admin.post(ADRESSE, PRUNE)

    lien = re.search(r'href="(/couleurs\.css\?v=[0-9a-f]{12})"', Client().get("/").content.decode())[1]
    feuille = Client().get(lien)

    assert feuille["Content-Type"] == "text/css; charset=utf-8"
    assert feuille["Cache-Control"] == "public, max-age=300"
    assert "--accent: #7a2f5d;" in feuille.content.decode()
    assert f"--focus: {IdentiteVille.objects.get().accent_sombre};" in feuille.content.decode()
    assert Client().get(lien, HTTP_IF_NONE_MATCH=feuille["ETag"]).status_code == 304
    admin.post(ADRESSE, PRUNE | {"accent_clair": "#2b5d34"})
    assert lien not in Client().get("/").content.decode()


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"accent_clair": "#ff8800"}, "n&#x27;a que 2,04 pour 1, il faut 4,5 pour 1"),
        ({"accent_clair": "#ff8800"}, "La nuance la plus proche qui convient est #a35700."),
        ({"accent_sombre": "#7a2f5d"}, "La nuance la plus proche qui convient est #b286a1."),
        ({"accent_clair": "", "accent_sombre": "#b286a1"}, "Donnez d&#x27;abord la couleur en thème clair"),
        ({"accent_clair": "prune"}, "Écrivez une couleur comme #0c5c63"),
        ({"accent_clair": "#fff;}"}, "Écrivez une couleur comme #0c5c63"),
        ({"nom": ""}, "Indiquez le nom de la ville"),
        ({"nom": "\0"}, "Indiquez le nom de la ville"),
        ({"nom": "x" * 1_000_000}, "120"),
        ({"telephone": "12"}, "téléphone"),
        ({"courriel": "mairie"}, "n&#x27;est pas complète"),
    ],
)
@pytest.mark.parametrize("geste", ["", "voir"])
def test_what_cannot_be_kept_is_said_and_changes_nothing(admin, champs, phrase, geste):
    reponse = admin.post(ADRESSE, PRUNE | champs | {"geste": geste})

    page = reponse.content.decode()
    assert (reponse.status_code, phrase in page) == (422, True)
    assert 'value="3 place du Marché, 69982 Saint-Ferréol"' in page
    assert (IdentiteVille.objects.count(), Modification.objects.count()) == (0, 0)
    assert identite.lire()["nom"] == "Villeneuve-sur-Saône"


def test_the_proposed_shade_is_accepted(admin):
    admin.post(ADRESSE, PRUNE | {"accent_clair": "#a35700"})

    assert IdentiteVille.objects.get().accent_clair == "#a35700"


def test_a_direction_mark_does_not_stay_in_the_name(admin):
    admin.post(ADRESSE, PRUNE | {"nom": "Saint\u202e-Ferréol"})

    assert "\u202e" not in IdentiteVille.objects.get().nom


def test_colours_are_seen_before_they_are_kept(admin):
    page = admin.post(ADRESSE, PRUNE | {"geste": "voir"}).content.decode()

    adresse = re.search(r'href="(/agent/administration/ville/apercu\.css\?[^"]+)"', page)[1]
    feuille = admin.get(adresse.replace("&amp;", "&")).content.decode()
    assert ".apercu-ville--clair { --fond: #f6f5f2;" in feuille
    assert "--accent: #7a2f5d;" in feuille
    assert (IdentiteVille.objects.count(), 'value="Saint-Ferréol"' in page) == (0, True)


@pytest.mark.parametrize("requete", ["", "?clair=%237a2f5d", "?clair=red;}&sombre=%23ffffff"])
def test_the_preview_takes_colours_only(admin, requete):
    assert admin.get(f"{ADRESSE}apercu.css{requete}").status_code == 404


def test_pages_pay_nothing_to_know_the_city(admin, django_assert_num_queries):
    admin.post(ADRESSE, PRUNE)
    identite.lire()

    with django_assert_num_queries(0):
        assert identite.lire()["nom"] == "Saint-Ferréol"


# -- the logo


def image(format: str = "PNG", taille: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    tampon = io.BytesIO()
    Image.new("RGB", taille, "#7a2f5d").save(tampon, format=format)
    return SimpleUploadedFile(f"blason.{format.lower()}", tampon.getvalue())


def test_the_logo_is_drawn_again_and_served_to_everybody(admin):
    admin.post(ADRESSE, PRUNE | {"logo": image()})

    empreinte = IdentiteVille.objects.get().logo_empreinte
    page = Client().get("/mentions-legales/").content.decode()
    assert f'src="/logo/{empreinte}.png"' in page
    assert f'src="/logo/{empreinte}.png"' in admin.get(ADRESSE).content.decode()
    reponse = Client().get(f"/logo/{empreinte}.png")
    assert (reponse["Content-Type"], "immutable" in reponse["Cache-Control"]) == ("image/png", True)
    with Image.open(io.BytesIO(reponse.content)) as servie:
        assert (servie.format, servie.size) == ("PNG", (256, 256))
    assert Client().get("/logo/inconnu.png").status_code == 404


def test_the_logo_stays_until_it_is_given_up(admin):
    admin.post(ADRESSE, PRUNE | {"logo": image()})
    admin.post(ADRESSE, PRUNE | {"nom": "Saint-Ferréol-les-Bains"})
    assert IdentiteVille.objects.get().logo_empreinte != ""

    admin.post(ADRESSE, PRUNE | {"sans_logo": "on"})

    identite = IdentiteVille.objects.get()
    assert (bytes(identite.logo), identite.logo_empreinte) == (b"", "")
    assert "guichet/images/logo" in Client().get("/mentions-legales/").content.decode()


@pytest.mark.parametrize(
    ("fichier", "phrase"),
    [
        (SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'/>"), "pas une image PNG, JPEG ou WebP"),
        (SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40), "pas une image"),
        (SimpleUploadedFile("logo.gif", b"GIF89a" + b"\x00" * 40), "pas une image"),
        (SimpleUploadedFile("logo.png", b"\x00" * (2 * 1024 * 1024 + 1)), "trop lourd : 2 Mo au plus"),
        (image(taille=(6001, 2)), "trop grand : 6000 pixels"),
    ],
    ids=["a script", "cut", "another kind", "heavy", "wide"],
)
def test_what_is_no_logo_is_refused_with_a_sentence(admin, fichier, phrase):
    fichier.seek(0)
    reponse = admin.post(ADRESSE, PRUNE | {"logo": fichier})

    assert reponse.status_code == 422
    assert phrase in reponse.content.decode()
    assert "Saint-Ferréol" in reponse.content.decode()
    assert not IdentiteVille.objects.exists()


def test_what_the_city_says_of_its_networks_is_kept_and_read(admin, ville):
    charte = "Nous masquons :\n- les injures ;\n- les données d'une autre personne."
    dits = {"promesse_reseaux": "Nous répondons du lundi au vendredi.", "charte_reseaux": charte}

    assert admin.post(ADRESSE, PRUNE | dits)["Location"] == ADRESSE

    assert {nom: identite_de_la_ville.lire()[nom] for nom in dits} == dits
    assert "- les injures ;" in admin.get(ADRESSE).content.decode()
    assert admin.post(ADRESSE, PRUNE | dits | {"charte_reseaux": "a" * 2001}).status_code == 422
    assert admin.post(ADRESSE, PRUNE)["Location"] == ADRESSE
    assert {nom: identite_de_la_ville.lire()[nom] for nom in dits} == dict.fromkeys(dits, "")
