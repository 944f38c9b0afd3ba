import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "../../testing/start-app.ts";
import { hintAtOtherCall } from "./other-call.ts";
import { ROUTES } from "./routes.ts";

const ME = ["myId", "myAuth"];

test("a request that fits another call is told which one, and one that lacks an input is not", () => {
  const cases: [id: string, sent: string[], hint: string | undefined][] = [
    ["register.post", [...ME, "userHandle"], "This looks like a lookup: send it with GET."],
    ["register.post", [...ME, "rotateAuth"], "This looks like a change of your token: send it with PATCH."],
    [
      "register.post",
      [...ME, "userHandle", "message"],
      "This looks like a message: send it with POST to /api/v1/chat.",
    ],
    ["register.post", ["userHandle"], undefined],
    ["register.post", ME, undefined],
    ["register.get", ["secret", "userHandle"], "This looks like a registration: send it with POST."],
    ["register.get", ME, undefined],
    ["register.get", [...ME, "usrHandle"], undefined],
    ["register.patch", ["secret", "userHandle"], "This looks like a registration: send it with POST."],
    ["register.patch", ME, undefined],
    ["register.delete", [...ME, "userHandle"], "This looks like a lookup: send it with GET."],
    ["chat.post", ME, "This looks like a fetch: send it with GET."],
    ["chat.post", [...ME, "limit", "after"], "This looks like a fetch: send it with GET."],
    ["chat.post", [...ME, "userHandle"], undefined],
    ["chat.post", [...ME, "messageId"], "This looks like a removal: send it with DELETE."],
    ["chat.post", [...ME, "messageId", "message"], "This looks like an edit: send it with PATCH."],
    ["chat.post", ["secret", "userHandle"], "This looks like a registration: send it with POST to /api/v1/register."],
    ["chat.patch", [...ME, "userHandle", "message"], "This looks like a message: send it with POST."],
    ["chat.patch", [...ME, "messageId"], undefined],
    ["chat.delete", ME, undefined],
    ["chat.delete", [...ME, "userHandle", "message"], "This looks like a message: send it with POST."],
    ["users.get", [...ME, "after"], undefined],
    ["chat.get", [...ME, "limit"], undefined],
    ["chat.get", ["secret", "userHandle"], "This looks like a registration: send it with POST to /api/v1/register."],
  ];
  for (const [id, sent, hint] of cases) {
    const route = ROUTES.find((each) => each.id === id) ?? assert.fail(id);
    const inputs = Object.fromEntries(sent.map((name) => [name, "x"]));
    assert.equal(hintAtOtherCall(route, inputs), hint, `${id} with ${sent}`);
  }
});

test("no hint leads to leaving for good", () => {
  for (const route of ROUTES) {
    assert.doesNotMatch(hintAtOtherCall(route, { myId: 1, myAuth: "x" }) ?? "", /DELETE/, route.id);
  }
});

test("the hint comes after the reason, and changes neither the status nor the step nor the field", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const lookup = { path: "/api/v1/register", user: ada.user, body: { userHandle: "ada" } };
  const { status, json } = await app.send({ ...lookup, method: "POST" });
  assert.deepEqual([status, json.step, json.field], [401, "register.post.1.2", "secret"]);
  assert.match(json.detail, /^`secret` is missing\..* This looks like a lookup: send it with GET\.$/);
  assert.equal((await app.send(lookup)).status, 200);
  const wrong = await app.send({ ...lookup, user: "1:012345678901" });
  assert.doesNotMatch(wrong.json.detail, /looks like/);
});
