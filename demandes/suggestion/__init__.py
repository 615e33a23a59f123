"""What a message seems to ask, and why: proposed to an agent, never decided."""
