"""The one error of this room."""

from guichet.socle.erreurs import DonneeInvalide


class ErreurPiece(DonneeInvalide):
    """A file is refused; the sentence says why and what to do."""

    def __init__(self, message: str, champ: str | None = "pieces") -> None:
        super().__init__(message, champ)
