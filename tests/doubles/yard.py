"""podman and docker without either: an engine in memory that keeps containers, and refuses every word it does not know.

What runs in its containers is a server of a bundle, or a router over the file that it was shown, as far as a target
looks at them. A router of it never passes on to what is not ready: that is asserted with every command.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.boxes import FLAGS, PODMAN_ONLY, TWO, Box

from trimtab.targets.container.engine import Done

GATEWAY = "10.89.0.1"


class Killed(BaseException):
    """What kill -9 would have done."""


@dataclass
class Yard:
    """The engine. images: id and labels by name; remote: such as can be pulled. broken: digests that never get ready;
    wrong: that answer otherwise than they should; fragile: that end at once; open: that ask nobody who
    they are, whatever their settings say. left: commands until it is killed.
    """

    dialect: str = "podman"
    images: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    remote: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    fragile: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    boxes: dict[str, Box] = field(default_factory=dict)
    networks: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    commands: list[Sequence[str]] = field(default_factory=list)
    left: int = -1
    down: bool = False
    made: int = 0
    watched: bool = True

    def __call__(self, words: Sequence[str], given: bytes = b"", variables: Mapping[str, str] | None = None) -> Done:  # noqa: ARG002 - a part of the protocol
        if self.left == 0:
            raise Killed(words)
        self.left -= 1
        self.commands.append(tuple(words))
        if self.down:
            return Done(125, err="Cannot connect to the engine")
        verb = " ".join(words[: 2 if words[0] in TWO else 1])
        try:
            flags, rest = self._read(verb, list(words[len(verb.split()) :]))
            done = getattr(self, "_" + verb.replace(" ", "_"))(flags, rest, given)
        except (KeyError, ValueError) as error:
            done = Done(125, err=f"Error: {error}")
        self._must_hold()
        return done

    def _read(self, verb: str, words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
        """Flags with their values, and the rest; anything unknown fails the test."""
        known = {**FLAGS[verb], **(PODMAN_ONLY if verb == "run" and self.dialect == "podman" else {})}
        flags: dict[str, list[str]] = {}
        while words and words[0].startswith("--"):
            flag = words.pop(0)
            assert flag in known, f"{self.dialect} {verb} knows no {flag}"
            flags.setdefault(flag, []).append(words.pop(0) if known[flag] else "")
        return flags, words

    def _must_hold(self) -> None:
        for router in self.watched * [
            one for one in self.boxes.values() if one.role == "router" and one.status == "running"
        ]:
            if router.routes:
                assert self._state(router.routes["backends"][router.routes["champion"]]) == "ready", "nobody answers"

    def _state(self, url: str) -> str:
        found = [one for one in self.boxes.values() if one.role == "revision" and url.endswith(f":{one.port}")]
        if not found or found[0].status != "running":
            return "failed"
        return "loading" if found[0].labels["trimtab.bundle"] in self.broken else "ready"

    def _box(self, name: str) -> Box:
        for one in self.boxes.values():
            if name in (one.id, one.name):
                return one
        raise KeyError(f"no such container {name}")

    def _run(self, flags: dict[str, list[str]], words: list[str], _given: bytes) -> Done:
        (name,), image = flags["--name"], words.pop(0)
        assert image in [one for one, _ in self.images.values()], f"no image {image}"
        if any(one.name == name for one in self.boxes.values()):
            raise ValueError(f"the name {name} is in use")
        (network,) = flags["--network"]
        assert network in ("host", *self.networks), f"no network {network}"
        assert {one.split(",")[0] for one in flags.get("--secret", [])} <= self.secrets.keys()
        self.made += 1
        entry = [*flags.get("--entrypoint", []), *words]
        box = Box(hashlib.sha256(str(self.made).encode()).hexdigest(), name, image, entry, flags)
        for mount in flags.get("--mount", []):
            assert Path(dict(part.partition("=")[::2] for part in mount.split(","))["source"]).exists(), mount
        if box.role == "revision" and any(
            one.port == box.port for one in self.boxes.values() if one.role == "revision"
        ):
            raise ValueError(f"port {box.port} is taken")
        self.boxes[box.id] = box
        if box.labels.get("trimtab.bundle") in self.fragile:
            box.status, box.code = "exited", 137
        if box.role == "router":
            self._take(box)
        return Done(0, box.id)

    def _take(self, router: Box) -> None:
        said = tomllib.loads((router.shown("/etc/trimtab") / "routes.toml").read_text())
        before = router.routes.get("version", 0)
        if said["version"] == before:
            assert said == {**router.routes, "champion": said["champion"]}, "the version did not grow"
        elif said["version"] < before:
            router.refused = "an older version"
        elif self._state(said["backends"][said["champion"]]) == "ready":
            router.routes, router.refused = said, ""
        else:
            router.refused = "the champion is not well"

    def _ps(self, flags: dict[str, list[str]], _words: list[str], _given: bytes) -> Done:
        wanted = dict(one.removeprefix("label=").split("=", 1) for one in flags.get("--filter", []))
        found = [one.id for one in self.boxes.values() if wanted.items() <= one.labels.items()]
        return Done(0, "\n".join(found))

    def _container_inspect(self, _flags: object, names: list[str], _given: bytes) -> Done:
        return Done(0, json.dumps([self._said(self._box(one)) for one in names]))

    def _said(self, box: Box) -> dict[str, Any]:
        flags = box.flags
        slash, prefix = ("/", "sha256:") if self.dialect == "docker" else ("", "")
        (network,) = flags["--network"]
        return {
            "Id": box.id, "Name": slash + box.name, "Image": prefix + box.image, "RestartCount": box.restarts,
            "State": {"Status": box.status, "ExitCode": box.code},
            "Config": {"Labels": {**box.labels, "of.the": "image"}, "User": flags["--user"][0]},
            "HostConfig": {
                "Memory": int(flags.get("--memory", ["0b"])[0].removesuffix("b")),
                "NanoCpus": int(float(flags.get("--cpus", ["0"])[0]) * 10**9),
                "PidsLimit": int(flags["--pids-limit"][0]),
                "NetworkMode": network if network == "host" else "bridge",
                "RestartPolicy": {"Name": flags["--restart"][0]},
                "ReadonlyRootfs": "--read-only" in flags, "SecurityOpt": flags["--security-opt"], "CapAdd": None,
            },
        }  # fmt: skip

    def _image_inspect(self, _flags: object, names: list[str], _given: bytes) -> Done:
        found, labels = self.images[names[0]]
        return Done(0, json.dumps([{"Id": f"sha256:{found}", "Config": {"Labels": labels}}]))

    def _pull(self, _flags: object, names: list[str], _given: bytes) -> Done:
        self.images[names[0]] = self.remote[names[0]]
        return Done(0)

    def _exec(self, flags: dict[str, list[str]], words: list[str], given: bytes) -> Done:
        box = self._box(words.pop(0))
        if box.status != "running":
            raise ValueError("container is not running")
        *python, _, port, method, path, _wait = words
        assert (python, "--interactive" in flags) == (["python", "-I", "-S", "-c"], True)
        status, body = self._answer(box, method, path, given) if self._listens(box, port) else (0, {})
        return Done(0, f"{status}\n{json.dumps(body)}") if status else Done(1, err="ConnectionRefusedError: nobody")

    def _listens(self, box: Box, port: str) -> bool:
        if box.role == "router":
            return port == box.routes.get("control", box.refused or ":").rpartition(":")[2]
        return f"--port {port}" in " ".join(box.words)

    def _answer(self, box: Box, method: str, path: str, given: bytes) -> tuple[int, Any]:
        if box.role == "router":
            backends = {
                name: {"url": url, "state": self._state(url), "why": "", "arm": ""}
                for name, url in box.routes["backends"].items()
            }
            said = {key: box.routes[key] for key in ("name", "version", "champion")}
            return 200, {**said, "refused": box.refused, "ready": True, "flight": "", "backends": backends}
        digest = box.labels["trimtab.bundle"]
        if (method, path) == ("GET", "/readyz"):
            why = {"reason": "it has bad golden rows"} if digest in self.broken else {}
            return (503 if why else 200), {"ready": not why, "models": {"m": {"digest": digest, **why}}}
        assert method == "POST"
        if box.settings["server"].get("auth") and digest not in self.open:
            return 401, {"error": "who are you?"}
        return 200, {"digest": "another" if digest in self.wrong else digest, "asked": given.decode()}

    def _kill(self, flags: dict[str, list[str]], words: list[str], _given: bytes) -> Done:
        assert flags["--signal"] == ["HUP"]
        self._take(self._box(words[0]))
        return Done(0)

    def _stop(self, _flags: object, words: list[str], _given: bytes) -> Done:
        self._box(words[0]).status = "exited"
        return Done(0)

    def _rm(self, _flags: object, words: list[str], _given: bytes) -> Done:
        del self.boxes[self._box(words[0]).id]
        return Done(0)

    def _logs(self, _flags: object, words: list[str], _given: bytes) -> Done:
        self._box(words[0])
        return Done(0, "first words\nlast words\n")

    def _network_ls(self, flags: dict[str, list[str]], _words: object, _given: bytes) -> Done:
        wanted = dict(one.removeprefix("label=").split("=", 1) for one in flags.get("--filter", []))
        return Done(0, "\n".join(name for name, labels in self.networks.items() if wanted.items() <= labels.items()))

    def _network_inspect(self, _flags: object, words: list[str], _given: bytes) -> Done:
        here = {"subnet": "10.89.0.0/24", "gateway": GATEWAY}
        docker = {"IPAM": {"Config": [{"Subnet": "10.89.0.0/24", "Gateway": GATEWAY}]}}
        said = docker if self.dialect == "docker" else {"subnets": [here]}
        return Done(0, json.dumps([{"labels": self.networks[words[0]], **said}]))

    def _network_create(self, flags: dict[str, list[str]], words: list[str], _given: bytes) -> Done:
        self.networks[words[0]] = dict(one.split("=", 1) for one in flags["--label"])
        return Done(0)

    def _network_rm(self, _flags: object, words: list[str], _given: bytes) -> Done:
        assert not [one for one in self.boxes.values() if words[0] in one.flags["--network"]], "somebody is in it"
        del self.networks[words[0]]
        return Done(0)

    def _secret_ls(self, _flags: object, _words: object, _given: bytes) -> Done:
        return Done(0, "\n".join(self.secrets))

    def _secret_create(self, _flags: object, words: list[str], given: bytes) -> Done:
        name, dash = words
        assert dash == "-"
        assert len(name) <= 64
        if name in self.secrets:
            raise ValueError(f"secret {name} exists")
        self.secrets[name] = given
        return Done(0)

    def _secret_rm(self, _flags: object, words: list[str], _given: bytes) -> Done:
        del self.secrets[words[0]]
        return Done(0)
