"""The page: well formed, the same each time, and deaf to whatever names and values say."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from trimtab.ops.replay.page import page
from trimtab.ops.replay.style import POLICY, STYLE

VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Tags in order, each closed as it should be, and the text between."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    reader.text = reader.text.replace("\xa0", " ")
    return reader


def test_no_name_and_no_value_becomes_markup(report, evil):
    reader = read(page(report, 0.01))
    assert "script" not in reader.tags
    assert not [name for name in reader.attributes if name.startswith("on") or name == "style"]
    assert reader.text.count(evil) >= 10


def test_nothing_is_fetched_and_the_style_is_the_one_that_is_allowed(report):
    text = page(report)
    assert not re.search(r"https?:|url\(|@import|src=", text)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY
    assert f"<style>{STYLE}</style>" in text
    assert "default-src 'none'" in POLICY


def test_the_same_report_gives_the_same_bytes(report):
    assert page(report, 0.01) == page(report, 0.01)


def test_every_part_is_there(report):
    text = read(page(report, 0.01)).text
    for word in (
        "of decisions change", "more than 1 % change", "For whom", "everywhere else", "What becomes of them",
        "How far numbers move", "Where the candidate fails", "How long it takes", "Examples", "How it was found",
        "2have an answer now", "of 3 that had none then", "1segment stands out",
    ):  # fmt: skip
        assert word in text, word


def test_what_was_not_found_has_no_part(report):
    bare = replace(report, causes=(), cause_ids=(), moves=(), scores=(), groups=(), examples=(), timing=None, failed=0)
    text = read(page(bare)).text
    for word in ("For whom", "becomes", "numbers move", "fails", "long it takes", "Examples", "answer now", "limit"):
        assert word not in text, word
    assert "segments stand out" in text


@pytest.mark.parametrize(("limit", "kind"), [(0.001, "FAIL"), (1.0, "PASS")])
def test_the_verdict_has_its_colour(report, limit, kind):
    assert f'class="verdict {kind}"' in page(report, limit)
