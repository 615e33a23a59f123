"""Below /agent/administration/."""

from django.urls import include, path

from demandes.administration import demonstration, ecrans, ecrans_formulaire, motifs, suggestion

urlpatterns = [
    path("configuration/", include("demandes.administration.configuration_urls")),
    path("demonstration/", demonstration.demonstration, name="administration_demonstration"),
    path("demarches/", ecrans.liste, name="administration_demarches"),
    path("demarches/nouvelle/", ecrans.creer, name="administration_demarche_creer"),
    path("demarches/<int:pk>/", ecrans.une, name="administration_demarche"),
    path("demarches/<int:pk>/publication/", ecrans.publier, name="administration_demarche_publier"),
    path("demarches/<int:pk>/copier/", ecrans.copier, name="administration_demarche_copier"),
    path("demarches/<int:pk>/formulaire/", ecrans_formulaire.formulaire, name="administration_formulaire"),
    path(
        "demarches/<int:pk>/formulaire/apercu/",
        ecrans_formulaire.apercu,
        name="administration_formulaire_apercu",
    ),
    path(
        "demarches/<int:pk>/formulaire/question/",
        ecrans_formulaire.ajouter,
        name="administration_champ_creer",
    ),
    path(
        "demarches/<int:pk>/formulaire/question/<str:nom>/",
        ecrans_formulaire.modifier,
        name="administration_champ_modifier",
    ),
    path(
        "demarches/<int:pk>/formulaire/service/",
        ecrans_formulaire.mettre_en_service,
        name="administration_formulaire_servir",
    ),
    path("demarches/<int:pk>/<slug:partie>/", ecrans.modifier, name="administration_demarche_modifier"),
    path("regles/", include("demandes.administration.urls_regles")),
    path("fiches/", include("demandes.administration.urls_fiches")),
    path("modeles/", include("demandes.administration.urls_modeles")),
    path("boites/", include("demandes.administration.urls_boites")),
    path("suggestion/", suggestion.suggestion, name="administration_suggestion"),
    path("motifs/", motifs.liste, name="administration_motifs"),
    path("motifs/nouveau/", motifs.creer, name="administration_motif_creer"),
    path("motifs/<int:pk>/", motifs.modifier, name="administration_motif"),
]
