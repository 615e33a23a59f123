"""One small form for each gesture an agent can make. Import `ECRANS` and `Moment` from here."""

from demandes.formulaires_gestes.ecrans import (
    A_DEUX,
    ECRANS,
    REDACTION,
    SUR_UN_MESSAGE,
    EcranGeste,
    libelle,
)
from demandes.formulaires_gestes.moment import Moment

__all__ = ["A_DEUX", "ECRANS", "REDACTION", "SUR_UN_MESSAGE", "EcranGeste", "Moment", "libelle"]
