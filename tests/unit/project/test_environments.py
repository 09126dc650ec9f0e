from math import inf
from pathlib import Path

import pytest

from trimtab.core.deployment import Autoscale, Resources, Secret
from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.release.environments import Environment, Place, Requirement
from trimtab.release.flight.plan import Limit, Plan

SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'
HERE = Path("/project/trimtab.toml")


def environments(text):
    return project_of(SMALL + text, HERE).environments


def test_a_file_that_names_none_has_none():
    assert environments("") == {}


def test_everything_that_can_be_said():
    said = environments(
        '[env.prod]\nafter = "staging"\ntag = "v*"\napprovals = 2\napprovers = ["ann", "bob", "CN=eve"]\n'
        'approvals_within = "7d"\nfour_eyes = false\nhost = "10.0.0.1"\nport = 81\nimage = "r.example/churn"\n'
        'autoscale = { least = 2, most = 8 }\nresources = { cpu = 0.5, memory = "1GiB" }\nidentity = "churn"\n'
        'requires = ["golden", { kind = "load", within = "7d", warn_only = true }]\npublic = true\n'
        'telemetry = "http://c:4318"\nvariables = { REGION = "eu" }\nsecrets = { T = "env:T", A = "file:/a" }\n'
        'target = { kind = "other", zones = ["a"] }\nflight = { kind = "canary", steps = [5, 50], watch = "5m" }\n'
        "server = { rows = 10 }\n[env.staging]\nreplicas = 3\n"
    )
    assert list(said) == ["staging", "prod"]
    assert said["staging"] == Environment("staging", replicas=3)
    assert said["prod"] == Environment(
        "prod", after="staging", tag="v*", approvals=2, approvers=("ann", "bob", "CN=eve"), approvals_s=7 * 86400.0,
        four_eyes=False, host="10.0.0.1", port=81, image="r.example/churn", autoscale=Autoscale(2, 8),
        resources=Resources(0.5, 2**30), identity="churn", public=True, telemetry="http://c:4318",
        requires=(Requirement("golden"), Requirement("load", 7 * 86400.0, warn_only=True)),
        variables={"REGION": "eu"}, secrets=(Secret("A", "file:/a"), Secret("T", "env:T")),
        target=Place("other", {"zones": ["a"]}), flight=Plan(steps=(0.05, 0.5), watch_s=300.0), server={"rows": 10},
    )  # fmt: skip


def test_those_that_come_before_go_first_else_it_is_the_order_of_the_file():
    text = '[env.c]\nafter = "b"\n[env.x]\n[env.b]\nafter = "a"\n[env.a]\n'
    assert list(environments(text)) == ["x", "a", "b", "c"]


def test_approvers_all_have_to_say_yes_where_no_number_is_said():
    said = environments('[env.prod]\napprovers = ["ann", "bob"]\n')["prod"]
    assert (said.approvals, said.approvals_s) == (2, inf)


def test_the_server_of_an_environment_is_that_of_all_with_its_own_keys_over_it():
    said = environments(
        '[server]\nrows = 5\ntimeout = "1s"\n[server.log]\nfolder = "a"\nmode = "sent"\n'
        '[env.prod.server]\nrows = 6\n[env.prod.server.log]\nmode = "synced"\n[env.dev]\n'
    )
    assert said["prod"].server == {"rows": 6, "timeout": "1s", "log": {"folder": "a", "mode": "synced"}}
    assert said["dev"].server == {"rows": 5, "timeout": "1s", "log": {"folder": "a", "mode": "sent"}}


def test_a_flight_is_the_files_with_its_own_keys_over_it_and_none_where_nothing_is_said():
    head = '[flight]\nsteps = [1, 2]\nminimum = 7\nwatch = "1m"\n[limits]\nerrors = { at_most = 0.1 }\n'
    said = environments(
        head + '[env.a]\nflight = {}\n[env.b]\nflight = { kind = "shadow", minimum = 8 }\n[env.c]\n'
        '[env.d]\nflight = { kind = "canary", watch = "2m" }\n'
    )
    limits = (Limit("errors", at_most=0.1),)
    assert said["a"].flight == Plan(steps=(0.01, 0.02), minimum=7, watch_s=60.0, limits=limits)
    assert said["b"].flight == Plan("shadow", steps=(1.0,), minimum=8, watch_s=60.0, limits=limits)
    assert said["c"].flight is None
    assert said["d"].flight == Plan(steps=(0.01, 0.02), minimum=7, watch_s=120.0, limits=limits)


def test_where_it_is_reached_may_be_said_with_its_target():
    said = environments('[env.a]\ntarget = { kind = "local", port = 81, host = "::1" }\n')["a"]
    assert (said.host, said.port, said.target) == ("::1", 81, Place("local", {"port": 81, "host": "::1"}))


def test_two_trust_policies_alone_are_two_environments_on_no_port():
    assert set(environments("[env.a.trust]\nallow_code = true\n[env.b.trust]\nallow_code = true\n")) == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "code", "what", "where"),
    [
        ('[env.a]\nafter = "b"\n[env.b]\nafter = "a"', "P105", "`a` after `b` after `a`", "5 env.a.after"),
        ('[env.a]\nafter = "a"', "P105", "`a` after `a`: none", "5 env.a.after"),
        ('[env.prod]\nafter = "stagin"\n[env.staging]', "P105", "no environment `stagin`", "5 env.prod.after"),
        ("[env.Prod]", "P105", "`Prod` is not a name", "4 env.Prod"),
        ('[env.a]\nbranch = "main"\ntag = "v*"', "P105", "both said", "6 env.a.tag"),
        ('[env.a]\nbranch = "a b"', "P105", "matches nothing", "5 env.a.branch"),
        ('[env.a]\napprovals = 2\napprovers = ["ann"]', "P105", "2 approvals are wanted, and 1", "5 env.a.approvals"),
        ("[env.a]\napprovals = 1", "P107", "nobody could say yes", "5 env.a.approvals"),
        ('[env.a]\napprovals_within = "7d"', "P107", "nobody could", "5 env.a.approvals_within"),
        ('[env.a]\napprovers = ["ann", "ann"]', "P105", "named twice", "5 env.a.approvers"),
        ('[env.a]\nrequires = ["goldn"]', "P105", "`goldn` is not one of", "5 env.a.requires"),
        ('[env.a]\nrequires = ["approval"]', "P105", "`approval` is not one of", "5 env.a.requires"),
        ('[env.a]\nrequires = ["golden", { kind = "golden" }]', "P105", "twice", "5 env.a.requires"),
        ('[env.a]\nrequires = [{ kind = "load", within = "7" }]', "P106", "no unit", "5 env.a.requires"),
        ('[env.a]\nrequires = [{ kind = "load", within = "0s" }]', "P105", "no time", "5 env.a.requires"),
        ('[env.a]\nrequires = [{ kind = "load", age = "7d" }]', "P103", "no key `age`", "5 env.a.requires"),
        ('[env.a]\nrequires = [{ kind = "load", warn_only = 1 }]', "P104", "`warn_only`", "5 env.a.requires"),
        ("[env.a]\nrequires = [1]", "P104", "not a kind of evidence", "5 env.a.requires"),
        ('[env.a]\nrequires = "golden"', "P104", "not an array", "5 env.a.requires"),
        ('[env.a]\ntarget = "local"', "P104", "not a table", "5 env.a.target"),
        ("[env.a]\ntarget = { port = 1 }", "P107", "`kind` is missing", "5 env.a.target"),
        ('[env.a]\ntarget = { kind = "../x" }', "P105", "no kind of target", "5 env.a.target"),
        ('[env.a]\ntarget = { kind = "x", y = { z = 1 } }', "P104", "`y` is a table", "5 env.a.target"),
        ('[env.a]\ntarget = { kind = "local", port = "81" }', "P105", "no port", "5 env.a.target"),
        ('[env.a]\nport = 82\ntarget = { kind = "local", port = 81 }', "P105", "81 here and 82", "6 env.a.target"),
        ('[env.a]\nport = 81\n[env.b]\ntarget = { kind = "container", port = 81 }', "P105", "port 81 is that of `a`",
         "7 env.b.target"),
        ('[env.a]\ntarget = { kind = "local" }\n[env.b]\ntarget = { kind = "local", host = "0.0.0.0" }', "P105",
         "port 8080 is that of `a`", "7 env.b.target"),
        ("[env.a]\nreplicas = 2\nautoscale = { least = 1, most = 2 }", "P105", "both say", "5 env.a.replicas"),
        ("[env.a]\nautoscale = { least = 1 }", "P107", "`most` is missing", "5 env.a.autoscale"),
        ("[env.a]\nautoscale = { least = 3, most = 2 }", "P105", "above `most`", "5 env.a.autoscale.least"),
        ('[env.a]\nvariables = { "A B" = "x" }', "P105", "no name of a variable", "5 env.a.variables"),
        ('[env.a]\nvariables = { A = "x" }\nsecrets = { A = "env:A" }', "P105", "`variables` too", "6 env.a.secrets.A"),
        ("[env.a]\nserver = { rowz = 1 }", "P103", "no key `rowz`", "5 env.a.server.rowz"),
        ("[env.a.server]\nrows = 0", "P105", "below 1", "5 env.a.server.rows"),
        ('[env.a.server]\nproxies = ["x"]', "P105", "no network", "5 env.a.server.proxies"),
        ("[env.a]\nflight = { steps = [50, 5] }", "P105", "no shares in percent", "5 env.a.flight.steps"),
        ('[env.a]\nflight = { watch = "1h" }', "P105", "gives up after 3600 s", "5 env.a.flight"),
        ("[env.a]\nother = 1", "P103", "no key `other` in `[env.a]`", "5 env.a.other"),
    ],
)  # fmt: skip
def test_what_could_never_be_released_or_means_two_things_is_a_fault_with_its_line(text, code, what, where):
    with pytest.raises(UserError) as caught:
        environments(text + "\n")
    problem = caught.value.problems[0]
    assert problem.code == code
    assert what in problem.what
    assert problem.where.startswith(f"trimtab.toml:{where}")


def test_a_circle_is_said_of_everyone_in_it_and_of_nobody_behind_it():
    with pytest.raises(UserError) as caught:
        environments('[env.a]\nafter = "b"\n[env.b]\nafter = "a"\n[env.c]\nafter = "a"\n')
    assert [one.where for one in caught.value.problems] == ["trimtab.toml:5 env.a.after", "trimtab.toml:7 env.b.after"]


@pytest.mark.parametrize("value", ['"hunter2"', '"https://user:hunter2@x"', '"env:hunter 2"', '["hunter2"]'])
def test_a_secret_in_place_of_where_it_is_is_refused_and_not_shown(value):
    with pytest.raises(UserError) as caught:
        environments(f"[env.a]\nsecrets = {{ T = {value} }}\n")
    assert "hunter" not in str(caught.value)
    assert caught.value.problems[0].where == "trimtab.toml:5 env.a.secrets.T"
