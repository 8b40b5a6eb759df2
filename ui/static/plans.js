// 计划: files sent with their progress, previews answered and confirmed, plans retired, restored and replaced.
"use strict";

(() => {
  const w = window.wence;
  const API = "./v1/plans";
  const CLOSED = "这一页只对管理员开放。";
  const CUT = "没有传完：连不上服务，请再传一次。";
  const held = () => document.getElementById("plans-held");
  const waiting = () => document.getElementById("plans-uploads");
  const card = (element) => element.closest(".upload");
  const element = (tag, given = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...children);
    return made;
  };
  const parsed = (markup) => {
    const holder = document.createElement("template");
    holder.innerHTML = markup;
    return holder.content;
  };
  /** What the banner at the head of the page says why something was not done. */
  const why = () => document.getElementById("banner")?.textContent || "";

  // The page ---------------------------------------------------------------------------------------
  const list = async () => {
    const markup = await w.markup("./plans/held");
    if (markup !== null) held().innerHTML = markup;
  };
  const open = async () => {
    const response = await fetch("./plans/held", { cache: "no-store" });
    const closed = document.getElementById("plans-closed");
    if (!response.ok) {
      let detail = "";
      try { detail = (await response.json()).detail; } catch { /* no problem document */ }
      closed.textContent = response.status === 403 ? CLOSED : detail || CLOSED;
      if ([401, 403].includes(response.status)) closed.append(" ", element("a", { href: "./login?next=/plans", textContent: "用管理员的密钥登录" }));
      closed.hidden = false;
      return;
    }
    held().innerHTML = await response.text();
    document.getElementById("plans-open").hidden = false;
    const markup = await w.markup("./plans/uploads");
    if (markup) waiting().prepend(parsed(markup));
    waiting().querySelectorAll(".upload").forEach(first);
  };
  w.ready("#plans-held", open);

  // Sending files ----------------------------------------------------------------------------------
  const queue = [];
  let sending = false;
  const take = (files, replaces = "") => {
    for (const file of files) {
      const state = element("p", { textContent: "等待上传……" });
      const name = element("h3", { textContent: file.name });
      const holder = element("article", { className: "upload" }, element("header", {}, name), state);
      waiting().append(holder);
      queue.push({ file, replaces, holder, state });
    }
    if (!sending) send();
  };
  const send = async () => {
    sending = true;
    for (let next = queue.shift(); next; next = queue.shift()) await sent(next);
    sending = false;
  };
  const sent = ({ file, replaces, holder, state }) => new Promise((done) => {
    const most = Number(document.getElementById("plans-files").dataset.most);
    if (file.size > most * 1024 * 1024) { refused(holder, `${file.name}：文件太大，最多 ${most} MB。`); done(); return; }
    const bar = element("progress", { max: 100, value: 0 });
    bar.setAttribute("aria-label", `上传${file.name}`);
    state.replaceChildren("正在上传…… ", bar);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => {
      bar.value = event.total ? (100 * event.loaded) / event.total : 0;
      if (event.loaded === event.total) state.replaceChildren("已上传，正在读取……");
    };
    const failed = (sentence) => { refused(holder, sentence); done(); };
    request.onerror = () => failed(CUT);
    request.onload = async () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* no answer of ours */ }
      if (request.status !== 201) { failed(told.detail || CUT); return; }
      await shown(holder, told.token, !document.activeElement?.closest(".upload")); // someone answers another one
      done();
    };
    request.open("POST", `${API}/uploads?${new URLSearchParams({ name: file.name, ...(replaces && { replaces }) })}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.send(file);
  });
  const refused = (holder, sentence) => {
    const said = element("p", { textContent: sentence });
    said.setAttribute("role", "alert");
    const close = element("button", { type: "button", className: "plain", textContent: "知道了" });
    close.dataset.do = "close";
    holder.replaceChildren(holder.querySelector("header"), said, element("p", {}, close));
  };

  // Previews ---------------------------------------------------------------------------------------
  /** Put the card of an upload in the place of `holder`, and give it; null where there is none. */
  const shown = async (holder, token, focus) => {
    const markup = await w.markup(`./plans/uploads/${token}`);
    if (holder.dataset.adding) return null; // confirmed meanwhile
    if (markup === null) { refused(holder, why()); return null; }
    const fresh = parsed(markup).firstElementChild;
    holder.replaceWith(fresh);
    first(fresh);
    const heading = fresh.querySelector("h3");
    if (focus) heading.focus({ preventScroll: true });
    const asked = fresh.querySelector(".asked");
    w.tell(asked ? "请先回答几个问题。" : `${heading.textContent}：${fresh.querySelector(".parsed h4 small")?.textContent || fresh.querySelector("[role=alert]")?.textContent || ""}`);
    if (asked && focus) asked.querySelector("input, select")?.focus();
    return fresh;
  };
  /** The first row's place is shown at once. */
  const first = (holder) => {
    const row = holder.querySelector("tr[data-record]");
    if (row) look(row);
  };
  const look = async (row, byHand = false) => {
    const holder = card(row);
    holder.querySelectorAll("tr.chosen").forEach((one) => { one.classList.remove("chosen"); one.querySelector(".open").setAttribute("aria-pressed", "false"); });
    row.classList.add("chosen");
    row.querySelector(".open").setAttribute("aria-pressed", "true");
    const { record } = row.dataset;
    const markup = await w.markup(`./plans/uploads/${holder.dataset.token}/around?record=${encodeURIComponent(record)}`);
    if (markup === null || !row.classList.contains("chosen")) return;
    const panel = holder.querySelector(".source .scroll");
    panel.innerHTML = markup;
    panel.scrollTop = 0;
    const marked = panel.querySelector(".marked, .text.own");
    if (marked) panel.scrollTop += marked.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
    if (byHand && matchMedia("(max-width: 899px)").matches) panel.parentElement.scrollIntoView({ block: "start" });
  };
  /** What was changed in the form, as the API takes it. */
  const said = (form) => {
    const given = {}, mapping = {};
    for (const control of form.elements) {
      if (!control.name) continue;
      const [part, name] = [control.name.slice(0, control.name.indexOf("/")), control.name.slice(control.name.indexOf("/") + 1)];
      const value = control.type === "checkbox" ? control.checked : control.value.trim();
      const before = control.type === "checkbox" ? control.defaultChecked
        : control.options ? [...control.options].find((one) => one.defaultSelected)?.value ?? "" : control.defaultValue;
      if (value === before) continue;
      if (part === "map") { mapping[name] = value; continue; }
      given[part] ??= {};
      given[part][name] = value === "" ? null : control.type === "number" ? Number(value) : value;
    }
    return { given, mapping };
  };
  /** Send answers; the card of the new preview, or null. */
  const answer = async (holder, body) => {
    const { token } = holder.dataset;
    if (!await w.send(`${API}/uploads/${token}`, "PATCH", body)) { trouble(holder, why()); return null; }
    w.say("");
    return shown(holder, token, true);
  };
  const trouble = (holder, sentence) => {
    const line = holder.querySelector(".trouble");
    line.textContent = sentence;
    line.hidden = !sentence;
  };

  // Changes ----------------------------------------------------------------------------------------
  const AGAIN = "更正的内容刚才还没有预览过，现在已重新预览；请再看一遍，然后确认。";
  const unsaid = (holder) => {
    const { given, mapping } = said(holder.querySelector("form.said"));
    return Object.keys(given).length + Object.keys(mapping).length > 0;
  };
  /** Preview again what was corrected since; whether there was anything. */
  const previewed = async (holders) => {
    const changed = holders.filter(unsaid);
    for (const holder of changed) {
      const fresh = await answer(holder, said(holder.querySelector("form.said")));
      if (fresh) { trouble(fresh, AGAIN); fresh.querySelector(".confirm").focus(); }
    }
    return changed.length > 0;
  };
  /** Add the uploads of these cards in one step. */
  const confirm = async (holders, button) => {
    if (await previewed(holders)) return;
    const words = button.textContent;
    button.disabled = true;
    button.textContent = "正在加入……";
    w.tell("正在加入……");
    holders.forEach((holder) => { trouble(holder, ""); holder.dataset.adding = "yes"; });
    const done = await w.post(`${API}/uploads/confirm`, { tokens: holders.map((holder) => holder.dataset.token) });
    button.disabled = false;
    button.textContent = words;
    if (!done) { holders.forEach((holder) => { delete holder.dataset.adding; }); trouble(holders.at(-1), why()); return; }
    w.say("");
    const made = added(done);
    holders[0].replaceWith(made);
    holders.slice(1).forEach((holder) => holder.remove());
    made.focus({ preventScroll: true });
    made.scrollIntoView({ block: "nearest" });
    w.tell(made.textContent);
    list();
    for (const other of ready(".upload[data-token]:not([data-adding])")) if (!unsaid(other)) shown(other, other.dataset.token, false); // beside what is held now
  };
  const added = (done) => {
    const items = done.plans.map((plan) => element("p", {},
      `已加入《${plan.title}》（简称“${plan.short}”）。`,
      ...(plan.in_force ? [element("a", { href: `./?q=${encodeURIComponent(`《${plan.title}》主要讲了什么？`)}`, textContent: "问一问它讲了什么" }), "　"] : []),
      element("a", { href: `./register?plan=${encodeURIComponent(plan.id)}`, textContent: "在台账里看" })));
    if (done.superseded.length) items.push(element("p", { textContent: `${done.superseded.join("、")} 已被正式文本取代，答复不再依据它。` }));
    const when = done.serves ? "现在就可以提问" : "几秒后可以提问";
    items.push(element("p", { className: "meta", textContent: `用时 ${done.seconds.toFixed(1)} 秒，${when}。` }));
    return element("article", { className: "upload done", tabIndex: -1 }, ...items);
  };
  const ready = (selector) => [...waiting().querySelectorAll(selector)];
  const complete = () => ready(".upload:not([data-adding]) footer .confirm:enabled").map(card);
  w.ready("#plans-uploads", (holder) => { // several that are complete can be confirmed in one step
    new MutationObserver(() => {
      const all = complete().length, line = document.getElementById("plans-together");
      line.hidden = all < 2;
      line.querySelector("button").textContent = `${all} 份全部确认`;
    }).observe(holder, { childList: true });
  });
  const drop = async (holder) => {
    if (!await w.send(`${API}/uploads/${holder.dataset.token}`, "DELETE")) return;
    holder.remove();
    document.querySelector("#plans-drop button").focus();
    w.tell("已放弃，没有加入。");
  };
  const asked = (title, sentence) => new Promise((done) => {
    const dialog = document.getElementById("plans-ask");
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("p").textContent = sentence;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
  const EFFECT = {
    retire: ["停用", "停用后，答复不再依据它；它仍在库中，可按编号查看，也可恢复。"],
    restore: ["恢复", "恢复后，答复又可以依据它。"],
  };
  const mark = async (row, what) => {
    const [words, effect] = EFFECT[what];
    const { plan, short } = row.dataset;
    if (!await asked(`${words}“${short}”？`, effect)) return;
    row.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    w.tell(`正在${words}……`);
    const done = await w.send(`${API}/${encodeURIComponent(plan)}/${what}`, "POST");
    if (done) { w.say(""); w.tell(`已${words}“${short}”。`); }
    await list();
    held().querySelector(`tr[data-plan="${CSS.escape(plan)}"] .do button`)?.focus();
  };

  let replaces = ""; // the plan for which a file is being chosen
  const choose = (plan) => {
    const input = document.getElementById("plans-files");
    replaces = plan;
    input.multiple = !plan;
    input.click();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#page-plans [data-do]");
    const row = event.target.closest?.("#page-plans tr[data-record]");
    if (!button) { if (row && !String(getSelection())) look(row, true); return; }
    const what = button.dataset.do;
    if (what === "choose") choose("");
    if (what === "replace") choose(button.closest("tr").dataset.plan);
    if (what === "retire" || what === "restore") mark(button.closest("tr"), what);
    if (what === "original") { event.preventDefault(); w.download(button.getAttribute("href")); }
    if (what === "drop") drop(card(button));
    if (what === "close") card(button).remove();
    if (what === "instead") answer(card(button), { ...said(card(button).querySelector("form.said")), replaces: button.dataset.plan });
    if (what === "confirm") confirm([card(button)], button);
    if (what === "together") confirm(complete(), button);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "plans-files") return;
    take([...event.target.files], replaces);
    event.target.value = "";
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("#page-plans form.said");
    if (!form) return;
    event.preventDefault();
    answer(card(form), said(form));
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const area = document.getElementById("plans-drop");
      if (!area?.offsetParent || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      area.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }
  const turn = (event, step) => {
    const row = event.target.closest?.("#page-plans tr[data-record]");
    const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
    if (!next) return false;
    next.querySelector(".open").focus();
    look(next);
    return true;
  };
  w.key("ArrowDown", "下一条措施和它的原文（焦点在编号上）", (event) => turn(event, 1));
  w.key("ArrowUp", "", (event) => turn(event, -1));
})();
