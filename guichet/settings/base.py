"""Settings common to every environment. The environment is read in this package only."""

import os
import tomllib
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

RACINE = Path(__file__).resolve().parent.parent.parent


def lire_booleen(nom: str, *, defaut: bool = False) -> bool:
    """Read a yes/no environment variable; an empty value means the default."""
    valeur = os.environ.get(nom, "").strip().lower()
    return defaut if not valeur else valeur in {"1", "oui", "true", "yes"}


def lire_heures(texte: str) -> tuple[int, int]:
    """Read « 8-20 »."""
    debut, fin = (int(heure) for heure in texte.split("-"))
    if not 0 <= debut < fin <= 24:
        raise ImproperlyConfigured(f"GUICHET_SMS_HEURES : « {texte} » n'est pas un intervalle comme 8-20.")
    return debut, fin


def lire_liste(nom: str) -> tuple[str, ...]:
    """Read values separated by commas: secrets valid today, a new one and the one it replaces."""
    return tuple(valeur.strip() for valeur in os.environ.get(nom, "").split(",") if valeur.strip())


# Where the city's own files live: attachments, demo mails, embedded database.
GUICHET_DONNEES = Path(os.environ.get("GUICHET_DONNEES") or RACINE / "var").resolve()
GUICHET_DEMO = lire_booleen("GUICHET_DEMO")
GUICHET_VERSION = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# Who the city is until its administrator says so. `accent` names a palette of static/guichet/css/accents.css.
GUICHET_VILLE = {
    "nom": "Villeneuve-sur-Saône",
    "adresse": "1 place de l'Hôtel-de-Ville, 69981 Villeneuve-sur-Saône",
    "telephone": "04 65 71 00 00",
    "telephone_lien": "tel:+33465710000",
    "courriel": "contact@villeneuve-sur-saone.example",
    "mention": "Ville fictive de démonstration : les noms, adresses, codes, téléphones et courriels "
    "ne désignent aucun service réel.",
    "accent": "sarcelle",
}

DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "guichet.socle",
    "guichet.organisation",
    "guichet.pieces",
    "guichet.envois",
    "usagers",
    "demandes",
    "portal",
    "wagtail.contrib.redirects",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_htmx",
    "lucide",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "guichet.socle.mandataires.MandatairesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "guichet.socle.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guichet.socle.langues.LangueMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "guichet.socle.web.SansCaractereNulMiddleware",
    "guichet.organisation.portes.PorteRequiseMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guichet.socle.web.ErreurMetierMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "guichet.urls"
WSGI_APPLICATION = "guichet.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [RACINE / "guichet" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guichet.socle.web.contexte_de_page",
                "guichet.organisation.menu.menu_agent",
                "demandes.views.contacts.contact",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.config(
        default="postgresql:///guichet", conn_max_age=60, conn_health_checks=True
    ),
}
# A server that accepts and says nothing: the health page must tell it in time, not hang with it.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# What guichet/socle/pret.py asks for is kept ready on the connection, and nothing else.
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 5)
# Compiling a query takes longer than any of ours runs (docs/adr/0038).
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organisation.Compte"
# One Compte per (espace, courriel): the backend takes the espace, so the e-mail alone need not be unique.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "guichet.organisation.portes.PorteBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{nom}"}
    for nom in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("connexion")
LOGIN_REDIRECT_URL = reverse_lazy("accueil")

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
# `authenticate()` is given « username » at both doors, whatever the account calls it.
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "organisation/trop_d_essais.html"
AXES_SENSITIVE_PARAMETERS = ["username", "password"]

LANGUAGE_CODE = "fr"
# The address says which: French without a prefix, English under /en/ (guichet/socle/langues.py).
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [RACINE / "guichet" / "locale"]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
USE_I18N = True
USE_TZ = True
# Every legal date is computed in this zone (domaine.md, pitfall 13).
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/statiques/"
STATIC_ROOT = RACINE / "staticfiles"
STATICFILES_DIRS = [RACINE / "guichet" / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": GUICHET_DONNEES / "medias"},
    },
    # Attachments: never below a folder that a web server could publish.
    "pieces": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": GUICHET_DONNEES / "pieces",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_URL = "/medias/"

# No inline script, no inline style, nothing from elsewhere; Wagtail's own admin is the one exception.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/gestion/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "guichet.socle.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "guichet.socle.web.formulaire_expire"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Ringing the doorbell is bounded: a dead broker must not slow a request down.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "visibility_timeout": 600,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "battement": {"task": "guichet.envois.tasks.battre", "schedule": 15},
    "dessiner-les-pages": {"task": "guichet.pieces.tasks.dessiner_les_pages", "schedule": 15},
    "balayer-envois": {"task": "guichet.envois.tasks.balayer", "schedule": 20},
    "balayer-receptions": {"task": "demandes.tasks.balayer_receptions", "schedule": 30},
    "relever-le-courrier": {"task": "demandes.tasks.relever_le_dossier_de_courrier", "schedule": 30},
    "composer-les-lettres": {"task": "demandes.tasks.composer_les_lettres", "schedule": 20},
    "lire-les-feuilles": {"task": "demandes.tasks.lire_les_feuilles", "schedule": 20},
    "lire-les-lettres": {"task": "demandes.tasks.lire_les_lettres", "schedule": 20},
    "relever-les-reseaux": {"task": "demandes.tasks.relever_les_reseaux", "schedule": 30},
    "relire-les-reseaux": {"task": "demandes.tasks.relire_les_reseaux", "schedule": 600},
    "garder-les-images": {"task": "demandes.tasks.garder_les_images", "schedule": 20},
    "verifier-les-cles": {"task": "demandes.tasks.verifier_les_cles", "schedule": 3600},
    "suivre-les-echeances": {"task": "demandes.tasks.suivre_les_echeances", "schedule": 300},
    "veiller-aux-urgences": {"task": "demandes.tasks.veiller_aux_urgences", "schedule": 30},
    "fermer-les-comptes": {"task": "demandes.tasks.fermer_les_comptes", "schedule": 600},
    "effacer-les-traces-d-appels": {"task": "demandes.tasks.effacer_les_traces_d_appels", "schedule": 3600},
    "reapprendre-les-suggestions": {"task": "demandes.tasks.reapprendre_les_suggestions", "schedule": 3600},
    "effacer-les-brouillons": {"task": "demandes.tasks.effacer_les_brouillons", "schedule": 3600},
    "publier-les-pages": {"task": "portal.tasks.publier_les_pages_planifiees", "schedule": 60},
    "prevenir-les-abonnes": {"task": "portal.tasks.prevenir_les_abonnes", "schedule": 10},
    "effacer-les-abonnements": {"task": "portal.tasks.effacer_les_abonnements", "schedule": 3600},
    "effacer-les-retours": {"task": "portal.tasks.effacer_les_retours", "schedule": 86400},
    "relever-les-liens": {"task": "portal.tasks.relever_les_liens", "schedule": 3600},
    "verifier-les-liens": {"task": "portal.tasks.verifier_les_liens", "schedule": 900},
    "garnir-le-portail": {"task": "portal.tasks.garnir_le_portail", "schedule": 900},
}

# Dotted paths a lower room calls without importing the higher one.
GUICHET_SONDES = [
    "guichet.socle.sante.sonder_base",
    "guichet.envois.sondes.sonder_worker",
    "guichet.envois.sondes.sonder_envois",
    "guichet.organisation.sondes.sonder_departs",
    "demandes.sondes.sonder_receptions",
    "demandes.sondes.sonder_reseaux",
    "demandes.sondes.sonder_boites",
]
# attachments: (Piece, request) -> bool, one entry per kind of owner
GUICHET_DROITS_PIECES = [
    "demandes.droits.peut_lire_la_piece",
]
# what forbids closing a direction or a desk: (lieu) -> list of `lieux.Attache`
GUICHET_ATTACHES_DES_LIEUX = [
    "demandes.attaches.attaches_du_lieu",
]
# what waits behind an entry of the agents' rail, by the name of its address: (perimetre) -> how many
GUICHET_COMPTES_DU_MENU = {
    "agent_arrivees": "demandes.decomptes.compter_les_arrivees",
}
# what leaves without a holder when an agent does: (compte) -> list of `lieux.Attache`
GUICHET_TENUS_PAR_UN_AGENT = [
    "demandes.attaches.tenus_par_l_agent",
]
# address of the page where an agent's departure is prepared, by its name; given the agent's id
GUICHET_DEPART_D_UN_AGENT = "administration_agent_depart"
# what else a mail that came back changes: (envoi, est_morte: whether no other mail would arrive)
GUICHET_COURRIELS_REVENUS = [
    "portal.abonnements.apprendre_un_retour",
]
# the way into the outbox, for the rooms below it
GUICHET_DEPOSER_ENVOI = "guichet.envois.boite.deposer"
GUICHET_DEPOSER_ENVOIS = "guichet.envois.boite.deposer_plusieurs"
# who the city is, for the room below: () -> dict with the keys of GUICHET_VILLE, and `couleurs`
GUICHET_LIRE_VILLE = "guichet.organisation.ville.lire"
# sections of /agent/administration/, in their order: each a `cadre.Section`
GUICHET_ADMINISTRATION = [
    "guichet.organisation.administration.ville.SECTION",
    "guichet.organisation.administration.agents.SECTION",
    "guichet.organisation.administration.lieux.SECTION_DIRECTIONS",
    "guichet.organisation.administration.lieux.SECTION_ACCUEILS",
    "guichet.organisation.administration.jours_fermes.SECTION",
    "demandes.administration.ecrans.SECTION",
    "demandes.administration.ecrans_regles.SECTION",
    "demandes.administration.motifs.SECTION",
    "demandes.administration.ecrans_fiches.SECTION",
    "demandes.administration.modeles_reponse.SECTION",
    "demandes.administration.boites.SECTION",
    "demandes.administration.suggestion.SECTION",
    "demandes.administration.configuration.SECTION",
    "demandes.administration.demonstration.SECTION",
    "guichet.organisation.administration.modifications.SECTION",
]

# what `make run` starts beside the worker, once a statement finds a row: (name, command, statement)
GUICHET_SERVICES = [
    (
        "boîtes de courriel",
        "relever_courriels",
        "SELECT FROM demandes_boitecourriel WHERE est_active AND serveur <> '' LIMIT 1",
    ),
]

GUICHET_PIECES_TAILLE_MAX = 10 * 1024 * 1024  # bytes
# Socket of a ClamAV daemon; where there is none, attachments are not scanned and the logs say so.
GUICHET_CLAMAV = os.environ.get("GUICHET_CLAMAV", "/run/clamav/clamd.ctl")

# Scanned mail: a folder where a scanner drops its files (none by default), what separates two letters there
# (« separateur », « blanche » or « fichier »), and whether sheets are scanned on both sides.
GUICHET_COURRIER_DOSSIER = os.environ.get("GUICHET_COURRIER_DOSSIER", "")
GUICHET_COURRIER_COUPE = os.environ.get("GUICHET_COURRIER_COUPE", "separateur")
GUICHET_COURRIER_RECTO_VERSO = lire_booleen("GUICHET_COURRIER_RECTO_VERSO")
GUICHET_COURRIER_TAILLE_MAX = 100 * 1024 * 1024  # bytes of one file: two hundred pages

# Outgoing e-mail: « dossier » writes .eml files (demo), « smtp » speaks to a server.
GUICHET_COURRIEL = os.environ.get("GUICHET_COURRIEL", "dossier")
GUICHET_COURRIEL_DOSSIER = GUICHET_DONNEES / "courriels"
GUICHET_COURRIEL_EXPEDITEUR = os.environ.get(
    "GUICHET_COURRIEL_EXPEDITEUR", "Guichet de la ville <ne-pas-repondre@villeneuve-sur-saone.example>"
)
# Where residents answer by mail, « reponse@ville.fr »: its server must deliver « reponse+…@ville.fr » too.
# A folder of one's own mails, for `eprouver_courriels` and the tests that read many.
CORPUS = os.environ.get("CORPUS", "")
GUICHET_COURRIEL_REPONSE = os.environ.get("GUICHET_COURRIEL_REPONSE", "")
# Passwords of the mailboxes: the administration names the variable of each, and can name no other variable.
GUICHET_BOITES = {nom: valeur for nom, valeur in os.environ.items() if nom.startswith("GUICHET_BOITE_")}
EMAIL_HOST = os.environ.get("SMTP_HOTE", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SMTP_UTILISATEUR", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_MOT_DE_PASSE", "")
EMAIL_USE_TLS = lire_booleen("SMTP_TLS")
EMAIL_TIMEOUT = 15

# SMS: « http » posts to an operator, « dossier » writes files (demo), nothing sends none.
GUICHET_SMS_URL = os.environ.get("GUICHET_SMS_URL", "")
GUICHET_SMS = "http" if GUICHET_SMS_URL else ""
GUICHET_SMS_JETON = os.environ.get("GUICHET_SMS_JETON", "")
GUICHET_SMS_EXPEDITEUR = os.environ.get("GUICHET_SMS_EXPEDITEUR", "")
GUICHET_SMS_CORPS = os.environ.get("GUICHET_SMS_CORPS") or (
    '{"to": "{destinataire}", "text": "{texte}", "from": "{expediteur}", "reference": "{reference}"}'
)
# Hours between which SMS leave: what is written at night waits for the morning.
GUICHET_SMS_HEURES = lire_heures(os.environ.get("GUICHET_SMS_HEURES") or "8-20")
GUICHET_SMS_DOSSIER = GUICHET_DONNEES / "sms"

# The city's account on a Mastodon server, its access key, and the day the key ends if it does (2027-01-31).
GUICHET_MASTODON_ADRESSE = os.environ.get("GUICHET_MASTODON_ADRESSE", "")
GUICHET_MASTODON_JETON = os.environ.get("GUICHET_MASTODON_JETON", "")
GUICHET_MASTODON_JETON_FIN = os.environ.get("GUICHET_MASTODON_JETON_FIN", "")

# The city's page on Facebook, its access key, and the application that the key was made for.
GUICHET_FACEBOOK_PAGE = os.environ.get("GUICHET_FACEBOOK_PAGE", "")
GUICHET_FACEBOOK_JETON = os.environ.get("GUICHET_FACEBOOK_JETON", "")
GUICHET_FACEBOOK_APPLICATION = os.environ.get("GUICHET_FACEBOOK_APPLICATION", "")
GUICHET_FACEBOOK_ADRESSE = os.environ.get("GUICHET_FACEBOOK_ADRESSE") or "https://graph.facebook.com/v23.0"

# The city's account on X: the application's key (its secret is GUICHET_SECRET_X), then the account's own.
GUICHET_X_CLE = os.environ.get("GUICHET_X_CLE", "")
GUICHET_X_JETON = os.environ.get("GUICHET_X_JETON", "")
GUICHET_X_JETON_SECRET = os.environ.get("GUICHET_X_JETON_SECRET", "")
GUICHET_X_ADRESSE = os.environ.get("GUICHET_X_ADRESSE") or "https://api.x.com"

# Origins inside the house that pictures of posts may come from; outside, only the public network is asked.
GUICHET_MEDIAS_INTERNES = tuple(o.rstrip("/") for o in lire_liste("GUICHET_MEDIAS_INTERNES"))

# Who may post to us, and what they sign with: a source without a secret is closed.
GUICHET_SECRETS = {
    "sms": lire_liste("GUICHET_SECRET_SMS"),
    "telephonie": lire_liste("GUICHET_SECRET_TELEPHONIE"),
    "facebook": lire_liste("GUICHET_SECRET_FACEBOOK"),
    "x": lire_liste("GUICHET_SECRET_X"),
    "facebook_verification": lire_liste("GUICHET_VERIFICATION_FACEBOOK"),  # by which Meta knows our address
}

# The address residents know: links in e-mails are built on it.
GUICHET_ADRESSE = os.environ.get("GUICHET_ADRESSE", "http://127.0.0.1:8000").rstrip("/")
# Reverse proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas.
GUICHET_MANDATAIRES = os.environ.get("GUICHET_MANDATAIRES", "").split(",")
# Working calendar: a `holidays` subdivision of France ("" for metropolitan, "57" Moselle, "6AE" Alsace).
GUICHET_TERRITOIRE_FERIES = os.environ.get("GUICHET_TERRITOIRE_FERIES", "")

# An urgent demande nobody takes while its direction is closed: minutes before the next person is called.
GUICHET_ASTREINTE_RELANCE = int(os.environ.get("GUICHET_ASTREINTE_RELANCE", "15"))

# Each process keeps its own: pages of the portal are made again in milliseconds.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

WAGTAIL_SITE_NAME = "Guichet"
# What Wagtail writes to editors leaves by our outbox, never from within a visit.
EMAIL_BACKEND = "portal.courriels_des_editeurs.Boite"
WAGTAILADMIN_NOTIFICATION_FROM_EMAIL = GUICHET_COURRIEL_EXPEDITEUR
WAGTAILADMIN_BASE_URL = GUICHET_ADRESSE
WAGTAIL_FRONTEND_LOGIN_URL = reverse_lazy("connexion")
WAGTAIL_ENABLE_UPDATE_CHECK = False
# An address is read aloud, typed from a poster, sent by SMS: no « %C3%A9 » in it.
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # A line for each page that is indexed or published: the pages' own log says it better. What the mail
    # libraries tell of each conversation names people.
    "loggers": {nom: {"level": "WARNING"} for nom in ("django_tasks", "wagtail", "mail.log", "imapclient")},
}
