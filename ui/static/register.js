// 台账: the view in the address, rows that open, files to take away, figures that can be clicked.
"use strict";

(() => {
  const w = window.wence;
  const LONGEST = 6000; // characters of an address; a longer one is sent as a body
  let first = true; // the view that the page opened with is no new step in the history of the browser
  let focus = ""; // what was pressed, by its data-focus: its place is filled anew
  let top = false;

  const go = (query) => { w.register.touched = false; w.press("register-go", query); };
  const address = (query) => location.pathname + (query ? "?" + query : "");

  w.register = {
    touched: false, // whether what the filters hold was put there by hand since a link filled them
    /** After the rows of a view stand there: the address says it, the focus is where it was. */
    shown: (query) => {
      if (address(query) !== location.pathname + location.search)
        history[first ? "replaceState" : "pushState"](null, "", address(query));
      if (!first) {
        const total = document.querySelector("#register-bar .count");
        if (total) w.tell(total.textContent);
      }
      first = false;
      if (focus && (!document.activeElement || document.activeElement === document.body)) {
        const same = [...document.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === focus && !one.disabled);
        (same || w.box("register-text"))?.focus({ preventScroll: true });
      }
      focus = "";
      if (top) document.querySelector("#register-bar")?.scrollIntoView({ block: "start" });
      top = false;
    },
    /** After a figure is drawn: a click on it leads to the rows behind it. */
    drawn: () => w.ready("#register-plot .js-plotly-plot", () => setTimeout(listen, 0)),
  };

  // Gradio has no event for a click on a figure, and an update takes listeners away (gradio #13678).
  const listen = () => {
    for (const plot of document.querySelectorAll("#register-plot .js-plotly-plot")) {
      if (!plot.on) continue;
      plot.removeAllListeners?.("plotly_click");
      plot.dataset.clickable = "";
      plot.on("plotly_click", (event) => {
        const given = event.points?.[0]?.customdata;
        const query = Array.isArray(given) ? given[0] : given;
        if (query) { top = true; go(query); }
      });
    }
  };
  w.ready("#register-plot", (holder) => {
    let waiting = 0;
    new MutationObserver(() => { clearTimeout(waiting); waiting = setTimeout(listen, 60); })
      .observe(holder, { childList: true, subtree: true });
  });

  window.addEventListener("popstate", () => go(location.search.slice(1)));

  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, (event) => {
      if (event.isTrusted && event.target.closest?.("#register-filters")) w.register.touched = true;
    }, true);
  }

  // Rows -------------------------------------------------------------------------------------------
  const unfold = (entry) => {
    const button = entry.querySelector("button.open");
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    entry.querySelector(".more").hidden = !open;
    entry.classList.toggle("opened", open);
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    const leads = target.closest?.("[data-view]");
    if (leads && leads.closest(".page")) {
      event.preventDefault();
      focus = leads.dataset.focus || "";
      top = "top" in leads.dataset || leads.closest("#register-figures, .others") !== null;
      go(leads.dataset.view);
      return;
    }
    const taken = target.closest?.("[data-take]");
    if (taken) { event.preventDefault(); take(taken); return; }
    if (target.closest?.("[data-copy-link]")) { copy(target.closest("[data-copy-link]")); return; }
    const fold = target.closest?.("[data-fold]");
    if (fold) {
      const open = fold.getAttribute("aria-expanded") !== "true";
      fold.setAttribute("aria-expanded", String(open));
      document.getElementById(fold.dataset.fold)?.classList.toggle("unfolded", open);
      return;
    }
    const entry = target.closest?.("#register-table .entry");
    if (!entry || target.closest("a, .more") || String(getSelection())) return;
    unfold(entry);
  });

  const take = async (link) => {
    const [path, query] = link.getAttribute("href").split("?");
    const done = query.length > LONGEST ? await w.download(path, asBody(query)) : await w.download(`${path}?${query}`);
    if (done) w.tell("文件已导出。");
  };
  const asBody = (query) => {
    const body = {};
    for (const [name, value] of new URLSearchParams(query)) {
      if (name === "sort") body.sort = value; else (body[name] ??= []).push(value);
    }
    return body;
  };
  const copy = async (button) => {
    const done = await w.copy(location.href);
    const said = done ? "已复制" : "没能复制，请从地址栏复制";
    const before = button.textContent;
    button.textContent = said;
    w.tell(said);
    setTimeout(() => { button.textContent = before; }, 2000);
  };

  // Enter takes the first choice that fits what was typed; a department may be called as people call it.
  const listed = "#register-level, #register-district, #register-plan, #register-status, #register-role";
  document.addEventListener("keydown", (event) => {
    const field = event.key === "Enter" && !event.isComposing && event.target.closest?.(listed);
    if (!field || !event.target.value || field.querySelector("[role=option].active, li.active")) return;
    event.target.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  }, true);

  w.key("/", "到全文查找框", () => { w.box("register-text")?.focus(); });
})();
