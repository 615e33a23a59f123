"""What the throw-away city holds beside its demo: all in one process, for each start of Django is felt."""

from django.core.management import call_command

from demandes import courriels, tasks
from demandes.models import Demande
from tests.courrier import bac

# What the desk finds in quarantine: its headers never end.
COURRIEL_ILLISIBLE = (
    b"From: Jeanne Martin <jeanne.martin@courriel.example>\r\nTo: guichet@villeneuve-sur-saone.example\r\n"
    b"Subject: Un banc cass\xc3\xa9 place du March\xc3\xa9\r\nDate: Thu, 12 Nov 2026 10:12:00 +0100\r\n"
    b"References: " + b"<0123456789@courriel.example> " * 10_000 + b"\r\n\r\n"
    b"Bonjour,\r\n\r\nUn banc est cass\xc3\xa9 place du March\xc3\xa9.\r\n\r\nJeanne Martin\r\n"
)
# What a person wrote from an address nobody knows, about a demande of theirs or of somebody else.
CITEE = "Trou profond devant le théâtre"
COURRIEL_A_RAPPROCHER = """\
From: Marie-Antoinette de La Rochefoucauld-Montbel <m.a.rochefoucauld@travail.example>
To: guichet@villeneuve-sur-saone.example
Subject: =?utf-8?q?Re=3A_=5B{numero}=5D_le_trou_devant_le_th=C3=A9=C3=A2tre_s=27agrandit?=
Date: Thu, 12 Nov 2026 10:12:00 +0100
Message-ID: <1@travail.example>
Content-Type: text/html; charset=utf-8

<h2>Bonjour,</h2>
<p>Le trou <b>s'agrandit</b> depuis la pluie&nbsp;:</p><ul><li>il fait un mètre de large ;</li>
<li>le cône est tombé dedans.</li></ul><p>Voir <a href="https://photos.example/album/42">mes photos</a>.
<img src="https://pub.example/banniere.png" alt="Bannière"></p>
<blockquote>Le 10 novembre 2026, la mairie a écrit : votre demande est enregistrée.</blockquote>
"""
# What comes without its type, and says two things, one of them dangerous.
COURRIEL_A_DEUX_SUJETS = (
    b"From: Leonie Barthelemy <leonie.barthelemy@courriel.example>\r\n"
    b"To: guichet@villeneuve-sur-saone.example\r\nMessage-ID: <deux-sujets@courriel.example>\r\n"
    b"Subject: Lampadaire tombe\r\nDate: Thu, 12 Nov 2026 11:12:00 +0100\r\n\r\n"
    b"Bonjour,\r\n\r\nLe lampadaire devant le 4 rue des Tisserands est couche, les fils a nu pendent "
    b"au-dessus du trottoir : c'est un danger pour les enfants.\r\n\r\n"
    b"Je voudrais aussi inscrire ma fille a la cantine de son ecole pour la rentree.\r\n\r\n"
    b"Cordialement,\r\nLeonie Barthelemy\r\n"
)


def peupler() -> None:
    """The demo city, the mails a desk has to decide on, the letters on its scanner, as the worker does it."""
    call_command("preparer")
    numero = Demande.objects.get(objet=CITEE).numero
    reponse = COURRIEL_A_RAPPROCHER.format(numero=numero).encode()
    for brut in (COURRIEL_ILLISIBLE, reponse, COURRIEL_A_DEUX_SUJETS):
        courriels.recevoir(brut)
    tasks.balayer_receptions()
    bac.numeriser()
