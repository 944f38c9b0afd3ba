/**
 * Pages of messages from the table `messages`; table-messages.ts says which. A page of two hundred messages may be 3 MB
 * long, and a hundred clients may ask for one at the same moment. So of a long page only the length is asked at first, and
 * its rows when somebody reads it, two pages at a time. The rest must wait without taking memory.
 */
import type { Row } from "postgres";
import type { Page } from "../../contract.ts";
import { OneAtATime } from "../../one-at-a-time.ts";
import type { Connection, Database } from "../connection/database.ts";
import { type MessageRow, messageJson, messagesJson, type SelectMessages } from "./message-rows.ts";

/** The rows of a shorter page come with the first question. A page of fifty usual messages is far shorter. */
const SHORT_BYTES = 64 * 1024;
/** How many long pages are read at a time. */
const LANES = 2;

export class TablePages {
  readonly #database: Database;
  readonly #lanes = new OneAtATime<number>();
  #lastLane = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async page(select: SelectMessages): Promise<Page> {
    const rows = await this.#database.ask<(MessageRow & Row)[]>((sql) => shortOrLength(sql, select));
    const [first] = rows;
    if (first !== undefined && first.to_id === NOBODY) {
      const { message_id: count, from_id: bytes } = first;
      return pageOf(count, bytes, () => this.#readLong(select));
    }
    const bytes = rows.reduce((sum, each) => sum + lengthOf(each), 0);
    return pageOf(rows.length, bytes, () => jsonOf(rows));
  }

  #readLong(select: SelectMessages): Promise<Buffer> {
    this.#lastLane = (this.#lastLane + 1) % LANES;
    return this.#lanes.run(this.#lastLane, async () => {
      const rows = await this.#database.ask((sql) => messagesJson(sql, select).raw() as never);
      const [[json]] = rows as unknown as [[Buffer]];
      // A copy of its own, which can be freed when it is sent. The driver still reads what is behind it.
      return Buffer.concat([json]);
    });
  }
}

/** No message is to this user. */
const NOBODY = 0;

/** The rows of the page, or if they are too long one row to nobody, with their number and their length. */
function shortOrLength(sql: Connection, select: SelectMessages) {
  return sql<(MessageRow & Row)[]>`
    with page as materialized (${select(sql)}),
    length as (
      select count(*) as rows, sum(octet_length(message) + octet_length(from_handle) + octet_length(to_handle)) as bytes
      from page
    )
    select page.* from page, length where bytes <= ${SHORT_BYTES}
    union all
    select rows, bytes, '', ${NOBODY}, '', '', now(), null, false, false from length where bytes > ${SHORT_BYTES}`;
}

function lengthOf({ message, from_handle, to_handle }: MessageRow): number {
  return message.length + from_handle.length + to_handle.length;
}

/** @param bytes of the texts in it. An escaped character takes up to six bytes for one or two of these. */
function pageOf(count: number, bytes: number, json: () => Buffer | Promise<Buffer>): Page {
  return {
    count,
    bytes: 2 + 256 * count + 6 * bytes,
    get json() {
      return json();
    },
  };
}

/** The oldest first, in whichever order they were read. */
function jsonOf(rows: readonly MessageRow[]): Buffer {
  const inOrder = rows.toSorted((a, b) => a.message_id - b.message_id);
  return Buffer.from(`[${inOrder.map(messageJson).join(",")}]`);
}
