"""What the life of the city is about."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sujet(models.TextChoices):
    """What a piece of news or an alert is about: what one subscribes to."""

    VIE_LOCALE = "vie_locale", _("Vie locale")
    DEPLACEMENTS = "deplacements", _("Déplacements et travaux")
    ENFANCE = "enfance", _("Enfance et écoles")
    CULTURE = "culture", _("Culture")
    SPORT = "sport", _("Sport")
    SOLIDARITES = "solidarites", _("Solidarités et seniors")
    ENVIRONNEMENT = "environnement", _("Propreté et nature")
    METEO = "meteo", _("Neige, canicule, intempéries")
