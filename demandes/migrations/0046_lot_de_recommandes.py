from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demandes", "0045_publication_a_rapprocher"),
    ]

    operations = [
        migrations.AddField(
            model_name="lotdecourrier",
            name="sont_recommandees",
            field=models.BooleanField(default=False, verbose_name="lettres recommandées"),
        ),
    ]
