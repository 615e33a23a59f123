from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demandes", "0024_vues_gardees")]

    operations = [
        migrations.AlterField(
            model_name="reception",
            name="motif",
            field=models.CharField(
                blank=True,
                help_text="Pourquoi la quarantaine, ou pourquoi aucune demande.",
                max_length=250,
                verbose_name="motif",
            ),
        ),
    ]
