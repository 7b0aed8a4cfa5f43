import { describe, expect, it } from "vitest";
import { readSettings, unknownSettings } from "../../scripts/start/settings.ts";

const read = (env: NodeJS.ProcessEnv) => readSettings(env, "/project");

describe("The settings", () => {
  it("have a default each", () => {
    expect(read({})).toEqual({
      port: 8787,
      stateFolder: "/project/.curfew",
      engine: "process",
      url: "http://localhost:8787",
      token: null,
      secret: null,
      sweepEveryMs: 900_000,
      forWorker: {},
    });
  });

  it("hand durations and the model on to the Worker, and only what was set", () => {
    const set = {
      CURFEW_SLEEP_AFTER: "5s",
      CURFEW_MODEL_BASE_URL: "https://models.example.org/v1",
      CURFEW_MODEL: "a-model",
      CURFEW_MODEL_KEY: "a key",
    };
    expect(read({ ...set, PORT: "9000", CURFEW_TOKEN: "the-token" }).forWorker).toEqual(set);
  });

  it("take an empty value for none", () => {
    expect(read({ PORT: "", CURFEW_TOKEN: "", CURFEW_LEASE: "", CURFEW_MODEL: "" })).toEqual(read({}));
  });

  it("let containers in Docker come in by the host's name there", () => {
    expect(read({ CURFEW_ENGINE: "docker", PORT: "9000" }).url).toBe("http://host.docker.internal:9000");
    expect(read({ CURFEW_ENGINE: "docker", CURFEW_URL: "http://10.0.0.1:1" }).url).toBe("http://10.0.0.1:1");
  });

  it.each([
    [{ PORT: "0" }, "PORT must be a port number from 1 to 65535."],
    [{ PORT: "70000" }, "PORT must be a port number from 1 to 65535."],
    [{ PORT: "http" }, "PORT must be a port number from 1 to 65535."],
    [{ CURFEW_ENGINE: "vm" }, "CURFEW_ENGINE must be `process` or `docker`."],
    [{ CURFEW_URL: "localhost:8787" }, "CURFEW_URL must be an http or https URL."],
    [{ CURFEW_LEASE: "60" }, "CURFEW_LEASE must be a duration such as 30m or 5s."],
    [{ CURFEW_LEASE: "0s" }, "CURFEW_LEASE must be a duration such as 30m or 5s."],
    [{ CURFEW_TOKEN: "1234567" }, "CURFEW_TOKEN must be one word of 8 to 500 plain characters."],
    [{ CURFEW_SECRET: "a-short-secret" }, "CURFEW_SECRET must be one word of 16 to 500 plain characters."],
    [{ CURFEW_SWEEP_EVERY: "often" }, "CURFEW_SWEEP_EVERY must be a duration such as 30m or 5s."],
    [{ CURFEW_STATE: "a\0b" }, "CURFEW_STATE must be the path of a folder."],
    [{ CURFEW_MODEL: "m" }, "CURFEW_MODEL_BASE_URL and CURFEW_MODEL belong together: set both, or neither."],
  ])("are refused with a sentence that names the variable: %o", (env, sentence) => {
    expect(() => read(env)).toThrow(sentence);
  });

  it("are refused without showing a secret", () => {
    for (const name of ["CURFEW_TOKEN", "CURFEW_SECRET", "CURFEW_MODEL_KEY"]) {
      expect(() => read({ [name]: "two\nlines" })).toThrow(new RegExp(`^${name} must be [^\\n]*$`));
    }
  });

  it("that don't exist are found, for they are misspelt", () => {
    expect(
      unknownSettings({ CURFEW_SLEEPAFTER: "5s", CURFEW_LEASE: "5s", CURFEW_TOKEN: "t", HOME: "/" }),
    ).toEqual(["CURFEW_SLEEPAFTER"]);
  });
});
