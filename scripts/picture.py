#!/usr/bin/python3
"""picture.py scene PNG | picture.py phone FRAME PNG: draws the scene that scripts/picture sends, or a phone that shows it.

Needs Debian's python3-pil and fonts-dejavu-core: scripts/setup picture."""

import sys

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
FINENESS = 2  # Pillow draws without smoothing: everything is drawn larger, and scaled down at the end.
BITS = 7  # of a color: the eighth holds the noise of the codec, which a PNG stores at the cost of a fifth of its bytes.

SCENE = (1280, 720)
HORIZON = 300
DUSK = [(0.0, (24, 32, 66)), (0.55, (92, 86, 130)), (0.85, (222, 140, 104)), (1.0, (246, 184, 120))]
LAWN = [(0.0, (58, 84, 58)), (1.0, (22, 42, 30))]
PATH, HEDGE, TREE, FUR = (150, 140, 132), (26, 44, 34), (18, 24, 34), (30, 24, 24)
LIGHT, MOON = (255, 214, 140), (250, 244, 224)

SCREEN = (720, 405)
BEZEL, RADIUS, MARGIN = 13, 40, 6
BODY, EDGE, RED, VEIL = (18, 18, 20), (92, 94, 100), (226, 58, 52), (20, 20, 22, 150)


def mixed(stops: list, at: float) -> tuple:
    """The color at a place from 0 to 1 between the stops."""
    for (low, first), (high, second) in zip(stops, stops[1:]):
        if at <= high:
            part = (at - low) / (high - low)
            return tuple(round(a + (b - a) * part) for a, b in zip(first, second))
    return stops[-1][1]


class Canvas:
    """Draws in the coordinates of the image as it will be."""

    def __init__(self, size: tuple[int, int], background: tuple):
        self.size = size
        self.image = Image.new("RGBA", (size[0] * FINENESS, size[1] * FINENESS), background)
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def scaled(self, points: list) -> list:
        return [(x * FINENESS, y * FINENESS) for x, y in points]

    def polygon(self, points: list, color: tuple) -> None:
        self.draw.polygon(self.scaled(points), fill=color)

    def circle(self, x: float, y: float, radius: float, color: tuple) -> None:
        self.ellipse(x, y, radius, radius, color)

    def ellipse(self, x: float, y: float, width: float, height: float, color: tuple) -> None:
        self.draw.ellipse(self.scaled([(x - width, y - height), (x + width, y + height)]), fill=color)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float, color: tuple) -> None:
        corners = self.scaled([(left, top), (right, bottom)])
        self.draw.rounded_rectangle(corners, radius=radius * FINENESS, fill=color)

    def line(self, points: list, width: float, color: tuple) -> None:
        self.draw.line(self.scaled(points), fill=color, width=round(width * FINENESS), joint="curve")
        for x, y in points:
            self.circle(x, y, width / 2, color)

    def arc(self, x: float, y: float, radius: float, angles: tuple, width: float, color: tuple) -> None:
        box = self.scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self.draw.arc(box, *angles, fill=color, width=round(width * FINENESS))

    def gradient(self, top: int, bottom: int, stops: list) -> None:
        for y in range(top * FINENESS, bottom * FINENESS):
            color = mixed(stops, (y - top * FINENESS) / ((bottom - top) * FINENESS))
            self.draw.line([(0, y), (self.image.width, y)], fill=color)

    def glow(self, x: float, y: float, radius: float, color: tuple, strength: int) -> None:
        layer = Image.new("RGBA", self.image.size, (*color, 0))
        mask = Image.new("L", self.image.size, 0)
        box = self.scaled([(x - radius / 2, y - radius / 2), (x + radius / 2, y + radius / 2)])
        ImageDraw.Draw(mask).ellipse(box, fill=strength)
        layer.putalpha(mask.filter(ImageFilter.GaussianBlur(radius * FINENESS / 3)))
        self.image.alpha_composite(layer)

    def text(self, x: float, y: float, text: str, size: float, color: tuple, anchor: str = "lm") -> None:
        font = ImageFont.truetype(FONT, round(size * FINENESS))
        self.draw.text((x * FINENESS, y * FINENESS), text, font=font, fill=color, anchor=anchor)

    def finished(self) -> Image.Image:
        return self.image.resize(self.size, Image.Resampling.LANCZOS)


def scene() -> Image.Image:
    """A garden at dusk, as a camera over the front door sees it, and a cat."""
    canvas = Canvas(SCENE, (0, 0, 0))
    width, height = SCENE
    canvas.gradient(0, HORIZON, DUSK)
    canvas.glow(1010, 96, 110, MOON, 120)
    canvas.circle(1010, 96, 32, MOON)
    for x, size in ((90, 120), (250, 84), (1130, 110), (1240, 140), (900, 64)):
        canvas.box(x - 9, HORIZON - size, x + 9, HORIZON + 20, 4, TREE)
        for dx, dy, part in ((0, 1.5, 0.62), (-0.42, 1.1, 0.5), (0.42, 1.1, 0.5), (0, 0.9, 0.55)):
            canvas.circle(x + dx * size, HORIZON - dy * size, part * size, TREE)
    canvas.gradient(HORIZON, height, LAWN)
    canvas.box(-20, HORIZON - 40, 520, HORIZON + 34, 26, HEDGE)
    canvas.box(760, HORIZON - 40, width + 20, HORIZON + 34, 26, HEDGE)
    canvas.polygon([(590, HORIZON + 8), (690, HORIZON + 8), (1000, height), (280, height)], PATH)
    for step in range(1, 7):  # the joints of its stones, nearer to each other where they are far away
        y = HORIZON + 8 + (height - HORIZON - 8) * (step / 7) ** 1.8
        spread = (y - HORIZON - 8) / (height - HORIZON - 8)
        canvas.line([(592 - 310 * spread, y), (688 + 310 * spread, y)], 1 + 3 * spread, (118, 110, 106))
    gate(canvas)
    lamp(canvas, 430, 520)
    cat(canvas, 742, 560)
    return canvas.finished().convert("RGB")


def gate(canvas: Canvas) -> None:
    wood = (70, 56, 50)
    for x in range(540, 746, 24):
        canvas.box(x - 7, HORIZON - 56, x + 7, HORIZON + 26, 3, wood)
    for y in (HORIZON - 34, HORIZON + 4):
        canvas.box(528, y - 5, 752, y + 5, 3, wood)
    for x in (524, 756):
        canvas.box(x - 13, HORIZON - 76, x + 13, HORIZON + 40, 4, (52, 42, 40))


def lamp(canvas: Canvas, x: float, foot: float) -> None:
    canvas.glow(x + 60, foot + 24, 330, LIGHT, 110)
    canvas.box(x - 5, foot - 250, x + 5, foot, 3, (20, 20, 24))
    canvas.box(x - 16, foot - 8, x + 16, foot + 4, 4, (20, 20, 24))
    canvas.glow(x, foot - 276, 210, LIGHT, 255)
    glass = [(x - 20, foot - 300), (x + 20, foot - 300), (x + 14, foot - 250), (x - 14, foot - 250)]
    canvas.polygon(glass, (255, 240, 200))
    canvas.polygon([(x - 26, foot - 300), (x + 26, foot - 300), (x, foot - 322)], (20, 20, 24))


def cat(canvas: Canvas, x: float, ground: float) -> None:
    canvas.ellipse(x + 26, ground + 2, 92, 12, (40, 36, 36, 110))
    canvas.arc(x + 62, ground - 22, 40, (-30, 150), 13, FUR)
    canvas.ellipse(x, ground - 46, 40, 52, FUR)
    head = x - 4
    canvas.circle(head, ground - 108, 32, FUR)
    for side in (-1, 1):
        ear = [(30, 118), (26, 156), (4, 134)]
        canvas.polygon([(head + side * dx, ground - dy) for dx, dy in ear], FUR)
        canvas.ellipse(head + side * 12, ground - 110, 7, 6, (198, 222, 110))
        canvas.ellipse(head + side * 12, ground - 110, 2, 6, (12, 12, 12))
        canvas.ellipse(x + side * 17, ground - 2, 14, 9, FUR)


def phone(frame: Image.Image) -> Image.Image:
    """A phone in a call, with a frame that was decoded on its screen."""
    left = top = MARGIN + BEZEL
    size = (SCREEN[0] + 2 * left, SCREEN[1] + 2 * top)
    canvas = Canvas(size, (0, 0, 0, 0))
    canvas.box(MARGIN - 2, MARGIN - 2, size[0] - MARGIN + 2, size[1] - MARGIN + 2, RADIUS + 2, EDGE)
    canvas.box(MARGIN, MARGIN, size[0] - MARGIN, size[1] - MARGIN, RADIUS, BODY)
    screen = Canvas(SCREEN, (0, 0, 0))
    screen.image.paste(frame.resize(screen.image.size, Image.Resampling.BICUBIC))
    call(screen)
    corners = Canvas(SCREEN, (0, 0, 0, 0))
    corners.box(0, 0, *SCREEN, RADIUS - BEZEL, (255, 255, 255, 255))
    screen.image.putalpha(corners.image.getchannel("A"))
    canvas.image.alpha_composite(screen.image, (left * FINENESS, top * FINENESS))
    return canvas.finished()


def call(screen: Canvas) -> None:
    """What a client shows over the video: whose it is, and the buttons."""
    width, height = SCREEN
    white = (255, 255, 255)
    veil = Image.new("RGBA", screen.image.size, (0, 0, 0, 0))
    over = Canvas(SCREEN, (0, 0, 0, 0))
    over.box(18, 16, 196, 70, 16, VEIL)
    middle = height - 46
    for x in (width / 2 - 84, width / 2 + 84):
        over.circle(x, middle, 26, VEIL)
    veil.alpha_composite(over.image)
    screen.image.alpha_composite(veil)
    screen.text(36, 34, "Garden", 17, white)
    screen.text(36, 55, "cam@example.net", 12, (226, 226, 230))
    screen.circle(width / 2, middle, 30, RED)
    # The receiver, put down.
    screen.arc(width / 2, middle + 16, 22, (205, 335), 8, white)
    for side, angle in ((-1, 25), (1, -25)):
        screen.line([(width / 2 + side * 17, middle + 5), (width / 2 + side * 18.5, middle + 8)], 9, white)
    microphone(screen, width / 2 - 84, middle, white)
    speaker(screen, width / 2 + 84, middle, white)


def microphone(screen: Canvas, x: float, y: float, color: tuple) -> None:
    screen.box(x - 5, y - 14, x + 5, y + 4, 5, color)
    screen.arc(x, y - 1, 10, (0, 180), 2.5, color)
    screen.line([(x, y + 9), (x, y + 13)], 2.5, color)
    screen.line([(x - 12, y - 12), (x + 12, y + 12)], 2.5, color)


def speaker(screen: Canvas, x: float, y: float, color: tuple) -> None:
    screen.polygon([(x - 13, y - 5), (x - 7, y - 5), (x, y - 11), (x, y + 11), (x - 7, y + 5), (x - 13, y + 5)], color)
    for radius in (7, 13):
        screen.arc(x + 1, y, radius, (-45, 45), 2.5, color)


def main() -> None:
    match sys.argv[1:]:
        case ["scene", target]:
            scene().save(target)
        case ["phone", frame, target]:
            picture = phone(Image.open(frame).convert("RGB"))
            coarse = ImageOps.posterize(picture.convert("RGB"), BITS)
            coarse.putalpha(picture.getchannel("A"))
            coarse.save(target, optimize=True)
        case _:
            sys.exit("usage: picture.py scene PNG | picture.py phone FRAME PNG")


if __name__ == "__main__":
    main()
