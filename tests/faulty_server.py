"""A web server on 127.0.0.1 that misbehaves, one fault for each path."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = b"".join(b"line %d of a good file\n" % number for number in range(1000))


class FaultyServer:
    """Serves `GOOD` at /good, and faults elsewhere, inside a `with` block.

    Attributes:
        url: The server's address, without a path.
        hits: The paths that were asked for, in order.
    """

    def __enter__(self) -> FaultyServer:
        self.hits: list[str] = []
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()
        return self

    def __exit__(self, *exception) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: FaultyServer

    def log_message(self, *arguments) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.owner.hits.append(self.path)
        try:
            getattr(self, self.path.strip("/"))()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up, as it should

    def _start(self, status: int = 200, length: int | None = len(GOOD)) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def good(self) -> None:
        self._start()
        self.wfile.write(GOOD)

    def truncated(self) -> None:
        self._start()
        self.wfile.write(GOOD[:500])

    def short(self) -> None:
        """Truncated, and nothing tells the length."""
        self._start(length=None)
        self.wfile.write(GOOD[:500])

    def corrupt(self) -> None:
        self._start()
        self.wfile.write(GOOD.replace(b"line 7 ", b"LINE 7 "))

    def html(self) -> None:
        page = b"\n<!DOCTYPE html><html><body>Please log in</body></html>"
        self._start(length=len(page))
        self.wfile.write(page)

    def missing(self) -> None:
        self._start(404, 0)

    def error(self) -> None:
        self._start(500, 0)

    def loop(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/loop")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def hang(self) -> None:
        self.owner.closing.wait(30)

    def stall(self) -> None:
        self._start()
        self.wfile.write(GOOD[:500])
        self.owner.closing.wait(30)

    def slow(self) -> None:
        """Twenty bytes a second; gives up after six seconds."""
        self._start()
        for position in range(120):
            if self.owner.closing.wait(0.05):
                return
            self.wfile.write(GOOD[position : position + 1])

    def endless(self) -> None:
        self._start(length=None)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.wfile.write(GOOD)
