"""trimtab: change the model safely with one command, anywhere, and see the proof."""

__version__ = "0.1.0"
