"""What is asked, against which goal, and the table that says whether it is met."""

from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

# Enough for every round of a fast machine.
ADRESSES_A_NEUF = 6000


@dataclass
class Mesure:
    """One kind of request, its shots of every round, and its goal."""

    nom: str
    cote: str  # guichet or temoin
    ordre: dict[str, Any]
    reference: str = ""
    au_moins: float | None = None  # times the reference's requests per second
    p95_au_plus: float | None = None  # times the reference's p95
    requetes_au_plus: int | None = None
    durees: list[float] = field(default_factory=list)
    secondes: float = 0.0
    requetes: int | None = None

    @property
    def debit(self) -> float:
        return len(self.durees) / self.secondes if self.secondes else 0.0

    def centile(self, rang: int) -> float:
        """Milliseconds under which `rang` % of the answers came."""
        return 1000 * quantiles(self.durees, n=100)[rang - 1] if len(self.durees) > 1 else 0.0


def liste_nue(temoin: str) -> Mesure:
    return Mesure(
        "bare-std liste", "temoin", {"statut": 200, "cookie": temoin, "chemins": ["/liste/?service=3"]}
    )


def les_mesures(cibles: dict[str, Any], temoin: str, depots: list[str]) -> list[Mesure]:
    """Bare and Guichet alternate: what disturbs the machine disturbs both."""
    page = {"statut": 200}
    accueil = {**page, "cookie": cibles["accueil"]}
    agent = {**page, "cookie": cibles["agent"]}
    creation = urlencode({"numero": "T-1", "objet": "Trou", "service": 3, "personne": 7})
    mesures = [
        liste_nue(temoin),
        Mesure(
            "corbeille, page 1",
            "guichet",
            {**agent, "chemins": [cibles["corbeille"]]},
            "bare-std liste",
            au_moins=1.0,
            requetes_au_plus=8,
        ),
        Mesure(
            "corbeille, page 100",
            "guichet",
            {**agent, "chemins": [cibles["centieme"]]},
            "bare-std liste",
            au_moins=1.0,
            requetes_au_plus=8,
        ),
        Mesure(
            "demande, 30 messages",
            "guichet",
            {**page, "cookie": cibles["agent_du_fil"], "chemins": [cibles["demande"]]},
            "bare-std liste",
            au_moins=0.5,
            requetes_au_plus=15,
        ),
        Mesure(
            "bare-std création",
            "temoin",
            {"statut": 201, "cookie": temoin, "chemins": ["/creer/"], "corps": creation},
        ),
        Mesure(
            "dépôt",
            "guichet",
            {"statut": 302, "vers": "/recu/", "chemins": depots, "corps": "", "une_fois": True},
            "bare-std création",
            au_moins=0.5,
            requetes_au_plus=20,
        ),
    ]
    mesures.append(
        Mesure(
            "pilotage, 30 jours",
            "guichet",
            {**agent, "chemins": ["/agent/pilotage/"]},
            "corbeille, page 1",
            p95_au_plus=3.0,
        )
    )
    recherches = [(nom, accueil, saisie) for nom, saisie in cibles["recherches"].items()]
    recherches.append(("mot rare, direction", agent, cibles["direction"]["q"]))
    mesures += [
        Mesure(
            f"recherche : {nom}",
            "guichet",
            {**qui, "chemins": ["/agent/accueil/?" + urlencode({"q": saisie})]},
            "corbeille, page 1",
            p95_au_plus=3.0,
        )
        for nom, qui, saisie in recherches
    ]
    return mesures


def les_mesures_du_portail(cibles: dict[str, Any]) -> list[Mesure]:
    """The portal as somebody with a profile asks for it, compressed as browsers do.

    « à neuf » is a page that nobody asked for since the last change: each shot has an address of its own.
    « gardée » is the same one, asked again. A search is never kept.
    """
    page = {"statut": 200, "cookie": cibles["cookie"], "en_tetes": {"Accept-Encoding": "gzip, deflate, br"}}
    mesures = []
    for nom in ("accueil", "fiche", "démarche"):
        adresse = cibles[nom]
        neuves = [f"{adresse}?n={rang}" for rang in range(ADRESSES_A_NEUF)]
        mesures += [
            Mesure(
                f"portail : {nom}, gardée",
                "guichet",
                {**page, "chemins": [adresse]},
                "bare-std liste",
                au_moins=5.0,
                requetes_au_plus=1,
            ),
            Mesure(
                f"portail : {nom}, à neuf",
                "guichet",
                {**page, "chemins": neuves, "une_fois": True},
                "bare-std liste",
                au_moins=0.7,
            ),
        ]
    mots = ("trou", "poubelle", "acte+de+naissance", "bruit+la+nuit")
    recherches = [f"{cibles['accueil']}?q={mot}" for mot in mots]
    ordre = {**page, "chemins": recherches}
    mesures.append(Mesure("portail : recherche", "guichet", ordre, "bare-std liste", au_moins=0.7))
    return mesures


def tableau(mesures: list[Mesure]) -> list[dict[str, Any]]:
    """One row of plain values per measure."""
    par_nom = {mesure.nom: mesure for mesure in mesures}
    return [ligne(mesure, par_nom.get(mesure.reference)) for mesure in mesures]


def ligne(mesure: Mesure, reference: Mesure | None) -> dict[str, Any]:
    rapport = mesure.debit / reference.debit if reference and reference.debit else None
    rapport_p95 = mesure.centile(95) / reference.centile(95) if reference and reference.durees else None
    buts, tenus = [], []
    if mesure.au_moins is not None:
        buts.append(f"≥ {mesure.au_moins:.1f} ×")
        tenus.append(rapport is not None and rapport >= mesure.au_moins)
    if mesure.p95_au_plus is not None:
        buts.append(f"p95 ≤ {mesure.p95_au_plus:.0f} ×")
        tenus.append(rapport_p95 is not None and rapport_p95 <= mesure.p95_au_plus)
    if mesure.requetes_au_plus is not None:
        buts.append(f"≤ {mesure.requetes_au_plus} SQL")
        tenus.append(mesure.requetes is not None and mesure.requetes <= mesure.requetes_au_plus)
    return {
        "mesure": mesure.nom,
        "par_seconde": round(mesure.debit, 1),
        "p50_ms": round(mesure.centile(50), 1),
        "p95_ms": round(mesure.centile(95), 1),
        "requetes": mesure.requetes,
        "rapport": round(rapport_p95 if mesure.p95_au_plus else rapport, 2)
        if rapport and rapport_p95
        else None,
        "but": ", ".join(buts),
        "tenu": all(tenus) if tenus else None,
    }


TITRES = ("Mesure", "req/s", "p50 ms", "p95 ms", "SQL", "rapport", "but", "tenu")


def en_texte(lignes: list[dict[str, Any]]) -> str:
    """The table, in columns."""
    mots = {True: "oui", False: "NON", None: ""}
    rangees = [TITRES] + [
        tuple(
            mots[v] if v is None or isinstance(v, bool) else f"{v:.2f} ×" if cle == "rapport" else str(v)
            for cle, v in li.items()
        )
        for li in lignes
    ]
    largeurs = [max(len(rangee[i]) for rangee in rangees) for i in range(len(TITRES))]
    return "\n".join(
        "  ".join(
            mot.rjust(largeur) if 0 < rang < 6 else mot.ljust(largeur)
            for rang, (mot, largeur) in enumerate(zip(rangee, largeurs, strict=True))
        ).rstrip()
        for rangee in rangees
    )
