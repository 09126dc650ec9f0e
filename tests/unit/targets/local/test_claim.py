"""An endpoint of a store is one project's."""

from trimtab.core.deployment import Deployment
from trimtab.targets.local.claim import claimed_by
from trimtab.targets.local.place import Place

LIVE = Deployment("churn", "prod", f"sha256:{'a' * 64}")


def place(root, live=None):
    found = Place(root / "local/prod/churn")
    found.folder.mkdir(parents=True)
    if live is not None:
        found.end(live)
    return found


def test_what_another_project_runs_is_not_ours(tmp_path):
    store, theirs, ours = tmp_path / "store", place(tmp_path / "a", LIVE), place(tmp_path / "b")
    store.mkdir()
    assert claimed_by(store, theirs) is None
    assert claimed_by(store, ours) == theirs.folder
    assert claimed_by(store, theirs) is None


def test_whose_folder_is_gone_has_nothing_any_more(tmp_path):
    store, theirs, ours = tmp_path / "store", place(tmp_path / "a", LIVE), place(tmp_path / "b", LIVE)
    store.mkdir()
    assert claimed_by(store, theirs) is None
    theirs.clear()
    assert claimed_by(store, ours) is None
    assert claimed_by(store, place(tmp_path / "a", LIVE)) == ours.folder


def test_an_endpoint_whose_first_apply_was_killed_is_still_its_own(tmp_path):
    store, theirs, ours = tmp_path / "store", place(tmp_path / "a"), place(tmp_path / "b")
    store.mkdir()
    theirs.begin(LIVE)
    assert claimed_by(store, theirs) is None
    assert claimed_by(store, ours) == theirs.folder
