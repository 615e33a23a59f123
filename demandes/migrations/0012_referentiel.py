from django.db import migrations

from demandes.migrations._referentiel import POSER, RETIRER


class Migration(migrations.Migration):
    dependencies = [("demandes", "0011_modele_actif"), ("organisation", "0005_logo_de_la_ville")]

    operations = [migrations.RunSQL(POSER, RETIRER)]
