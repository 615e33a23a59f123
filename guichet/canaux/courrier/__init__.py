"""Paper: from the scanned sheets to the letters, and from the words of a letter to what a form asks.

`scan` draws and judges pages and `lettre_pdf` puts those of one letter together, each in a bounded process;
`decoupe` says where letters begin; `lecture` asks tesseract; `indices` finds a name or a date in the words.
"""

from guichet.canaux.courrier.objet import objet

__all__ = ["objet"]
