"""Health of the inbox (settings.GUICHET_SONDES)."""
