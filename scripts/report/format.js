// Numbers as text, and the ticks of the axes. Loaded first: everything else hangs on `crosstalk`.
"use strict";

const crosstalk = {};

crosstalk.format = (() => {
  // 999.6 is written 1.00 k and not 1000, hence the rounding before the choice.
  // `full` keeps zeros at the end, so that numbers below each other have as many digits.
  const scaled = (steps) => (value, full = false) => {
    const [factor, unit] = steps.find(([size]) => Math.abs(value) >= 0.9995 * size) || steps[steps.length - 1];
    const shown = value / factor;
    return (value === 0 ? "0" : Math.abs(shown) >= 1000 ? d3.format(",.0f")(shown) : full === true ? shown.toPrecision(3) : trimmed(shown)) + unit;
  };
  const trimmed = (value) => String(Number(value.toPrecision(3)));
  const ops_s = scaled([[1e9, "\u00a0G"], [1e6, "\u00a0M"], [1e3, "\u00a0k"], [1, ""]]);
  const ns = scaled([[1e9, "\u00a0s"], [1e6, "\u00a0ms"], [1e3, "\u00a0µs"], [1, "\u00a0ns"]]);
  return {
    ops_s, ns,
    s: (value) => `${trimmed(value)}\u00a0s`,
    ratio: (value, full = false) => {
      const near = value.toFixed(value > 0.8 && value < 1.25 ? 3 : 2);
      return `${full === true ? near : value < 0.1 ? trimmed(value) : Number(near)}\u00a0×`;
    },
    share: (value, full = false) => (full === true ? value.toFixed(4) : String(Number(value.toFixed(4)))),
    count: (value) => d3.format(",")(value),
    // The axis holds log10(1 / (1 - p)).
    percentile: (value) => `${Number((100 * (1 - 10 ** -value)).toFixed(Math.max(1, Math.ceil(value - 1e-9) - 1)))}\u00a0%`,
  };
})();

crosstalk.axes = (() => {
  const marks = [Math.log10(2), 1, 2, 3, 4, 5, 6, 7];

  const scale = (axis, domain, range) =>
    (axis.scale === "log" ? d3.scaleLog() : d3.scaleLinear()).domain(domain).range(range);

  const within = (values, [low, high]) => values.filter((value) => value >= low && value <= high);

  function logTicks([low, high], room) {
    for (const digits of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]) {
      const ticks = [];
      for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1) {
        digits.forEach((digit) => ticks.push(digit * 10 ** decade));
      }
      const found = within(ticks, [low, high]);
      if (found.length < 3 && digits.length > 3) return d3.ticks(low, high, room);
      if (found.length <= room) return found;
    }
    const decades = d3.range(Math.ceil(Math.log10(low)), Math.floor(Math.log10(high)) + 1);
    return decades.filter((_, place) => place % Math.ceil(decades.length / room) === 0).map((decade) => 10 ** decade);
  }

  // Values where `room` labels fit.
  function ticks(axis, domain, room, points) {
    if (axis.scale === "log") return logTicks(domain, room);
    if (axis.scale === "percentile") {
      const found = within(marks, domain);
      if (found.length < 3) return d3.ticks(...domain, Math.max(2, room));
      return found.filter((_, place) => place % Math.ceil(found.length / room) === 0);
    }
    if (axis.marked && points && points.length <= room) return within(points, domain);
    return d3.ticks(...domain, Math.max(2, room));
  }

  // What the values need, and a little air. Only positive ones can stand on a logarithmic axis.
  function domain(axis, values) {
    const usable = values.filter((value) => value !== null && (axis.scale !== "log" || value > 0));
    if (!usable.length) return axis.scale === "log" ? [1, 10] : [0, 1];
    let [low, high] = d3.extent(usable);
    if (axis.scale === "log") {
      const air = Math.max(1.04, (high / low) ** 0.05);
      return [low / air, high * air];
    }
    if (axis.from_zero) return [0, high > 0 ? high * 1.06 : 1];
    const air = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.05 || 1;
    return axis.scale === "percentile" ? [low, high + 0.1] : [low - air, high + air];
  }

  return { scale, ticks, domain, marks };
})();

// How a strategy is drawn: colour and marker show the mechanism, the marker's filling the server.
crosstalk.look = (() => {
  const polygon = (corners, turn = 0, inner = 1) => {
    const points = d3.range(inner === 1 ? corners : 2 * corners).map((place) => {
      const radius = 4.6 * (inner === 1 || place % 2 === 0 ? 1 : inner);
      const angle = (place / (inner === 1 ? corners : 2 * corners)) * 2 * Math.PI - Math.PI / 2 + turn;
      return `${(radius * Math.cos(angle)).toFixed(2)},${(radius * Math.sin(angle)).toFixed(2)}`;
    });
    return `M${points.join("L")}Z`;
  };
  const shapes = {
    o: d3.symbol(d3.symbolCircle, 46)(), s: d3.symbol(d3.symbolSquare, 46)(), P: d3.symbol(d3.symbolCross, 52)(),
    D: polygon(4), d: "M0,-5L3,0L0,5L-3,0Z", "^": polygon(3), v: polygon(3, Math.PI), "<": polygon(3, -Math.PI / 2),
    ">": polygon(3, Math.PI / 2), p: polygon(5), h: polygon(6), "*": polygon(5, 0, 0.45),
  };
  return (looks, name) => {
    const [colour, marker, fill] = looks[name] || ["f", "o", "none"];
    return { colour: `s${colour}`, shape: shapes[marker] || shapes.o, fill };
  };
})();
