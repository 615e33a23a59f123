"""What the city's editors write, and what leads there."""

from tests.fenetre import Ecrans, Visiteur


def pages(v: Visiteur) -> Ecrans:
    """Shelves, answers, news, places, a profile, then the plan and the menu."""
    yield "rubrique", v.aller("/proprete-et-dechets/")
    fiche = "/papiers-et-etat-civil/quels-papiers-faut-il-pour-se-marier-a-la-mairie/"
    yield "page-fiche", v.aller(fiche)
    yield "page-fiche-facile", v.aller(f"{fiche}?facile=oui")
    yield "page-demarche", v.aller("/rue-eclairage-et-eau/nid-de-poule-ou-chaussee-degradee/")
    yield "actualites", v.aller("/actualites/")
    yield "actualite", v.aller("/actualites/la-piscine-des-lavandieres-rouvre-ses-deux-bassins/")
    yield "agenda", v.aller("/agenda/?sujet=culture")
    yield "evenement", v.aller("/agenda/marche-des-createurs/")
    yield "alertes", v.aller("/alertes/")
    yield "alerte", v.aller("/alertes/neige-et-verglas-jusqua-demain-midi/")
    yield "equipements", v.aller("/lieux-et-horaires/")
    yield "equipements-aucun", v.aller("/lieux-et-horaires/?genre=ecole")
    yield "equipement", v.aller("/lieux-et-horaires/piscine-des-lavandieres/")
    yield "page-libre", v.aller("/faire-ses-demarches-sans-internet/")
    yield "mon-profil", v.aller("/mon-profil/")
    v.page.get_by_label("Parent").check()
    v.page.get_by_label("Votre arrondissement").select_option(label="3e – La Gare")
    v.bouton("Enregistrer mon profil")
    yield "accueil-d-un-profil", v.page
    yield "mon-profil-choisi", v.aller("/mon-profil/")
    yield "plan", v.aller("/plan/")
    v.page.get_by_text("Rubriques", exact=True).click()
    yield "menu", v.page
