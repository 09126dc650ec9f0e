"""What a model's processes print: whole lines as events, the rest when it is long or the last."""

import os

import pytest

from trimtab.server.workers.voice import Voice


class Loop:
    """Keeps who is to be called."""

    def __init__(self):
        self.readers = {}

    def add_reader(self, fd, call):
        self.readers[fd] = call

    def remove_reader(self, fd):
        self.readers.pop(fd, None)


class Story:
    """A voice, and what it has logged."""

    def __init__(self):
        heard, self.words = os.pipe()
        self.events, self.loop, self.voice = [], Loop(), Voice(heard)
        self.voice.open(self.loop, "m", lambda event, fields: self.events.append((event, fields)))

    def says(self, *words):
        for word in words:
            os.write(self.words, word)
            for call in [*self.loop.readers.values()]:
                call()
        return self

    @property
    def texts(self):
        assert {event for event, _ in self.events} <= {"model said"}
        assert {(fields["level"], fields["model"]) for _, fields in self.events} <= {("info", "m")}
        return [fields["text"] for _, fields in self.events]

    def ends(self):
        os.close(self.words)
        for call in [*self.loop.readers.values()]:
            call()
        self.voice.close()
        return self


@pytest.fixture
def story():
    return Story()


def test_lines_that_come_together_are_one_event(story):
    assert story.says(b"a\n", b"b\nc\nd", b"e\n").ends().texts == ["a", "b\nc", "de"]


def test_the_last_words_need_no_end(story):
    assert story.says(b"a").ends().texts == ["a"]
    assert story.loop.readers == {}


def test_what_has_no_end_is_not_kept_for_ever(story):
    assert story.says(b"x" * 16384).texts == ["x" * 16384]
    assert story.says(b"y").ends().texts[1:] == ["y"]


def test_bytes_that_are_no_text_are_shown(story):
    assert story.says(b"\xff\x1b\0\n").ends().texts == ["\\xff\x1b\0"]


def test_silence_is_no_event(story):
    story.loop.readers[next(iter(story.loop.readers))]()
    assert story.says(b"\n\n").ends().texts == []


def test_it_hears_what_was_said_before_it_is_closed_though_somebody_may_still_speak(story):
    os.write(story.words, b"late")
    story.voice.close()
    assert (story.texts, story.loop.readers) == (["late"], {})
    os.close(story.words)


def test_one_that_was_never_opened_is_closed_too():
    heard, words = os.pipe()
    Voice(heard).close()
    with pytest.raises(BrokenPipeError):
        os.write(words, b"x")
    os.close(words)
