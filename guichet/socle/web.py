"""What every page shares: the city's identity, and how errors become answers."""

from django.conf import settings

PREFIXE_AGENT = "/agent/"


def contexte_de_page(request) -> dict:
    """Give the base pages the city, the demo mark, the version, and which frame an error page takes.

    `gabarit_erreur` is the agents' frame only for an agent already inside: their rail tells nothing to
    anyone else.
    """
    compte = getattr(request, "user", None)
    chez_les_agents = request.path.startswith(PREFIXE_AGENT) and getattr(compte, "est_agent", False)
    return {
        "ville": settings.GUICHET_VILLE,
        "demo": settings.GUICHET_DEMO,
        "version": settings.GUICHET_VERSION,
        "gabarit_erreur": "base_agent.html" if chez_les_agents else "base_portail.html",
    }
