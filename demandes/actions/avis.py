"""What leaves the house because of a gesture: rows of the outbox, written in the gesture's transaction.

Automatic mails never carry what a stranger typed, not even a name: the form must not become a relay.
"""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from demandes import suivi
from demandes.actions.porte import Passage
from demandes.models import Demande, Message, correspondant
from guichet.canaux.canal import Canal
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.organisation import ville
from guichet.organisation.models import Secteur


def adresses(demande: Demande) -> list[str]:
    """The e-mail address of whoever the city answers, or nothing: who has none is told otherwise."""
    return [courriel] if (courriel := suivi.courriel_de_reponse(demande)) else []


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


def accuser(passage: Passage, courriel: str) -> Envoi | None:
    """Queue the acknowledgement of receipt (CRPA, art. L112-11, R112-5 and R112-11-1) to the address used."""
    if not courriel:
        return None
    contexte = {"accuse": suivi.accuse_de(passage.demande)}
    return deposer(passage, "accuse", courriel, passage.demande, Envoi.Nature.ACCUSE, contexte)


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
    accuse.objet, accuse.corps = rediger("accuse", d, {"accuse": suivi.accuse_de(d)})
    accuse.save(update_fields=["objet", "corps"])


def prevenir_les_co_signalants(passage: Passage, modele: str) -> None:
    """Tell those grouped under this demande that it moved, on their own number, without anyone's words.

    Who filed the main one as well has been told already.
    """
    principale = passage.demande
    deja = adresses(principale)
    # That it was answered is what they wait for: never held back by the hourly limit.
    nature = Envoi.Nature.REPONSE if modele == "co_signalement_traite" else Envoi.Nature.AVIS
    for lien in principale.co_signalants.select_related("origine__usager", "origine__intermediaire__usager"):
        if adresses(lien.origine) != deja:
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
        "est_reservee": d.secteur != Secteur.GENERAL or d.est_confidentielle,
    }
    deposer(passage, "agents/astreinte", adresse, d, Envoi.Nature.URGENCE, contexte)


def deposer(
    passage: Passage, modele: str, adresse: str, demande: Demande, nature: str, contexte: dict[str, Any]
) -> Envoi:
    """Render a mail and put it in the outbox once per gesture, template and address."""
    objet, corps = rediger(modele, demande, contexte)
    d = passage.demande
    courriel: boite.Message = {
        "canal": Canal.COURRIEL,
        "destinataire": adresse,
        "objet": objet,
        "corps": corps,
        "nature": nature,
        "reference": f"demande:{demande.numero}",
        "cle": ":".join((d.numero, str(d.version), passage.nom, modele, str(demande.pk), adresse))[:200],
    }
    if passage.lot is None:
        envoi = boite.deposer(**courriel)
    else:
        envoi = passage.lot.ajouter(boite.preparer(courriel))
        boite.sonner(envoi.pk)
    passage.details.setdefault("envois", []).append(envoi.pk)
    return envoi


def rediger(modele: str, demande: Demande, contexte: dict[str, Any]) -> tuple[str, str]:
    """(subject, body) of a mail from its template."""
    texte = render_to_string(
        f"demandes/courriels/{modele}.txt",
        {
            "demande": demande,
            "type": demande.libelle_type,
            "lien": lien_de_suivi(demande),
            "ville": ville.lire(),
            **contexte,
        },
    )
    objet, _, corps = texte.strip().partition("\n")
    return objet.strip(), corps.strip()


def remettre(passage: Passage, corps: str, *, nature: str, objet: str, **champs: Any) -> Message:
    """Send an agent's own words to the resident: by mail when there is an address, else by hand.

    In a walled secteur the mail only says that something waits behind the link: a mailbox proves nobody.
    """
    demande = passage.demande
    courriels = adresses(demande)
    message = passage.message(
        corps,
        sens=Message.Sens.SORTANT,
        nature=nature,
        canal=Canal.COURRIEL if courriels else canal_de_secours(demande),
        destinataire=courriels[0] if courriels else "",
        objet=objet,
        **champs,
    )
    if courriels:
        est_reserve = demande.secteur != Secteur.GENERAL or demande.est_confidentielle
        message.envoi = boite.deposer(
            canal=Canal.COURRIEL,
            destinataire=courriels[0],
            objet=f"[{demande.numero}] {objet}",
            corps=render_to_string(
                "demandes/courriels/_message.txt",
                {
                    "corps": "" if est_reserve else corps,
                    "demande": demande,
                    "lien": lien_de_suivi(demande),
                    "ville": ville.lire(),
                },
            ).strip(),
            nature=Envoi.Nature.COMPLEMENT if nature == Message.Nature.COMPLEMENT else Envoi.Nature.REPONSE,
            reference=f"demande:{demande.numero}",
            cle=f"message:{message.pk}",
            est_automatique=False,
        )
        message.save(update_fields=["envoi"])
        passage.details.setdefault("envois", []).append(message.envoi.pk)
    return message


def canal_de_secours(demande: Demande) -> str:
    """How an answer reaches somebody without e-mail: phone, then letter, then at the desk."""
    usager = correspondant(demande)
    if usager and usager.telephone:
        return Canal.TELEPHONE
    if usager and usager.adresse:
        return Canal.COURRIER
    return Canal.GUICHET
