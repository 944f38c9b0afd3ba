/**
 * The data folder as a tree, or the tables of a database. The files or rows that the current step touches light up.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { type Folder, type FolderFile, folderTree, pathsIn, shortName } from "../../glass/folder-tree.ts";
import type { Glass } from "../../glass/glass.ts";
import { say } from "../../words/language.ts";
import { withCode } from "../with-code.ts";
import { DID } from "./file-view.ts";
import { rowName } from "./place-name.ts";

/** How many files of a folder are drawn. Files that this request touches are always drawn. */
const MAX_FILES = 8;

export function folderView({ glass }: { glass: Pick<Glass, "player" | "requests" | "shows"> }): TemplateResult {
  const { player, requests } = glass;
  const seen = requests.flatMap(({ trace }) => (trace === undefined ? [] : pathsIn(trace)));
  const folders = folderTree(seen, player.trace, player.way.slice(0, player.position + 1));
  const isDatabase = player.trace?.database === true;
  const name = say(isDatabase ? "tables.name" : "folder.name");
  return html`
    <figure class="folder" tabindex="0" aria-label=${name}>
      <figcaption>${name}</figcaption>
      ${isDatabase ? html`<p class="hint">${withCode(say("tables.hint"))}</p>` : nothing}
      <ul class="tree">
        <li>
          <span class="folder-name">${isDatabase ? say("tables.root") : "data/"}</span>
          <ul>
            ${folders.map((folder) => oneFolder(folder, glass.shows === "class" ? 0 : MAX_FILES, isDatabase))}
          </ul>
        </li>
      </ul>
    </figure>
  `;
}

/** @param room how many files are drawn. Of a class there are hundreds: there, only those of the open request. */
function oneFolder({ name, files }: Folder, room: number, isTable: boolean): TemplateResult {
  const isLit = files.some(({ did }) => did !== undefined);
  const important = files.filter(({ did, wasTouched }) => did !== undefined || wasTouched);
  const rest = files.filter((file) => !important.includes(file));
  const others = rest.slice(Math.max(0, rest.length - Math.max(0, room - important.length)));
  const shown = files.filter((file) => important.includes(file) || others.includes(file));
  const more = files.length - shown.length;
  return html`
    <li>
      <span class="folder-name" ?data-lit=${isLit}>${isTable ? name : `${name}/`}</span>
      <ul>
        ${more > 0 ? html`<li class="more">${say("folder.more", { count: more })}</li>` : nothing}
        ${shown.map((file) => oneFile(file, isTable ? rowName(file.name) : file.name))}
      </ul>
    </li>
  `;
}

function oneFile({ did, wasTouched }: FolderFile, name: string): TemplateResult {
  return html`
    <li class="file-name" data-did=${did ?? (wasTouched ? "touched" : "")} ?data-lit=${did !== undefined}>
      <span title=${name}>${shortName(name)}</span>
      ${did === undefined ? nothing : html`<span class="did">${say(DID[did])}</span>`}
    </li>
  `;
}
