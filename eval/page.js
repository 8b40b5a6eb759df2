// Filters the questions of the report and puts the chosen configuration's failures first.
"use strict";
(() => {
  const form = document.getElementById("filter");
  const list = document.getElementById("questions");
  const count = form.querySelector("output");
  const questions = [...list.children];
  const words = new Map();
  const wordsOf = (q) => {
    if (!words.has(q)) words.set(q, q.textContent.toLowerCase());
    return words.get(q);
  };
  const rank = (q) => {
    const marks = q.dataset.marks;
    return marks[form.config.value] === "0" ? 0 : marks.includes("0") ? 1 : 2;
  };

  function sift() {
    const { category, verdict, text, config } = form;
    const sought = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const q of questions) {
      const marks = q.dataset.marks;
      const fits =
        (!category.value || q.dataset.category === category.value) &&
        (!verdict.value ||
          (verdict.value === "differ" ? new Set(marks).size > 1 : marks[config.value] === verdict.value)) &&
        sought.every((word) => wordsOf(q).includes(word));
      q.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} / ${questions.length} 题`;
  }

  function order() {
    list.append(...questions.map((q, i) => [rank(q), i, q]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((t) => t[2]));
  }

  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.target === form.config) order();
    waiting = setTimeout(sift, event.target === form.text ? 150 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.open.addEventListener("click", () => {
    const shown = questions.filter((q) => !q.hidden);
    const open = shown.some((q) => !q.open);
    for (const q of shown) q.open = open;
    form.open.textContent = open ? "收起所示" : "展开所示";
  });
  const target = location.hash.startsWith("#q-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) {
    target.open = true;
    target.scrollIntoView();
  }
  form.hidden = false;
  sift();
})();
