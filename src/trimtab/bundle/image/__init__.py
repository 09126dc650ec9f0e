"""Images of bundles: base, libraries, trimtab, settings, model; written without a daemon. `build` is the door."""
