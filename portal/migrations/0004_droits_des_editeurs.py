"""Editors add pages, pictures, documents and segments; what they change is at once what visitors read."""

from django.db import migrations

from demandes.migrations._referentiel import DECLENCHEURS, RETRAIT

GROUPE = "Éditeurs du portail"
DES_PAGES = (("add_page", "Can add page"), ("lock_page", "Can lock page"), ("unlock_page", "Can unlock page"))
DES_FICHIERS = (
    ("wagtailimages", "image", ("add_image", "change_image", "choose_image")),
    ("wagtaildocs", "document", ("add_document", "change_document", "choose_document")),
)


def donner(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    groupe = apps.get_model("auth", "Group").objects.get(name=GROUPE)
    Page = apps.get_model("wagtailcore", "Page")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    racine = apps.get_model("wagtailcore", "Collection").objects.filter(depth=1).first()
    accueil = Page.objects.get(slug="accueil", depth=2)

    def permission(app, modele, codename, nom):
        genre, _ = ContentType.objects.get_or_create(app_label=app, model=modele)
        return Permission.objects.get_or_create(content_type=genre, codename=codename, defaults={"name": nom})[0]

    for codename, nom in DES_PAGES:
        droit = permission("wagtailcore", "page", codename, nom)
        GroupPagePermission.objects.get_or_create(group=groupe, page=accueil, permission=droit)
    for app, modele, codenames in DES_FICHIERS:
        for codename in codenames:
            droit = permission(app, modele, codename, f"Can {codename.replace('_', ' ')}")
            GroupCollectionPermission.objects.get_or_create(group=groupe, collection=racine, permission=droit)
    for verbe in ("add", "change", "delete", "view"):
        groupe.permissions.add(permission("portal", "segment", f"{verbe}_segment", f"Can {verbe} segment"))


# Pages are kept by each process as long as this number stays (portal/pages_gardees.py).
TABLES = (
    "wagtailcore_page",
    "portal_segment",
    "demandes_fiche",
    "demandes_theme",
    "organisation_identiteville",
)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_contenus"),
        ("demandes", "0012_referentiel"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
    ]

    operations = [
        migrations.RunPython(donner, migrations.RunPython.noop),
        migrations.RunSQL(
            "".join(DECLENCHEURS.format(table=table) for table in TABLES),
            "".join(RETRAIT.format(table=table) for table in TABLES),
        ),
    ]
