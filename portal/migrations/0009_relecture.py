"""Some write and propose, others read again and publish: two groups, and the way a page goes between them."""

from django.db import migrations

ANCIEN, REDACTEURS, MODERATEURS = "Éditeurs du portail", "Rédacteurs", "Modérateurs"
TACHE, CIRCUIT = "Relecture par un modérateur", "Relecture avant publication"
# What Wagtail made for its own groups, which are not here: nobody could have approved anything.
D_ORIGINE = "Moderators approval"
PUBLIER = ("publish_page", "lock_page", "unlock_page")


def separer(apps, schema_editor):
    """Who published until now goes on doing so; writers get the rest, on every page in every language."""
    Group = apps.get_model("auth", "Group")
    if not Group.objects.filter(name=MODERATEURS).exists():
        Group.objects.filter(name=ANCIEN).update(name=MODERATEURS)
    moderateurs, _ = Group.objects.get_or_create(name=MODERATEURS)
    redacteurs, _ = Group.objects.get_or_create(name=REDACTEURS)
    racine = apps.get_model("wagtailcore", "Page").objects.get(depth=1)

    des_pages = apps.get_model("wagtailcore", "GroupPagePermission").objects
    for droit in list(des_pages.filter(group=moderateurs).select_related("permission")):
        # The English home stands beside the French one: only what is above both holds for both.
        des_pages.get_or_create(group=moderateurs, page=racine, permission=droit.permission)
        if droit.permission.codename not in PUBLIER:
            des_pages.get_or_create(group=redacteurs, page=racine, permission=droit.permission)
    des_fichiers = apps.get_model("wagtailcore", "GroupCollectionPermission").objects
    for droit in list(des_fichiers.filter(group=moderateurs)):
        des_fichiers.get_or_create(
            group=redacteurs, collection_id=droit.collection_id, permission_id=droit.permission_id
        )
    siens = moderateurs.permissions.filter(
        codename__in=("access_admin", "submit_translation", "view_recherchevaine", "view_avisdepage")
    )
    redacteurs.permissions.add(*siens)
    ouvrir_le_circuit(apps, racine, moderateurs)


def ouvrir_le_circuit(apps, racine, moderateurs):
    """One reading by one moderator, for the whole tree; a city that chose its own way keeps it."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    GroupApprovalTask = apps.get_model("wagtailcore", "GroupApprovalTask")
    pose = apps.get_model("wagtailcore", "WorkflowPage").objects.filter(page=racine)
    if pose.exclude(workflow__name=D_ORIGINE).exists():
        return
    genre, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="wagtailcore", model="groupapprovaltask"
    )
    pose.delete()
    Workflow.objects.filter(name=D_ORIGINE).update(active=False)
    GroupApprovalTask.objects.filter(name=D_ORIGINE).update(active=False)
    tache = GroupApprovalTask.objects.filter(name=TACHE).first() or GroupApprovalTask.objects.create(
        name=TACHE, active=True, content_type=genre
    )
    tache.groups.add(moderateurs)
    circuit, _ = Workflow.objects.get_or_create(name=CIRCUIT, defaults={"active": True})
    apps.get_model("wagtailcore", "WorkflowTask").objects.get_or_create(
        workflow=circuit, task_id=tache.pk, defaults={"sort_order": 0}
    )
    pose.create(page=racine, workflow=circuit)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0008_liens"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [migrations.RunPython(separer, migrations.RunPython.noop)]
