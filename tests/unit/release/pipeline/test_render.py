"""The text: the same each time, with a head that says whose it is, and a diff to any other."""

import pytest

from trimtab.core.errors import UserError
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.actions import CHECKOUT
from trimtab.release.pipeline.render import difference, is_rendered, rendered
from trimtab.release.pipeline.wishes import KINDS, Subject, Wishes

DEV = Environment("dev", branch="main", target=Place("kubernetes"))
PROD = Environment("prod", "dev", "main", approvals=2, approvers=("ann", "bob"), target=Place("kubernetes"))
SUBJECT = Subject("churn", (DEV, PROD), "git")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_give_the_same_bytes(kind):
    text = rendered(kind, SUBJECT, Wishes())
    assert text == rendered(kind, SUBJECT, Wishes())
    assert is_rendered(text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "#   prod: branch main, after dev, 2 of ann, bob\n" in text
    assert not [line for line in text.splitlines() if line != line.rstrip() or "\t" in line]


def test_a_pinned_action_has_its_version_beside_it():
    text = rendered("github", SUBJECT, Wishes())
    assert f"uses: {CHECKOUT.uses} # {CHECKOUT.version}\n" in text


def test_what_cannot_be_rendered_is_refused_with_all_reasons():
    with pytest.raises(UserError) as caught:
        rendered("github", Subject("churn", (Environment("a"), Environment("b")), "local"), Wishes())
    assert len(caught.value.problems) == 5


def test_a_difference_is_shown_line_by_line_and_an_end_without_a_line_end_too():
    assert difference("a\nb\n", "a\nb\n", "w.yml") == ""
    shown = difference("a\nb", "a\nb\n", "w.yml")
    assert shown.startswith("--- w.yml\n+++ rendered\n")
    assert "-b\n\\ No newline at end of file\n+b\n" in shown


def test_a_file_of_somebody_else_is_not_ours():
    assert not is_rendered("name: ci\n")
    assert not is_rendered("")
