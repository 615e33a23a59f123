"""How a sending fails, whatever its way out."""


class EchecDefinitif(Exception):
    """Trying again would fail again: the address or the message is refused."""


class RefusTemporaire(Exception):
    """The server says to come back later (greylisting, full mailbox, too many at once)."""


class ServeurInjoignable(Exception):
    """No session with the server could be opened: no row loses an attempt for that."""
