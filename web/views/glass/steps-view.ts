/**
 * The steps of an operation, one below the other, and the dot that moves through them. At the dot, the step shows the
 * files that it read and wrote, and the lines of the server's code.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { answered, type Trace, type TracedStep } from "../../../client/trace.ts";
import type { Glass } from "../../glass/glass.ts";
import { say } from "../../words/language.ts";
import { withCode } from "../with-code.ts";
import { fileView } from "./file-view.ts";
import { OUTCOMES } from "./trace-tables.ts";

/** The glass, or another place with a dot: the teacher's page has one, too. */
export interface Shown {
  glass: Pick<Glass, "player" | "isFollowing">;
}

export function stepsView({ glass }: Shown, trace: Trace): TemplateResult {
  const { player } = glass;
  const current = player.step;
  const passed = new Set(player.way.slice(0, player.position + 1).map(({ id }) => id));
  const open = (id: string) => {
    glass.isFollowing = false;
    player.moveToStep(id);
  };
  return html`
    <ol class="steps" tabindex="0" aria-label=${say("steps.name", { operation: trace.operation })}>
      <li class="dot" aria-hidden="true" data-outcome=${current?.outcome ?? ""}></li>
      ${trace.steps.map((step) => stepView(step, trace.steps, { isCurrent: step.id === current?.id, isPassed: passed.has(step.id), open }))}
    </ol>
  `;
}

/** Whether the dot is at this step, and whether it has been there. */
interface Place {
  isCurrent: boolean;
  isPassed: boolean;
  open: (id: string) => void;
}

function stepView(
  step: TracedStep,
  steps: readonly TracedStep[],
  { isCurrent, isPassed, open }: Place,
): TemplateResult {
  const { id, sentence, outcome, milliseconds } = step;
  const shown = outcome === "not reached" ? "not reached" : isPassed ? outcome : "ahead";
  return html`
    <li class="step" data-step=${id} data-outcome=${shown} aria-current=${isCurrent ? "step" : nothing}>
      <button type="button" class="step-line" ?disabled=${outcome === "not reached"} @click=${() => open(id)}>
        <span class="mark" aria-hidden="true">${MARKS[shown]}</span>
        <span class="step-id">${id}</span>
        <span class="visually-hidden">${say(OUTCOMES[outcome])}</span>
        <span class="step-time">${milliseconds === null ? "" : `${milliseconds.toFixed(2)} ms`}</span>
        <span class="sentence">${withCode(shown === "pass" ? answered(step, steps) : sentence)}</span>
      </button>
      ${isCurrent ? details(step) : nothing}
    </li>
  `;
}

const MARKS = { pass: "✓", stop: "✗", "not reached": "·", ahead: "" };

function details({ compared, files, source }: TracedStep): TemplateResult {
  return html`
    <div class="step-details">
      ${
        compared === undefined
          ? nothing
          : html`<p class="compared">
              ${say(compared.equal ? "steps.equal" : "steps.notEqual", { given: compared.given, kept: compared.kept })}
            </p>`
      }
      ${files.map((file) => fileView(file))}
      <pre class="source" role="group" tabindex="0" aria-label=${say("steps.source")}><code>${source.code}</code></pre>
      <p class="place">${source.file}:${source.line}</p>
    </div>
  `;
}
