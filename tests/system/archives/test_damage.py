"""A real bundle with one bit flipped, or a member removed, added or swapped: refused in every form, and named."""

from __future__ import annotations

import random
import shutil
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest

from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import copy
from trimtab.bundle.oci.carried import take
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.oci.tar import END, header, padding
from trimtab.bundle.store import Store
from trimtab.core.errors import UserError

FLIPS = 60
MODEL = """from pathlib import Path


def predict(data):
    return data["x"] * len((Path(__file__).parent / "f.txt").read_text())
"""
FORMS = ("archive", "layout", "folder")


class Real:
    """A packaged model with two documents about it, in three forms."""

    def __init__(self, workshop, place):
        workshop.write({"f.txt": "2" * 5000}, model=MODEL)
        bundle = workshop.package(include=("f.txt",))
        said = [
            Evidence("application/vnd.in-toto+json", b'{"tests":"passed"}'),
            Evidence("application/x.sig", b"\1" * 64),
        ]
        keep_evidence(workshop.store.root, bundle.digest, said)
        source = BundleSource(bundle, evidence_of(workshop.store.root, bundle.digest))
        roots = [Content(source, source.root, source.name), *(Content(source, one) for one in source.referrers)]
        write_archive(roots, place / "archive")
        copy(source, source.root, Layout(place / "layout"), source.name)
        for one in source.referrers:
            copy(source, one, Layout(place / "layout"))
        shutil.copytree(bundle.folder, place / "folder", copy_function=shutil.copyfile)
        self.digest, self.place = bundle.digest, place
        # what a message may call a blob: the name of the file that it is
        self.titles = {file.sha256: name for name, file in bundle.manifest.files.items()}

    def members(self, form):
        """The content of every member by its name."""
        if form != "archive":
            root = self.place / form
            return {
                str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
            }
        with tarfile.open(self.place / form) as archive:
            return {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}


@pytest.fixture(scope="module")
def real(workshops, tmp_path_factory):
    return Real(workshops(tmp_path_factory.mktemp("project")), tmp_path_factory.mktemp("real"))


@pytest.fixture
def attempt(tmp_path, real):
    """Loads what these members make: None when it is taken, what was said when it is refused and nothing stays."""

    def loaded(form, members):
        path = tmp_path / "evil"
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        if form == "archive":
            path.write_bytes(members if isinstance(members, bytes) else tar_of(members))
        else:
            for name, data in members.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(data)
        store = Store(tmp_path / "taken")
        try:
            # a bare folder has nothing but the digest that it is known by
            take(path, store, lambda *_: None, real.digest)
        except UserError as error:
            left = [one for one in store.root.rglob("*") if one.is_file() and one.name != "lock"]
            assert left == []
            return str(error)
        return None

    return loaded


def tar_of(members):
    parts = (header(name, len(data)) + data + bytes(padding(len(data))) for name, data in sorted(members.items()))
    return b"".join(parts) + END


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_named(said, name, titles):
    """Whether a message speaks of the member, by its name, its digest or the file that it is."""
    last = Path(name).name
    return any(word in said for word in (name, last, titles.get(last, name)))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_whole_is_taken(attempt, real, form):
    assert attempt(form, real.members(form)) is None


def test_sixty_flipped_bits_of_the_archive(attempt, real):
    data, chance = (real.place / "archive").read_bytes(), random.Random(60)
    with tarfile.open(real.place / "archive") as archive:
        spans = {one.name: (one.offset_data, one.offset_data + one.size) for one in archive if one.isfile()}
    for bit in chance.sample(range(len(data) * 8), FLIPS):
        said = attempt("archive", flipped(data, bit))
        assert said, bit
        for name, (begin, end) in spans.items():
            if begin <= bit // 8 < end:
                blamed = spans if name == "index.json" else [name]
                assert any(is_named(said, one, real.titles) for one in blamed), (bit, name, said)


@pytest.mark.parametrize("form", ["layout", "folder"])
def test_sixty_flipped_bits_of_the_files(attempt, real, form):
    members, chance = real.members(form), random.Random(61)
    for name in chance.choices([name for name, data in members.items() if data], k=FLIPS):
        bit = chance.randrange(len(members[name]) * 8)
        said = attempt(form, {**members, name: flipped(members[name], bit)})
        assert said, (name, bit)
        # the two that name all others may say something else instead, of which another one is then missing
        blamed = members if name in ("index.json", "bundle.json") else [name]
        assert any(is_named(said, one, real.titles) for one in blamed), (name, bit, said)


def test_every_bit_of_the_one_file_that_no_digest_covers(attempt, real):
    members = real.members("archive")
    for bit in range(0, len(members["index.json"]) * 8, 7):
        said = attempt("archive", {**members, "index.json": flipped(members["index.json"], bit)})
        assert said, bit
        # the one that it names now is missing, or one that it named before is more than there should be
        assert "blobs/sha256/" in said or any(is_named(said, one, real.titles) for one in members), (bit, said)


@pytest.mark.parametrize("form", FORMS)
def test_a_removed_member(attempt, real, form):
    members = real.members(form)
    for name in members:
        said = attempt(form, {other: data for other, data in members.items() if other != name})
        assert said, name
        assert is_named(said, name, real.titles), (name, said)


@pytest.mark.parametrize("form", FORMS)
def test_an_added_member(attempt, real, form):
    folder = "" if form == "folder" else "blobs/sha256/"
    for name in (f"{folder}{'a' * 64}", "evil.pth", "code/sitecustomize.py", "manifest.json"):
        said = attempt(form, {**real.members(form), name: b"import os\n"})
        assert said, name
        assert is_named(said, name, {}), (name, said)


@pytest.mark.parametrize("form", FORMS)
def test_two_swapped_members(attempt, real, form):
    members = real.members(form)
    for one, other in pairwise(members):
        said = attempt(form, {**members, one: members[other], other: members[one]})
        assert said, (one, other)
        assert is_named(said, one, real.titles) or is_named(said, other, real.titles), (one, other, said)
