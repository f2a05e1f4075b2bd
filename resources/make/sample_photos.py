"""Draw the six photos of the sample visit: invented places in flat colours, each marked CONTOH, with a camera's EXIF.

Usage: python resources/make/sample_photos.py
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "sample"
FONT = HERE.parent / "fonts" / "SourceSans3-SemiBold.ttf"
SCALE = 2  # drawn larger, then reduced, for smooth edges
#: How stored pixels must be turned so that a viewer that obeys the EXIF orientation shows them upright.
STORED = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}

Colour = tuple[int, int, int]
Sketch = Callable[["Scene"], None]


class Scene:
    """A picture in the making; coordinates run from 0 to 1000 across and down."""

    def __init__(self, wide: int, high: int, seed: int) -> None:
        self.size = (wide * SCALE, high * SCALE)
        self.image = Image.new("RGB", self.size)
        self.draw = ImageDraw.Draw(self.image)
        self.dice = random.Random(seed)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return pixels for a place."""
        return x * self.size[0] / 1000, y * self.size[1] / 1000

    def sky(self, top: Colour, bottom: Colour, until: float = 1000) -> None:
        """Fill from the top with a gradient."""
        high = int(until * self.size[1] / 1000)
        for y in range(high):
            part = y / high
            self.draw.line([(0, y), (self.size[0], y)], fill=tuple(
                round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))

    def shape(self, places: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([self.at(*place) for place in places], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle; the radius is in thousandths of the width."""
        cx, cy = self.at(x, y)
        r = radius * self.size[0] / 1000
        self.draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=colour)

    def line(self, places: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        """Draw a line of a width in thousandths."""
        self.draw.line([self.at(*p) for p in places], fill=colour, width=max(1, round(width * self.size[0] / 1000)),
                       joint="curve")

    def ridge(self, y: float, rise: float, colour: Colour) -> None:
        """Draw a line of hills or forest that reaches to the bottom."""
        waves = [(self.dice.uniform(0.4, 6), self.dice.uniform(0, 6.3), self.dice.random()) for _ in range(6)]
        places: list[tuple[float, float]] = [
            (x, y - rise * sum(a * math.sin(f * x / 160 + p) for f, p, a in waves) / 3) for x in range(0, 1004, 4)]
        self.shape([(0, 1000), *places, (1000, 1000)], colour)

    def trees(self, y: float, colour: Colour, number: int, high: float) -> None:
        """Draw a forest's edge of round crowns."""
        for _ in range(number):
            x, size = self.dice.uniform(-20, 1020), self.dice.uniform(0.5, 1.0)
            self.line([(x, y), (x, y - high * size)], (70, 62, 48), 3)
            for _ in range(5):
                self.disc(x + self.dice.uniform(-14, 14), y - high * size + self.dice.uniform(-14, 10),
                          18 * size, self.varied(colour))

    def varied(self, colour: Colour) -> Colour:
        """Return nearly the same colour."""
        red, green, blue = (max(0, min(255, part + self.dice.randint(-14, 14))) for part in colour)
        return red, green, blue

    def palm(self, x: float, y: float, high: float, colour: Colour) -> None:
        """Draw a sago palm."""
        self.line([(x, y), (x + 6, y - high)], (92, 72, 50), 9)
        for angle in range(-170, 0, 20):
            bow = [(x + 6 + math.cos(math.radians(angle)) * high * 0.42 * t,
                    y - high + math.sin(math.radians(angle)) * high * 0.30 * t + 70 * t * t * (high / 300))
                   for t in (0, 0.25, 0.5, 0.75, 1)]
            self.line(bow, colour, 8)

    def house(self, x: float, y: float, wide: float, high: float, wall: Colour, roof: Colour, *, stilts: float = 0) -> None:
        """Draw a house with a gabled roof, on stilts where asked."""
        for step in range(5):
            if stilts:
                left = x + wide * (0.06 + 0.22 * step)
                self.line([(left, y), (left, y + stilts)], (84, 66, 48), 8)
        self.shape([(x, y), (x + wide, y), (x + wide, y - high), (x, y - high)], wall)
        self.shape([(x - wide * 0.08, y - high), (x + wide * 1.08, y - high), (x + wide * 0.84, y - high * 1.7),
                    (x + wide * 0.16, y - high * 1.7)], roof)
        for share in (0.12, 0.66):
            self.shape([(x + wide * share, y - high * 0.3), (x + wide * (share + 0.2), y - high * 0.3),
                        (x + wide * (share + 0.2), y - high * 0.75), (x + wide * share, y - high * 0.75)], (244, 226, 168))
        self.shape([(x + wide * 0.42, y), (x + wide * 0.56, y), (x + wide * 0.56, y - high * 0.7),
                    (x + wide * 0.42, y - high * 0.7)], (96, 68, 46))

    def panel(self, x: float, y: float, wide: float, high: float) -> None:
        """Draw a tilted solar panel with its cells."""
        lean = wide * 0.25
        self.shape([(x, y), (x + wide, y), (x + wide + lean, y - high), (x + lean, y - high)], (32, 52, 92))
        for step in range(1, 4):
            part = step / 4
            self.line([(x + wide * part, y), (x + wide * part + lean, y - high)], (120, 146, 186), 2)
            self.line([(x + lean * part, y - high * part), (x + wide + lean * part, y - high * part)], (120, 146, 186), 2)

    def boat(self, x: float, y: float, wide: float, colour: Colour) -> None:
        """Draw a long river boat with its roof."""
        self.shape([(x, y), (x + wide, y - 6), (x + wide * 0.88, y + 26), (x + wide * 0.1, y + 26)], colour)
        self.shape([(x + wide * 0.28, y - 34), (x + wide * 0.74, y - 36), (x + wide * 0.72, y - 26),
                    (x + wide * 0.30, y - 24)], (206, 92, 66))
        for share in (0.32, 0.5, 0.7):
            self.line([(x + wide * share, y - 28), (x + wide * share, y)], (70, 60, 52), 3)

    def glints(self, top: float, number: int, colour: Colour) -> None:
        """Draw light on water."""
        for _ in range(number):
            x, y = self.dice.uniform(0, 1000), self.dice.uniform(top, 1000)
            self.line([(x, y), (x + self.dice.uniform(8, 60), y)], colour, 1.5)


def jetty(s: Scene) -> None:
    """A jetty in the evening."""
    s.sky((250, 190, 120), (252, 228, 178), 560)
    s.disc(690, 360, 52, (255, 246, 214))
    s.ridge(500, 34, (126, 140, 122))
    s.ridge(545, 22, (84, 108, 88))
    s.shape([(0, 560), (1000, 560), (1000, 1000), (0, 1000)], (168, 132, 96))
    s.glints(580, 240, (232, 190, 140))
    s.shape([(0, 760), (560, 690), (560, 716), (0, 800)], (104, 78, 56))
    for x in range(40, 560, 74):
        s.line([(x, 780 - x * 0.12), (x, 880 - x * 0.12)], (76, 56, 42), 9)
    s.house(60, 716, 230, 92, (214, 190, 150), (150, 76, 60))
    s.line([(520, 690), (520, 500)], (60, 60, 62), 6)
    s.panel(482, 506, 60, 30)
    s.boat(430, 800, 330, (56, 88, 104))
    s.boat(640, 900, 300, (122, 70, 54))


def river(s: Scene) -> None:
    """A bend of the river."""
    s.sky((146, 192, 216), (226, 236, 226), 420)
    for x, y, r in ((200, 150, 60), (270, 166, 80), (360, 152, 54), (700, 230, 50), (770, 240, 66)):
        s.disc(x, y, r, (246, 248, 246))
    s.ridge(360, 20, (122, 152, 150))
    s.ridge(410, 18, (84, 124, 102))
    s.ridge(450, 14, (52, 98, 70))
    bend = [(470, 440), (560, 470), (420, 520), (330, 590), (520, 680), (760, 780), (700, 900), (520, 1000)]
    back = [(0, 1000), (180, 880), (330, 780), (200, 680), (120, 600), (260, 520), (420, 470)]
    s.shape(bend + back, (172, 142, 106))
    for y in (540, 600, 660, 720, 800):
        s.line([(300 + (y - 540) * 0.6, y), (350 + (y - 540) * 0.6, y)], (204, 178, 142), 1.5)
    s.trees(960, (44, 92, 58), 90, 110)
    s.boat(320, 700, 120, (56, 66, 74))


def dish(s: Scene) -> None:
    """A satellite dish and solar panels."""
    s.sky((110, 172, 214), (220, 236, 236), 640)
    s.ridge(600, 26, (94, 140, 108))
    s.trees(660, (58, 112, 70), 60, 90)
    s.shape([(0, 650), (1000, 650), (1000, 1000), (0, 1000)], (178, 158, 112))
    s.house(90, 800, 400, 150, (228, 222, 204), (96, 120, 132))
    s.line([(720, 900), (720, 640)], (92, 96, 100), 16)
    s.disc(720, 590, 112, (236, 238, 240))
    s.disc(732, 584, 88, (206, 212, 218))
    s.line([(720, 590), (850, 520)], (80, 84, 90), 8)
    s.disc(852, 518, 14, (60, 64, 70))
    for x in (520, 640):
        s.panel(x, 940, 110, 60)


def clinic(s: Scene) -> None:
    """A health centre."""
    s.sky((168, 206, 224), (240, 240, 226), 620)
    s.ridge(560, 26, (120, 158, 132))
    s.trees(640, (70, 124, 80), 70, 100)
    s.shape([(0, 630), (1000, 630), (1000, 1000), (0, 1000)], (150, 166, 104))
    s.shape([(380, 1000), (620, 1000), (540, 800), (450, 800)], (206, 190, 150))
    s.house(180, 800, 640, 190, (244, 242, 236), (60, 120, 116))
    s.shape([(486, 520), (514, 520), (514, 590), (486, 590)], (206, 60, 60))
    s.shape([(465, 541), (535, 541), (535, 569), (465, 569)], (206, 60, 60))
    for x in (250, 350, 620):
        s.panel(x, 590, 80, 50)
    s.disc(130, 860, 36, (64, 118, 70))
    s.disc(880, 870, 44, (64, 118, 70))


def sago(s: Scene) -> None:
    """A sago house among palms."""
    s.sky((196, 216, 196), (238, 240, 218), 560)
    s.ridge(470, 24, (120, 160, 122))
    s.trees(580, (66, 120, 72), 70, 120)
    s.shape([(0, 570), (1000, 570), (1000, 1000), (0, 1000)], (142, 130, 88))
    for x, y, h in ((120, 660, 360), (240, 640, 300), (820, 660, 380), (930, 650, 290)):
        s.palm(x, y, h, (58, 116, 62))
    s.house(340, 780, 360, 130, (186, 150, 108), (164, 168, 172), stilts=50)
    for x in (260, 300, 720, 760):
        s.disc(x, 860, 24, (238, 232, 212))
    s.shape([(0, 920), (1000, 890), (1000, 1000), (0, 1000)], (120, 140, 140))
    s.glints(930, 50, (168, 184, 182))


def school(s: Scene) -> None:
    """A boarding school at night."""
    s.sky((40, 52, 92), (150, 120, 140), 620)
    for _ in range(90):
        s.disc(s.dice.uniform(0, 1000), s.dice.uniform(0, 420), s.dice.uniform(0.6, 1.8), (228, 230, 240))
    s.disc(820, 140, 34, (246, 240, 214))
    s.ridge(560, 24, (46, 62, 76))
    s.trees(640, (38, 66, 62), 60, 100)
    s.shape([(0, 630), (1000, 630), (1000, 1000), (0, 1000)], (84, 84, 70))
    s.house(60, 800, 380, 150, (196, 176, 150), (110, 64, 60))
    s.house(540, 810, 380, 150, (188, 172, 152), (74, 92, 112))
    for x in (480, 950):
        s.disc(x, 560, 46, (150, 138, 112))
        s.disc(x, 560, 24, (250, 232, 170))
        s.line([(x, 860), (x, 556)], (60, 60, 62), 6)
        s.panel(x - 26, 540, 46, 24)


PHOTOS: tuple[tuple[str, str, int, bool, str, tuple[float, float], Sketch], ...] = (
    ("01-dermaga-tanah-merah", "Dermaga Tanah Merah sore hari", 1, False, "2024:07:02 16:15:00", (-6.10, 140.30), jetty),
    ("02-sungai-digoel", "Sungai Digoel dari tepian", 6, True, "2024:07:02 15:15:00", (-6.11, 140.29), river),
    ("03-vsat-dan-panel", "VSAT dan panel surya di Kouh", 8, True, "2024:07:03 14:15:00", (-6.40, 140.20), dish),
    ("04-puskesmas-kouh", "Puskesmas Kouh", 1, False, "2024:07:03 09:15:00", (-6.40, 140.21), clinic),
    ("05-rumah-sagu", "Rumah produksi sagu", 3, False, "2024:07:03 12:15:00", (-6.41, 140.20), sago),
    ("06-sekolah-berasrama", "Sekolah berasrama malam hari", 1, False, "2024:07:04 19:15:00", (-6.09, 140.30), school),
)


def caption(image: Image.Image, text: str) -> None:
    """Write what is shown, and that it is a sample, on a dark band at the bottom."""
    draw = ImageDraw.Draw(image, "RGBA")
    wide, high = image.size
    draw.rectangle([0, high - 76, wide, high], fill=(20, 30, 36, 190))
    font = ImageFont.truetype(str(FONT), 36)
    draw.text((32, high - 62), text, font=font, fill=(255, 255, 255))
    draw.text((wide - 32, high - 62), "CONTOH", font=font, fill=(255, 214, 120), anchor="ra")


def degrees(value: float) -> tuple[float, float, float]:
    """Return degrees, minutes, seconds."""
    minutes = (abs(value) % 1) * 60
    return float(int(abs(value))), float(int(minutes)), round((minutes % 1) * 60, 1)


def exif(orientation: int, taken: str, place: tuple[float, float]) -> Image.Exif:
    """Return what a telephone writes: orientation, time and (invented) place."""
    data = Image.Exif()
    data[0x0112], data[0x010F], data[0x0110], data[0x0132] = orientation, "Contoh", "Kamera Contoh", taken
    data.get_ifd(0x8769)[0x9003] = taken
    data.get_ifd(0x8825).update({1: "S" if place[0] < 0 else "N", 2: degrees(place[0]),
                                 3: "E" if place[1] > 0 else "W", 4: degrees(place[1])})
    return data


def main() -> None:
    """Draw and save all of them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for number, (name, text, orientation, upright, taken, place, sketch) in enumerate(PHOTOS, start=1):
        wide, high = (1200, 1600) if upright else (1600, 1200)
        scene = Scene(wide, high, number)
        sketch(scene)
        image = scene.image.filter(ImageFilter.GaussianBlur(1)).resize((wide, high), Image.Resampling.LANCZOS)
        caption(image, text)
        turn = STORED[orientation]
        stored = image.transpose(turn) if turn is not None else image
        stored.save(TARGET / f"{name}.jpg", "JPEG", quality=86, optimize=True,
                    exif=exif(orientation, taken, place))


if __name__ == "__main__":
    main()
