"""What stands on the tray of the scanner of the demo city: dropped and read as the worker does."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from PIL import Image

from demandes.courrier import lecture
from demandes.courrier.arrivee import deposer
from guichet.canaux.canal import Canal
from guichet.canaux.courrier.decoupe import Coupe
from guichet.organisation.models import PointAccueil, Role
from guichet.socle.demonstration import MOT_DE_PASSE
from tests import factories
from tests.courrier import papier

DEUXIEME = """Association Les Amis du Parc
3 place du Marché
69981 Villeneuve-sur-Saône

Objet : bancs du parc

Monsieur le Maire,

Trois bancs du parc de la Gare sont cassés depuis cet été.
Nos adhérents, souvent âgés, ne peuvent plus s'y asseoir.
Pourriez-vous les faire réparer avant le printemps ?

Avec nos salutations respectueuses,

Odette Renard, présidente"""
PUBLICITE = "Grande foire aux meubles !\n\nTout à moitié prix,\nsamedi et dimanche."
LUE = """Mme Solène Kervadec
8 rue des Loriots
69983 Villeneuve-sur-Saône
solene.kervadec@courriel.example

Objet : trou dans la chaussée

Madame, Monsieur,

Un trou profond s'est ouvert devant le 12 rue des Tisserands.
Un cycliste est tombé hier soir. Pouvez-vous le réparer ?

Solène Kervadec"""
LONGUE = """Marie-Antoinette de La Rochefoucauld-Montbel
Résidence du Clos-Saint-Symphorien-les-Hauts
127 bis avenue du Maréchal-de-Lattre-de-Tassigny
69985 Villeneuve-sur-Saône

Objet : éclairage en panne depuis trois semaines

Monsieur le Maire,

Le lampadaire devant notre résidence ne s'allume plus depuis trois semaines.
Plusieurs de mes voisines, âgées, n'osent plus sortir le soir."""
SUITE = """Dites-moi, je vous prie, à quelle date vos services pourront passer.

Marie-Antoinette de La Rochefoucauld-Montbel"""


def numeriser() -> None:
    """Three letters parted by our sheets, one of two pages, and a file that nobody can read."""
    accueil = PointAccueil.pour_canal("courrier")
    assert accueil is not None
    pages = [
        papier.feuille(papier.LETTRE, bruit=150),
        papier.separateur(rotation=180, bruit=100),
        papier.feuille(DEUXIEME, bruit=150, graine=2),
        papier.verso(DEUXIEME, bruit=80),
        papier.separateur(bruit=100),
        papier.feuille(PUBLICITE, bruit=150, graine=3),
    ]
    deposer(
        [("bac-du-matin.pdf", papier.pdf(pages)), ("copie-interrompue.pdf", papier.pdf(pages[:1])[:5_000])],
        point_accueil=accueil,
        recu_le=timezone.localdate() - timedelta(days=1),
    )
    lecture.lire_les_feuilles()
    lecture.lire_les_lettres()
    lecture.lire_les_feuilles()


def trois_lettres() -> list[list[Image.Image]]:
    """One that the machine reads, one of two pages, and one of which it makes out nothing."""
    return [
        [papier.feuille(LUE, bruit=100)],
        [papier.feuille(LONGUE, bruit=100), papier.feuille(SUITE, bruit=100)],
        [papier.griffonnage()],
    ]


def empiler(courriel: str, lettres: Iterable[list[Image.Image]]) -> None:
    """Letters of some pages each on the tray of an agent who is alone at a desk of their own."""
    bureau = factories.creer_accueil("PILE", "Courrier de Saint-Loup", canaux=[Canal.COURRIER])
    agent = factories.creer_agent("Colette", "Vernay-Duchamp", Role.AGENT_ACCUEIL, bureau)
    agent.courriel = courriel
    agent.set_password(MOT_DE_PASSE)
    agent.save()
    deposer(
        [(f"{rang:03d}.pdf", papier.pdf(pages)) for rang, pages in enumerate(lettres, 1)],
        point_accueil=bureau,
        recu_le=timezone.localdate() - timedelta(days=1),
        coupe=Coupe.FICHIER,
    )
    while lecture.lire_les_feuilles() or lecture.lire_les_lettres():
        pass
    lecture.lire_les_feuilles()
