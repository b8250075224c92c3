"""Pictures of the page: whole ones beside the test run, small ones (256 colours) for the documents."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from pathlib import Path

from playwright.async_api import Page

BESIDE = Path(__file__).parents[2] / "bench-out" / "screens"
FOR_DOCUMENTS = os.environ.get("RF_SCREENS")
"""The folder for the small ones, of the screens that the documents show. Unset: none are made."""
SHOWN = ("queue", "session", "handoff", "metrics", "signin")

# The most frequent colours that differ to the eye, a rare one too, and for each pixel the nearest of them.
QUANTISE = """
    async (url) => {
      const picture = await createImageBitmap(await (await fetch(url)).blob());
      const { width, height } = picture;
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.drawImage(picture, 0, 0);
      const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
      const counts = new Map();
      for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
      const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
      const ordered = [...counts].sort((a, b) => b[1] - a[1]).map(([pixel]) => parts(pixel));
      const distance = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
      const palette = [];
      for (const one of ordered) {
        const isNew = palette.length < 64 || palette.every((other) => distance(one, other) > 100);
        if (isNew && palette.length < 256) palette.push(one);
      }
      const nearest = new Map();
      for (const pixel of counts.keys()) {
        let best = 0;
        for (let i = 1; i < palette.length; i += 1) {
          if (distance(parts(pixel), palette[i]) < distance(parts(pixel), palette[best])) best = i;
        }
        nearest.set(pixel, best);
      }
      let text = "";
      for (const pixel of pixels) text += String.fromCharCode(nearest.get(pixel));
      return { width, height, palette: palette.flat(), pixels: btoa(text) };
    }
"""


async def picture(page: Page, screen: str, look: str) -> None:
    """Kept as `screen-look.png`."""
    path = BESIDE / f"{screen}-{look}.png"
    png = await page.screenshot(path=path, animations="disabled", caret="hide")
    if FOR_DOCUMENTS is not None and screen in SHOWN:
        blank = await page.context.new_page()
        found = await blank.evaluate(QUANTISE, f"data:image/png;base64,{base64.b64encode(png).decode()}")
        await blank.close()
        small = _indexed(found["width"], found["height"], found["palette"], base64.b64decode(found["pixels"]))
        _keep(Path(FOR_DOCUMENTS) / path.name, small)


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _indexed(width: int, height: int, palette: list[int], pixels: bytes) -> bytes:
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
