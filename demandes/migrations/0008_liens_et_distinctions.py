from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone


def cote(colonne: str, inverse: str) -> models.ForeignKey:
    return models.ForeignKey(
        "demandes.demande", models.CASCADE, related_name=inverse, db_column=colonne
    )


class Migration(migrations.Migration):
    """The table of linked demandes gets a model, then its columns: no row moves."""

    dependencies = [
        ("demandes", "0007_files_des_corbeilles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Lien",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                        ("demande", cote("from_demande_id", "liens")),
                        ("autre", cote("to_demande_id", "+")),
                    ],
                    options={
                        "verbose_name": "lien entre demandes",
                        "verbose_name_plural": "liens entre demandes",
                        "db_table": "demandes_demande_liees",
                        "unique_together": {("demande", "autre")},
                    },
                ),
                migrations.AlterField(
                    "demande",
                    "liees",
                    models.ManyToManyField("demandes.demande", through="demandes.Lien", verbose_name="demandes liées"),
                ),
            ],
        ),
        migrations.AddField(
            "lien",
            "nature",
            models.CharField("nature", max_length=6, choices=[("liee", "Liée à"), ("suite", "Suite de"), ("suivie", "A pour suite")], default="liee"),
        ),
        migrations.AddField("lien", "raison", models.CharField("raison", max_length=200, blank=True)),
        migrations.AddField(
            "lien",
            "pose_par",
            models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"),
        ),
        migrations.AddField("lien", "pose_le", models.DateTimeField("posé le", default=timezone.now)),
        migrations.CreateModel(
            name="Distinction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("premiere", models.ForeignKey("demandes.demande", models.CASCADE, related_name="+")),
                ("seconde", models.ForeignKey("demandes.demande", models.CASCADE, related_name="+")),
                ("dite_par", models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")),
                ("dite_le", models.DateTimeField("dite le", default=timezone.now)),
            ],
            options={
                "verbose_name": "distinction",
                "constraints": [
                    models.UniqueConstraint(name="distinction_une_par_paire", fields=["premiere", "seconde"]),
                    models.CheckConstraint(name="distinction_dans_l_ordre", condition=Q(premiere__lt=F("seconde"))),
                ],
            },
        ),
    ]
