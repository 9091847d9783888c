"""Small line plots as plain SVG: how figures grow, with the limit they must stay below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 200, 50, 15, 30, 30
COLUMNS = 2


@dataclass(frozen=True)
class Panel:
    """One plot: its title, its points, and the limit drawn as a dashed line."""

    title: str
    points: Sequence[tuple[float, float]]
    limit: float


def _text(x: float, y: float, text: str, anchor: str = "end", more: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _panel(panel: Panel) -> str:
    across = max(x for x, _ in panel.points)
    up = 1.1 * max(panel.limit, *(y for _, y in panel.points))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + (WIDTH - LEFT - RIGHT) * x / across, 1),
            round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / up, 1),
        )

    (left, floor), (right, limit) = at(0, 0), at(across, panel.limit)
    dots = [at(x, y) for x, y in panel.points]
    line = " ".join(f"{x},{y}" for x, y in dots)
    return "\n".join(
        [
            _text(left, 18, panel.title, "start", ' font-weight="bold"'),
            f'<path d="M{left} {TOP}V{floor}H{right}" fill="none" stroke="#888"/>',
            f'<path d="M{left} {limit}H{right}" stroke="#c33" stroke-dasharray="4"/>',
            _text(left - 5, limit + 4, f"{panel.limit:g}", more=' fill="#c33"'),
            f'<polyline points="{line}" fill="none" stroke="#26c" stroke-width="2"/>',
            *(f'<circle cx="{x}" cy="{y}" r="3" fill="#26c"/>' for x, y in dots),
            _text(right, dots[-1][1] - 7, f"{panel.points[-1][1]:.3g}"),
            *(_text(at(x, 0)[0], floor + 15, f"{x / 1000:g}k", "middle") for x, _ in panel.points),
        ]
    )


def svg(panels: Sequence[Panel]) -> str:
    """All panels in one picture, two in a row."""
    width, height = COLUMNS * WIDTH, -(-len(panels) // COLUMNS) * HEIGHT
    drawn = (
        f'<g transform="translate({number % COLUMNS * WIDTH} {number // COLUMNS * HEIGHT})">\n'
        f"{_panel(panel)}\n</g>\n"
        for number, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{"".join(drawn)}</svg>\n'
    )
