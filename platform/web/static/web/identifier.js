// Says while one types whether a number can be right and whether it is taken; the form works without.
const box = document.querySelector("[data-identifier]");
const answer = document.querySelector("[data-identifier-answer]");
if (box && answer) {
  const scheme = box.querySelector('[name="identifier_scheme"]');
  const identifier = box.querySelector('[name="identifier"]');
  // Where the fault of the field stands too.
  identifier.closest(".form-row").append(answer);
  let waiting = null;
  let asked = 0;

  const show = (text, state) => {
    answer.textContent = text;
    answer.hidden = !text;
    answer.dataset.state = state;
  };
  // What the server said of an earlier number no longer holds.
  const forgive = () => {
    document.getElementById(`${identifier.id}_error`)?.remove();
    identifier.closest(".form-row")?.classList.remove("form-row-faulty");
    identifier.removeAttribute("aria-invalid");
  };
  const offerToJoin = (number) => {
    const link = document.createElement("a");
    const asked = new URLSearchParams({ identifier_scheme: scheme.value, identifier: number });
    link.href = `${box.dataset.identifierJoin}?${asked}`;
    link.textContent = "申请加入";
    answer.append(" ", link);
  };
  const ask = async () => {
    const typed = identifier.value.trim();
    const number = ++asked;
    if (!typed || typed === box.dataset.identifierOwn) return show("", "");
    const query = new URLSearchParams({ scheme: scheme.value, identifier: typed });
    try {
      const response = await fetch(`${box.dataset.identifier}?${query}`, {
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (number !== asked) return;
      if (!response.ok) return show("", "");
      const said = await response.json();
      show(said.message, said.taken ? "taken" : said.valid ? "valid" : "invalid");
      if (said.valid && !said.taken) forgive();
      if (said.taken) offerToJoin(said.identifier);
    } catch {
      if (number === asked) show("", "");
    }
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  };
  identifier.addEventListener("input", soon);
  scheme.addEventListener("change", ask);
}
