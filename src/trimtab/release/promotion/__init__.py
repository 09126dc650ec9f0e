"""Whether a bundle may be released into an environment: a pure function of what is known; it names what is missing."""
