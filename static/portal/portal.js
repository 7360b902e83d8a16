/* Numberdesk: what makes pages quicker. Everything here has a way without JavaScript. */
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  root.classList.add("js");

  /* Appearance: the cookie `theme` is read by the server; without one the system decides. */
  const chosen = () => (document.cookie.match(/(?:^|; )theme=(light|dark)/) || ["", ""])[1];
  /* Numbers are copied as E.164, or as ten digits where the cookie `copy` says so. */
  const copiedAs = () => (document.cookie.match(/(?:^|; )copy=(ten)/) || ["", ""])[1];
  function dress() {
    root.dataset.bsTheme = chosen() || (dark.matches ? "dark" : "light");
    all("[data-appearance]").forEach((b) => b.setAttribute("aria-pressed", b.dataset.appearance === chosen()));
    all("[data-copy-as]").forEach((b) => b.setAttribute("aria-pressed", b.dataset.copyAs === copiedAs()));
  }
  dark.addEventListener("change", dress);
  dress();

  function toast(text, seconds) {
    all(".nd-toast").forEach((old) => old.remove());
    const note = (one("dialog[open]") || document.body).appendChild(one("#toast").content.firstElementChild.cloneNode(true));
    one("p", note).textContent = text;
    if (seconds) setTimeout(() => note.remove(), seconds * 1000);
  }

  function copy(text) {
    const told = copiedAs() ? text.replace(/^\+1(?=\d{10}$)/gm, "") : text;
    const lines = told.split("\n").length;
    const words = lines > 1 ? `${lines.toLocaleString()} numbers` : told;
    if (!navigator.clipboard) return toast(told);
    return navigator.clipboard.writeText(told).then(
      () => toast(`Copied ${words}`, 3),
      () => toast(`This browser does not allow copying. The text is: ${told}`)
    );
  }
  window.ndCopy = copy;

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest && event.target.closest(selector);
    let el;
    if ((el = hit("[data-copy]"))) copy(el.dataset.copy);
    else if ((el = hit("[data-copy-from]"))) copy(document.getElementById(el.dataset.copyFrom).value);
    else if ((el = hit("[data-dismiss]"))) el.closest(".nd-alert, .nd-toast").remove();
    else if ((el = hit("[data-dialog]"))) {
      if (el.matches("[hx-target]")) one(el.getAttribute("hx-target")).replaceChildren(); /* what was asked for before */
      one(`#${el.dataset.dialog}`).showModal();
    }
    else if ((el = hit("button[data-appearance]"))) {
      const age = el.dataset.appearance ? 31536000 : 0;
      document.cookie = `theme=${el.dataset.appearance}; path=/; max-age=${age}; samesite=lax`;
      dress();
    } else if ((el = hit("button[data-copy-as]"))) {
      document.cookie = `copy=${el.dataset.copyAs}; path=/; max-age=${el.dataset.copyAs ? 31536000 : 0}; samesite=lax`;
      dress();
    }
    all("details.nd-drop[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* A file may be dropped anywhere on a page that takes one; the browser would leave the page for it. */
  ["dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => {
    const [field, another] = all("main input[type=file]");
    const isFile = Array.from(event.dataTransfer.types).includes("Files");
    if (!field || !isFile || event.target.matches("input[type=file]")) return;
    event.preventDefault();
    if (another) return; /* dropped beside several fields */
    field.classList.toggle("is-dropping", name === "dragover");
    if (name !== "drop") return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  }));

  /* Counters: [data-counter] holds the id of the field whose characters it counts. */
  const count = (el) => { const field = document.getElementById(el.dataset.counter); if (field) el.textContent = `${field.value.length} of ${field.maxLength}`; };
  document.addEventListener("input", ({ target }) => { if (target.id) all(`[data-counter="${target.id}"]`).forEach(count); });

  /* Keys: / search, ? help, g + first letter a page of the rail, Esc closes menus. */
  let goUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.nd-drop[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
      return event.target.closest(".nd-search") && event.target.blur();
    }
    const found = event.target.closest(".nd-search") && /^Arrow(Down|Up)$/.test(event.key) ? all(".nd-search input, .nd-search-drop a") : [];
    if (found.length > 1) {
      event.preventDefault();
      return found[(found.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length].focus();
    }
    if (event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable], dialog *") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && one("#search")) { event.preventDefault(); one("#search").select(); }
    else if (event.key === "?" && one("#help")) one("#help").showModal();
    else if (Date.now() < goUntil) {
      event.preventDefault(); /* the letter is not one of a list's keys then */
      const links = all("[data-go]").filter((a) => a.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      const here = links.findIndex((a) => a.getAttribute("aria-current"));
      if (links.length) links[(here + 1) % links.length].click();
      goUntil = 0;
    } else if (event.key === "g") goUntil = Date.now() + 1500;
  });

  /* Countdowns: [data-countdown="ISO time"]; at the end the event `countdown-over` bubbles. */
  function tick() {
    all("[data-countdown]:not(.is-over)").forEach((el) => {
      const left = Math.ceil((Date.parse(el.dataset.countdown) - Date.now()) / 1000);
      const [h, m, s] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
      const pad = (n) => String(n).padStart(2, "0");
      el.classList.toggle("is-short", left < 120);
      el.textContent = left > 86400 ? `${Math.floor(left / 86400)} d ${h % 24} h` : h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
      if (left > 0) return;
      el.textContent = el.dataset.over || "run out";
      el.classList.replace("is-short", "is-over");
      el.dispatchEvent(new CustomEvent("countdown-over", { bubbles: true }));
    });
  }
  setInterval(tick, 1000);

  /* Polling: [data-poll] asks by the event `poll`; empty: 300 ms growing to 5 s, a number: each so many ms.
     The wait is kept by id across swaps and starts again when data-poll-version changes. */
  const waits = new Map();
  function poll(el) {
    const version = el.dataset.pollVersion || "";
    const before = waits.get(el.id);
    const grown = before && before.version === version ? Math.min(before.ms * 1.5, 5000) : 300;
    const ms = Number(el.dataset.poll) || grown;
    waits.set(el.id, { ms, version });
    const ask = () => { /* a page in the background waits */
      if (el.isConnected) if (document.hidden) setTimeout(ask, 1000); else window.htmx.trigger(el, "poll");
    };
    setTimeout(ask, ms);
  }
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.matches("[data-poll]") && detail.elt.isConnected) poll(detail.elt); /* not replaced */
  });

  /* A form in a dialog whose answer changed the page below is done. */
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const dialog = detail.requestConfig.elt.closest("dialog[open]");
    if (!dialog || dialog.contains(detail.target)) return;
    dialog.close();
    document.getElementById(detail.target.id).focus({ preventScroll: true });
  });

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.elt.matches("[data-poll]")) return;
    const { status } = detail.xhr;
    const why = { 403: "Your role does not allow this, or the page is too old. Reload it.", 404: "It is no longer here. Reload the page.", 429: "Too many requests. Wait a minute." };
    toast(`Nothing was changed. ${why[status] || `The server answered ${status}. Try again, and tell an administrator if it stays.`}`);
  });
  document.addEventListener("htmx:sendError", ({ detail }) => {
    if (!detail.elt.matches("[data-poll]")) toast("The server was not reached, so nothing is known to have changed. Check the connection and try again.");
  });

  function mount(part) {
    if (part.matches && part.matches("[data-poll]")) poll(part);
    all("[data-poll]", part).forEach(poll);
    all("[data-counter]", part).forEach(count);
    if (window.TomSelect) all("select[data-picker]:not(.tomselected)", part).forEach((el) => {
      if (el.labels.length) el.setAttribute("aria-label", el.labels[0].textContent.trim());
      new window.TomSelect(el, { maxOptions: 500 });
    });
    if (window.ndPlot) all("[data-plot]", part).forEach(window.ndPlot);
    all("[data-focus]", part).forEach((el) => el.focus());
    tick();
  }
  document.addEventListener("DOMContentLoaded", () => { dress(); mount(document.body); });
  document.addEventListener("htmx:load", ({ detail }) => { if (detail.elt !== document.body) mount(detail.elt); });
})();
