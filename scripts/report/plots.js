// Puts the plots into their figures: menu of configurations, zoom, legend, panels.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const mostLines = 12;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  function menu(chart, choose) {
    const select = element("select");
    select.setAttribute("aria-label", `${chart.title}: configuration and measure`);
    const groups = d3.nest().key((view) => view.group).entries(chart.views.map((view, index) => ({ ...view, index })));
    groups.forEach((group) => {
      const options = element("optgroup", { label: group.key });
      options.append(...group.values.map((view) => new Option(groups.length > 1 ? `${group.key}: ${view.label}` : view.label, view.index)));
      select.append(options);
    });
    select.addEventListener("change", () => choose(Number(select.value)));
    return select;
  }

  function zoomButtons(chart, panels) {
    const each = (does) => () => panels().slice(0, 1).forEach(does);
    const buttons = [["−", "Zoom out", (panel) => panel.stretch(1 / 1.6)], ["+", "Zoom in", (panel) => panel.stretch(1.6)],
      ["All", "Show all again", (panel) => panel.reset()]].map(([text, label, does]) => {
      const button = element("button", { type: "button", textContent: text, title: label });
      button.setAttribute("aria-label", `${chart.title}: ${label.toLowerCase()}`);
      button.addEventListener("click", each(does));
      return button;
    });
    return element("span", { className: "zoom" }, ...buttons);
  }

  function sample(painter, series) {
    const { colour, shape, fill } = painter.look(series);
    const svg = d3.create("svg").attr("viewBox", "0 0 26 14").attr("class", colour).attr("aria-hidden", "true");
    svg.append("path").attr("class", `line ${series.role}`).attr("d", "M1,7H25");
    if (shape) svg.append("path").attr("class", `marker ${fill}`).attr("d", shape).attr("transform", "translate(13,7)");
    return svg.node();
  }

  function legend(view, painter, hidden, redraw) {
    const list = element("ul", { className: "legend" });
    const series = new Map();
    view.panels.forEach((panel) => panel.series.forEach((one) => series.has(one.name) || series.set(one.name, one)));
    series.forEach((one, name) => {
      const remark = one.role === "hopeless" ? " (not compared)" : one.role === "floor" ? " (floor)" : "";
      const button = element("button", { type: "button" }, sample(painter, one), name + remark);
      button.setAttribute("aria-pressed", String(!hidden.has(name)));
      button.addEventListener("click", () => {
        if (!hidden.delete(name)) hidden.add(name);
        button.setAttribute("aria-pressed", String(!hidden.has(name)));
        redraw();
      });
      list.append(element("li", {}, button));
    });
    return list;
  }

  function partsLegend(parts, colours) {
    const items = parts.map((part, index) => {
      const svg = d3.create("svg").attr("viewBox", "0 0 26 14").attr("class", colours[index % colours.length]).attr("aria-hidden", "true");
      svg.append("rect").attr("class", "part").attr("x", 4).attr("y", 1).attr("width", 18).attr("height", 12);
      return element("li", {}, element("span", {}, svg.node(), part));
    });
    return element("ul", { className: "legend" }, ...items);
  }

  function figure(chart) {
    const holder = document.querySelector(`figure[data-chart="${chart.id}"]`);
    const plot = holder.querySelector(".plot");
    const hidden = new Set();
    let panels = [];

    function choose(index) {
      const view = chart.views[index];
      hidden.clear();
      if (chart.kind === "lines") {
        const strategies = view.panels[0].series.filter((series) => !["floor", "offered"].includes(series.role));
        strategies.slice(mostLines).forEach((series) => hidden.add(series.name));
      }
      const painter = crosstalk[chart.kind](data.looks, hidden);
      const together = (from, { x }) => panels.filter((panel) => panel !== from).forEach((panel) => {
        if (x) panel.shown.x = x;
        else panel.shown = {};
        panel.draw();
      });
      plot.replaceChildren();
      const redraw = () => panels.forEach((panel) => panel.draw());
      if (chart.kind === "lines") plot.append(legend(view, painter, hidden, redraw));
      else if (view.panels[0].parts) plot.append(partsLegend(view.panels[0].parts, painter.partColours));
      panels = view.panels.map((panel) => {
        const made = { ...panel, short: view.panels.length > 1 };
        const name = `${chart.title}: ${panel.y ? panel.y.label : panel.x.label}, ${view.group}`;
        return new crosstalk.Panel(plot, made, name, painter, together);
      });
      redraw();
    }

    const tools = element("div", { className: "tools" });
    if (chart.views.length > 1) tools.append(menu(chart, choose));
    else tools.append(element("label", { textContent: `${chart.views[0].group}: ${chart.views[0].label}` }));
    tools.append(zoomButtons(chart, () => panels));
    plot.before(tools);
    choose(0);
    let width = plot.clientWidth;
    new ResizeObserver(() => {
      if (plot.clientWidth === width) return; // drawing may change the height, and must not draw again
      width = plot.clientWidth;
      panels.forEach((panel) => panel.draw());
    }).observe(plot);
  }

  data.charts.forEach(figure);
  document.documentElement.dataset.ready = "1";
})();
