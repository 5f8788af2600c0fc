"use strict";
// Chooses among the examples that the page holds. Without it, all of them are shown.
const form = document.getElementById("filter");
if (form) {
  const cards = [...document.querySelectorAll("#examples .example")];
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const search = form.querySelector("input[type=search]");
  const count = form.querySelector("output");
  const choose = () => {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    const wanted = search.value.toLowerCase();
    let shown = 0;
    for (const card of cards) {
      const tags = card.dataset.tags.split(" ");
      const kinds = tags.slice(1);
      const kept = !off.has(tags[0]) && (!kinds.length || kinds.some((kind) => !off.has(kind)));
      card.hidden = !(kept && card.textContent.toLowerCase().includes(wanted));
      shown += card.hidden ? 0 : 1;
    }
    count.value = `${shown} of ${cards.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
}
