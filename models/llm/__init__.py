"""Language models as the offline steps see them: checkpoints, adapters, tokens."""

import logging

# On a CPU bitsandbytes tells, when it is imported, of a faster kernel that only a hub has.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
