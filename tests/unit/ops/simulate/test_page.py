"""The page of a simulation: as it stands in the golden file, and deaf to names."""

from dataclasses import replace

from trimtab.ops.simulate.page import page


def test_the_page_of_a_simulation(report, golden):
    text = page(report)
    assert text == page(report)
    golden("simulate.html", text)


def test_no_name_becomes_markup(report):
    evil = "<script>alert(1)</script>"
    scenes = [replace(scene, name=evil) for scene in report.scenes]
    assert "<script" not in page(replace(report, recorded=evil, scenes=scenes))
