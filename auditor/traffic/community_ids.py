"""The Community IDs of the flows of captures, as a column that keeps of each only its digest."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from auditor.traffic.fixed_rows import FixedRows

_VERSION = "1:"


class CommunityIds(FixedRows[str]):
    """Reads like a list of the texts that ``community.community_id`` returns."""

    __slots__ = ()
    width = 20
    """Bytes of a SHA-1 digest."""

    @staticmethod
    def read(row: bytes) -> str:
        """Return the identifier with a digest."""
        return _VERSION + b2a_base64(row, newline=False).decode("ascii")

    @staticmethod
    def written(value: str) -> bytes:
        """Return the digest of an identifier."""
        return a2b_base64(value.removeprefix(_VERSION))
