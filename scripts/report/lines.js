// Panels of lines over a number: percentile curves, time, threads, offered load.
"use strict";

crosstalk.lines = (looks, hidden) => {
  const visible = (panel) => panel.panel.series.filter((series) => !hidden.has(series.name));
  const known = (series) => series.points.map((point) => point[1]).filter((value) => value !== null);
  const far = 20; // a floor that is further away would squeeze the rest

  // 1: far above all others; -1: far below, where the axis is logarithmic; else 0.
  function farness(panel, series) {
    const rest = visible(panel).filter((other) => other.role !== "floor").flatMap(known).filter((value) => value > 0);
    if (series.role !== "floor" || !rest.length) return 0;
    const typical = d3.median(known(series));
    if (typical > far * d3.max(rest)) return 1;
    return panel.panel.y.scale === "log" && typical * far < d3.min(rest) ? -1 : 0;
  }

  const look = (series) => series.role === "floor" ? { colour: "sf", shape: "", fill: "none" }
    : series.role === "offered" ? { colour: "so", shape: "", fill: "none" } : crosstalk.look(looks, series.name);

  function domain(panel, which) {
    const index = which === "x" ? 0 : 1;
    const axis = panel.panel[which];
    // The floor may reach further, but what it is there for are the others.
    const others = visible(panel).filter((series) => series.role !== "floor");
    const drawn = which === "x" && others.length ? others : visible(panel).filter((series) => farness(panel, series) === 0);
    const points = drawn.flatMap((series) => [...series.points, ...(series.thin || [])]);
    const within = which === "x" || !panel.shown.x ? points
      : points.filter(([x]) => x >= panel.shown.x[0] && x <= panel.shown.x[1]);
    return crosstalk.axes.domain(axis, (within.length ? within : points).map((point) => point[index]));
  }

  function layout(panel, width) {
    const narrow = width < 520;
    const height = panel.panel.short ? (narrow ? 210 : 250) : narrow ? 300 : 400;
    return { height, margin: { left: narrow ? 54 : 66, right: 14, top: 24, bottom: 44 } };
  }

  function axisY(panel, svg) {
    const { width, height, margin } = panel.size;
    const axis = panel.panel.y;
    panel.y = crosstalk.axes.scale(axis, panel.domain("y"), [height - margin.bottom, margin.top]);
    const room = Math.floor((height - margin.top - margin.bottom) / 34);
    svg.append("g").attr("transform", `translate(${margin.left},0)`)
      .call(d3.axisLeft(panel.y).tickValues(crosstalk.axes.ticks(axis, panel.domain("y"), room))
        .tickFormat(crosstalk.format[axis.unit]).tickSize(-(width - margin.left - margin.right)).tickPadding(8))
      .attr("font-family", null);
    svg.append("text").attr("x", 0).attr("y", 11).text(axis.label + (axis.scale === "log" ? ", logarithmic" : ""));
    visible(panel).filter((series) => farness(panel, series) !== 0).forEach((series) => {
      // Beside the axis' label where there is room for both.
      svg.append("text").attr("x", width - margin.right - (width < 520 ? 5 : 0)).attr("y", width < 520 ? margin.top + 14 : 11).attr("text-anchor", "end")
        .text(`null floor ${crosstalk.format[axis.unit](d3.median(known(series)))}, far ${farness(panel, series) > 0 ? "above" : "below"}`);
    });
  }

  // Where a line has its markers: at the percentiles that are looked up, at each measured number, else a few.
  function markers(panel, series, place) {
    const axis = panel.panel.x;
    if (series.role === "offered") return [];
    if (axis.scale === "percentile") {
      return series.points.filter(([x]) => crosstalk.axes.marks.some((mark) => Math.abs(mark - x) < 1e-3));
    }
    if (axis.marked) return series.points;
    const apart = Math.max(1, Math.floor(series.points.length / 7));
    return series.points.filter((_, index) => index % apart === place % apart);
  }

  function draw(panel, inside) {
    const { height, margin } = panel.size;
    const { x, y } = panel;
    (panel.panel.bands || []).forEach((band) => {
      inside.append("rect").attr("class", "band").attr("x", x(band.from)).attr("width", Math.max(0, x(band.to) - x(band.from)))
        .attr("y", margin.top).attr("height", height - margin.top - margin.bottom);
      inside.append("text").attr("x", Math.max(x(band.from), margin.left) + 5).attr("y", height - margin.bottom - 7).text(band.label);
    });
    const fits = (point) => point[1] !== null && (panel.panel.y.scale !== "log" || point[1] > 0);
    const path = d3.line().defined(fits).x((point) => x(point[0])).y((point) => y(point[1]));
    const all = visible(panel);
    all.slice().reverse().forEach((series) => {
      const place = all.indexOf(series);
      const { colour, shape, fill } = look(series);
      const group = inside.append("g").attr("class", `series ${colour}`).attr("data-name", series.name);
      if (series.thin && series.thin.length) group.append("path").attr("class", "line thin").attr("d", path(series.thin));
      group.append("path").attr("class", `line ${series.role}`).attr("d", path(series.points));
      // Every strategy a little beside its marker, so that equal ones do not hide each other.
      const aside = 2.5 * (place - (all.length - 1) / 2);
      const marked = markers(panel, series, place).filter(fits);
      group.selectAll(".span").data(marked.filter((point) => point[2] !== null && point[2] !== undefined)).enter()
        .append("line").attr("class", "span").attr("x1", (point) => x(point[0]) + aside).attr("x2", (point) => x(point[0]) + aside)
        .attr("y1", (point) => y(Math.max(point[2], y.domain()[0]))).attr("y2", (point) => y(point[3]));
      if (!shape && series.points.length > 1) return;
      group.selectAll(".marker").data(marked).enter().append("path").attr("class", `marker ${fill}`)
        .attr("d", shape || "M-6,0H6").attr("transform", (point) => `translate(${x(point[0])},${y(point[1])})`);
    });
  }

  const nearest = (points, at) => points.reduce((best, point) =>
    (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best), null);

  // All values at the x that is nearest to the pointer, the nearest line's in bold.
  function show(panel, at, py, clientX, clientY, chosen) {
    const { x, y } = panel;
    const format = crosstalk.format[panel.panel.y.unit];
    const [left, right] = x.range();
    const found = visible(panel).map((series) => ({ series, point: nearest(series.points, at) }))
      .filter(({ point }) => point && point[1] !== null && Math.abs(x(point[0]) - x(at)) < (right - left) / 15);
    if (!found.length) return panel.leave();
    const distance = ({ point }) => Math.abs(y(Math.max(point[1], 1e-9)) - py);
    const near = chosen ? found.find(({ series }) => series.name === chosen) || found[0]
      : found.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    found.sort((a, b) => b.point[1] - a.point[1]);
    const around = found.length > 14 ? found.filter((one) => Math.abs(found.indexOf(one) - found.indexOf(near)) < 7) : found;
    const rows = around.map((one) => [one === near, one.series.name, format(one.point[1]),
      one.point[2] === null || one.point[2] === undefined ? "" : `${format(one.point[2])} to ${format(one.point[3])}`]);
    const [px, place] = [x(near.point[0]), y(near.point[1])];
    panel.hair.selectAll("*").remove();
    panel.hair.append("line").attr("class", "hair").attr("x1", px).attr("x2", px).attr("y1", y.range()[0]).attr("y2", y.range()[1]);
    panel.hair.append("circle").attr("class", "hair").attr("cx", px).attr("cy", place).attr("r", 6).attr("fill", "none");
    panel.svg.selectAll(".series").classed("dim", function () { return this.dataset.name !== near.series.name; });
    crosstalk.tip.show(crosstalk.format[panel.panel.x.unit](near.point[0]), rows, clientX, clientY);
    panel.at = { x: near.point[0], name: near.series.name };
    return [px, place];
  }

  function point(panel, px, py, clientX, clientY) {
    show(panel, panel.x.invert(px), py, clientX, clientY);
  }

  // By the keyboard: along a line, or to the line above or below.
  function step(panel, by, vertical) {
    const all = visible(panel);
    if (!all.length) return;
    const series = all.find((one) => panel.at && one.name === panel.at.name) || all[0];
    const [low, high] = panel.domain("x");
    const points = series.points.filter(([x]) => x >= low && x <= high);
    if (!points.length) return;
    let at = panel.at ? panel.at.x : points[0][0];
    let { name } = series;
    if (vertical) {
      const column = all.map((one) => [nearest(one.points, at), one.name]).filter(([found]) => found && found[1] !== null)
        .sort((a, b) => b[0][1] - a[0][1]);
      const place = column.findIndex(([, own]) => own === name);
      name = column[Math.max(0, Math.min(column.length - 1, place + by))][1];
    } else {
      const place = points.indexOf(nearest(points, at));
      at = points[panel.at ? Math.max(0, Math.min(points.length - 1, place + by)) : place][0];
    }
    const target = nearest(all.find((one) => one.name === name).points, at);
    const [clientX, clientY] = panel.onScreen(panel.x(target[0]), panel.y(target[1]));
    show(panel, at, panel.y(target[1]), clientX, clientY, name);
  }

  const marked = (panel) => [...new Set(visible(panel).flatMap((series) => series.points.map((one) => one[0])))];

  return { both: true, domain, layout, axisY, draw, point, step, marked, look };
};
