/* Numberdesk: says in words what went wrong with a passkey; without this it shows in the console only. */
(function () {
  "use strict";
  const words = {
    NotAllowedError: "The passkey was not used: the request was canceled, or it ran out of time. Try again.",
    InvalidStateError: "This passkey is already registered here.",
    SecurityError: "Passkeys work only under the site's own address, over https or on localhost.",
    NotSupportedError: "This device offers no passkey that fits.",
  };
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const place = document.getElementById("messages");
    const alert = document.createElement("div");
    alert.className = "nd-alert nd-bad";
    alert.append(Object.assign(document.createElement("p"), { textContent: words[event.detail.exception.name] || "The passkey could not be used. Try again, or sign in another way." }));
    place.replaceChildren(alert);
    place.scrollIntoView({ block: "nearest" });
  });
})();
