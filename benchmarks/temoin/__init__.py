"""`bare-std`: Django with its standard middleware and a logged-in user, doing the least possible."""
