"""Run as a process of its own: the bare Django's tables, as many tickets as Guichet has demandes."""

import sys
from datetime import timedelta

import django
from django.db import connection

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.temoin.models import Personne, Service, Ticket  # noqa: E402

# 7 % open, spread over twenty departments.
REMPLIR = """
INSERT INTO {} (numero, objet, etat, canal, service_id, personne_id, echeance, cree_le)
SELECT 'T-' || n, 'Trou dans la chaussée ' || n, CASE WHEN n %% 100 < 7 THEN 'ouvert' ELSE 'clos' END,
       'portail', n / 100 %% 20 + 1, n %% %s + 1, %s::timestamptz - n * interval '1 minute', %s
FROM generate_series(1, %s) n
"""


def main(tickets: int, personnes: int) -> None:
    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    Service.objects.bulk_create(Service(nom=f"Service {rang}") for rang in range(1, 21))
    Personne.objects.bulk_create(
        (Personne(nom=f"Personne {rang}") for rang in range(1, personnes + 1)), batch_size=5000
    )
    maintenant = timezone.now()
    with connection.cursor() as curseur:
        curseur.execute(
            REMPLIR.format(Ticket._meta.db_table),
            [personnes, maintenant + timedelta(days=30), maintenant, tickets],
        )
        curseur.execute("VACUUM ANALYZE")
    utilisateur = User.objects.create(username="agent")
    session = SessionStore()
    session["_auth_user_id"] = str(utilisateur.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = utilisateur.get_session_auth_hash()
    session.create()
    sys.stdout.write(f"sessionid={session.session_key}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
