"""The address of the page being drawn, with something changed: template tags of `composants`."""


def adresse_sans(context, *noms: str, valeur: str = "") -> str:
    """Give the current address without some query parameters, page cursors included.

    With `valeur`, only that value of the first parameter goes (removable filter chips). Never empty:
    « ? » clears them all.
    """
    requete = context["request"].GET.copy()
    for curseur in ("apres", "avant", "page"):
        requete.pop(curseur, None)
    for nom in noms:
        restantes = [v for v in requete.getlist(nom) if valeur and v != valeur]
        requete.setlist(nom, restantes) if restantes else requete.pop(nom, None)
    return f"?{requete.urlencode()}"


def adresse_avec(context, **parametres) -> str:
    """Give the current address with some query parameters changed (None removes one)."""
    requete = context["request"].GET.copy()
    for nom, valeur in parametres.items():
        if valeur is None:
            requete.pop(nom, None)
        else:
            requete[nom] = valeur
    return f"?{requete.urlencode()}"
