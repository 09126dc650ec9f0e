from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment, Resources
from trimtab.core.errors import UserError
from trimtab.targets.honour import must_honour, unhonoured

WANTED = replace(Deployment("churn", "prod", "sha256:aa"), replicas=3, server={"rows": 1}, resources=Resources(cpu=1))


def test_a_table_is_honoured_whole_or_by_key():
    assert unhonoured(WANTED, {"replicas", "server", "resources"}) == ()
    assert unhonoured(WANTED, {"replicas", "server.rows", "resources.memory"}) == ("resources.cpu",)


def test_every_field_that_cannot_be_honoured_is_refused_by_name():
    with pytest.raises(UserError) as refused:
        must_honour(WANTED, {"server"}, "edge")
    problems = refused.value.problems
    assert [one.code for one in problems] == ["P500", "P500"]
    assert "`replicas`" in problems[0].what
    assert "`resources.cpu`" in problems[1].what
    assert problems[0].where == "[env.prod]"
