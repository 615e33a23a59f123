"""An entry under way: what is chosen so far, and what is proposed (`saisie_fin`: the ways it ends).

Everything typed travels in the form from one page to the next (`saisie_donnees`), so that nothing is stored
before the end and nothing is lost on an error; only files already received are kept aside, owned by their
agent.
"""

from __future__ import annotations

import uuid
from functools import cached_property

from django.db.models import Prefetch
from django.forms.utils import ErrorDict
from django.http import HttpRequest

from demandes import orientation
from demandes.actions.contacts import accueils_de, contact_en_cours
from demandes.actions.saisie import est_habilite
from demandes.formulaires import FormulaireDynamique, formulaire_pour
from demandes.models import Demande, Fiche, TypeDemande
from demandes.recherche import avec_leurs_demandes, chercher_fiches, chercher_personnes, lire
from demandes.suggestion.travail import reconnaitre
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.accueil import avec_retards
from demandes.views.saisie_donnees import commencer, reprendre
from demandes.views.saisie_forms import SaisieForm
from demandes.views.saisie_lettre import lettre_tenue
from demandes.vitrine import chercher_demarches
from guichet.canaux.canal import ORAUX, Canal
from guichet.organisation.models import Territoire
from guichet.organisation.territoires import deduire
from guichet.pieces import depot as depot_de_pieces
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.templatetags.dates import duree
from usagers.fusion import gardee_de
from usagers.models import Usager
from usagers.rapprochement import Candidat, proposer

PREFIXE = "f"
# Démarches offered at once.
PROPOSEES = 6
MOTS = {
    "repondre": "Répondre tout de suite",
    "orienter": "Orienter",
    "enregistrer": "Enregistrer sans orienter",
}
MOTS_D_UNE_LETTRE = {
    "repondre": "Répondre et suivante",
    "orienter": "Orienter et suivante",
    "enregistrer": "Enregistrer et suivante",
}


class Saisie:
    """Built from a request: a GET starts one, a POST continues it."""

    def __init__(self, request: HttpRequest):
        self.request = request
        self.auteur = auteur_de(request)
        self.perimetre = perimetre_de(request)
        self.contact = contact_en_cours(request.user)
        self.accueils = accueils_de(self.auteur)
        self.issue = request.POST.get("issue", "")
        self.lettre = lettre_tenue(request)
        self.donnees = reprendre(request, self) if request.method == "POST" else commencer(request, self)
        self.form = SaisieForm(self.donnees, request.FILES, accueils=self.accueils)
        if self.lettre:
            self.lettre.marquer(self.form)
        self.reponses_form = self._formulaire_du_type()
        self.reponses: dict[str, object] = {}
        self.erreurs: dict[str, str] = {}

    def _formulaire_du_type(self) -> FormulaireDynamique | None:
        if self.type is None or (version := self.type.formulaire) is None:
            return None
        champs = version.champs
        if not self.est_exigeante:
            champs = [{**champ, "obligatoire": False} for champ in champs]
        elif self.pieces_gardees:
            # A photo already received is not asked again.
            champs = [{**c, "obligatoire": c["obligatoire"] and c["type"] != "photos"} for c in champs]
        form = formulaire_pour(champs, donnees=self.donnees, fichiers=self.request.FILES, prefixe=PREFIXE)
        for champ in form.fields.values():
            if champ.widget.needs_multipart_form:
                champ.widget.attrs["hx-preserve"] = "true"
                self.form.fields["pieces"].label = "Autres documents"
        return form

    def sans_jugement(self) -> Saisie:
        """Show what was typed without judging it: the agent only chose something."""
        self.form.full_clean()
        if self.reponses_form:
            self.reponses_form.full_clean()
        self.reponses = self.reponses_form.reponses() if self.reponses_form else {}
        for form in (self.form, self.reponses_form):
            if form is not None:
                form._errors = ErrorDict()
        self.garder_les_fichiers()
        self._placer_le_curseur()
        return self

    def _placer_le_curseur(self) -> None:
        """The next thing to type takes focus, so that the hands stay on the keyboard."""
        form, nom = self.form, self.premier_champ
        if self.reponses_form and nom == "questions":
            form, nom = self.reponses_form, next(iter(self.reponses_form.fields), "")
        elif self.reponses_form and nom == "adresse" and self.champ_adresse:
            form, nom = self.reponses_form, self.champ_adresse
        if nom in form.fields:
            form.fields[nom].widget.attrs["autofocus"] = True

    @cached_property
    def premier_champ(self) -> str:
        """Letters typed outside a field are gestures: hands that start typing must find the field."""
        if "choisir_type" in self.donnees:
            if self.type is None:
                return "type_q"
            # On paper nobody can be asked the questions: the place is what is left to read.
            return "questions" if self.est_oral and self.reponses_form else "adresse"
        if self.lettre and self.request.method == "GET":
            # Of a letter the machine could not read, who writes comes first.
            est_de_quelqu_un = any(self.donnees.get(champ) for champ in ("nom", "raison_sociale"))
            return self._suivant if est_de_quelqu_un else "usager_q"
        if "choisir_fiche" in self.donnees:
            return "reponse"
        if "choisir_usager" in self.donnees or self.request.method == "GET":
            return "usager_q" if self.usager is None else "texte"
        return self._suivant if "avancer" in self.donnees else ""

    @property
    def _suivant(self) -> str:
        """What « Entrée » goes on to: the first thing missing, or what the search has just found."""
        if self.personnes:
            return "personnes"
        pour_repondre = "adresse_personne" if self.canal == Canal.COURRIER else "telephone"
        if self.usager is None and self.donnees.get("nom") and not self.donnees.get(pour_repondre):
            return pour_repondre
        if not self.donnees.get("texte"):
            return "texte"
        if self.type is None:
            return "demarches" if self.donnees["type_q"] and self.demarches else "type_q"
        return "" if self.adresse else "adresse"

    # -- what is chosen --------------------------------------------------------------------------------

    @cached_property
    def usager(self) -> Usager | None:
        """Whose demande it is."""
        return self._usager_dit("usager")

    @cached_property
    def appelant(self) -> Usager | None:
        """Who speaks for them, when somebody does."""
        return self._usager_dit("appelant") if self.est_pour_autrui else None

    def _usager_dit(self, nom: str) -> Usager | None:
        pk = self.donnees.get(nom, "")
        if not (pk.isdigit() and len(pk) < 18):
            return None
        trouves = avec_leurs_demandes([gardee_de(int(pk))], self.perimetre)
        return trouves[0] if trouves else None

    @property
    def est_pour_autrui(self) -> bool:
        return self.donnees.get("pour_autrui") == "oui"

    @property
    def canal(self) -> str:
        return self.form.canal

    @cached_property
    def type(self) -> TypeDemande | None:
        return (
            TypeDemande.objects.publies()
            .select_related("direction")
            .prefetch_related(
                Prefetch("fiches", Fiche.objects.filter(est_active=True), to_attr="fiches_actives")
            )
            .filter(code=self.donnees.get("type", ""))
            .first()
        )

    @cached_property
    def fiche(self) -> Fiche | None:
        return Fiche.objects.filter(code=self.donnees.get("fiche", ""), est_active=True).first()

    @cached_property
    def pieces_gardees(self) -> list[Piece]:
        """Files received with an earlier sending of this form, still hanging on nothing."""
        cles = []
        for cle in self.donnees.getlist("gardee")[:20]:
            try:
                cles.append(uuid.UUID(cle))
            except ValueError:
                continue
        return list(Piece.objects.filter(pk__in=cles, depose_par=self.request.user, proprietaire_genre=""))

    @property
    def est_oral(self) -> bool:
        return self.donnees.get("canal") in ORAUX

    @property
    def a_fournir(self) -> list[str]:
        """The documents that the demande cannot do without."""
        return [piece["libelle"] for piece in self.type.pieces if piece["obligatoire"]] if self.type else []

    @property
    def delai_en_mots(self) -> str:
        """What the city promises for this type and these answers."""
        return duree(*self.type.delai_pour(self.reponses), complet=True) if self.type else ""

    @property
    def est_exigeante(self) -> bool:
        """Whether the type's questions must be answered.

        A letter is received as it is written; what is answered on the spot is asked nothing more.
        """
        return self.est_oral and self.issue != "repondre"

    @property
    def libelle_canal(self) -> str:
        canal = self.donnees.get("canal", "")
        if canal == Canal.RESEAU:
            return "un autre réseau"
        return Canal(canal).dans_une_phrase if canal in list(Canal) else "un autre moyen"

    @property
    def libelle_accueil(self) -> str:
        pk = self.donnees.get("point_accueil", "")
        return next((accueil.nom for accueil in self.accueils if str(accueil.pk) == pk), "")

    @property
    def reception_a_preciser(self) -> bool:
        """On paper or in writing, the date of receipt matters; by voice it is now."""
        champs = ("canal", "recue_le", "point_accueil")
        return not self.est_oral or any(champ in self.form.errors for champ in champs)

    @property
    def est_habilite(self) -> bool:
        return est_habilite(self.auteur, self.type)

    @property
    def adresse(self) -> str:
        """The place: what the type's form asks first, else the entry's own field."""
        if nom := self.champ_adresse:
            return str(self.reponses.get(nom, ""))
        return self.form.cleaned_data.get("adresse", "")

    @property
    def champ_adresse(self) -> str:
        champs = self.reponses_form.champs if self.reponses_form else ()
        return next((champ["nom"] for champ in champs if champ["type"] == "adresse"), "")

    @cached_property
    def territoire(self) -> Territoire | None:
        if self.form.territoire_est_dit:
            return self.form.territoire_choisi()
        return deduire(self.adresse) if self.adresse else None

    def garder_les_fichiers(self) -> None:
        """Keep what was received even if the rest is refused; a bad file is said on its field."""
        recus = list(self.form.cleaned_data.get("pieces") or [])
        if self.reponses_form:
            recus += [fichier for liste in self.reponses_form.fichiers().values() for fichier in liste]
        for fichier in recus:
            try:
                self.pieces_gardees.append(depot_de_pieces.deposer(fichier, depose_par=self.request.user))
            except DonneeInvalide as erreur:
                self.form.add_error("pieces", str(erreur))

    # -- what is proposed ------------------------------------------------------------------------------

    @cached_property
    def personnes(self) -> list[Usager]:
        return [] if self.usager else self._trouver("usager_q")

    @cached_property
    def appelants(self) -> list[Usager]:
        return [] if self.appelant else self._trouver("appelant_q")

    def _trouver(self, nom: str) -> list[Usager]:
        saisie = self.donnees.get(nom, "").strip()
        return chercher_personnes(lire(saisie), self.perimetre, limite=5)[0] if saisie else []

    @cached_property
    def ressemblances(self) -> list[Candidat]:
        """Known persons who may be the one being typed in, with the reasons."""
        identite = self.form.identite({})
        if self.usager or identite.est_vide:
            return []
        return [candidat for candidat in proposer(identite, limite=4) if candidat.raisons]

    @cached_property
    def demandes_ouvertes(self) -> list[Demande]:
        if self.usager is None:
            return []
        siennes = Demande.objects.visibles_par(self.perimetre).de_l_usager(self.usager)
        return avec_retards(siennes.ouvertes().order_by("-recue_le", "-pk")[:3])

    @cached_property
    def demarches(self) -> list[TypeDemande]:
        """Those of the words typed to find one; else those a scanned letter asks for, then the rest."""
        if self.type is not None:
            return []
        mots, texte = (self.donnees.get(nom, "").strip() for nom in ("type_q", "texte"))
        # Of a call, or of what is typed in, nothing may keep the agent waiting: a search answers sooner.
        est_lue = self.lettre is not None and not mots
        reconnues = reconnaitre(self.donnees.get("objet", ""), texte) if est_lue else []
        trouvees = chercher_demarches(mots or texte, limite=PROPOSEES) if mots or texte else []
        return list(dict.fromkeys([*reconnues, *trouvees]))[:PROPOSEES]

    @cached_property
    def fiches(self) -> list[Fiche]:
        """The quoted one, those of the type the words suggest, the type's others, then the rest."""
        siennes = list(self.type.fiches_actives) if self.type else []
        saisie = self.donnees.get("type_q", "").strip() or self.donnees.get("texte", "").strip()
        trouvees = chercher_fiches(saisie, limite=4) if saisie else []
        choisie = [self.fiche] if self.fiche else []
        dans_l_ordre = [*choisie, *(f for f in trouvees if f in siennes), *siennes, *trouvees]
        return list(dict.fromkeys(dans_l_ordre))[:6]

    @cached_property
    def orientation(self) -> orientation.Orientation | None:
        return orientation.proposer(self.type, self.territoire, self.reponses) if self.type else None

    @property
    def reponse_possible(self) -> bool:
        """A level-2 type wants a fiche for the desk to answer itself (`repondre_immediatement`)."""
        return self.type is None or self.type.niveau == 1 or self.fiche is not None

    @property
    def variante_repondre(self) -> str:
        return "principal" if self.donnees.get("reponse", "").strip() else "secondaire"

    @property
    def variante_orienter(self) -> str:
        """One main button at a time: routing, until an answer is written."""
        return "secondaire" if self.variante_repondre == "principal" else "principal"

    @property
    def mots(self) -> dict[str, str]:
        """What the last buttons say: after a letter comes the next one."""
        return MOTS_D_UNE_LETTRE if self.lettre else MOTS

    @property
    def suite_precisee(self) -> bool:
        return bool(self.donnees.get("direction") or self.donnees.get("note"))
