"""Waiting for what other threads and processes do: never a blind sleep, always a deadline."""
import time

PATIENCE = 10.0


def eventually(condition, patience=PATIENCE, what="the condition"):
    """The condition's first truthy value; fails when there is none in time."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come about within {patience} s"
        time.sleep(0.005)
