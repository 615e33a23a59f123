"""Alerts by mail: asked for, confirmed, sent once to whom they are for, and left in one gesture."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from demandes import courriels, reception
from guichet.canaux import courriel
from guichet.canaux.courriel.message import Raison
from guichet.envois.livraison import rediger
from guichet.envois.models import Envoi
from portal import abonnements, diffusion, garnir
from portal.models import Abonne, Alerte, Alertes, Diffusion
from portal.tasks import effacer_les_abonnements, prevenir_les_abonnes, publier_les_pages_planifiees
from tests.courriels import non_remis
from tests.factories import Ville
from tests.portal.conftest import texte_de

ADRESSE = "nora.benali@courriel.example"
TITRE = "Neige et verglas jusqu'à demain"


def abonner(nom: str, *, langue: str = "fr", **choix: Any) -> Abonne:
    return Abonne.objects.create(
        courriel=f"{nom}@courriel.example", langue=langue, confirme_le=timezone.now(), **choix
    )


def lien_du_courriel(nom: str = "abonnement") -> str:
    """The path of the first link of the last mail that names this address."""
    corps = Envoi.objects.latest("pk").corps
    return urlsplit(next(lien for lien in re.findall(r"http\S+", corps) if f"/{nom}" in lien)).path


def remplir(geste: str, *, texte: str = "Sortez peu.", **champs: Any) -> dict[str, Any]:
    page = {"title": TITRE, "slug": "neige", "niveau": "alerte", "texte": texte, geste: "1"}
    return nested_form_data({"corps": streamfield([]), "comments": inline_formset([])}) | page | champs


def ecrire(editeur: Client, **champs: Any) -> Alerte:
    """A new alert written in the editors' form, and published."""
    confirmer(editeur, nouvelle(), "action-publish", champs)
    return Alerte.objects.get()


def nouvelle() -> str:
    return reverse("wagtailadmin_pages:add", args=["portal", "alerte", Alertes.objects.get().pk])


def recrire(editeur: Client, alerte: Alerte, geste: str = "action-publish", **champs: Any) -> None:
    confirmer(editeur, reverse("wagtailadmin_pages:edit", args=[alerte.pk]), geste, champs)


def confirmer(editeur: Client, adresse: str, geste: str, champs: dict[str, Any]) -> None:
    """Send the form, and again with what it hides once it told who would be written to."""
    reponse = editeur.post(adresse, remplir(geste, **champs))
    if reponse.status_code == 200:
        formulaire = reponse.context["form"]
        assert list(formulaire.errors) == ["prevenir"], formulaire.errors
        reponse = editeur.post(adresse, remplir(geste, **champs, annonce=formulaire["annonce"].value()))
    assert reponse.status_code == 302


def prevenus() -> list[str]:
    """Who was written an alert, in order."""
    prevenir_les_abonnes()
    return list(
        Envoi.objects.filter(cle__startswith="alerte:").order_by("pk").values_list("destinataire", flat=True)
    )


def test_from_a_resident_s_wish_to_the_mail_and_out_again(editeur: Client) -> None:
    """Ask, confirm by a button, be told once, change one's mind, leave as a mail program does."""
    resident = Client()
    assert "/abonnement/" in texte_de(resident.get("/"))
    demande = {"courriel": "Nora.Benali@courriel.example", "territoires": ["arr_3"], "sujets": ["meteo"]}
    assert resident.post("/abonnement/", demande).url == "/courriel-envoye/"
    confirmer = lien_du_courriel()
    # Programs that read mails follow its links: that confirms nothing.
    assert "Je confirme" in texte_de(Client().get(confirmer))
    assert Abonne.objects.get().confirme_le is None
    confirme = resident.post(confirmer, follow=True)
    assert "Votre abonnement est confirmé." in texte_de(confirme)
    assert (
        Abonne.objects.filter(confirme_le__isnull=False).values_list("courriel", flat=True).get() == ADRESSE
    )
    for autre, choix in {
        "ailleurs": {"territoires": ["arr_8"]},
        "autre-chose": {"sujets": ["sport"]},
        "partout": {},
    }.items():
        abonner(autre, **choix)
    Abonne.objects.create(courriel="muette@courriel.example", langue="fr")

    alerte = ecrire(editeur, prevenir="on", territoires=["arr_3"], sujets=["meteo", "deplacements"])
    assert prevenus() == [ADRESSE, "partout@courriel.example"]
    # Run again, corrected, opened again: nobody is written to twice; asked again, everybody is.
    formulaire = texte_de(editeur.get(reverse("wagtailadmin_pages:edit", args=[alerte.pk])))
    assert "Telle qu'enregistrée : 2 abonnés recevront cette alerte." in formulaire
    assert re.search(r'<input type="checkbox" name="prevenir"[^>]*checked', formulaire) is None
    recrire(editeur, alerte, texte="Sortez très peu.", sujets=["meteo"], territoires=["arr_3"])
    assert prevenus() == [ADRESSE, "partout@courriel.example"]
    recrire(editeur, alerte, texte="Ne sortez plus.", prevenir="on", territoires=["arr_8"])
    assert prevenus()[2:] == [
        "ailleurs@courriel.example",
        "autre-chose@courriel.example",
        "partout@courriel.example",
    ]

    envoi = Envoi.objects.get(cle__startswith="alerte:", destinataire=ADRESSE)
    assert envoi.objet == f"Vigilance : {TITRE}"
    assert "Sortez peu." in envoi.corps
    brut = courriel.composer(rediger(envoi)).decode()
    quitter = next(lien for lien in re.findall(r"http\S+", envoi.corps) if lien.endswith("/quitter/"))
    for en_tete in (
        f"List-Unsubscribe: <{quitter}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Precedence: bulk",
        "Auto-Submitted: auto-generated",
    ):
        assert f"\r\n{en_tete}\r\n" in brut

    choisir = urlsplit(quitter).path.removesuffix("quitter/")
    assert resident.post(choisir, {"sujets": ["sport"]}).url == choisir
    assert Abonne.objects.get(courriel=ADRESSE).sujets == ["sport"]
    chemin = urlsplit(quitter).path
    assert "Ne plus recevoir les alertes ?" in texte_de(resident.get(chemin))
    programme = Client(enforce_csrf_checks=True)
    for _ in range(2):
        parti = programme.post(chemin, {"List-Unsubscribe": "One-Click"})
        assert parti.status_code == 200
        assert "Votre adresse est effacée." in texte_de(parti)
    assert not Abonne.objects.filter(courriel=ADRESSE).exists()
    assert not Envoi.objects.filter(destinataire__iexact=ADRESSE).exists()
    # What was confirmed once is not confirmed again after leaving.
    assert resident.post(confirmer).status_code == 410
    assert resident.get(choisir).status_code == 410


def test_what_is_refused_and_what_nobody_can_guess(
    ville_garnie: Ville, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    refus = client.post("/abonnement/", {"courriel": "nora@", "territoires": ["arr_99"], "sujets": ["rien"]})
    assert refus.status_code == 422
    assert "Cette adresse électronique n&#x27;est pas complète." in texte_de(refus)
    assert 'value="nora@"' in texte_de(refus)
    assert not Envoi.objects.exists()

    # Known or not, the site says the same; only the mail differs.
    connu = abonner("connue")
    reponses = [client.post("/abonnement/", {"courriel": qui}) for qui in (connu.courriel, ADRESSE)]
    assert {reponse.url for reponse in reponses} == {"/courriel-envoye/"}
    choix, confirmation = Envoi.objects.order_by("pk")
    assert choix.objet == "Vous êtes déjà abonné aux alertes"
    assert abonnements.jeton_de(connu) in choix.corps
    assert confirmation.objet == "Confirmez votre abonnement aux alertes"
    for _ in range(4):
        client.post("/abonnement/", {"courriel": ADRESSE})
    assert Envoi.objects.filter(destinataire=ADRESSE).count() == abonnements.COURRIELS_PAR_ADRESSE

    nouvelle = Abonne.objects.get(courriel=ADRESSE)
    jeton = abonnements.CONFIRMATION.sign(str(nouvelle.pk))
    # A link of one kind is none of the other, and none is made by hand.
    for chemin in (
        f"/abonnement/confirmer/{jeton}x/",
        f"/abonnement/confirmer/{abonnements.jeton_de(nouvelle)}/",
        f"/abonnement/{jeton}/",
        f"/abonnement/{jeton}/quitter/",
        f"/abonnement/{nouvelle.pk}:/quitter/",
        # Nothing to choose before one confirmed.
        f"/abonnement/{abonnements.jeton_de(nouvelle)}/",
    ):
        assert client.post(chemin).status_code == 410, chemin
        assert client.get(chemin).status_code == 410, chemin
    monkeypatch.setattr(abonnements, "VALIDITE", timedelta(0))
    assert client.post(f"/abonnement/confirmer/{jeton}/").status_code == 410
    assert Abonne.objects.get(courriel=ADRESSE).confirme_le is None

    effacer_les_abonnements()
    assert list(Abonne.objects.all()) == [connu]
    assert not Envoi.objects.filter(destinataire=ADRESSE).exists()


def test_planned_in_two_languages_a_batch_at_a_time(editeur: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusion, "LOT", 2)
    for nom, langue in (("un", "fr"), ("deux", "en"), ("trois", "fr")):
        abonner(nom, langue=langue)
    demain = timezone.localtime() + timedelta(days=1)
    alerte = ecrire(editeur, prevenir="on", go_live_at=f"{demain:%Y-%m-%d %H:%M}")
    assert (prevenus(), alerte.live) == ([], False)

    prevue = alerte.latest_revision
    prevue.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    prevue.content |= {"go_live_at": prevue.approved_go_live_at.isoformat()}
    prevue.save()
    publier_les_pages_planifiees()
    anglaise = Alerte.objects.get().copy_for_translation(
        Locale.objects.get(language_code="en"), copy_parents=True
    )
    anglaise.title, anglaise.slug, anglaise.texte = "Snow and ice", "snow", "Stay at home."
    anglaise.save_revision().publish()
    premiers = prevenus()
    assert premiers == ["un@courriel.example", "deux@courriel.example"]
    assert prevenus() == premiers  # nothing more leaves while a batch waits
    abonner("tard")
    danger = Alerte(title="Crue", texte="Montez.", niveau="danger", a_diffuser=uuid4())
    garnir.ajouter(Alertes.objects.get(locale__language_code="fr"), danger)
    # A danger does not wait behind the batch, and goes first from then on.
    assert prevenus() == [*premiers, *premiers]
    assert Envoi.objects.filter(nature="danger").count() == 2
    assert not Envoi.objects.limites().filter(nature="danger").exists()
    for _ in range(5):
        Envoi.objects.update(essais=1)
        tous = prevenus()
    assert tous == [*premiers, *premiers, *(f"{nom}@courriel.example" for nom in ("trois", "tard", "trois"))]
    assert [(une.nombre, une.terminee_le is not None) for une in Diffusion.objects.all()] == [
        (3, True),
        (4, True),
    ]

    en_anglais = Envoi.objects.filter(destinataire="deux@courriel.example").earliest("pk")
    assert en_anglais.objet == "Take care: Snow and ice"
    assert "Stop all alerts:" in en_anglais.corps
    assert "/en/alertes/snow/" in en_anglais.corps
    assert '<html lang="en">' in rediger(en_anglais).html

    # A copy is another alert, that nobody asked to tell; one past its end is not told any more.
    Alerte.objects.get(slug="neige").copy(keep_live=True, update_attrs={"slug": "copie", "title": "Copie"})
    fin = timezone.localtime() + timedelta(hours=1)
    recrire(editeur, alerte, prevenir="on", expire_at=f"{fin:%Y-%m-%d %H:%M}")
    Alerte.objects.filter(pk=alerte.pk).update(expire_at=timezone.now() - timedelta(seconds=1))
    assert prevenus() == tous


def test_an_address_that_is_no_more_is_erased(ville_garnie: Ville) -> None:
    """By the notice that comes back, or by what the server answered at once."""
    abonnes = [abonner(nom) for nom in ("revenue", "refusee", "pleine")]
    for abonne, nature in zip(abonnes, ("danger", "danger", "abonnement"), strict=True):
        cle = f"alerte:essai:{abonne.pk}"
        garde = abonnements.message(abonne, "Vigilance", "Neige.", cle=cle, nature=nature)
        Envoi.objects.create(
            etat=Envoi.Etat.ENVOYE,
            envoye_le=timezone.now(),
            prochain_essai_le=None,
            **garde | {"en_tetes": {}},
        )
    revenu, refuse, plein = Envoi.objects.order_by("pk")
    par_raison = {}
    for envoi in (revenu, plein):
        for avis in non_remis.tous(envoi.message_id):
            par_raison.setdefault((envoi, avis.cause.raison), avis.brut)
    for cle in ((revenu, Raison.ADRESSE_INCONNUE), (plein, Raison.BOITE_PLEINE)):
        reception.traiter(courriels.recevoir(par_raison[cle]).pk)
    Envoi.objects.filter(pk=refuse.pk).update(
        etat=Envoi.Etat.ECHEC, envoye_le=None, erreur="Le serveur a répondu 550 : 5.1.1 User unknown"
    )
    effacer_les_abonnements()

    assert list(Abonne.objects.all()) == [abonnes[2]]
    assert list(Envoi.objects.all()) == [plein]
    Envoi.objects.update(cree_le=timezone.now() - timedelta(days=31))
    effacer_les_abonnements()
    assert not Envoi.objects.exists()
