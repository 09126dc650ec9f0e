"""Targets that break one promise each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from time import sleep

from trimtab.core.deployment import Deployment
from trimtab.core.errors import RefusedError, TrimtabError
from trimtab.targets.target import Rendered, Revision, Status, Tell
from trimtab.testing import Answered, MemoryTarget


class Impure(MemoryTarget):
    """Renders a number that grows."""

    numbers = count()

    def render(self, wanted: Deployment) -> Rendered:
        files = super().render(wanted).files
        return Rendered({name: f"{text}# {next(self.numbers)}\n" for name, text in files.items()})


class Absolute(MemoryTarget):
    """Renders a path of a machine."""

    def render(self, wanted: Deployment) -> Rendered:
        return Rendered({f"/etc/{name}": text for name, text in super().render(wanted).files.items()})


class Dropping(MemoryTarget):
    """Drops what it does not honour."""

    def render(self, wanted: Deployment) -> Rendered:
        return super().render(replace(wanted, identity=""))


class Forgetful(MemoryTarget):
    """Says that it honours a field, and leaves it out."""

    def render(self, wanted: Deployment) -> Rendered:
        return super().render(replace(wanted, variables={}))


class Remembering(MemoryTarget):
    """Status says what was asked for last, also where that was refused."""

    asked: Deployment | None = None

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        type(self).asked = wanted
        super().apply(wanted, tell)
        return self.status(wanted.name, wanted.environment)

    def status(self, name: str, environment: str) -> Status:
        return replace(super().status(name, environment), live=self.asked)

    def remove(self, name: str, environment: str) -> None:
        type(self).asked = None
        super().remove(name, environment)


class Hasty(MemoryTarget):
    """Returns before what it has started is ready."""

    def status(self, name: str, environment: str) -> Status:
        found = super().status(name, environment)
        return replace(found, revisions=tuple(Revision(one.bundle, "starting") for one in found.revisions))


class Wrong(MemoryTarget):
    """Answers with other numbers."""

    def ask(self, address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        answered = super().ask(address, path, body, headers)
        return answered._replace(body=answered.body.replace(b"4.0", b"4.1"))


class Fragile(MemoryTarget):
    """Fails where its callers are wrong."""

    def ask(self, address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        answered = super().ask(address, path, body, headers)
        return answered._replace(status=500) if answered.status == 400 else answered


class Restless(MemoryTarget):
    """Starts everything anew each time."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        self.platform.log.append("again")
        return super().apply(wanted, tell)


class Eager(MemoryTarget):
    """Has a challenger answer at once."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        found = super().apply(wanted, tell)
        if wanted.challenger:
            self.flown(wanted.name, wanted.environment, 0.5)
            found = self.status(wanted.name, wanted.environment)
        return found


class Trusting(MemoryTarget):
    """Takes what does not come up."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        self.platform.broken.clear()
        return super().apply(wanted, tell)


class Reckless(MemoryTarget):
    """Takes away what answers before it looks at what shall answer."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        try:
            return super().apply(wanted, tell)
        except RefusedError:
            self.remove(wanted.name, wanted.environment)
            raise


class Gap(MemoryTarget):
    """Stops what answers before it starts what shall."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        place = self.platform.places.get((wanted.environment, wanted.name))
        if place is not None and place.live != wanted:
            place.answers = ""
            sleep(0.02)
        return super().apply(wanted, tell)


class Stuck(MemoryTarget):
    """Cannot go on where another one was killed."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        place = self.platform.places.get((wanted.environment, wanted.name))
        if place is not None and place.wanted is not None:
            raise RuntimeError("it is being applied already")
        return super().apply(wanted, tell)


class Open(MemoryTarget):
    """Asks nobody who they are."""

    def ask(self, address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        return super().ask(address, path, body, {**(headers or {}), "authorization": "Bearer k1"})


class Shut(MemoryTarget):
    """Lets nobody in."""

    def ask(self, address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        return super().ask(address, path, body, {**(headers or {}), "authorization": ""})


class Staying(MemoryTarget):
    """Removes nothing."""

    def remove(self, name: str, environment: str) -> None:
        pass


class Finicky(MemoryTarget):
    """Raises where there is nothing to remove."""

    def remove(self, name: str, environment: str) -> None:
        if (environment, name) not in self.platform.places:
            raise TrimtabError(*())
        super().remove(name, environment)
