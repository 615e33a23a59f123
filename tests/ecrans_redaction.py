"""The editors' own screens, in Wagtail: what the house adds to it must be as readable as the rest."""

import re

from tests.fenetre import MODERATEUR, Ecrans, Visiteur


def redaction(v: Visiteur) -> Ecrans:
    """Broken links, segments, and who sees a page, as a moderator finds them."""
    v.entrer(MODERATEUR)
    yield "redaction-liens", v.aller("/gestion/rapports/liens/")
    yield "redaction-segments", v.aller("/gestion/snippets/portal/segment/")
    v.aller("/gestion/pages/search/?q=Propreté et déchets")
    lien = v.page.get_by_role("main").get_by_role("link", name="Propreté et déchets", exact=True).first
    page = re.search(r"/pages/(\d+)/", lien.get_attribute("href") or "")
    v.aller(f"/gestion/pages/{page.group(1)}/edit/")
    v.page.get_by_role("tab", name="Promotion").click()
    yield "redaction-qui-la-voit", v.page
