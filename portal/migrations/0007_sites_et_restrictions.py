"""What the pages read of the site is kept too: its addresses, what is closed, what is on which shelf."""

from django.db import migrations

from demandes.migrations._referentiel import DECLENCHEURS, RETRAIT

TABLES = (
    "wagtailcore_site",
    "wagtailcore_pageviewrestriction",
    "demandes_typedemande_themes",
    "demandes_fiche_types",
)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_langues"),
        ("demandes", "0012_referentiel"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            "".join(DECLENCHEURS.format(table=table) for table in TABLES),
            "".join(RETRAIT.format(table=table) for table in TABLES),
        ),
    ]
