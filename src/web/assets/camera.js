// A look through a camera takes up to half a minute: says so while the form is on its way, and lets no button be pressed twice.
// Without this script the browser's own sign of waiting does.

const progress = document.querySelector("#progress");
const forms = [...document.querySelectorAll("form[data-slow]")];

for (const form of forms) {
  form.addEventListener("submit", () => {
    const bar = document.createElement("progress");
    bar.setAttribute("aria-hidden", "true");
    progress.replaceChildren(bar, form.dataset.slow);
    // Not before it is sent: a button that is off is no part of its form.
    setTimeout(() => setBusy(true));
  });
}

// The page may come back as it was left, by the browser's own Back.
addEventListener("pageshow", () => {
  progress?.replaceChildren();
  setBusy(false);
});

function setBusy(isBusy) {
  for (const form of forms) for (const button of form.querySelectorAll("button")) button.disabled = isBusy;
}
