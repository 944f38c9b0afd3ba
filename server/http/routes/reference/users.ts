/**
 * The calls about users, as the OpenAPI document describes them: one function for each operation, under its name.
 * What it says is what operations/ does. Nothing but the document is made from it.
 */
import { noSuchHandle } from "../../../operations/refusals.ts";
import { mustBeText, mustExist } from "../../../steps/checks.ts";
import { MAX_ID, PAGE_LIMIT, SECRET_LENGTH } from "../../../steps/limits.ts";
import { Refusal } from "../../../steps/refusal.ts";
import {
  BESIDE_STEPS,
  DISK_FULL,
  handleTooShort,
  limitTooHigh,
  refusalOf,
  refusals,
  refusalsOfCredentials,
  success,
} from "./replies.ts";
import {
  ADA,
  BASIC,
  BASIC_OR_BODY,
  body,
  CREDENTIALS,
  described,
  EXAMPLE_TOKEN,
  INPUTS_OF_GET,
  integer,
  LIMIT,
  named,
  type Operation,
  query,
} from "./schemas.ts";

export function registerUser(): Operation {
  const wrongSecret = "`secret` is not the class secret. Ask the person who runs the server for it.";
  return {
    operationId: "registerUser",
    summary: "Register a user",
    description:
      "Gives you an id and a token, and keeps the handle for you. Note the token: without it you cannot do anything.",
    tags: ["Users"],
    security: [],
    requestBody: body({ secret: named("Secret"), userHandle: named("UserHandle") }, ["secret", "userHandle"], {
      ada: { value: { secret: "river-candle-orbit-maple", userHandle: "ada" } },
    }),
    responses: {
      200: success("You are registered.", IDENTITY, { userId: 1, authToken: EXAMPLE_TOKEN }),
      ...refusals(
        {
          "register.post.1.2": refusalOf(() => mustExist({}, "secret", 401)),
          "register.post.1.3": refusalOf(() => mustBeText({ secret: "short" }, "secret", SECRET_LENGTH, 401)),
          "register.post.1.4": refusalOf(() => mustExist({}, "userHandle", 400)),
          "register.post.1.5": handleTooShort(),
          "register.post.2.1": new Refusal(
            500,
            "The server cannot read its class secret. Tell the person who runs it.",
          ),
          "register.post.3": new Refusal(403, wrongSecret, "secret"),
          "register.post.8.1": handleTaken(),
        },
        { 401: "`secret` is missing or malformed.", 403: "`secret` is not the class secret." },
      ),
      ...BESIDE_STEPS,
      ...DISK_FULL,
    },
  };
}

export function lookUpUser(): Operation {
  return {
    operationId: "lookUpUser",
    summary: "Look up a user's id",
    description: `Returns the id of the user who has a handle. ${INPUTS_OF_GET}`,
    tags: ["Users"],
    security: BASIC,
    parameters: [
      { ...query("userHandle", "The handle to look up.", named("UserHandle")), required: true, example: "grace" },
    ],
    responses: {
      200: success("The user is here.", { userId: named("UserId") }, { userId: 2 }),
      ...refusals({
        ...refusalsOfCredentials("register.get"),
        "register.get.1.6": refusalOf(() => mustExist({}, "userHandle", 400)),
        "register.get.1.7": handleTooShort(),
        "register.get.5.1": noSuchHandle(),
      }),
      ...BESIDE_STEPS,
    },
  };
}

export function changeUser(): Operation {
  const rotateAuth = described("Whether to make a new token. The old one is void at once.", { type: "boolean" });
  return {
    operationId: "changeUser",
    summary: "Change your handle or your token",
    description:
      "Give `userHandle`, `rotateAuth` or both. What you do not give stays as it is. Messages that you sent before " +
      "keep the handle that you had.",
    tags: ["Users"],
    security: BASIC_OR_BODY,
    requestBody: body({ ...CREDENTIALS, userHandle: named("UserHandle"), rotateAuth }, [], {
      handle: { summary: "A new handle", value: { userHandle: "ada-lovelace" } },
      token: { summary: "A new token", value: { rotateAuth: true } },
      both: {
        summary: "Both, and the credentials in the body",
        value: { ...ADA, userHandle: "ada-l", rotateAuth: true },
      },
    }),
    responses: {
      200: success("Changed. Use this token from here on.", IDENTITY, { userId: 1, authToken: EXAMPLE_TOKEN }),
      ...refusals({
        ...refusalsOfCredentials("register.patch"),
        "register.patch.1.6": refusalOf(() => mustExist({}, "userHandle", 400)),
        "register.patch.1.7": handleTooShort(),
        "register.patch.6.1": handleTaken(),
      }),
      ...BESIDE_STEPS,
      ...DISK_FULL,
    },
  };
}

export function removeUser(): Operation {
  return {
    operationId: "removeUser",
    summary: "Leave",
    description:
      "Ends your token at once, removes the messages in your queue and frees your handle. Messages that you sent stay " +
      "with those who got them.",
    tags: ["Users"],
    security: BASIC_OR_BODY,
    requestBody: {
      ...body(CREDENTIALS, [], {
        basic: { summary: "The credentials in the header", value: {} },
        body: { summary: "The credentials in the body", value: ADA },
      }),
      required: false,
    },
    responses: {
      200: success("You have left.", { userId: named("UserId") }, { userId: 1 }),
      ...refusals(refusalsOfCredentials("register.delete")),
      ...BESIDE_STEPS,
    },
  };
}

/** As lists have it. */
export const LISTED_USER = {
  type: "object",
  required: ["userId", "userHandle"],
  properties: { userId: named("UserId"), userHandle: named("UserHandle") },
};

export function listUsers(): Operation {
  return {
    operationId: "listUsers",
    summary: "List the users",
    description: `Returns who is here, in the order in which they came. ${INPUTS_OF_GET}`,
    tags: ["Users"],
    security: BASIC,
    parameters: [
      query(
        "after",
        "Only users with a greater id. For the next page, give the last id of this one.",
        integer(0, MAX_ID),
      ),
      query("limit", "How many users at most.", LIMIT),
    ],
    responses: {
      200: success(
        "Some users.",
        { users: { type: "array", maxItems: PAGE_LIMIT.max, items: LISTED_USER } },
        {
          users: [
            { userId: 1, userHandle: "ada" },
            { userId: 2, userHandle: "grace" },
          ],
        },
      ),
      ...refusals({ ...refusalsOfCredentials("users.get"), "users.get.1.7": limitTooHigh() }),
      ...BESIDE_STEPS,
    },
  };
}

const IDENTITY = { userId: named("UserId"), authToken: named("AuthToken") };

function handleTaken(): Refusal {
  return new Refusal(409, "Somebody has this handle already. Choose another one.", "userHandle");
}
