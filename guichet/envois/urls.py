"""Below /agent/."""

from django.urls import path

from guichet.envois import views

urlpatterns = [
    path("courriels/", views.courriels, name="courriels"),
    path("courriels/<int:pk>/", views.un_courriel, name="courriel"),
    path("courriels/<int:pk>/relancer/", views.relancer, name="relancer_courriel"),
]
