from __future__ import annotations

from trimtab.release.flight.decide import RULES, Rule
from trimtab.release.flight.diagram import states_page

TWO = (
    Rule("rolling back", "nobody answers", "wait", "rolling back"),
    Rule("rolling back", "otherwise", "end", "rolled back"),
    Rule("rolled back", "otherwise", "wait", "rolled back"),
)


def test_what_is_waited_for_is_in_the_table_and_not_in_the_diagram() -> None:
    page = states_page(TWO)
    diagram, _, table = page.partition("| phase |")
    assert "    rolling_back --> rolled_back: otherwise\n" in diagram
    assert "nobody answers" not in diagram
    assert "| rolling back | nobody answers | wait | rolling back |" in table


def test_it_begins_with_the_first_phase_and_ends_with_those_that_nothing_leaves() -> None:
    page = states_page(TWO)
    assert "[*] --> rolling_back\n" in page
    assert "rolled_back --> [*]\n" in page
    assert page.count("--> [*]") == 1


def test_every_rule_is_on_the_page_and_three_phases_are_the_last() -> None:
    page = states_page()
    assert page.count("\n| ") == len(RULES) + 1
    assert page.count("--> [*]") == 3
