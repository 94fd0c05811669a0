// One panel of a plot: axes, what is drawn within, the part of it that is shown, and the values under the pointer.
"use strict";

crosstalk.tip = (() => {
  const box = document.getElementById("tip");

  // rows: [[near, name, text, ...], ...]. Everything is set as text, so that a name can hold anything.
  function show(heading, rows, x, y) {
    box.replaceChildren();
    const head = document.createElement("p");
    head.textContent = heading;
    const table = document.createElement("table");
    rows.forEach(([near, ...cells]) => {
      const row = table.insertRow();
      if (near) row.className = "near";
      cells.forEach((cell) => { row.insertCell().textContent = cell; });
    });
    box.append(head, table);
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    const left = x + 16 + width > innerWidth - 6 ? Math.max(6, x - width - 16) : x + 16;
    box.style.left = `${left}px`;
    box.style.top = `${Math.max(6, Math.min(y + 14, innerHeight - height - 6))}px`;
  }

  return { show, hide: () => { box.hidden = true; } };
})();

// panel: {x, y, ...} as scripts/report_charts.py describes it. `draw` fills it: see lines.js and rows.js.
crosstalk.Panel = class {
  constructor(holder, panel, label, painter, onZoom) {
    Object.assign(this, { panel, painter, onZoom });
    this.svg = d3.select(holder).append("svg").attr("role", "group").attr("tabindex", 0)
      .attr("aria-label", `${label}. Arrow keys: values; plus, minus, 0: zoom; shift and arrows: move.`);
    this.id = `clip-${crosstalk.Panel.number = (crosstalk.Panel.number || 0) + 1}`;
    this.shown = {}; // domains that zooming has chosen
    this.svg.on("keydown", () => this.key(d3.event)).on("blur", () => this.leave());
    this.svg.on("wheel", () => this.wheel(d3.event), { passive: false });
  }

  domain(which) {
    return this.shown[which] || this.painter.domain(this, which);
  }

  draw() {
    const width = Math.max(280, this.svg.node().parentNode.clientWidth);
    const { height, margin } = this.painter.layout(this, width);
    this.size = { width, height, margin };
    const svg = this.svg.attr("viewBox", `0 0 ${width} ${height}`).attr("data-x", this.domain("x").join(" "));
    svg.selectAll("*").remove();
    this.x = crosstalk.axes.scale(this.panel.x, this.domain("x"), [margin.left, width - margin.right]);
    svg.append("clipPath").attr("id", this.id).append("rect").attr("x", margin.left - 1).attr("y", margin.top - 6)
      .attr("width", width - margin.left - margin.right + 2).attr("height", height - margin.top - margin.bottom + 8);
    this.axisX(svg);
    this.painter.axisY(this, svg);
    const inside = svg.append("g").attr("clip-path", `url(#${this.id})`);
    this.painter.draw(this, inside, svg);
    this.pointer(svg);
  }

  axisX(svg) {
    const { width, height, margin } = this.size;
    const axis = this.panel.x;
    const room = Math.max(3, Math.floor((width - margin.left - margin.right) / 82));
    const format = crosstalk.format[axis.unit];
    svg.append("g").attr("transform", `translate(0,${height - margin.bottom})`)
      .call(d3.axisBottom(this.x).tickValues(crosstalk.axes.ticks(axis, this.domain("x"), room, this.painter.marked(this)))
        .tickFormat(format).tickSize(-(height - margin.top - margin.bottom)).tickPadding(8))
      .attr("font-family", null);
    svg.append("text").attr("x", width - margin.right).attr("y", height - 6).attr("text-anchor", "end").text(axis.label);
  }

  // Dragging chooses a part, a second click shows all of it again; a touch scrolls the page and taps for values.
  pointer(svg) {
    const { width, height, margin } = this.size;
    const brush = (this.painter.both ? d3.brush() : d3.brushX()).touchable(false)
      .extent([[margin.left, margin.top], [width - margin.right, height - margin.bottom]])
      .on("end", () => this.chosen(brush));
    this.layer = svg.append("g").attr("class", "brush").call(brush);
    this.layer.select(".selection").attr("fill", null).attr("stroke", null).attr("fill-opacity", null);
    this.layer.selectAll(".handle").remove();
    this.layer.on("dblclick", () => this.reset())
      .on("pointermove pointerdown", () => this.move(d3.event))
      .on("pointerleave", () => this.leave());
    this.hair = svg.append("g").attr("pointer-events", "none");
  }

  chosen(brush) {
    const selection = d3.event.selection;
    if (!selection || !d3.event.sourceEvent) return;
    const [[x0, y0], [x1, y1]] = this.painter.both ? selection : [[selection[0], 0], [selection[1], 0]];
    this.layer.call(brush.move, null);
    if (x1 - x0 < 6) return;
    const chosen = { x: [this.x.invert(x0), this.x.invert(x1)] };
    // A flat stroke chooses a stretch of x alone.
    if (this.painter.both && y1 - y0 > 30) chosen.y = [this.y.invert(y1), this.y.invert(y0)];
    this.zoom(chosen);
  }

  zoom(chosen) {
    Object.assign(this.shown, chosen);
    this.onZoom(this, chosen);
    this.draw();
  }

  reset() {
    this.shown = {};
    this.onZoom(this, { x: null });
    this.draw();
  }

  // By a factor about a place in pixels, or moved by a share of what is shown.
  stretch(factor, at = (this.x.range()[0] + this.x.range()[1]) / 2, moved = 0) {
    const [left, right] = this.x.range();
    const by = moved * (right - left);
    const ends = [at + (left - at) / factor + by, at + (right - at) / factor + by];
    this.zoom({ x: ends.map((end) => this.x.invert(end)) });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    this.stretch(2 ** (-event.deltaY / 300), d3.clientPoint(this.svg.node(), event)[0]);
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") this.stretch(1.6);
    else if (event.key === "-") this.stretch(1 / 1.6);
    else if (event.key === "0" || event.key === "Escape") this.reset();
    else if (step && event.shiftKey) this.stretch(1, undefined, 0.2 * step);
    else if (step) this.painter.step(this, step, event.key === "ArrowUp" || event.key === "ArrowDown");
    else return;
    event.preventDefault();
  }

  move(event) {
    const [x, y] = d3.clientPoint(this.svg.node(), event);
    this.painter.point(this, x, y, event.clientX, event.clientY);
  }

  leave() {
    crosstalk.tip.hide();
    this.hair.selectAll("*").remove();
    this.svg.selectAll(".dim").classed("dim", false);
  }

  // Where a place within the plot is on the screen: for values that the keyboard asks for.
  onScreen(x, y) {
    const box = this.svg.node().getBoundingClientRect();
    const share = box.width / this.size.width;
    return [box.left + x * share, box.top + y * share];
  }
};
