/**
 * What class mode has besides, as the OpenAPI document describes it. What it says is what class-routes.ts does.
 */
import { Refusal } from "../../../steps/refusal.ts";
import { MAX_SHOWN_USERS } from "../class-routes.ts";
import { BESIDE_STEPS, refusals, success } from "./replies.ts";
import { described, type Operation, type Schema } from "./schemas.ts";
import { LISTED_USER } from "./users.ts";

const { 405: OTHER_METHOD, 431: HEADERS_TOO_LONG } = BESIDE_STEPS;
const NOT_IN_CLASS_MODE = refusals(
  { "": new Refusal(404, "The server is not in class mode: npm start -- --class") },
  { 404: "Not in class mode." },
);

export function readClass(): Operation {
  const properties: Record<string, Schema> = {
    addresses: described("Under which addresses the class reaches this server.", {
      type: "array",
      items: { type: "string" },
    }),
    users: described(`Who has joined: the first ${MAX_SHOWN_USERS}.`, { type: "array", items: LISTED_USER }),
  };
  const value = { addresses: ["http://192.168.1.20:8080"], users: [{ userId: 1, userHandle: "ada" }] };
  return {
    operationId: "readClass",
    summary: "See where the class is, and who has joined",
    description: "Returns what the projector shows at first. In class mode only.",
    tags: ["Class"],
    security: [],
    responses: {
      200: success("Where, and who.", properties, value),
      ...NOT_IN_CLASS_MODE,
      405: OTHER_METHOD,
      431: HEADERS_TOO_LONG,
    },
  };
}

export function readClassSecret(): Operation {
  const secret = described("The class secret; null when the server cannot read it.", { type: ["string", "null"] });
  return {
    operationId: "readClassSecret",
    summary: "Read the class secret",
    description: "Returns the class secret to whoever has the projector's key. In class mode only.",
    tags: ["Class"],
    security: [{ projectorKey: [] }],
    responses: {
      200: success("The secret.", { secret }, { secret: "river-candle-orbit-maple" }),
      ...refusals(
        {
          "": new Refusal(
            403,
            "Open the projector with the address that the server printed at its start: it has the key.",
          ),
        },
        { 403: "Not the key." },
      ),
      ...NOT_IN_CLASS_MODE,
      405: OTHER_METHOD,
      431: HEADERS_TOO_LONG,
    },
  };
}
