"""Whether a stream can be read here: a camera on loopback, the capture process, and its shared memory."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Final

import cv2
import numpy as np

from weldspot_desktop.context import Context

_SIZE: Final = (240, 320)


def problems(context: Context) -> list[str]:
    """One sentence for each thing that fails; empty if all is well."""
    from weldspot_desktop.inspection.sources import SourceError

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Camera)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    source = context.source(f"http://127.0.0.1:{server.server_port}/video")
    try:
        source.open()
        frame = source.read()
    except SourceError as error:
        return [str(error)]
    finally:
        source.close()
        _Camera.hung_up.set()
        server.shutdown()
        server.server_close()
        thread.join()
    if frame is None or frame.pixels.shape != (*_SIZE, 3):
        return ["the stream gave no picture"]
    return [] if abs(int(frame.pixels[0, 0, 0]) - 200) < 10 else ["the picture of the stream has other colours"]


class _Camera(BaseHTTPRequestHandler):
    """Sends one red picture again and again, as Motion JPEG."""

    hung_up: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        """Send pictures until the check is over, or nobody listens."""
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        pixels = np.zeros((*_SIZE, 3), np.uint8)
        pixels[..., 2] = 200
        jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
        try:
            while not self.hung_up.wait(0.03):
                self.wfile.write(head + jpeg + b"\r\n")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
