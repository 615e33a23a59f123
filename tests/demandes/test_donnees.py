"""The shipped data: every reference resolves, every policy is whole, every demo story is playable."""

import json
import re
from collections import Counter
from datetime import timedelta
from importlib.resources import files

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker
from lucide.templatetags.lucide import lucide

from demandes.chapeaux import A1, A2, R1, R2, SYS, U
from demandes.etats import FINAUX, Etat
from demandes.formulaires import formulaire_pour
from demandes.models import Demande
from guichet.socle.coordonnees import (
    normaliser_courriel,
    normaliser_rna,
    normaliser_siret,
    normaliser_telephone,
)
from guichet.socle.demonstration import COMPTES, PORTE_AGENT
from guichet.socle.texte import plier

DONNEES = files("demandes") / "donnees"

MODELE = re.compile(r"\{\{ ([a-z_.]+) \}\}")
VARIABLES = {
    "usager.nom", "demande.numero", "demande.adresse", "direction.nom_public", "agent.signature",
    "complement.liste", "complement.echeance", "intervention.date", "rendez_vous.date", "rendez_vous.lieu",
    "organisme.nom", "organisme.contact", "decision.motif", "decision.voies_recours",
}  # fmt: skip

# cycle_de_vie.md, word for word.
MOTIFS_DU_CYCLE = {
    "reorienter": [
        "mauvaise_direction", "mauvais_territoire", "competence_partagee", "equipement_non_communal",
        "sujet_multiple",
    ],
    "rejeter": ["irrecevable", "abusif", "sans_objet", "hors_champ"],
    "annuler": ["usager", "erreur", "spam", "test"],
    "attendre_un_tiers": ["prestataire", "concessionnaire", "avis", "commande", "meteo", "arrete"],
    "rouvrir": ["non_resolu", "reapparu", "reponse_incomplete", "desaccord"],
    "classer_sans_suite": ["delai_expire", "usager_injoignable", "doublon"],
}  # fmt: skip

# Silences the catalogue leaves « special »: the delay and effect each text gives.
SPECIAUX = {
    "CCAS-DOMI": ((2, "mois"), "aucun"),
    "GEN-RGPD": ((1, "mois"), "rejet"),
    "ELE-INSC": ((5, "jours"), "aucun"),
    "PM-VIDE": ((30, "jours"), "rejet"),
    "URB-CU": ((1, "mois"), "acceptation"),
    "URB-PC": ((3, "mois"), "acceptation"),
}

# A kind of street, its small words, then a capital: what the messages call a street.
NOM_DE_VOIE = re.compile(
    r"\b(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lacette|[Pp]lace|[Qq]uai|[Cc]ours|[Ii]mpasse|[Cc]hemin|[Aa]llée"
    r"|[Mm]ontée|[Ss]quare|[Pp]ont|[Mm]ail|[Cc]arrefour|[Gg]iratoire|[Hh]ameau|[Cc]ité|[Ll]otissement"
    r"|[Dd]escente|[Ee]scaliers|[Pp]arc|[Jj]ardin)"
    r" (?:de la |de l'|des |du |de |aux )?[A-ZÉÈÎŒ][\w'’-]+(?: (?:Noyers|Mesmin)\b)?"
)
# Written without capitals, cut or joined: they are found by the names below.
VOIES_MAL_ECRITES = {
    "A006": "rue des Pinsons", "A013": "rue de la Verrerie", "A047": "place Saint-Mesmin",
    "A087": "rue Fabre-Loiseau", "A115": "chemin de la Sablonnière", "A243": "rond-point des Quatre-Vents",
    "A256": "rue Marie-Blanchet",
}  # fmt: skip
HORS_DE_LA_VILLE = {"impasse du chai"}  # in Saint-Ferréol, another town


def lire(nom: str):
    return json.loads((DONNEES / nom).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogue():
    return lire("catalogue.json")


@pytest.fixture(scope="module")
def politiques():
    return lire("politiques.json")


@pytest.fixture(scope="module")
def ville():
    return lire("demo_ville.json")


@pytest.fixture(scope="module")
def types(catalogue):
    return {type["code"]: type for type in catalogue["types"]}


@pytest.fixture(scope="module")
def messages():
    lignes = (DONNEES / "exemples_messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(ligne) for ligne in lignes]


@pytest.fixture(scope="module")
def organisation(catalogue):
    """Codes of the places: (points d'accueil, directions)."""
    return {p["code"] for p in catalogue["points_accueil"]}, {d["code"] for d in catalogue["directions"]}


@pytest.mark.parametrize("nom", ["catalogue", "politiques", "demo_ville", "fiches"])
def test_each_file_is_valid_against_its_schema(nom):
    schema = lire(f"{nom}.schema.json")
    Draft202012Validator.check_schema(schema)
    fautes = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(lire(f"{nom}.json"))
    assert [f"{list(faute.path)} : {faute.message}"[:300] for faute in fautes] == []


# -- policies


def test_every_type_of_the_catalogue_has_one_policy(politiques, types):
    assert len(types) == 112
    assert list(politiques["types"]) == list(types)


def test_silence_follows_the_catalogue_and_completes_the_special_regimes(politiques, types):
    for code, type in types.items():
        silence, source = politiques["types"][code]["silence"], type["silence"]
        assert silence["regime"] == source["regime"], code
        assert silence["base_legale"] == source["base_legale"], code
        delai = silence["delai"] and (silence["delai"]["valeur"], silence["delai"]["unite"])
        if source["regime"] == "special":
            assert (delai, silence["effet"]) == SPECIAUX[code], code
        else:
            assert delai == (source["mois"] and (source["mois"], "mois")), code
            assert silence["effet"] == {"sans_objet": "aucun"}.get(source["regime"], source["regime"]), code
    assert {code for code, type in types.items() if type["silence"]["regime"] == "special"} == set(SPECIAUX)


def test_silence_by_answer_reads_fields_of_the_type(politiques, types):
    cas = [(code, cas) for code, p in politiques["types"].items() for cas in p["silence"]["cas"]]
    assert Counter(code for code, _ in cas) == {"URB-CU": 2, "URB-PC": 2}
    for code, un in cas:
        assert un["si"]["vaut"] in valeurs_possibles(types[code], un["si"]["champ"])


def valeurs_possibles(type, nom):
    champ = next(champ for champ in type["champs"] if champ["nom"] == nom)
    return [True, False] if champ["type"] == "oui_non" else [choix["valeur"] for choix in champ["choix"]]


def test_an_acknowledgement_is_waived_only_where_no_decision_is_expected(politiques, types):
    for code, type in types.items():
        if not politiques["types"][code]["ar_requis"] and type["silence"]["regime"] != "sans_objet":
            # Documents handed out without any power of appreciation (CRPA, art. R112-4).
            assert code in {"EC-DECE", "EC-MARI", "EC-NAIS"}
    assert politiques["types"]["HYG-LOGI"]["ar_requis"], "its silence is a refusal"
    assert politiques["types"]["CCAS-CANI"]["ar_requis"]


def test_electronic_filing_is_closed_only_where_the_person_must_come(politiques):
    fermes = {code for code, p in politiques["types"].items() if not p["sve_autorisee"]}
    assert fermes == {"CCAS-DOMI", "EC-DOSM", "EC-PREN"}


def test_rules_route_alone_neither_level_one_nor_confidential_types(politiques, types):
    for code, type in types.items():
        if politiques["types"][code]["orientation_automatique"]:
            assert type["niveau"] == 2, code
            assert not type["confidentiel"], code
    assert all(
        politiques["types"][code]["orientation_automatique"] for code in ("VOI-DANG", "EAU-FUITE", "PRO-SERI")
    )


def test_urgent_types_say_whom_to_call(politiques, types):
    for code, type in types.items():
        consigne = politiques["types"][code]["urgence_consigne"]
        if type["urgent"]:
            assert re.search(r"\b(112|15|17|18)\b", consigne or ""), code


def test_answers_that_make_a_demande_urgent_are_answers_of_its_form(politiques, types):
    regles = {code: p["urgence_si"] for code, p in politiques["types"].items() if "urgence_si" in p}
    champs = {code: {c["nom"]: c for c in types[code]["champs"]} for code in regles}

    assert set(regles) == {"ESV-ARBR", "ESV-JEUX"}
    for code, conditions in regles.items():
        for si in conditions:
            assert (champs[code][si["champ"]]["type"], si["vaut"]) == ("oui_non", True)


def test_an_after_photo_is_asked_only_for_works_shown_on_the_public_map(politiques, types):
    exigees = {code for code, p in politiques["types"].items() if p["photo_apres_requise"]}
    assert exigees <= {code for code, type in types.items() if type["carte_publique"]}
    assert {"VOI-NID", "VOI-TROT", "PRO-DEPOT", "ESV-JEUX"} <= exigees


def test_money_and_rights_are_signed_by_a_second_person(politiques):
    for code in (
        "ASS-SUBV",
        "CCAS-AIDE",
        "EDU-FACT",
        "GEN-CADA",
        "GEN-ELU",
        "GEN-RGPD",
        "STA-RAPO",
        "VOI-SIN",
    ):
        assert politiques["types"][code]["validation_requise"], code


def test_retention_follows_the_defaults_of_the_law(politiques, types):
    for code, p in politiques["types"].items():
        duree = p["conservation"]["base_active_mois"] + p["conservation"]["intermediaire_mois"]
        if types[code]["nature"] == "signalement" and types[code]["acces"] == "anonyme":
            assert duree <= 24, code
    durees = {
        c: politiques["types"][c]["conservation"] for c in ("EC-NAIS", "CCAS-AIDE", "GEN-PAIE", "VOI-NID")
    }
    assert {c: d["base_active_mois"] + d["intermediaire_mois"] for c, d in durees.items()} == {
        "EC-NAIS": 60,
        "CCAS-AIDE": 60,
        "GEN-PAIE": 120,
        "VOI-NID": 12,
    }


def test_a_type_run_by_somebody_else_names_them(politiques, types):
    for code, type in types.items():
        assert (politiques["types"][code]["organisme_competent"] is not None) == (
            type["gestionnaire"] != "ville"
        ), code


def test_themes_exist_and_each_shelf_holds_types(politiques):
    themes = {theme["code"] for theme in politiques["themes"]}
    ranges = Counter(theme for p in politiques["types"].values() for theme in p["themes"])
    assert set(ranges) == themes
    assert min(ranges.values()) >= 5


def test_theme_icons_are_in_the_icon_library(politiques):
    for theme in politiques["themes"]:
        assert "<svg" in lucide(theme["icone"])


def test_everyday_words_are_not_the_keywords_again(politiques, types):
    for code, p in politiques["types"].items():
        connus = {plier(mot) for mot in types[code]["mots_cles"]}
        assert connus.isdisjoint(plier(mot) for mot in p["mots_du_quotidien"]), code


def test_motifs_are_those_of_the_life_cycle(politiques):
    par_geste: dict[str, list[str]] = {}
    for motif in politiques["motifs"]:
        par_geste.setdefault(motif["geste"], []).append(motif["code"])
    assert {geste: par_geste[geste] for geste in MOTIFS_DU_CYCLE} == MOTIFS_DU_CYCLE
    assert all(len(set(codes)) == len(codes) for codes in par_geste.values())
    assert {"renvoyer_a_l_accueil", "retour_externe", "retablir", "planifier"} <= set(par_geste)


def test_templates_use_known_variables_and_say_what_the_law_asks(politiques):
    modeles = {modele["code"]: modele["texte"] for modele in politiques["modeles"]}
    assert len(modeles) == len(politiques["modeles"])
    assert {variable for texte in modeles.values() for variable in MODELE.findall(texte)} <= VARIABLES
    for code in ("complement_rejet", "complement_acceptation"):
        assert "L114-5" in modeles[code]
        assert "{{ complement.liste }}" in modeles[code]
        assert "{{ complement.echeance }}" in modeles[code]
    for code in ("rejet_irrecevable", "rejet_abusif"):
        assert "{{ decision.voies_recours }}" in modeles[code]
    assert "deux mois" in politiques["voies_recours"]
    assert "Télérecours citoyens" in politiques["voies_recours"]
    assert "L114-2" in modeles["transmission"]


def test_templates_and_motifs_belong_to_gestures_of_the_machine(politiques):
    gestes = {t.name for t in transitions()} | {"ecrire_a_l_usager"}
    assert {x["geste"] for x in politiques["motifs"]} <= gestes
    assert {x["geste"] for x in politiques["modeles"]} <= gestes


def test_routing_rules_name_real_fields_values_and_directions(politiques, types, catalogue, organisation):
    directions = {d["code"]: d for d in catalogue["directions"]}
    ordres = [regle["ordre"] for regle in politiques["regles"]]
    assert ordres == sorted(set(ordres))
    assert len(ordres) >= 12
    for regle in politiques["regles"]:
        type = types[regle["si"]["type"]]
        assert regle["direction"] in directions
        # A rule never carries a demande out of its walled secteur.
        assert type["secteur"] in ("general", directions[regle["direction"]]["secteur"])
        for reponse in regle["si"].get("reponses", []):
            assert reponse["vaut"] in valeurs_possibles(type, reponse["champ"]), regle["libelle"]


# -- the city


@pytest.fixture(scope="module")
def lieux_connus(ville):
    lignes = ville["voies"] + ville["lieux"]
    return {plier(nom) for ligne in lignes for nom in (ligne["nom"], *ligne["alias"])}


def commence_par_un_lieu(texte, lieux_connus):
    mots = plier(texte).split(" ")
    return any(" ".join(mots[:n]) in lieux_connus for n in range(1, len(mots) + 1))


def texte_de(message):
    return "\n".join(filter(None, [message["objet"], message["texte"], message["identite"]["adresse"]]))


def test_every_street_named_in_the_messages_is_known(messages, lieux_connus):
    trouvees = 0
    for message in messages:
        texte = texte_de(message)
        for voie in NOM_DE_VOIE.finditer(texte):
            suite = re.split(r"[,.;:!?()\n]", texte[voie.start() : voie.start() + 80])[0]
            if plier(voie[0]) in HORS_DE_LA_VILLE:
                continue
            trouvees += 1
            assert commence_par_un_lieu(suite, lieux_connus), f"{message['id']} : {suite}"
    assert trouvees > 120
    assert {plier(nom) for nom in VOIES_MAL_ECRITES.values()} <= lieux_connus
    assert set(VOIES_MAL_ECRITES) <= {message["id"] for message in messages}


def test_every_postal_address_of_the_city_gives_its_district(catalogue, politiques, ville):
    adresses = [lieu["adresse"] for lieu in (*catalogue["points_accueil"], *catalogue["directions"])]
    adresses += [organisme["adresse"] for organisme in politiques["organismes"]]
    adresses += [usager["adresse"] for usager in ville["usagers"]]
    adresses += [demande["adresse"] for demande in ville["demandes"] if demande["adresse"]]
    assert len(adresses) > 100
    for adresse in adresses:
        numero = re.search(r"\b6998(\d)\b", adresse)[1]
        assert arrondissement_de(adresse, ville) == f"arr_{numero}", adresse


def arrondissement_de(adresse, ville):
    """The district of « 12 bis rue X, 69985 … » by the street list; any part of it may be the street."""
    for partie in adresse.split(","):
        lu = re.fullmatch(r"\s*(?:(\d+)(?: bis| ter)? )?(.+?)\s*", partie)
        for voie in ville["voies"] + ville["lieux"]:
            if plier(lu[2]) in {plier(nom) for nom in (voie["nom"], *voie["alias"])} and contient(
                voie, lu[1]
            ):
                return voie["arrondissement"]
    return None


def contient(voie, numero):
    if voie.get("de") is None:
        return True
    pair = {"pair": True, "impair": False}.get(voie["parite"])
    n = int(numero or 0)
    return voie["de"] <= n <= voie["a"] and pair in (None, n % 2 == 0)


def test_streets_are_many_reach_every_district_and_do_not_overlap(ville):
    noms = {voie["nom"] for voie in ville["voies"]}
    assert len(noms) >= 250
    assert {voie["arrondissement"] for voie in ville["voies"]} == {f"arr_{n}" for n in range(1, 10)}
    for nom in noms:
        lignes = [voie for voie in ville["voies"] if voie["nom"] == nom]
        for n in range(1, 300) if len(lignes) > 1 else ():
            assert sum(contient(ligne, n) for ligne in lignes) <= 1, (nom, n)
        assert len(lignes) == 1 or all(ligne["de"] for ligne in lignes), nom


def test_demo_logins_are_there(ville):
    agents = {agent["courriel"] for agent in ville["agents"]}
    attendus = {compte.courriel for compte in COMPTES if compte.porte == PORTE_AGENT}
    assert attendus <= agents
    assert {c.courriel for c in COMPTES} - attendus == {u["compte"] for u in ville["usagers"] if u["compte"]}


def test_agents_hold_their_roles_in_real_places(ville, organisation):
    points, directions = organisation
    roles = Counter()
    for agent in ville["agents"]:
        for affectation in agent["affectations"]:
            role = affectation["role"]
            roles[role] += 1
            assert (affectation["point_accueil"] in points) == (
                role in {"agent_accueil", "responsable_accueil"}
            )
            assert (affectation["direction"] in directions) == ("direct" in role)
    assert set(roles) == {
        "agent_accueil", "responsable_accueil", "agent_direction", "responsable_direction", "administrateur",
        "directeur", "elu", "editeur", "redacteur", "dpo", "archives",
    }  # fmt: skip


def test_closed_days_are_for_real_places(ville, organisation):
    points, directions = organisation
    for jour in ville["jours_fermes"]:
        assert jour["point_accueil"] in points | {None}
        assert jour["direction"] in directions | {None}
    assert "2026-05-15" in {jour["jour"] for jour in ville["jours_fermes"]}


def test_residents_are_hard_to_tell_apart(ville):
    usagers = {usager["ref"]: usager for usager in ville["usagers"]}
    assert len(usagers) == len(ville["usagers"]) == 40
    noms = Counter(plier(f"{u['prenom']} {u['nom']}") for u in usagers.values())
    assert noms["jean martin"] == noms["marie dubois"] == 2
    jumeaux = [u for u in usagers.values() if u["nom"] == "Fontanel"]
    assert len({u["date_naissance"] for u in jumeaux}) == 1
    couple = [u["coordonnees"][0]["valeur"] for u in usagers.values() if u["nom"] == "Vignon"]
    assert len(couple) == 2
    assert len(set(couple)) == 1
    longue = usagers["marie_antoinette"]
    assert longue["nom"] == "de La Rochefoucauld-Montbel"
    assert len(longue["adresse"]) == 90
    assert usagers["elodie"]["compte"] == "usager@demo.example"
    assert not usagers["elodie"]["identite_verifiee"]


def test_coordinates_and_identifiers_normalise(ville):
    for usager in ville["usagers"]:
        for coordonnee in usager["coordonnees"]:
            normaliser = normaliser_telephone if coordonnee["genre"] == "telephone" else normaliser_courriel
            assert normaliser(coordonnee["valeur"])
        if usager["genre"] != "particulier":
            assert usager["siret"] is None or normaliser_siret(usager["siret"]) == usager["siret"]
            assert usager["rna"] is None or normaliser_rna(usager["rna"]) == usager["rna"]
            assert usager["raison_sociale"]


# -- the demandes


def resoudre(reponses):
    """« J+12 » and « J-3 » are counted from today."""
    aujourd_hui = timezone.localdate()
    resolues = {}
    for nom, valeur in reponses.items():
        if isinstance(valeur, str) and (relatif := re.fullmatch(r"J([+-]\d+)", valeur)):
            valeur = (aujourd_hui + timedelta(days=int(relatif[1]))).isoformat()
        resolues[nom] = valeur
    return resolues


def saisie(valeur):
    return {True: "oui", False: "non"}[valeur] if isinstance(valeur, bool) else valeur


def test_answers_are_what_the_real_form_would_keep(ville, types):
    for demande in ville["demandes"]:
        champs = types[demande["type"]]["champs"]
        reponses = resoudre(demande["reponses"])
        formulaire = formulaire_pour(
            champs, donnees={nom: saisie(valeur) for nom, valeur in reponses.items()}
        )
        assert formulaire.is_valid(), (demande["ref"], formulaire.errors)
        assert formulaire.reponses() == reponses, demande["ref"]


def test_demandes_name_real_places_people_and_channels(ville, catalogue):
    points = {p["code"]: p for p in catalogue["points_accueil"]}
    usagers = {usager["ref"] for usager in ville["usagers"]}
    agents = {agent["courriel"] for agent in ville["agents"]}
    references = [demande["ref"] for demande in ville["demandes"]]
    assert len(set(references)) == len(references) >= 45
    for demande in ville["demandes"]:
        assert demande["point_accueil"] in points
        assert demande["usager"] in usagers | {None}
        assert demande["saisie_par"] in agents | {None}
        assert (demande["saisie_par"] is None) or demande["canal"] != "portail"
        if demande["canal"] in points[demande["point_accueil"]]["canaux"]:
            continue
        assert demande["canal"] in {"facebook", "x", "mastodon"} or demande["canal"] == "sms", demande["ref"]


def test_the_queue_of_the_roads_and_the_resident_are_rich(ville):
    assert sum(demande["type"].startswith("VOI-") for demande in ville["demandes"]) >= 12
    siennes = [demande for demande in ville["demandes"] if demande["usager"] == "elodie"]
    assert len(siennes) >= 6
    assert len({jouer(demande, ville) for demande in siennes}) >= 5


def direction_par_regle(demande, type, politiques):
    """What `demandes.orientation` proposes: the first matching rule, else the type's own direction."""
    for regle in politiques["regles"]:
        si = regle["si"]
        if si["type"] != demande["type"] or si.get("arrondissement") not in (None, demande["arrondissement"]):
            continue
        if all(demande["reponses"].get(r["champ"]) == r["vaut"] for r in si.get("reponses", [])):
            return regle["direction"]
    return type["direction"]


def transitions():
    return list(Demande._meta.get_field("etat").get_all_transitions(Demande))


def jouer(demande, ville, types=None, politiques=None):
    """Play a story on the declared graph alone; with `types` and `politiques`, check each author's right."""
    etat, avant, direction = Etat.NOUVELLE, None, None
    proposee = direction_par_regle(demande, types[demande["type"]], politiques) if types else "?"
    for etape in demande["histoire"]:
        arete = next((t for t in transitions() if t.name == etape["geste"] and t.source == etat), None)
        if arete is None:
            assert etape["geste"] in SANS_CHANGEMENT, f"{demande['ref']} : {etape['geste']} depuis {etat}"
            continue
        if types:
            verifier_le_chapeau(arete, etape, demande, direction, ville, types)
        if etape["geste"] in {"orienter", "reorienter"}:
            direction = etape.get("direction", proposee)
        if etape["geste"] in {"renvoyer_a_l_accueil", "retour_externe"}:
            direction = None
        if isinstance(arete.target, str):
            avant, etat = etat, arete.target
        elif etape["geste"] == "rouvrir":
            etat = Etat.ORIENTEE if direction else Etat.QUALIFIEE
        else:
            etat = avant
    return etat


SANS_CHANGEMENT = {"ajouter_une_note", "ecrire_a_l_usager", "ecrire_a_la_ville", "transferer_la_propriete"}


def verifier_le_chapeau(arete, etape, demande, direction, ville, types):
    """The author of each step wears a hat that the edge asks for."""
    if etape["par"] in {"usager", "systeme"}:
        portes = {U if etape["par"] == "usager" else SYS}
    else:
        portes = chapeaux(etape["par"], demande, direction, ville, types[demande["type"]]["secteur"])
    assert not arete.permission.acteurs.isdisjoint(portes), (
        f"{demande['ref']} : {etape['geste']} par {etape['par']}"
    )


def chapeaux(courriel, demande, direction, ville, secteur):
    agent = next(agent for agent in ville["agents"] if agent["courriel"] == courriel)
    portes = set()
    for affectation in agent["affectations"]:
        if secteur not in affectation["secteurs"]:
            continue
        if affectation["point_accueil"]:
            portes.add(A1)
            if (
                affectation["role"] == "responsable_accueil"
                and affectation["point_accueil"] == demande["point_accueil"]
            ):
                portes.add(R1)
        elif affectation["direction"] == direction:
            portes.add(R2 if affectation["role"] == "responsable_direction" else A2)
    return portes


def test_every_story_can_be_played_by_its_authors(ville, types, politiques):
    etats = Counter(jouer(demande, ville, types, politiques) for demande in ville["demandes"])
    assert set(etats) == set(Etat), "every state is shown at least once"


def test_steps_carry_known_motifs_organisms_and_principals(ville, politiques):
    motifs = {(motif["geste"], motif["code"]): motif["exige_commentaire"] for motif in politiques["motifs"]}
    organismes = {organisme["code"] for organisme in politiques["organismes"]}
    vues: set[str] = set()
    for demande in ville["demandes"]:
        for etape in demande["histoire"]:
            if "motif" in etape:
                exige = motifs[etape["geste"], etape["motif"]]
                assert not exige or etape.get("commentaire") or etape.get("texte"), demande["ref"]
            if "organisme" in etape:
                assert etape["organisme"] in organismes
            if "principale" in etape:
                assert etape["principale"] in vues
        vues.add(demande["ref"])


def test_answers_respect_signatures_remedies_and_photos(ville, politiques):
    for demande in ville["demandes"]:
        politique = politiques["types"][demande["type"]]
        gestes = [etape["geste"] for etape in demande["histoire"]]
        for rang, etape in enumerate(demande["histoire"]):
            if etape.get("decision") in {"refus", "accord_partiel"}:
                assert "Télérecours" in etape["voies_recours"]
            if etape["geste"] != "repondre":
                continue
            if politique["validation_requise"]:
                redacteur = demande["histoire"][gestes.index("proposer_une_reponse")]["par"]
                assert gestes.index("proposer_une_reponse") < rang
                assert redacteur != etape["par"]
            assert etape.get("photo_apres", False) == politique["photo_apres_requise"], demande["ref"]


def test_time_runs_forward_in_every_story_whatever_the_day(ville):
    for decalage in range(7):
        maintenant = timezone.localtime().replace(hour=18, minute=0) + timedelta(days=decalage)
        for demande in ville["demandes"]:
            instants = [instant(demande["recue_il_y_a"], maintenant)]
            instants += [instant(etape["il_y_a"], maintenant) for etape in demande["histoire"]]
            assert instants == sorted(instants), demande["ref"]
            assert instants[-1] <= maintenant


def instant(age, maintenant):
    """The moment so long before now; working days here are Monday to Friday."""
    if age["unite"] in ("minutes", "heures"):
        return maintenant - timedelta(
            **{{"minutes": "minutes", "heures": "hours"}[age["unite"]]: age["valeur"]}
        )
    jour, reste = maintenant, age["valeur"]
    while reste:
        jour -= timedelta(days=1)
        reste -= age["unite"] == "jours" or jour.weekday() < 5
    heure, minute = map(int, age["heure"].split(":"))
    return jour.replace(hour=heure, minute=minute, second=0, microsecond=0)


def test_some_demandes_are_urgent_late_due_today_or_long(ville, types):
    def anciennete(demande):
        age, delai = demande["recue_il_y_a"], types[demande["type"]]["delai"]
        comparable = age["unite"] == "jours_ouvres" and delai["unite"] == "jours_ouvres"
        return age["valeur"] - delai["valeur"] if comparable else None

    ouvertes = [
        demande for demande in ville["demandes"] if jouer(demande, ville) not in (*FINAUX, Etat.TRAITEE)
    ]
    ecarts = Counter((anciennete(demande) or 0) > 0 for demande in ouvertes)
    assert ecarts[True] >= 3, "several late"
    assert sum(anciennete(demande) == 0 for demande in ouvertes) >= 3, "several due today"
    assert any(demande["est_urgente"] for demande in ouvertes)
    assert max(len(demande["histoire"]) for demande in ouvertes) >= 10, "one long thread"


# -- the fiches


def test_fiches_point_to_real_types_and_do_not_repeat_the_catalogue(types):
    fiches = lire("fiches.json")["fiches"]
    assert len({fiche["code"] for fiche in fiches}) == len(fiches) >= 25
    questions = {plier(type["fiche"]["question"]) for type in types.values() if type["fiche"]}
    for fiche in fiches:
        assert set(fiche["types"]) <= set(types), fiche["code"]
        assert plier(fiche["question"]) not in questions, fiche["code"]
