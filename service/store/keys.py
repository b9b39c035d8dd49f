"""Names of keys in Redis. Keys of one script have one hash tag: a cluster keeps them together."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain import User


@dataclass(frozen=True, slots=True)
class Keys:
    """All begin with one prefix, so that several services can share a server."""

    prefix: str

    def times(self, user: User) -> str:
        """A user's event ids, by when they were."""
        return f"{self._of(user)}:t"

    def items(self, user: User) -> str:
        """Which item each event id is about."""
        return f"{self._of(user)}:i"

    def cached(self, digest: str) -> str:
        """Something that was computed once."""
        return f"{self.prefix}:c:{digest}"

    def asked(self, whom: str) -> str:
        """When a key's holder has asked."""
        return f"{self.prefix}:r:{whom}"

    def exposed(self, tenant: str, request_id: str) -> str:
        """The list of a request, and what became of its items."""
        return f"{self.prefix}:f:{tenant}/{request_id}"

    def pointer(self) -> str:
        """Which versions of the catalogue were served, the one that is served first."""
        return f"{self.prefix}:p"

    def _of(self, user: User) -> str:
        # A tenant's name holds no slash, so no two users share a key. What stands between the first
        # brace and the next is the tag; a brace within an id cuts it short for both keys alike.
        return f"{self.prefix}:{{{user.tenant}/{user.id}}}"
