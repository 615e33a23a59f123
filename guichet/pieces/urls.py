"""Addresses of attachments, included under `/pieces/`."""

from django.urls import path

from guichet.pieces import views

urlpatterns = [
    path("<uuid:pk>/", views.servir, name="piece"),
    path("<uuid:pk>/vignette/", views.vignette, name="piece_vignette"),
    path("<uuid:pk>/pages/<int:rang>/", views.page, name="piece_page"),
]
