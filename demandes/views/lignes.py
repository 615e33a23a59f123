"""The rows of the queue, from plain values to HTML.

A page has fifty of them and is read all day: each is one expression, which escapes whatever was typed, where
a template would cost more than reading the rows from the database.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from demandes import delais, horloges
from demandes.chapeaux import A1, A2, R1, R2, Chapeau
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.noms import Noms, noms
from demandes.rangees import Rangee
from demandes.reperes import Reperes
from demandes.views.acces import est_reservee
from demandes.views.signes import alleger, feuille
from guichet.socle.templatetags import composants
from guichet.socle.templatetags.dates import date_courte

# The gesture a row offers: who may, its name, the word on the button, its key.
PROCHAINS: dict[str, tuple[Chapeau, str, str, str]] = {
    Etat.NOUVELLE: (A1, "qualifier", "Qualifier", "q"),
    Etat.QUALIFIEE: (A1, "orienter", "Orienter", "o"),
    Etat.ORIENTEE: (A2, "prendre_en_charge", "Prendre", "t"),
    Etat.PRISE_EN_CHARGE: (A2, "repondre", "Répondre", "r"),
    Etat.PLANIFIEE: (A2, "repondre", "Répondre", "r"),
    Etat.A_VALIDER: (R2, "repondre", "Valider", "v"),
}

# What of a row has an icon.
AVEC_SIGNE = ("canal", "etat", "delai")

Ligne = dict[str, Any]


# -- what each row shows ---------------------------------------------------------------------------------


def lignes(rangees: Iterable[Rangee], auteur: Auteur, communs: Reperes) -> list[Ligne]:
    """What each row shows; a row that is not `est_lisible` keeps its content to itself."""
    # To the minute, as the clocks are read: what it says of one holds for the next page too.
    maintenant = timezone.localtime().replace(second=0, microsecond=0)
    nommes = noms()
    return [ligne(rangee, auteur, communs, nommes, maintenant) for rangee in rangees]


def ligne(rangee: Rangee, auteur: Auteur, communs: Reperes, nommes: Noms, maintenant: datetime) -> Ligne:
    est_lisible = rangee.lisible
    # What is over has no due date any more.
    fin = delais.finie_le(rangee)
    le = fin or rangee.echeance_service
    return {
        "numero": rangee.numero,
        "url": adresse_de("agent_demande", rangee.numero),
        "version": rangee.version,
        "objet": rangee.objet if est_lisible else "Contenu réservé",
        "type": (nommes.type(rangee.type_id).libelle or "Type à préciser") if est_lisible else "",
        "personne": nom_du_demandeur(rangee) if est_lisible else "",
        "lieu": lieu(rangee, nommes) if est_lisible else "",
        "canal": composants.icone_canal(rangee.canal),
        "etat": badge_de_l_etat(rangee.etat),
        "traitant": traitant(rangee, auteur, nommes) if est_lisible else "",
        "echeance": jour_court(le, maintenant.year) if le else "",
        "delai": delai(rangee, communs, nommes, maintenant),
        "est_finie": fin is not None,
        "est_urgente": rangee.est_urgente,
        "est_reservee": est_reservee(rangee),
        "est_lisible": est_lisible,
        "non_lu": rangee.a_message_non_lu,
        "prochain": prochain_geste(rangee, auteur, nommes),
    }


def nom_du_demandeur(rangee: Rangee) -> str:
    if rangee.usager_id is not None:
        return rangee.usager__raison_sociale or f"{rangee.usager__prenom} {rangee.usager__nom}".strip()
    return "Anonyme" if rangee.est_anonyme else "Demandeur inconnu"


def traitant(rangee: Rangee, auteur: Auteur, nommes: Noms) -> str:
    """Who holds it: the agent, else the direction for those who see several."""
    if rangee.agent_traitant_id is not None:
        return rangee.agent_traitant__nom_affiche or rangee.agent_traitant__courriel or ""
    assert auteur.perimetre is not None
    if rangee.direction_id is None or not auteur.perimetre.est_accueil:
        return ""
    return nommes.directions[rangee.direction_id]


def lieu(rangee: Rangee, nommes: Noms) -> str:
    territoire = "" if rangee.territoire_id is None else nommes.territoires[rangee.territoire_id]
    return ", ".join(filter(None, (rangee.adresse, territoire)))


def delai(rangee: Rangee, communs: Reperes, nommes: Noms, maintenant: datetime) -> SafeString:
    """The service clock as a counter."""
    horloge = delais.horloge_service(rangee)
    if horloge is None:
        return compteur(None, "jours_ouvres", False, False)
    direction_id = rangee.direction_id or nommes.type(rangee.type_id).direction_id
    return lue(horloge, direction_id, communs, maintenant)


@lru_cache(maxsize=4096)
def lue(
    horloge: horloges.HorlogeService, direction_id: int, communs: Reperes, maintenant: datetime
) -> SafeString:
    """A clock read `maintenant`: it says the same for a minute, to whoever looks."""
    reste = horloges.reste(horloge, maintenant, communs.calendrier(direction_id))
    return compteur(reste, str(horloge.unite), bool(horloge.suspendue_le), bool(horloge.arretee_le))


def prochain_geste(rangee: Rangee, auteur: Auteur, nommes: Noms) -> dict | None:
    """The one gesture a row offers, when this agent may make it."""
    if rangee.etat not in PROCHAINS or not rangee.lisible:
        return None
    chapeau, geste, mot, touche = PROCHAINS[rangee.etat]
    if rangee.etat == Etat.QUALIFIEE and rangee.arbitrage_demande_le:
        chapeau, mot = R1, "Arbitrer"
    a_signer = nommes.type(rangee.type_id).validation_requise
    if geste == "repondre" and rangee.etat != Etat.A_VALIDER and a_signer:
        geste, mot = "proposer_une_reponse", "Proposer"
    if chapeau not in auteur.chapeaux(rangee):
        return None
    url = adresse_de("agent_geste", rangee.numero, geste)
    return {"url": url, "mot": mot, "touche": touche, "est_immediat": geste == "prendre_en_charge"}


def adresse_de(nom: str, numero: str, *suite: str) -> str:
    """The address of a demande's page: each is resolved once, not once a row."""
    return modele_d_adresse(nom, *suite).replace("NUMERO", numero)


@lru_cache
def modele_d_adresse(nom: str, *suite: str) -> str:
    return reverse(nom, args=["NUMERO", *suite])


@lru_cache(maxsize=1024)
def jour_court(instant: datetime, annee: int) -> str:
    """The words of a due date. They depend on the current `annee`, which they leave out."""
    return date_courte(instant)


@lru_cache(maxsize=512)
def compteur(reste: int | None, unite: str, suspendu: bool, arrete: bool) -> SafeString:
    return composants.compteur_delai(reste, unite=unite, suspendu=suspendu, arrete=arrete)


@lru_cache
def badge_de_l_etat(etat: str) -> SafeString:
    """The state by its first words: « Orientée » is enough beside a button that says « Prendre », and
    « Transmise » where there is no room to say to whom."""
    return composants.badge_etat(etat, Etat(etat).label.partition(",")[0].partition(" à l'organisme")[0])


# -- how it is drawn -------------------------------------------------------------------------------------


def dessiner(lignes: Iterable[Ligne], *, ouverte: str, avec_choix: bool) -> SafeString:
    """The body of the table of `corbeille/_liste.html`, whose head says what each cell is.

    `ouverte`: number of the row whose sheet stands beside the list. `avec_choix`: with a box to tick.
    """
    return mark_safe("".join(une_ligne(ligne, ouverte, avec_choix) for ligne in lignes))


def signes(lignes: Iterable[Ligne]) -> SafeString:
    """The icons these rows point at, which stand before the table."""
    return feuille({ligne[nom] for ligne in lignes for nom in AVEC_SIGNE})


def une_ligne(ligne: Ligne, ouverte: str, avec_choix: bool) -> str:
    numero, url, suite = ligne["numero"], ligne["url"], escape(ligne["suite"])
    canal, etat, delai = (alleger(ligne[nom])[0] for nom in AVEC_SIGNE)
    classes = "est-non-lue" * ligne["non_lu"] + " est-urgente" * ligne["est_urgente"]
    classes += " est-finie" * ligne["est_finie"]
    courante = ' aria-current="true"' if numero == ouverte else ""
    return (
        f'<tr data-numero="{numero}" data-apercu="{url}apercu/?suite={suite}" class="{classes}"{courante}>'
        f"{cellule_du_choix(ligne) if avec_choix else ''}"
        '<td class="ligne__demande">'
        f'<span class="ligne__objet">{canal}'
        f'<a href="{url}" data-ligne>{escape(ligne["objet"])}</a></span>'
        f'<span class="ligne__sous"><span class="insecable">{numero}</span>{marques(ligne)}</span></td>'
        f'<td class="ligne__personne">{personne(ligne)}</td>'
        f'<td class="ligne__etat">{etat}{sous(ligne["traitant"])}</td>'
        f'<td class="ligne__delai">{delai}{sous(ligne["echeance"])}</td>'
        f'<td class="ligne__geste">{bouton_du_geste(ligne, suite)}</td></tr>\n'
    )


def cellule_du_choix(ligne: Ligne) -> str:
    if not ligne["est_lisible"]:
        return '<td class="tableau__choix"></td>'
    return (
        '<td class="tableau__choix">'
        f'<input type="checkbox" name="choix" value="{ligne["numero"]}:{ligne["version"]}"'
        f' aria-label="Cocher la demande {ligne["numero"]}"></td>'
    )


def marques(ligne: Ligne) -> str:
    marques = ""
    if ligne["non_lu"]:
        marques += ' <span class="ligne__non-lu">Message non lu</span>'
    if ligne["est_urgente"]:
        marques += ' <span class="ligne__urgente">Urgente</span>'
    if ligne["est_reservee"]:
        marques += ' <span class="ligne__reservee">Réservée</span>'
    if ligne["type"] and ligne["type"] != ligne["objet"]:
        marques += f' <span class="ligne__type">{escape(ligne["type"])}</span>'
    return marques


def personne(ligne: Ligne) -> str:
    if not ligne["personne"]:
        return ""
    return f'{escape(ligne["personne"])}<span class="ligne__sous">{escape(ligne["lieu"])}</span>'


def sous(mots: str) -> str:
    """A second line in a cell, when there is something to say on it."""
    return f'<span class="ligne__sous">{escape(mots)}</span>' if mots else ""


def bouton_du_geste(ligne: Ligne, suite: str) -> str:
    geste = ligne["prochain"]
    if geste is None:
        return ""
    classe = 'class="bouton bouton--secondaire bouton--petit"'
    touche = f'data-touche="{geste["touche"]}" aria-keyshortcuts="{geste["touche"]}"'
    mots = f'{geste["mot"]}<span class="visuellement-cache"> la demande {ligne["numero"]}</span>'
    adresse = f"{geste['url']}?suite={suite}"
    if not geste["est_immediat"]:
        return f'<a {classe} href="{adresse}" {touche}>{mots}</a>'
    return (
        f'<button type="submit" {classe} name="version" value="{ligne["version"]}"'
        f' formaction="{adresse}" {touche}>{mots}</button>'
    )
