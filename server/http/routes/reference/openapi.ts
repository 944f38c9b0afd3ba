/**
 * The OpenAPI document: every call of this server, for people (on /docs) and for programs (as /openapi.json). It is
 * made from docs/spec.md, the table of calls and the steps in the code, so that nothing is said twice. It only
 * describes the server: nothing may check a request against it.
 */
import packageFile from "../../../../package.json" with { type: "json" };
import { readSteps } from "../../../explain/step-list.ts";
import { ROUTES } from "../../../operations/routes.ts";
import { describeCall, type Operation } from "./operations.ts";
import { HEADERS, REPLIES_BESIDE_STEPS } from "./replies.ts";
import { namedSchemas } from "./schemas.ts";
import { irregular, readSpecification, type Specification } from "./specification.ts";

/** The server's address in docs/spec.md, and so in the document. Who sends the document puts the real one there. */
export const ADDRESS = "http://127.0.0.1:8080";

interface Contact {
  name: string;
  url: string;
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; summary: string; description: string; contact: Contact; license: object };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

/** Makes the document. It is the same every time. @throws {Error} if docs/spec.md is not as regular as it must be. */
export function openApiDocument(specification = readSpecification()): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: {
      title: packageFile.name,
      version: packageFile.version,
      summary: packageFile.description,
      description: specification.introduction,
      contact: { name: "The person who runs this server", url: `${ADDRESS}/docs` },
      license: { name: packageFile.license, identifier: packageFile.license },
    },
    servers: [{ url: ADDRESS, description: "The server that sent you this document" }],
    tags: [
      { name: "Users", description: "Who is here, and under which name." },
      { name: "Messages", description: "From one user to another." },
      { name: "Explain", description: "What the server does with a request, step by step." },
      { name: "Class", description: "For a lesson, in class mode only: `npm start -- --class`." },
      { name: "Health", description: "For the person, or the machine, that looks after the server." },
    ],
    paths: describePaths(specification),
    components: {
      securitySchemes: {
        basic: {
          type: "http",
          scheme: "basic",
          description: "`myId` as the user, `myAuth` as the password. Or send both in the body.",
        },
        teacherKey: {
          type: "http",
          scheme: "bearer",
          description: "The key at the end of the teacher's address, which the server prints when it starts.",
        },
        projectorKey: {
          type: "http",
          scheme: "bearer",
          description: "The key at the end of the projector's address, which the server prints when it starts.",
        },
      },
      schemas: namedSchemas(specification),
      headers: HEADERS,
      responses: REPLIES_BESIDE_STEPS,
    },
  };
}

/** The calls without steps. Programs rely on the names. */
const OTHERS: Record<string, [operationId: string, tag: string]> = {
  "GET /api/v1/explain/{id}": ["readTrace", "Explain"],
  "GET /api/v1/explain": ["watchRequests", "Explain"],
  "GET /api/v1/class": ["readClass", "Class"],
  "GET /api/v1/class/secret": ["readClassSecret", "Class"],
  "GET /healthz": ["checkHealth", "Health"],
  "GET /readyz": ["checkReadiness", "Health"],
  "GET /metrics": ["readMetrics", "Health"],
};

function tagOf(path: string): string {
  if (path.includes("/class")) return "Class";
  return path.includes("/chat") ? "Messages" : "Users";
}

function describePaths(specification: Specification): OpenApiDocument["paths"] {
  const routes = new Map(ROUTES.map((route) => [`${route.method} ${route.path}`, route]));
  const names = [...routes.keys(), ...Object.keys(OTHERS)];
  const steps = readSteps();
  const paths: OpenApiDocument["paths"] = {};
  for (const name of names) {
    const [method = "", path = ""] = name.split(" ");
    const { id = "", operation } = routes.get(name) ?? {};
    const [operationId, tag] = OTHERS[name] ?? [operation?.name ?? "", tagOf(path)];
    const described = describeCall(name, specification, { operationId, tag, steps: steps.get(id) });
    paths[path] = { ...paths[path], [method.toLowerCase()]: described };
  }
  const unknown = [...specification.calls.keys()].find((each) => !names.includes(each));
  if (unknown !== undefined) throw irregular("the calls", "only calls that the server has", unknown);
  return paths;
}
