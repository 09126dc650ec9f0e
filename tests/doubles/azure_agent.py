"""Runs a file of Azure Pipelines on this machine: its stages in order, each of their steps in a clean clone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.doubles.agents import Agent, Done, Occasion
from tests.doubles.expressions import Evaluator, truthy

__all__ = ["AzureAgent"]

MACRO = re.compile(r"\$\(([\w.]+)\)")
SAID = re.compile(r"^##vso\[task\.setvariable variable=(\w+);isOutput=true\](.*)$", re.MULTILINE)


class AzureAgent:
    """stages: result and outputs of each. logins: stages that logged in to Azure, and by which connection."""

    def __init__(
        self, pipeline: dict, origin: Path, folder: Path, path: str, pretends: tuple[str, ...] | None = None
    ) -> None:
        self.pipeline, self.origin, self.folder, self.path, self.pretends = pipeline, origin, folder, path, pretends
        self.stages: dict[str, dict[str, Any]] = {}
        self.done: list[Done] = []
        self.logins: list[tuple[str, str]] = []
        self.kept: dict[str, Path] = {}

    def run(self, occasion: Occasion) -> dict[str, str]:
        for stage in self.pipeline["stages"]:
            name = stage["stage"]
            before = {need: self.stages[need] for need in stage["dependsOn"]}
            self.stages[name] = {"result": "Skipped", "jobs": {}}
            good = all(one["result"] == "Succeeded" for one in before.values())
            names = {"dependencies": before, "variables": self._variables(occasion)}
            if truthy(self._evaluator(names, good=good).value(stage.get("condition", "succeeded()"))):
                self._stage(stage, before, occasion)
        return {name: stage["result"] for name, stage in self.stages.items()}

    @staticmethod
    def _variables(occasion: Occasion) -> dict[str, str]:
        reason = "PullRequest" if occasion.event == "pull_request" else "IndividualCI"
        return {"Build.SourceBranch": occasion.ref, "Build.Reason": reason}

    @staticmethod
    def _evaluator(names: dict, *, good: bool) -> Evaluator:
        return Evaluator(names, {"succeeded": lambda: good, "canceled": lambda: False})

    def _stage(self, stage: dict, before: dict, occasion: Occasion) -> None:
        names = {"stageDependencies": {name: one["jobs"] for name, one in before.items()}}
        variables = self._variables(occasion)
        for word, text in stage.get("variables", {}).items():
            expression = re.fullmatch(r"\$\[(.*)\]", text)
            variables[word] = str(self._evaluator(names, good=True).value(expression[1]))
        (job,) = stage["jobs"]
        name = job.get("job") or job["deployment"]
        steps = job["steps"] if "job" in job else job["strategy"]["runOnce"]["deploy"]["steps"]
        assert "job" in job or {"download": "none"} in steps, "a deployment job fetches everything unless it is told"
        outputs: dict[str, str] = {}
        agent = Agent(self.origin, self.folder / name, self.path, name, self.pretends)
        good = self._steps(steps, agent, variables, outputs, occasion)
        self.stages[stage["stage"]] = {
            "result": "Succeeded" if good else "Failed",
            "jobs": {name: {"outputs": outputs}},
        }

    def _steps(self, steps: list, agent: Agent, variables: dict, outputs: dict, occasion: Occasion) -> bool:
        good = True
        for step in steps:
            evaluator = self._evaluator({"variables": variables}, good=good)
            if not truthy(evaluator.value(step.get("condition", "succeeded()"))):
                continue
            said = step.get("inputs", {})
            match step:
                case {"checkout": "self"}:
                    assert step["fetchDepth"] == "0"
                    sha = agent.clone(occasion.ref, writes=step["persistCredentials"] == "true")
                    variables |= {"Build.SourceVersion": sha, "Build.SourcesDirectory": str(agent.work)}
                case {"download": "none"} | {"task": "UsePythonVersion@0"}:
                    pass
                case {"task": "DownloadSecureFile@1"}:
                    file = agent.folder / said["secureFile"]
                    file.write_text(occasion.secrets[said["secureFile"]])
                    variables[f"{step['name']}.secureFilePath"] = str(file)
                case {"publish": path}:
                    self.kept[step["artifact"]] = self.folder / Path(path).name
                    agent.copy(agent.work / path, self.kept[step["artifact"]])
                case {"task": "DownloadPipelineArtifact@2"}:
                    agent.copy(self.kept[said["artifactName"]], self._filled(said["targetPath"], variables, occasion))
                case {"task": "AzureCLI@2"}:
                    self.logins.append((agent.job, said["azureSubscription"]))
                    assert (said["scriptType"], said["scriptLocation"]) == ("bash", "inlineScript")
                    good = self._script(step, said["inlineScript"], said.get("workingDirectory", ""), agent, variables,
                                        outputs, occasion)  # fmt: skip
                case {"bash": script}:
                    good = self._script(step, script, step.get("workingDirectory", ""), agent, variables, outputs,
                                        occasion)  # fmt: skip
                case _:
                    raise AssertionError(f"a step that is not known: {step}")
        self.done += agent.done
        return good

    def _script(  # noqa: PLR0913, PLR0917 - all that a step is
        self, step: dict, script: str, below: str, agent: Agent, variables: dict, outputs: dict, occasion: Occasion
    ) -> bool:
        assert not MACRO.search(script), "a value comes near a script through a variable only"
        env = {word: self._filled(str(text), variables, occasion) for word, text in step.get("env", {}).items()}
        told = {"BUILD_SOURCEBRANCH": occasion.ref, "BUILD_SOURCEVERSION": variables["Build.SourceVersion"]}
        agent.environ |= {"TF_BUILD": "True", **told}
        # the task of the service adds no `-e`: a script of two commands would go on after the first failed
        done = agent.run(step["displayName"], script, env, "", below)
        outputs |= {f"{step.get('name')}.{word}": value for word, value in SAID.findall(done.out)}
        return done.status == 0

    @staticmethod
    def _filled(text: str, variables: dict, occasion: Occasion) -> str:
        """A macro that names nothing stays as it is."""
        known = {**occasion.secrets, **variables}
        return MACRO.sub(lambda found: known.get(found[1], found[0]), text)
