/* Numberdesk: lists. Rows are chosen, copied and walked through by keys; everything has a way without JavaScript. */
(function () {
  "use strict";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const scopeOf = (el) => el.closest("[data-select-scope], form, .nd-panel") || document.body;

  /* Chosen rows: [data-select-all] over .nd-select, [data-select-every] for all that match; [data-selection] shows
     while any is chosen. A scope with [data-select-keep] keeps what is chosen when another page takes its place. */
  let lastPicked = null;
  const picked = (scope) => all(".nd-select:checked, .nd-picked", scope);
  function count(scope) {
    const boxes = all(".nd-select", scope);
    const here = boxes.filter((box) => box.checked).length;
    const chosen = picked(scope).length;
    all("[data-select-all]", scope).forEach((box) => {
      box.checked = boxes.length > 0 && here === boxes.length;
      box.indeterminate = here > 0 && !box.checked;
    });
    const every = one("[data-select-every]:checked", scope);
    const exact = one("[data-every-count]", scope);
    const total = every && (exact ? exact.textContent : every.dataset.selectEvery);
    all("[data-selected-count]", scope).forEach((el) => { el.textContent = total || chosen.toLocaleString(); });
    all("[data-selected-away]", scope).forEach((el) => { el.textContent = every || chosen === here ? "" : `, ${(chosen - here).toLocaleString()} on other pages`; });
    all("[data-selection]", scope).forEach((el) => {
      el.hidden = chosen === 0 && !every;
      /* On the root: htmx copies the attributes of what it swaps, and no inline style is allowed. */
      document.documentElement.style.setProperty("--nd-selection-height", `${el.offsetHeight}px`);
    });
    all("[data-copy-picked]", scope).forEach((el) => { el.hidden = Boolean(every); });
  }
  function clear(scope) {
    all(".nd-picked", scope).forEach((el) => el.remove());
    all(".nd-select, [data-select-every]", scope).forEach((box) => { box.checked = false; });
    count(scope);
  }
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-select-all]")) all(".nd-select", scopeOf(target)).forEach((box) => { box.checked = target.checked; });
    if (target.matches("[data-select-all], [data-select-every], .nd-select")) count(scopeOf(target));
  });
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const box = hit(".nd-select");
    if (box && event.shiftKey && lastPicked) {
      const boxes = all(".nd-select", scopeOf(box));
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    if (box) lastPicked = box;
    if (hit("[data-select-none]")) clear(scopeOf(event.target));
    if (hit("[data-copy-picked]")) window.ndCopy(picked(scopeOf(event.target)).map((el) => el.value).join("\n"));
  });

  /* An address has room for some hundred numbers: the chosen ones travel as one short field. */
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-select-keep]")) return;
    const chosen = picked(target);
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "tns", value: chosen.map((el) => el.value.slice(1)).join(".") });
    chosen.forEach((el) => { el.disabled = true; });
    target.append(field);
    setTimeout(() => { field.remove(); chosen.forEach((el) => { el.disabled = false; }); });
  });

  /* A swap keeps what was chosen, and the focus on what has the same words. */
  let kept = { id: "", values: [] };
  let focused = null;
  const words = (el) => el.textContent.replace(/[↑↓][^]*$/, "").trim();
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const old = detail.target;
    const el = document.activeElement;
    if (old.matches("[data-select-keep]")) kept = { id: old.id, values: picked(old).map((box) => box.value) };
    if (old.contains(el) && el !== old && !el.id) focused = { id: old.id, tag: el.tagName, words: words(el) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const part = kept.id && document.getElementById(kept.id);
    if (part) {
      const boxes = new Map(all(".nd-select", part).map((box) => [box.value, box]));
      kept.values.forEach((value) => {
        if (boxes.has(value)) boxes.get(value).checked = true;
        else part.append(Object.assign(document.createElement("input"), { type: "hidden", className: "nd-picked", name: "tn", value }));
      });
      kept = { id: "", values: [] };
      count(part);
    }
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const part = detail.elt;
    if (focused && part.id === focused.id) {
      const same = all(focused.tag, part).find((el) => words(el) === focused.words) || one("tbody a[href], a[href], button", part);
      if (same && document.activeElement === document.body) same.focus({ preventScroll: true });
      focused = null;
    }
  });

  /* Keys: j and k go through the rows, x chooses, c copies, [ and ] turn the page. */
  function walk(step) {
    const links = all("main .nd-table.is-list tbody th a");
    const row = document.activeElement.closest("tbody tr");
    const here = links.findIndex((link) => link.closest("tr") === row);
    const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step];
    if (next) next.focus();
    return Boolean(links.length);
  }
  const inRow = (selector) => { const row = document.activeElement.closest("tbody tr"); return row && one(selector, row); };
  const press = (el) => { if (el) el.click(); return Boolean(el); };
  const KEYS = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => press(inRow(".nd-select")),
    c: () => { const el = inRow(".nd-select[value^='+'], [data-copy]"); if (el) window.ndCopy(el.dataset.copy || el.value); return Boolean(el); },
    "[": () => press(one("main a[rel=prev]")),
    "]": () => press(one("main a[rel=next]")),
  };
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable], dialog *");
    if (event.defaultPrevented || isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
    if (KEYS[event.key] && KEYS[event.key]()) event.preventDefault();
  });

  /* A table that is wider than its place scrolls there, its head and its first columns in sight. */
  function fit(el) {
    el.classList.remove("is-wide");
    const table = el.firstElementChild;
    const isWide = Boolean(table) && table.offsetWidth > el.clientWidth + 1;
    el.classList.toggle("is-wide", isWide);
    if (isWide && !one("a[href], button, input", el)) el.tabIndex = 0; /* for the arrow keys */
  }
  function mount(part) {
    all("[data-select-all]", part).forEach((box) => count(scopeOf(box)));
    all(".nd-scroll", part).forEach(fit);
  }
  document.addEventListener("DOMContentLoaded", () => mount(document.body));
  document.addEventListener("htmx:load", ({ detail }) => { if (detail.elt !== document.body) mount(detail.elt); });
  ["resize", "pageshow"].forEach((name) => window.addEventListener(name, () => mount(document.body))); /* Back brings ticks along */
})();
