"""The journal holds: nobody rewrites it, nobody moves a demande around it, nobody's words are in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from demandes.actions import SANS_CHANGEMENT
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import (
    ARapprocher,
    Demande,
    Enquete,
    EntreeJournal,
    Message,
    ProfilReseau,
    Publication,
    Remise,
)
from guichet.canaux.canal import Canal
from guichet.canaux.reseau import Portee
from guichet.organisation.models import PointAccueil
from guichet.socle.erreurs import ErreurMetier
from tests import factories
from tests.demandes.test_matrice import (
    APRES_LE_DELAI,
    ARETES,
    GESTES,
    SUR_UN_MESSAGE,
    acteurs,
    donnees,
    faire,
)
from usagers.models import Usager


@pytest.fixture
def demande(ville: factories.Ville) -> Demande:
    return factories.demande_dans(Etat.TRAITEE, ville)


def executer(sql: str, *parametres: Any) -> None:
    with connection.cursor() as curseur:
        curseur.execute(sql, parametres)


def lire(sql: str, *parametres: Any) -> list[tuple]:
    with connection.cursor() as curseur:
        curseur.execute(sql, parametres)
        return curseur.fetchall()


# -- append-only


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE demandes_entreejournal SET geste = 'clore'",
        "UPDATE demandes_entreejournal SET details = '{}' WHERE rang = 1",
        "DELETE FROM demandes_entreejournal WHERE rang = 1",
        "TRUNCATE demandes_entreejournal",
    ],
)
def test_the_database_refuses_to_rewrite_the_journal(demande, sql):
    connection.check_constraints()
    avant = lire("SELECT j::text FROM demandes_entreejournal j ORDER BY id")

    with pytest.raises(IntegrityError, match="Le journal ne se modifie ni ne s'efface"), transaction.atomic():
        executer(sql)

    assert lire("SELECT j::text FROM demandes_entreejournal j ORDER BY id") == avant


def test_the_orm_cannot_rewrite_it_either(demande):
    ligne = demande.journal.order_by("rang").first()
    ligne.geste = "annuler"

    with pytest.raises(IntegrityError, match="Le journal"), transaction.atomic():
        ligne.save()
    with pytest.raises(IntegrityError, match="Le journal"), transaction.atomic():
        demande.journal.all().delete()


def test_rank_and_hashes_are_the_database_s_not_the_program_s(demande):
    ligne = EntreeJournal.objects.create(
        demande=demande,
        rang=1,
        geste="alerter",
        avant=demande.etat,
        apres=demande.etat,
        auteur="systeme",
        empreinte="f" * 64,
        empreinte_precedente="0" * 64,
    )

    precedente, derniere = list(demande.journal.order_by("rang"))[-2:]
    assert derniere.pk == ligne.pk
    assert derniere.rang == precedente.rang + 1
    assert derniere.empreinte_precedente == precedente.empreinte
    assert derniere.empreinte not in {"f" * 64, ""}


# -- nobody moves a demande around it


def deplacer(demande: Demande) -> None:
    executer("UPDATE demandes_demande SET etat = 'close', close_le = now() WHERE id = %s", demande.pk)


def naitre(accueil: PointAccueil) -> None:
    maintenant = timezone.now()
    Demande.objects.create(
        numero="2026-9999999",
        objet="Trou",
        canal="telephone",
        point_accueil=accueil,
        recue_le=maintenant,
        enregistree_le=maintenant,
    )


def mentir(demande: Demande) -> None:
    deplacer(demande)
    EntreeJournal.objects.create(
        demande=demande, geste="rejeter", avant=Etat.TRAITEE, apres=Etat.REJETEE, auteur="systeme"
    )


@transaction.atomic
def commettre(faire: Callable[..., None], objet: Any) -> None:
    """Do it, and check what a commit checks."""
    faire(objet)
    connection.check_constraints()


@pytest.mark.parametrize("faire", [deplacer, mentir], ids=["no line", "another state"])
def test_a_state_without_its_line_is_refused_at_commit(demande, faire):
    with pytest.raises(IntegrityError, match="sans ligne de journal"):
        commettre(faire, demande)

    assert Demande.objects.get(pk=demande.pk).etat == Etat.TRAITEE


def test_a_demande_is_not_born_without_its_line(ville):
    with pytest.raises(IntegrityError, match="sans ligne de journal"):
        commettre(naitre, ville.accueil)

    assert not Demande.objects.exists()


@pytest.mark.parametrize(
    "changement", [{"recue_le": timezone.now() - timedelta(days=40)}, {"numero": "2026-9999999"}]
)
def test_number_and_reception_never_change(demande, changement):
    with pytest.raises(IntegrityError, match="ne changent jamais"), transaction.atomic():
        Demande.objects.filter(pk=demande.pk).update(**changement)

    relue = Demande.objects.get(pk=demande.pk)
    assert (relue.recue_le, relue.numero) == (demande.recue_le, demande.numero)


# -- the chain is verified


def verifier() -> str:
    """Run the command on a broken journal; return the sentence it fails with."""
    with pytest.raises(CommandError) as echec:
        call_command("verifier_journal")
    return str(echec.value)


@contextmanager
def sans_declencheurs() -> Iterator[None]:
    """What the owner of the tables can do, and the application never does."""
    connection.check_constraints()
    executer("ALTER TABLE demandes_entreejournal DISABLE TRIGGER USER")
    yield
    connection.check_constraints()
    executer("ALTER TABLE demandes_entreejournal ENABLE TRIGGER USER")


def test_an_untouched_journal_is_said_intact(demande, capsys):
    call_command("verifier_journal")

    lignes = EntreeJournal.objects.count()
    assert lignes > 4
    assert capsys.readouterr().out == f"Le journal est intact : {lignes} lignes, 1 demandes.\n"


@pytest.mark.parametrize(
    ("sql", "rang", "raison"),
    [
        ("UPDATE demandes_entreejournal SET motif = 'erreur' WHERE {}", 2, "son contenu"),
        ("UPDATE demandes_entreejournal SET details = '{{}}' WHERE {}", 3, "son contenu"),
        ("UPDATE demandes_entreejournal SET fait_le = fait_le - interval '1 day' WHERE {}", 3, "son contenu"),
        ("UPDATE demandes_entreejournal SET empreinte = repeat('a', 64) WHERE {}", 2, "son contenu"),
        (
            "UPDATE demandes_entreejournal SET empreinte_precedente = repeat('a', 64) WHERE {}",
            2,
            "elle ne suit plus",
        ),
    ],
)
def test_one_edited_line_is_found_and_named(demande, ville, sql, rang, raison):
    factories.demande_dans(Etat.CLOSE, ville)
    with sans_declencheurs():
        executer(sql.format(f"demande_id = {demande.pk} AND rang = {rang}"))

    dit = verifier()

    assert dit.startswith(f"Le journal de la demande {demande.numero} est rompu. Ligne {rang} : ")
    assert raison in dit


def test_a_line_edited_with_its_own_hash_breaks_the_next_one(demande):
    with sans_declencheurs():
        executer("UPDATE demandes_entreejournal SET motif = 'spam' WHERE rang = 2")
        executer("UPDATE demandes_entreejournal j SET empreinte = journal_empreinte(j) WHERE rang = 2")

    assert "Ligne 3 : elle ne suit plus la ligne précédente" in verifier()


@pytest.mark.parametrize("rang", [1, 2, 3])
def test_a_removed_line_is_missed(demande, rang):
    with sans_declencheurs():
        executer("DELETE FROM demandes_entreejournal WHERE rang = %s", rang)

    assert f"Ligne {rang + 1} : une ligne manque avant elle" in verifier()


def test_the_last_line_is_missed_too(demande):
    derniere = demande.journal.count()
    with sans_declencheurs():
        executer("DELETE FROM demandes_entreejournal WHERE rang = %s", derniere)

    assert f"Ligne {derniere - 1} : la demande n'est pas où" in verifier()


def test_an_emptied_journal_is_missed(demande):
    with sans_declencheurs():
        executer("DELETE FROM demandes_entreejournal")

    assert "Aucune ligne." in verifier()


# -- nobody's words

SECRET = "Zébulon-Quatorze"
TEXTES = (
    "texte",
    "commentaire",
    "voies_recours",
    "tiers",
    "contact",
    "organisme",
    "elements",
    "sujets",
    "raison",
)


def avec_le_secret(valeur: Any) -> Any:
    """Put the secret in every string of a gesture's free text."""
    if isinstance(valeur, str):
        return f"{valeur} {SECRET}"
    if isinstance(valeur, tuple) and hasattr(valeur, "_replace"):
        return type(valeur)(*map(avec_le_secret, valeur))
    if isinstance(valeur, list | tuple):
        return type(valeur)(avec_le_secret(element) for element in valeur)
    return valeur


def dits(ville: factories.Ville) -> dict[str, dict[str, Any]]:
    """For each gesture, valid data whose every free text holds the secret."""
    gestes = {}
    for nom in GESTES:
        valeurs = {"commentaire": ""} if nom in COMMENTES else {}
        valeurs |= donnees(nom, ville)
        valeurs |= {cle: avec_le_secret(valeurs[cle]) for cle in TEXTES if cle in valeurs}
        gestes[nom] = valeurs
    return gestes


# Gestures whose comment the matrix leaves out.
COMMENTES = {
    "requalifier",
    "orienter",
    "reorienter",
    "renvoyer_a_l_accueil",
    "classer_sans_suite",
    "planifier",
    "attendre_un_tiers",
    "reprendre",
    "rouvrir",
    "transmettre",
    "annuler",
    "retablir",
}


def publier_sur_un_reseau(demande: Demande, *, attend_une_relecture: bool) -> None:
    """A post of its person, and an answer of the city that nobody looked at again yet."""
    profil = ProfilReseau.objects.create(
        canal=Canal.MASTODON, identifiant=str(demande.pk), adresse=f"@{SECRET}", usager=demande.usager
    )
    siennes = {"canal": Canal.MASTODON, "demande": demande, "portee": Portee.PUBLIQUE}
    Publication.objects.create(profil=profil, identifiant=str(demande.pk), **siennes)
    if attend_une_relecture:
        Publication.objects.create(etat=Publication.Etat.A_CONFIRMER, texte=SECRET, **siennes)


def test_no_gesture_writes_a_word_or_a_name_in_the_journal(ville):
    ville.fiche = factories.creer_fiche(ville.type_voirie)
    ville.principale = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    ville.liee = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    ville.jumelle = factories.creer_usager("Jeanne", "Martin")
    faits, fuites = set(), []
    for etat in Etat:
        usager = factories.creer_usager("Ursuline", SECRET, telephone="06 39 98 12 34")
        demande = factories.demande_dans(
            etat,
            ville,
            usager=usager,
            texte=SECRET,
            objet=SECRET,
            adresse=f"3 place {SECRET}",
            est_urgente=True,
        )
        demande.liees.add(ville.liee)
        publier_sur_un_reseau(demande, attend_une_relecture=etat != Etat.NOUVELLE)
        gens = acteurs(demande, ville)
        for nom, valeurs in dits(ville).items():
            est_possible = nom in SANS_CHANGEMENT or (etat, nom) in ARETES
            if est_possible and any(
                essayer(nom, demande, auteur, valeurs, fuites) for auteur in gens.values()
            ):
                faits.add(nom)

    assert faits == set(GESTES)
    assert fuites == []


def essayer(nom: str, demande: Demande, auteur: Auteur, valeurs: dict, fuites: list[str]) -> bool:
    """Make the gesture, look for the secret in the journal, undo it; False when it is refused."""
    quand = timezone.now() + timedelta(days=70 if nom in APRES_LE_DELAI else 0)
    with transaction.atomic(), time_machine.travel(quand, tick=False):
        try:
            if nom == "classer_sans_suite":
                demande.complements.update(relance_le=timezone.now())
            if nom in SUR_UN_MESSAGE:
                partie = {"numero": "D-1", "remise_le": timezone.localdate(), "remise_par": auteur.compte}
                posee = partie if nom == "noter_la_suite" and auteur.compte else {}
                Remise.objects.create(message=demande.messages.latest("pk"), **posee)
            if nom in {"donner_un_avis", "noter_l_appel"}:
                rendue = {"note": 1, "repondue_le": timezone.now()} if nom == "noter_l_appel" else {}
                Enquete.objects.create(demande=demande, usager=demande.usager, **rendue)
            if nom == "garder_a_part":
                ARapprocher.objects.create(demande=demande, raisons=["sujets"])
            faire(nom, demande, auteur, valeurs)
        except ErreurMetier:
            transaction.set_rollback(True)
            return False
        fuites += [f"{nom} ({demande.etat}) : {ligne}" for ligne in lignes_qui_parlent()]
        transaction.set_rollback(True)
    return True


def lignes_qui_parlent() -> list[str]:
    """Journal lines that hold the secret, the resident's first name, phone, or e-mail."""
    return [
        ligne
        for (ligne,) in lire("SELECT j::text FROM demandes_entreejournal j")
        if any(
            mot in ligne.lower() for mot in ("bulon", "quatorze", "ursuline", "0639981234", "639981234", "@")
        )
    ]


def test_the_search_above_would_find_a_word(ville):
    """The property is not true for want of words: they are in the rows that can be erased."""
    usager = factories.creer_usager("Ursuline", SECRET)
    demande = factories.demande_dans(Etat.TRAITEE, ville, usager=usager, texte=SECRET)

    EntreeJournal.objects.create(
        demande=demande,
        geste="alerter",
        avant=demande.etat,
        apres=demande.etat,
        auteur="systeme",
        details={"nom": str(usager)},
    )

    assert len(lignes_qui_parlent()) == 1
    assert Message.objects.filter(demande=demande, corps__contains=SECRET).exists()
    assert Usager.objects.filter(nom=SECRET).exists()
