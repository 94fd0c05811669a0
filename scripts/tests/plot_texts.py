"""Reads back what a plot says: the texts of an SVG file and of a figure."""

import xml.etree.ElementTree as ElementTree

from matplotlib.backends.backend_agg import FigureCanvasAgg


def texts(svg):
    """Every text of an SVG file; multiplied spaces and no-break spaces become one space."""
    root = ElementTree.parse(svg).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    found = ("".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text"))
    return [" ".join(text.split()) for text in found]


def figure_texts(figure):
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        legend = axes.get_legend()
        found += [text.get_text() for text in (*axes.texts, *axes.get_yticklabels())]
        found += [text.get_text() for text in legend.get_texts()] if legend else []
    return " ".join(" ".join(found).split())


def overlaps(figure):
    """Pairs of texts that cover each other in the drawn figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    for axes in figure.axes:
        if not axes.axison:
            continue
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes._left_title]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            # matplotlib also keeps the labels of ticks that lie outside and are not drawn.
            found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    legends = [legend for legend in [*(axes.get_legend() for axes in figure.axes), *figure.legends] if legend]
    found += [text for legend in legends for text in (*legend.get_texts(), legend.get_title())]
    found += figure.texts
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in found
             if text.get_visible() and text.get_text().strip()]
    # Half a pixel of overlap is none that anybody sees.
    return [(a, b) for index, (a, box) in enumerate(boxes) for b, other in boxes[index + 1:]
            if box.padded(-0.5).overlaps(other.padded(-0.5))]
