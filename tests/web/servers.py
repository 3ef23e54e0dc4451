"""Real servers on free ports of the loopback interface. They stop when the block ends."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
import waitress
import waitress.wasyncore

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def asgi(app: Any) -> Iterator[int]:
    """Serve an ASGI application with uvicorn, and give its port."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@contextmanager
def wsgi(app: Any) -> Iterator[int]:
    """Serve a WSGI application with waitress, and give its port."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(app, map=sockets, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.task_dispatcher.shutdown()  # its threads wake the loop when they are done: they go first
        server.trigger.pull_trigger(
            lambda: waitress.wasyncore.close_all(sockets)
        )  # in the thread of the loop, which ends
        thread.join(timeout=20)
