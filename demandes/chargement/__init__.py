"""Reference data as files: validated whole, loaded in one transaction, or nothing changes."""

from demandes.chargement.charger import charger_fichier
from demandes.chargement.fichier import FichierInvalide, Rapport

__all__ = ["FichierInvalide", "Rapport", "charger_fichier"]
