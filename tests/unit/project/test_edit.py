import tomllib

import pytest

from trimtab.core.errors import UserError
from trimtab.project.edit import server_lines, with_server

KEYS = {"engine": "workers", "processes": 2, "batch": "50ms"}
FILE = """# mine
name = "a"

[server]  # here
port = 9000
processes = 1  # one for now

batch = '5ms'
# the end

[model]
path = "a:b"
"""


def test_only_the_lines_of_these_keys_change():
    changed = with_server(FILE, KEYS)
    assert tomllib.loads(changed)["server"] == {"port": 9000, **KEYS}
    assert "processes = 2  # one for now\n" in changed
    kept = [line for line in FILE.splitlines() if not line.startswith(("processes", "batch"))]
    assert [line for line in changed.splitlines() if line in kept] == kept
    assert with_server(changed, KEYS) == changed


def test_a_file_without_the_table_gets_it_at_its_end():
    changed = with_server('name = "a"\n# [server]\n# port = 8080', KEYS)
    assert changed.endswith("\n\n[server]\n" + "\n".join(server_lines(KEYS)) + "\n")
    assert changed.startswith('name = "a"\n# [server]\n# port = 8080\n')


def test_an_empty_table_and_dotted_keys_are_changed_too():
    assert tomllib.loads(with_server("[server]\n", KEYS))["server"] == KEYS
    assert tomllib.loads(with_server("server.processes = 1\n", {"processes": 3})) == {"server": {"processes": 3}}


@pytest.mark.parametrize("text", ["server = { port = 1 }\n", "server.port = 1\n", "server = {}\n"])
def test_a_table_in_another_form_is_refused_with_the_lines(text):
    with pytest.raises(UserError, match="P125") as caught:
        with_server(text, KEYS)
    assert "processes = 2" in caught.value.problems[0].hint
