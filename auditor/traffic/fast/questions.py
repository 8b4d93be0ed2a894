"""Questions by DNS of the flows that the kernel counts, most of which ask one: kept by the flow's sequence number."""

from __future__ import annotations

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fast.memory import Memory
from auditor.traffic.fast.payloads import request_of
from auditor.traffic.flow import MOST_QUESTIONS, Question


class Questions:
    """The questions of all flows of the kernel, and those of the flow at hand as the tracker wants to see them."""

    def __init__(self, memory: Memory) -> None:
        """Share ``memory`` with the kernel, whose rows tell which half of a flow asks."""
        self._memory = memory
        self._noted: dict[int, Question | set[Question]] = {}
        self._requests: dict[int, int] = {}
        """Of flows that ended before their messages were read."""
        self._sequence = 0
        self.request: int | None = None

    def take_up(self, sequence: int, slot: int, asked: int) -> None:
        """Turn to a flow, of which ``slot`` is the row if it is still live; ``asked``: what its row told then of who asks."""
        self._sequence = sequence
        rows = self._memory.rows
        if rows.item(slot, of.SEQUENCE) == sequence:
            self.request = request_of(rows.item(slot, of.FLAGS))
        else:
            self.request = self._requests.get(sequence, request_of(asked << of.ASKED))

    def put_down(self, slot: int) -> None:
        """Write down which half of the flow at hand asks, once a message told it."""
        rows = self._memory.rows
        if self.request is None:
            return
        if rows.item(slot, of.SEQUENCE) == self._sequence:
            rows[slot, of.FLAGS] |= 1 << of.ASKED + self.request
        else:
            self._requests[self._sequence] = self.request

    def note(self, question: Question) -> None:
        """Remember a question of the flow at hand."""
        noted = self._noted.setdefault(self._sequence, question)
        if isinstance(noted, set):
            if len(noted) < MOST_QUESTIONS:
                noted.add(question)
        elif noted != question:
            self._noted[self._sequence] = {noted, question}

    def knows(self, question: Question) -> bool:
        """Return whether a question of the flow at hand is remembered."""
        noted = self._noted.get(self._sequence)
        return question in noted if isinstance(noted, set) else noted == question

    def forget_all(self, rows: Numbers) -> None:
        """Forget the questions of flows that are over, and complete the flags of their rows."""
        for number, sequence in enumerate(rows[:, of.SEQUENCE].tolist()):
            self._noted.pop(sequence, None)
            request = self._requests.pop(sequence, None)
            if request is not None:
                rows[number, of.FLAGS] |= 1 << of.ASKED + request

    def forget(self, sequence: int) -> tuple[set[Question], int]:
        """Return the questions of a flow that leaves the kernel, and the bits of its flags that its row does not have yet."""
        noted = self._noted.pop(sequence, set())
        request = self._requests.pop(sequence, None)
        return noted if isinstance(noted, set) else {noted}, 0 if request is None else 1 << of.ASKED + request
