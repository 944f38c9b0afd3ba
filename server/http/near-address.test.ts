import assert from "node:assert/strict";
import { test } from "node:test";
import { nearAddress } from "./near-address.ts";

const ADDRESSES = [
  "/api/v1/register",
  "/api/v1/users",
  "/api/v1/chat",
  "/api/v1/chat/stream",
  "/api/v1/explain/:id",
  "/api/v1/explain",
  "/api/v1/class",
  "/api/v1/class/secret",
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/docs/start.js",
  "/",
  "/projector",
  "/favicon.ico",
  "/web/*",
];

for (const [meant, ...asked] of [
  [
    "/api/v1/register",
    "/api/v1/regster /api/v1/register/ /api/v1/Register /api/v1/registers /api/v1/register.php /api/v1//register",
    "/register /register/ /api/register /v1/register /api/v2/register /apiv1/register /apii/v1/register /rgister",
    "/api/v1/register/ada /api/v1/register%20 /api/v1/register%22 /api/v1/r%65gister /api/v1/register, /API/V1/REGISTER",
  ],
  ["/api/v1/chat", "/chat /api/v1/chats /api/v1/cht /api/v1/chat/17 /api/v1/Chat /api/v1/hcat /api/v1/chat/17/edit"],
  ["/api/v1/chat/stream", "/chat/stream /stream /api/v1/stream /api/v1/chat/steam /api/v1/chats/stream"],
  ["/api/v1/users", "/users /user /api/v1/user /api/v1/users/ada"],
  ["/api/v1/explain", "/api/v1/explian/some-trace"],
  ["/healthz", "/health /healthz/ /healtz"],
  ["/readyz", "/ready"],
  ["/openapi.json", "/openapi /openapi.yaml /openapi.json/ /api/v1/openapi.json"],
  ["/docs", "/doc /api/v1/docs /docs/"],
  [
    undefined,
    "/ /a /api /api/v1 /api/v1/ /robots.txt /.env /wp-login.php /favicon.png /web/no.ts /docs.js /index.html",
    "/%ff /% /../../etc/passwd // /api/v1/messages",
    `/${"x".repeat(5000)}`,
  ],
] as const) {
  test(`nearAddress() finds ${meant ?? "nothing where nothing is near"}`, () => {
    for (const path of asked.flatMap((each) => each?.split(" "))) {
      assert.equal(nearAddress(path ?? "", ADDRESSES), meant, path);
    }
  });
}
