"""Pipelines of GitHub Actions and Azure Pipelines, rendered from the environments of trimtab.toml."""
