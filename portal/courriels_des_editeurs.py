"""The mails that Wagtail writes to editors leave by the outbox: a silent server holds back no page."""

from collections.abc import Sequence
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.models import Envoi


class Boite(BaseEmailBackend):
    """Django's door to mail, for who knows no other."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each down for the worker; return how many were."""
        a_envoyer = [
            boite.Message(
                canal=Canal.COURRIEL,
                destinataire=adresse,
                objet=str(message.subject),
                corps=str(message.body),
                nature=Envoi.Nature.ALERTE,
                reference="portail",
                cle=f"portail:{uuid4().hex}",
            )
            for message in email_messages
            for adresse in message.recipients()
        ]
        with transaction.atomic():
            boite.deposer_plusieurs(a_envoyer)
        return len(email_messages)
