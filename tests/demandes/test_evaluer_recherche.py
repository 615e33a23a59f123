"""The search measured on everyday queries: as JSON, on the city's démarches or on the shipped catalogue."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from demandes.models import TypeDemande
from tests.factories import Ville


def evaluer(*arguments: str) -> dict[str, Any]:
    sortie = StringIO()
    call_command("evaluer_recherche", *arguments, stdout=sortie)
    return json.loads(sortie.getvalue())


@pytest.mark.django_db
def test_nine_everyday_queries_in_ten_find_their_demarche_among_three() -> None:
    figures = evaluer()
    assert figures["requetes"] >= 100
    assert figures["top_3"] >= 0.9
    assert figures["top_1"] <= figures["top_3"] <= figures["top_5"] <= 1
    assert not TypeDemande.objects.exists()  # the shipped catalogue was only borrowed


def test_a_city_is_measured_on_its_own_demarches(ville: Ville, tmp_path: Path) -> None:
    fichier = tmp_path / "requetes.jsonl"
    code = ville.type_voirie.code
    lignes = [
        {"requete": ville.type_voirie.libelle, "types_acceptables": [code]},
        {"requete": "xyzzy", "types_acceptables": [code]},
    ]
    fichier.write_text("\n".join(json.dumps(ligne) for ligne in lignes) + "\n\n", encoding="utf-8")

    assert evaluer(str(fichier), "--erreurs") == {
        "requetes": 2,
        "top_1": 0.5,
        "top_3": 0.5,
        "top_5": 0.5,
        "erreurs": [{"requete": "xyzzy", "attendues": [code], "trouvees": []}],
    }


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [("", "aucune requête"), ("{}", "Ligne 1"), ('{"requete": "a", "types_acceptables": 3}', "Ligne 1")],
)
def test_a_file_that_is_none_says_why(tmp_path: Path, contenu: str, phrase: str) -> None:
    fichier = tmp_path / "requetes.jsonl"
    fichier.write_text(contenu, encoding="utf-8")
    with pytest.raises(CommandError, match=phrase):
        evaluer(str(fichier))
