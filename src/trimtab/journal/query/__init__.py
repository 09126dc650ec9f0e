"""A journal asked in SQL, listed, followed and exported."""

from trimtab.journal.query.session import OpenJournal, open_journal

__all__ = ["OpenJournal", "open_journal"]
