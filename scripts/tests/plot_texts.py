"""Reads back what a plot says: the texts of an SVG file and of a figure."""

import xml.etree.ElementTree as ElementTree


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
