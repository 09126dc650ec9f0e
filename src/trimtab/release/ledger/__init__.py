"""What was decided and done, for good: an append-only file whose lines each hold the digest of the line before."""
