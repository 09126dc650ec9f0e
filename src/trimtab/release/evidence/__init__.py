"""Evidence as it is kept and travels: signed statements about a digest, which count once their signer is known."""
