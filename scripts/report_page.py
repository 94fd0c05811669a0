# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Puts a report page together: one HTML file that needs no network, no server and, for its words and tables, no script.

The page's policy forbids every connection and every script and style but those whose hashes it holds, so that even a
text that slipped through unescaped could not run. scripts/report/ holds template, styles and scripts.
"""

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from string import Template

import plot_style as style

from report_answer import sentences, sentence, MOST_SENTENCES
from report_charts import MOST_FIELDS, charts
from report_facts import commands, environment, measured_when, warnings
from report_map import map_section
from report_tables import refused_table, rows_table, verdict_table

ASSETS = Path(__file__).resolve().parent / "report"
STYLES = ("page.css", "print.css")
SCRIPTS = ("format.js", "page.js", "panel.js", "lines.js", "rows.js", "plots.js")


def page(results, d3):
    """The whole page of one results folder, as text. `d3` is the library's text."""
    drawn = charts(results)
    sections = [answer_section(results), *([map_section(results.winners, results.looks)] if results.winners is not None else []),
                verdict_section(results), *(chart_section(chart) for chart in drawn), *run_sections(results)]
    looks = {name: look_of(look) for name, look in results.looks.items()}
    name = results.folder.resolve().name
    return assemble(f"crosstalk: {name}", name, [section for section in sections if section], looks, drawn, d3,
                    f"Made by scripts/report.py from {escape(str(name))}. Numbers: runs.csv, latency.csv, intervals.csv beside it.")


def look_of(look):
    fill = "none" if look["markerfacecolor"] == "white" else look["fillstyle"]
    return [style.COLOURS.index(look["color"]), look["marker"], fill]


def section(ident, title, body):
    """(id, title, HTML)."""
    return ident, title, (f'<section id="{ident}" aria-labelledby="{ident}-title">\n<h2 id="{ident}-title">{escape(title)}</h2>\n'
                          f"{body}\n</section>")


def answer_section(results):
    told = sentences(results)
    labels = [field.label for field in results.fields] if len(told) == len(results.fields) and len(told) > 1 else [""] * len(told)
    words = "\n".join(
        f'<p class="answer{" more" if place else ""}">' + (f'<span class="at">{escape(label)}</span>' if label else "") + f"{text}</p>"
        for place, (label, text) in enumerate(zip(labels, told)))
    facts = [field.label for field in results.fields] if len(results.fields) == 1 else []
    facts += [measured_when(results), style.machine(results.folder, results.totals)]
    warned = warnings(results)
    note = f' <a href="#warnings">{style.count(len(warned), "warning")}</a>' if warned else ""
    body = (f'<section id="answer" aria-labelledby="answer-title">\n<h1 id="answer-title">Which strategy survives?</h1>\n{words}\n'
            f'<p class="facts">{escape(" · ".join(filter(None, facts)))}{note}</p>\n</section>')
    return "answer", "Answer", body


def verdict_section(results):
    if results.winners is not None and len(results.fields) > MOST_FIELDS:
        return None  # the map says it
    shown = results.fields[:MOST_FIELDS]
    parts = []
    for field in shown:
        words = f"<p>{sentence(field)}</p>" if len(results.fields) > MOST_SENTENCES else ""
        heading = f"<h3>{escape(field.label)}</h3>" if len(results.fields) > 1 else ""
        parts.append(heading + words + verdict_table(field))
    more = (f'<p class="note">The first {MOST_FIELDS} of {len(results.fields)} configurations; their rows are all below.</p>'
            if len(results.fields) > MOST_FIELDS else "")
    recorded = any(judged.recorded for field in shown for judged in field.judged.values())
    source = "as the program judged them (comparison.csv)" if recorded else "worked out from runs.csv by the program's own rules"
    note = ('<p class="note">Medians over blocks; below them the ratio to the foremost with its 95 % interval, "~" where the two '
            "are not told apart: signed-rank test of the ratios within blocks, adjusted over all pairs (Holm), at a level of 0.5 % "
            f"for the whole field, {source}. Only rows that are ok or saturated, and verified, take part.</p>")
    return section("strategies", "Strategies", note + "\n".join(parts) + more)


def chart_section(chart):
    body = (f'<figure data-chart="{chart["id"]}"><div class="plot"><noscript><p class="note">This plot is drawn by a script; '
            f'its numbers are in the tables.</p></noscript></div><figcaption>{escape(chart["note"])}</figcaption></figure>')
    return section(chart["id"], chart["title"], body)


def run_sections(results):
    warned = warnings(results)
    parts = []
    if warned:
        items = "\n".join(f"<li>{escape(text)}</li>" for text in warned)
        parts.append(section("warnings", "Warnings", f'<ul class="warnings">\n{items}\n</ul>'))
    refused = refused_table(results)
    if refused:
        note = '<p class="note">They are kept, marked, and take no part in any verdict.</p>'
        parts.append(section("refused", "Rows that are not compared", note + refused))
    rows, note = rows_table(results)
    parts.append(section("rows", "All rows", f'<p class="note">{escape(note)}A click on a heading sorts.</p>' + rows))
    parts.append(section("repeat", "Repeat this run", commands(results)))
    facts = environment(results)
    if facts:
        parts.append(section("environment", "Environment", facts))
    return parts


def assemble(title, kind, sections, looks, drawn, d3, footer):
    """The sections, given as (id, title, HTML), within the template."""
    styles = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLES)
    script = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    version = d3.partition("\n")[0].strip("/ ").split(" ")[1:2]
    contents = "".join(f'<a href="#{ident}">{escape(name)}</a>' for ident, name, _ in sections)
    page = Template((ASSETS / "template.html").read_text(encoding="utf-8")).substitute(
        title=escape(title), kind=escape(kind), style=styles, policy=policy(styles, [d3, script]), contents=contents,
        sections="\n".join(body for _, _, body in sections), footer=footer, d3=d3, script=script,
        d3_version=escape(version[0] if version else ""), data=json_in_html({"looks": looks, "charts": drawn}),
        d3_license=escape((ASSETS / "d3_license.txt").read_text(encoding="utf-8")))
    return page


def policy(styles, scripts):
    hashes = " ".join(f"'{sha256(script)}'" for script in scripts)
    return f"default-src 'none'; style-src '{sha256(styles)}'; script-src {hashes}; base-uri 'none'; form-action 'none'"


def sha256(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def json_in_html(value):
    """JSON in which nothing can end the script element that holds it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
