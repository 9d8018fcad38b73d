"""A folder served on this machine, and the system's Chromium that opens it. Nothing leaves it.

Imports the standard library and playwright (extra: docs).
"""

from __future__ import annotations

import http.server
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As web servers send them; a machine's own table may not know the last two.
MIME_TYPES = {
    "": "application/octet-stream",
    ".css": "text/css",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers quietly, on connections that stay open as those of web servers do."""

    protocol_version = "HTTP/1.1"
    extensions_map = MIME_TYPES

    def end_headers(self) -> None:
        if self.path.endswith(".html"):  # a test may write the same page anew within a second
            self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    """A server whose browser may hang up whenever it likes."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        # The answer must not wait for more: small files would each cost 40 ms.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().server_bind()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port; give its address, without a slash at the end."""

    def handle(*arguments: Any) -> Handler:
        return Handler(*arguments, directory=str(folder))

    with Server(("127.0.0.1", 0), handle) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def find_browser() -> str:
    """Return the path of the system's Chromium.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise RuntimeError(f"no browser: none of {', '.join(NAMES)} is on PATH; install chromium")


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Start Chromium without a window; it finds no host but this one."""
    hosts = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    executable = find_browser()
    with sync_playwright() as playwright:
        # Without the sandbox, which a container's root may not build: only our own pages come.
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", hosts]
        )
        try:
            yield browser
        finally:
            browser.close()
