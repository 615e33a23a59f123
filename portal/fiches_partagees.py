"""One answer for the portal and the desk: what either publishes, the other says.

The words of a fiche are those of its page: publishing the page gives them to agents, and what an
administrator changes on the fiche is at once on the page, and in the draft that waits: published later, it
must not bring back what the desk no longer says. The words it had stay in the history of the page, and its
editor is told (portal/models/fiches_changees.py).
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.signals import page_published

from demandes.administration import fiches
from guichet.socle.langues import FRANCAIS
from portal.models import PageFiche


@receiver(page_published, sender=PageFiche)
def donner_aux_agents(instance: PageFiche, **kwargs: Any) -> None:
    """What is published in French is what agents answer from now on."""
    if instance.langue != FRANCAIS:
        return
    revision = kwargs.get("revision")
    par = revision.user if revision else None
    fiches.reprendre_du_portail(instance.code, instance.title, instance.reponse, par=par)


@receiver(post_save, sender="demandes.Fiche")
def montrer_au_public(instance: Any, created: bool, **kwargs: Any) -> None:
    """A page that says something else is published again with the words of the fiche."""
    if created or kwargs.get("raw"):
        return
    page = PageFiche.objects.filter(code=instance.code, langue=FRANCAIS).first()
    if page is None or (page.title, page.reponse) == (instance.question, instance.reponse):
        return
    page.title = page.draft_title = instance.question
    page.reponse = instance.reponse
    if page.has_unpublished_changes:
        page.save(update_fields=["title", "reponse"])
        est_programme = page.scheduled_revision is not None
        brouillon = page.get_latest_revision_as_object()
        brouillon.title = brouillon.draft_title = instance.question
        brouillon.reponse = instance.reponse
        nouvelle = brouillon.save_revision(log_action=True)
        if est_programme and brouillon.go_live_at:
            # At its hour, the page must not bring back what was planned before.
            nouvelle.publish()
    elif page.live:
        page.save_revision().publish()
