"""A real browser, driven through a pipe by the Chrome DevTools Protocol; no library needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
seen = pytest.mark.skipif(PROGRAM is None, reason="needs chromium: apt-get install chromium")

CONTRASTS = """
(() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    throw new Error("no background");
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const drawn = element.namespaceURI.endsWith("svg");
    if (drawn && element.tagName !== "text") continue;
    const style = getComputedStyle(element);
    const [one, other] = [channels(drawn ? style.fill : style.color), ground(element)]
      .map(light).sort((a, b) => b - a);
    found.push([(one + 0.05) / (other + 0.05), node.data.trim().slice(0, 40)]);
  }
  return found;
})()
"""
"""The contrast of each text with what is behind it (WCAG 2.2, 1.4.3)."""

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
_START = """
import fcntl, os, sys
commands, happenings = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(happenings, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from descriptor 3 and writes what happens to descriptor 4."""


class Browser:
    """One tab; `events` are what happened since the last page was opened."""

    def __init__(self, commands: int, happenings: int) -> None:
        self._commands, self._happenings = commands, happenings
        self._read = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._number:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result
            self.events.append(found)

    def open(self, path: Path, *, width: int = 1280, dark: bool = False) -> None:
        """Show a page, and wait until it has loaded."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self("Emulation.setEmulatedMedia", features=[scheme])
        self("Emulation.setDeviceMetricsOverride", width=width, height=900,
             deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.events.clear()
        self("Page.navigate", url=path.as_uri())
        while not self.happened("Page.loadEventFired"):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        """What an expression gives in the page; a policy of the page does not bind it."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def happened(self, method: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event["params"] for event in self.events if event.get("method") == method]

    @property
    def requests(self) -> list[str]:
        """What was asked for, of disks and networks."""
        return [one["request"]["url"] for one in self.happened("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """What the browser or the page wrote into the console."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event for kind in kinds for event in self.happened(kind)]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            data = os.read(self._happenings, 1 << 16)
            assert data, "the browser went away"
            self._read += data
        text, _, self._read = self._read.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Start the browser with a profile of its own in a folder, and stop it in the end."""
    assert PROGRAM is not None
    its_commands, commands = os.pipe()
    happenings, its_happenings = os.pipe()
    start = [sys.executable, "-c", _START, str(its_commands), str(its_happenings)]
    started = [*start, PROGRAM, *_OPTIONS, f"--user-data-dir={folder}"]
    with subprocess.Popen(
        started,
        pass_fds=(its_commands, its_happenings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(its_commands)
        os.close(its_happenings)
        try:
            yield Browser(commands, happenings)
        finally:
            os.close(commands)
            os.close(happenings)
            process.terminate()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests of a process."""
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found
