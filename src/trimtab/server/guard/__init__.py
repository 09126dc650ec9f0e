"""Who may call, how much, and what is kept of it: identity, limits and audit, ahead of every route."""
