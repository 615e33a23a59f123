"""An entry under way: what is chosen so far, what is proposed, and the three ways it ends.

Everything typed travels in the form from one page to the next, so that nothing is stored before the end and
nothing is lost on an error; only files already received are kept aside, owned by their agent.
"""

from __future__ import annotations

import uuid
from functools import cached_property

from django.db.models import Prefetch
from django.forms.utils import ErrorDict
from django.http import HttpRequest, QueryDict

from demandes import orientation
from demandes.actions import Depot
from demandes.actions.contacts import accueil_pour, accueils_de, contact_en_cours
from demandes.actions.saisie import (
    est_habilite,
    saisir,
    saisir_et_orienter,
    saisir_et_repondre,
)
from demandes.formulaires import FormulaireDynamique, formulaire_pour
from demandes.models import Demande, Fiche, TypeDemande
from demandes.recherche import avec_leurs_demandes, chercher_fiches, chercher_personnes, lire
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.accueil import avec_retards
from demandes.views.saisie_forms import SaisieForm
from demandes.vitrine import chercher_demarches
from guichet.canaux.canal import ORAUX, Canal
from guichet.organisation.models import Territoire
from guichet.organisation.territoires import deduire
from guichet.pieces import depot as depot_de_pieces
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, ErreurMetier
from guichet.socle.texte import nettoyer
from usagers.models import Usager
from usagers.rapprochement import Candidat, proposer

PREFIXE = "f"
REPRIS_DE_L_ADRESSE = ("usager", "type", "canal", "fiche")
CODES = ("cle", "usager", "type", "fiche", "choisir_usager", "choisir_type", "choisir_fiche")
AFFICHES = ("usager_q", "type_q", "fiche", "canal", "reponse")
# Where a refusal of the door is shown on this form.
CHAMPS_DU_DEPOT = {"identite": "nom", "texte": "texte", "type": "type_q", "fiche": "reponse"}


class Saisie:
    """Built from a request: a GET starts one, a POST continues it."""

    def __init__(self, request: HttpRequest):
        self.request = request
        self.auteur = auteur_de(request)
        self.perimetre = perimetre_de(request)
        self.contact = contact_en_cours(request.user)
        self.accueils = accueils_de(self.auteur)
        self.issue = request.POST.get("issue", "")
        self.donnees = self._reprendre() if request.method == "POST" else self._commencer()
        for nom in AFFICHES:
            self.donnees.setdefault(nom, "")
        self.form = SaisieForm(self.donnees, request.FILES, accueils=self.accueils)
        self.reponses_form = self._formulaire_du_type()
        self.reponses: dict[str, object] = {}
        self.erreurs: dict[str, str] = {}

    # -- what travels ----------------------------------------------------------------------------------

    def _commencer(self) -> QueryDict:
        """A fresh entry, filled in with what the address says: person, type, channel, fiche, words."""
        donnees = QueryDict(mutable=True)
        recu = self.request.GET
        for nom in REPRIS_DE_L_ADRESSE:
            donnees[nom] = nettoyer(recu.get(nom, ""))
        donnees["cle"] = uuid.uuid4().hex
        donnees["canal"] = donnees["canal"] or (self.contact.canal if self.contact else Canal.TELEPHONE)
        if self.contact and self.contact.usager_id and not donnees["usager"]:
            donnees["usager"] = str(self.contact.usager_id)
        self._comprendre(donnees, recu.get("q", ""))
        canal = donnees["canal"] if donnees["canal"] in list(Canal) else Canal.TELEPHONE
        if accueil := accueil_pour(self.accueils, canal):
            donnees["point_accueil"] = str(accueil.pk)
        if donnees["fiche"]:
            self._citer(donnees, donnees["fiche"])
        return donnees

    def _comprendre(self, donnees: QueryDict, saisie: str) -> None:
        """Words brought from the search box: somebody known, else a way to reach them, else a subject."""
        question = lire(saisie)
        if question.est_vide:
            return
        if chercher_personnes(question, self.perimetre, limite=1)[0]:
            donnees["usager_q"] = question.saisie
        elif question.telephone:
            donnees["telephone"] = question.saisie
        elif question.courriel:
            donnees["courriel"] = question.saisie
        else:
            donnees["type_q"] = question.saisie

    def _reprendre(self) -> QueryDict:
        """What was posted, plus what the pressed button changes."""
        donnees = self.request.POST.copy()
        for nom in CODES:
            if nom in donnees:
                donnees[nom] = nettoyer(donnees[nom])
        for champ in ("usager", "type"):
            if (choix := donnees.get(f"choisir_{champ}")) is not None:
                donnees[champ] = choix
                donnees[f"{champ}_q"] = ""
        if donnees.get("choisir_usager"):
            donnees["est_anonyme"] = ""
        if (code := donnees.get("choisir_fiche")) is not None:
            self._citer(donnees, code)
        return donnees

    def _citer(self, donnees: QueryDict, code: str) -> None:
        """Quote a fiche: its words become the answer, unless the agent wrote their own; its type is taken."""
        fiches = {f.code: f for f in Fiche.objects.filter(code__in=[code, donnees.get("fiche", "")])}
        ancienne, nouvelle = fiches.get(donnees.get("fiche", "")), fiches.get(code)
        ecrite = donnees.get("reponse", "").replace("\r\n", "\n").strip()
        if not ecrite or (ancienne and ecrite == ancienne.reponse.strip()):
            donnees["reponse"] = nouvelle.reponse if nouvelle else ""
        donnees["fiche"] = nouvelle.code if nouvelle else ""
        if nouvelle and not donnees.get("type") and (type := nouvelle.types.publies().first()):
            donnees["type"] = type.code

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
        self._garder_les_fichiers()
        self._placer_le_curseur()
        return self

    def _placer_le_curseur(self) -> None:
        """The next thing to type takes focus, so that the hands stay on the keyboard."""
        if "choisir_type" in self.donnees and self.reponses_form:
            for champ in list(self.reponses_form.fields.values())[:1]:
                champ.widget.attrs["autofocus"] = True
        elif self.premier_champ == "texte":
            self.form.fields["texte"].widget.attrs["autofocus"] = True

    @property
    def premier_champ(self) -> str:
        if "choisir_type" in self.donnees:
            return "" if self.type else "type_q"
        if "choisir_usager" in self.donnees or self.request.method == "GET":
            # Open demandes are to be seen before anything is typed.
            return "usager_q" if self.usager is None else "" if self.demandes_ouvertes else "texte"
        return ""

    # -- what is chosen --------------------------------------------------------------------------------

    @cached_property
    def usager(self) -> Usager | None:
        pk = self.donnees.get("usager", "")
        trouves = avec_leurs_demandes([int(pk)], self.perimetre) if pk.isdigit() and len(pk) < 18 else []
        return trouves[0] if trouves else None

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
    def est_exigeante(self) -> bool:
        """Whether the type's questions must be answered.

        A letter is received as it is written; what is answered on the spot is asked nothing more.
        """
        return self.est_oral and self.issue != "repondre"

    @property
    def libelle_canal(self) -> str:
        canal = self.donnees.get("canal", "")
        return Canal(canal).libelle.lower() if canal in list(Canal) else "un autre moyen"

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

    # -- what is proposed ------------------------------------------------------------------------------

    @cached_property
    def personnes(self) -> list[Usager]:
        if self.usager or not (saisie := self.donnees.get("usager_q", "").strip()):
            return []
        return chercher_personnes(lire(saisie), self.perimetre, limite=5)[0]

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
        saisie = self.donnees.get("type_q", "").strip() or self.donnees.get("texte", "").strip()
        return chercher_demarches(saisie, limite=6) if saisie and self.type is None else []

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
    def suite_precisee(self) -> bool:
        return bool(self.donnees.get("direction") or self.donnees.get("note"))

    # -- how it ends -----------------------------------------------------------------------------------

    def deja_enregistree(self) -> Demande | None:
        return Demande.objects.filter(cle_depot=self.donnees.get("cle") or None).first()

    def terminer(self) -> Demande | None:
        """Do what the pressed button says; None when something must be corrected, all typed words kept."""
        valides = [form.is_valid() for form in (self.form, self.reponses_form) if form is not None]
        self.reponses = self.reponses_form.reponses() if self.reponses_form else {}
        self._garder_les_fichiers()
        self._verifier()
        if not all(valides) or self.form.errors or self.erreurs:
            return None
        try:
            demande = self._enregistrer()
        except ErreurMetier as erreur:
            self.refuser(erreur)
            return None
        depot_de_pieces.effacer(Piece.objects.filter(pk__in=self._cles_des_pieces, proprietaire_genre=""))
        return demande

    def _enregistrer(self) -> Demande:
        contact = self.contact if self.contact and self.contact.canal == self.donnees["canal"] else None
        d = self.form.cleaned_data
        commun = {"auteur": self.auteur, "contact": contact}
        if self.issue == "repondre":
            return saisir_et_repondre(self.depot(), texte=d["reponse"], fiche=self.fiche, **commun)
        if self.issue == "orienter":
            return saisir_et_orienter(self.depot(), direction=d["direction"], commentaire=d["note"], **commun)
        return saisir(self.depot(), **commun)

    def _verifier(self) -> None:
        d = self.form.cleaned_data
        if self.issue == "repondre" and not d.get("reponse"):
            self.form.add_error("reponse", "Écrivez la réponse, ou le résumé de ce que vous avez dit.")
        if self.issue == "repondre" and self.type is None and self.fiche is None:
            self.erreurs["type_q"] = "Choisissez la démarche, ou répondez avec une fiche."
        if self.issue == "orienter" and self.type is None:
            self.erreurs["type_q"] = "Choisissez la démarche : elle dit quelle direction agit."
        if self.adresse and not self.form.territoire_est_dit and self.territoire is None:
            self.form.add_error(
                "territoire",
                "Cette adresse ne suffit pas à trouver l'arrondissement : choisissez-le.",
            )

    def depot(self) -> Depot:
        d = self.form.cleaned_data
        return Depot(
            canal=d["canal"],
            texte=d["texte"],
            objet=d["objet"],
            type=self.type,
            reponses=self.reponses,
            est_formulaire=self.est_exigeante,
            point_accueil=d["point_accueil"],
            usager=self.usager,
            identite=None if self.usager or d["est_anonyme"] else self.form.identite(self.reponses),
            est_anonyme=d["est_anonyme"] and self.usager is None,
            adresse=self.adresse,
            territoire=self.territoire,
            recue_le=self.form.moment_de_reception(),
            cle=d["cle"],
            pieces=tuple(self.pieces_gardees),
            est_urgente=d["est_urgente"],
        )

    def _garder_les_fichiers(self) -> None:
        """Keep what was received even if the rest is refused; a bad file is said on its field."""
        recus = list(self.form.cleaned_data.get("pieces") or [])
        if self.reponses_form:
            recus += [fichier for liste in self.reponses_form.fichiers().values() for fichier in liste]
        for fichier in recus:
            try:
                self.pieces_gardees.append(depot_de_pieces.deposer(fichier, depose_par=self.request.user))
            except DonneeInvalide as erreur:
                self.form.add_error("pieces", str(erreur))

    @property
    def _cles_des_pieces(self) -> list[uuid.UUID]:
        return [piece.pk for piece in self.pieces_gardees]

    def refuser(self, erreur: ErreurMetier) -> None:
        """Put a refusal of the door beside the field it speaks of."""
        champ = CHAMPS_DU_DEPOT.get(getattr(erreur, "champ", None) or "", getattr(erreur, "champ", None))
        if champ == "type_q":
            self.erreurs["type_q"] = str(erreur)
        elif self.reponses_form and champ in self.reponses_form.fields:
            self.reponses_form.add_error(champ, str(erreur))
        else:
            self.form.add_error(champ if champ in self.form.fields else None, str(erreur))
