"""Pictures as pixels: reading them from strangers' files, and drawing on them."""

from weldspot_desktop.pictures.decode import Picture, PictureError, decode, read_file

__all__ = ["Picture", "PictureError", "decode", "read_file"]
