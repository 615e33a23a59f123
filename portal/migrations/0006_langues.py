"""English beside French: its locale, one page of a code in each language, and the editors' right to translate."""

from django.db import migrations, models

GROUPE = "Éditeurs du portail"


def ouvrir(apps, schema_editor):
    apps.get_model("wagtailcore", "Locale").objects.get_or_create(language_code="en")
    ContentType = apps.get_model("contenttypes", "ContentType")
    genre, _ = ContentType.objects.get_or_create(app_label="simple_translation", model="simpletranslation")
    droit, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=genre, codename="submit_translation", defaults={"name": "Can submit translations"}
    )
    groupe = apps.get_model("auth", "Group").objects.filter(name=GROUPE).first()
    if groupe is not None:
        groupe.permissions.add(droit)


def langue():
    return models.CharField(default="fr", editable=False, max_length=5, verbose_name="langue")


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_retours"),
        ("simple_translation", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.RunPython(ouvrir, migrations.RunPython.noop),
        migrations.AddField("pagefiche", "langue", langue()),
        migrations.AddField("pagedemarche", "langue", langue()),
        migrations.AlterField(
            "pagefiche",
            "code",
            models.CharField(
                help_text="Il relie la page à ce que voient les agents.",
                max_length=40,
                verbose_name="code de la fiche",
            ),
        ),
        migrations.AlterField("pagedemarche", "code", models.CharField(max_length=10, verbose_name="démarche")),
        migrations.AddConstraint(
            "pagefiche",
            models.UniqueConstraint(fields=("code", "langue"), name="une_fiche_par_langue"),
        ),
        migrations.AddConstraint(
            "pagedemarche",
            models.UniqueConstraint(fields=("code", "langue"), name="une_demarche_par_langue"),
        ),
    ]
