/**
 * Looks for rows that fit nothing. A server never leaves them, apart from the first two kinds, which a server leaves that
 * dies in the middle of a registration. So the others come from a hand, or from a database that was put together of
 * parts. Each question counts the rows, and names one of them.
 */
import { problemOfSecret } from "../server/steps/class-secret-problem.ts";
import type { Connection } from "../server/store/postgres/connection/database.ts";
import type { Finding } from "./finding.ts";

interface Question {
  /** Gives `rows`, how many there are, and `example`, a number or a name. */
  ask: (sql: Connection) => Promise<readonly { rows: number; example: string | null }[]>;
  verdict: "note" | "bad";
  /** Goes on after "There are 3 rows". */
  what: (example: string) => string;
  advice: string;
}

const NUMBERS_GO_BACK = "Stop all servers. Restore a backup, which goes on above all numbers that are in the database.";

const QUESTIONS: Question[] = [
  {
    ask: (sql) => sql`
      select count(*) as rows, min(user_id)::text as example from handles
      where not exists (select from users where users.user_id = handles.user_id)`,
    verdict: "note",
    what: (example) => `in the table handles without a user, such as of user ${example}`,
    advice:
      "Nobody can take such a handle. Remove them: delete from handles where user_id not in (select user_id from users)",
  },
  {
    // A minute ago, it may be a registration that is going on.
    ask: (sql) => sql`
      select count(*) as rows, min(user_id)::text as example from users
      where registered_at < now() - interval '1 hour'
        and not exists (select from handles where handles.user_id = users.user_id)`,
    verdict: "note",
    what: (example) => `in the table users without a handle, such as user ${example}`,
    advice: "Their registration was interrupted, and nobody has their tokens. They do no harm and can be deleted.",
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, min(users.user_id)::text as example from handles join users using (user_id)
      where handle_hash <> encode(sha256(convert_to(handle, 'UTF8')), 'hex') and handle <> '?'`,
    verdict: "note",
    what: (example) => `in the table handles whose user has another handle, such as user ${example}`,
    advice: "Was a handle changed by hand? Change it with ./plainchat rename instead.",
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, min(message_id)::text as example from messages
      where not exists (select from users where user_id = to_id)`,
    verdict: "bad",
    what: (example) => `in the table messages to nobody, such as message ${example}`,
    advice: "Their recipients were deleted by hand. Delete these messages, too.",
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, min(messages.message_id)::text as example from messages, head
      where messages.message_id > head.message_id or messages.seq > head.seq`,
    verdict: "bad",
    what: (example) => `in the table messages beyond the numbers in head, such as message ${example}`,
    advice: `Their numbers would be given out again. ${NUMBERS_GO_BACK}`,
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, min(events.seq)::text as example from events, head where events.seq > head.seq`,
    verdict: "bad",
    what: (example) => `in the table events beyond the number in head, such as event ${example}`,
    advice: `Their numbers would be given out again. ${NUMBERS_GO_BACK}`,
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, min(seq)::text as example
      from (select seq, last_message_id, lag(last_message_id) over (order by seq) as before from events) as pair
      where before > last_message_id`,
    verdict: "bad",
    what: (example) => `in the table events out of order, such as event ${example}`,
    advice:
      "Streams that resume could miss messages. Stop all servers, make a backup and restore it: streams begin again.",
  },
  {
    ask: (sql) => sql`
      select count(*) as rows, max(user_id)::text as example from users, user_ids
      where user_id > last_value or not is_called and user_id = last_value`,
    verdict: "bad",
    what: (example) => `in the table users with an id that was not given out, such as user ${example}`,
    advice: "Set the sequence: select setval('user_ids', (select max(user_id) from users))",
  },
];

export async function examineRows(sql: Connection): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [secret] = await sql<{ text: string }[]>`select text from secret`;
  const problem = problemOfSecret(secret ?? { unreadable: "the table secret is empty" });
  if (problem !== undefined) {
    const what = problem.what.replaceAll("users/secret.dat", "the table secret");
    findings.push({
      verdict: "bad",
      what,
      advice: "Write another one: update secret set text = 'at least 12 characters'",
    });
  }
  const [head] = await sql`select seq from head`;
  if (head === undefined) {
    findings.push({
      verdict: "bad",
      what: "The table head is empty, so no message can be sent",
      advice: NUMBERS_GO_BACK,
    });
  }
  for (const { ask, verdict, what, advice } of QUESTIONS) {
    const [row] = await ask(sql);
    if (row === undefined || row.rows === 0) continue;
    const rows = row.rows === 1 ? "There is 1 row" : `There are ${row.rows} rows`;
    findings.push({ verdict, what: `${rows} ${what(row.example ?? "?")}`, advice });
  }
  const [counts] = await sql<{ users: number; messages: number }[]>`
    select (select count(*) from users) as users, (select count(*) from messages) as messages`;
  if (findings.length === 0) {
    const what = `All rows fit: ${counts?.users} in users, ${counts?.messages} in messages`;
    findings.push({ verdict: "good", what });
  }
  return findings;
}
