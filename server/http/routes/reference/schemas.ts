/**
 * The building blocks of the OpenAPI document: its types, and what an id, a handle or a message looks like. Limits come
 * from steps/limits.ts, so that the document cannot promise others than the server has. The code that answers requests
 * never asks this file anything: the document describes the server, it does not drive it.
 */
import {
  HANDLE_LENGTH,
  MAX_ID,
  MESSAGE_LENGTH,
  PAGE_LIMIT,
  SECRET_LENGTH,
  TOKEN_LENGTH,
} from "../../../steps/limits.ts";

/** A JSON Schema. This code writes schemas, it never reads them. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** Points at a part of the document that has a name. */
export interface Reference {
  readonly $ref: string;
}

export type Examples = Record<string, { summary?: string; value: unknown }>;

export type Content = Record<string, { schema: Schema | Reference; examples?: Examples }>;

export interface Reply {
  description: string;
  headers: Record<string, Reference>;
  content?: Content;
}

export interface Parameter {
  name: string;
  in: "query" | "header" | "path";
  description: string;
  required?: boolean;
  schema: Schema | Reference;
  example?: unknown;
}

export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  /** Each entry is one way in; an empty one means without the header `Authorization`. No entry: for everyone. */
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, Reply | Reference>;
}

export const EXAMPLE_TOKEN = "Zk3vQ9sLw0xYt7Rb2NcPj5HfUe8MaDgK";
/** The credentials of a user who exists in the examples. */
export const ADA = { myId: 1, myAuth: EXAMPLE_TOKEN };
export const EXAMPLE_TIME = "2026-03-02T09:15:00.123Z";
export const EXAMPLE_MESSAGE = {
  messageId: 17,
  fromId: 1,
  fromHandle: "ada",
  toId: 2,
  toHandle: "grace",
  message: "Hello, Grace!",
  sentAt: EXAMPLE_TIME,
};

/** The schemas that have a name in the document. */
export const SCHEMAS: Record<string, Schema> = {
  UserId: described("The id of a user. Ids go up, and none is ever used again.", integer(1, MAX_ID)),
  UserHandle: described(
    "The name under which others find a user. Its length is counted as a person would: an emoji is one character. " +
      "Upper and lower case differ. Line breaks, tabs and other control characters are not allowed.",
    string(HANDLE_LENGTH),
  ),
  AuthToken: described("What proves who you are. Keep it to yourself.", {
    ...string(TOKEN_LENGTH),
    format: "password",
  }),
  Secret: described("The class secret. Ask the person who runs the server for it.", {
    ...string(SECRET_LENGTH),
    format: "password",
  }),
  MessageId: described("The id of a message. Ids go up, and none is ever used again.", integer(1, MAX_ID)),
  MessageText: described(
    "The text. Line breaks and tabs are fine, other control characters are not.",
    string(MESSAGE_LENGTH),
  ),
  Time: described("A time in UTC, as ISO 8601 writes it.", { type: "string", format: "date-time" }),
  Message: {
    type: "object",
    required: Object.keys(EXAMPLE_MESSAGE),
    properties: {
      messageId: named("MessageId"),
      fromId: named("UserId"),
      fromHandle: described("The sender's handle when the message was sent.", { type: "string" }),
      toId: named("UserId"),
      toHandle: described("The recipient's handle when the message was sent.", { type: "string" }),
      message: named("MessageText"),
      sentAt: named("Time"),
      editedAt: described("When the sender last changed the text. Missing where that never happened.", {
        type: "string",
        format: "date-time",
      }),
    },
  },
  Problem: {
    type: "object",
    description: "What went wrong, in the form of RFC 9457.",
    required: ["type", "title", "status", "detail"],
    properties: {
      type: described("A page of this server about this kind of problem.", { type: "string", format: "uri-reference" }),
      title: described("The name of the status.", { type: "string" }),
      status: described("The status of the reply once more.", integer(400, 599)),
      detail: described("What is wrong, and what to do about it.", { type: "string" }),
      step: described("The step of the specification that said no.", { type: "string" }),
      field: described("The input that is to blame, where it is one input.", { type: "string" }),
    },
  },
};

/** The headers of replies that have a name in the document. */
export const HEADERS = {
  RequestId: described("The name of this request in the server's log. Quote it when you ask for help.", {
    schema: { type: "string" },
  }),
  RetryAfter: described("After how many seconds another try makes sense.", { schema: { type: "integer", minimum: 1 } }),
  Allow: described("The methods that this address knows.", { schema: { type: "string" } }),
};

/** Refers to a schema of the document by its name. */
export function named(schema: string): Reference {
  return { $ref: `#/components/schemas/${schema}` };
}

/** Adds a description to a schema, or to what refers to one. */
export function described(description: string, schema: Schema | Reference): Schema {
  return { description, ...schema };
}

/** The schema of an integer between two bounds, both included. */
export function integer(minimum: number, maximum: number): Schema {
  const schema = { type: "integer", minimum, maximum };
  // Tells those who generate clients in other languages that 32 bits are not enough.
  return maximum > 2 ** 31 ? { ...schema, format: "int64" } : schema;
}

/** The schema of a string. JSON Schema counts code points, as ruling R12 does. */
export function string({ min, max }: { min: number; max: number }): Schema {
  return { type: "string", minLength: min, maxLength: max };
}

/**
 * Describes an input of GET that may stand in the query string. It has no example: the page would fill it in, and an
 * optional input that somebody tries without knowing it makes a reply that nobody understands.
 */
export function query(name: string, description: string, schema: Schema | Reference): Parameter {
  return { name, in: "query", description, schema };
}

/** Describes a JSON body. @param required The inputs that must be there. */
export function body(properties: Record<string, Schema | Reference>, required: string[], examples: Examples) {
  const schema = { type: "object", ...(required.length > 0 && { required }), properties };
  return { required: true, content: { "application/json": { schema, examples } } };
}

/** The credentials, for those who put them in the body. */
export const CREDENTIALS = {
  myId: described("Your `userId`. Not needed where `Authorization` has it.", named("UserId")),
  myAuth: described("Your `authToken`. Not needed where `Authorization` has it.", named("AuthToken")),
};

export const BASIC = [{ basic: [] }];
export const BASIC_OR_BODY = [{ basic: [] }, {}];

export const INPUTS_OF_GET =
  "As an alternative, all inputs, `myId` and `myAuth` among them, may stand in a JSON body, as the specification has it.";

export const LIMIT = { ...integer(PAGE_LIMIT.min, PAGE_LIMIT.max), default: PAGE_LIMIT.default };
