import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("demandes", "0008_liens_et_distinctions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EcritEnCours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mode", models.CharField(choices=[("usager", "À l'usager"), ("interne", "Note interne"), ("confidentiel", "Note confidentielle")], max_length=12, verbose_name="mode")),
                ("texte", models.TextField(verbose_name="texte")),
                ("modifie_le", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                ("compte", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("demande", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="demandes.demande")),
            ],
            options={
                "verbose_name": "écrit en cours",
                "verbose_name_plural": "écrits en cours",
                "indexes": [models.Index(fields=["modifie_le"], name="ecrit_par_age")],
                "constraints": [models.UniqueConstraint(fields=("demande", "compte", "mode"), name="ecrit_un_par_mode")],
            },
        ),
    ]
