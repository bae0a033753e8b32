"""A camera in the network that speaks RTSP: Motion JPEG over RTP inside the RTSP connection, on loopback.

RFC 2326 (RTSP), RFC 3550 (RTP) and RFC 2435 (JPEG in RTP), as far as one player needs them. Killing the process is
pulling the plug, stopping it by signal is a camera that hangs.
"""

import socketserver
import struct
import sys
import threading
import time
from typing import Final

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 240
FRAMES_PER_SECOND = 25
_PACKET: Final = 1400
_JPEG: Final = 26
_CLOCK: Final = 90_000
_SDP: Final = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track\r\n"


class Camera(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.lock = threading.Lock()
        self.playing = False
        try:
            while self._answer():
                pass
        except OSError:
            return
        finally:
            self.playing = False

    def _answer(self) -> bool:
        """One request, one answer; False after the last."""
        lines: list[str] = []
        while True:
            first = self.rfile.read(1)
            if not first:
                return False
            if first == b"$":
                # The player's own reports, inside the connection: nothing in them is needed.
                self.rfile.read(struct.unpack(">xH", self.rfile.read(3))[0])
                continue
            line = (first + self.rfile.readline()).decode("latin-1").strip()
            if line:
                lines.append(line)
            elif lines:
                break
        method, url, *_ = lines[0].split()
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        extra, body = {
            "OPTIONS": ("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", ""),
            "DESCRIBE": (f"Content-Type: application/sdp\r\nContent-Base: {url}/\r\n", _SDP),
            "SETUP": ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n", ""),
        }.get(method, ("Session: 1\r\n", ""))
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        with self.lock:
            self.wfile.write(f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq']}\r\n{extra}{length}\r\n{body}".encode())
        if method == "PLAY" and not self.playing:
            self.playing = True
            threading.Thread(target=self._play, daemon=True).start()
        return method != "TEARDOWN"

    def _play(self) -> None:
        number = sequence = 0
        try:
            while self.playing:
                number += 1
                for packet in packets(jpeg(number), number * _CLOCK // FRAMES_PER_SECOND, sequence):
                    sequence += 1
                    with self.lock:
                        self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                time.sleep(1 / FRAMES_PER_SECOND)
        except (OSError, ValueError):
            return


def jpeg(number: int) -> bytes:
    """A red picture with a white bar that moves."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[..., 2] = 200
    pixels[:, number * 4 % 300 : number * 4 % 300 + 20] = 255
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420])[
        1
    ].tobytes()


def packets(picture: bytes, timestamp: int, sequence: int) -> list[bytes]:
    """A JPEG as RTP packets: its tables in the first, its scan over all of them."""
    tables, place = b"", 2
    while picture[place + 1] != 0xDA:
        length = int.from_bytes(picture[place + 2 : place + 4])
        if picture[place + 1] == 0xDB:
            inside = picture[place + 4 : place + 2 + length]
            tables += b"".join(inside[start + 1 : start + 65] for start in range(0, len(inside), 65))
        place += 2 + length
    scan = picture[place + 2 + int.from_bytes(picture[place + 2 : place + 4]) : -2]
    found = []
    for offset in range(0, len(scan), _PACKET):
        part = scan[offset : offset + _PACKET]
        last = offset + _PACKET >= len(scan)
        head = struct.pack(">BBHII", 0x80, _JPEG | (0x80 if last else 0), (sequence + len(found)) % 65536, timestamp, 1)
        # Type 1: three components, 4:2:0. Quality 255: the tables follow in the first packet.
        head += struct.pack(">I", offset) + bytes([1, 255, WIDTH // 8, HEIGHT // 8])
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        found.append(head + part)
    return found


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main() -> None:
    with Server(("127.0.0.1", int(sys.argv[1])), Camera) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
