"""The design system: what each component says, to eyes and to screen readers."""

import re
from collections import namedtuple

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from lucide import _load_icon

from guichet.socle.champs import genre_de_champ
from guichet.socle.composants_views import EssaiForm, page_composants
from guichet.socle.demarrage import RACINE
from guichet.socle.templatetags import composants
from guichet.socle.templatetags.typographie import taille_en_clair

pytestmark = pytest.mark.urls("tests.socle.urls_composants")


def rendre(source: str, **contexte) -> str:
    return Template("{% load composants dates %}" + source).render(Context(contexte))


@pytest.fixture
def page(settings):
    """The whole components page, as an agent of the demo city gets it."""
    settings.GUICHET_DEMO = True
    return page_composants(RequestFactory().get("/composants/")).content.decode()


def test_components_page_shows_every_state_and_channel(page):
    for code in composants.ETATS:
        assert composants.ETATS[code][1]
    assert page.count('class="badge badge--') >= len(composants.ETATS)
    for libelle, _ in composants.CANAUX.values():
        assert libelle in page


def test_components_page_exists_in_demo_mode_only(settings, client):
    settings.GUICHET_DEMO = False
    assert client.get("/composants/").status_code == 404
    settings.GUICHET_DEMO = True
    assert client.get("/composants/").status_code == 200


def test_pages_hold_nothing_inline(page):
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
    assert not re.search(r"<script(?![^>]* src=)", page)


def test_every_static_file_named_by_a_page_exists(page):
    fichiers = re.findall(r'(?:href|src)="/statiques/([^"]+)"', page)
    assert len(fichiers) > 12
    assert [nom for nom in fichiers if not finders.find(nom)] == []


def test_ids_are_unique_and_labels_aim_at_fields(page):
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert set(re.findall(r'\sfor="([^"]+)"', page)) <= set(ids)
    for liste in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page):
        assert set(liste.split()) <= set(ids)


def test_every_icon_named_by_the_tables_exists():
    noms = [icone for _, icone in [*composants.ETATS.values(), *composants.ENTREES.values()]]
    noms += [icone for _, icone in [*composants.CANAUX.values(), *composants.MESSAGES.values()] if icone]
    for nom in noms:
        assert _load_icon(nom).tag.text == "svg"


# --- signs


@pytest.mark.parametrize(
    ("options", "ton", "texte"),
    [
        ("3", "neutre", "reste 3 j ouvrés"),
        ("2", "alerte", "reste 2 j ouvrés"),
        ("1 seuil=0", "neutre", "reste 1 j ouvré"),
        ("0", "alerte", "aujourd'hui"),
        ("-1", "danger", "en retard de 1 j ouvré"),
        ("-2 suspendu=True", "neutre", "suspendu"),
        ("-2 arrete=True", "neutre", "arrêté"),
        ("", "neutre", "sans délai"),
        ('5 unite="heures_ouvrees"', "neutre", "reste 5 h ouvrées"),
        ('30 unite="jours_calendaires" complet=True', "neutre", "Il reste 30 jours"),
        ("-2 complet=True", "danger", "En retard de 2 jours ouvrés"),
    ],
)
def test_delay_counter_says_it_in_words_and_in_colour(options, ton, texte):
    html = rendre("{% compteur_delai " + options + " %}")
    assert f"delai--{ton}" in html
    assert f"<span>{texte.replace(chr(39), '&#x27;')}</span>" in html
    assert "<svg" in html


def test_state_badge_keeps_an_unknown_state_readable():
    assert "badge--alerte" in rendre('{% badge_etat "attente_usager" "Action attendue de votre part" %}')
    html = rendre('{% badge_etat "etat_de_demain" %}')
    assert "badge--neutre" in html
    assert "Etat de demain" in html


def test_channel_icon_always_has_a_name():
    assert '<span class="visuellement-cache">Mastodon</span>' in rendre('{% icone_canal "mastodon" %}')
    assert "<span>Courriel</span>" in rendre('{% icone_canal "courriel" avec_libelle=True %}')
    assert "Bluesky" in rendre('{% icone_canal "bluesky" %}')


def test_icon_is_decorative_unless_named():
    assert 'aria-hidden="true"' in rendre('{% icone "search" %}')
    nommee = rendre('{% icone "search" texte="Chercher" %}')
    assert 'role="img"' in nommee
    assert 'aria-label="Chercher"' in nommee
    assert "aria-hidden" not in nommee


def test_button_passes_attributes_and_escapes_them():
    html = rendre(
        '{% bouton texte name="geste" value=valeur touche="t" data_ouvre="x" disabled=faux %}',
        texte="<b>Clore</b>",
        valeur='"><script>',
        faux=False,
    )
    assert "&lt;b&gt;Clore&lt;/b&gt;" in html
    assert 'value="&quot;&gt;&lt;script&gt;"' in html
    assert 'data-touche="t"' in html
    assert 'data-ouvre="x"' in html
    assert "disabled" not in html


def test_icon_button_has_a_name():
    assert 'aria-label="Fermer"' in rendre('{% bouton "Fermer" icone="x" icone_seule=True %}')


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [("Marie-Antoinette de La Rochefoucauld-Montbel", "MR"), ("nour", "N"), ("", "?"), ("Émile Zola", "ÉZ")],
)
def test_initials(nom, attendu):
    assert composants.initiales(nom) == attendu


# --- forms


def test_field_binds_help_and_error_to_its_input():
    formulaire = EssaiForm({"nom": ""})
    html = rendre("{% champ f.nom largeur='court' autocomplete='family-name' %}", f=formulaire)
    assert '<label class="champ__libelle" for="id_nom">' in html
    assert 'aria-describedby="id_nom_helptext id_nom_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="family-name"' in html
    assert "(facultatif)" not in html
    assert "champ--court" in html


def test_optional_field_says_so_and_required_one_does_not():
    assert "(facultatif)" in rendre("{% champ f.courriel %}", f=EssaiForm())
    assert "(facultatif)" not in rendre("{% champ f.description %}", f=EssaiForm())


def test_radios_are_a_named_group():
    html = rendre("{% champ f.danger %}", f=EssaiForm({"danger": "nsp"}))
    assert html.count("<fieldset") == 1
    assert '<legend class="champ__libelle">' in html
    assert html.count('type="radio"') == 3
    assert re.search(r'value="nsp"[^>]*checked', html)


def test_every_widget_of_django_finds_its_shape():
    formes = {
        forms.RadioSelect: "choix",
        forms.CheckboxSelectMultiple: "choix",
        forms.CheckboxInput: "case",
        forms.SelectDateWidget: "groupe",
        forms.SplitDateTimeWidget: "groupe",
        forms.ClearableFileInput: "simple",
        forms.Textarea: "simple",
        forms.Select: "simple",
    }
    assert {widget: genre_de_champ(widget()) for widget in formes} == formes


def test_whole_form_draws_each_field_once_and_keeps_hidden_ones():
    class AvecJeton(EssaiForm):
        jeton = forms.CharField(widget=forms.HiddenInput, initial="abc")

    html = rendre("{% champs f %}", f=AvecJeton())
    for nom in EssaiForm.base_fields:
        assert f'name="{nom}"' in html
    assert html.count('type="hidden"') == 1


def test_condition_comes_from_the_tag_or_from_the_field_itself():
    html = rendre(
        '{% champ f.precision_danger si_champ="danger" si_vaut="oui|nsp" %}', f=EssaiForm(prefix="p")
    )
    assert 'data-si-champ="p-danger"' in html
    assert 'data-si-vaut="oui|nsp"' in html
    lie = EssaiForm()["precision_danger"]
    lie.condition = namedtuple("Condition", "champ vaut texte")("danger", "oui", "À remplir s'il y a danger.")
    html = rendre("{% champ f %}", f=lie)
    assert 'data-si-champ="danger"' in html
    assert "À remplir s&#x27;il y a danger." in html


@pytest.mark.parametrize(
    ("langue", "octets", "mots"),
    [
        ("fr", 12, "1 Ko"),
        ("fr", 340_512, "340 Ko"),
        ("fr", 2_449_000, "2,4 Mo"),
        ("en", 340_512, "340 kB"),
        ("en", 2_449_000, "2.4 MB"),
    ],
)
def test_a_size_is_told_the_same_way_everywhere(langue, octets, mots):
    with translation.override(langue):
        assert taille_en_clair(octets) == mots


def test_error_summary_links_to_the_first_choice_of_a_group():
    html = rendre("{% resume_erreurs f %}", f=EssaiForm({}))
    assert 'role="alert"' in html
    assert 'href="#id_nom"' in html
    assert 'href="#id_danger_0"' in html
    assert rendre("{% resume_erreurs f %}", f=EssaiForm()).strip() == ""


def test_error_summary_shows_errors_of_the_whole_form():
    formulaire = EssaiForm({})
    formulaire.add_error(None, "Deux dates se contredisent.")
    assert "<li>Deux dates se contredisent.</li>" in rendre("{% resume_erreurs f %}", f=formulaire)


# --- containers


def test_blocks_keep_markup_of_the_page_and_escape_its_data():
    html = rendre("{% carte titre niveau=3 %}<p>{{ texte }}</p>{% fincarte %}", titre="<i>", texte="<script>")
    assert "<h3" in html
    assert "&lt;i&gt;" in html
    assert "<p>&lt;script&gt;</p>" in html


def test_message_of_an_error_is_named_so():
    html = rendre('{% message "danger" "Envoi refusé" annonce=True %}<p>Non.</p>{% finmessage %}')
    assert 'role="alert"' in html
    assert 'aria-label="Erreur"' in html


def test_confidential_entry_is_told_in_words():
    html = rendre('{% entree_fil "confidentiel" auteur="Nour Benali" %}<p>…</p>{% finentree_fil %}')
    assert "Confidentiel" in html
    assert "entree--confidentiel" in html


def test_person_card_without_anything_but_a_name():
    html = render_to_string("composants/carte_personne.html", {"nom": "Nour Benali"})
    assert "Nour Benali" in html
    assert "<ul" not in html


def test_pagination_is_absent_when_there_is_one_page():
    assert render_to_string("composants/pagination.html", {}).strip() == ""
    html = render_to_string("composants/pagination.html", {"url_suivante": "?apres=x"})
    assert 'rel="next"' in html
    assert 'rel="prev"' not in html


def test_addresses_drop_filters_and_page_cursors():
    requete = RequestFactory().get("/?etat=close&etat=traitee&direction=VOI&apres=abc")
    assert rendre('{% adresse_sans "direction" %}', request=requete) == "?etat=close&amp;etat=traitee"
    assert (
        rendre('{% adresse_sans "etat" valeur="close" %}', request=requete)
        == "?etat=traitee&amp;direction=VOI"
    )
    adresse = rendre('{% adresse_avec vue="retard" apres=rien %}', request=requete, rien=None)
    assert QueryDict(adresse[1:].replace("&amp;", "&")).dict() == {
        "etat": "traitee",
        "direction": "VOI",
        "vue": "retard",
    }


def test_error_pages_without_context_stand_alone():
    for nom in ("400.html", "500.html"):
        html = render_to_string(nom)
        assert "<h1>" in html
        assert 'lang="fr"' in html


def test_missing_page_keeps_the_residents_frame(client):
    reponse = client.get("/introuvable/")
    html = reponse.content.decode()
    assert reponse.status_code == 404
    assert "Cette page n'existe pas" in html
    assert "Suivre une demande" in html
    assert "agent__rail" not in html


def test_no_style_sheet_outgrows_one_reading():
    feuilles = sorted((RACINE / "guichet/static/guichet/css").glob("*.css"))
    assert feuilles
    assert [f.name for f in feuilles if len(f.read_text().splitlines()) >= 450] == []
