"""``python -m launcher``: the whole site on this machine until Ctrl-C (see ``deploy/run``)."""

import signal
import sys

# Until the launcher listens itself, Ctrl-C ends it without a word: nothing is started yet.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from launcher.instance import main  # noqa: E402

sys.exit(main())
