"""How an agent signs what they write to a resident: as their direction has it."""

from guichet.organisation.models import Agent, Direction, SignatureDesCourriels


def signer(agent: Agent | None, direction: Direction | None, service: str) -> str:
    """The lines of a signature; `service` is what residents call the direction, or the desk."""
    regle = direction.signature if direction else SignatureDesCourriels.COMPLETE
    if agent is None or regle == SignatureDesCourriels.SERVICE:
        return service
    if regle == SignatureDesCourriels.PRENOM:
        return "\n".join([agent.signature.split("\n")[0] if agent.est_anonyme else agent.prenom, service])
    return agent.signature
