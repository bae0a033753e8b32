"""A camera in the network: serves Motion JPEG over HTTP on loopback, and obeys words on its standard input.

`stall` keeps connections open and sends nothing, `go` sends again. Killing the process is pulling the plug.
Paths: /video (the stream), /private (asks for a login), /page (no video at all).
"""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

FRAMES_PER_SECOND = 25


class Camera(BaseHTTPRequestHandler):
    sending = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/private":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif self.path == "/page":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>no video here</html>" * 100)
        elif self.path == "/video":
            self._stream()
        else:
            self.send_error(404)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        try:
            while True:
                self.sending.wait()
                number += 1
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
                jpeg = picture(number)
                self.wfile.write(f"Content-Length: {len(jpeg)}\r\n\r\n".encode() + jpeg + b"\r\n")
                self.wfile.flush()
                time.sleep(1 / FRAMES_PER_SECOND)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


def picture(number: int) -> bytes:
    """A red picture with a white bar that moves."""
    pixels = np.zeros((240, 320, 3), np.uint8)
    pixels[..., 2] = 200
    pixels[:, number * 4 % 300 : number * 4 % 300 + 20] = 255
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Camera)
    server.daemon_threads = True
    Camera.sending.set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    for line in sys.stdin:
        if line.strip() == "stall":
            Camera.sending.clear()
        elif line.strip() == "go":
            Camera.sending.set()
        print("done", flush=True)


if __name__ == "__main__":
    main()
