"""What a visitor says of themselves, if they wish: nothing is inferred, everything can be erased.

Kept in a signed cookie that only this choice sets (CNIL: a functional cookie the person asked for), or with
the account. With nothing chosen there is no cookie, and everybody sees the same pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from demandes import referentiel
from guichet.organisation.models import Territoire
from portal.acces import habitant
from portal.models.segments import Age, ProfilDuCompte, Situation
from portal.models.sujets import Sujet

TEMOIN = "profil"
SEL = "portal.profil"
# A choice is asked again after six months (CNIL, recommandation du 17 septembre 2020, § 35).
DUREE = 183 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Profil:
    """`territoire` is a district's code or "", `age` a band or ""; subjects are those of the news."""

    situations: frozenset[str] = field(default_factory=frozenset)
    territoire: str = ""
    age: str = ""
    sujets: frozenset[str] = field(default_factory=frozenset)

    @property
    def est_vide(self) -> bool:
        return self == VIDE

    @classmethod
    def depuis(cls, valeurs: Mapping[str, Any]) -> Profil:
        """Known values only: a list that lost one since is no reason to refuse the others."""
        return cls(
            situations=frozenset(valeurs.get("situations", ())) & frozenset(Situation.values),
            territoire=str(valeurs.get("territoire", ""))[:10],
            age=valeurs["age"] if valeurs.get("age") in Age.values else "",
            sujets=frozenset(valeurs.get("sujets", ())) & frozenset(Sujet.values),
        )

    def en_valeurs(self) -> dict[str, Any]:
        return {
            "situations": sorted(self.situations),
            "territoire": self.territoire,
            "age": self.age,
            "sujets": sorted(self.sujets),
        }

    @property
    def en_mots(self) -> list[str]:
        """What was chosen, as one reads it."""
        quartier = territoires().get(self.territoire)
        return [
            *(Situation(code).label for code in Situation.values if code in self.situations),
            *([Age(self.age).label] if self.age else []),
            *([quartier] if quartier else []),
            *(Sujet(code).label for code in Sujet.values if code in self.sujets),
        ]


VIDE = Profil()


def territoires() -> dict[str, str]:
    """The districts by code, named; read once as long as none changes."""
    return referentiel.courant().garder(
        "portal.territoires", lambda: {t.code: str(t) for t in Territoire.objects.all()}
    )


def lire(request: HttpRequest) -> Profil:
    """The account's when there is one, the cookie's otherwise; a forged or damaged cookie says nothing."""
    if habitant(request) is not None:
        garde = ProfilDuCompte.objects.filter(compte=request.user).first()
        if garde is not None:
            return Profil.depuis(garde.valeurs)
    if not (brut := request.COOKIES.get(TEMOIN, "")):
        return VIDE
    try:
        return Profil.depuis(signing.loads(brut, salt=SEL, max_age=DUREE))
    except (signing.BadSignature, AttributeError, TypeError):
        return VIDE


def garder(request: HttpRequest, reponse: HttpResponse, profil: Profil) -> None:
    """With the account of a resident, else in the cookie; an empty one is erased from both."""
    if profil.est_vide:
        return effacer(request, reponse)
    if habitant(request) is not None:
        ProfilDuCompte.objects.update_or_create(
            compte=request.user, defaults={"valeurs": profil.en_valeurs()}
        )
        reponse.delete_cookie(TEMOIN)
        return None
    reponse.set_cookie(
        TEMOIN,
        signing.dumps(profil.en_valeurs(), salt=SEL, compress=True),
        max_age=DUREE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return None


def effacer(request: HttpRequest, reponse: HttpResponse) -> None:
    """Forget everything, here and in the account."""
    if habitant(request) is not None:
        ProfilDuCompte.objects.filter(compte=request.user).delete()
    reponse.delete_cookie(TEMOIN)
