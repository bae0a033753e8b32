"""A canvas whose pages and pictures wait on the disk and not in memory until the file is written.

reportlab keeps every object of a document until the end, and then joins them all into one string. With a thousand
pictures that is the size of the report, twice. Here pictures and what is drawn on a page are formatted when the page is
done, and lie in a temporary file; when the document is written, everything goes straight to its file.
"""

import tempfile
from itertools import islice
from typing import IO, Any, Final

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import PDFImageXObject, PDFObject, PDFPage, PDFStream, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

# Text for the bytes of pictures, by default: a quarter more of them, and most of the time. No reader needs it today.
rl_config.useA85 = 0

_LEAD: Final = 1_000_000
"""Bytes that the temporary file keeps in memory before it goes to the disk."""


class SpooledCanvas(Canvas):  # type: ignore[misc]
    """A canvas that writes to an open binary file.

    Parameters
    ----------
    file
        Where the document goes.
    size
        Of a page, in points.
    """

    def __init__(self, file: IO[bytes], size: tuple[float, float]) -> None:
        super().__init__(file, pagesize=size, pageCompression=1)
        self._target = file
        self._spool = tempfile.SpooledTemporaryFile(max_size=_LEAD)  # noqa: SIM115 - closed by `close`
        self._known = 0

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """End the page, and put its pictures and its drawing away."""
        super().showPage()
        objects = self._doc.idToObject
        fresh = list(islice(objects.items(), self._known, None))
        for name, thing in fresh:
            if isinstance(thing, PDFImageXObject):
                objects[name] = self._put_away(thing, thing.width, thing.height)
            elif isinstance(thing, PDFPage) and thing.stream:
                drawing = PDFStream(content=thing.stream, filters=[PDFZCompress])
                thing.Contents = self._doc.Reference(self._put_away(drawing))
                thing.stream = None
        self._known = len(objects)

    def close(self) -> None:
        """Let go of the temporary file; after this the canvas cannot be saved."""
        self._spool.close()

    def _put_away(self, thing: Any, width: int = 0, height: int = 0) -> "_Away":
        content = thing.format(self._doc)
        start = self._spool.seek(0, 2)
        self._spool.write(content)
        return _Away(self._spool, start, len(content), self._target, width, height)


class _Away(PDFObject):  # type: ignore[misc]
    """Stands in the document for an object that lies in the temporary file."""

    def __init__(self, spool: Any, start: int, length: int, target: IO[bytes], width: int, height: int) -> None:
        self._spool = spool
        self._start = start
        self._length = length
        self._target = target
        # What reportlab asks of a picture that is drawn once more.
        self.width = width
        self.height = height

    def format(self, document: Any) -> bytes:
        # While a document is formatted, reportlab offers its collector to the objects under this name.
        collector = document.__accum__
        if collector.write != self._target.write:
            self._target.write(b"".join(collector.strings))
            collector.strings.clear()
            collector.write = self._target.write
        self._spool.seek(self._start)
        return bytes(self._spool.read(self._length))
