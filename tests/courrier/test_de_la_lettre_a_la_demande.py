"""A scanned letter, from the tray of the scanner to its demande: over HTTP, read by tesseract itself."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from demandes.courrier import lecture
from demandes.courrier.arrivee import deposer as garder
from demandes.models import Demande, FichierNumerise, LettreRecue, Message, PageNumerisee, Provenance
from guichet.canaux.courrier import lecture as machine
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from guichet.pieces.vignettes import Vignettes
from tests.courrier import papier

COURRIER = "/agent/courrier/"
SAISIE = "/agent/saisie/"


def deposer(client, *fichiers, jour=None, coupe="separateur", **champs):
    """Drop files as an agent does; they came three days ago unless said otherwise."""
    recu_le = jour or timezone.localdate() - timedelta(days=3)
    accueil = champs.pop("accueil")
    return client.post(
        COURRIER,
        {
            "fichiers": [SimpleUploadedFile(nom, contenu) for nom, contenu in fichiers],
            "recu_le": recu_le.isoformat(),
            "coupe": coupe,
            "point_accueil": accueil.pk,
            **champs,
        },
        follow=True,
    )


def datee(jour) -> str:
    return papier.LETTRE.replace("12 novembre 2026", f"{jour:%d/%m/%Y}")


def test_a_scanned_letter_becomes_a_demande_received_the_day_it_arrived(ville, bureau, travailler):
    arrivee = timezone.localdate() - timedelta(days=3)
    ecrite = arrivee - timedelta(days=2)
    pages = [
        papier.feuille(datee(ecrite), bruit=200),
        papier.separateur(rotation=180, bruit=300),
        papier.feuille("La suite\nse lit ailleurs.", bruit=100),
    ]

    reponse = deposer(bureau, ("lundi.pdf", papier.pdf(pages)), accueil=ville.accueil)
    assert "Le fichier est reçu" in reponse.content.decode()
    travailler()

    premiere, seconde = LettreRecue.objects.order_by("numero")
    annee = timezone.localdate().year
    assert (premiere.numero, seconde.numero) == (f"A-{annee}-000001", f"A-{annee}-000002")
    assert premiere.recue_le == arrivee
    lot = bureau.get(reverse("agent_courrier_lot", args=[premiere.lot_id])).content.decode()
    assert "<strong>3 pages</strong> : 2 dans 2 lettres, 1 séparateur, 0 blanche." in lot

    reponse = bureau.post(reverse("agent_courrier_suivante"), follow=True)
    page = reponse.content.decode()
    assert f"Lettre {premiere.numero}" in page
    saisie = reponse.context["saisie"]
    lus = {champ: saisie.donnees[champ] for champ in ("prenom", "nom", "telephone", "courriel", "objet")}
    assert lus == {
        "prenom": "Léa",
        "nom": "Martin",
        "telephone": "06 39 98 12 34",
        "courriel": "lea.martin@courriel.example",
        "objet": "trou dans la chaussée",
    }
    assert saisie.donnees["adresse_personne"] == "12 rue des Tisserands, 69983 Villeneuve-sur-Saône"
    assert saisie.donnees["envoyee_le"] == ecrite.isoformat()
    assert saisie.donnees["texte"].startswith("Madame, Monsieur,\n\nUn trou profond s'est formé")
    assert page.count("Lu sur la lettre, à vérifier.") == 8

    envoi = {
        champ: saisie.donnees[champ]
        for champ in saisie.donnees
        if champ not in ("usager_q", "appelant_q", "type_q", "reponse", "fiche")
    }
    envoi |= {"type": ville.type_voirie.code, "f-nature": "trou", "territoire": ville.territoire.pk}
    reponse = bureau.post(SAISIE, envoi | {"issue": "orienter"}, follow=True)

    demande = Demande.objects.get()
    assert f"Lettre {seconde.numero}" in reponse.content.decode()
    assert demande.canal == "courrier"
    assert timezone.localdate(demande.recue_le) == arrivee
    assert timezone.localdate(demande.envoyee_le) == ecrite
    assert demande.direction == ville.voirie
    assert str(demande.usager) == "Léa Martin"
    premiere.refresh_from_db()
    assert (premiere.etat, premiere.demande) == ("saisie", demande)
    message = demande.messages.get(sens=Message.Sens.ENTRANT)
    piece = Piece.objects.get(proprietaire_genre="message", proprietaire_id=message.pk)
    assert piece.nom_original == f"{premiere.numero}.pdf"
    with piece.fichier.open("rb") as fichier:
        assert len(pypdf.PdfReader(BytesIO(fichier.read())).pages) == 1
    # She gave an address: her acknowledgement left by mail at once.
    assert Envoi.objects.get(nature=Envoi.Nature.ACCUSE).destinataire == "lea.martin@courriel.example"


def test_the_acknowledgement_of_who_has_no_mail_is_to_be_posted(ville, bureau, travailler):
    texte = papier.LETTRE.replace("lea.martin@courriel.example\n", "").replace("Tél. 06 39 98 12 34\n", "")
    deposer(bureau, ("page.jpg", papier.image(papier.feuille(texte))), accueil=ville.accueil)
    travailler()
    saisie = bureau.post(reverse("agent_courrier_suivante"), follow=True).context["saisie"]
    envoi = {c: saisie.donnees[c] for c in ("lettre", "canal", "point_accueil", "recue_le", "nom", "texte")}
    envoi |= {"adresse_personne": saisie.donnees["adresse_personne"], "cle": "peu importe"}

    reponse = bureau.post(SAISIE, envoi | {"issue": "enregistrer"}, follow=True)

    dits = [str(message) for message in reponse.context["messages"]]
    assert "l'accusé de réception attend dans" in dits[1]
    assert dits[2] == "Il n'y a plus de lettre à saisir."
    attente = bureau.get(reverse("agent_a_remettre") + "?vue=accuses").content.decode()
    assert Demande.objects.get().numero in attente


def test_a_letter_sent_twice_by_its_form_is_one_demande(ville, bureau, travailler):
    deposer(bureau, ("page.png", papier.image(papier.feuille(papier.LETTRE), "PNG")), accueil=ville.accueil)
    travailler()
    saisie = bureau.post(reverse("agent_courrier_suivante"), follow=True).context["saisie"]
    envoi = {c: saisie.donnees[c] for c in ("lettre", "canal", "point_accueil", "recue_le", "nom", "texte")}
    envoi |= {"issue": "enregistrer", "est_recommande": "on", "numero_recommande": "1A 123 456 7890 1"}

    bureau.post(SAISIE, envoi | {"cle": "une"})
    reponse = bureau.post(SAISIE, envoi | {"cle": "deux"}, follow=True)

    assert Demande.objects.count() == 1
    assert "déjà enregistrée" in reponse.content.decode()
    assert Provenance.objects.get().numero_recommande == "1A 123 456 7890 1"
    lettre = LettreRecue.objects.get()
    assert (lettre.est_recommandee, lettre.numero_recommande) == (True, "1A 123 456 7890 1")


def test_a_page_upside_down_is_turned_and_read(ville, bureau, travailler):
    a_l_envers = papier.feuille(papier.LETTRE).rotate(180)
    deposer(bureau, ("page.pdf", papier.pdf([a_l_envers])), accueil=ville.accueil)

    travailler()

    assert PageNumerisee.objects.get().rotation == 180
    lettre = LettreRecue.objects.get()
    assert "trou dans la chaussée" in lettre.texte
    with lettre.piece.fichier.open("rb") as fichier:
        assert pypdf.PdfReader(BytesIO(fichier.read())).pages[0].rotation == 180


def test_without_tesseract_everything_works_but_the_prefill(ville, bureau, travailler, monkeypatch):
    machine.est_possible.cache_clear()
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    try:
        deposer(bureau, ("page.pdf", papier.pdf([papier.feuille(papier.LETTRE)])), accueil=ville.accueil)
        travailler()
        accueil = bureau.get(COURRIER).content.decode()
        saisie = bureau.post(reverse("agent_courrier_suivante"), follow=True)
    finally:
        machine.est_possible.cache_clear()

    assert "tout fonctionne, mais la saisie n'est pas préremplie" in accueil
    assert saisie.context["saisie"].lettre.lus == {}
    assert LettreRecue.objects.get().piece is not None


def test_the_same_file_dropped_again_is_recognised_and_nothing_is_doubled(ville, bureau, travailler):
    contenu = papier.pdf([papier.feuille(papier.LETTRE)])
    deposer(bureau, ("lundi.pdf", contenu), accueil=ville.accueil)
    travailler()
    avant = (LettreRecue.objects.count(), PageNumerisee.objects.count(), Piece.objects.count())

    reponse = deposer(bureau, ("autre-nom.pdf", contenu), accueil=ville.accueil)
    travailler()

    assert "« lundi.pdf » a déjà été déposé le" in reponse.content.decode()
    assert (LettreRecue.objects.count(), PageNumerisee.objects.count(), Piece.objects.count()) == avant


@pytest.mark.parametrize("jour", [1, 400])
def test_letters_do_not_arrive_tomorrow(ville, bureau, jour):
    demain = timezone.localdate() + timedelta(days=jour)

    reponse = deposer(
        bureau, ("a.pdf", papier.pdf([papier.feuille("Bonjour")])), accueil=ville.accueil, jour=demain
    )

    assert reponse.status_code == 422
    assert Piece.objects.count() == 0


def test_a_bad_file_says_why_and_its_bytes_stay_readable(ville, bureau, travailler):
    bon, mauvais = papier.pdf([papier.feuille(papier.LETTRE)]), b"%PDF-1.4 coup" * 50
    deposer(bureau, ("bon.pdf", bon), ("casse.pdf", mauvais), ("vide.pdf", b""), accueil=ville.accueil)
    travailler()

    lettre = LettreRecue.objects.get()
    page = bureau.get(reverse("agent_courrier_lot", args=[lettre.lot_id])).content.decode()
    assert "Ce PDF est abîmé, ou n&#x27;est pas entier." in page
    assert "<strong>1 page</strong> : 1 dans 1 lettre" in page
    fichier = lettre.lot.fichiers.get(etat="illisible")
    reponse = bureau.get(fichier.piece.get_absolute_url())
    assert b"".join(reponse.streaming_content) == mauvais


def test_a_batch_of_pictures_is_acknowledged_as_bytes_and_drawn_by_the_worker(
    ville, bureau, travailler, monkeypatch
):
    def au_travail(*_args, **_options):
        pytest.fail("the request drew a picture")

    images = {f"page-{rang}.jpg": papier.image(papier.feuille(f"Page {rang}")) for rang in (10, 9, 2)}
    images["page-3.jpg"] = images["page-2.jpg"][:9_000]
    with monkeypatch.context() as demande:
        demande.setattr(Vignettes, "dessiner", au_travail)
        demande.setattr(lecture, "lire_le_fichier", au_travail)
        demande.setattr("PIL.Image.open", au_travail)
        reponse = deposer(bureau, *images.items(), accueil=ville.accueil)

    page = reponse.content.decode()
    assert "4 fichiers sont reçus : leurs pages se lisent." in page
    assert "La lecture va commencer." in page
    gardes = list(FichierNumerise.objects.select_related("piece").order_by("rang"))
    assert [f.nom for f in gardes] == ["page-2.jpg", "page-3.jpg", "page-9.jpg", "page-10.jpg"]
    for fichier in gardes:
        assert (fichier.etat, fichier.empreinte) == ("a_lire", sha256(images[fichier.nom]).hexdigest())
        assert not fichier.piece.vignette
        with fichier.piece.fichier.open("rb") as garde:
            assert garde.read() == images[fichier.nom]
    assert PageNumerisee.objects.count() == 0

    lecture.lire_le_fichier(gardes[0], fin=float("inf"))
    adresse = reverse("agent_courrier_lot", args=[gardes[0].lot_id])
    assert "1 page lue sur 4." in bureau.get(adresse).content.decode()
    travailler()

    page = bureau.get(adresse).content.decode()
    assert "Cette image est abîmée, ou n&#x27;est pas entière." in page
    assert "<strong>3 pages</strong> : 3 dans 2 lettres" in page
    # What cannot be read may have been a separator: two persons' letters are not joined without being told.
    avant, apres = LettreRecue.objects.order_by("pk")
    assert fichiers_de(avant) == ["page-2.jpg"]
    assert fichiers_de(apres) == ["page-9.jpg", "page-10.jpg"]
    for lettre in (avant, apres):
        page = bureau.get(reverse("agent_lettre_recue", args=[lettre.numero])).content.decode()
        assert page.count("Le fichier page-3.jpg, numérisé juste à côté de ces pages, ne se lit pas.") == 1

    bureau.post(reverse("agent_courrier_reunir", args=[apres.numero]))
    assert fichiers_de(avant) == ["page-2.jpg", "page-9.jpg", "page-10.jpg"]


def fichiers_de(lettre: LettreRecue) -> list[str]:
    return [page.fichier.nom for page in lettre.pages.select_related("fichier")]


def test_files_are_kept_one_at_a_time(ville):
    """Two hundred large scans never stand in memory together."""
    gardes = []

    def un_par_un():
        for rang in range(3):
            gardes.append(FichierNumerise.objects.count())
            yield f"{rang}.pdf", b"%PDF- fichier " + bytes([rang])

    bilan = garder(un_par_un(), point_accueil=ville.accueil, recu_le=timezone.localdate())

    assert (gardes, [f.rang for f in bilan.pris]) == ([0, 1, 2], [1, 2, 3])


def test_every_page_is_read_and_the_first_ones_alone_fill_in_the_entry(ville, bureau, travailler):
    feuilles = [papier.LETTRE, "Deux", "Trois", "Facture du plombier\nquatre cents euros"]
    deposer(bureau, ("a.pdf", papier.pdf([papier.feuille(f) for f in feuilles])), accueil=ville.accueil)
    travailler()

    lettre = LettreRecue.objects.get()
    assert lettre.lue_en_entier_le is not None
    assert "Facture du plombier" not in lettre.texte
    assert "Facture du plombier" in lettre.pages.get(rang=4).texte
    page = bureau.post(reverse("agent_lettre_geste", args=[lettre.numero, "prendre"]), follow=True)
    assert "plombier" not in page.context["saisie"].lettre.lus["texte"]
    contenu = page.content.decode()
    assert contenu.count("Texte lu<span") == 4
    assert "Facture du plombier" in contenu[contenu.index('id="feuilles"') :]
