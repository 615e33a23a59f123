"""The blocks a page is made of: few, each with one use, each readable aloud."""

from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from demandes import vitrine

TEXTE = ["bold", "italic", "link", "ol", "ul", "document-link"]


def demarches() -> list[tuple[str, str]]:
    """Published démarches, for a list."""
    return [(type.code, f"{type.libelle} ({type.code})") for type in vitrine.publiees()]


class ImageBlock(blocks.StructBlock):
    """A picture that says what it shows, or says that it shows nothing one needs."""

    image = ImageChooserBlock(label="Image")
    texte = blocks.CharBlock(
        label="Ce que montre l'image",
        required=False,
        max_length=200,
        help_text="Lu à voix haute à qui ne la voit pas. Laissez vide si elle est décorative.",
    )
    legende = blocks.CharBlock(label="Légende", required=False, max_length=200)

    class Meta:
        label = "Image"
        icon = "image"
        template = "portal/blocs/image.html"


class EncadreBlock(blocks.StructBlock):
    """Something not to be missed."""

    ton = blocks.ChoiceBlock(
        label="Ton",
        choices=[("info", "À savoir"), ("succes", "Bonne nouvelle"), ("alerte", "Attention")],
        default="info",
    )
    titre = blocks.CharBlock(label="Titre", max_length=100)
    texte = blocks.RichTextBlock(label="Texte", features=TEXTE)

    class Meta:
        label = "Encadré"
        icon = "warning"
        template = "portal/blocs/encadre.html"


class EtapesBlock(blocks.StructBlock):
    """What to do, in order."""

    etapes = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("titre", blocks.CharBlock(label="Étape", max_length=120)),
                ("texte", blocks.RichTextBlock(label="Précisions", features=TEXTE, required=False)),
            ]
        ),
        label="Étapes",
        min_num=2,
    )

    class Meta:
        label = "Étapes"
        icon = "list-ol"
        template = "portal/blocs/etapes.html"


class QuestionBlock(blocks.StructBlock):
    """A question people ask, folded; engines read it as one."""

    question = blocks.CharBlock(label="Question", max_length=200)
    reponse = blocks.RichTextBlock(label="Réponse", features=TEXTE)

    class Meta:
        label = "Question et réponse"
        icon = "help"
        template = "portal/blocs/question.html"


class DemarcheBlock(blocks.StructBlock):
    """The way to a démarche, under its own name."""

    code = blocks.ChoiceBlock(label="Démarche", choices=demarches)

    class Meta:
        label = "Démarche"
        icon = "form"
        template = "portal/blocs/demarche.html"

    def get_context(self, value, parent_context=None):
        return {
            **super().get_context(value, parent_context=parent_context),
            "type": vitrine.publiee(value["code"]),
        }


class CibleBlock(blocks.StructBlock):
    """A part of a page for some visitors only, or for all but them. Nothing that only this part says."""

    effet = blocks.ChoiceBlock(
        label="Effet",
        choices=[("montrer", "Montré à ces segments"), ("cacher", "Caché à ces segments")],
        default="montrer",
    )
    segments = blocks.ListBlock(
        SnippetChooserBlock("portal.Segment", label="Segment"), label="Segments", min_num=1
    )
    titre = blocks.CharBlock(label="Titre", required=False, max_length=100)
    texte = blocks.RichTextBlock(label="Texte", features=TEXTE, required=False)
    demarches = blocks.ListBlock(
        blocks.ChoiceBlock(label="Démarche", choices=demarches), label="Démarches", default=[]
    )

    class Meta:
        label = "Pour certains visiteurs"
        icon = "group"
        template = "portal/blocs/cible.html"

    def get_context(self, value, parent_context=None):
        contexte = super().get_context(value, parent_context=parent_context)
        vus = getattr((parent_context or {}).get("visite"), "segments", frozenset())
        concerne = any(segment and segment.pk in vus for segment in value["segments"])
        types = [vitrine.publiee(code) for code in value["demarches"]]
        return contexte | {
            "est_montre": concerne == (value["effet"] == "montrer"),
            "types": [type for type in types if type],
        }


class CorpsBlock(blocks.StreamBlock):
    """The body of a page."""

    intertitre = blocks.CharBlock(
        label="Intertitre", icon="title", max_length=120, template="portal/blocs/intertitre.html"
    )
    texte = blocks.RichTextBlock(
        label="Texte", icon="pilcrow", features=[*TEXTE, "h3"], template="portal/blocs/texte.html"
    )
    etapes = EtapesBlock()
    encadre = EncadreBlock()
    question = QuestionBlock()
    demarche = DemarcheBlock()
    cible = CibleBlock()
    image = ImageBlock()
    document = DocumentChooserBlock(
        label="Document à télécharger", icon="doc-full", template="portal/blocs/document.html"
    )
