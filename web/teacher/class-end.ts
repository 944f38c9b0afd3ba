/**
 * What the teacher does at the end of a lesson: save the class as a zip, put it away, and open an earlier one. When the
 * server has another class then, teacher-page.ts begins anew.
 */
import type { Archive } from "../../client/teacher-types.ts";
import type { Attempts } from "./attempts.ts";
import type { ClassCalls } from "./class-calls.ts";

/** The browser must have begun to save the file by then. */
const SAVING_MILLISECONDS = 60_000;

/** What it needs of the page. */
interface Page {
  readonly calls: ClassCalls;
  draw(): void;
}

export class ClassEnd {
  /** What the teacher calls the class. */
  label = "";
  /** What the page asks about before it does it: the class ends, or this archive is opened. */
  asksAbout: "end" | Archive | undefined;
  /** The server is putting the class away. */
  isEnding = false;
  /** Undefined until the server has answered. */
  archives: Archive[] | undefined;
  readonly #page: Page;
  readonly #attempts: Attempts;

  constructor(page: Page, attempts: Attempts) {
    this.#page = page;
    this.#attempts = attempts;
  }

  load(): Promise<boolean> {
    return this.#attempts.run("archives", async () => {
      const { label = "", archives } = await this.#page.calls.teacher.listArchives();
      this.archives = archives.toReversed();
      if (this.label === "") this.label = label;
    });
  }

  ask(about: ClassEnd["asksAbout"]): void {
    this.asksAbout = about;
    this.#page.draw();
  }

  /** The list can be loaded again while the page asks: each archive is then another object, with the same name. */
  isAskedAbout({ archive }: Archive): boolean {
    return typeof this.asksAbout === "object" && this.asksAbout.archive === archive;
  }

  /** Saves the class as a file. A link cannot send the key, so the page loads the file itself. */
  save(): Promise<boolean> {
    return this.#attempts.run("export", async () => {
      const reply = await this.#page.calls.teacher.exportClass();
      const [, name = "plainchat.zip"] =
        /filename="([\w.-]+)"/.exec(reply.headers.get("content-disposition") ?? "") ?? [];
      const url = URL.createObjectURL(await reply.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), SAVING_MILLISECONDS);
    });
  }

  end(): Promise<boolean> {
    return this.#change((label) => this.#page.calls.teacher.endClass(label));
  }

  open({ archive }: Archive): Promise<boolean> {
    return this.#change((label) => this.#page.calls.teacher.openArchive({ archive, ...label }));
  }

  #change(change: (label: { label?: string }) => Promise<unknown>): Promise<boolean> {
    return this.#attempts.run("end", async () => {
      const label = this.label.trim();
      await change(label === "" ? {} : { label });
      this.isEnding = true;
    });
  }
}
