import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Identity, Session } from "./session.ts";

const identity = (myId: number, userHandle: string, myAuth = `token-of-${userHandle}`): Identity => ({
  myId,
  userHandle,
  myAuth,
});

beforeEach(() => {
  const kept = new Map<string, string>();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
    addEventListener: () => {},
  });
});

test("whoever was the user of the browser before somebody else can go on later", () => {
  const session = new Session(() => {});
  session.keep(identity(2, "ada"));
  session.changeTo(identity(1, "ms-hopper"));
  assert.deepEqual([session.identity, session.others], [identity(1, "ms-hopper"), [identity(2, "ada")]]);
  session.changeTo(identity(2, "ada"));
  assert.deepEqual([session.identity, session.others], [identity(2, "ada"), [identity(1, "ms-hopper")]]);
  session.forget();
  assert.deepEqual(session.others, [identity(1, "ms-hopper")]);
  assert.deepEqual(new Session(() => {}).others, [identity(1, "ms-hopper")], "and after a reload");
});

test("the user of the browser keeps the newest token, and the same id in another class is somebody else", () => {
  const session = new Session(() => {});
  session.keep(identity(1, "ms-hopper", "newer-token-of-hers"));
  session.changeTo(identity(1, "ms-hopper"));
  assert.equal(session.identity?.myAuth, "newer-token-of-hers");
  session.changeTo(identity(1, "mr-turing"));
  assert.deepEqual(
    session.others.map(({ userHandle }) => userHandle),
    ["ms-hopper"],
  );
});
