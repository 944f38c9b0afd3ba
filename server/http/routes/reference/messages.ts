/**
 * The calls about messages, as the OpenAPI document describes them: one function for each operation, under its name.
 * What it says is what operations/ does. Nothing but the document is made from it.
 */
import { noSuchHandle, noSuchMessage } from "../../../operations/refusals.ts";
import { mustBeId, mustBeMessage, mustBeOneOf, mustExist } from "../../../steps/checks.ts";
import { IDEMPOTENCY_KEY_LENGTH, MAX_ID, MESSAGE_LENGTH, PAGE_LIMIT, WAIT_SECONDS } from "../../../steps/limits.ts";
import { Refusal } from "../../../steps/refusal.ts";
import {
  BESIDE_STEPS,
  DISK_FULL,
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
  EXAMPLE_MESSAGE,
  EXAMPLE_TIME,
  INPUTS_OF_GET,
  integer,
  LIMIT,
  named,
  type Operation,
  query,
  string,
} from "./schemas.ts";

export function publishMessage(): Operation {
  const properties = { userHandle: named("UserHandle"), message: named("MessageText") };
  const draft = { userHandle: "grace", message: "Hello, Grace!" };
  const keyUsed = "You used this `Idempotency-Key` for another message. Use a new one for each message.";
  return {
    operationId: "publishMessage",
    summary: "Send a message",
    description:
      "Puts a message into the queue of the user who has the handle. When the reply comes, the message is on disk. " +
      "Where no reply comes, send the request again with the same `Idempotency-Key`: there will be one message, not two.",
    tags: ["Messages"],
    security: BASIC_OR_BODY,
    parameters: [
      {
        name: "Idempotency-Key",
        in: "header",
        description: "A name of your choice for this message, such as `hello-grace-1`. Use a new one for each.",
        schema: { ...string(IDEMPOTENCY_KEY_LENGTH), pattern: "^[!-~]+$" },
      },
    ],
    requestBody: body({ ...CREDENTIALS, ...properties }, ["userHandle", "message"], {
      basic: { summary: "The credentials in the header", value: draft },
      body: { summary: "The credentials in the body", value: { ...ADA, ...draft } },
    }),
    responses: {
      200: success(
        "The message is in the queue of this user.",
        { userId: described("The recipient.", named("UserId")), messageId: named("MessageId"), sentAt: named("Time") },
        { userId: 2, messageId: 17, sentAt: EXAMPLE_TIME },
      ),
      ...refusals({
        ...refusalsOfCredentials("chat.post"),
        "chat.post.1.8": refusalOf(() => mustExist({ mesage: "Hello" }, "message", 400)),
        "chat.post.1.9": emptyMessage(),
        "chat.post.5.1": noSuchHandle(),
        "chat.post.7.1": new Refusal(422, keyUsed),
      }),
      ...BESIDE_STEPS,
      ...DISK_FULL,
    },
  };
}

export function fetchQueue(): Operation {
  const id = integer(0, MAX_ID);
  const seconds = { ...integer(WAIT_SECONDS.min, WAIT_SECONDS.max), default: 0 };
  const boxes = { type: "string", enum: ["received", "sent", "both"], default: "received" };
  const wrongBox = refusalOf(() => mustBeOneOf({ box: "inbox" }, "box", boxes.enum, 400));
  return {
    operationId: "fetchQueue",
    summary: "Fetch your messages",
    description:
      "Returns messages, oldest first. They stay in your queue until you remove them. To follow a conversation, ask " +
      "again and again with `after` set to the last `messageId` that you have, and with `wait`. " +
      INPUTS_OF_GET,
    tags: ["Messages"],
    security: BASIC,
    parameters: [
      query("userHandle", "Only messages from this user, or in `sent`, to this user.", named("UserHandle")),
      query("box", "Messages to you, from you, or both.", boxes),
      query("after", "Only messages with a greater id.", id),
      query("before", "Only messages with a smaller id; without `after`, the newest of them.", integer(1, MAX_ID)),
      query("limit", "How many messages at most.", LIMIT),
      query("wait", "Where there is no message, wait so many seconds for one.", seconds),
    ],
    responses: {
      200: success(
        "Some of your messages, or `[]` where there are none.",
        { myId: named("UserId"), messages: { type: "array", maxItems: PAGE_LIMIT.max, items: named("Message") } },
        { myId: 2, messages: [EXAMPLE_MESSAGE] },
      ),
      ...refusals({
        ...refusalsOfCredentials("chat.get"),
        "chat.get.1.8": wrongBox,
        "chat.get.1.11": limitTooHigh(),
        "chat.get.5.1": noSuchHandle(),
      }),
      ...BESIDE_STEPS,
    },
  };
}

export function editMessage(): Operation {
  const properties = { messageId: named("MessageId"), message: named("MessageText") };
  const edit = { messageId: 17, message: "Hello, Grace. How are you?" };
  return {
    operationId: "editMessage",
    summary: "Edit a message",
    description: "Replaces the text of a message that you sent.",
    tags: ["Messages"],
    security: BASIC_OR_BODY,
    requestBody: body({ ...CREDENTIALS, ...properties }, ["messageId", "message"], {
      basic: { summary: "The credentials in the header", value: edit },
      body: { summary: "The credentials in the body", value: { ...ADA, ...edit } },
    }),
    responses: {
      200: success(
        "The message has its new text.",
        { messageId: named("MessageId"), editedAt: named("Time") },
        {
          messageId: 17,
          editedAt: EXAMPLE_TIME,
        },
      ),
      ...refusals(
        {
          ...refusalsOfCredentials("chat.patch"),
          "chat.patch.1.6": refusalOf(() => mustExist({}, "messageId", 400)),
          "chat.patch.1.9": emptyMessage(),
          "chat.patch.4.1": noSuchMessage(),
          "chat.patch.4.2": new Refusal(403, "Only its sender can edit a message.", "messageId"),
        },
        { 403: "`myAuth` is not the token of this `myId`, or somebody else sent the message.", 404: NO_SUCH_MESSAGE },
      ),
      ...BESIDE_STEPS,
      ...DISK_FULL,
    },
  };
}

export function removeMessage(): Operation {
  return {
    operationId: "removeMessage",
    summary: "Remove a message",
    description: "Removes a message that you got, or takes back one that you sent. It is gone for both of you.",
    tags: ["Messages"],
    security: BASIC_OR_BODY,
    requestBody: body({ ...CREDENTIALS, messageId: named("MessageId") }, ["messageId"], {
      basic: { summary: "The credentials in the header", value: { messageId: 17 } },
      body: { summary: "The credentials in the body", value: { ...ADA, messageId: 17 } },
    }),
    responses: {
      200: success("The message is gone.", { messageId: named("MessageId") }, { messageId: 17 }),
      ...refusals(
        {
          ...refusalsOfCredentials("chat.delete"),
          "chat.delete.1.7": refusalOf(() => mustBeId({ messageId: "17" }, "messageId", 400)),
          "chat.delete.4.1": noSuchMessage(),
        },
        { 404: NO_SUCH_MESSAGE },
      ),
      ...BESIDE_STEPS,
    },
  };
}

const NO_SUCH_MESSAGE = "There is no message with this id that you sent or received.";

function emptyMessage(): Refusal {
  return refusalOf(() => mustBeMessage({ message: "" }, "message", MESSAGE_LENGTH, 400));
}
