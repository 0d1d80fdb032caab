"""Runs schemathesis as often as it is told to, each time in a fork of this process, which has loaded it: that takes longer than to try a small API.

Reads a line of JSON for each run, {"folder", "args"}, and answers with a line: what it ended with. What it printed is in the folder, output.txt.
"""

import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback

from schemathesis.cli import schemathesis

# What a run would load when it needs it.
PARTS = ("schemathesis.cli.commands.run", "schemathesis.engine", "schemathesis.generation", "schemathesis.openapi", "schemathesis.specs.openapi", "schemathesis.transport")
for part in PARTS:
    package = importlib.import_module(part)
    for module in pkgutil.walk_packages(package.__path__, f"{part}."):
        importlib.import_module(module.name)

# Against one that does not end.
WITHIN_SECONDS = 600


def run(folder, args):
    os.chdir(folder)
    os.environ["HOME"] = folder
    with open("output.txt", "w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    signal.alarm(WITHIN_SECONDS)
    try:
        schemathesis.main(args=args, prog_name="schemathesis")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


for line in sys.stdin:
    order = json.loads(line)
    pid = os.fork()
    if pid == 0:
        os._exit(run(**order) or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
