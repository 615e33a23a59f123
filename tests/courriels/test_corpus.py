"""Many mails, good and bad, each between two good ones: nothing stops, nothing is lost, what is said is read.

A few hundreds here, thousands in `make endurance` (GUICHET_CORPUS). The setting CORPUS names a folder of
yours: what became of it is printed.
"""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from demandes.epreuve import Issue, eprouver, lire_le_dossier, raconter
from demandes.models import Demande, Reception
from guichet.canaux.courriel.decodage import lire
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests.canaux.courriel.lettres import RECU, courriel
from tests.courriels import corpus

NOMBRE = int(os.environ.get("GUICHET_CORPUS", "60"))
HOSTILES = list(corpus.hostiles())


def dire(resultats) -> str:
    return "\n".join(f"{r.nom} : {r.issue} {r.motif} ({r.secondes:.1f} s)" for r in resultats)


def exiger(bilan) -> None:
    assert bilan.tient, dire(r for r in bilan.resultats if r.issue == Issue.ECHEC or not r.voisins_intacts)
    # Five seconds of processor at most; the machine may be shared.
    assert bilan.le_plus_lent.secondes < 30, dire([bilan.le_plus_lent])
    for resultat in bilan.resultats:
        assert resultat.issue != Issue.QUARANTAINE or resultat.motif, resultat.nom


@pytest.mark.parametrize(("nom", "brut"), HOSTILES, ids=[nom for nom, _ in HOSTILES])
def test_r3_a_hostile_mail_is_a_demande_or_in_quarantine_and_its_neighbours_pass(ville, nom, brut):
    bilan = eprouver([(nom, brut)])
    exiger(bilan)
    # Nothing is kept of the trial.
    assert (Reception.objects.count(), Demande.objects.count(), Envoi.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("graine", range(1 + NOMBRE // 150))
def test_r3_damaged_mails_stop_nothing(ville, graine):
    nombre = min(NOMBRE, 150)
    bilan = eprouver(corpus.mutations(nombre, graine))
    exiger(bilan)
    assert len(bilan.resultats) == nombre
    assert bilan.nombre(Issue.DEMANDE) > 0.8 * nombre, dire(
        r for r in bilan.resultats if r.issue != Issue.DEMANDE
    )


def test_r5_sender_subject_words_and_files_are_those_that_were_written():
    justes, octets, total = 0, 0, 0
    ecarts: list[str] = []
    for attendu in corpus.bons(2 * NOMBRE):
        lu = lire(attendu.brut, recu_le=RECU)
        total += 1
        octets += [p.contenu for p in lu.pieces] == [contenu for _, contenu in attendu.pieces]
        egal = (
            lu.emetteur.courriel == attendu.courriel
            and lu.objet == attendu.objet
            and lu.texte.strip() == attendu.texte
            and [p.nom for p in lu.pieces] == [nom.strip() for nom, _ in attendu.pieces]
        )
        justes += egal
        if not egal:
            ecarts.append(
                f"{lu.emetteur.courriel} {lu.objet!r} {lu.texte[:60]!r} {[p.nom for p in lu.pieces]}"
            )
    assert octets == total, "the bytes of a file changed"
    assert justes >= 0.98 * total, "\n".join(ecarts[:10])


def test_r5_one_s_own_folder_holds(ville, capsys):
    """Yours when CORPUS names one, else the good mails written out and read again from their files."""
    mails = (
        list(lire_le_dossier(Path(settings.CORPUS)))
        if settings.CORPUS
        else [(str(n), b.brut) for n, b in enumerate(corpus.bons(12))]
    )
    stockage = Path(Piece._meta.get_field("fichier").storage.location)
    avant = {f for f in stockage.rglob("*") if f.is_file()}
    bilan = eprouver(mails)
    if settings.CORPUS:
        with capsys.disabled():
            print(f"\n{settings.CORPUS}\n{raconter(bilan)}")
    exiger(bilan)
    if not settings.CORPUS:
        assert bilan.nombre(Issue.DEMANDE) == 12
    assert not Piece.objects.exists()
    assert {f for f in stockage.rglob("*") if f.is_file()} == avant


def test_the_command_tells_what_became_of_a_folder(ville, tmp_path, monkeypatch, settings):
    (tmp_path / "sous").mkdir()
    (tmp_path / "bon.eml").write_bytes(courriel())
    (tmp_path / "sous" / "vide").write_bytes(b"")
    sortie = StringIO()
    call_command("eprouver_courriels", tmp_path, stdout=sortie)
    dit = sortie.getvalue()
    for ligne in (
        "Courriels : 2 en ",
        "Gardés : 2\n",
        "  devenus demandes : 1\n",
        "  en quarantaine : 1\n",
        "En échec : 0\n",
        "Bons courriels perdus à côté : 0\n",
        "Le plus lent : ",
        "quarantaine : sous/vide : Ce courriel est vide.",
    ):
        assert ligne in dit
    settings.CORPUS, encore = str(tmp_path), StringIO()
    call_command("eprouver_courriels", stdout=encore)
    assert "Gardés : 2\n" in encore.getvalue()
    settings.CORPUS = ""
    with pytest.raises(CommandError, match="Dites quel dossier"):
        call_command("eprouver_courriels")
    with pytest.raises(CommandError, match="n'est pas un dossier"):
        call_command("eprouver_courriels", tmp_path / "rien")

    def tomber(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("demandes.courriels._depot", tomber)
    with pytest.raises(CommandError, match="n'a pas tenu"):
        call_command("eprouver_courriels", tmp_path, stdout=sortie)
    assert "Bons courriels perdus à côté : 2" in sortie.getvalue()
