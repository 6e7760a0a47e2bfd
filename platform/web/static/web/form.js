// Long forms: rows that can be added, a picker that filters, no typing lost. All of it is comfort:
// the forms work without.

// Rows: spare ones stand in the page for those without this script.
const NUMBERED = ["id", "name", "for", "aria-describedby"];

function renumber(row, prefix, number) {
  const pattern = new RegExp(`${prefix}-(\\d+|__prefix__)-`, "g");
  for (const element of row.querySelectorAll("*")) {
    for (const name of NUMBERED) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(pattern, `${prefix}-${number}-`));
    }
  }
}

function isBlank(row) {
  return [...row.querySelectorAll("input, textarea")].every((each) => !each.value.trim());
}

for (const box of document.querySelectorAll("[data-rows]")) {
  const prefix = box.dataset.rows;
  const list = box.querySelector("[data-rows-list]");
  const total = box.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  const count = () => {
    [...list.children].forEach((row, number) => renumber(row, prefix, number));
    total.value = list.children.length;
  };
  const show = (row) => row.querySelector("[data-row-remove]").removeAttribute("hidden");
  const add = () => {
    const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
    list.append(row);
    show(row);
    count();
    return row;
  };
  while (list.children.length > 1 && isBlank(list.lastElementChild)) list.lastElementChild.remove();
  [...list.children].forEach(show);
  count();
  const button = box.querySelector("[data-rows-add]");
  button.hidden = false;
  button.addEventListener("click", () => add().querySelector("input, select, textarea").focus());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row-remove]")?.closest("[data-row]");
    if (!row) return;
    const next = row.nextElementSibling ?? row.previousElementSibling ?? add();
    row.remove();
    count();
    next.querySelector("input, select, textarea").focus();
    list.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// The picker: what is chosen is counted and listed, what one types narrows the choice.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

for (const picker of document.querySelectorAll("[data-picker]")) {
  const maximum = Number(picker.dataset.maximum);
  const find = (name) => picker.querySelector(`[data-picker-${name}]`);
  const [filter, counter, chosen, none] = ["filter", "count", "chosen", "none"].map(find);
  const groups = [...picker.querySelectorAll("details")].map((group) => [group, group.open]);
  const boxes = [...picker.querySelectorAll('input[type="checkbox"]')];

  const count = () => {
    const ticked = boxes.filter((each) => each.checked);
    const over = ticked.length - maximum;
    const text = over > 0 ? counter.dataset.tooMany : counter.dataset.text;
    counter.textContent = fill(text, { chosen: ticked.length, maximum, over });
    counter.classList.toggle("picker-count-over", over > 0);
    chosen.hidden = ticked.length === 0;
    chosen.replaceChildren(
      ...ticked.map((each) => {
        const label = each.closest("label").textContent.trim();
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = `${label} ×`;
        button.setAttribute("aria-label", fill(chosen.dataset.remove, { label }));
        button.addEventListener("click", () => {
          each.checked = false;
          each.dispatchEvent(new Event("change", { bubbles: true }));
          (chosen.querySelector("button") ?? filter).focus();
        });
        item.append(button);
        return item;
      }),
    );
  };

  // A branch shows what matches, and the field above it; a field that matches shows all of it.
  const narrow = () => {
    const words = filter.value.trim().toLowerCase();
    const matches = (item) =>
      item.querySelector("label").dataset.words.toLowerCase().includes(words);
    for (const [group, wasOpen] of groups) {
      for (const branch of group.querySelectorAll(":scope > ul > li")) {
        const whole = matches(branch);
        const parts = [...branch.querySelectorAll("li")];
        for (const part of parts) part.hidden = !whole && !matches(part);
        branch.hidden = !whole && parts.every((part) => part.hidden);
      }
      group.hidden = !group.querySelector(":scope > ul > li:not([hidden])");
      group.open = words ? !group.hidden : wasOpen;
    }
    none.hidden = groups.some(([group]) => !group.hidden);
  };

  find("tools").hidden = false;
  picker.addEventListener("change", count);
  filter.addEventListener("input", narrow);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  count();
}

// A choice in groups, of which only that of another choice is offered. Groups stay in the page, so
// that the back button finds what was chosen; a choice that was refused stays until it is mended.
for (const inner of document.querySelectorAll("select[data-group-of]")) {
  const outer = inner.form.elements[inner.dataset.groupOf];
  const groups = [...inner.querySelectorAll("optgroup")];
  const isOffered = (group) => group.label === outer.selectedOptions[0]?.text;
  const groupOfChosen = () => groups.find((group) => group.contains(inner.selectedOptions[0]));
  const offer = () => {
    const kept = groupOfChosen();
    for (const group of groups) {
      group.hidden = group.disabled = !isOffered(group) && group !== kept;
    }
  };
  outer.addEventListener("change", () => {
    const kept = groupOfChosen();
    if (kept && !isOffered(kept)) inner.value = "";
    offer();
  });
  inner.addEventListener("change", offer);
  window.addEventListener("pageshow", offer);
  offer();
}

// Leaving asks first when something was typed and not saved.
for (const form of document.querySelectorAll("[data-form]")) {
  const content = () => JSON.stringify([...new FormData(form)].filter(([, value]) => value !== ""));
  const before = content();
  const refused = document.querySelector(".form-errors") !== null;
  let sent = false;
  form.addEventListener("submit", () => (sent = true));
  window.addEventListener("pageshow", () => (sent = false));
  window.addEventListener("beforeunload", (event) => {
    if (!sent && (refused || content() !== before)) event.preventDefault();
  });
}
