"""How much a caller may take: counted for all processes of a server, and kept."""
