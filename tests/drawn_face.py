"""A face that belongs to nobody: drawn, and yet found by the detector."""

from PIL import Image, ImageDraw, ImageFilter

SIDE = 400


def drawn_face(size: int, background: tuple[int, int, int] = (130, 128, 125)) -> Image.Image:
    """A square picture of a head; the face is about half as wide."""
    head = Image.new("RGB", (SIDE, SIDE), background)
    pen = ImageDraw.Draw(head)
    pen.ellipse((80, 20, 320, 300), fill=(60, 40, 30))
    pen.rectangle((150, 290, 250, 400), fill=(190, 140, 115))
    pen.ellipse((95, 50, 305, 350), fill=(215, 170, 145))
    for x in (150, 250):
        pen.ellipse((x - 28, 160, x + 28, 190), fill=(240, 240, 240))
        pen.ellipse((x - 13, 161, x + 13, 189), fill=(50, 35, 25))
        pen.arc((x - 36, 128, x + 36, 175), 200, 340, fill=(60, 40, 30), width=10)
        pen.ellipse((x - 34, 150, x + 34, 200), outline=(170, 125, 100), width=4)
    pen.polygon([(200, 180), (178, 250), (222, 250)], fill=(195, 148, 122))
    pen.ellipse((180, 240, 194, 252), fill=(120, 80, 65))
    pen.ellipse((206, 240, 220, 252), fill=(120, 80, 65))
    pen.ellipse((155, 280, 245, 308), fill=(165, 75, 75))
    pen.line((158, 294, 242, 294), fill=(100, 40, 40), width=4)
    return head.filter(ImageFilter.GaussianBlur(4)).resize((size, size))
