"""What leaves the house because of a gesture: rows of the outbox, written in the gesture's transaction.

Automatic mails never carry what a stranger typed, not even a name: the form must not become a relay.
"""

from typing import Any

from django.conf import settings
from django.db.models import F, Value
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from demandes import adresses_de_reponse, suivi
from demandes.actions.accuse import texte_de_l_accuse
from demandes.actions.departs_reseaux import adresser, faire_partir
from demandes.actions.porte import Passage
from demandes.models import CoSignalant, Demande, Message, Publication, Remise, correspondant
from demandes.moyens import derniere_recue_de, moyen_de
from guichet.canaux import sms
from guichet.canaux.canal import Canal
from guichet.canaux.reseau import Portee
from guichet.envois import boite, texto
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.organisation.models import Secteur
from guichet.organisation.signatures import signer
from guichet.socle.langues import FRANCAIS, en
from guichet.socle.lecture import MARQUE, Lecture


def adresses(demande: Demande) -> list[str]:
    """The e-mail address of whoever the city answers, or nothing: who has none is told otherwise."""
    return [courriel] if (courriel := suivi.courriel_de_reponse(demande)) else []


def est_reservee(demande: Demande) -> bool:
    """Its words are read behind its link only: what carries them proves nobody."""
    return demande.secteur != Secteur.GENERAL or demande.est_confidentielle


def lien_de_suivi(demande: Demande) -> str:
    return settings.GUICHET_ADRESSE + suivi.chemin_de_suivi(demande)


def prevenir(
    passage: Passage,
    modele: str,
    *,
    demande: Demande | None = None,
    nature: str = Envoi.Nature.AVIS,
    **contexte: Any,
) -> list[Envoi]:
    """Queue an automatic mail from `demandes/courriels/<modele>.txt`, whose first line is the subject."""
    concernee = demande or passage.demande
    return [deposer(passage, modele, adresse, concernee, nature, contexte) for adresse in adresses(concernee)]


def avertir(
    passage: Passage,
    modele: str,
    *,
    nature: str = Message.Nature.AVIS,
    par_ecrit: bool = False,
    **contexte: Any,
) -> bool:
    """Tell the resident the words of `prevenir` by the way they prefer: by mail they leave alone, by any
    other they are on the thread, and wait for somebody's hand when nothing leaves. False: nobody to tell.
    """
    demande = passage.demande
    moyen = moyen_de(demande, par_ecrit=par_ecrit)
    if moyen is None:
        return False
    if moyen.canal in (Canal.COURRIEL, Canal.PORTAIL):
        return bool(prevenir(passage, modele, **contexte))
    objet, corps = rediger(modele, demande, contexte | {"est_un_courriel": False})
    remettre(passage, corps, nature=nature, objet=objet, par_ecrit=par_ecrit)
    return True


def accuser(passage: Passage, courriel: str, *, en_reponse_a: str = "") -> Envoi | None:
    """Queue the acknowledgement of receipt (CRPA, art. L112-11, R112-5 and R112-11-1) to the address used."""
    if not courriel:
        return None
    return deposer(
        passage, "accuse", courriel, passage.demande, Envoi.Nature.ACCUSE, {}, en_reponse_a=en_reponse_a
    )


def annoncer_le_service(passage: Passage) -> None:
    """Say who is in charge: in the acknowledgement when it has not left yet, else in a mail of its own."""
    d = passage.demande
    if d._state.adding:
        return  # being born: its acknowledgement is written last and says it
    prevenir_les_co_signalants(passage, "co_signalement")
    accuse = (
        Envoi.objects.select_for_update(skip_locked=True)
        .filter(
            reference=f"demande:{d.numero}", nature=Envoi.Nature.ACCUSE, etat=Envoi.Etat.A_ENVOYER, essais=0
        )
        .first()
    )
    if accuse is None:
        prevenir(passage, "orientee", direction=d.direction)
        return
    accuse.objet, accuse.corps = rediger("accuse", d, {})
    accuse.save(update_fields=["objet", "corps"])


CO_SIGNALANTS = Lecture(
    lambda: CoSignalant.objects.filter(principale=MARQUE).select_related(
        "origine__usager", "origine__intermediaire__usager"
    )
)


def prevenir_les_co_signalants(passage: Passage, modele: str) -> None:
    """Tell those grouped under this demande that it moved, on their own number, without anyone's words.

    Who filed the main one as well has been told already.
    """
    principale = passage.demande
    deja = adresses(principale)
    # An agent has just answered: that is an answer, for them too.
    nature = Envoi.Nature.REPONSE if modele == "co_signalement_traite" else Envoi.Nature.AVIS
    for lien in CO_SIGNALANTS.objets(principale.pk):
        if adresses(lien.origine) != deja:
            with en(lien.origine.langue):
                nouvelle = suivi.libelle_usager(principale)
            prevenir(passage, modele, demande=lien.origine, nature=nature, nouvelle=nouvelle)


def alerter(passage: Passage, adresse: str, palier: int) -> None:
    """Tell an agent or a service that a demande has used up a share (%) of its delay."""
    contexte = {"palier": palier, "adresse_guichet": settings.GUICHET_ADRESSE}
    deposer(passage, "agents/alerte", adresse, passage.demande, Envoi.Nature.ALERTE, contexte)


def rappeler(passage: Passage, adresse: str, objet: str) -> None:
    """Tell a colleague that a date came, or that a demande came back to them."""
    contexte = {"objet": objet, "adresse_guichet": settings.GUICHET_ADRESSE}
    deposer(passage, "agents/rappel", adresse, passage.demande, Envoi.Nature.ALERTE, contexte)


def appeler_l_astreinte(passage: Passage, adresse: str, lien: str, genre: str) -> None:
    """Tell somebody on duty that an urgent demande waits for them. Another channel would start here."""
    d = passage.demande
    contexte = {
        "lien_pour_prendre": lien,
        "genre": genre,
        "minutes": settings.GUICHET_ASTREINTE_RELANCE,
        "est_reservee": est_reservee(d),
    }
    deposer(passage, "agents/astreinte", adresse, d, Envoi.Nature.URGENCE, contexte)


def deposer(
    passage: Passage,
    modele: str,
    adresse: str,
    demande: Demande,
    nature: str,
    contexte: dict[str, Any],
    *,
    en_reponse_a: str = "",
) -> Envoi:
    """Render a mail and put it in the outbox once per gesture, template and address."""
    objet, corps = rediger(modele, demande, contexte)
    d, est_pour_un_agent = passage.demande, modele.startswith("agents/")
    courriel: boite.Message = {
        "canal": Canal.COURRIEL,
        "destinataire": adresse,
        "objet": objet,
        "corps": corps,
        "nature": nature,
        "reference": f"demande:{demande.numero}",
        # An agent's answer to an alert is no word of the resident.
        "en_tetes": {} if est_pour_un_agent else en_tetes_du_fil(demande, adresse, en_reponse_a),
        "langue": FRANCAIS if est_pour_un_agent else demande.langue,
        "cle": ":".join((d.numero, str(d.version), passage.nom, modele, str(demande.pk), adresse))[:200],
    }
    if passage.lot is None:
        envoi = boite.deposer(**courriel)
    else:
        envoi = passage.lot.ajouter(boite.preparer(courriel))
        boite.sonner(envoi.pk)
    passage.details.setdefault("envois", []).append(envoi.pk)
    return envoi


# The last mails of a thread that a new one names: enough for any reader to put it in its place.
CHAINE = 20


def en_tetes_du_fil(demande: Demande, adresse: str, en_reponse_a: str = "") -> dict[str, str]:
    """What keeps a conversation together: the signed address to answer to, the mail this one answers, and
    those before it.
    """
    en_tetes = {"X-Guichet-Demande": demande.numero}
    if reponse := adresses_de_reponse.adresse(demande.numero):
        en_tetes["Reply-To"] = reponse
    if en_reponse_a or demande._state.adding:
        chaine = [en_reponse_a] if en_reponse_a else []
    else:
        chaine = chaine_des_courriels(demande, adresse)
    if chaine:
        en_tetes |= {"In-Reply-To": chaine[-1], "References": " ".join(chaine)}
    return en_tetes


def chaine_des_courriels(demande: Demande, adresse: str) -> list[str]:
    """The mails received about the demande and those this address was sent, whatever channel it came by, in
    one statement; the last one is what is answered: the last received, or ours when none was.

    Ours to somebody else are not named: their identifiers prove a return (`courriels`).
    """
    recus = demande.receptions.filter(canal=Canal.COURRIEL, cle_externe__regex=r"^<\S+>$").annotate(
        identifiant=F("cle_externe"), le=F("recue_le"), est_recu=Value(1)
    )
    partis = (
        Envoi.objects.filter(
            reference=f"demande:{demande.numero}", canal=Canal.COURRIEL, destinataire__iexact=adresse
        )
        .exclude(etat=Envoi.Etat.ECHEC)
        .annotate(identifiant=F("message_id"), le=F("cree_le"), est_recu=Value(0))
    )
    champs = ("identifiant", "le", "est_recu")
    lus = recus.order_by().values_list(*champs).union(partis.order_by().values_list(*champs))
    derniers = list(lus.order_by("-le")[:CHAINE])[::-1]
    # What is answered stands last, whatever the city sent since.
    repondu = next((rang for rang in reversed(range(len(derniers))) if derniers[rang][2]), None)
    if repondu is not None:
        derniers.append(derniers.pop(repondu))
    return list(dict.fromkeys(identifiant for identifiant, _, _ in derniers))


def rediger(modele: str, demande: Demande, contexte: dict[str, Any]) -> tuple[str, str]:
    """(subject, body) of a mail from its template: to a resident, in the language of their demande."""
    with en(FRANCAIS if modele.startswith("agents/") else demande.langue):
        lien = lien_de_suivi(demande)
        if modele == "accuse":
            texte = texte_de_l_accuse(demande, lien)
        else:
            texte = render_to_string(
                f"demandes/courriels/{modele}.txt",
                {
                    "demande": demande,
                    "type": demande.libelle_type,
                    "lien": lien,
                    "ville": ville.lire(),
                    "est_un_courriel": True,
                    "peut_repondre": bool(adresses_de_reponse.adresse(demande.numero)),
                    **contexte,
                },
            )
    objet, _, corps = texte.strip().partition("\n")
    return objet.strip(), corps.strip()


def signature_de(passage: Passage, corps: str) -> str:
    """How the agent signs; nothing when their words end with it already."""
    demande = passage.demande
    agent = getattr(passage.auteur.compte, "agent", None)
    signature = signer(agent, demande.direction, suivi.service_charge(demande).nom)
    return "" if corps.rstrip().endswith(signature) else signature


def remettre(
    passage: Passage,
    corps: str,
    *,
    nature: str,
    objet: str,
    par_ecrit: bool = False,
    documents: int = 0,
    **champs: Any,
) -> Message:
    """Send an agent's own words to the resident by the way they prefer; `par_ecrit` when the law minds.

    None of the `documents` (how many) travels: the words say that they wait behind the link. In a walled
    secteur, or to somebody who prefers their account, the mail only says that something waits there: a
    mailbox proves nobody.
    """
    demande = passage.demande
    moyen = moyen_de(demande, par_ecrit=par_ecrit)
    message = passage.message(
        corps,
        sens=Message.Sens.SORTANT,
        nature=nature,
        # Nobody to send it to: it is read on the page that the code opens.
        canal=moyen.canal if moyen else Canal.PORTAIL,
        destinataire=moyen.adresse if moyen else "",
        objet=objet,
        **champs,
    )
    if moyen is not None and moyen.canal is Canal.SMS:
        message.envoi = deposer_le_sms(message, moyen.adresse, corps, documents)
        message.save(update_fields=["envoi"])
        passage.details.setdefault("envois", []).append(message.envoi.pk)
    elif moyen is not None and moyen.est_un_reseau:
        repondre_en_prive(passage, message, documents)
    elif moyen is not None and not moyen.est_a_la_main:
        se_lit_ailleurs = moyen.canal is Canal.PORTAIL or est_reservee(demande)
        with en(demande.langue):
            entier = render_to_string(
                "demandes/courriels/_message.txt",
                {
                    "corps": "" if se_lit_ailleurs else corps,
                    "signature": "" if se_lit_ailleurs else signature_de(passage, corps),
                    "peut_repondre": bool(adresses_de_reponse.adresse(demande.numero)),
                    "demande": demande,
                    "lien": lien_de_suivi(demande),
                    "documents": documents,
                    "ville": ville.lire(),
                },
            )
        message.envoi = boite.deposer(
            canal=Canal.COURRIEL,
            destinataire=moyen.adresse,
            objet=f"[{demande.numero}] {objet}",
            corps=entier.strip(),
            nature=Envoi.Nature.COMPLEMENT if nature == Message.Nature.COMPLEMENT else Envoi.Nature.REPONSE,
            reference=f"demande:{demande.numero}",
            cle=f"message:{message.pk}",
            en_tetes=en_tetes_du_fil(demande, moyen.adresse),
            est_automatique=False,
        )
        message.save(update_fields=["envoi"])
        passage.details.setdefault("envois", []).append(message.envoi.pk)
    elif moyen is not None:
        Remise.ouvrir(message)
    return message


def annonce(demande: Demande, documents: int) -> str:
    """Where the documents of an answer are read, on a line of its own; nothing when there is none."""
    if not documents:
        return ""
    with en(demande.langue):
        dits = ngettext(
            "Un document vous attend ici : {lien}", "{n} documents vous attendent ici : {lien}", documents
        )
        return "\n" + dits.format(n=documents, lien=lien_de_suivi(demande))


def renvoi(demande: Demande) -> str:
    """That the city wrote, and where it is read: for words too long for what carries them, or reserved."""
    with en(demande.langue):
        return _("La ville vous a écrit. Votre message se lit ici : {lien}").format(
            lien=lien_de_suivi(demande)
        )


# -- by SMS ------------------------------------------------------------------------------------------------

# Beyond, the person gets a link: ten SMS in a row are read by nobody, and paid by the city.
PARTIES_AU_PLUS = 4


def deposer_le_sms(message: Message, numero: str, corps: str, documents: int) -> Envoi:
    """Queue an agent's words as an SMS; what is long or walled says that it waits behind the link."""
    demande = message.demande
    est_un_complement = message.nature == Message.Nature.COMPLEMENT
    return boite.deposer(
        canal=Canal.SMS,
        destinataire=numero,
        objet=message.objet or "Message",
        corps=texte_du_sms(demande, corps, documents),
        nature=Envoi.Nature.COMPLEMENT if est_un_complement else Envoi.Nature.REPONSE,
        reference=f"demande:{demande.numero}",
        cle=f"message:{message.pk}",
        est_automatique=False,
    )


def signature_du_sms(demande: Demande) -> str:
    with en(demande.langue):
        return "\n" + _("{ville}, demande {numero}").format(ville=ville.lire()["nom"], numero=demande.numero)


def texte_du_sms(demande: Demande, corps: str, documents: int = 0) -> str:
    """The words and who says them, or where they are read."""
    entier = corps.strip() + annonce(demande, documents) + signature_du_sms(demande)
    if not est_reservee(demande) and sms.mesurer(entier).parties <= PARTIES_AU_PLUS:
        return entier
    return renvoi(demande) + signature_du_sms(demande)


def accuser_par_sms(demande: Demande, numero: str) -> Envoi | None:
    """Acknowledge an SMS where it came from, once; nothing where the city sends none, or was told STOP."""
    if not texto.est_ouvert() or boite.est_oppose(numero):
        return None
    return boite.deposer(
        canal=Canal.SMS,
        destinataire=numero,
        objet="Accusé de réception",
        corps=(
            f"Votre demande {demande.numero} est enregistrée. Suivez-la ici : {lien_de_suivi(demande)}\n"
            f"{ville.lire()['nom']}. STOP pour ne plus recevoir de SMS."
        ),
        nature=Envoi.Nature.ACCUSE,
        reference=f"demande:{demande.numero}",
        cle=f"accuse-sms:{demande.pk}",
    )


# -- on a network ------------------------------------------------------------------------------------------

# What a private message holds on any of them: beyond, the person gets a link.
LONGUEUR_EN_PRIVE = 480


def repondre_en_prive(passage: Passage, message: Message, documents: int) -> None:
    """Queue an agent's words as a private reply to the person's post: one reader, nothing to read twice.

    A public reply is a gesture of its own, that somebody else confirms.
    """
    demande, usager = passage.demande, correspondant(passage.demande)
    recue = derniere_recue_de(demande, usager) if usager is not None else None
    compte = passage.auteur.compte
    if recue is None or recue.profil is None or compte is None:
        Remise.ouvrir(message)
        return
    texte = adresser(recue, message.corps.strip() + annonce(demande, documents))
    if est_reservee(demande) or len(texte) > LONGUEUR_EN_PRIVE:
        texte = adresser(recue, renvoi(demande))
    envoi = faire_partir(message, recue, texte, Portee.PRIVEE)
    if envoi is None:
        return
    publication = Publication.objects.create(
        canal=recue.canal,
        demande=demande,
        message=message,
        etat=Publication.Etat.A_PUBLIER,
        portee=Portee.PRIVEE,
        en_reponse_a=recue.identifiant,
        redigee_par=compte,
        confirmee_par=compte,
    )
    passage.details |= {"publication": publication.pk, "portee": publication.portee}
    passage.details.setdefault("envois", []).append(envoi.pk)
