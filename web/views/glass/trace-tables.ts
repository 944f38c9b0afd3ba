/**
 * The same facts as the dot and the tree, as tables that do not move.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { answered, type Trace } from "../../../client/trace.ts";
import { say } from "../../words/language.ts";
import { withCode } from "../with-code.ts";
import { DID } from "./file-view.ts";
import { placeName, shortPlaceName } from "./place-name.ts";

/** The word for each outcome. */
export const OUTCOMES = { pass: "steps.passed", stop: "steps.stopped", "not reached": "steps.notReached" } as const;

export function stepsTable({ operation, steps }: Trace): TemplateResult {
  return html`
      <table>
        <caption>${say("steps.name", { operation })}</caption>
        <thead>
          <tr>
            <th scope="col">${say("table.step")}</th>
            <th scope="col">${say("table.outcome")}</th>
            <th scope="col">${say("table.milliseconds")}</th>
            <th scope="col">${say("table.sentence")}, ${say("table.source")}</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map(
            (step) => html`
              <tr data-outcome=${step.outcome}>
                <th scope="row">${step.id}</th>
                <td>${say(OUTCOMES[step.outcome])}</td>
                <td class="number">${step.milliseconds?.toFixed(3) ?? ""}</td>
                <td>
                  ${withCode(step.outcome === "pass" ? answered(step, steps) : step.sentence)}
                  <span class="place">${step.source.file}:${step.source.line}</span>
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
  `;
}

export function filesTable({ steps, database }: Trace): TemplateResult {
  const touches = steps.flatMap(({ id, files }) => files.map((file) => ({ id, ...file })));
  if (touches.length === 0) {
    return html`<p class="hint">${say(database ? "table.noRows" : "table.noFiles")}</p>`;
  }
  return html`
      ${database ? html`<p class="hint">${withCode(say("tables.hint"))}</p>` : nothing}
      <table>
        <caption>${say(database ? "tables.name" : "folder.name")}</caption>
        <thead>
          <tr>
            <th scope="col">${say("table.step")}</th>
            <th scope="col">${say(database ? "table.row" : "table.file")}</th>
            <th scope="col">${say("table.did")}</th>
            <th scope="col">${say("file.before")}</th>
            <th scope="col">${say("file.after")}</th>
          </tr>
        </thead>
        <tbody>
          ${touches.map(
            ({ id, path, did, before, after }) => html`
              <tr>
                <th scope="row">${id}</th>
                <td title=${placeName(path)}>${shortPlaceName(path)}</td>
                <td>${say(DID[did])}</td>
                <td class="number">${before === null ? "–" : say("file.bytes", { count: before.bytes })}</td>
                <td class="number">${after === null ? "–" : say("file.bytes", { count: after.bytes })}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
  `;
}
