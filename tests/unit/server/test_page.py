"""The page for people: nothing served escapes into it as markup, nothing foreign runs in it, its line can be typed."""

import base64
import hashlib
import json
import re
import shlex
from html.parser import HTMLParser

import pytest

from trimtab.core.signature import Field, Signature
from trimtab.server.examples import example_rows
from trimtab.server.page import page

HOSTILE = """</script><script>alert('1')</script>"&é"""


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, and the text inside of each kind of tag."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self._open = [], {}, []
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


@pytest.fixture
def hostile(kit):
    fields = (Field(HOSTILE, "BYTES", categories=(HOSTILE, "it's")), Field("n", "INT64", low=0, nullable=True))
    signature = Signature(fields, (Field("y", "FP64"),))
    return kit.endpoint(signature, "shop", {HOSTILE: [HOSTILE], "n": [None]})


def test_names_and_values_of_a_model_stay_text(hostile):
    html, _ = page({"shop": hostile})
    read = Reader(html)
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert HOSTILE in read.texts["code"]
    assert any(HOSTILE in text for text in read.texts["td"])
    (area,) = read.texts["textarea"]
    assert json.loads(area) == example_rows(hostile)


def test_the_line_to_copy_is_one_command_of_a_shell_with_the_example_as_its_body(hostile):
    read = Reader(page({"shop": hostile})[0])
    words = shlex.split(read.texts["pre"][0])
    assert words[:2] == ["curl", "ORIGIN/v1/models/shop/rows"]
    assert words[2:4] == ["-H", "content-type: application/json"]
    assert json.loads(words[5]) == example_rows(hostile)


def test_only_its_own_style_and_script_may_run(endpoint):
    html, policy = page({"churn": endpoint})
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>".encode(), html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text).digest())
        assert b"%b-src 'sha256-%b'" % (kind.encode(), digest) in policy
    assert policy.startswith(b"default-src 'none'; ")
    assert b"unsafe" not in policy
    assert b"frame-ancestors 'none'" in policy


def test_nothing_is_fetched_from_elsewhere_and_no_attribute_runs(endpoint):
    read = Reader(page({"churn": endpoint})[0])
    attributes = [(name, value) for _, attrs in read.tags for name, value in attrs.items()]
    assert [value for name, value in attributes if name in ("src", "href", "action") and "//" in value] == []
    assert [name for name, _ in attributes if name.startswith("on") or name == "style"] == []
    assert read.tags[0] == ("html", {"lang": "en"})


def test_every_model_says_its_state_and_what_its_columns_may_hold(endpoint, kit):
    loading = kit.endpoint(name="slow", ready=False)
    html, _ = page({"churn": endpoint, "slow": loading})
    read = Reader(html)
    assert read.texts["h1"] == ["trimtab serves 2 models"]
    assert read.texts["span"] == ["ready", "loading"]
    assert "still loading" in read.texts["small"]
    cells = " | ".join(read.texts["td"])
    assert "INT64 | [-1] | 0 to 120" in cells
    assert "one of basic, plus" in cells
    assert "may be null" in cells
    assert [attrs["action"] for tag, attrs in read.tags if tag == "form"] == [
        "/v1/models/churn/rows", "/v1/models/slow/rows",
    ]  # fmt: skip
