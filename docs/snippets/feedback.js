"use strict";
// What a person thinks of an answer, to the application's own backend: a thumb at once, a comment if they like.
// Forms may come and go: whatever is on the page when somebody clicks is a `form.feedback`.
(() => {
  const WAIT_MS = 15000;
  const THANKS = "Thank you.";
  const FAILED = "It could not be sent. Please try again.";
  // What was said of an answer first, so that a second try is the same entry and not another one.
  const said = new Map();

  async function send(form, what) {
    const entry = { id: form.dataset.id, row: Number(form.dataset.row || 0), ...what };
    const key = JSON.stringify(entry);
    if (!said.has(key)) said.set(key, JSON.stringify({ ...entry, time: new Date().toISOString() }));
    const controls = [...form.elements].filter((one) => !one.disabled);
    const status = form.querySelector("output");
    controls.forEach((one) => (one.disabled = true));
    status.textContent = "";
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json" },
        body: said.get(key),
        signal: AbortSignal.timeout(WAIT_MS),
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      status.textContent = THANKS;
      return true;
    } catch {
      status.textContent = FAILED;
      return false;
    } finally {
      controls.forEach((one) => (one.disabled = false));
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("form.feedback fieldset button");
    if (!button) return;
    const form = button.form;
    button.setAttribute("aria-pressed", "true");
    if (await send(form, { score: Number(button.value) })) {
      form.querySelector("fieldset").disabled = true; // a person has one thumb
      form.querySelector("p").hidden = false;
      form.elements.comment.focus();
    } else {
      button.setAttribute("aria-pressed", "false");
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.feedback");
    if (!form) return;
    event.preventDefault();
    const comment = form.elements.comment.value.trim();
    if (comment && (await send(form, { comment }))) form.querySelector("p").hidden = true;
  });
})();
