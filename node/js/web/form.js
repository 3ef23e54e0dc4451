// The form of the endpoints of RFC 7662 and RFC 7009: one parameter `token`, by POST.

import { problem } from "./answer.js";

export const FORM = "application/x-www-form-urlencoded";
/** Characters of a form that are read. A token has at most 256. */
export const FORM_LIMIT = 4096;

/**
 * Reads the token of a form and acts on it, or answers what is wrong with the form.
 *
 * @param {{ method: string, type: string | null | undefined, text: () => Promise<string | null> }} request `text` gives the
 *   body, or null when it is longer than {@link FORM_LIMIT}
 * @param {(token: string) => Promise<object>} act
 */
export async function answerForm({ method, type, text }, act) {
  if (method !== "POST") return problem("method_not_allowed");
  if (type?.split(";", 1)[0].trim().toLowerCase() !== FORM) return problem("invalid_request");
  const body = await text();
  if (body === null) return problem("invalid_request");
  const [token, ...others] = new URLSearchParams(body).getAll("token");
  return token === undefined || token === "" || others.length > 0 ? problem("invalid_request") : act(token);
}

/** The form of a web-standard request. */
export function formOf(request) {
  const { method, headers } = request;
  return { method, type: headers.get("content-type"), text: () => textOf(request.body) };
}

/** The form of a Node request, whether or not a parser has read it before. */
export function formOfIncoming(request) {
  const { method, headers } = request;
  return { method, type: headers["content-type"], text: async () => parsedText(request) ?? textOf(request) };
}

function parsedText({ body }) {
  if (typeof body === "string") return body;
  if (typeof body !== "object" || body === null || Symbol.asyncIterator in body) return undefined;
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const one of [value].flat()) if (typeof one === "string") fields.append(name, one);
  }
  return fields.toString();
}

async function textOf(chunks) {
  if (chunks === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > FORM_LIMIT) return null;
  }
  return text + decoder.decode();
}
