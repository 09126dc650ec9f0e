"""The page: well formed, the same each time, and deaf to whatever names say."""

from html.parser import HTMLParser

from trimtab.ops.readout.looks import looks_of_answers
from trimtab.ops.readout.page import page
from trimtab.ops.readout.readout import readout


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, _):
        self.tags.append(tag)


def test_the_page_of_a_readout(made_up, golden):
    found = readout("churn-1", looks_of_answers(made_up(2000), 6))
    golden("readout.html", page(found))


def test_no_name_becomes_markup(made_up):
    evil = "<script>alert(1)</script>"
    looks = looks_of_answers(made_up(1000), 2)
    text = page(readout(evil, looks, 0.05, {evil: looks}))
    reader = Reader()
    reader.feed(text)
    assert "script" not in reader.tags
    assert text == page(readout(evil, looks, 0.05, {evil: looks}))
