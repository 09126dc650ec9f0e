"""Files that containers are shown, as their own readers read them."""

import os
import tomllib
from pathlib import Path

from trimtab.core.deployment import Deployment, Secret
from trimtab.project.serving import serving_of
from trimtab.server.routing.reading import routes_of
from trimtab.targets.container.files import Routes, routes_text, settings_text, show

ONE = f"sha256:{'a' * 64}"


def test_settings_are_read_by_the_server():
    wanted = Deployment(
        "churn", "prod", ONE, server={"rows": 9, "admin": 8093, "drain": "2s"}, timeout_s=7.0,
        variables={"A": 'quo"ted\n'}, secrets=(Secret("T", "env:PROD_T"),),
    )  # fmt: skip
    read = serving_of(settings_text(wanted), "settings.toml", Path("/"))
    assert (read.server.rows, read.server.timeout, read.server.admin) == (9, 7.0, None)
    assert read.variables == {"A": 'quo"ted\n'}
    assert read.secrets == {"T": "file:/etc/trimtab-secrets/T"}


def test_routes_are_read_by_the_router():
    backends = {ONE: "http://127.0.0.1:20001"}
    text = routes_text(Routes("churn", ("::1", 8100), ("127.0.0.1", 8101), ONE, backends, 9.0), 3)
    read = routes_of(tomllib.loads(text), Path("/etc/trimtab/routes.toml"))
    assert (read.version, read.champion, read.listen, read.control) == (3, ONE, ("::1", 8100), ("127.0.0.1", 8101))
    assert {name: str(url) for name, url in read.backends.items()} == backends
    assert (read.state, read.health, read.timeouts.answer) == (Path("/var/lib/trimtab/state.json"), "/readyz", 9.0)
    assert not read.insecure


def test_whoever_the_container_is_may_read_what_it_is_shown(tmp_path):
    before = os.umask(0o077)
    try:
        show(tmp_path / "a" / "b", b"text")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o644
