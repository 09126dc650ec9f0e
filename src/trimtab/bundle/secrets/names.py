"""Files and folders that hold secrets by what they are called; they are never packed, whatever a project file says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

__all__ = ["FILES", "FOLDERS", "PRIVATE_KEY", "Name", "secret_name"]

PRIVATE_KEY: Final = re.compile(rb"-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----")
_OUTPUTS: Final = re.compile(rb'"outputs"[ \t\r\n]{0,50}:[ \t\r\n]{0,50}\[[ \t\r\n]{0,50}[^\] \t\r\n]')


@dataclass(frozen=True, slots=True)
class Name:
    """Patterns of the last part of a name, in lower case, and what such a file is.

    when: what its content must hold besides, for names that are often harmless.
    """

    kind: str
    patterns: tuple[str, ...]
    when: re.Pattern[bytes] | None = None


# everything below a folder of this name
FOLDERS: Final = {
    ".aws": "credentials of AWS",
    ".azure": "credentials of Azure",
    ".docker": "credentials of a container registry",
    ".gcloud": "credentials of Google Cloud",
    ".git": "source control",
    ".gnupg": "keys of GnuPG",
    ".hg": "source control",
    ".kube": "credentials of Kubernetes",
    ".password-store": "passwords",
    ".ssh": "keys of SSH",
    ".svn": "source control",
    ".terraform": "state of Terraform",
}

FILES: Final = (
    Name("environment file", (".env", ".env.*", "*.env", ".envrc")),
    Name("private key of SSH", ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "*.ppk")),
    Name("private key", ("*.pem", "*.key", "*.asc", "*.crt", "*.cer"), PRIVATE_KEY),
    Name("key store", ("*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx")),
    Name("passwords by host", (".netrc", "_netrc", ".git-credentials", ".pgpass", ".my.cnf", ".htpasswd")),
    Name("credentials of a package index", (".pypirc", "pip.conf", "pip.ini", ".npmrc", ".yarnrc", ".yarnrc.yml")),
    Name("credentials of a container registry", (".dockercfg", ".dockerconfigjson")),
    Name("credentials of Kubernetes", ("kubeconfig", "*.kubeconfig", "kubeconfig.y*ml")),
    Name("state of Terraform", ("*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json")),
    Name("credentials of AWS", (".boto", ".s3cfg", ".passwd-s3fs")),
    Name("credentials of Google Cloud", ("application_default_credentials.json", "client_secret*.json")),
    Name("credentials", (".databrickscfg", "kaggle.json", ".vault-token", "secrets.toml", "credentials.json")),
    Name("notebook with outputs", ("*.ipynb",), _OUTPUTS),
    Name("history of commands", (".*_history", ".lesshst", ".viminfo", ".wget-hsts")),
)


def secret_name(name: str, content: Callable[[], bytes]) -> str:
    """What the file is that must not be packed, by its relative name with `/`; empty for all others.

    content: reads the file; called only for names that are often harmless.
    """
    *folders, last = name.lower().split("/")
    for folder in folders:
        if folder in FOLDERS:
            return FOLDERS[folder]
    for rule in FILES:
        if any(fnmatchcase(last, pattern) for pattern in rule.patterns) and (
            rule.when is None or rule.when.search(content())
        ):
            return rule.kind
    return ""
