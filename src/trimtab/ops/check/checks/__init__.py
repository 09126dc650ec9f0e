"""One module a kind of evidence, each with `check(subject, bench) -> Found`."""
