"""`python llama_server.py GGUF PORT`: llama.cpp's own server, from the package that carries it."""

from __future__ import annotations

import signal
import sys
import threading

import xllamacpp


def main() -> None:
    """Serve until told to end."""
    options = xllamacpp.CommonParams()
    options.model.path = sys.argv[1]
    options.port = int(sys.argv[2])
    options.n_ctx = 8192
    # A list after another that was hung up on would go to a second slot, whose cache holds other
    # prompts: computed in other portions, the same draw can come out another way.
    options.n_parallel = 1
    options.cpuparams.n_threads = 1
    options.model_alias = {"SmolLM2"}
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    server = xllamacpp.Server(options)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    ended.wait()


if __name__ == "__main__":
    main()
