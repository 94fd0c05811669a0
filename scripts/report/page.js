// What makes the page's HTML handier: theme, tables that sort and filter, commands to copy. All of it reads without.
"use strict";

(() => {
  const html = document.documentElement;
  const remembered = (() => { try { return localStorage.getItem("crosstalk-theme"); } catch (error) { return null; } })();

  function isDark() {
    return html.dataset.theme ? html.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function theme() {
    const button = document.getElementById("theme");
    const show = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
    };
    if (remembered === "dark" || remembered === "light") html.dataset.theme = remembered;
    button.hidden = false;
    button.addEventListener("click", () => {
      html.dataset.theme = isDark() ? "light" : "dark";
      // Pages opened from disk may not be allowed to remember.
      try { localStorage.setItem("crosstalk-theme", html.dataset.theme); } catch (error) { /* then not */ }
      show();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  }

  const key = (row, column) => {
    const cell = row.cells[column];
    const value = cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
    return value === "" || value === "–" ? null : isNaN(value) ? value.toLowerCase() : Number(value);
  };

  // What a cell says, without the small line below it.
  const word = (row, column) => (row.cells[column].firstChild ? row.cells[column].firstChild.textContent.trim() : "");

  // Cells without a value come last either way.
  function compare(a, b, direction) {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a !== typeof b) return direction * (typeof a === "number" ? -1 : 1);
    return direction * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [key(row, column), row]);
        rows.sort((a, b) => compare(a[0], b[0], direction));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  function filterable(table) {
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const bar = document.createElement("div");
    bar.className = "filter";
    const input = Object.assign(document.createElement("input"), { type: "search", placeholder: "Filter: words that a row must hold" });
    input.setAttribute("aria-label", "Filter rows");
    const shown = document.createElement("output");
    shown.setAttribute("aria-live", "polite");
    const choices = [...table.tHead.rows[0].cells].filter((head) => head.dataset.choice !== undefined).map((head) => {
      const column = head.cellIndex;
      const select = document.createElement("select");
      select.setAttribute("aria-label", head.textContent.trim());
      const values = [...new Set(rows.map((row) => word(row, column)))].sort();
      select.append(new Option(`${head.textContent.trim()}: any`, ""), ...values.map((value) => new Option(value || "–", value || "–")));
      return { column, select, several: values.length > 1 };
    }).filter((choice) => choice.several);

    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, place) => {
        const fits = words.every((word) => texts[place].includes(word)) && choices.every(({ column, select }) =>
          select.value === "" || (word(row, column) || "–") === select.value);
        row.hidden = !fits;
        count += fits;
      });
      shown.textContent = `${count} of ${rows.length} rows`;
    };
    [input, ...choices.map((choice) => choice.select)].forEach((control) => control.addEventListener("input", apply));
    bar.append(input, ...choices.map((choice) => choice.select), shown);
    table.closest(".scroll").before(bar);
    apply();
  }

  function copyable(block) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      const text = block.querySelector("code");
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch (error) {
        getSelection().selectAllChildren(text); // then by the reader's own keys
        button.textContent = "Selected";
      }
    });
    block.append(button);
  }

  theme();
  document.querySelectorAll("table.sort").forEach(sortable);
  document.querySelectorAll("table.choose").forEach(filterable);
  document.querySelectorAll(".command").forEach(copyable);
})();
