"""What stands on the tray of the scanner of the demo city: dropped and read as the worker does."""

from datetime import timedelta

from django.utils import timezone

from demandes.courrier import lecture
from demandes.courrier.arrivee import deposer
from guichet.organisation.models import PointAccueil
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
