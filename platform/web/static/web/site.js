// Small behaviours that pages share; every page works without them.

// The menu folds away only where this script can unfold it again.
document.documentElement.classList.add("js");
const menu = document.querySelector("[data-menu]");
menu?.addEventListener("click", () => {
  const open = menu.getAttribute("aria-expanded") !== "true";
  menu.setAttribute("aria-expanded", String(open));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.getAttribute("aria-expanded") === "true") {
    menu.setAttribute("aria-expanded", "false");
    menu.focus();
  }
});

// "/" jumps to the search field, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
  }
});

// What went wrong is read first.
document.querySelector("[data-focus]")?.focus();

// What is typed into the search field has asked for its results already. Its "change" comes only
// when a result is clicked: asking again then would replace the result under the mouse.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches("[data-search]")) event.stopPropagation();
  },
  { capture: true },
);
