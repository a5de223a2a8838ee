"""Pictures as base64 of their PNG, as notebooks hold them."""

import base64
import io

import numpy as np
from PIL import Image


def png(image, **options):
    """The PNG of an image."""
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return base64.b64encode(file.getvalue()).decode()


def plain(width, height, color="#c02d4e"):
    """A picture of one color, which packs small."""
    return png(Image.new("RGB", (width, height), color))


def noise(width=60, height=40, **options):
    """A noisy picture, which does not."""
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return png(Image.fromarray(pixels), **options)
