"""The collector of reference cycles, which seldom has anything to do while a network is read and walked."""

from __future__ import annotations

import gc
from _thread import allocate_lock

# Objects made between two collections. A walk makes many objects and keeps nearly all of them: looking through them
# again and again took a quarter to a half of the time of 10,000 layers.
SELDOM = 2_000_000


class Seldom:
    """``with SELDOM_COLLECTED: …`` lets the collector run seldom; what it was set to holds again after the last block.

    Blocks may stand in each other and in several threads at once. A collector that is switched off stays so, and one that
    somebody sets anew inside stays as it was set.
    """

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._inside = 0
        self._before = (0, 0, 0)

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._before = gc.get_threshold()
                if 0 < self._before[0] < SELDOM:
                    gc.set_threshold(SELDOM, *self._before[1:])

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and gc.get_threshold() == (SELDOM, *self._before[1:]):
                gc.set_threshold(*self._before)


SELDOM_COLLECTED = Seldom()
