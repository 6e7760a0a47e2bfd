// Says while one types whether a number can be right and whether it is taken; the form works without.
const box = document.querySelector("[data-identifier]");
const answer = document.querySelector("[data-identifier-answer]");
if (box && answer) {
  const scheme = box.querySelector('[name="identifier_scheme"]');
  const identifier = box.querySelector('[name="identifier"]');
  let waiting = null;
  let asked = 0;

  const show = (text, state) => {
    answer.textContent = text;
    answer.hidden = !text;
    answer.dataset.state = state;
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
