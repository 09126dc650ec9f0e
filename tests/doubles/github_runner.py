"""Runs a workflow of GitHub Actions on this machine: its jobs in order, each of their steps in a clean clone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.doubles.agents import Agent, Done, Occasion
from tests.doubles.expressions import Evaluator, truthy

__all__ = ["GithubRunner"]

HOLE = re.compile(r"\$\{\{(.*?)\}\}")
STATUS = {"success", "failure", "cancelled", "always"}


class GithubRunner:
    """results: `success`, `failure` or `skipped` of each job. logins: jobs that logged in to Azure."""

    def __init__(
        self, workflow: dict, origin: Path, folder: Path, path: str, pretends: tuple[str, ...] | None = None
    ) -> None:
        self.workflow, self.origin, self.folder, self.path, self.pretends = workflow, origin, folder, path, pretends
        self.jobs: dict[str, dict[str, Any]] = {}
        self.done: list[Done] = []
        self.logins: list[str] = []
        self.kept: dict[str, Path] = {}

    def run(self, occasion: Occasion) -> dict[str, str]:
        for name in self.workflow["jobs"]:
            self.turn(name, occasion)
        return {name: job["result"] for name, job in self.jobs.items()}

    def turn(self, name: str, occasion: Occasion) -> str:
        """One job, once those that it needs have had their turn; its result. Once more is a re-run of it."""
        assert self.workflow["permissions"] == {}, "a job has the rights that it names, and no others"
        job = self.workflow["jobs"][name]
        needs = {need: self.jobs[need] for need in job.get("needs", ())}
        self.jobs[name] = {"result": "skipped", "outputs": {}}
        if self._wanted(job, needs, occasion):
            self.jobs[name] = self._job(name, job, needs, occasion)
        return self.jobs[name]["result"]

    def agent(self, job: str) -> Agent:
        """The machine that a job gets."""
        return Agent(self.origin, self.folder / job, self.path, job, self.pretends)

    def _wanted(self, job: dict, needs: dict, occasion: Occasion) -> bool:
        """Without a word on the state of the jobs before, all of them must have succeeded."""
        good = all(need["result"] == "success" for need in needs.values())
        bad = any(need["result"] == "failure" for need in self.jobs.values())
        evaluator = self._evaluator(occasion, {"needs": needs}, good=good, bad=bad)
        text = job.get("if", "")
        value = evaluator.value(HOLE.fullmatch(text)[1]) if text else True
        return truthy(value) and (good or bool(evaluator.called & STATUS))

    def _evaluator(self, occasion: Occasion, names: dict, *, good: bool, bad: bool) -> Evaluator:
        secrets = occasion.secrets if occasion.event == "push" else {}
        github = {
            "ref": occasion.ref,
            "event_name": occasion.event,
            "actor": "ann",
            "token": "t",
            "sha": names.get("sha"),
        }
        state = {
            "success": lambda: good,
            "failure": lambda: bad,
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        return Evaluator({"github": github, "secrets": secrets, **names}, state)

    def _job(self, name: str, job: dict, needs: dict, occasion: Occasion) -> dict[str, Any]:
        agent = self.agent(name)
        names: dict[str, Any] = {"needs": needs, "steps": {}, "sha": ""}
        good = True
        for step in job["steps"]:
            evaluator = self._evaluator(occasion, names, good=good, bad=not good)
            condition = step.get("if")
            if not good or (condition and not truthy(evaluator.value(HOLE.fullmatch(condition)[1]))):
                continue
            if "uses" in step:
                self._action(step, job, agent, occasion, names)
            else:
                good = self._step(step, agent, occasion, evaluator, names) == 0
        self.done += agent.done
        evaluator = self._evaluator(occasion, names, good=good, bad=not good)
        outputs = {word: self._filled(text, evaluator) for word, text in job.get("outputs", {}).items()}
        return {"result": "success" if good else "failure", "outputs": outputs}

    def _step(self, step: dict, agent: Agent, occasion: Occasion, evaluator: Evaluator, names: dict) -> int:
        assert "${{" not in step["run"], "a value comes near a script through a variable only"
        outputs = agent.folder / "outputs"
        outputs.write_text("")
        env = {word: self._filled(str(text), evaluator) for word, text in step.get("env", {}).items()}
        branch = occasion.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
        told = {
            "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs), "GITHUB_REF": occasion.ref, "GITHUB_ACTOR": "ann",
            "GITHUB_SHA": names["sha"], "GITHUB_EVENT_NAME": occasion.event, "GITHUB_REF_NAME": branch,
        }  # fmt: skip
        agent.environ |= told
        defaults = self.workflow["defaults"]["run"]
        assert defaults["shell"] == "bash"
        done = agent.run(step["name"], step["run"], env, "-e -o pipefail", defaults.get("working-directory", ""))
        lines = [line.partition("=") for line in outputs.read_text().splitlines()]
        names["steps"][step.get("id", "")] = {"outputs": {word: value for word, _, value in lines}}
        return done.status

    def _action(self, step: dict, job: dict, agent: Agent, occasion: Occasion, names: dict) -> None:
        action, _, commit = step["uses"].partition("@")
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{step['uses']} can be moved"
        said, rights = step.get("with", {}), job["permissions"]
        match action:
            case "actions/checkout":
                writes = said["persist-credentials"] and rights["contents"] == "write"
                assert said["fetch-depth"] == 0
                names["sha"] = agent.clone(occasion.ref, writes=writes, clean=said.get("clean", True))
            case "actions/setup-python":
                assert "cache" not in said
            case "azure/login":
                assert rights["id-token"] == "write", "no token of OpenID Connect without that right"
                self.logins.append(agent.job)
            case "actions/upload-artifact":
                self.kept[said["name"]] = self.folder / Path(said["path"]).name
                agent.copy(agent.work / said["path"], self.kept[said["name"]])
            case "actions/download-artifact":
                agent.copy(self.kept[said["name"]], agent.work / said.get("path", ""))
            case _:
                raise AssertionError(f"an action that is not known: {action}")

    @staticmethod
    def _filled(text: str, evaluator: Evaluator) -> str:
        def value(found: re.Match[str]) -> str:
            one = evaluator.value(found[1])
            return "" if one is None else str(one)

        return HOLE.sub(value, text)
