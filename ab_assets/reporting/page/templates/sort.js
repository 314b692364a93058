"use strict";
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const body = head.closest("table").tBodies[0];
    const place = head.cellIndex;
    const rising = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const isNumber = [...body.rows].some((row) => row.cells[place].dataset.order !== undefined);
    const value = (row) => {
      const cell = row.cells[place];
      if (!isNumber) return cell.textContent;
      return cell.dataset.order === undefined ? null : Number(cell.dataset.order);
    };
    const rows = [...body.rows].sort((one, two) => {
      const a = value(one), b = value(two);
      if (a === null || b === null) return (a === null) - (b === null);
      const order = isNumber ? a - b : a.localeCompare(b, document.documentElement.lang);
      return rising ? order : -order;
    });
    body.append(...rows);
  });
}
// Paper cannot be clicked: everything is open on it.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const part of closed) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of closed) part.open = false;
});
