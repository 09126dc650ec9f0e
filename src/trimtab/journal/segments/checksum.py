"""CRC-32 of bytes, as zlib has it (RFC 1952, section 8), by the quickest library that is installed."""

from __future__ import annotations

try:
    from isal.isal_zlib import crc32
except ImportError:  # a platform that it has no wheel for
    from zlib import crc32

__all__ = ["crc32"]
