"""Two demandes that go together without being one, and two that only look alike."""

from demandes.actions.porte import exiger_texte, franchir, lire_texte
from demandes.droits import Auteur
from demandes.models import Demande, Distinction, Lien
from guichet.socle.erreurs import DonneeInvalide, Refus

LONGUEUR_RAISON = 200


def lier(
    demande: Demande, *, auteur: Auteur, autre: Demande, nature: str, raison: str, version: int | None = None
) -> Demande:
    """Link two demandes, each told on the other's page. Nobody outside hears of it."""
    exiger_une_autre(demande, autre)
    if nature not in Lien.Nature.values:
        raise DonneeInvalide("Dites comment les deux demandes sont liées.", "nature")
    with franchir("lier", demande, auteur=auteur, version=version, avec=(autre,)) as passage:
        exiger_l_acces(autre, auteur)
        propre = lire_raison(raison, "Dites en quelques mots pourquoi elles sont liées.")
        if Lien.objects.filter(demande=demande, autre=autre).exists():
            raise Refus(f"La demande {autre.numero} est déjà liée à celle-ci.")
        sens = Lien.Nature(nature)
        communs = {"raison": propre, "pose_par": auteur.compte}
        Lien.objects.bulk_create(
            [
                Lien(demande=demande, autre=autre, nature=sens, **communs),
                Lien(demande=autre, autre=demande, nature=Lien.INVERSES[sens], **communs),
            ]
        )
        passage.details |= {"autre": autre.numero, "nature": sens.value}
        passage.dire_aussi(autre.pk, autre=demande.numero, nature=Lien.INVERSES[sens].value)
        return passage.demande


def delier(
    demande: Demande, *, auteur: Auteur, autre: Demande, raison: str, version: int | None = None
) -> Demande:
    """Take a link away from both sides; why stays as a note."""
    exiger_une_autre(demande, autre)
    with franchir("delier", demande, auteur=auteur, version=version, avec=(autre,)) as passage:
        exiger_l_acces(autre, auteur)
        propre = lire_raison(raison, "Dites en quelques mots pourquoi vous retirez le lien.")
        if not Lien.objects.filter(demande=demande, autre=autre).exists():
            raise Refus(f"La demande {autre.numero} n'est pas liée à celle-ci.")
        Lien.objects.filter(demande__in=(demande, autre), autre__in=(demande, autre)).delete()
        passage.commenter(f"Lien avec la demande {autre.numero} retiré : {propre}")
        passage.details |= {"autre": autre.numero}
        passage.dire_aussi(autre.pk, autre=demande.numero)
        return passage.demande


def distinguer(demande: Demande, *, auteur: Auteur, autre: Demande, version: int | None = None) -> Demande:
    """Say that two demandes are not the same thing: the pair is not proposed any more, to anybody."""
    exiger_une_autre(demande, autre)
    with franchir("distinguer", demande, auteur=auteur, version=version, avec=(autre,)) as passage:
        exiger_l_acces(autre, auteur)
        assert auteur.compte is not None
        premiere, seconde = sorted((demande.pk, autre.pk))
        Distinction.objects.get_or_create(
            premiere_id=premiere, seconde_id=seconde, defaults={"dite_par": auteur.compte}
        )
        passage.details |= {"autre": autre.numero}
        passage.dire_aussi(autre.pk, autre=demande.numero)
        return passage.demande


def exiger_une_autre(demande: Demande, autre: Demande) -> None:
    if autre.pk == demande.pk:
        raise DonneeInvalide("C'est la même demande : donnez le numéro d'une autre.", "numero")


def exiger_l_acces(autre: Demande, auteur: Auteur) -> None:
    if not auteur.chapeaux(autre):
        raise Refus("Vous n'avez pas accès à l'autre demande.")


def lire_raison(raison: str, phrase: str) -> str:
    propre = " ".join(exiger_texte(raison, phrase, "raison").split())
    return lire_texte(propre, maximum=LONGUEUR_RAISON)
