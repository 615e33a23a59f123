"""Paper mail, from the tray of the scanner to its demandes.

`arrivee` keeps files, `dossier` fetches those of a watched folder, `lecture` is the worker's (pages, letters,
words, PDFs), `corrections` mends what was parted wrong, `saisie` gives letters to agents and ends them.
"""
