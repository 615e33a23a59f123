"""The accessibility statement: there from the first day, true, and said at the foot of every page."""

from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale

from portal import garnir
from portal.models import DeclarationAccessibilite, PageAccueil
from tests.factories import Ville
from tests.portal.conftest import texte_de

NON, PARTIELLE, TOTALE = DeclarationAccessibilite.Etat
AUDIT = {"audit_le": date(2026, 10, 5), "auditeur": "Atelier Braille", "taux": Decimal("72.5")}


def lire(client: Client, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    return unescape(texte_de(reponse))


def test_what_an_audit_found_is_said_on_the_page_and_at_every_foot(ville: Ville, client: Client) -> None:
    # Before anybody wrote one, and once withdrawn, the law is still kept.
    assert "<strong>non conforme</strong>" in lire(client, "/accessibilite/")
    garnir.garnir()
    page = DeclarationAccessibilite.objects.get()
    assert (page.url, page.etat, page.get_parent().specific) == (
        "/accessibilite/",
        NON,
        PageAccueil.objects.get(),
    )
    assert "il n'a pas encore été audité" in lire(client, page.url)
    assert 'href="/accessibilite/">Accessibilité : non conforme<' in lire(client, "/suivi/")

    page.etat, page.non_conformites = PARTIELLE, "Des PDF sans ordre de lecture.\nUne vidéo sans sous-titres."
    for champ, valeur in AUDIT.items():
        setattr(page, champ, valeur)
    page.save_revision().publish()
    dite = lire(client, "/accessibilite/")
    assert "<strong>conformité partielle</strong>" in dite
    assert "fait le 5 octobre 2026 par Atelier Braille révèle que 72,5 % des critères" in dite
    assert "<li>Des PDF sans ordre de lecture.</li><li>Une vidéo sans sous-titres.</li>" in dite
    assert "Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07" in dite
    assert '<a href="https://formulaire.defenseurdesdroits.fr/">' in dite
    assert "contact@villeneuve-sur-saone.example" in dite
    assert "Accessibilité : partiellement conforme<" in lire(client, "/")

    anglaise = lire(client, "/en/accessibilite/")
    assert "revealed that 72.5% of the criteria" in anglaise
    assert '<ul lang="fr"><li>Des PDF' in anglaise
    assert "Accessibility: partially compliant<" in anglaise
    # Its translation brings its own lists, and never another state.
    traduite = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    traduite.etat, traduite.non_conformites = TOTALE, "PDF files without a reading order."
    traduite.taux = Decimal(100)
    traduite.save_revision().publish()
    anglaise = lire(client, "/en/accessibilite/")
    assert "<ul><li>PDF files without a reading order.</li></ul>" in anglaise
    assert "72.5%" in anglaise

    page.unpublish()
    assert "<strong>non conforme</strong>" in lire(client, "/accessibilite/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("valeurs", "champ"),
    [
        ({"etat": PARTIELLE}, "audit_le"),
        (AUDIT | {"etat": TOTALE, "taux": Decimal("99.9")}, "etat"),
        (AUDIT | {"etat": PARTIELLE, "taux": Decimal(49)}, "etat"),
        (AUDIT | {"taux": None}, "taux"),
        (AUDIT | {"audit_le": timezone.localdate() + timedelta(days=1)}, "audit_le"),
    ],
    ids=["no audit", "not quite all", "less than half", "no rate", "to come"],
)
def test_a_state_that_the_audit_does_not_bear_is_refused(valeurs: dict[str, Any], champ: str) -> None:
    with pytest.raises(ValidationError) as refus:
        DeclarationAccessibilite(title="Déclaration", **valeurs).clean()
    assert list(refus.value.message_dict) == [champ]
