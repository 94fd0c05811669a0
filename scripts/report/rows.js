// Panels with a row for each strategy: throughput, ratios to the foremost, parts of a mean, fairness.
"use strict";

crosstalk.rows = (looks, hidden) => {
  const partColours = ["s4", "s5", "s1", "s0", "s3"];
  const visible = (panel) => panel.panel.rows.filter((row) => !hidden.has(row.name));
  const far = 20;

  const farRule = (panel) => {
    const { rule } = panel.panel;
    const most = d3.max(visible(panel), (row) => d3.max(row.dots || [row.value]));
    return rule && panel.panel.x.scale !== "log" && most > 0 && rule.value > far * most;
  };

  function domain(panel) {
    const values = visible(panel).flatMap((row) => row.parts ? [0, d3.sum(row.parts)]
      : [row.value, row.low, row.high, ...(row.dots || []), ...(row.crosses || [])]).filter((value) => value !== null && value !== undefined);
    const { rule } = panel.panel;
    if (rule && !farRule(panel)) values.push(rule.value);
    return crosstalk.axes.domain(panel.panel.x, values);
  }

  // On a narrow page names stand above their rows.
  function layout(panel, width) {
    const narrow = width < 560;
    const longest = d3.max(visible(panel), (row) => row.name.length) || 0;
    panel.stacked = narrow || longest * 7.4 > width / 3;
    panel.pitch = panel.stacked ? 46 : 32;
    const left = panel.stacked ? 8 : 24 + longest * 7.4;
    return {
      height: 24 + 46 + Math.max(1, visible(panel).length) * panel.pitch,
      margin: { left, right: narrow ? 62 : 86, top: 24, bottom: 46 },
    };
  }

  const center = (panel, place) => panel.size.margin.top + (place + 0.5) * panel.pitch + (panel.stacked ? 9 : 0);
  const clipped = (name, room) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);

  function axisY(panel, svg) {
    const { width, margin } = panel.size;
    visible(panel).forEach((row, place) => {
      const y = center(panel, place);
      svg.append("line").attr("class", "stripe").attr("x1", margin.left).attr("x2", width - margin.right).attr("y1", y).attr("y2", y);
      const name = svg.append("text").attr("class", "name").text(clipped(row.name, panel.stacked ? Math.floor(width / 7.4) : 60));
      if (panel.stacked) name.attr("x", margin.left).attr("y", y - 17);
      else name.attr("x", margin.left - 12).attr("y", y + 4).attr("text-anchor", "end");
      const shown = row.parts ? d3.sum(row.parts) : row.value;
      if (shown !== null && shown !== undefined) {
        svg.append("text").attr("class", "value").attr("x", width).attr("y", y + 4).attr("text-anchor", "end")
          .text(crosstalk.format[panel.panel.x.unit](shown, true));
      } else {
        svg.append("text").attr("x", width).attr("y", y + 4).attr("text-anchor", "end").text("none sound");
      }
    });
    const { rule } = panel.panel;
    if (!rule) return;
    const text = farRule(panel) ? `${rule.label} ${crosstalk.format[panel.panel.x.unit](rule.value)}, far beyond` : rule.label;
    const at = farRule(panel) ? width - margin.right : panel.x(rule.value);
    const anchor = at > width * 0.6 ? "end" : at < width * 0.2 ? "start" : "middle";
    svg.append("text").attr("x", Math.max(0, Math.min(width, at))).attr("y", 12).attr("text-anchor", anchor)
      .text(clipped(text, Math.floor(width / 9)));
  }

  function draw(panel, inside) {
    const { height, margin } = panel.size;
    const { rule } = panel.panel;
    if (rule && !farRule(panel)) {
      inside.append("line").attr("class", "rule").attr("x1", panel.x(rule.value)).attr("x2", panel.x(rule.value))
        .attr("y1", margin.top - 6).attr("y2", height - margin.bottom);
    }
    visible(panel).forEach((row, place) => {
      const y = center(panel, place);
      const { colour, shape, fill } = crosstalk.look(looks, row.name);
      const group = inside.append("g").attr("class", `series ${row.parts ? "" : colour}`).attr("data-name", row.name);
      if (row.parts) return drawParts(panel, group, row, y);
      return drawValues(panel, group, row, y, shape, row.open === undefined ? fill : row.open ? "none" : "full");
    });
  }

  function drawParts(panel, group, row, y) {
    let from = 0;
    row.parts.forEach((part, index) => {
      const [left, right] = [panel.x(from), panel.x(from + part)];
      group.append("rect").attr("class", `part ${partColours[index % partColours.length]}`).attr("x", left)
        .attr("width", Math.max(0, right - left)).attr("y", y - 9).attr("height", 18);
      from += part;
    });
  }

  const drawable = (panel) => (value) => value !== null && (panel.panel.x.scale !== "log" || value > 0);

  function drawValues(panel, group, row, y, shape, fill) {
    const { x } = panel;
    group.selectAll(".dot").data((row.dots || []).filter(drawable(panel))).enter().append("circle").attr("class", "dot")
      .attr("cx", x).attr("cy", (_, index) => y + 9 + ((index * 7) % 3) * 1.5).attr("r", 2.1);
    group.selectAll(".cross").data((row.crosses || []).filter(drawable(panel))).enter().append("path").attr("class", "cross")
      .attr("d", "M-3,-3L3,3M-3,3L3,-3").attr("transform", (value) => `translate(${x(value)},${y + 10})`);
    if (row.value === null || row.value === undefined || !drawable(panel)(row.value)) return;
    if (row.low !== null && row.low !== undefined) {
      group.append("path").attr("class", "span").attr("fill", "none")
        .attr("d", `M${x(row.low)},${y - 5}V${y + 5}M${x(row.low)},${y}H${x(row.high)}M${x(row.high)},${y - 5}V${y + 5}`);
    }
    group.append("path").attr("class", `marker ${fill}`).attr("d", shape).attr("transform", `translate(${x(row.value)},${y})`);
  }

  function show(panel, place, clientX, clientY) {
    const row = visible(panel)[place];
    if (!row) return panel.leave();
    const format = crosstalk.format[panel.panel.x.unit];
    const rows = [];
    if (row.parts) {
      row.parts.forEach((part, index) => rows.push([false, panel.panel.parts[index], format(part)]));
    } else if (row.value !== null && row.value !== undefined) {
      rows.push([true, row.dots ? "median" : "estimate", format(row.value)]);
      rows.push([false, "95 % interval", row.low === null || row.low === undefined ? "takes 6 blocks" : `${format(row.low)} to ${format(row.high)}`]);
      if (row.dots) rows.push([false, "values", `${row.dots.length}, ${format(d3.min(row.dots))} to ${format(d3.max(row.dots))}`]);
    }
    if (row.crosses && row.crosses.length) rows.push([false, "not compared", String(row.crosses.length)]);
    if (row.note) rows.push([false, row.note.length > 90 ? `${row.note.slice(0, 90)}…` : row.note]);
    panel.svg.selectAll(".series").classed("dim", function () { return this.dataset.name !== row.name; });
    crosstalk.tip.show(row.name, rows, clientX, clientY);
    panel.at = place;
  }

  function point(panel, px, py, clientX, clientY) {
    show(panel, Math.floor((py - panel.size.margin.top) / panel.pitch), clientX, clientY);
  }

  function step(panel, by) {
    const last = visible(panel).length - 1;
    const place = panel.at === undefined ? 0 : Math.max(0, Math.min(last, panel.at + by));
    show(panel, place, ...panel.onScreen(panel.size.width / 2, center(panel, place)));
  }

  return { both: false, domain, layout, axisY, draw, point, step, marked: () => null, partColours };
};
