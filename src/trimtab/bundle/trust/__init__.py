"""Who signed a bundle, whether that is enough for a policy, and the one door that code has to pass before it runs."""
