from django.db import migrations

from demandes.migrations._sql import POSER, RETIRER


class Migration(migrations.Migration):
    dependencies = [("demandes", "0001_initial")]

    operations = [migrations.RunSQL(POSER, RETIRER)]
