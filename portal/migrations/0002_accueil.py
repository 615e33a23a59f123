"""A home page and its editors exist after `migrate` alone."""

import uuid

from django.db import migrations

CHAPEAU = (
    "<p>Un lampadaire éteint, un acte de naissance, une place à la cantine : dites-le avec vos mots, "
    "nous trouvons la démarche.</p>"
)
GROUPE = "Éditeurs du portail"


def creer_l_accueil(apps, schema_editor):
    """Replace Wagtail's welcome page by ours, at the root of the default site."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    PageAccueil = apps.get_model("portal", "PageAccueil")
    page_type, _ = ContentType.objects.get_or_create(app_label="wagtailcore", model="page")
    accueil_type, _ = ContentType.objects.get_or_create(app_label="portal", model="pageaccueil")
    Page.objects.filter(content_type=page_type, slug="home", depth=2).delete()
    accueil = PageAccueil.objects.create(
        title="Accueil",
        draft_title="Accueil",
        slug="accueil",
        content_type=accueil_type,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/accueil/",
        locale=Locale.objects.get(),
        translation_key=uuid.uuid4(),
        chapeau=CHAPEAU,
    )
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "port": 80, "root_page_id": accueil.pk, "site_name": "Guichet"},
    )


def creer_les_editeurs(apps, schema_editor):
    """One group, in French, instead of Wagtail's two: it opens /gestion/ and may publish the home page."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    Page = apps.get_model("wagtailcore", "Page")
    Group.objects.filter(name__in=("Editors", "Moderators")).delete()
    groupe, _ = Group.objects.get_or_create(name=GROUPE)
    groupe.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    page_type = ContentType.objects.get(app_label="wagtailcore", model="page")
    accueil = Page.objects.get(slug="accueil", depth=2)
    for codename, nom in (("change_page", "Can change page"), ("publish_page", "Can publish page")):
        permission, _ = Permission.objects.get_or_create(
            content_type=page_type, codename=codename, defaults={"name": nom}
        )
        GroupPagePermission.objects.get_or_create(group=groupe, page=accueil, permission=permission)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0001_initial"),
        ("wagtailredirects", "0001_initial"),
        ("organisation", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(creer_l_accueil, migrations.RunPython.noop),
        migrations.RunPython(creer_les_editeurs, migrations.RunPython.noop),
    ]
