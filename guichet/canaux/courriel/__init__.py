"""E-mail: one MessageSortant to the bytes a mail server is given, and bytes received to what was said."""

from guichet.canaux.courriel.sortant import composer, verifier_en_tetes

__all__ = ["composer", "verifier_en_tetes"]
