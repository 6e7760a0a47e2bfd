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

// A form is sent once, however often its button is pressed. What answers with a file leaves the page
// where it is: after some seconds it can be sent again.
const SENT_FOR = 10000;
const sent = new Set();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  sent.add(form);
  form.setAttribute("aria-busy", "true");
  const end = () => {
    sent.delete(form);
    form.removeAttribute("aria-busy");
  };
  setTimeout(end, SENT_FOR);
  window.addEventListener("pageshow", end, { once: true });
});
