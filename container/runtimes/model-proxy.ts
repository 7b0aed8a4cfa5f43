import { below } from "../link/dial.ts";

/** Where agents find the model: the Worker's pass-through in the wire format of OpenAI. */
export const openAiUrl = (url: string): string => below(url, "model/openai/v1").href;
