/**
 * plainchat class pupils: everybody in the class, those who need help first, with what each of them did last.
 */
import type { Command } from "commander";
import { visibleInLine } from "../../check/report/visible.ts";
import { stuckSinceOf } from "../../client/stuck.ts";
import type { LastRequest, Pupil } from "../../client/teacher-types.ts";
import { count, examples, print } from "../context.ts";
import { howLong } from "../how-long.ts";
import { timeOf } from "../show.ts";
import { joined, line, type Printable, type Styled, style } from "../styled.ts";
import { asTeacher } from "./as-teacher.ts";

/** Letters that take two columns of a terminal, and marks that take none. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/gu;
const WITHOUT_WIDTH = /[\p{M}\u200c\u200d]/gu;

/** Those who need help most come first. */
const NEEDS: readonly [what: string, isTrue: (pupil: Pupil) => boolean][] = [
  ["hand up", ({ isHandUp }) => isHandUp],
  ["stuck", (pupil) => stuckSinceOf(pupil, Date.now()) !== undefined],
  ["here", ({ isHere }) => isHere],
  ["away", () => true],
];

export function addPupils(group: Command): void {
  group
    .command("pupils")
    .summary("see who needs help")
    .description(
      "Lists the pupils: first those whose hand is up, then those who are stuck, then who is here and who is away. Shows " +
        "the last request of each: of a refused one, the step where it stopped and why. If a pupil's check reports, also the " +
        "lesson, the check that fails first, and for how long: after ten minutes there, a pupil is stuck.",
    )
    .addHelpText("after", examples(["class pupils", "see who needs help"], ["class pupils --json", "for a program"]))
    .action(async (_options: object, command: Command) => {
      const { pupils } = await asTeacher(command, (teacher) => teacher.listPupils());
      const sorted = inOrderOfNeed(pupils);
      print(command, { pupils: sorted }, sorted.length === 0 ? "There are no pupils yet." : table(sorted));
    });
}

/** Of those in the same need, the one who has been stuck for longest comes first, then by the handle. */
export function inOrderOfNeed(pupils: readonly Pupil[]): Pupil[] {
  const now = Date.now();
  const since = (pupil: Pupil) => Date.parse(stuckSinceOf(pupil, now) ?? "9999-01-01");
  return pupils.toSorted(
    (a, b) =>
      needOf(a) - needOf(b) || since(a) - since(b) || a.userHandle.localeCompare(b.userHandle) || a.userId - b.userId,
  );
}

function needOf(pupil: Pupil): number {
  return NEEDS.findIndex(([, isTrue]) => isTrue(pupil));
}

function table(pupils: readonly Pupil[]): Styled {
  const rows = pupils.map((pupil) => ({
    pupil,
    number: `#${pupil.userId}`,
    handle: visibleInLine(pupil.userHandle),
    state: stateOf(pupil),
    place: visibleInLine(placeOf(pupil)),
  }));
  const widest = (text: (row: (typeof rows)[number]) => string) => Math.max(...rows.map((row) => widthOf(text(row))));
  const [number, handle, state, place] = [
    widest((row) => row.number),
    widest((row) => row.handle),
    widest((row) => row.state),
    widest((row) => row.place),
  ];
  return joined([
    summary(pupils),
    ...rows.map((row) => {
      const needsHelp = needOf(row.pupil) <= 1;
      const shownState = padded(row.state, state);
      return line`${row.number.padStart(number)}  ${style("bold", padded(row.handle, handle))}  ${needsHelp ? style("yellow", shownState) : shownState}  ${place === 0 ? "" : `${padded(row.place, place)}  `}${lastOf(row.pupil)}`;
    }),
  ]);
}

function summary(pupils: readonly Pupil[]): Styled {
  const parts = NEEDS.map(([what, isTrue]) => {
    // Each pupil counts for all that is true, and only those who are not here are away.
    const many = pupils.filter((pupil) => (what === "away" ? !pupil.isHere : isTrue(pupil))).length;
    return `${many} ${what}`;
  });
  return line`${count(pupils.length, "pupil")}: ${parts.join(", ")}`;
}

function stateOf(pupil: Pupil): string {
  const { isHandUp, stuckSince, isHere, isMuted, isHidden } = pupil;
  return [
    ...(isHandUp ? ["hand up"] : []),
    ...(stuckSince === undefined ? [] : [`stuck ${howLong(stuckSince)}`]),
    isHere ? "here" : "away",
    ...(isMuted ? ["muted"] : []),
    ...(isHidden ? ["hidden"] : []),
  ].join(", ");
}

/** Where the pupil is in the course, if the pupil's check has said so. */
function placeOf({ progress }: Pupil): string {
  if (progress === undefined) return "";
  const { lesson, case: failing, since } = progress;
  return `${lesson} ${failing ?? "passed"} ${howLong(since)}`;
}

/** While a pupil is stuck, the refusal says more than a good request after it. */
function lastOf({ last, refused, stuckSince }: Pupil): Styled {
  const shown = stuckSince === undefined ? last : (refused ?? last);
  return shown === undefined ? line`${style("dim", "no request yet")}` : requestOf(shown);
}

function requestOf({ at, operation, status, step, reason }: LastRequest): Styled {
  const time = style("dim", timeOf(at));
  if (step === undefined) return line`${time}  ${operation} ${status}`;
  const why: Printable = reason === undefined ? "" : `: ${reason}`;
  return line`${time}  ${style("red", `${step} ${status}`)}${why}`;
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** How many columns a text takes. */
function widthOf(text: string): number {
  const shown = text.replace(WITHOUT_WIDTH, "");
  return [...shown].length + (shown.match(WIDE)?.length ?? 0);
}
