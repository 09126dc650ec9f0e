"""What others leave open: pages of a debugger, of a framework, of the machine. The routes are the documented ones."""

from __future__ import annotations

from tests.system.attacks.target import Target

ROUTES = {
    "/v2", "/v2/", "/v2/health/live", "/v2/health/ready", "/v2/models/m", "/v2/models/m/ready", "/v2/models/m/infer",
    "/v1/models/m/rows", "/livez", "/readyz", "/metrics", "/openapi.json", "/", "/docs",
}  # fmt: skip
OTHERS = [
    "/debug", "/debug/pprof/", "/debug/vars", "/_debug", "/__debug__/", "/trace", "/console", "/admin", "/shutdown",
    "/quitquitquit", "/env", "/actuator", "/actuator/env", "/actuator/heapdump", "/server-status", "/status",
    "/healthz", "/stats", "/api", "/api/v1", "/rpc", "/eval", "/exec", "/fault", "/faults", "/chaos", "/reload",
    "/config", "/config.json", "/v2/repository/index", "/v2/repository/models/m/load",
    "/v2/repository/models/m/unload", "/v2/logging", "/v2/trace/setting", "/v2/models/m/trace/setting",
    "/v2/models/m/config", "/v2/models/m/stats", "/v2/models/stats", "/v2/models/m/generate", "/redoc", "/swagger",
    "/swagger.json", "/graphql", "/model", "/models", "/predict", "/invocations", "/ping", "/upload",
]  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")


def test_open_debug_routes(target: Target) -> None:
    """What others leave open is not there, whatever the method; what there is takes its own method alone."""
    taken = {path for path in OTHERS for method in METHODS if target.send(method, path)[0] != 404}
    assert taken == set()
    for path in ROUTES:
        found = {method for method in METHODS if target.send(method, path, b"[]")[0] not in (404, 405)}
        assert found == ({"POST"} if path.endswith(("rows", "infer")) else {"GET"}), path


def test_open_debug_routes_of_the_control_plane(target: Target) -> None:
    """The same there, where the framework brings no page of its own either."""
    own = {"/v2/repository/index", "/v2/repository/models/m/load", "/v2/repository/models/m/unload"}
    for path in {*OTHERS, *ROUTES} - own - {"/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/m/ready"}:
        assert target.send("GET", path, admin=True)[0] == 404, path
        assert target.send("POST", path, b"{}", admin=True)[0] == 404, path
