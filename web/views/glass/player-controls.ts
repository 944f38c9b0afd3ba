/**
 * The buttons that play, pause and move the dot.
 */
import { html, type TemplateResult } from "lit-html";
import { say } from "../../words/language.ts";
import type { Shown } from "./steps-view.ts";

export function playerControls({ glass }: Shown): TemplateResult {
  const { player } = glass;
  // A user who moves the dot by hand wants to look at this request, not at the next one.
  const byHand = (move: () => void) => () => {
    glass.isFollowing = false;
    move();
  };
  return html`
    <div class="player" role="toolbar" aria-label=${say("player.name")}>
      <button type="button" aria-label=${say("player.replay")} title=${say("player.replay")} @click=${byHand(() => player.replay())}>↻</button>
      <button
        type="button"
        aria-label=${say("player.back")}
        title=${say("player.back")}
        ?disabled=${player.position <= 0}
        @click=${byHand(() => player.moveTo(player.position - 1))}
      >
        ◀
      </button>
      <button
        type="button"
        class="play"
        aria-label=${say(player.isPlaying ? "player.pause" : "player.play")}
        title=${say(player.isPlaying ? "player.pause" : "player.play")}
        @click=${byHand(() => (player.isPlaying ? player.pause() : player.play()))}
      >
        ${player.isPlaying ? "❚❚" : "▶"}
      </button>
      <button
        type="button"
        aria-label=${say("player.forward")}
        title=${say("player.forward")}
        ?disabled=${player.isAtEnd}
        @click=${byHand(() => player.moveTo(player.position + 1))}
      >
        ▶|
      </button>
      <span class="at">${say("player.at", { step: player.position + 1, steps: player.way.length })}</span>
    </div>
  `;
}
