"""The form that applications copy, on an application's page, in a real browser, all the way to a server's records."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace

import pytest
from tests.doubles.browser import browsing
from tests.doubles.hearing import hearing, running

from trimtab.client import Client, SayingError

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & </textarea> é"


class Application(BaseHTTPRequestHandler):
    """The application's own backend: pages, and feedback that it passes on under its own key."""

    def do_GET(self):
        found = self.server.files.get(self.path)
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self._say(404 if found is None else 200, found or b"", f"{kind}; charset=utf-8")

    def do_POST(self):
        self.server.posts += 1
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.server.broken:
            self.server.broken -= 1
            self._say(502)
            return
        try:
            self.server.client.feedback(said.pop("id"), **said)
        except SayingError as error:
            self._say(error.status or 502)
        else:
            self._say(204)

    def _say(self, status, body=b"", kind="text/plain"):
        self.send_response(status)
        self.send_header("content-security-policy", POLICY)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def browser(program, tmp_path_factory):
    with browsing(program("chromium"), tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(browser, root):
    """A page with two answers, `call-7` and the third row of `call-8`, and what became of what was said of them."""
    snippets = root / "docs" / "snippets"
    form, script = (snippets / "feedback.html").read_text().split("<!-- Once")
    first = form.replace("THE ID OF THE ANSWER", "call-7")
    second = form.replace('data-id="THE ID OF THE ANSWER"', 'data-id="call-8" data-row="2"')
    html = (
        f"<!doctype html><html lang=en><link rel=icon href=data:,><title>mine</title>{first}{second}<!-- Once{script}"
    )
    with hearing() as heard, Client(heard.url, "key:shop") as client, running(Application) as server:
        server.files = {"/": html.encode(), "/feedback.js": (snippets / "feedback.js").read_bytes()}
        server.client, server.posts, server.broken = client, 0, 0
        browser.complaints.clear()
        browser.open(f"http://127.0.0.1:{server.server_port}/")
        yield SimpleNamespace(browser=browser, heard=heard, server=server)
        assert [said for said in browser.complaints if "502" not in said] == []


def thumb(number, value):
    return f"form:nth-of-type({number}) button[value='{value}']"


def status(number):
    return f"document.querySelector('form:nth-of-type({number}) output').textContent"


def test_a_thumb_is_sent_at_once_and_a_comment_when_it_is_written(page):
    browser, heard = page.browser, page.heard
    assert browser.eval("document.querySelector('form p').hidden")
    browser.click(thumb(1, 0))
    browser.until(f"{status(1)} === 'Thank you.' && !document.querySelector('form p').hidden")
    browser.type(HOSTILE)
    browser.click("form p button")
    browser.until("document.querySelector('form p').hidden")
    score, comment = heard.records
    assert (score["id"], score["score"], score["comment"], score["principal"]) == ("call-7", 0.0, "", "key:shop")
    assert (comment["id"], comment.get("score"), comment["comment"]) == ("call-7", None, HOSTILE)
    assert browser.eval("document.title") == "mine"
    assert browser.eval("document.querySelector('form img')") is None


def test_each_answer_has_its_form_and_a_person_one_thumb(page):
    browser, heard = page.browser, page.heard
    browser.click(thumb(2, 1))
    browser.until(f"{status(2)} === 'Thank you.'")
    for value in (1, 0):
        browser.click(thumb(2, value))
    browser.click(thumb(1, 1))
    browser.until(f"{status(1)} === 'Thank you.'")
    assert [(one["id"], one["row"], one["score"]) for one in heard.records] == [("call-8", 2, 1.0), ("call-7", 0, 1.0)]
    pressed = "[...document.querySelectorAll('form button[aria-pressed]')].map((one) => one.ariaPressed)"
    assert browser.eval(pressed) == ["true", "false", "true", "false"]


def test_what_could_not_be_sent_can_be_sent_again_and_is_the_same_entry(page):
    browser, heard, server = page.browser, page.heard, page.server
    server.broken = 1
    browser.click(thumb(1, 1))
    browser.until(f"{status(1)}.startsWith('It could not be sent')")
    assert browser.eval("document.querySelector('form button').ariaPressed") == "false"
    first = browser.eval("new Date().toISOString()")
    browser.click(thumb(1, 1))
    browser.until(f"{status(1)} === 'Thank you.'")
    (record,) = heard.records
    assert server.posts == 2
    assert heard.requests[0][2]["time"] < first  # of the first try
    assert record["time"] < record["received"]


def test_an_empty_comment_is_not_sent(page):
    browser, server = page.browser, page.server
    browser.click(thumb(1, 1))
    browser.until("!document.querySelector('form p').hidden")
    browser.type("  ")
    browser.click("form p button")
    browser.click(thumb(2, 1))
    browser.until(f"{status(2)} === 'Thank you.'")
    assert server.posts == 2  # the two thumbs


def test_a_form_that_is_added_later_works_too(page):
    browser, heard = page.browser, page.heard
    browser.eval(
        "(() => { const form = document.querySelector('form').cloneNode(true); form.dataset.id = 'call-9';"
        " document.body.prepend(form); })()"
    )
    browser.click(thumb(1, 1))
    browser.until(f"{status(1)} === 'Thank you.'")
    assert [one["id"] for one in heard.records] == ["call-9"]
