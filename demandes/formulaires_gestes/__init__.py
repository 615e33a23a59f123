"""One small form for each gesture an agent can make. Import `ECRANS` and `Moment` from here."""

from demandes.formulaires_gestes.ecrans import A_DEUX, ECRANS, REDACTION, EcranGeste, Moment, libelle

__all__ = ["A_DEUX", "ECRANS", "REDACTION", "EcranGeste", "Moment", "libelle"]
