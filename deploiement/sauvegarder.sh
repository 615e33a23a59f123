#!/bin/sh
# One backup of the city in the folder given, the last 14 kept (GARDER). Run by guichet-sauvegarde.timer, or by
# hand with the variables of guichet.env. It is written apart and renamed: a backup that has its name is whole.
set -eu

dossier=${1:?"Usage : sauvegarder.sh DOSSIER"}
cd "$(dirname "$0")/.."
umask 077
exec .venv/bin/python manage.py sauvegarder "$dossier" --garder "${GARDER:-14}"
