"""Errors whose text is the French sentence shown to the person. Anything else is a bug, not a message."""


class ErreurMetier(Exception):
    """A rule of the house says no; `str(erreur)` is shown as it is."""


class Refus(ErreurMetier):
    """The person has no right to this gesture, or a guard on the data refuses it."""


class Conflit(ErreurMetier):
    """Somebody else changed the same thing first."""


class DonneeInvalide(ErreurMetier):
    """One value is wrong. `champ` names it when the caller can point at it on a form."""

    def __init__(self, message: str, champ: str | None = None) -> None:
        super().__init__(message)
        self.champ = champ
