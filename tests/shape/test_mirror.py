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
    "targets/faults.py": "two errors, raised in `tests/unit/testing/test_memory.py`",
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
    "cli/plan.py": "the verb that `docs/release/releasing.md` types, which `tests/sessions/test_pages.py` runs",
    "cli/releasing.py": "what the verbs of releases share: `tests/system/release/test_story.py` types them",
    "cli/rollback.py": "a line to type: `tests/system/release/test_story.py`",
    "cli/withdraw.py": "a line to type: `tests/system/release/test_story.py`",
    "cli/released.py": "what `tests/unit/cli/test_history.py` and `tests/system/release/test_story.py` read",
    "ops/release/means.py": "protocols, kept by `tests/doubles/releasing.py`",
    "ops/release/pen.py": "who may write, and after what: `tests/unit/ops/release/test_release.py`",
    "ops/release/plan.py": "what `tests/unit/ops/release/test_release.py` has refused and let through",
    "ops/check/bench.py": "real processes and servers: `tests/system/check/test_checks.py`",
    "ops/check/subject.py": "nouns, and a protocol kept by the bench in `tests/unit/ops/check/conftest.py`",
    "ops/check/checks/golden.py": "a clean process: `tests/system/check/test_checks.py`",
    "cli/fitness.py": "what `tests/unit/cli/test_check.py` types",
    "project/check_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
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
    "project/check_environments.py": "each fault with its line: `tests/unit/project/test_environments.py`",
    "project/env_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "project/journal.py": "what `tests/unit/project/test_keys.py` and `tests/unit/project/test_travel.py` read",
    "project/journal_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "project/parse_env.py": "values that `tests/unit/project/test_environments.py` writes, well and badly",
    "project/wrong.py": "what `tests/unit/project/test_parse.py` is told",
    "ops/evidence/approving.py": "a word and what comes of it: `tests/unit/cli/test_approve.py`",
    "cli/evidenced.py": "how it is shown: `tests/unit/cli/test_approve.py` and `tests/unit/cli/test_evidence.py`",
    "cli/vouching.py": "joins what `tests/unit/ops/evidence/test_listing.py` asks for to releases",
    "release/evidence/attest.py": "what `tests/unit/release/evidence/test_gather.py` reads back",
    "release/evidence/results/junit.py": "one of the formats of `tests/unit/release/evidence/results/test_read.py`",
    "release/evidence/results/plain.py": "JSON and XML of `tests/unit/release/evidence/results/test_read.py`",
    "release/evidence/results/result.py": "what `tests/unit/release/evidence/results/test_read.py` is given",
    "release/evidence/results/sarif.py": "one of the formats of `tests/unit/release/evidence/results/test_read.py`",
    "release/evidence/results/vex.py": "one of the formats of `tests/unit/release/evidence/results/test_read.py`",
    "release/environments.py": "nouns, as `tests/unit/release/ledger/test_releases.py` has them",
    "release/promotion/look.py": "what the rules look at, which `tests/unit/release/promotion/test_judge.py` gives",
    "release/promotion/origins.py": "rules that `tests/unit/release/promotion/test_judge.py` asks one by one",
    "release/promotion/persons.py": "who is whom: `tests/properties/test_promotion.py`",
    "release/promotion/required.py": "a rule that `tests/unit/release/promotion/test_judge.py` asks",
    "project/pipeline_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "release/pipeline/steps.py": "nouns, which `tests/unit/release/pipeline/test_story.py` makes",
    "release/pipeline/wishes.py": "nouns, which `tests/unit/project/test_pipeline.py` reads out of a file",
    "release/promotion/values.py": "nouns, which `tests/unit/release/ledger/test_releases.py` writes and reads",
    "cli/reconcile.py": "`docs/release/git.md`, which `tests/sessions/test_pages.py` runs, types it",
    "ops/release/commit.py": "what is wanted by commits in `tests/unit/ops/reconcile/test_turn.py`",
    "project/release_keys.py": "a part of the table that `tests/unit/project/test_keys.py` looks at",
    "release/record/trees.py": "commits that `tests/unit/release/record/test_git.py` has made and read",
    "release/record/record.py": "a protocol, kept by what `tests/unit/release/ledger/test_ledger.py` writes",
    "targets/local/apply.py": "replaces real servers: `tests/system/targets/test_local.py`",
    "targets/local/launch.py": "starts a real server: `tests/system/targets/test_local.py`",
    "targets/local/leave.py": "ends real servers: `tests/system/targets/test_local.py`",
    "targets/local/seat.py": "speaks with real servers: `tests/system/targets/test_local.py`",
    "targets/local/start.py": "starts a real server: `tests/system/targets/test_local.py`",
    "targets/local/status.py": "asks real servers: `tests/system/targets/test_local.py`",
    "targets/local/target.py": "the whole of it: `tests/system/targets/test_local.py`",
    "testing/target_checks.py": "the suite that `tests/unit/testing/test_target.py` runs",
    "testing/trial.py": "what `tests/unit/testing/test_target.py` has done to targets",
    "targets/container/apply.py": "a story, killed at every command: `tests/unit/targets/container/test_target.py`",
    "targets/container/asking.py": "inside containers: `tests/unit/targets/container/test_target.py`",
    "targets/container/coming.py": "what comes up or does not: `tests/unit/targets/container/test_target.py`",
    "targets/container/golden.py": "asked of real containers: `tests/system/images/test_container_target.py`",
    "targets/container/labels.py": "what `tests/unit/targets/container/test_wants.py` reads back",
    "targets/container/look.py": "status and drift: `tests/unit/targets/container/test_target.py`",
    "targets/container/service.py": "a noun, which `tests/unit/targets/container/test_commands.py` writes as words",
    "targets/container/steering.py": "the router, told and asked: `tests/unit/targets/container/test_target.py`",
    "targets/target.py": "a protocol, and what `tests/unit/targets/test_honour.py` holds a deployment against",
    "release/flight/look.py": "what `tests/unit/release/flight/test_conditions.py` asks about",
    "release/flight/plan.py": "a noun, whose faults `tests/unit/release/flight/test_check_plan.py` names",
    "release/flight/states.py": "nouns, which `tests/unit/release/flight/test_decide.py` gives and takes",
    "server/gateway/around.py": "what `tests/doubles/lines.py` makes for `tests/unit/server/gateway/test_reckoning.py`",
    "server/gateway/asking.py": "protocols, kept by `tests/unit/server/gateway/test_upstream.py`",
    "server/gateway/binding.py": "sockets, open or taken: `tests/system/gateway/test_arms.py`",
    "server/gateway/gateway.py": "flies two real backends: `tests/system/gateway/test_arms.py`",
    "server/gateway/grpc.py": "calls of real clients and backends: `tests/system/gateway/test_grpc.py`",
    "server/gateway/keeping.py": "writes a journal, read in `tests/system/gateway/test_faults.py`",
    "server/gateway/listener.py": "callers over real sockets: `tests/system/gateway/test_http.py`",
    "server/gateway/pool.py": "connects for real: `tests/system/gateway/test_faults.py`",
    "server/gateway/running.py": "a thread and its sockets: `tests/system/gateway/test_arms.py`",
    "server/gateway/settings.py": "values, obeyed in `tests/system/gateway/test_faults.py`",
    "server/gateway/taking.py": "callers over real sockets: `tests/system/gateway/test_http.py`",
    "server/gateway/state.py": "a file that survives a restart: `tests/system/gateway/test_arms.py`",
    "server/answers.py": "a protocol; one that keeps it: `tests/unit/server/routing/test_answering.py`",
    "server/flights/refusing.py": "refusals, asked for in `tests/unit/server/flights/test_flights.py`",
    "server/routing/backing.py": "asks real servers how they are: `tests/system/routing/test_router.py`",
    "server/routing/control.py": "asked by the real director: `tests/system/routing/test_router.py`",
    "server/routing/fleet.py": "taken and drained in `tests/unit/server/routing/test_router.py`",
    "server/routing/process.py": "a process, its signals and sockets: `tests/system/routing/test_router.py`",
    "server/routing/routes.py": "values, made in `tests/unit/server/routing/test_reading.py`",
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
