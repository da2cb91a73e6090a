// Signing in with a PIN alone: what is typed is sent and gone from the page, and a refusal is told beside the field.

import { Refused, post } from "/shared/hall.js";

// The session, or null where there is none. `nobody`: said where the site names nobody for this page; `form`: where the
// hall has no words of its own.
export async function sendPin(path, { nobody, form }) {
  const field = document.getElementById("pin");
  const told = document.getElementById("sign-in-error");
  const pin = field.value;
  field.value = "";
  try {
    const session = await post(path, { pin });
    told.hidden = true;
    return session;
  } catch (error) {
    const denied = error instanceof Refused && error.status === 403;
    told.textContent = denied ? nobody : error.text || form;
    told.hidden = false;
    return null;
  }
}
