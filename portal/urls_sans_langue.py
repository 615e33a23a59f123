"""What engines ask for: one address each, whatever the language."""

from django.urls import path

from portal.views import pages

urlpatterns = [
    path("robots.txt", pages.robots, name="robots"),
    path("plan.xml", pages.plan, name="plan_xml"),
]
