"""What schemathesis is told besides its configuration; loaded into its process (SCHEMATHESIS_HOOKS)."""

import collections
import gc
import json
import os
import zlib

import schemathesis
from schemathesis import cli
from schemathesis.engine.events import ScenarioFinished

# What the program is made of stays: nobody need look through it for garbage again and again.
gc.freeze()
gc.set_threshold(100_000, 50, 50)

# Half of all cases are of these kinds. Unless the whole is asked for, a third of them stays: of a wrong type, which is tried with five or six values in each
# field of each body, other values from field to field; of good bodies, made with each value of each field and each choice of fields, the first and each third.
KINDS = {"incorrect_type": zlib.crc32, "valid_object": lambda place: 2, "object_required_and_optional": lambda place: 2}
ONE_OF = 1 if os.environ.get("FUZZ_WHOLE") else 3
tried = collections.Counter()


@schemathesis.hook
def filter_case(context, case):
    data = getattr(case.meta.phase, "data", None) if case.meta else None
    kind = getattr(getattr(data, "scenario", None), "value", None)
    if kind not in KINDS:
        return True
    place = f"{case.operation.label} {kind} {data.parameter_location} {data.parameter} {data.location}"
    tried[place] += 1
    return (tried[place] + KINDS[kind](place.encode())) % ONE_OF == 0


@schemathesis.serializer("application/gzip")
def as_they_are(context, value):
    """Of itself it sends no body of this type."""
    return value if isinstance(value, bytes) else str(value).encode()


@cli.handler()
class Tally(cli.EventHandler):
    """Counts what was asked and answered, and by which checks it was judged: its own report of that holds every body, and takes a fifth of the time."""

    def __init__(self, *args, **params):
        self.answered = collections.defaultdict(list)
        self.checks = set()

    def handle_event(self, ctx, event):
        if not isinstance(event, ScenarioFinished):
            return
        recorder = event.recorder
        for name, interaction in recorder.interactions.items():
            if interaction.response is not None and name in recorder.cases:
                case = recorder.cases[name].value
                self.answered[f"{case.method} {case.path}"].append(interaction.response.status_code)
        self.checks.update(check.name for checks in recorder.checks.values() for check in checks)

    def shutdown(self, ctx):
        with open("tally.json", "w", encoding="utf-8") as file:
            json.dump({"answered": self.answered, "checks": sorted(self.checks)}, file)
