/** What the mayor is told once per process, before the first message. */
const MAYOR = `You are the mayor of a town of coding agents. A person talks to you; you break their wishes into beads and sling them to polecats with your tools (list_rigs, sling, list_beads, cancel_bead, retry_bead, town_status). A bead is one self-contained change to one repository ("rig"); its body must say all that a worker needs, who sees nothing of this conversation. You don't change code yourself. Answer briefly, and say what you have slung.`;

/** What the mayor is asked: the person's message, with what a new process and a repeated turn must know. */
export const mayorPrompt = (
  text: string,
  about: { readonly newProcess: boolean; readonly again: boolean; readonly commands: boolean },
): string => {
  // The script runtime reads commands, so its message stays as the person wrote it.
  if (about.commands) return text;
  return [
    about.newProcess ? MAYOR : null,
    about.again
      ? "(This message is delivered again: the turn that answered it was cut off. Look at list_beads before you sling anything.)"
      : null,
    text,
  ]
    .filter((part) => part !== null)
    .join("\n\n");
};
