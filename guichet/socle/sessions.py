"""Django's sessions in the database, read by a statement put together once: every request reads one."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from guichet.socle.lecture import MARQUE, Lecture

SESSION = Lecture(lambda: Session.objects.filter(session_key=str(MARQUE)))


class SessionStore(db.SessionStore):
    """Sign and write as Django's own, whose sessions it reads."""

    def _get_session_from_db(self) -> Session | None:
        for session in SESSION.objets(self.session_key or ""):
            if session.expire_date > timezone.now():
                return session
        self._session_key = None
        return None
