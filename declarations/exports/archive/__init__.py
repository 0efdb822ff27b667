"""The archive package of a cycle: what goes in, by which name, and what is left out with the reason."""
