/**
 * Compares publishing, looking up a user and reading a page with every peer that can do it: requests per second, and
 * the server's processor time per request. bench/run.ts calls it.
 */
import { askOnce, bodyOf } from "../load/ask-once.ts";
import type { Measurement } from "../load/processes.ts";
import type { CaseName, Peer, Running } from "../peers/peer.ts";
import { PEERS } from "../peers/peers.ts";
import { plainchat, plainchatIn } from "../peers/seed-speakers.ts";
import { atLeast, atMost, type Figure, figureAlone, figureOfPairs, type Goal } from "../report/figure.ts";
import { newFolder, type Settings } from "../settings.ts";

/** What the ratios of requests per second and of processor time should reach. The other ratios have no goal. */
const GOALS: Record<string, { rate: number; processor?: number }> = {
  "publish-bare": { rate: 1, processor: 1 },
  "publish-flask": { rate: 6, processor: 6 },
  "publish-express": { rate: 6, processor: 6 },
  "lookup-bare": { rate: 0.85 },
  "page-bare": { rate: 0.6 },
};
const SYNCS_GOAL = 0.1;
const WORDS: Record<CaseName, string> = { publish: "publish", lookup: "lookup", page: "page of 50" };

export async function compareRequests(caseName: CaseName, settings: Settings): Promise<Figure[]> {
  const nothing = { requests: [], replyBody: "" };
  const ours = await plainchat.start(caseName, await newFolder(settings, "plainchat"), nothing);
  const { port = 0, requests = [] } = ours;
  const example = { requests, replyBody: bodyOf(await askOnce(port, requests[1] ?? "")) };
  const figures: Figure[] = [];
  const before = caseName === "publish" ? await journalCounts(port) : undefined;
  for (const peer of peersOf(caseName, settings)) {
    const missing = peer.whyMissing();
    if (missing !== undefined) {
      console.log(`left out: ${missing}`);
      continue;
    }
    const theirs = await peer.start(caseName, await newFolder(settings, peer.id), example);
    const pairs = await measureInTurn(ours, theirs, settings);
    await theirs.stop();
    figures.push(...figuresOf(caseName, peer, pairs));
  }
  if (before !== undefined) figures.push(await syncsSince(before, port));
  await ours.stop();
  return figures;
}

function peersOf(caseName: CaseName, { isQuick, against }: Settings): Peer[] {
  if (against !== undefined) return [plainchatIn(against)];
  const able = PEERS.filter(({ cases }) => cases.includes(caseName));
  return isQuick ? able.filter(({ id }) => `${caseName}-${id}` in GOALS) : able;
}

interface Pair {
  ours: Measurement;
  theirs: Measurement;
}

/** Warms both servers up, then measures them in turn. */
export async function measureInTurn(ours: Running, theirs: Running, settings: Settings): Promise<Pair[]> {
  const { connections, seconds, warmUpSeconds, pairs: count } = settings;
  for (const side of [ours, theirs]) await side.measure({ connections, seconds: warmUpSeconds });
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    const load = { connections, seconds };
    // Each of them comes first in every other turn: the one before leaves the machine warm, or the disk busy.
    const first = await (i % 2 === 0 ? ours : theirs).measure(load);
    const second = await (i % 2 === 0 ? theirs : ours).measure(load);
    pairs.push(i % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first });
  }
  return pairs;
}

function figuresOf(caseName: CaseName, peer: Peer, pairs: Pair[]): Figure[] {
  const id = `${caseName}-${peer.id}`;
  const goals = GOALS[id];
  const goal = (value: number | undefined): Goal | undefined => (value === undefined ? undefined : atLeast(value));
  const against = `${peer.name}, ${peer.durable ? "durable" : "not durable"}`;
  const about = (what: string, unit: string) => ({ what: `${WORDS[caseName]}, ${what}`, against, unit });
  const of = (read: (measurement: Measurement) => number) =>
    pairs.map((pair) => ({ ours: read(pair.ours), theirs: read(pair.theirs) }));
  const rate = of((measurement) => measurement.requestsPerSecond);
  const processor = of((measurement) => measurement.microsecondsPerRequest ?? Number.NaN);
  const figures = [
    figureOfPairs({ id, ...about("requests a second", "/s"), goal: goal(goals?.rate) }, rate),
    figureOfPairs(
      { id: `${id}-cpu`, ...about("processor time per request", "µs"), goal: goal(goals?.processor) },
      processor,
      "theirs / ours",
    ),
  ];
  // Without /proc the processor time of a process is unknown.
  return figures.filter(({ ratios }) => ratios.every(Number.isFinite));
}

async function journalCounts(port: number): Promise<{ events: number; syncs: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
  return { events: read("plainchat_journal_events"), syncs: read("plainchat_journal_syncs") };
}

async function syncsSince(before: { events: number; syncs: number }, port: number): Promise<Figure> {
  const { events, syncs } = await journalCounts(port);
  const what = "fsyncs per acknowledged message";
  const each = (syncs - before.syncs) / (events - before.events);
  return figureAlone({ id: "syncs", what, unit: "", goal: atMost(SYNCS_GOAL) }, [each]);
}
