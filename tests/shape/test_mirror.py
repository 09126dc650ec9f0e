"""Every module has its unit test where one looks for it: `a/b.py` has `tests/unit/a/test_b.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

# module -> why it has no test file of its own; the file that the reason names must be there
ELSEWHERE = {
    "__main__.py": "two lines that call cli/main.py; `tests/shape/test_rooms.py` imports everything else",
    "batch/csvrows.py": "`tests/unit/batch/test_row_files.py` asks all formats the same questions",
    "batch/jsonrows.py": "`tests/unit/batch/test_row_files.py` asks all formats the same questions",
    "batch/parquet.py": "`tests/unit/batch/test_row_files.py` asks all formats the same questions",
    "bundle/compiled/asking.py": "runs in a clean process: `tests/system/test_package_hangs.py`",
    "bundle/compiled/attempt.py": "the way to every form in `tests/unit/bundle/compiled/test_planted.py`",
    "bundle/compiled/categories.py": "encoders in the stages of `tests/unit/bundle/compiled/test_stages.py`",
    "bundle/compiled/child.py": "runs in a clean process: `tests/system/test_compiled.py`",
    "bundle/compiled/convert.py": "a table of converters: `tests/unit/bundle/compiled/test_planted.py` runs through it",
    "bundle/compiled/features.py": "what is folded: `tests/unit/bundle/compiled/test_fold.py`",
    "bundle/compiled/step.py": "runs clean processes: `tests/system/test_compiled.py`",
    "bundle/compiled/story.py": "runs clean processes: `tests/system/test_compiled.py`",
    "bundle/compiled/transformers.py": "transformers in the stages of `tests/unit/bundle/compiled/test_stages.py`",
    "bundle/compiled/versus.py": "half of a trial: `tests/unit/bundle/compiled/test_trial.py`",
    "bundle/engines/linear.py": "the form that `tests/unit/bundle/compiled/test_fold.py` makes",
    "bundle/engines/weights.py": "what `tests/unit/bundle/compiled/test_planted.py` breaks",
    "bundle/flavours/__init__.py": "the order of detection: `tests/unit/bundle/flavours/test_detect.py`",
    "bundle/flavours/lightgbm_model.py": "half of its flavour: `tests/unit/bundle/flavours/test_lightgbm.py`",
    "bundle/flavours/onnx_file.py": "half of its flavour: `tests/unit/bundle/flavours/test_onnx.py`",
    "bundle/flavours/torch_file.py": "half of its flavour: `tests/unit/bundle/flavours/test_torch.py`",
    "bundle/flavours/torch_model.py": "half of its flavour: `tests/unit/bundle/flavours/test_torch.py`",
    "bundle/flavours/xgboost_model.py": "half of its flavour: `tests/unit/bundle/flavours/test_xgboost.py`",
    "bundle/forest/layout.py": "names and numbers: `tests/unit/bundle/forest/test_trees.py` shows what they mean",
    "bundle/forest/refusal.py": "one error, raised in `tests/unit/bundle/forest/test_trees.py`",
    "bundle/image/build.py": "asks an index and reads a real base: `tests/system/images/test_same_image.py`",
    "cli/keys.py": "options, as `tests/unit/cli/test_sign.py` types them",
    "bundle/lock/step.py": "runs clean processes and asks an index: `tests/system/test_package.py`",
    "bundle/making/discover.py": "runs clean processes: `tests/system/test_package.py`",
    "bundle/oci/pulling.py": "a registry, a store and trust together: `tests/system/registry/test_push_pull.py`",
    "bundle/oci/pushing.py": "a bundle into a real registry: `tests/system/registry/test_push_pull.py`",
    "bundle/oci/remote/faults.py": "errors, raised in `tests/unit/bundle/oci/remote/test_session.py`",
    "bundle/firstload.py": "runs clean processes: `tests/system/test_first_load.py`",
    "bundle/proof/limits.py": "ends processes that go too far: `tests/system/test_first_load.py`",
    "bundle/proof/network.py": "takes a process's network away for good: `tests/system/test_no_network.py`",
    "bundle/proof/running.py": "starts the clean process: `tests/system/test_first_load.py`",
    "bundle/flavours/torch_pickles.py": "real exports with pickles in them: `tests/system/test_hostile_formats.py`",
    "bundle/flavours/archives.py": "archives made to fill memory: `tests/system/test_hostile_sizes.py`",
    "bundle/predictor.py": "protocols, and the join that `tests/properties/test_join.py` holds",
    "core/attestations.py": "nouns: `tests/unit/release/ledger/test_releases.py` has one read back",
    "core/verdicts.py": "names: `tests/unit/release/flight/test_judge.py` says what they mean",
    "core/interactions.py": "nouns: `tests/unit/journal/interactions/test_decode.py` reads them back",
    "core/records.py": "a protocol, kept by what `tests/unit/server/guard/audit/test_filejournal.py` writes",
    "journal/privacy/policy.py": "another name for what `tests/unit/core/test_policies.py` reads",
    "project/flight_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "project/guard_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "project/guard_text.py": "writes what `tests/unit/project/test_travel.py` reads back",
    "project/key.py": "one line of the table that `tests/unit/project/test_keys.py` looks at",
    "ops/flights/flown.py": "a protocol, kept by what `tests/unit/ops/flights/test_server.py` asks",
    "ops/replay/findings.py": "the report of a whole run: `tests/system/replay/test_decisions.py`",
    "ops/replay/process.py": "a process that crashes and hangs: `tests/system/replay/test_player.py`",
    "ops/replay/recorded.py": "a protocol, kept by the journal in `tests/unit/ops/replay/test_journal.py`",
    "ops/replay/replay.py": "the whole run: `tests/system/replay/test_decisions.py`",
    "ops/replay/sections.py": "parts of the page that `tests/unit/ops/replay/test_page.py` reads",
    "ops/replay/style.py": "the style of the page that `tests/unit/ops/replay/test_page.py` reads",
    "ops/tune/curve.py": "measures in a clean process: `tests/system/test_tune.py`",
    "ops/tune/leash.py": "what happens when its parent is killed: `tests/system/test_tune.py`",
    "ops/tune/load.py": "a process that asks a real server: `tests/system/test_tune.py`",
    "ops/tune/subject.py": "requests that a real server answers: `tests/system/test_tune.py`",
    "ops/tune/trial.py": "real servers: `tests/system/test_tune.py`",
    "ops/tune/tune.py": "the whole run: `tests/system/test_tune.py`",
    "project/journal.py": "what `tests/unit/project/test_keys.py` and `tests/unit/project/test_travel.py` read",
    "project/journal_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "release/environments.py": "nouns, as `tests/unit/release/ledger/test_releases.py` has them",
    "release/promotion/values.py": "nouns, which `tests/unit/release/ledger/test_releases.py` writes and reads",
    "release/record/record.py": "a protocol, kept by what `tests/unit/release/ledger/test_ledger.py` writes",
    "targets/target.py": "a protocol, and what `tests/unit/targets/test_honour.py` holds a deployment against",
    "release/flight/look.py": "what `tests/unit/release/flight/test_conditions.py` asks about",
    "release/flight/plan.py": "a noun, whose faults `tests/unit/release/flight/test_check_plan.py` names",
    "release/flight/states.py": "nouns, which `tests/unit/release/flight/test_decide.py` gives and takes",
    "server/gateway/around.py": "what `tests/doubles/lines.py` makes for `tests/unit/server/gateway/test_reckoning.py`",
    "server/gateway/asking.py": "protocols, kept by `tests/unit/server/gateway/test_upstream.py`",
    "server/gateway/gateway.py": "flies two real backends: `tests/system/gateway/test_arms.py`",
    "server/gateway/grpc.py": "calls of real clients and backends: `tests/system/gateway/test_grpc.py`",
    "server/gateway/keeping.py": "writes a journal, read in `tests/system/gateway/test_faults.py`",
    "server/gateway/listener.py": "callers over real sockets: `tests/system/gateway/test_http.py`",
    "server/gateway/pool.py": "connects for real: `tests/system/gateway/test_faults.py`",
    "server/gateway/running.py": "a thread and its sockets: `tests/system/gateway/test_arms.py`",
    "server/gateway/settings.py": "values, obeyed in `tests/system/gateway/test_faults.py`",
    "server/gateway/state.py": "a file that survives a restart: `tests/system/gateway/test_arms.py`",
    "ops/flights/gateway.py": "a whole flight of real backends: `tests/system/gateway/test_fly.py`",
    "server/journal/settings.py": "values, which `tests/unit/project/test_keys.py` compares with the table of keys",
    "server/dialects/__init__.py": "a form, as in `tests/unit/server/dialects/test_coding.py`",
    "server/flights/orders.py": "a form, filled in and read in `tests/unit/server/flights/test_control.py`",
    "server/workers/settings.py": "two numbers, obeyed in `tests/unit/server/workers/test_pool.py`",
}


def unmirrored(source: Path, tests: Path) -> set[str]:
    """Modules without their test file; a package's `__init__.py` counts when there is code in it."""
    found = set()
    for path in source.rglob("*.py"):
        place = path.relative_to(source)
        if path.name == "__init__.py" and "def " not in path.read_text("utf-8"):
            continue
        name = path.parent.name if path.name == "__init__.py" else path.stem
        folder = tests / (place.parent.parent if path.name == "__init__.py" else place.parent)
        if not (folder / f"test_{name}.py").is_file():
            found.add(place.as_posix())
    return found


def test_every_module_has_its_test_or_a_reason(root: Path) -> None:
    assert unmirrored(root / "src" / "trimtab", root / "tests" / "unit") == set(ELSEWHERE)


@pytest.mark.parametrize("module", sorted(ELSEWHERE))
def test_the_file_that_a_reason_names_is_there(root: Path, module: str) -> None:
    named = ELSEWHERE[module].split("`")[1]
    assert (root / named).is_file()


@pytest.mark.parametrize(
    ("module", "test", "missing"),
    [
        ("a/b.py", "a/test_b.py", set()),
        ("a/b.py", "test_b.py", {"a/b.py"}),
        ("a/__init__.py", "test_a.py", set()),
        ("a/__init__.py", "a/test_a.py", {"a/__init__.py"}),
        ("a/b.py", "none", {"a/b.py"}),
    ],
)
def test_a_module_is_looked_for_beside_its_twin(tmp_path: Path, module: str, test: str, missing: set[str]) -> None:
    for path in (tmp_path / "src" / module, tmp_path / "tests" / test):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def f(): ...\n")
    assert unmirrored(tmp_path / "src", tmp_path / "tests") == missing
