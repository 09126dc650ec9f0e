from trimtab.project.keys import KEYS
from trimtab.project.reference import reference_page


def test_every_key_has_its_heading_once_below_its_table():
    page = reference_page()
    for key in KEYS:
        assert page.count(f"### `{key.path}`\n") == 1, key.path
        table = key.path.rpartition(".")[0]
        heading = f"## `[{table}]`" if table else "## Before any table"
        assert page.index(heading) < page.index(f"### `{key.path}`"), key.path


def test_an_entry_says_what_the_key_takes():
    page = reference_page()
    for key in KEYS:
        entry = page.partition(f"### `{key.path}`\n")[2].partition("\n#")[0]
        assert ("required" in entry) is key.required or not key.required, key.path
        assert all(f"`{choice}`" in entry for choice in key.choices), key.path
        assert key.doc[1:] in entry, key.path


def test_the_page_is_markdown_without_blank_ends():
    page = reference_page()
    assert page.startswith("# trimtab.toml\n")
    assert page.endswith("\n")
    assert "\n\n\n" not in page
