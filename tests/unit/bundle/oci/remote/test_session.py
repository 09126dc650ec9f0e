"""A talk with a registry: what is asked again, what is followed, and where credentials go."""

import pytest
from tests.doubles.registries import HOME, MemoryRegistry, Said

from trimtab.bundle.oci.remote.challenge import Origin
from trimtab.bundle.oci.remote.credentials import Login
from trimtab.bundle.oci.remote.faults import Broken
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.session import Session, whole
from trimtab.bundle.oci.remote.wire import Request
from trimtab.core.errors import OutsideError, UserError

ASK = Request("GET", "/v2/x", {})


class Script:
    """Answers in their order; what was asked."""

    def __init__(self, *answers):
        self.answers, self.seen = list(answers), []

    def send(self, request):
        self.seen.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def session(script, login=None, origin=HOME, slept=None):
    machine = Machine(lambda: 0.0, ([] if slept is None else slept).append, lambda: 1.0)
    return Session(script, origin, lambda: login, Patience(attempts=3, first_s=1), machine)


def basic():
    return Said(401, {"www-authenticate": 'Basic realm="x"'})


def test_who_we_are_is_said_once_asked_and_from_then_on():
    script = Script(basic(), Said(200, {}, b"a"), Said(200, {}, b"b"))
    talk = session(script, Login("u", "p"))
    assert [talk.ask(ASK, (200,), "s").body for _ in range(2)] == [b"a", b"b"]
    assert [one.headers.get("authorization") for one in script.seen] == [None, "Basic dTpw", "Basic dTpw"]
    assert script.seen[0].url == "https://registry.example:443/v2/x"


def test_a_token_that_ran_out_is_fetched_again():
    bearer = {"www-authenticate": 'Bearer realm="https://auth.example/t"'}
    script = Script(
        Said(401, bearer), Said(200, {}, b'{"token": "a"}'), Said(200),
        Said(401, bearer), Said(200, {}, b'{"token": "b"}'), Said(200),
    )  # fmt: skip
    talk = session(script)
    talk.ask(ASK, (200,), "s")
    talk.ask(ASK, (200,), "s")
    assert [one.headers.get("authorization") for one in script.seen] == [
        None, None, "Bearer a", "Bearer a", None, "Bearer b",
    ]  # fmt: skip
    assert script.seen[1].url == "https://auth.example/t?scope=s"


def test_who_is_not_known_twice_is_refused():
    script = Script(basic(), basic())
    with pytest.raises(UserError, match="status 401"):
        session(script, Login("u", "p")).ask(ASK, (200,), "s")


def test_what_may_pass_is_asked_again_and_a_refusal_is_not():
    slept = []
    script = Script(
        Broken("is silent"), Said(503, {"retry-after": "5"}), Said(200, {}, b"x", breaks=0), Said(200, {}, b"x")
    )
    talk = session(script, slept=slept)
    with pytest.raises(OutsideError, match="3 times in a row"):
        talk.ask(ASK, (200,), "s")
    assert slept == [1, 5]
    with pytest.raises(OutsideError, match="status 418"):
        session(Script(Said(418))).ask(ASK, (200,), "s")


def test_every_answer_that_is_not_handed_out_is_closed():
    answers = [basic(), Said(503), Said(404, {}, b"x")]
    with pytest.raises(OutsideError, match="404"):
        session(Script(*answers), Login("u", "p")).ask(ASK, (200,), "s")
    assert all(answer.closed for answer in answers)


@pytest.mark.parametrize("place", ["https://bucket.example/x?key=hush", "/v2/y", "//bucket.example/x"])
def test_a_redirect_is_followed_where_it_may_be(place):
    script = Script(basic(), Said(307, {"location": place}), Said(200, {}, b"x"))
    answer = session(script, Login("u", "p")).once(ASK, (200,), "s", follow=True)
    assert whole(answer, 10) == b"x"
    own = place.startswith("/v2")
    assert script.seen[-1].headers.get("authorization") == ("Basic dTpw" if own else None)


def test_no_redirect_leads_out_of_tls():
    script = Script(Said(307, {"location": "http://bucket.example/x"}))
    with pytest.raises(OutsideError, match="without TLS"):
        session(script).once(ASK, (200,), "s", follow=True)


def test_a_refusal_behind_a_redirect_names_no_key():
    script = Script(Said(307, {"location": "https://bucket.example/x?key=hush"}), Said(403))
    with pytest.raises(UserError) as caught:
        session(script).once(ASK, (200,), "s", follow=True)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "place", ["https://other.example/x", "http://registry.example/x", "https://registry.example:1/x"]
)
def test_what_is_kept_goes_to_the_registry_alone(place):
    with pytest.raises(OutsideError, match="sends us elsewhere"):
        session(Script()).url(place)


def test_a_place_of_its_own_is_taken_in_any_form():
    talk = session(Script())
    for place in ("/v2/x?a=b", "https://registry.example/v2/x?a=b", "https://registry.example:443/v2/x?a=b"):
        assert talk.url(place).endswith("/v2/x?a=b")


def test_an_identity_token_is_no_password():
    with pytest.raises(UserError, match="wants a user and a password"):
        session(Script(basic()), Login("", "", "hush")).ask(ASK, (200,), "s")


def test_a_realm_that_credentials_are_not_brought_to_is_named_and_not_asked():
    script = Script(Said(401, {"www-authenticate": 'Bearer realm="http://elsewhere.example/t"'}))
    with pytest.raises(UserError, match="it is not https"):
        session(script, Login("u", "p")).ask(ASK, (200,), "s")
    assert len(script.seen) == 1


def test_without_tls_the_realm_is_the_own_host():
    script = Script(
        Said(401, {"www-authenticate": 'Bearer realm="http://registry.example:5001/t"'}),
        Said(200, {}, b'{"token": "a"}'), Said(200),
    )  # fmt: skip
    session(script, Login("u", "p"), Origin("http", "registry.example", 80)).ask(ASK, (200,), "s")
    assert script.seen[-1].headers["authorization"] == "Bearer a"


def test_an_answer_that_is_too_long_is_left():
    answer = Said(200, {}, b"x" * 5000)
    with pytest.raises(OutsideError, match="longer than 2500 bytes"):
        whole(answer, 2500)
    assert answer.closed


def test_the_double_is_strict():
    assert MemoryRegistry().session().ask(Request("HEAD", "/v2/team/m/blobs/x", {}), (404,), "s").status == 404
