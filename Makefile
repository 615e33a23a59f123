# Every target works on a fresh clone: it installs what it needs first.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python

# One line per step; the output is shown when the step fails, and the next ones are not run.
etape = @printf '%-32s' '$(1)'; \
	if sortie=$$($(2) 2>&1); then echo ok; else echo 'ÉCHEC'; printf '%s\n' "$$sortie"; exit 1; fi

# Values that let the production settings load to be checked; none of them is used anywhere.
PROD := DJANGO_SETTINGS_MODULE=guichet.settings.prod \
	SECRET_KEY=$$(od -An -N40 -tx1 /dev/urandom | tr -d ' \n') \
	GUICHET_HOTES=guichet.example GUICHET_ADRESSE=https://guichet.example \
	DATABASE_URL=postgresql://guichet@base.example/guichet CELERY_BROKER_URL=redis://courtier.example/0 SMTP_HOTE=smtp.example

GABARITS := guichet demandes usagers portal

.DEFAULT_GOAL := help
.PHONY: help install run test e2e endurance captures bench restaurer traductions quality fix

help: ## Show this list.
	@sed -nE 's/^([a-z0-9]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install: ## Set up .venv from the hashed lock, and nothing else.
	@$(PYTHON) -I guichet/socle/installation.py

run: install ## Start Guichet with its database, its worker and a demo city (PORT, GUICHET_DONNEES…).
	@$(PY) -u -m guichet.socle.lanceur

test: install ## Run the tests, in parallel (OPTIONS="-k corbeille").
	@$(PY) -m pytest -q -n auto --maxprocesses 4 -m "not navigateur" $(OPTIONS)

e2e: install ## Run the browser tests on the system's Chromium.
	@$(PY) -m pytest -v --durations=15 -m navigateur $(OPTIONS)

endurance: install ## Run the long drills: races, mails, webhooks by their full counts, then a restoration.
	@GUICHET_COURSES=200 $(PY) -m pytest -q tests/parcours/test_concurrence.py $(OPTIONS)
	@GUICHET_ESSAIS_R8=10000 $(PY) -m pytest -q tests/demandes/test_a_rapprocher.py -k r8 $(OPTIONS)
	@GUICHET_TOURS=200 $(PY) -m pytest -q tests/demandes/test_reseaux.py tests/parcours/test_webhooks.py -k r11 $(OPTIONS)
	@GUICHET_WEBHOOKS=100 GUICHET_FORMULAIRES=20 $(PY) -m pytest -q tests/parcours/test_webhooks.py $(OPTIONS)
	@GUICHET_COURRIELS=1000 GUICHET_MORTS=20 GUICHET_COUPS=50 GUICHET_COUPS_ENVOI=500 GUICHET_CORPUS=3000 $(PY) -m pytest -q tests/courriels $(OPTIONS)
	@GUICHET_TOUTES_LES_VUES=1 $(PY) -m pytest -q -m navigateur tests/navigateur/test_ecrans.py $(OPTIONS)
	@$(PY) -m guichet.socle.exercice

captures: install ## Take the pictures of every screen, in docs/images.
	@$(PY) -m tests.captures

bench: install ## Measure beside a bare Django (DEMANDES=400000 USAGERS=45000 OPTIONS=--croissance or --portail).
	@$(PY) -u -m benchmarks --demandes $(or $(DEMANDES),400000) --usagers $(or $(USAGERS),45000) $(OPTIONS)
	@$(if $(findstring --portail,$(OPTIONS)),,$(PY) -u -m benchmarks.courriels && $(PY) -u -m benchmarks.lettres)

restaurer: install ## Back the city up, restore it beside and compare: the drill to run each month.
	@$(PY) -m guichet.socle.exercice

traductions: install ## Gather what is to be translated into English, and compile it.
	@$(PY) -m guichet.socle.traductions

quality: install ## Run every static check; stop at the first failure.
	$(call etape,ruff check,$(BIN)/ruff check .)
	$(call etape,ruff format,$(BIN)/ruff format --check .)
	$(call etape,mypy,$(BIN)/mypy)
	$(call etape,djlint,$(BIN)/djlint --lint $(GABARITS))
	$(call etape,import-linter,$(BIN)/lint-imports)
	$(call etape,traductions,$(PY) -m guichet.socle.traductions verifier)
	$(call etape,makemigrations --check,env DJANGO_SETTINGS_MODULE=guichet.settings.test \
		DATABASE_URL=postgresql:///guichet?host=/nonexistent $(PY) manage.py makemigrations --check --dry-run)
	$(call etape,check --deploy,env $(PROD) $(PY) manage.py check --deploy --fail-level WARNING)

fix: install ## Apply the formatters.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
