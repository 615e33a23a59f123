"""Template tags of the design system: `{% load composants %}`, then one tag per component.

Each tag draws one template of `guichet/templates/composants/`, but the entry of a thread (`ENTREE`).
Components without rich parameters are plain includes; docs/composants.md lists them all.
"""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from lucide.templatetags.lucide import lucide

from guichet.socle.adresses import adresse_avec, adresse_sans
from guichet.socle.champs import (
    attributs,
    decrit_par,
    dessiner_widget,
    extraire_condition,
    genre_de_champ,
    langue_des_mots,
    precision_de,
    premier_id,
)
from guichet.socle.echappement import sur
from guichet.socle.templatetags.dates import duree, quand
from guichet.socle.urgences import secours as secours_pour

register = template.Library()

# state of a demande -> (meaning, icon). Labels come from the machine; colour and icon are a matter of screen.
ETATS = {
    "nouvelle": ("info", "inbox"),
    "qualifiee": ("info", "tag"),
    "orientee": ("accent", "signpost"),
    "prise_en_charge": ("accent", "user-round-check"),
    "planifiee": ("accent", "calendar-clock"),
    "attente_usager": ("alerte", "hourglass"),
    "attente_tiers": ("alerte", "clock"),
    "a_valider": ("alerte", "stamp"),
    "traitee": ("succes", "circle-check"),
    "close": ("neutre", "archive"),
    "rejetee": ("danger", "circle-x"),
    "transmise_externe": ("neutre", "send"),
    "annulee": ("neutre", "ban"),
    "fusionnee": ("neutre", "merge"),
}
ETAT_INCONNU = ("neutre", "circle-dot")

# canal -> (label, lucide icon); None: the network's sign is drawn in composants/icone_canal.html.
CANAUX = {
    "courrier": ("Courrier papier", "mail"),
    "telephone": ("Téléphone", "phone"),
    "courriel": ("Courriel", "at-sign"),
    "guichet": ("Guichet", "concierge-bell"),
    "portail": ("Portail", "globe"),
    "sms": ("SMS", None),
    "facebook": ("Facebook", None),
    "x": ("X", None),
    "mastodon": ("Mastodon", None),
    "reseau": ("Autre réseau", "megaphone"),
}

# kind of thread entry -> (words read before the author, icon)
ENTREES = {
    "entrant": (_("Message reçu"), "arrow-down-left"),
    "sortant": (_("Réponse"), "reply"),
    "interne": (_("Note interne"), "sticky-note"),
    "confidentiel": (_("Confidentiel"), "lock-keyhole"),
    "evenement": (_("Événement"), "circle-dot"),
}

MESSAGES = {
    "info": (_("Information"), "info"),
    "succes": (_("C'est fait"), "circle-check"),
    "alerte": (_("Attention"), "triangle-alert"),
    "danger": (_("Erreur"), "octagon-alert"),
}
# Django's message levels, as tags, to our four meanings.
NIVEAUX = {"debug": "info", "info": "info", "success": "succes", "warning": "alerte", "error": "danger"}


def dessiner(nom: str, **contexte) -> SafeString:
    """Render one component template with nothing of the page around it."""
    return mark_safe(render_to_string(f"composants/{nom}.html", contexte))


# --- signs ---------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=1024)  # a lazy `texte` hashes as what it says now: one entry for each language
def icone(nom: str, *, taille: int = 20, texte: str = "") -> SafeString:
    """Draw a lucide icon, hidden from screen readers unless `texte` gives it a name."""
    options = {"size": taille, "class": "icone", "focusable": "false", "stroke-width": "1.75"}
    if texte:
        return lucide(nom, **options, role="img", **{"aria-label": texte})
    return lucide(nom, **options, **{"aria-hidden": "true"})


@register.simple_tag
@lru_cache(maxsize=256)
def icone_canal(canal, *, taille: int = 18, avec_libelle: bool = False) -> SafeString:
    """Draw the sign of a channel; its name is written beside it, or said to screen readers."""
    code = getattr(canal, "value", canal) or ""
    libelle, nom_icone = CANAUX.get(code, (str(code).replace("_", " ").capitalize(), "messages-square"))
    return dessiner(
        "icone_canal",
        code=code,
        libelle=libelle,
        nom_icone=nom_icone,
        taille=taille,
        avec_libelle=avec_libelle,
    )


@register.simple_tag
def badge_etat(code, libelle: str = "") -> SafeString:
    """Show a state by label, icon and colour together. `libelle` differs for agents and residents."""
    code = str(getattr(code, "value", code))
    ton, nom_icone = ETATS.get(code, ETAT_INCONNU)
    return dessiner_un_badge(ton, nom_icone, str(libelle) or code.replace("_", " ").capitalize())


@register.simple_tag
def badge(libelle: str, ton: str = "neutre", icone: str = "") -> SafeString:
    """Show a short mark that is not a state: urgent, réouverte, confidentielle."""
    return dessiner_un_badge(ton, icone, str(libelle))


@lru_cache(maxsize=512, typed=True)
def dessiner_un_badge(ton: str, nom_icone: str, libelle: str) -> SafeString:
    """Draw it once: `typed` tells escaped text from plain."""
    return dessiner("badge_etat", ton=ton, nom_icone=nom_icone, libelle=libelle)


@register.simple_tag
def secours(consigne: str = "", titre: str = _("En cas de danger, appelez tout de suite")) -> SafeString:
    """Say whom to call first, as numbers that dial: those the sentence names, then the others."""
    return dessiner("secours", secours=secours_pour(consigne), titre=titre)


@register.simple_tag
def compteur_delai(
    reste: int | None = None,
    *,
    unite: str = "jours_ouvres",
    suspendu: bool = False,
    arrete: bool = False,
    seuil: int = 2,
    complet: bool = False,
    echeance=None,
) -> SafeString:
    """Say how much of a delay remains.

    `reste`: whole units left, negative when late, None when nothing is promised. `unite`: jours_ouvres,
    jours_calendaires or heures_ouvrees. `seuil`: at or below, it warns. `complet` writes units in full,
    as the portal must. `echeance` (date) is said in the title.
    """
    ton, nom_icone, texte = etat_du_delai(reste, unite, suspendu, arrete, seuil, complet)
    return dessiner("compteur_delai", ton=ton, nom_icone=nom_icone, texte=texte, echeance=echeance)


def etat_du_delai(reste, unite, suspendu, arrete, seuil, complet) -> tuple[str, str, str]:
    """Return (meaning, icon, words) of a delay; suspended and stopped win over any number."""
    if suspendu:
        return "neutre", "circle-pause", "Délai suspendu" if complet else "suspendu"
    if arrete:
        return "neutre", "circle-check", "Délai arrêté" if complet else "arrêté"
    if reste is None:
        return "neutre", "circle-dashed", "Aucun délai annoncé" if complet else "sans délai"
    if reste < 0:
        retard = f"{'En' if complet else 'en'} retard de {duree(-reste, unite, complet)}"
        return "danger", "clock-alert", retard
    if reste == 0:
        return "alerte", "clock-alert", "À rendre aujourd'hui" if complet else "aujourd'hui"
    ton = "alerte" if reste <= seuil else "neutre"
    return ton, "clock", f"{'Il reste' if complet else 'reste'} {duree(reste, unite, complet)}"


# --- gestures ------------------------------------------------------------------------------------


@register.simple_tag
def bouton(
    texte: str,
    *,
    variante: str = "principal",
    icone: str = "",
    href: str = "",
    type: str = "submit",
    taille: str = "",
    touche: str = "",
    touche_f: str = "",
    icone_seule: bool = False,
    **autres,
) -> SafeString:
    """Draw a button, or a link that looks like one when `href` is given.

    `variante`: principal (one per page), secondaire, discret, danger. `taille`: "" or petit. `touche`
    shows its keyboard key to agents, and `touche_f` a function key, which acts inside fields too. Any
    other argument becomes an attribute: `name="geste"`, `value="clore"`, `hx_get=…`, `data_ouvre="id"`,
    `disabled=True`.
    """
    if icone_seule:
        autres |= {"aria_label": texte, "title": texte}
    if touche or touche_f:
        autres |= {"data_touche": touche or None, "data_touche_f": touche_f or None}
        autres["aria_keyshortcuts"] = " ".join(filter(None, [touche, touche_f]))
    texte, href = str(texte), str(href)
    return dessiner_un_bouton(
        texte, variante, icone, href, type, taille, touche or touche_f, icone_seule, attributs(autres)
    )


@lru_cache(maxsize=512, typed=True)
def dessiner_un_bouton(
    texte, variante, nom_icone, href, type, taille, touche, icone_seule, attributs
) -> SafeString:
    """Draw it once: a page has ten of them, the same on every page. `typed` tells escaped text from plain."""
    return dessiner(
        "bouton",
        texte=texte,
        variante=variante,
        nom_icone=nom_icone,
        href=href,
        type=type,
        taille=taille,
        touche=touche,
        icone_seule=icone_seule,
        attributs=attributs,
    )


# --- forms ---------------------------------------------------------------------------------------


@register.simple_tag
def champ(
    champ_lie, *, largeur: str = "", complement: str = "", dire_facultatif: bool = True, **autres
) -> SafeString:
    """Draw one form field whole: label, help, widget, error, and what binds them for screen readers.

    `largeur`: court, moyen or long (a date is not as wide as a street). `complement` is said after the
    label. `dire_facultatif=False` is for a page that says once that its fields may stay empty. A bound
    field with a `condition` (champ, vaut, texte) shows only for that answer; one can also be given here:
    `si_champ="nom_du_voisin" si_vaut="oui|nsp" si_texte="À remplir si …"`, the words being for browsers
    without scripts. Other arguments become attributes of the widget: `autocomplete="email"`.
    """
    if champ_lie.is_hidden:
        return mark_safe(str(champ_lie))
    condition = extraire_condition(champ_lie, autres)
    description = decrit_par(champ_lie)
    return dessiner(
        "champ",
        **langue_des_mots(champ_lie),
        champ=champ_lie,
        genre=genre_de_champ(champ_lie.field.widget),
        widget_html=dessiner_widget(champ_lie, description, autres),
        precision=dire_facultatif and precision_de(champ_lie),
        largeur=largeur,
        complement=complement,
        description=description,
        **condition,
    )


@register.simple_tag
def champs(formulaire) -> SafeString:
    """Draw every visible field of a form in order, then the hidden ones."""
    visibles = [champ(lie) for lie in formulaire.visible_fields()]
    caches = [str(lie) for lie in formulaire.hidden_fields()]
    return mark_safe("\n".join([*visibles, *caches]))


@register.simple_tag
def resume_erreurs(*formulaires) -> SafeString:
    """Draw the summary that takes focus at the top of a refused page; nothing when all is well."""
    generales, par_champ = [], []
    for formulaire in (f for f in formulaires if f is not None and f.errors):
        generales += list(formulaire.non_field_errors())
        par_champ += [
            (premier_id(lie), lie.label, langue_des_mots(lie)["lang_label"], erreur)
            for nom, erreurs in formulaire.errors.items()
            if nom in formulaire.fields
            for lie in (formulaire[nom],)
            for erreur in erreurs
        ]
    if not generales and not par_champ:
        return mark_safe("")
    return dessiner("resume_erreurs", generales=generales, par_champ=par_champ)


# --- containers ----------------------------------------------------------------------------------


@register.simple_block_tag(end_name="finmessage")
def message(content, ton: str = "info", titre: str = "", annonce: bool = False) -> SafeString:
    """Tell something important in a box. `annonce=True` makes screen readers say it at once."""
    mot, nom_icone = MESSAGES.get(ton, MESSAGES["info"])
    return dessiner(
        "message", contenu=content, ton=ton, titre=titre, mot=mot, nom_icone=nom_icone, annonce=annonce
    )


@register.simple_tag
def message_de_django(message_django) -> SafeString:
    """Draw one message of django.contrib.messages."""
    ton = NIVEAUX.get(message_django.level_tag, "info")
    mot, nom_icone = MESSAGES[ton]
    return dessiner("message", contenu=str(message_django), ton=ton, mot=mot, nom_icone=nom_icone)


@register.simple_block_tag(end_name="fincarte")
def carte(content, titre: str = "", niveau: int = 2, icone: str = "", href: str = "", **autres) -> SafeString:
    """Frame a group of facts. `niveau` is the level of its heading in the page (2 to 4)."""
    return dessiner(
        "carte",
        contenu=content,
        titre=titre,
        niveau=niveau,
        nom_icone=icone,
        href=href,
        attributs=attributs(autres),
    )


@register.simple_block_tag(end_name="fintiroir")
def tiroir(content, id: str, titre: str) -> SafeString:
    """Hide a part of the page in a side drawer that `{% bouton … data_ouvre=id %}` opens.

    Without scripts it stands in the page, open, under its title.
    """
    return dessiner("tiroir", contenu=content, id=id, titre=titre)


@register.simple_block_tag(end_name="finreplie")
def replie(content, titre: str, ouvert: bool = False) -> SafeString:
    """Fold a secondary part under its title (`<details>`)."""
    return dessiner("replie", contenu=content, titre=titre, ouvert=ouvert)


@register.simple_block_tag(end_name="fintableau")
def tableau(content, legende: str, **autres) -> SafeString:
    """Frame a table's thead and tbody. `legende` names it. Below 768 px each row becomes a card.

    Give every td a `data-libelle`, written before its value on cards.
    """
    return dessiner("tableau", contenu=content, legende=legende, attributs=attributs(autres))


@register.simple_block_tag(end_name="finbarre_de_filtres")
def barre_de_filtres(content, filtres_actifs=(), effacer: str = "?", **autres) -> SafeString:
    """Frame filter fields in a GET form, with one removable chip per active filter.

    `filtres_actifs`: list of {"libelle", "url"}, url being the page without that filter. `effacer`: the
    page without any.
    """
    return dessiner(
        "barre_de_filtres",
        contenu=content,
        filtres_actifs=filtres_actifs,
        effacer=effacer,
        attributs=attributs(autres),
    )


@register.simple_block_tag(end_name="finentree_fil")
def entree_fil(
    content,
    genre: str,
    *,
    auteur: str = "",
    date=None,
    canal="",
    destinataire: str = "",
    precision: str = "",
    mot: str = "",
    id: str = "",
) -> SafeString:
    """Draw one entry of a thread. `genre`: entrant, sortant, interne, confidentiel or evenement.

    `mot` replaces the kind's own words, for a resident reads « Votre message » where an agent reads
    « Message reçu ».
    `precision` is a short fact shown beside the author (« envoi échoué », « par délégation de … »).
    """
    mot_du_genre, nom_icone = ENTREES[genre]
    signe, ancre = icone(nom_icone, taille=16), dire(' id="{}"', id)
    moment = quand(date) if date else ()  # our own words: nothing to escape
    if genre == "evenement":
        dits = dire(' <span class="texte-2">par {}</span>', auteur)
        dits += dire(' <span class="texte-2">{}</span>', precision)
        if moment:
            dits += ' <time class="texte-2" datetime="{}" title="{}">{}</time>'.format(*moment)
        return mark_safe(f'<div class="evenement"{ancre}>{signe}<p>{sur(content)}{dits}</p></div>')
    return mark_safe(
        ENTREE.format(
            genre=genre,
            ancre=ancre,
            signe=signe,
            mot=sur(mot or mot_du_genre),
            auteur=dire(" <strong>{}</strong>", auteur),
            precision=dire(' <span class="texte-2">{}</span>', precision),
            destinataire=dire('<p class="texte-2 petit">à {}</p>', destinataire),
            canal=icone_canal(canal, taille=16) if canal else "",
            quand='<time datetime="{}" title="{}">{}</time>'.format(*moment) if moment else "",
            contenu=sur(content),
        )
    )


def dire(modele: str, valeur: object) -> str:
    """The piece of markup that says this value; nothing when there is none."""
    return modele.format(sur(valeur)) if valeur else ""


# Written here, not in a template of its own: a thread has dozens, and a template costs more than its words.
ENTREE = """
<article class="entree entree--{genre}"{ancre}>
  <header class="entree__tete">
    <span class="entree__signe">{signe}</span>
    <div class="entree__qui">
      <p><span class="entree__mot">{mot}</span>{auteur}{precision}</p>
      {destinataire}
    </div>
    <p class="entree__quand">{canal}{quand}</p>
  </header>
  <div class="entree__corps">{contenu}</div>
</article>
"""


@register.filter
def initiales(nom: str) -> str:
    """« Marie-Antoinette de La Rochefoucauld » → « MR »: first and last word that start with a capital."""
    mots = [mot for mot in str(nom).split() if mot[:1].isupper()] or str(nom).split()
    if not mots:
        return "?"
    return (mots[0][0] + (mots[-1][0] if len(mots) > 1 else "")).upper()


@register.filter
def qualite(compte) -> str:
    """What an agent is (« responsable d'accueil »), empty for an account with no agent behind."""
    return getattr(getattr(compte, "agent", None), "qualite", "")


register.simple_tag(adresse_sans, takes_context=True)
register.simple_tag(adresse_avec, takes_context=True)
