import { Hono } from "hono";
import { BeadStatus, NewBead } from "../protocol/bead.ts";
import { named } from "../protocol/page.ts";
import { RunState } from "../protocol/run.ts";
import { body } from "./body.ts";
import { openTown, value, type App } from "./context.ts";
import { pageQuery } from "./page-query.ts";

/** `/api/towns/:town/beads` */
export const beads = new Hono<App>()
  .get("/:town/beads", async (c) => {
    const query = pageQuery(c, BeadStatus);
    return c.json(named("beads", value(await (await openTown(c)).beads(query))));
  })
  .post("/:town/beads", async (c) => {
    const order = await body(c, NewBead);
    return c.json(value(await (await openTown(c)).sling(order)), 201);
  })
  .get("/:town/beads/:bead", async (c) => c.json(value(await (await openTown(c)).bead(c.req.param("bead")))))
  .post("/:town/beads/:bead/cancel", async (c) =>
    c.json(value(await (await openTown(c)).cancelBead(c.req.param("bead")))),
  )
  .post("/:town/beads/:bead/retry", async (c) =>
    c.json(value(await (await openTown(c)).retryBead(c.req.param("bead")))),
  )
  .get("/:town/beads/:bead/diff", async (c) =>
    c.json({ diff: value(await (await openTown(c)).diff(c.req.param("bead"))) }),
  )
  .get("/:town/beads/:bead/gates", async (c) => {
    const query = pageQuery(c);
    return c.json(named("gates", value(await (await openTown(c)).gates(c.req.param("bead"), query))));
  })
  .get("/:town/beads/:bead/gates/:gate", async (c) =>
    c.json(value(await (await openTown(c)).gate(c.req.param("bead"), c.req.param("gate")))),
  )
  .get("/:town/beads/:bead/runs", async (c) => {
    const query = pageQuery(c, RunState);
    return c.json(named("runs", value(await (await openTown(c)).beadRuns(c.req.param("bead"), query))));
  });
