"""Vaults that secrets are read from, each behind `core.secrets.Vault`."""
