"""One small form for each gesture an agent can make. Import `ECRANS` and `Moment` from here."""

from demandes.formulaires_gestes.ecrans import ECRANS, REDACTION, EcranGeste, Moment, libelle

__all__ = ["ECRANS", "REDACTION", "EcranGeste", "Moment", "libelle"]
