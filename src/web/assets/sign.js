// The print button of the sign, for browsers that run scripts; others have their own.
const button = document.querySelector("#print");
button?.removeAttribute("hidden");
button?.addEventListener("click", () => window.print());
