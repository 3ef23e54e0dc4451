"""The command line: `tokenward`, or `python -m tokenward`."""

import signal
import sys

from ._native import run_command


def main() -> int:
    """Run the command line with the arguments of the process; gives 0, 1 for what is denied, 2 for an error."""
    # Native code does not return to the interpreter before it is done: Ctrl-C ends the process, as it does elsewhere.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
