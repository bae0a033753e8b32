"""A server that speaks Roboflow's export calls, in a process of its own: `roboflow_server.py ZIP KEY FAULTS LOG`.

It prints its address. FAULTS is a list of words that apply once each, in this order, to what is asked for: `busy`
(503), `break:N` (the connection ends after N bytes), `changed` (another ETag from now on), `damaged` (one byte is
another), `expired` (the link is refused).
"""

import base64
import hashlib
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FORMATS = ("yolov8", "coco", "voc", "multiclass", "folder")


class Handler(BaseHTTPRequestHandler):
    """One question; what the server knows is in the class."""

    protocol_version = "HTTP/1.1"
    content = b""
    key = ""
    faults: list[str] = []  # noqa: RUF012
    log: Path
    asked = 0
    version = 1
    good_links: set[str] = set()  # noqa: RUF012

    def do_GET(self) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"path": self.path, "headers": dict(self.headers)}) + "\n")
        path = self.path.partition("?")[0]
        if path.startswith("/download/"):
            self.download(path)
        else:
            self.export(path)

    def export(self, path: str) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.key}":
            self.answer(401, {"error": {"message": f"Could not authorize {self.headers.get('Authorization')}"}})
            return
        if self.take("busy"):
            self.answer(503, {"error": "busy"})
            return
        found = re.fullmatch(r"/welding-2bplp/weld-quality-inspection-rei9l/9/(\w+)", path)
        if found is None or found[1] not in FORMATS:
            self.answer(404, {"error": {"message": "Unsupported get request.", "type": "GraphMethodException"}})
            return
        Handler.asked += 1
        if Handler.asked < 3:
            self.answer(202, {"progress": Handler.asked / 4})
            return
        link = f"/download/{Handler.asked}.zip"
        self.good_links.add(link)
        host = self.headers["Host"]
        export = {"format": found[1], "link": f"http://{host}{link}?X-Goog-Signature=secret-signature"}
        self.answer(200, {"export": export, "version": {"id": "weld/9", "images": 753}})

    def download(self, path: str) -> None:
        if "Authorization" in self.headers or path not in self.good_links or self.take("expired"):
            self.answer(403, {"error": "expired"})
            return
        if self.take("changed"):
            Handler.version += 1
        etag = f'"v{Handler.version}"'
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and self.headers.get("If-Range") == etag else 0
        total = len(self.content)
        if asked and start >= total:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = bytearray(self.content)
        if self.take("damaged"):
            content[total // 2] ^= 1
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(total - start))
        digest = base64.b64encode(hashlib.md5(self.content).digest()).decode()
        self.send_header("x-goog-hash", f"crc32c=AAAAAA==,md5={digest}")
        self.end_headers()
        body = bytes(content[start:])
        if self.faults and self.faults[0].startswith("break:"):
            body = body[: int(self.faults.pop(0).partition(":")[2])]
            self.close_connection = True
        self.wfile.write(body)

    def take(self, word: str) -> bool:
        if self.faults and self.faults[0] == word:
            self.faults.pop(0)
            return True
        return False

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The log is a file."""


if __name__ == "__main__":
    Handler.content = Path(sys.argv[1]).read_bytes()
    Handler.key = sys.argv[2]
    Handler.faults = sys.argv[3].split()
    Handler.log = Path(sys.argv[4])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
