"""`python -m guichet.pieces.rendu_vignette <type>`: a picture on the standard input, its thumbnail out.

A process of its own, bounded by the kernel: a picture of forty bytes may unfold to forty million points, and
somebody who writes to the city may send hundreds of them.
"""

import resource
import sys

from guichet.pieces.formats import IMAGES
from guichet.pieces.images import reduire

SECONDES = 3  # of processor
MEMOIRE = 512 * 1024**2  # bytes of address space, the program itself included


def borner() -> None:
    """No picture may take more than this of the machine; whoever goes beyond is killed by the kernel."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDES, SECONDES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    contenu = sys.stdin.buffer.read()
    format = next(format for format in IMAGES if format.type_mime == sys.argv[1])
    borner()
    sys.stdout.buffer.write(reduire(contenu, format))


if __name__ == "__main__":
    main()
